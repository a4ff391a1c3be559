"""What bodies, queries and answers have in common, and those of usage; camelCase outside.

Other resources have theirs in modules of their own. The OpenAPI document is made from all of these.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from metering.domain.metrics import Category
from metering.domain.periods import parse_date
from metering.domain.rating import PricingMode
from metering.domain.usage import Name, Strict, Text, UsageEvent

Decimals = Annotated[str, StringConstraints(pattern=r"^-?[0-9]+(\.[0-9]{1,12})?$")]
"""A plain decimal string, never with an exponent."""
Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Date = Annotated[str, AfterValidator(parse_date), WithJsonSchema({"type": "string", "format": "date"})]
BasisPoints = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
"""Hundredths of a percent."""


# ---------------------------------------------------------------------------- everywhere


class Money(Strict):
    """Integer cents, rounded once, half to even, from the exact figure beside it."""

    amount: int
    currency: Literal["usd"]


class FaultAnswer(Strict):
    path: str
    message: str


class Problem(Strict):
    """RFC 9457; some codes carry further members."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, StringConstraints(pattern=r"^urn:metering:error:[a-z_]+$")]
    title: str
    status: int
    detail: str
    code: str
    errors: list[FaultAnswer] | None = None


class PeriodAnswer(Strict):
    """The half-open range that was used."""

    start: Instant
    end: Instant


def _limit(value: Any) -> Any:  # noqa: ANN401  # whatever the caller sent
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else value  # noqa: PLR2004  # digits of a small number


FROM_TEXT: Final = BeforeValidator(_limit)
Limit = Annotated[int, Field(ge=1, le=1000, strict=True), FROM_TEXT]


class PageQuery(Strict):
    limit: Limit = 100
    cursor: Annotated[str, StringConstraints(max_length=2000)] | None = None


# ---------------------------------------------------------------------------- usage


class LineAnswer(Strict):
    metric: str
    category: Category | None
    quantity: Decimals
    price_usd: Decimals | None
    per: Decimals | None
    cost_usd: Decimals | None
    billable: bool
    rate_id: str | None


class SessionStanding(Strict):
    session_id: str
    status: Literal["active", "paused"]
    breached: list[str]


class RecordedAnswer(Strict):
    status: Literal["recorded", "duplicate"]
    record_id: str
    date: Date
    cost: Money
    cost_usd: Decimals
    lines: list[LineAnswer]
    unrated_metrics: list[str]
    session: SessionStanding | None


class BatchRequest(Strict):
    """1 to 500 events, each of which is judged by itself."""

    events: Annotated[list[Any], Field(min_length=1, max_length=500)]


class BatchDocument(Strict):
    """`BatchRequest` as the OpenAPI document shows it; an event that does not fit spoils none of the others."""

    events: Annotated[list[UsageEvent], Field(min_length=1, max_length=500)]


class BatchResult(Strict):
    index: int
    status: Literal["recorded", "duplicate", "error"]
    record_id: str | None = None
    cost_usd: Decimals | None = None
    error: Problem | None = None


class BatchAnswer(Strict):
    results: list[BatchResult]
    recorded: int
    duplicates: int
    errors: int


class RecordAnswer(Strict):
    """A usage record: the event as it was sent, and what became of it."""

    record_id: str
    idempotency_key: str
    occurred_at: Instant
    received_at: Instant
    date: Date
    service: str
    provider: str | None
    model_id: str | None
    tool_id: str | None
    usage: dict[str, int | float | str]
    run_id: str | None
    sandbox_id: str | None
    session_id: str | None
    user_id: str | None
    persona_id: str | None
    step_type: str | None
    step_index: int | None
    duration_ms: int | None
    hold_id: str | None
    tags: dict[str, str]
    pricing_mode: PricingMode
    cost: Money
    cost_usd: Decimals
    lines: list[LineAnswer]
    unrated_metrics: list[str]
    voids: str | None
    """The record that this one takes back."""
    adjusts: str | None
    """The record whose price this one changes."""
    reason: str | None
    voided_by: str | None
    adjusted_by: list[str]


class RangeQuery(Strict):
    from_: Date | None = Field(default=None, alias="from")
    to: Date | None = None


class RecordsQuery(PageQuery, RangeQuery):
    run_id: Text | None = None
    """Without `from` and `to` all of the run."""
    session_id: Text | None = None
    service: Name | None = None
    model_id: Text | None = None


class RecordsAnswer(Strict):
    period: PeriodAnswer | None
    items: list[RecordAnswer]
    """A search that takes long ends with fewer than there are, and with a cursor; none is the end."""
    next_cursor: str | None


class Figures(Strict):
    """Sums over records. `unrated` counts the records that have a metric without a rate."""

    cost: Money
    cost_usd: Decimals
    billed: Money
    billed_usd: Decimals
    records: int
    unrated: int
    metrics: dict[str, Decimals]


class KeyedFigures(Figures):
    key: str | None


class StepFigures(Figures):
    step_index: int | None
    step_type: str | None
    duration_ms: int


class RunAnswer(Strict):
    run_id: str
    total: Figures
    models: list[KeyedFigures]
    steps: list[StepFigures]


# ---------------------------------------------------------------------------- the service itself


class HealthAnswer(Strict):
    status: Literal["ok"]
