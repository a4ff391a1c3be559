"""What one operation of the API is described by."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from metering.domain import errors
from metering.domain.accounts import Role

Error = type[errors.MeteringError]


@dataclass(frozen=True)
class Operation:
    """One method of one path. `roles` of None: anyone, without a key, or with an identity provider's token."""

    route: str
    name: str
    summary: str
    answers: Mapping[int, type[BaseModel] | None]
    roles: frozenset[Role] | None
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    errors: tuple[Error, ...] = ()
    document_body: type[BaseModel] | None = None
    """The body's schema for readers, where `body` leaves judging its parts to the flow."""
    body_optional: bool = False
    """Whether a request without a body is one with an empty object."""
    idempotency_header: bool = False
    tag: str = "usage"
    token: bool = False
    """Whether it takes a token of the identity provider, which the gateway verifies; without one there is no route."""
    work: bool = False
    """Whether it is agents' own work (usage, holds, heartbeats), which the audit log does not tell of."""

    @property
    def audited(self) -> bool:
        """Whether it leaves an entry in the audit log."""
        return self.method != "GET" and not self.work

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.route.partition(" ")[2]
