"""Bodies, queries and answers of sessions, limits, holds, agents and budgets."""

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema

from metering.domain.accounts import KeyRole
from metering.domain.leases import DEFAULT_AGENT_SECONDS, DEFAULT_HOLD_SECONDS, MOST_SECONDS
from metering.domain.periods import CostPeriod
from metering.domain.usage import QUANTITY_SCHEMA, MetricName, Name, Quantity, Strict, Text, parse_quantity
from metering.http.schemas import Decimals, Instant, Money, PageQuery

MOST_CENTS = 10**14
MOST_COUNT = 10**12
Dimension = Literal["maxCost", "maxAgents", "maxComputeMinutes", "maxModelCalls"]
Seconds = Annotated[int, Field(strict=True, ge=1, le=MOST_SECONDS)]
Count = Annotated[int, Field(strict=True, ge=0, le=MOST_COUNT)]


def _minutes(value: Any) -> int:  # noqa: ANN401  # whatever the caller sent
    """Minutes as pico-seconds, exact: a minute has 60 seconds."""
    quantity = parse_quantity(value).pico
    if quantity > MOST_COUNT * 10**12:
        raise ValueError("must be at most 10^12")
    return quantity * 60


Minutes = Annotated[
    int,
    PlainValidator(_minutes),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MOST_COUNT, "description": "At most 12 decimals."}),
]


class CostLimit(Strict):
    """Whole cents per period; weeks begin on Monday, `total` is the session's whole life."""

    amount: Annotated[int, Field(strict=True, ge=0, le=MOST_CENTS)]
    currency: Literal["usd"] = "usd"
    period: CostPeriod = "total"


class LimitsRequest(Strict):
    """Only what is named is set or changed; null removes a limit."""

    max_cost: CostLimit | None = None
    max_agents: Count | None = None
    max_compute_minutes: Minutes | None = None
    max_model_calls: Count | None = None
    on_unrated: Literal["pause", "allow"] | None = "pause"
    """What usage without a rate does to a session that has `maxCost`; null: `pause`."""
    thresholds: Annotated[list[Annotated[int, Field(strict=True, ge=1, le=100)]], Field(max_length=10)] | None = None
    """Percentages of each limit that are told of; null: 50, 80 and 100."""


class SessionRequest(Strict):
    user_id: Text
    session_id: Text | None = None
    limits: LimitsRequest | None = None
    reuse: Annotated[bool, Field(strict=True)] = False


class CostLimitAnswer(Strict):
    amount: int
    currency: Literal["usd"]
    period: CostPeriod


class LimitsAnswer(Strict):
    max_cost: CostLimitAnswer | None
    max_agents: int | None
    max_compute_minutes: float | int | None
    max_model_calls: int | None
    on_unrated: Literal["pause", "allow"]
    thresholds: list[int]


class SessionAnswer(Strict):
    session_id: str
    user_id: str
    status: Literal["active", "paused"]
    reason: str | None
    breached: list[str]
    limits: LimitsAnswer
    created_at: Instant


class SessionsQuery(PageQuery):
    user_id: Text | None = None
    standing: Literal["true", "false"] = "false"
    """Whether each session comes with where its limits stand, and with what it has used."""


class SessionUsageAnswer(Strict):
    """What a session has used since its beginning, up to date with the last answered callback."""

    cost: Money
    cost_usd: Decimals
    compute_minutes: float | int
    compute_seconds: Decimals
    active_agents: int
    model_calls: int
    input_tokens: float | int
    output_tokens: float | int
    storage_gb_hours: float | int
    orchestration_events: float | int
    records: int
    unrated: int


class CostStanding(Strict):
    """A cost limit and where it stands, in the current period."""

    limit: Money
    limit_usd: Decimals
    used: Money
    used_usd: Decimals
    held: Money
    held_usd: Decimals
    remaining: Money
    remaining_usd: Decimals
    period: CostPeriod
    resets_at: Instant | None


class CountStanding(Strict):
    """A limit of agents, minutes or calls and where it stands."""

    limit: float | int
    used: float | int
    held: float | int
    remaining: float | int


class StandingAnswer(Strict):
    max_cost: CostStanding | None
    max_agents: CountStanding | None
    max_compute_minutes: CountStanding | None
    max_model_calls: CountStanding | None
    on_unrated: Literal["pause", "allow"]
    thresholds: list[int]


class ListedSession(SessionAnswer):
    standing: StandingAnswer | None = None
    usage: SessionUsageAnswer | None = None


class SessionsAnswer(Strict):
    items: list[ListedSession]
    next_cursor: str | None


class PauseRequest(Strict):
    reason: Text | None = None


class ProjectStandingAnswer(Strict):
    status: Literal["active", "paused"]


class OwnStandingAnswer(ProjectStandingAnswer):
    role: KeyRole
    """What the key that asks may do."""


def _usd(value: Any) -> int:  # noqa: ANN401  # whatever the caller sent
    return parse_quantity(value).pico


class EstimateRequest(Strict):
    """Either `costUsd`, or usage that is priced as a callback's would be."""

    cost_usd: Annotated[int, PlainValidator(_usd), WithJsonSchema(QUANTITY_SCHEMA)] | None = None
    service: Name | None = None
    provider: Name | None = None
    model_id: Text | None = None
    usage: (
        Annotated[
            dict[MetricName, Annotated[Quantity, PlainValidator(parse_quantity), WithJsonSchema(QUANTITY_SCHEMA)]],
            Field(min_length=1, max_length=20),
        ]
        | None
    ) = None


class HoldRequest(Strict):
    hold_id: Text | None = None
    estimate: EstimateRequest
    ttl_seconds: Seconds = DEFAULT_HOLD_SECONDS
    run_id: Text | None = None
    """Counts against a budget of this run, too."""


class HoldQuery(Strict):
    dry_run: Literal["true", "false"] = "false"


class HoldPatch(Strict):
    ttl_seconds: Seconds


class HoldAnswer(Strict):
    hold_id: str
    held_usd: Decimals
    expires_at: Instant
    remaining: StandingAnswer


class HoldExtendedAnswer(Strict):
    hold_id: str
    held_usd: Decimals
    expires_at: Instant


class OpenHoldAnswer(HoldExtendedAnswer):
    held_model_calls: int
    held_compute_minutes: float | int
    created_at: Instant


class HoldsAnswer(Strict):
    items: list[OpenHoldAnswer]
    next_cursor: str | None


class AgentRequest(Strict):
    agent_id: Text
    lease_seconds: Seconds = DEFAULT_AGENT_SECONDS
    run_id: Text | None = None
    """Counts against a budget of this run, too."""


class BeatRequest(Strict):
    lease_seconds: Seconds = DEFAULT_AGENT_SECONDS


class AgentAnswer(Strict):
    agent_id: str
    status: Literal["running", "paused"]
    started_at: Instant
    expires_at: Instant


class AgentsAnswer(Strict):
    items: list[AgentAnswer]
    next_cursor: str | None


class BudgetRequest(Strict):
    limits: LimitsRequest


class BudgetAnswer(Strict):
    scope: Annotated[str, StringConstraints(pattern=r"^(user:|run:|project$)")]
    status: Literal["active", "limit_reached"]
    breached: list[str]
    limits: StandingAnswer
    usage: SessionUsageAnswer
    created_at: Instant


class BudgetsAnswer(Strict):
    items: list[BudgetAnswer]
    next_cursor: str | None
