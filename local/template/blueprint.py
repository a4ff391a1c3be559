"""The local cloud's picture of the template: plain values, nothing left to resolve."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from local.endpoint import ACCOUNT, REGION

ScheduleKind: TypeAlias = Literal["rule", "scheduler"]  # an EventBridge rule, or EventBridge Scheduler

ENVIRONMENTS = 4  # of a function, at once, unless a queue of it asks for more


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    code: Path
    handler: str
    environment: dict[str, str]
    timeout: int  # seconds
    memory: int  # MiB; told to the handler, not enforced
    dead_letters: str | None  # queue ARN for asynchronous events that failed for good
    retries: int  # of an asynchronous event
    environments: int  # at once, at most

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"


@dataclass(frozen=True, slots=True)
class Authorizer:
    function: str
    header: str  # lower case
    cache_seconds: int


@dataclass(frozen=True, slots=True)
class TokenAuthorizer:
    """A JWT authorizer, of whom the gateway asks no function."""

    issuer: str
    audience: tuple[str, ...]
    header: str  # lower case


@dataclass(frozen=True, slots=True)
class Route:
    method: str  # "ANY" for all
    path: str  # "$default" for what no other route takes
    function: str
    authorizer: Authorizer | TokenAuthorizer | None

    @property
    def key(self) -> str:
        return self.path if self.path == "$default" else f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class EventSource:
    """A stream or a queue whose records go to a function in batches."""

    name: str
    arn: str
    function: str
    batch_size: int
    window_seconds: int
    filters: tuple[dict[str, Any], ...]  # a record needs to match one of them, if there are any
    reports_failures: bool  # answers batchItemFailures

    # Streams alone
    retries: int | None = None  # None: until it works
    bisects: bool = False
    on_failure: str | None = None  # queue ARN
    # Queues alone
    batches: int = ENVIRONMENTS  # at once, at most

    @property
    def service(self) -> str:
        return self.arn.split(":")[2]


@dataclass(frozen=True, slots=True)
class Schedule:
    name: str
    kind: ScheduleKind
    expression: str
    timezone: str
    function: str
    input: str | None


@dataclass(frozen=True, slots=True)
class Blueprint:
    functions: dict[str, Function]
    routes: tuple[Route, ...]
    sources: tuple[EventSource, ...]
    schedules: tuple[Schedule, ...]
    resources: dict[str, str]  # logical id -> physical id of what holds state
