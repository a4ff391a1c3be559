"""The client: every operation of the service, by what it is about."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import httpx

from metering_client import models
from metering_client._async import resources
from metering_client._async.sessions import AsyncSessions
from metering_client._async.transport import DEFAULT_RETRIES, DEFAULT_SECONDS, AsyncTransport
from metering_client._async.usage import AsyncUsage

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


class AsyncClient(AsyncTransport):
    """A client of one service with one key; a context manager that closes its connections."""

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = DEFAULT_SECONDS,
        max_retries: int = DEFAULT_RETRIES,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        """`url` and `api_key` default to the environment's METERING_URL and METERING_API_KEY, `timeout` is in seconds.

        An `http` client of your own, with proxies or certificates, stays yours to close, and to make in each process
        that is forked off.

        Raises:
            ValueError: the address is no URL, the key is none, or one of them is missing.
        """
        super().__init__(url, api_key, timeout=timeout, max_retries=max_retries, http=http)
        self.usage = AsyncUsage(self)
        self.rates = resources.AsyncRates(self)
        self.sessions = AsyncSessions(self)
        self.holds = resources.AsyncHolds(self)
        self.agents = resources.AsyncAgents(self)
        self.budgets = resources.AsyncBudgets(self)
        self.exports = resources.AsyncExports(self)
        self.stripe_customers = resources.AsyncStripeCustomers(self)
        self.webhooks = resources.AsyncWebhooks(self)
        self.projects = resources.AsyncProjects(self)
        self.project = resources.AsyncProject(self)
        self.members = resources.AsyncMembers(self)
        self.api_keys = resources.AsyncApiKeys(self)
        self.sign_in = resources.AsyncSignIn(self)
        self.audit = resources.AsyncAudit(self)
        self._service = resources.AsyncService(self)

    async def health(self) -> models.HealthAnswer:
        """Whether the service is up."""
        return await self._service.health()

    async def openapi(self) -> dict[str, Any]:
        """The service's description of itself."""
        return await self._service.openapi()

    async def every(self, method: Callable[..., Awaitable[Page[T]]], *path: str, **query: Any) -> AsyncIterator[T]:  # noqa: ANN401  # the method's own parameters
        """Everything on every page: `client.every(client.usage.records, session_id="ses_1")`."""
        cursor: str | None = None
        while True:
            page = await method(*path, **query, cursor=cursor)
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
