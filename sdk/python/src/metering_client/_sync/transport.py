"""Sending requests, with retries."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import httpx

from metering_client._operation import Operation
from metering_client._requests import Prepared, Retries, json_of, prepare, setting, unreachable

T = TypeVar("T")
DEFAULT_RETRIES: Final = 5
DEFAULT_SECONDS: Final = 30.0
_NOTHING: Final[Mapping[str, Any]] = {}


class Transport:
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
        http: httpx.Client | None = None,
    ) -> None:
        """`url` and `api_key` default to the environment's METERING_URL and METERING_API_KEY, `timeout` is in seconds.

        An `http` client of your own, with proxies or certificates, stays yours to close.
        """
        self.url = setting(url, "METERING_URL").rstrip("/")
        self._key = setting(api_key, "METERING_API_KEY")
        self._timeout = timeout
        self._max_retries = max_retries
        self.http = http or httpx.Client()
        self._owns_http = http is None
        self.sleep: Callable[[float], None] = time.sleep

    def request(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, Any] = _NOTHING,
        body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        max_retries: int | None = None,
    ) -> T:
        """The answer to an operation of `metering_client.operations`; names of fields may be in snake_case.

        Raises:
            ApiError: it was refused.
            UnreachableError: no answer came in any attempt.
            UnexpectedAnswerError: the answer is not this service's.
            TypeError: a value cannot be sent, such as a float for money.
        """
        prepared = prepare(operation, self._key, path, query, body, idempotency_key)
        most = self._max_retries if max_retries is None else max_retries
        response = self._send(prepared, Retries(most, operation.repeatable))
        return operation.read(json_of(response))

    def _send(self, prepared: Prepared, retries: Retries) -> httpx.Response:
        while True:
            try:
                response = self._attempt(prepared)
            except httpx.RequestError as error:
                pause = retries.pause_after(error)
                if pause is None:
                    raise unreachable(f"{self.url}{prepared.url}", error, retries.made + 1) from error
            else:
                pause = retries.pause_after(response)
                if pause is None:
                    return response
            self.sleep(pause)

    def _attempt(self, prepared: Prepared) -> httpx.Response:
        return self.http.request(
            prepared.method,
            f"{self.url}{prepared.url}",
            params=prepared.params,
            headers=prepared.headers,
            content=prepared.content,
            timeout=self._timeout,
        )

    def close(self) -> None:
        """Closes the connections."""
        if self._owns_http:
            self.http.close()
