"""The service's HTTP API as the command line calls it.

What may pass is tried again: lost connections, time-outs, 429, 502, 503 and 504. A repeated request is the same bytes,
so that its idempotency keys are the same and the service recognises what it has already done.
"""

import json
import random
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx

REQUEST_SECONDS: Final = 60.0
PATIENCE_SECONDS: Final = 120.0
"""How long one request is tried before the service counts as unreachable."""

FIRST_PATIENCE_SECONDS: Final = 5.0
"""The same before any answer has come: a mistyped address is more likely than an outage."""

FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 8.0
MAY_PASS: Final = frozenset(
    {
        httpx.codes.TOO_MANY_REQUESTS,
        httpx.codes.BAD_GATEWAY,
        httpx.codes.SERVICE_UNAVAILABLE,
        httpx.codes.GATEWAY_TIMEOUT,
    }
)
NOTHING_DONE: Final = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})

Json = dict[str, Any]


class ClientError(Exception):
    """The service did not do what it was asked to."""


class UnreachableError(ClientError):
    """No usable answer came in time."""


class RefusedError(ClientError):
    """The service answered with a problem."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('detail', problem.get('message', ''))}")
        self.status = status
        self.faults = [f"{fault['path']}: {fault['message']}" for fault in problem.get("errors", ())]
        self.room = _room_in(problem)
        self.code = problem.get("code")


def _room_in(problem: Mapping[str, Any]) -> str:
    """How a limit stands that has no room, costs in USD; nothing where the problem is another."""
    if "remaining" not in problem:
        return ""
    figures = (f"{name} {problem.get(f'{name}Usd', problem[name])}" for name in ("limit", "used", "held", "remaining"))
    return f"{problem['dimension']}: {', '.join(figures)}"


class Client:
    """A connection to one service with one key. `sleep` and `clock` (seconds) can be replaced in tests."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=REQUEST_SECONDS, transport=transport
        )
        self._patience = FIRST_PATIENCE_SECONDS
        self._sleep = sleep
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, query: Mapping[str, str | int | None]) -> Json:
        """The answer to a GET; parameters of None are left out."""
        parameters = {name: value for name, value in query.items() if value is not None}
        return self._ask(self._http.build_request("GET", path, params=parameters))

    def post(self, path: str, body: bytes, idempotency_key: str | None = None) -> Json:
        """The answer to a POST of a JSON body, which must be safe to repeat, by the key if not in itself."""
        headers = {"content-type": "application/json"}
        if idempotency_key is not None:
            headers["idempotency-key"] = idempotency_key
        return self._ask(self._http.build_request("POST", path, content=body, headers=headers))

    def send(self, request: httpx.Request, *, repeatable: bool) -> Json:
        """The answer to any request of `build`. One that is not repeatable is tried again only if nothing was done."""
        return self._ask(request, repeatable=repeatable)

    def build(
        self, method: str, path: str, query: Mapping[str, Any], body: Json | None, idempotency_key: str | None
    ) -> httpx.Request:
        """A request; a body of None is sent as none."""
        headers = {} if idempotency_key is None else {"idempotency-key": idempotency_key}
        return self._http.build_request(method, path, params=query, headers=headers, json=body)

    def pause_before(self, attempt: int) -> None:
        """Waits as before the repetition of a request; the first attempt, 0, needs no pause."""
        if attempt:
            self._sleep(_jittered(min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)))

    def _ask(self, request: httpx.Request, *, repeatable: bool = True) -> Json:
        started = self._clock()
        pause = FIRST_PAUSE
        while True:
            wait = _jittered(pause)
            try:
                response = self._http.send(request)
            except httpx.TransportError as error:
                cause = f"{type(error).__name__}: {error}"
                if not repeatable and not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                    raise UnreachableError(f"no answer came, and whether it was done is not known: {cause}") from error
            else:
                self._patience = PATIENCE_SECONDS
                if response.status_code not in (MAY_PASS if repeatable else NOTHING_DONE):
                    return _json_of(response)
                cause = f"it answers {response.status_code}"
                wait = _retry_after(response, wait)
            if self._clock() + wait > started + self._patience:
                raise UnreachableError(f"{request.url.copy_with(query=None)} cannot be reached: {cause}")
            self._sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)


def _jittered(pause: float) -> float:
    return random.uniform(pause / 2, pause)  # noqa: S311 - jitter is no secret


def _retry_after(response: httpx.Response, otherwise: float) -> float:
    """Seconds to wait: what `Retry-After` says, if that is a number of seconds and longer than we would have waited."""
    text = response.headers.get("retry-after", "")
    return max(otherwise, float(text)) if text.isascii() and text.isdigit() else otherwise


def _json_of(response: httpx.Response) -> Json:
    if response.status_code == httpx.codes.NO_CONTENT:
        return {}
    try:
        body = response.json()
    except json.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        body = {"code": "not_json", "detail": f"the answer is not a JSON object: {response.text[:200]!r}"}
        raise RefusedError(response.status_code, body)
    if response.is_error:
        raise RefusedError(response.status_code, body)
    return body
