"""Everything that this client raises of its own.

MeteringError
├── ApiError                       a problem that the service answered with; one class a code
│   ├── MalformedRequestError      malformed_request
│   ├── UnauthenticatedError       unauthenticated
│   ├── LimitReachedError          limit_reached (+ dimension, limit, used, held, remaining, scope)
│   ├── ForbiddenError             forbidden
│   ├── NotFoundError              not_found
│   ├── MethodNotAllowedError      method_not_allowed
│   ├── IdempotencyConflictError   idempotency_conflict
│   ├── AlreadyExistsError         already_exists
│   ├── SessionPausedError         session_paused
│   ├── StillOverLimitError        still_over_limit
│   ├── HoldClosedError            hold_closed
│   ├── NotVoidableError           not_voidable
│   ├── LastOwnerError             last_owner
│   ├── TooLargeError              too_large
│   ├── InvalidRequestError        invalid_request (every fault in `faults`)
│   ├── UnratedError               unrated
│   ├── ThrottledError             throttled
│   └── UnavailableError           unavailable
├── UnreachableError               no answer came, however often it was tried
├── UnexpectedAnswerError          the answer is not what the API describes
├── AgentStoppedError              the agent is not to go on
│   ├── AgentPausedError           its session, a budget or the whole project is paused
│   └── AgentLostError             its lease ran out or somebody ended it
├── ExportFailedError              the service could not write an export
├── ExportDamagedError             a file of an export is not what the service wrote
├── UnknownUsageError              a usage object has none of the shapes that an adapter knows
└── WebhookVerificationError       a webhook is not from the service, or is too old
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final, NamedTuple


class MeteringError(Exception):
    """The base of all."""


class UnreachableError(MeteringError):
    """The service could not be reached, or answered nothing usable, in any of the attempts."""


class UnexpectedAnswerError(MeteringError):
    """The answer is not what the API describes: another service's, or a version that this client does not know."""


class AgentStoppedError(MeteringError):
    """The agent is not to go on."""


class AgentPausedError(AgentStoppedError):
    """The agent's session, a budget that it counts against, or the whole project is paused."""


class AgentLostError(AgentStoppedError):
    """The agent's slot may be another's: its lease ran out, or somebody ended it."""


class ExportFailedError(MeteringError):
    """The service could not write the export, or not within the time it was given."""


class ExportDamagedError(MeteringError):
    """A file is not what the service says it wrote."""


class UnknownUsageError(MeteringError, ValueError):
    """A usage object has none of the shapes that its adapter knows, or its figures contradict each other."""


class WebhookVerificationError(MeteringError):
    """The signature, the time or the form of a webhook is not right: do not act on it."""


class Fault(NamedTuple):
    """One thing that is wrong with a request, and where."""

    path: str
    message: str


class ApiError(MeteringError):
    """A refusal. `code` is stable, `detail` is for people, `problem` is the whole document."""

    code: ClassVar[str]

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = dict(problem)
        self.detail = str(problem.get("detail") or problem.get("message") or "")
        super().__init__(f"{status} {problem.get('code', 'without a code')}: {self.detail}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status, self.problem)

    @property
    def faults(self) -> list[Fault]:
        """Everything that is wrong with the request, where the service lists it."""
        return [Fault(fault["path"], fault["message"]) for fault in self.problem.get("errors") or []]


class MalformedRequestError(ApiError):
    code = "malformed_request"


class UnauthenticatedError(ApiError):
    code = "unauthenticated"


class LimitReachedError(ApiError):
    """There is no room for this. Figures of `maxCost` are in USD, minutes of `maxComputeMinutes`, else counts."""

    code = "limit_reached"

    @property
    def dimension(self) -> str:
        """`maxCost`, `maxAgents`, `maxComputeMinutes` or `maxModelCalls`."""
        return str(self.problem["dimension"])

    @property
    def scope(self) -> str:
        """Whose limit it is: `session:…`, `user:…`, `run:…` or `project`."""
        return str(self.problem["scope"])

    @property
    def limit(self) -> Decimal:
        return self._figure("limit")

    @property
    def used(self) -> Decimal:
        return self._figure("used")

    @property
    def held(self) -> Decimal:
        return self._figure("held")

    @property
    def remaining(self) -> Decimal:
        return self._figure("remaining")

    def _figure(self, name: str) -> Decimal:
        return Decimal(self.problem.get(f"{name}Usd", self.problem[name]))


class ForbiddenError(ApiError):
    code = "forbidden"


class NotFoundError(ApiError):
    code = "not_found"


class MethodNotAllowedError(ApiError):
    code = "method_not_allowed"


class IdempotencyConflictError(ApiError):
    """The key belongs to another payload."""

    code = "idempotency_conflict"


class AlreadyExistsError(ApiError):
    code = "already_exists"


class SessionPausedError(ApiError):
    code = "session_paused"


class StillOverLimitError(ApiError):
    code = "still_over_limit"


class HoldClosedError(ApiError):
    """The hold was settled or released, or has run out."""

    code = "hold_closed"


class NotVoidableError(ApiError):
    code = "not_voidable"


class LastOwnerError(ApiError):
    code = "last_owner"


class TooLargeError(ApiError):
    code = "too_large"


class InvalidRequestError(ApiError):
    code = "invalid_request"


class UnratedError(ApiError):
    """No card prices the estimate of a hold, or one of its metrics."""

    code = "unrated"


class ThrottledError(ApiError):
    code = "throttled"


class UnavailableError(ApiError):
    code = "unavailable"


_OF_CODE: Final = {kind.code: kind for kind in ApiError.__subclasses__()}


# What API Gateway answers itself has no code.
_OF_STATUS: Final[Mapping[int, type[ApiError]]] = {
    401: UnauthenticatedError,
    403: ForbiddenError,
    413: TooLargeError,
    429: ThrottledError,
    503: UnavailableError,
}


def error_of(status: int, problem: Mapping[str, Any]) -> ApiError:
    """A problem as its class; a code that is not known is an ApiError."""
    kind = _OF_CODE.get(str(problem["code"])) if "code" in problem else _OF_STATUS.get(status)
    return (kind or ApiError)(status, problem)
