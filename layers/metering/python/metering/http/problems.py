"""Refusals as `application/problem+json` (RFC 9457), by one table from error to status."""

import json
from collections.abc import Mapping
from typing import Any, Final

from metering.domain import errors

STATUS: Final[dict[type[errors.MeteringError], int]] = {
    errors.MalformedRequestError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.MethodNotAllowedError: 405,
    errors.IdempotencyConflictError: 409,
    errors.AlreadyExistsError: 409,
    errors.SessionPausedError: 409,
    errors.StillOverLimitError: 409,
    errors.HoldClosedError: 409,
    errors.NotVoidableError: 409,
    errors.LimitReachedError: 402,
    errors.UnratedError: 422,
    errors.LastOwnerError: 409,
    errors.TooLargeError: 413,
    errors.InvalidRequestError: 422,
    errors.ThrottledError: 429,
    errors.UnavailableError: 503,
}
PROBLEM_JSON: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = "1"
MOST_FAULTS: Final = 1000
"""A body of 256 KiB has room for 65,000 faults, whose list is more than Lambda hands on."""
_ASKS_TO_RETRY: Final = (errors.ThrottledError, errors.UnavailableError)


def problem(error: errors.MeteringError, most_faults: int = MOST_FAULTS) -> dict[str, Any]:
    """The problem document of an error, with as many of its faults as an answer has room for."""
    document: dict[str, Any] = {
        "type": f"urn:metering:error:{error.code}",
        "title": error.title,
        "status": STATUS[type(error)],
        "detail": error.detail,
        "code": error.code,
        **error.extra,
    }
    if error.faults:
        document["errors"] = [fault._asdict() for fault in error.faults[:most_faults]]
    return document


def problem_response(error: errors.MeteringError) -> dict[str, Any]:
    """The HTTP answer of an error."""
    document = problem(error)
    return respond(document["status"], document, _headers_of(error), content_type=PROBLEM_JSON)


def unexpected_response() -> dict[str, Any]:
    """The answer to what nobody foresaw: a defect, whatever the input."""
    document = {
        "type": "urn:metering:error:internal",
        "title": "Something went wrong here",
        "status": 500,
        "detail": "the failure is logged; nothing can be said of what was done",
        "code": "internal",
    }
    return respond(500, document, content_type=PROBLEM_JSON)


def _headers_of(error: errors.MeteringError) -> dict[str, str]:
    if isinstance(error, _ASKS_TO_RETRY):
        return {"retry-after": RETRY_AFTER_SECONDS}
    if isinstance(error, errors.MethodNotAllowedError):
        return {"allow": ", ".join(error.allowed)}
    return {"www-authenticate": "Bearer"} if isinstance(error, errors.UnauthenticatedError) else {}


def respond(
    status: int,
    body: Any,  # noqa: ANN401  # JSON
    headers: Mapping[str, str] | None = None,
    *,
    content_type: str = "application/json",
) -> dict[str, Any]:
    """An answer in the form of an HTTP API's Lambda integration; a body of None has no content."""
    answer: dict[str, Any] = {"statusCode": status, "headers": {**(headers or {})}}
    if body is not None:
        answer["headers"]["content-type"] = content_type
        answer["body"] = _encode(body)
    return answer


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
