"""Pricing: what the usage of one event costs, line by line.

The cost of a line is quantity × price ÷ per, multiplied first and rounded once to a pico-USD, half to even; the cost of
an event is the sum of its lines.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from metering.domain.metrics import CATEGORY_OF, INPUT_METRICS, Category
from metering.domain.money import PICO, divide_half_even
from metering.domain.rates import MetricRate, RateCard

PricingMode = Literal["managed", "byok", "byoi"]

BILLABLE: Final[dict[PricingMode, frozenset[Category]]] = {
    "managed": frozenset({"compute", "modelTokens", "storage", "orchestration"}),
    "byok": frozenset({"compute", "storage", "orchestration"}),
    "byoi": frozenset({"orchestration"}),
}

# A record dearer than a trillion USD is a mistake of units. The bound keeps every sum of records far within the 28
# significant digits that DynamoDB's number and its emulators agree on.
MOST_COST: Final = 10**12 * PICO


class Line(NamedTuple):
    """One metric of an event with its price; `price`, `per`, `cost` are None where no card in force has the metric."""

    metric: str
    category: Category | None
    quantity: int
    """In units of 10^-12."""
    price: int | None
    """Pico-USD per `per` units."""
    per: int | None
    cost: int | None
    """Pico-USD."""
    billable: bool
    tier_above: int | None = None
    """The threshold of the tier that gave the price, in input tokens."""


class Pricing(NamedTuple):
    """The priced lines of an event, in the order in which the usage named its metrics."""

    lines: tuple[Line, ...]
    cost: int
    """Pico-USD, the sum of the rated lines."""
    billed: int
    """Pico-USD, the sum of the rated lines that the pricing mode makes billable."""
    unrated: tuple[str, ...]


class CostOutOfRangeError(ValueError):
    """The usage would cost more than `MOST_COST`."""


def price_usage(usage: Mapping[str, int], card: RateCard | None, mode: PricingMode) -> Pricing:
    """Prices `usage` (metric to quantity in 10^-12 units) by `card`.

    A metric that the card lacks is unrated, never free; a quantity of zero costs nothing at any price and so is never
    unrated.

    Raises:
        CostOutOfRangeError: the cost exceeds a trillion USD.
    """
    rates: Mapping[str, MetricRate] = card.metrics if card else {}
    billable = BILLABLE[mode]
    input_quantity = None
    lines: list[Line] = []
    unrated: list[str] = []
    cost = billed = 0
    for metric, quantity in usage.items():
        rate = rates.get(metric)
        if rate is None:
            category = CATEGORY_OF.get(metric)
            line_cost = None if quantity else 0
            lines.append(Line(metric, category, quantity, None, None, line_cost, category in billable))
            if quantity:
                unrated.append(metric)
            continue
        price, per, category, tiers = rate.price, rate.per, rate.category, rate.tiers
        tier_above = None
        if tiers:
            if input_quantity is None:
                input_quantity = _input_quantity(usage.items())
            for tier in tiers:
                if input_quantity > tier.above_input_tokens * PICO:
                    price, tier_above = tier.price, tier.above_input_tokens
        line_cost = divide_half_even(quantity * price, per * PICO)
        cost += line_cost
        is_billable = category in billable
        if is_billable:
            billed += line_cost
        lines.append(Line(metric, category, quantity, price, per, line_cost, is_billable, tier_above))
    if cost > MOST_COST:
        raise CostOutOfRangeError("costs more than a trillion USD; check the units")
    return Pricing(tuple(lines), cost, billed, tuple(unrated))


def _input_quantity(usage: Iterable[tuple[str, int]]) -> int:
    return sum(quantity for metric, quantity in usage if metric in INPUT_METRICS)
