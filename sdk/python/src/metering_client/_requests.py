"""A request as it goes out, and whether it goes out again: all that needs no connection."""

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import httpx

from metering_client._operation import Operation
from metering_client._wire import camel, dumps, encode, loads
from metering_client.errors import UnexpectedAnswerError, UnreachableError, error_of

FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 8.0
LONGEST_RETRY_AFTER: Final = 60.0
MAY_PASS: Final = frozenset({429, 502, 503, 504})
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NEVER_RIGHT: Final = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_PROBLEM: Final = "application/problem+json"
_NO_CONTENT: Final = 204


def url_of(value: str | None) -> str:
    """The address of the service, as it was given or else stands in METERING_URL.

    Raises:
        ValueError: there is none, or it is no URL.
    """
    url = _setting(value, "METERING_URL")
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"METERING_URL is {url!r}, and not a URL that begins with https:// or http://")
    return url.rstrip("/")


def key_of(value: str | None) -> str:
    """The API key, as it was given or else stands in METERING_API_KEY. No error shows it.

    Raises:
        ValueError: there is none, or it has characters that a header cannot have.
    """
    key = _setting(value, "METERING_API_KEY")
    if not (key.isascii() and key.isprintable()):
        raise ValueError("METERING_API_KEY is no API key: it has characters that none has")
    return key


def _setting(value: str | None, name: str) -> str:
    found = (value or os.environ.get(name) or "").strip()
    if not found:
        raise ValueError(f"there is no {name} in the environment, and none was given")
    return found


@dataclass(frozen=True)
class Prepared:
    """A request whose every repetition is the same bytes, and with them the same idempotency key."""

    method: str
    url: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes | None


def prepare(
    operation: Operation[Any],
    key: str,
    path: Mapping[str, str],
    query: Mapping[str, Any],
    body: Mapping[str, Any] | None,
    idempotency_key: str | None,
) -> Prepared:
    """The request of an operation.

    Raises:
        TypeError: a value that cannot be sent, such as a float for money, or an id that is no text.
    """
    if strange := [name for name, value in path.items() if not isinstance(value, str) or not value]:
        raise TypeError(f"{', '.join(strange)}: an id is needed, and none was given")
    headers = {} if operation.public else {"authorization": f"Bearer {key}"}
    if body is not None:
        headers["content-type"] = "application/json"
    if operation.keyed or idempotency_key is not None:
        headers["idempotency-key"] = idempotency_key or uuid4().hex
    url = operation.path.format_map({name: quote(value, safe="") for name, value in path.items()})
    params = {camel(name): _text(value) for name, value in query.items() if value is not None}
    return Prepared(operation.method, url, params, headers, None if body is None else dumps(body))


def _text(value: Any) -> str:  # noqa: ANN401  # whatever the caller asks for
    return str(value).lower() if isinstance(value, bool) else str(encode(value))


@dataclass
class Retries:
    """Whether a request is sent again, and when: up to `most` times after the first."""

    most: int
    repeatable: bool
    made: int = field(default=0, init=False)

    def pause_after(self, failure: httpx.Response | httpx.RequestError) -> float | None:
        """Seconds until the next attempt, or None if there is to be none."""
        if self.made >= self.most or not self._may_pass(failure):
            return None
        pause = min(FIRST_PAUSE * 2**self.made, LONGEST_PAUSE)
        self.made += 1
        jittered = random.uniform(pause / 2, pause)  # noqa: S311  # jitter is no secret
        return max(jittered, retry_after(failure)) if isinstance(failure, httpx.Response) else jittered

    def _may_pass(self, failure: httpx.Response | httpx.RequestError) -> bool:
        if isinstance(failure, httpx.Response):
            return failure.status_code in MAY_PASS and (self.repeatable or _did_nothing(failure))
        return isinstance(failure, _NEVER_SENT) or (self.repeatable and not isinstance(failure, _NEVER_RIGHT))


def _did_nothing(response: httpx.Response) -> bool:
    """Whether the service itself says so; a gateway that gave up on it may not know."""
    return str(response.headers.get("content-type", "")).startswith(_PROBLEM)


def retry_after(response: httpx.Response) -> float:
    """Seconds that the answer asks to wait, up to a minute; 0 where it says nothing that can be read."""
    text = response.headers.get("retry-after", "")
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_RETRY_AFTER)
    try:
        wait = parsedate_to_datetime(text) - datetime.now(UTC)
    except (TypeError, ValueError):
        return 0.0
    return min(max(wait.total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def json_of(response: httpx.Response) -> Any:  # noqa: ANN401  # JSON
    """What a response says.

    Raises:
        ApiError: it is a refusal.
        UnexpectedAnswerError: it is neither that nor JSON.
    """
    if response.status_code == _NO_CONTENT:
        return None
    try:
        body = loads(response.content)
    except ValueError:
        body = None
    if response.is_success and body is not None:
        return body
    if isinstance(body, dict) and response.is_error:
        raise error_of(response.status_code, body)
    start = f"{response.request.url.copy_with(query=None)} answers {response.status_code}: {response.text[:200]!r}"
    if response.is_error:
        raise error_of(response.status_code, {"detail": start})
    raise UnexpectedAnswerError(start)


def unreachable(url: str, error: httpx.HTTPError, attempts: int) -> UnreachableError:
    """What is raised when no attempt had an answer."""
    how_often = "" if attempts == 1 else f" in {attempts} attempts"
    return UnreachableError(f"{url} cannot be reached{how_often}: {type(error).__name__}: {error}")
