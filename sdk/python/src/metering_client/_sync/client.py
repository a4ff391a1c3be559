"""The client: every operation of the service, by what it is about."""

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import httpx

from metering_client import models
from metering_client._sync import resources
from metering_client._sync.sessions import Sessions
from metering_client._sync.transport import DEFAULT_RETRIES, DEFAULT_SECONDS, Transport
from metering_client._sync.usage import Usage

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    """One page of a list."""

    @property
    def items(self) -> Sequence[T_co]:
        """What is on it."""

    @property
    def next_cursor(self) -> str | None:
        """Where the next one begins; None on the last."""


class Client(Transport):
    """A client of one service with one key; a context manager that closes its connections."""

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = DEFAULT_SECONDS,
        max_retries: int = DEFAULT_RETRIES,
        http: httpx.Client | None = None,
    ) -> None:
        """`url` and `api_key` default to the environment's METERING_URL and METERING_API_KEY, `timeout` is in seconds.

        An `http` client of your own, with proxies or certificates, stays yours to close, and to make in each process
        that is forked off.

        Raises:
            ValueError: the address is no URL, the key is none, or one of them is missing.
        """
        super().__init__(url, api_key, timeout=timeout, max_retries=max_retries, http=http)
        self.usage = Usage(self)
        self.rates = resources.Rates(self)
        self.sessions = Sessions(self)
        self.holds = resources.Holds(self)
        self.agents = resources.Agents(self)
        self.budgets = resources.Budgets(self)
        self.exports = resources.Exports(self)
        self.stripe_customers = resources.StripeCustomers(self)
        self.webhooks = resources.Webhooks(self)
        self.projects = resources.Projects(self)
        self.project = resources.Project(self)
        self.members = resources.Members(self)
        self.api_keys = resources.ApiKeys(self)
        self.sign_in = resources.SignIn(self)
        self.audit = resources.Audit(self)
        self._service = resources.Service(self)

    def health(self) -> models.HealthAnswer:
        """Whether the service is up."""
        return self._service.health()

    def openapi(self) -> dict[str, Any]:
        """The service's description of itself."""
        return self._service.openapi()

    def every(self, method: Callable[..., Page[T]], *path: str, **query: Any) -> Iterator[T]:  # noqa: ANN401  # the method's own parameters
        """Everything on every page: `client.every(client.usage.records, session_id="ses_1")`."""
        cursor: str | None = None
        while True:
            page = method(*path, **query, cursor=cursor)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
