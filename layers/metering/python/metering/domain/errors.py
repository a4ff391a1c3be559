"""Everything a caller may be told, one class a code.

MeteringError
├── MalformedRequestError     malformed_request
├── UnauthenticatedError      unauthenticated
├── ForbiddenError            forbidden
├── NotFoundError             not_found
├── MethodNotAllowedError     method_not_allowed
├── IdempotencyConflictError  idempotency_conflict
├── AlreadyExistsError        already_exists
├── SessionPausedError        session_paused
├── StillOverLimitError       still_over_limit
├── HoldClosedError           hold_closed
├── NotVoidableError          not_voidable
├── LimitReachedError         limit_reached (+ dimension, limit, used, held, remaining, retryable)
├── UnratedError              unrated
├── LastOwnerError            last_owner
├── TooLargeError             too_large
├── InvalidRequestError       invalid_request (every fault listed)
├── ThrottledError            throttled
└── UnavailableError          unavailable
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple


class Fault(NamedTuple):
    """One thing that is wrong with a request, and where: a dotted path into the body or the query."""

    path: str
    message: str


class MeteringError(Exception):
    """A refusal that callers see; `code` is stable, the detail is for people."""

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, *, faults: Sequence[Fault] = (), extra: Mapping[str, object] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)
        self.extra = dict(extra or {})


class MalformedRequestError(MeteringError):
    code = "malformed_request"
    title = "The request cannot be read"


class UnauthenticatedError(MeteringError):
    code = "unauthenticated"
    title = "No valid API key"


class ForbiddenError(MeteringError):
    code = "forbidden"
    title = "The API key's role does not allow this"


class NotFoundError(MeteringError):
    code = "not_found"
    title = "No such thing"


class MethodNotAllowedError(MeteringError):
    code = "method_not_allowed"
    title = "The route has no such method"

    def __init__(self, detail: str, *, allowed: Sequence[str]) -> None:
        super().__init__(detail)
        self.allowed = tuple(allowed)


class IdempotencyConflictError(MeteringError):
    code = "idempotency_conflict"
    title = "The idempotency key belongs to another payload"


class SessionPausedError(MeteringError):
    code = "session_paused"
    title = "The session is paused"


class StillOverLimitError(MeteringError):
    code = "still_over_limit"
    title = "A limit is still passed"


class HoldClosedError(MeteringError):
    code = "hold_closed"
    title = "The hold is closed"


class NotVoidableError(MeteringError):
    code = "not_voidable"
    title = "A correction cannot be voided"


class LimitReachedError(MeteringError):
    code = "limit_reached"
    title = "A limit has no room for this"


class UnratedError(MeteringError):
    code = "unrated"
    title = "A metric has no rate"


class AlreadyExistsError(MeteringError):
    code = "already_exists"
    title = "It exists already, and differs"


class LastOwnerError(MeteringError):
    code = "last_owner"
    title = "A project needs an owner"


class TooLargeError(MeteringError):
    code = "too_large"
    title = "The body is over 256 KiB"


class InvalidRequestError(MeteringError):
    code = "invalid_request"
    title = "The request does not fit the schema"

    @classmethod
    def at(cls, path: str, message: str) -> "InvalidRequestError":
        """The request's one fault."""
        return cls(f"{path}: {message}" if path else message, faults=[Fault(path, message)])


class ThrottledError(MeteringError):
    code = "throttled"
    title = "Too many requests"


class UnavailableError(MeteringError):
    code = "unavailable"
    title = "Not available just now; try again"
