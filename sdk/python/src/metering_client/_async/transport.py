"""Sending requests, with retries."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

import httpx

from metering_client._async.connections import AsyncConnections
from metering_client._operation import Operation
from metering_client._requests import Prepared, Retries, json_of, key_of, prepare, unreachable, url_of

T = TypeVar("T")
DEFAULT_RETRIES: Final = 5
DEFAULT_SECONDS: Final = 30.0
_NOTHING: Final[Mapping[str, Any]] = {}


class AsyncTransport:
    """A connection to one service with one key.

    Time-outs, lost connections, 429, 502, 503 and 504 are tried again up to `max_retries` times, with growing pauses
    and as `Retry-After` asks, with the same idempotency key; no other answer is, 402 least of all.
    """

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
        self.url = url_of(url)
        self._key = key_of(api_key)
        self._timeout = timeout
        self._max_retries = max_retries
        self._connections = AsyncConnections(http)
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    @property
    def http(self) -> httpx.AsyncClient:
        """What requests go through, here and now."""
        return self._connections.http

    async def request(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, Any] = _NOTHING,
        body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        max_retries: int | None = None,
        within: float | None = None,
    ) -> T:
        """The answer to an operation of `metering_client.operations`; names of fields may be in snake_case.

        One attempt takes up to `within` seconds, and no longer than the client's `timeout`.

        Raises:
            ApiError: it was refused.
            UnreachableError: no answer came in any attempt.
            UnexpectedAnswerError: the answer is not this service's.
            TypeError: a value cannot be sent, such as a float for money.
        """
        prepared = prepare(operation, self._key, path, query, body, idempotency_key)
        most = self._max_retries if max_retries is None else max_retries
        seconds = self._timeout if within is None else min(within, self._timeout)
        response = await self._send(prepared, Retries(most, operation.repeatable), seconds)
        return operation.read(json_of(response))

    async def _send(self, prepared: Prepared, retries: Retries, within: float) -> httpx.Response:
        while True:
            try:
                response = await self._attempt(prepared, within)
            except httpx.RequestError as error:
                pause = retries.pause_after(error)
                if pause is None:
                    raise unreachable(f"{self.url}{prepared.url}", error, retries.made + 1) from error
            else:
                pause = retries.pause_after(response)
                if pause is None:
                    return response
            await self.sleep(pause)

    async def _attempt(self, prepared: Prepared, within: float) -> httpx.Response:
        return await self.http.request(
            prepared.method,
            f"{self.url}{prepared.url}",
            params=prepared.params,
            headers=prepared.headers,
            content=prepared.content,
            timeout=within,
        )

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._connections.aclose()
