"""The operations of sessions, limits, holds, agents and budgets."""

from typing import Any, Final

from metering.domain import errors
from metering.domain.accounts import ADMINS, LIMITERS, RECORDERS
from metering.http import schemas_sessions as schemas
from metering.http.operation import Operation
from metering.http.schemas import PageQuery

_SESSION: Final = "/v1/sessions/{sessionId}"
_HOLD: Final = f"{_SESSION}/holds/{{holdId}}"
_AGENT: Final = f"{_SESSION}/agents/{{agentId}}"
_BUDGET: Final = "/v1/budgets/{scope}"
_MISSING: Final = (errors.NotFoundError,)
_REFUSALS: Final = (errors.NotFoundError, errors.SessionPausedError, errors.LimitReachedError)
_BUDGET_ERRORS: Final = (errors.NotFoundError, errors.InvalidRequestError)
_CURSOR: Final = (errors.MalformedRequestError,)


def _operation(route: str, name: str, summary: str, **rest: Any) -> Operation:  # noqa: ANN401  # Operation's own fields
    return Operation(route, name, summary, **{"tag": "sessions", "roles": RECORDERS, **rest})


SESSION_OPERATIONS: Final = (
    _operation(
        "POST /v1/sessions",
        "createSession",
        "A new session of a user, or with `reuse` the user's active one",
        answers={201: schemas.SessionAnswer, 200: schemas.SessionAnswer},
        roles=LIMITERS,
        body=schemas.SessionRequest,
        errors=(errors.AlreadyExistsError,),
        idempotency_header=True,
    ),
    _operation(
        "GET /v1/sessions",
        "listSessions",
        "Sessions of a user or of the project, the youngest first",
        answers={200: schemas.SessionsAnswer},
        query=schemas.SessionsQuery,
        errors=_CURSOR,
    ),
    _operation(f"GET {_SESSION}", "getSession", "One session", answers={200: schemas.SessionAnswer}, errors=_MISSING),
    _operation(
        f"GET {_SESSION}/usage",
        "getSessionUsage",
        "What a session has used, up to date with the last answered callback",
        answers={200: schemas.SessionUsageAnswer},
        errors=_MISSING,
    ),
    _operation(
        f"GET {_SESSION}/limits",
        "getSessionLimits",
        "A session's limits and where they stand",
        answers={200: schemas.StandingAnswer},
        errors=_MISSING,
    ),
    _operation(
        f"PATCH {_SESSION}/limits",
        "updateSessionLimits",
        "Change limits on a live session, atomically with what is being counted",
        answers={200: schemas.StandingAnswer},
        roles=LIMITERS,
        body=schemas.LimitsRequest,
        errors=_MISSING,
    ),
    _operation(
        f"POST {_SESSION}/pause",
        "pauseSession",
        "Pause a session's agents",
        answers={200: schemas.SessionAnswer},
        roles=LIMITERS,
        body=schemas.PauseRequest,
        body_optional=True,
        errors=_MISSING,
    ),
    _operation(
        f"POST {_SESSION}/resume",
        "resumeSession",
        "Let a session's agents go on",
        answers={200: schemas.SessionAnswer},
        roles=LIMITERS,
        errors=(errors.NotFoundError, errors.StillOverLimitError),
    ),
    _operation(
        "GET /v1/project/standing",
        "getProjectStanding",
        "Whether the emergency stop is on, and the role of the key that asks",
        answers={200: schemas.OwnStandingAnswer},
    ),
    _operation(
        "POST /v1/project/pause",
        "pauseProject",
        "The emergency stop: no hold and no agent is granted, heartbeats say `paused`",
        answers={200: schemas.ProjectStandingAnswer},
        roles=ADMINS,
        body=schemas.PauseRequest,
        body_optional=True,
    ),
    _operation(
        "POST /v1/project/resume",
        "resumeProject",
        "End the emergency stop",
        answers={200: schemas.ProjectStandingAnswer},
        roles=ADMINS,
    ),
    _operation(
        f"POST {_SESSION}/holds",
        "openHold",
        "Reserve room for usage that is about to happen",
        answers={201: schemas.HoldAnswer, 200: schemas.HoldAnswer},
        body=schemas.HoldRequest,
        query=schemas.HoldQuery,
        errors=(*_REFUSALS, errors.UnratedError, errors.IdempotencyConflictError, errors.HoldClosedError),
        idempotency_header=True,
        tag="holds",
        work=True,
    ),
    _operation(
        f"PUT {_HOLD}",
        "extendHold",
        "Move a hold's end to `ttlSeconds` from now",
        answers={200: schemas.HoldExtendedAnswer},
        body=schemas.HoldPatch,
        errors=(errors.NotFoundError, errors.HoldClosedError),
        tag="holds",
        work=True,
    ),
    _operation(
        f"DELETE {_HOLD}",
        "releaseHold",
        "Give a hold's room back",
        answers={204: None},
        errors=(errors.NotFoundError, errors.HoldClosedError),
        tag="holds",
        work=True,
    ),
    _operation(
        f"GET {_SESSION}/holds",
        "listHolds",
        "The open holds of a session",
        answers={200: schemas.HoldsAnswer},
        query=PageQuery,
        errors=(errors.NotFoundError, *_CURSOR),
        tag="holds",
    ),
    _operation(
        f"POST {_SESSION}/agents",
        "startAgent",
        "Take a slot for an agent",
        answers={201: schemas.AgentAnswer, 200: schemas.AgentAnswer},
        body=schemas.AgentRequest,
        errors=_REFUSALS,
        tag="agents",
        work=True,
    ),
    _operation(
        f"PUT {_AGENT}",
        "beatAgent",
        "An agent's heartbeat: renews its lease, tells it whether to go on",
        answers={200: schemas.AgentAnswer},
        body=schemas.BeatRequest,
        body_optional=True,
        errors=_MISSING,
        tag="agents",
        work=True,
    ),
    _operation(
        f"DELETE {_AGENT}",
        "endAgent",
        "Free an agent's slot",
        answers={204: None},
        errors=_MISSING,
        tag="agents",
        work=True,
    ),
    _operation(
        f"GET {_SESSION}/agents",
        "listAgents",
        "The agents of a session whose leases run",
        answers={200: schemas.AgentsAnswer},
        query=PageQuery,
        errors=(errors.NotFoundError, *_CURSOR),
        tag="agents",
    ),
    _operation(
        f"PUT {_BUDGET}",
        "putBudget",
        "Set the limits of a user, a run or the project",
        answers={200: schemas.BudgetAnswer, 201: schemas.BudgetAnswer},
        roles=LIMITERS,
        body=schemas.BudgetRequest,
        errors=_MISSING,
        tag="budgets",
    ),
    _operation(
        f"GET {_BUDGET}",
        "getBudget",
        "One budget and where it stands",
        answers={200: schemas.BudgetAnswer},
        errors=_BUDGET_ERRORS,
        tag="budgets",
    ),
    _operation(
        f"DELETE {_BUDGET}",
        "deleteBudget",
        "Remove a budget",
        answers={204: None},
        roles=LIMITERS,
        errors=_BUDGET_ERRORS,
        tag="budgets",
    ),
    _operation(
        "GET /v1/budgets",
        "listBudgets",
        "The project's budgets",
        answers={200: schemas.BudgetsAnswer},
        query=PageQuery,
        errors=_CURSOR,
        tag="budgets",
    ),
)
