"""Rate cards as callers write them."""

from typing import Any

import pytest

from metering.domain.errors import InvalidRequestError
from metering.domain.money import PICO
from metering.domain.rates import MetricRate, RateCard, Tier
from metering.http.cards import card_of, owner_of
from metering.http.requests import parse
from metering.http.schemas_rates import RateCardRequest

CARD = {"provider": "anthropic", "effectiveFrom": "2025-09-29", "metrics": {"inputTokens": {"priceUsd": "3"}}}


def card(**fields: Any) -> RateCard:
    return card_of(parse(RateCardRequest, {**CARD, **fields}), "default")


def faults(**fields: Any) -> set[str]:
    """Where a card does not fit."""
    with pytest.raises(InvalidRequestError) as raised:
        card(**fields)
    return {fault.path for fault in raised.value.faults}


def test_a_card_is_of_any_model_and_priced_by_one_unit_unless_it_says_otherwise() -> None:
    assert card() == RateCard(
        "default",
        "provider:anthropic",
        "*",
        "2025-09-29",
        {"inputTokens": MetricRate(3 * PICO, 1, "modelTokens")},
    )


def test_a_card_with_everything() -> None:
    rate = {
        "priceUsd": 3,
        "per": 1_000_000,
        "category": "compute",
        "tiers": [{"aboveInputTokens": 0, "priceUsd": "6"}, {"aboveInputTokens": 200_000, "priceUsd": "0.5"}],
    }
    made = card(provider=None, service="e2b", modelId="m#1", metrics={"newMetric": rate})
    assert made.owner == "service:e2b"
    assert made.model == "m#1"
    expected = MetricRate(3 * PICO, 1_000_000, "compute", (Tier(0, 6 * PICO), Tier(200_000, PICO // 2)))
    assert made.metrics == {"newMetric": expected}


def test_no_tiers_and_an_empty_list_of_them_are_the_same_card() -> None:
    for tiers in (None, []):
        assert card(metrics={"inputTokens": {"priceUsd": "3", "tiers": tiers}}) == card()


def test_a_card_has_one_owner() -> None:
    assert owner_of("e2b", None) == "service:e2b"
    assert owner_of(None, "e2b") == "provider:e2b"
    assert owner_of(None, None) is None
    assert faults(provider=None) == {"service"}
    assert faults(service="claude_code") == {"provider"}


def test_a_metric_that_nobody_knows_needs_a_category_and_all_of_them_are_named() -> None:
    metrics = {"newMetric": {"priceUsd": "1"}, "otherMetric": {"priceUsd": "1"}, "runs": {"priceUsd": "1"}}
    assert faults(metrics=metrics) == {"metrics.newMetric.category", "metrics.otherMetric.category"}


@pytest.mark.parametrize("thresholds", [(2, 1), (1, 1), (1, 3, 2)])
def test_tiers_ascend(thresholds: tuple[int, ...]) -> None:
    tiers = [{"aboveInputTokens": threshold, "priceUsd": "1"} for threshold in thresholds]
    assert faults(metrics={"inputTokens": {"priceUsd": "1", "tiers": tiers}}) == {"metrics.inputTokens.tiers"}


@pytest.mark.parametrize(
    "price", ["-1", "0.0000000000001", "1000000000.000000000001", "1e3", "", "free", -1, True, None, [1]]
)
def test_a_price_is_a_plain_decimal_of_at_most_a_billion(price: Any) -> None:
    assert faults(metrics={"inputTokens": {"priceUsd": price}}) == {"metrics.inputTokens.priceUsd"}


@pytest.mark.parametrize(("price", "pico"), [("0", 0), ("1000000000", 10**21), ("0.000000000001", 1), (0, 0)])
def test_the_least_and_the_greatest_price(price: Any, pico: int) -> None:
    assert card(metrics={"inputTokens": {"priceUsd": price}}).metrics["inputTokens"].price == pico


@pytest.mark.parametrize("per", [0, -1, 10**12 + 1, "1", 1.5, True])
def test_per_is_a_whole_number_of_units(per: Any) -> None:
    assert faults(metrics={"inputTokens": {"priceUsd": "1", "per": per}}) == {"metrics.inputTokens.per"}


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"metrics": {}}, "metrics"),
        ({"metrics": {f"m{number}": {"priceUsd": "1"} for number in range(51)}}, "metrics"),
        ({"effectiveFrom": "2025-02-29"}, "effectiveFrom"),
        ({"effectiveFrom": "soon"}, "effectiveFrom"),
        ({"effectiveFrom": None}, "effectiveFrom"),
        ({"modelId": ""}, "modelId"),
        ({"modelId": "a\nb"}, "modelId"),
        ({"provider": "a b"}, "provider"),
        ({"owner": "anthropic"}, "owner"),
        ({"metrics": {"inputTokens": {"priceUsd": "1", "category": "other"}}}, "metrics.inputTokens.category"),
        ({"metrics": {"inputTokens": {"price": "1", "priceUsd": "1"}}}, "metrics.inputTokens.price"),
    ],
)
def test_what_does_not_fit_is_named(fields: dict[str, Any], where: str) -> None:
    assert where in faults(**fields)
