"""Bodies, queries and answers of projects, their members and keys, sign-in and the audit log."""

from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, StringConstraints

from metering.domain.accounts import KeyRole, Role
from metering.domain.rates import DEFAULT_SCOPE
from metering.domain.rating import PricingMode
from metering.domain.usage import Printable, Strict, Text
from metering.http.schemas import BasisPoints, Instant, PageQuery, PeriodAnswer, RangeQuery

ProjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200), Printable]
MOST_KEY_SECONDS: Final = 366 * 24 * 3600


def _unreserved(project_id: str) -> str:
    if project_id == DEFAULT_SCOPE:
        raise ValueError("must be another: the default rate cards have this scope")
    return project_id


class ProjectRequest(Strict):
    project_id: (
        Annotated[ProjectId, AfterValidator(_unreserved), Field(json_schema_extra={"not": {"const": DEFAULT_SCOPE}})]
        | None
    ) = None
    name: Title
    owner_id: Text
    pricing_mode: PricingMode = "managed"


class ProjectPatch(Strict):
    name: Title | None = None
    pricing_mode: PricingMode | None = None
    record_shards: Annotated[int, Field(strict=True, ge=1, le=64)] | None = None
    """Partitions that a day's records spread over, 1,000 writes a second each; it can only grow."""
    markup_basis_points: BasisPoints | None = None
    """What goes on top of what is billed, in `stripe` exports that say nothing else."""


class ProjectAnswer(Strict):
    project_id: ProjectId
    name: Title
    pricing_mode: PricingMode
    record_shards: int
    markup_basis_points: int
    created_at: Instant


class NewProjectAnswer(ProjectAnswer):
    api_key: str
    """The owner's key, shown once."""


class MemberRequest(Strict):
    role: KeyRole


class MemberAnswer(Strict):
    user_id: str
    role: KeyRole
    created_at: Instant


class MembersAnswer(Strict):
    items: list[MemberAnswer]
    next_cursor: str | None


class KeyRequest(Strict):
    name: Title
    role: KeyRole
    user_id: Text | None = None
    """A member whom the key is bound to: it may no more than that member, and nothing once the member is removed."""
    expires_in_seconds: Annotated[int, Field(strict=True, ge=60, le=MOST_KEY_SECONDS)] | None = None
    """After how long it is refused; without it, once it is revoked."""


class KeyAnswer(Strict):
    key_id: str
    name: Title
    role: KeyRole
    user_id: str | None
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None


class NewKeyAnswer(KeyAnswer):
    api_key: str
    """Shown once."""


class KeysAnswer(Strict):
    items: list[KeyAnswer]
    next_cursor: str | None


class SignInRequest(Strict):
    project_id: ProjectId


class SignInAnswer(NewKeyAnswer):
    project_id: ProjectId


class SignInDescription(Strict):
    """Where to sign in, by OpenID Connect's authorization code flow with PKCE; nulls where only keys are taken."""

    enabled: bool
    issuer: str | None
    client_id: str | None


class AuditQuery(PageQuery, RangeQuery):
    actor: Text | None = None
    """A key's or a member's id."""
    action: Text | None = None
    """An operation, as this document names it, such as `createApiKey`."""


class AuditEntry(Strict):
    audit_id: str
    at: Instant
    action: str
    target: dict[str, str]
    """Ids by their names in paths and answers, such as `{"sessionId": "ses_1"}`."""
    change: dict[str, Any] | None
    """The request's body, as it was sent."""
    before: dict[str, Any] | None
    """What it has replaced, where that is known: a member's role, settings of the project, a Stripe customer."""
    key_id: str
    user_id: str | None
    role: Role
    request_id: str
    source_ip: str


class AuditAnswer(Strict):
    period: PeriodAnswer
    items: list[AuditEntry]
    next_cursor: str | None
