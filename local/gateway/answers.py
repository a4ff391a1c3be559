"""HTTP answers: of functions, and the gateway's own, which are problem+json as the functions' are."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from local.asgi import Headers

RETRY_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)


class MalformedAnswerError(Exception):
    """The function's answer is not one that API Gateway could make HTTP of."""


def problem(status: int, code: str, title: str, detail: str, headers: Headers | None = None) -> Answer:
    body = {"type": f"urn:metering:error:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return Answer(status, json.dumps(body).encode(), [(b"content-type", b"application/problem+json"), *(headers or [])])


def unauthenticated() -> Answer:
    detail = "The request has no Authorization header. Send: Authorization: Bearer <api key>"
    return problem(401, "unauthenticated", "Unauthenticated", detail, [(b"www-authenticate", b"Bearer")])


def untrusted() -> Answer:
    detail = "The token is not one of the identity provider's for this service, or it has expired."
    return problem(401, "unauthenticated", "Unauthenticated", detail, [(b"www-authenticate", b"Bearer")])


def forbidden() -> Answer:
    return problem(403, "forbidden", "Forbidden", "This caller may not do this.")


def not_found(method: str, path: str) -> Answer:
    return problem(404, "not_found", "Not found", f"Nothing answers {method} {path}.")


def too_large(limit: int) -> Answer:
    return problem(413, "too_large", "Too large", f"A body has at most {limit} bytes.")


def throttled() -> Answer:
    return problem(429, "throttled", "Too many requests", "Too many requests wait already.", [_retry_after()])


def unavailable() -> Answer:
    return problem(503, "unavailable", "Unavailable", "The function gave no answer in time.", [_retry_after()])


def internal_error() -> Answer:
    return problem(500, "internal_error", "Internal error", "The function failed; its log says why.")


def _retry_after() -> tuple[bytes, bytes]:
    return b"retry-after", str(RETRY_SECONDS).encode()


def function_answer(result: Any) -> Answer:  # noqa: ANN401 - whatever a handler returned
    """What a handler returned, as HTTP. Without a status code it is a body of JSON, answered with 200."""
    if not isinstance(result, dict) or "statusCode" not in result:
        body = result if isinstance(result, str) else json.dumps(result)
        return Answer(200, body.encode(), [(b"content-type", b"application/json")])
    try:
        return Answer(int(result["statusCode"]), _body(result), _headers(result))
    except (TypeError, ValueError, AttributeError) as error:
        raise MalformedAnswerError(str(error)) from error


def _body(result: dict[str, Any]) -> bytes:
    body: str = result.get("body") or ""
    return base64.b64decode(body) if result.get("isBase64Encoded") else body.encode()


def _headers(result: dict[str, Any]) -> Headers:
    headers = {str(name).lower(): _header_value(value) for name, value in (result.get("headers") or {}).items()}
    headers.pop("content-length", None)
    headers.setdefault("content-type", b"text/plain; charset=utf-8")
    cookies = [(b"set-cookie", _header_value(cookie)) for cookie in result.get("cookies") or []]
    return [(name.encode("ascii"), value) for name, value in headers.items()] + cookies


def _header_value(value: Any) -> bytes:  # noqa: ANN401 - a handler may give numbers and booleans
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "\n" in text or "\r" in text:
        raise ValueError("A header's value has a line break.")
    return text.encode()
