"""Pricing: exact to the pico-dollar, both sides of every tier, every pricing mode, nothing unrated ever free."""

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.domain.metrics import CATEGORIES, CATEGORY_OF, INPUT_METRICS, Category
from metering.domain.money import PICO
from metering.domain.rates import MetricRate, RateCard, Tier
from metering.domain.rating import (
    BILLABLE,
    MOST_COST,
    CostOutOfRangeError,
    Line,
    Pricing,
    PricingMode,
    price_usage,
)

MILLION = 10**6
MODES: list[PricingMode] = ["managed", "byok", "byoi"]


def card(**metrics: MetricRate) -> RateCard:
    return RateCard("default", "service:x", "*", "2025-01-01", metrics)


def tokens(price_usd: int, *tiers: Tier) -> MetricRate:
    return MetricRate(price_usd * PICO, MILLION, "modelTokens", tiers)


def price(usage: Mapping[str, int], by: RateCard | None, mode: PricingMode = "managed") -> Pricing:
    """Prices whole units."""
    return price_usage({metric: units * PICO for metric, units in usage.items()}, by, mode)


# ---------------------------------------------------------------------------- exactness

tiers = st.lists(st.integers(0, 10**9), max_size=3, unique=True).flatmap(
    lambda thresholds: st.tuples(
        *(st.builds(Tier, st.just(threshold), st.integers(0, 10**21)) for threshold in sorted(thresholds))
    )
)
rates = st.builds(MetricRate, st.integers(0, 10**15), st.integers(1, 10**12), st.sampled_from(CATEGORIES), tiers)
metrics = st.sampled_from([*INPUT_METRICS, "outputTokens", "runs", "newMetric"])
usages = st.dictionaries(metrics, st.integers(0, 10**15), min_size=1, max_size=8)
cards = st.dictionaries(metrics, rates, max_size=8).map(lambda held: card(**held))


def exact_cost(usage: Mapping[str, int], metric: str, rate: MetricRate) -> int:
    """A line's cost by fractions: the last tier strictly below all of the event's input gives the price."""
    units = sum(Fraction(quantity, PICO) for name, quantity in usage.items() if name in INPUT_METRICS)
    passed = [tier.price for tier in rate.tiers if units > tier.above_input_tokens]
    return round(Fraction(usage[metric], PICO) * (passed[-1] if passed else rate.price) / rate.per)


@given(usages, cards, st.sampled_from(MODES))
def test_the_lines_add_up_to_the_total_and_each_is_rounded_once(
    usage: dict[str, int], held: RateCard, mode: PricingMode
) -> None:
    pricing = price_usage(usage, held, mode)
    assert [line.metric for line in pricing.lines] == list(usage)
    assert pricing.cost == sum(line.cost or 0 for line in pricing.lines)
    assert pricing.billed == sum(line.cost or 0 for line in pricing.lines if line.billable)
    for line in pricing.lines:
        rate = held.metrics.get(line.metric)
        if rate:
            assert line.cost == exact_cost(usage, line.metric, rate)
            assert line.billable == (rate.category in BILLABLE[mode])
    figures = [pricing.cost, pricing.billed, *(line.cost for line in pricing.lines)]
    assert all(type(figure) is int for figure in figures if figure is not None)


@given(usages, cards)
def test_what_has_no_rate_is_unrated_unless_there_was_none_of_it(usage: dict[str, int], held: RateCard) -> None:
    pricing = price_usage(usage, held, "managed")
    without = [metric for metric in usage if metric not in held.metrics]
    assert pricing.unrated == tuple(metric for metric in without if usage[metric])
    for line in pricing.lines:
        if line.metric in without:
            assert (line.price, line.per, line.tier_above) == (None, None, None)
            assert line.cost == (None if line.quantity else 0)


@given(usages, cards, st.randoms())
def test_the_order_of_the_metrics_changes_no_figure(usage: dict[str, int], held: RateCard, random: object) -> None:
    names = list(usage)
    random.shuffle(names)  # type: ignore[attr-defined]  # hypothesis's Random
    shuffled = price_usage({name: usage[name] for name in names}, held, "managed")
    pricing = price_usage(usage, held, "managed")
    assert (shuffled.cost, shuffled.billed) == (pricing.cost, pricing.billed)
    assert sorted(map(repr, shuffled.lines)) == sorted(map(repr, pricing.lines))


@pytest.mark.parametrize(
    ("quantity", "price_pico", "per", "cost"),
    [
        (1, 1, 2, 0),
        (3, 1, 2, 2),
        (5, 1, 2, 2),
        (7, 1, 2, 4),
        (1, 1, 3, 0),
        (2, 1, 3, 1),
        (1200, 3 * PICO, MILLION, 3_600_000_000),
        (1, 10**21, 10**12, 10**9),
    ],
)
def test_a_line_is_quantity_times_price_by_per_rounded_half_to_even(
    quantity: int, price_pico: int, per: int, cost: int
) -> None:
    pricing = price({"runs": quantity}, card(runs=MetricRate(price_pico, per, "orchestration")))
    assert pricing.cost == cost


def test_it_is_multiplied_before_it_is_divided() -> None:
    third = MetricRate(1, 3, "orchestration")
    assert price({"runs": 3_000_000_000_000}, card(runs=third)).cost == 10**12


# ---------------------------------------------------------------------------- tiers

TIERED = card(
    inputTokens=tokens(3, Tier(200_000, 6 * PICO), Tier(1_000_000, 12 * PICO)),
    cachedInputTokens=tokens(1),
    cacheWriteTokens=tokens(4, Tier(200_000, 8 * PICO)),
    outputTokens=tokens(15, Tier(200_000, 22 * PICO)),
)


