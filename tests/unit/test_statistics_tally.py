"""Tallies by every dimension: each record in one group of each, its money under its lines' categories."""

from hypothesis import given, settings
from hypothesis import strategies as st

from metering.domain.metrics import CATEGORIES
from metering.domain.money import PICO
from metering.domain.rates import MetricRate, RateCard
from metering.domain.rating import PricingMode, price_usage
from metering.domain.statistics import DIMENSIONS, NO_DRIFT, TOTAL, Drift, Figures, drift_of, merge_tallies, tally
from metering.domain.usage import Occurrence, UsageEvent, UsageRecord
from tests.unit.strategies import records

AT = "2026-11-24T10:00:00.000000Z"
CARD = RateCard(
    "default",
    "service:codex",
    "*",
    "2020-01-01",
    {
        "inputTokens": MetricRate(3, 1, "modelTokens"),
        "outputTokens": MetricRate(5, 1, "modelTokens"),
        "vcpuSeconds": MetricRate(7, 1, "compute"),
        "runs": MetricRate(11, 1, "orchestration"),
        "storageGbHours": MetricRate(13, 1, "storage"),
    },
)


def record(usage: dict[str, int], mode: PricingMode = "managed", instant: str = AT, **fields: object) -> UsageRecord:
    event = UsageEvent.model_validate({"idempotencyKey": "call_1", "service": "codex", "usage": usage, **fields})
    priced = price_usage({metric: quantity.pico for metric, quantity in event.usage.items()}, CARD, mode)
    return UsageRecord("prj", event, Occurrence(instant, instant), instant, mode, CARD.rate_id, priced)


def test_a_record_counts_once_under_its_first_lines_category_and_its_money_under_each() -> None:
    found = tally([record({"runs": 1, "inputTokens": 2, "outputTokens": 4, "vcpuSeconds": 3}, "byok")])["category"]
    assert {key: (one.records, one.cost, one.billed) for key, one in found.items()} == {
        "orchestration": (1, 11, 11),
        "modelTokens": (0, 26, 0),
        "compute": (0, 21, 21),
    }
    assert found["modelTokens"].metrics == {"inputTokens": 2 * PICO, "outputTokens": 4 * PICO}


def test_a_metric_without_a_rate_has_no_category_and_its_record_is_counted_as_unrated_once() -> None:
    found = tally([record({"inputTokens": 2, "unheardOf": 1, "unknown": 1})])
    assert found[TOTAL][None].unrated == 1
    assert {key: (one.records, one.unrated) for key, one in found["category"].items()} == {
        "modelTokens": (1, 1),
        None: (0, 0),
    }
    assert found["category"][None].metrics == {"unheardOf": PICO, "unknown": PICO}
    assert tally([record({"unheardOf": 1, "inputTokens": 2})])["category"][None].records == 1


def test_what_an_event_does_not_name_is_counted_under_none() -> None:
    found = tally([record({"runs": 1}), record({"runs": 1}, modelId="m", userId="u", toolId="t", runId="r")])
    for dimension, value in {"model": "m", "user": "u", "tool": "t", "run": "r"}.items():
        assert {key: one.records for key, one in found[dimension].items()} == {None: 1, value: 1}
    assert found["session"].keys() == {None}
    assert found["service"].keys() == {"codex"}
    assert found["provider"].keys() == {"openai"}


def test_the_last_instant_is_the_latest_whatever_the_order() -> None:
    early, late = record({"runs": 1}, instant="2026-11-24T09:00:00.000000Z"), record({"runs": 1})
    assert tally([early, late])[TOTAL][None].last == tally([late, early])[TOTAL][None].last == AT


@settings(max_examples=25)
@given(st.lists(records(), max_size=5))
def test_every_dimension_adds_up_to_the_total(made: list[UsageRecord]) -> None:
    found = tally(made)
    assert found.keys() == set(DIMENSIONS)
    assert found["category"].keys() <= {None, *CATEGORIES}
    for dimension in DIMENSIONS:
        total = Figures()
        for figures in found[dimension].values():
            total.merge(figures)
        assert total == found[TOTAL].get(None, Figures())


@settings(max_examples=25)
@given(st.lists(records(), max_size=5), st.integers(0, 5))
def test_the_tallies_of_parts_merge_to_the_tally_of_the_whole(made: list[UsageRecord], cut: int) -> None:
    assert merge_tallies([tally(made[cut:]), tally(made[:cut])]) == tally(made)


def test_equal_tallies_have_no_drift() -> None:
    made = [record({"runs": 1}), record({"inputTokens": 1}, modelId="m")]
    assert drift_of(tally(made), tally(made)) == drift_of(tally([]), tally([])) == NO_DRIFT
    assert not NO_DRIFT.groups


def test_drift_counts_the_figures_that_differ_and_the_money_of_the_dimension_where_most_does() -> None:
    whole, part = tally([record({"runs": 2}, modelId="m"), record({"runs": 1})]), tally([record({"runs": 1})])
    # Eleven dimensions: the value that is missing in `model`, and the one that differs in each of the others.
    assert drift_of(whole, part) == drift_of(part, whole) == Drift(len(DIMENSIONS), 22)


def test_money_under_a_wrong_value_is_drift_though_the_total_is_right() -> None:
    right, wrong = tally([record({"runs": 2}, modelId="m")]), tally([record({"runs": 2}, modelId="n")])
    assert drift_of(right, wrong) == Drift(2, 44)


def test_what_costs_nothing_drifts_too() -> None:
    one = tally([record({"unheardOf": 1})])
    assert drift_of(one, tally([record({"unheardOf": 2})])) == Drift(len(DIMENSIONS), 0)
    assert drift_of(one, tally([])).groups == len(DIMENSIONS)
