"""Bodies, queries and answers of rate cards."""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from metering.domain.metrics import Category
from metering.domain.money import PICO
from metering.domain.periods import parse_effective
from metering.domain.usage import MetricName, Name, Strict, Text, parse_quantity
from metering.http.schemas import Decimals, PageQuery

MOST_PRICE: Final = 10**9


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