def price_of(line: Line) -> int:
    assert line.price is not None
    return line.price // PICO


@pytest.mark.parametrize(
    ("units", "usd", "above"),
    [
        (0, 3, None),
        (199_999, 3, None),
        (200_000, 3, None),
        (200_001, 6, 200_000),
        (999_999, 6, 200_000),
        (1_000_000, 6, 200_000),
        (1_000_001, 12, 1_000_000),
    ],
)
def test_strictly_more_than_a_threshold_takes_its_price_for_all_of_the_event(
    units: int, usd: int, above: int | None
) -> None:
    pricing = price({"inputTokens": units}, TIERED)
    assert price_of(pricing.lines[0]) == usd
    assert pricing.lines[0].tier_above == above
    assert pricing.cost == units * usd * PICO // MILLION


def test_a_trillionth_of_a_token_more_is_more() -> None:
    at = price_usage({"inputTokens": 200_000 * PICO}, TIERED, "managed")
    over = price_usage({"inputTokens": 200_000 * PICO + 1}, TIERED, "managed")
    assert (price_of(at.lines[0]), price_of(over.lines[0])) == (3, 6)


@pytest.mark.parametrize("cached", sorted(INPUT_METRICS - {"inputTokens"}))
def test_the_threshold_is_counted_over_all_input_whatever_the_cache(cached: str) -> None:
    def output_price(units: int) -> int:
        [line] = [line for line in price({"outputTokens": 1, cached: units}, TIERED).lines if line.metric[0] == "o"]
        return price_of(line)

    assert (output_price(200_000), output_price(200_001)) == (15, 22)


def test_output_is_not_counted_towards_a_threshold() -> None:
    assert price_of(price({"outputTokens": 500_000}, TIERED).lines[0]) == 15


def test_input_without_a_rate_of_its_own_counts_too() -> None:
    lines = price({"inputTokens": 1, "inputImageTokens": 200_000}, TIERED).lines
    assert price_of(lines[0]) == 6


def test_a_threshold_of_zero_is_passed_by_any_input_and_not_by_none() -> None:
    by = card(inputTokens=tokens(1, Tier(0, 2 * PICO)))
    assert price_of(price({"inputTokens": 0}, by).lines[0]) == 1
    assert price_of(price({"inputTokens": 1}, by).lines[0]) == 2


# ---------------------------------------------------------------------------- modes

ALL_CATEGORIES: dict[str, Category] = {
    "sandboxSeconds": "compute",
    "inputTokens": "modelTokens",
    "storageGbHours": "storage",
    "runs": "orchestration",
}


@pytest.mark.parametrize(
    ("mode", "billable"),
    [
        ("managed", {"compute", "modelTokens", "storage", "orchestration"}),
        ("byok", {"compute", "storage", "orchestration"}),
        ("byoi", {"orchestration"}),
    ],
)
def test_a_mode_says_what_is_billable_and_all_is_metered_with_its_cost(mode: PricingMode, billable: set[str]) -> None:
    by = card(**{metric: MetricRate(PICO, 1, category) for metric, category in ALL_CATEGORIES.items()})
    pricing = price(dict.fromkeys(ALL_CATEGORIES, 1), by, mode)
    assert {line.category for line in pricing.lines if line.billable} == billable
    assert pricing.cost == 4 * PICO
    assert pricing.billed == len(billable) * PICO


def test_a_card_may_name_a_metric_that_nobody_knew_with_its_category() -> None:
    by = card(lambdaCalls=MetricRate(PICO, 1, "compute"))
    assert price({"lambdaCalls": 2}, by).lines[0].category == "compute"


@pytest.mark.parametrize("mode", MODES)
def test_an_unrated_metric_keeps_the_category_that_is_known_of_it(mode: PricingMode) -> None:
    known, unknown = price({"inputTokens": 1, "lambdaCalls": 1}, None, mode).lines
    assert (known.category, known.billable) == ("modelTokens", mode == "managed")
    assert (unknown.category, unknown.billable) == (None, False)


def test_every_known_metric_has_one_of_the_four_categories() -> None:
    assert set(CATEGORY_OF.values()) == set(CATEGORIES)
    assert {CATEGORY_OF[metric] for metric in INPUT_METRICS} == {"modelTokens"}


# ---------------------------------------------------------------------------- zero and too much


def test_nothing_used_costs_nothing_and_is_rated() -> None:
    rated, unknown = price({"inputTokens": 0, "lambdaCalls": 0}, card(inputTokens=tokens(3))).lines
    assert (rated.cost, rated.price) == (0, 3 * PICO)
    assert (unknown.cost, unknown.price) == (0, None)


def test_a_price_of_zero_is_a_price_and_not_unrated() -> None:
    pricing = price({"inputTokens": 5}, card(inputTokens=tokens(0)))
    assert (pricing.cost, pricing.unrated) == (0, ())


def test_a_trillion_dollars_is_the_most_that_an_event_may_cost() -> None:
    by = card(runs=MetricRate(1, 1, "orchestration"))
    assert price_usage({"runs": MOST_COST * PICO}, by, "managed").cost == MOST_COST
    with pytest.raises(CostOutOfRangeError, match="units"):
        price_usage({"runs": (MOST_COST + 1) * PICO}, by, "managed")


def test_the_bound_is_on_the_sum_of_the_lines() -> None:
    by = card(runs=MetricRate(1, 1, "orchestration"), fleetItems=MetricRate(1, 1, "orchestration"))
    half = MOST_COST // 2 * PICO
    assert price_usage({"runs": half, "fleetItems": half}, by, "managed").cost == MOST_COST
    with pytest.raises(CostOutOfRangeError):
        price_usage({"runs": half, "fleetItems": half + PICO}, by, "managed")
