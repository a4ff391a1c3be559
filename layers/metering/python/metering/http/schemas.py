"""Bodies, queries and answers of the HTTP API, camelCase outside. The OpenAPI document is made from these."""

from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from metering.domain.accounts import KeyRole, Role
from metering.domain.metrics import Category
from metering.domain.money import PICO
from metering.domain.periods import parse_date, parse_effective
from metering.domain.rates import DEFAULT_SCOPE
from metering.domain.rating import PricingMode
from metering.domain.usage import MetricName, Name, Printable, Strict, Text, UsageEvent, parse_quantity

ProjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200), Printable]
Decimals = Annotated[str, StringConstraints(pattern=r"^-?[0-9]+(\.[0-9]{1,12})?$")]
"""A plain decimal string, never with an exponent."""
Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Date = Annotated[str, AfterValidator(parse_date), WithJsonSchema({"type": "string", "format": "date"})]
BasisPoints = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
"""Hundredths of a percent."""
MOST_PRICE: Final = 10**9
MOST_KEY_SECONDS: Final = 366 * 24 * 3600


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


# ---------------------------------------------------------------------------- projects and keys


def _unreserved(project_id: str) -> str:
    if project_id == DEFAULT_SCOPE:
        raise ValueError("must be another: the default rate cards have this scope")
    return project_id


class ProjectRequest(Strict):
    project_id: (
        Annotated[ProjectId, AfterValidator(_unreserved), Field(json_schema_extra={"not": {"const": DEFAULT_SCOPE}})]
        | None
    ) = None
    name: Title
    owner_id: Text
    pricing_mode: PricingMode = "managed"


class ProjectPatch(Strict):
    name: Title | None = None
    pricing_mode: PricingMode | None = None
    record_shards: Annotated[int, Field(strict=True, ge=1, le=64)] | None = None
    """Partitions that a day's records spread over, 1,000 writes a second each; it can only grow."""
    markup_basis_points: BasisPoints | None = None
    """What goes on top of what is billed, in `stripe` exports that say nothing else."""


class ProjectAnswer(Strict):
    project_id: ProjectId
    name: Title
    pricing_mode: PricingMode
    record_shards: int
    markup_basis_points: int
    created_at: Instant


class NewProjectAnswer(ProjectAnswer):
    api_key: str
    """The owner's key, shown once."""


class MemberRequest(Strict):
    role: KeyRole


class MemberAnswer(Strict):
    user_id: str
    role: KeyRole
    created_at: Instant


class MembersAnswer(Strict):
    items: list[MemberAnswer]
    next_cursor: str | None


class KeyRequest(Strict):
    name: Title
    role: KeyRole
    user_id: Text | None = None
    """A member whom the key is bound to: it may no more than that member, and nothing once the member is removed."""
    expires_in_seconds: Annotated[int, Field(strict=True, ge=60, le=MOST_KEY_SECONDS)] | None = None
    """After how long it is refused; without it, once it is revoked."""


class KeyAnswer(Strict):
    key_id: str
    name: Title
    role: KeyRole
    user_id: str | None
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None


class NewKeyAnswer(KeyAnswer):
    api_key: str
    """Shown once."""


class KeysAnswer(Strict):
    items: list[KeyAnswer]
    next_cursor: str | None


# ---------------------------------------------------------------------------- rates


def _price(value: Any) -> int:  # noqa: ANN401  # whatever the caller sent
    pico = parse_quantity(value).pico
    if pico > MOST_PRICE * PICO:
        raise ValueError("must be at most 10^9")
    return pico


Price = Annotated[
    int,
    PlainValidator(_price),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 10**9},
                {"type": "string", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,12})?$"},
            ],
            "description": "USD; at most 12 decimals and at most 10^9.",
        }
    ),
]


class TierRequest(Strict):
    above_input_tokens: Annotated[int, Field(strict=True, ge=0, le=10**12)]
    price_usd: Price


class MetricRateRequest(Strict):
    price_usd: Price
    per: Annotated[int, Field(strict=True, ge=1, le=10**12)] = 1
    category: Category | None = None
    tiers: Annotated[list[TierRequest], Field(max_length=10)] | None = None


Effective = Annotated[
    str,
    AfterValidator(parse_effective),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}],
            "description": "A date means its midnight, UTC.",
        }
    ),
]


class RateCardRequest(Strict):
    """One card holds all metrics of one model, or of any (`*`), of one owner: a service or a provider."""

    service: Name | None = None
    provider: Name | None = None
    model_id: Text = "*"
    effective_from: Effective
    metrics: Annotated[dict[MetricName, MetricRateRequest], Field(min_length=1, max_length=50)]


class TierAnswer(Strict):
    above_input_tokens: int
    price_usd: Decimals


class MetricRateAnswer(Strict):
    price_usd: Decimals
    per: int
    category: Category
    tiers: list[TierAnswer] | None = None


class RateCardAnswer(Strict):
    rate_id: str
    scope: Literal["default", "project"]
    service: str | None = None
    provider: str | None = None
    model_id: str
    effective_from: str
    metrics: dict[str, MetricRateAnswer]


class RatesQuery(PageQuery):
    service: Name | None = None
    provider: Name | None = None
    model_id: Text | None = None
    at: Effective | None = None


class RatesAnswer(Strict):
    items: list[RateCardAnswer]
    next_cursor: str | None


class ResolveQuery(Strict):
    service: Name
    provider: Name | None = None
    model_id: Text | None = None
    at: Annotated[str, AfterValidator(parse_effective), WithJsonSchema({"type": "string"})] | None = None


class LookedAt(Strict):
    scope: Literal["default", "project"]
    owner: str
    model_id: str
    reason: str
    rate_id: str | None


class ResolveAnswer(Strict):
    card: RateCardAnswer | None
    reason: str
    looked_at: list[LookedAt]
    """Every place in order of precedence down to the one that decided."""


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


# ---------------------------------------------------------------------------- sign-in


class SignInRequest(Strict):
    project_id: ProjectId


class SignInAnswer(NewKeyAnswer):
    project_id: ProjectId


class SignInDescription(Strict):
    """Where to sign in, by OpenID Connect's authorization code flow with PKCE; nulls where only keys are taken."""

    enabled: bool
    issuer: str | None
    client_id: str | None


# ---------------------------------------------------------------------------- the audit log


class AuditQuery(PageQuery, RangeQuery):
    actor: Text | None = None
    """A key's or a member's id."""
    action: Text | None = None
    """An operation, as this document names it, such as `createApiKey`."""


class AuditEntry(Strict):
    audit_id: str
    at: Instant
    action: str
    target: dict[str, str]
    """Ids by their names in paths and answers, such as `{"sessionId": "ses_1"}`."""
    change: dict[str, Any] | None
    """The request's body, as it was sent."""
    before: dict[str, Any] | None
    """What it has replaced, where that is known: a member's role, settings of the project, a Stripe customer."""
    key_id: str
    user_id: str | None
    role: Role
    request_id: str
    source_ip: str


class AuditAnswer(Strict):
    period: PeriodAnswer
    items: list[AuditEntry]
    next_cursor: str | None


# ---------------------------------------------------------------------------- the service itself


class HealthAnswer(Strict):
    status: Literal["ok"]
