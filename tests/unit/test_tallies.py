"""Tallies of items against tallies of the records that they hold."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.json import Decoder

from metering.aws import tallies
from metering.aws.counted import COUNTED, CountedPage
from metering.aws.items import item_to_record, record_to_item
from metering.aws.statistics import figures_to_item
from metering.aws.tallies import run_figures_of_items, tally_counted, tally_items
from metering.domain import statistics
from metering.domain.corrections import Repricing, adjustment_of, standing_pricing, void_of
from metering.domain.metrics import CATEGORIES
from metering.domain.money import PICO
from metering.domain.rates import MetricRate, RateCard
from metering.domain.rating import price_usage
from metering.domain.statistics import (
    DIMENSIONS,
    MOST_METRICS,
    TOTAL,
    Figures,
    merge_tallies,
    run_figures,
    tally,
)
from metering.domain.usage import Occurrence, Quantity, UsageEvent, UsageRecord

NOW = "2026-11-24T12:00:00.000000Z"
names = st.none() | st.sampled_from(["a", "b"])
metrics = st.dictionaries(
    st.sampled_from(["inputTokens", "runs", "vcpuSeconds", "other"]), st.integers(0, 99), min_size=1
)
rates = st.dictionaries(
    st.sampled_from(["inputTokens", "runs", "other"]),
    st.builds(MetricRate, st.integers(0, 9 * PICO), st.sampled_from([1, 7]), st.sampled_from(CATEGORIES)),
)


@st.composite
def chains(draw: st.DrawFn) -> list[UsageRecord]:
    """A record, maybe re-rated, maybe voided."""
    event = UsageEvent.model_construct(
        idempotency_key=str(draw(st.integers(0, 10**9))),
        occurred_at=None,
        usage={metric: Quantity(amount * PICO // 3) for metric, amount in draw(metrics).items()},
        service=draw(st.sampled_from(["claude_code", "x"])),
        step_index=draw(st.none() | st.integers(0, 3)),
        duration_ms=draw(st.none() | st.integers(0, 9)),
        tags=None,
        hold_id=None,
        **{
            name: draw(names)
            for name in (
                "provider",
                "model_id",
                "tool_id",
                "run_id",
                "sandbox_id",
                "session_id",
                "user_id",
                "persona_id",
                "step_type",
            )
        },
    )
    mode = draw(st.sampled_from(["managed", "byok", "byoi"]))
    usage = {metric: quantity.pico for metric, quantity in event.usage.items()}
    instant = f"2026-11-24T{draw(st.integers(0, 23)):02d}:00:00.000000Z"
    card = RateCard("default", "service:x", "*", "2020-01-01", draw(rates))
    record = UsageRecord(
        "prj", event, Occurrence(instant, instant), NOW, mode, card.rate_id, price_usage(usage, card, mode)
    )
    found, adjustments = [record], []
    if draw(st.booleans()):
        later = RateCard("default", "service:x", "*", "2021-01-01", draw(rates))
        repricing = Repricing(record.pricing, price_usage(usage, later, mode), later.rate_id)
        adjustments = [adjustment_of(record, repricing, "job", NOW)]
    if draw(st.booleans()):
        found.append(void_of(record, adjustments, "because", NOW))
    return found + adjustments


@settings(max_examples=80, deadline=None)
@given(st.lists(chains(), max_size=6))
def test_a_tally_of_items_is_the_tally_of_their_records(made: list[list[UsageRecord]]) -> None:
    records = [record for chain in made for record in chain]
    items = [record_to_item(record, 4) for record in records]
    assert tally_items(items) == tally(records) == tally(item_to_record(item) for item in items)
    ours, theirs = run_figures_of_items(items), run_figures(records)
    assert (ours.total, ours.models, ours.steps) == (theirs.total, theirs.models, theirs.steps)


@settings(max_examples=80, deadline=None)
@given(st.lists(chains(), max_size=6))
def test_a_page_of_what_counts_adds_up_to_the_same(made: list[list[UsageRecord]]) -> None:
    records = [record for chain in made for record in chain]
    sent = [{name: value for name, value in record_to_item(record, 4).items() if name in COUNTED} for record in records]
    page = Decoder(CountedPage).decode(json.dumps({"Items": sent, "Count": len(sent)}))
    found, expected = tally_counted(page["Items"], NOW[:10]), tally(records)
    assert found == expected
    for dimension in DIMENSIONS:
        lasts = {key: figures.last for key, figures in expected[dimension].items()}
        assert {key: figures.last for key, figures in found[dimension].items()} == lasts


@settings(max_examples=80, deadline=None)
@given(st.lists(chains(), max_size=6), st.integers(0, 6))
def test_sums_cut_to_their_first_metrics_are_exact_however_the_records_are_divided(
    made: list[list[UsageRecord]], division: int
) -> None:
    records, whole = [record for chain in made for record in chain], tally(record for chain in made for record in chain)
    with pytest.MonkeyPatch.context() as few:
        few.setattr(statistics, "MOST_METRICS", 2)
        few.setattr(tallies, "_MOST_LINES", 1)
        found = tally(records)
        parts = [[record for chain in part for record in chain] for part in (made[:division], made[division:])]
        assert tally_items(record_to_item(record, 4) for record in records) == found
        assert merge_tallies(map(tally, parts)) == found
        assert merge_tallies(tally_items(record_to_item(one, 4) for one in part) for part in parts) == found
    for dimension in DIMENSIONS:
        for key, figures in found[dimension].items():
            all_of_it = whole[dimension][key]
            kept = sorted(all_of_it.metrics, key=lambda metric: (metric == "other", metric))[:2]
            assert figures == replace(all_of_it, metrics={metric: all_of_it.metrics[metric] for metric in kept})


def test_any_number_of_metrics_takes_no_more_memory_than_the_first_of_them() -> None:
    made = [priced({f"m{one}x{number}": PICO for number in range(20)}) for one in range(1000)]
    found = tally_items(record_to_item(record, 4) for record in made)[TOTAL][None]
    assert (found.records, found.unrated) == (1000, 1000)
    assert [*found.metrics] == sorted(f"m{one}x{number}" for one in range(1000) for number in range(20))[:MOST_METRICS]
    item = figures_to_item("prj#day#total", "2026-11-24#", found)
    assert len(json.dumps(item)) < 100_000  # an item of DynamoDB has at most 400 KB


def priced(usage: dict[str, int]) -> UsageRecord:
    fields = {"idempotencyKey": "call", "service": "x", "usage": dict.fromkeys(usage, 1)}
    event, pricing = UsageEvent.model_validate(fields), price_usage(usage, None, "managed")
    return UsageRecord("prj", event, Occurrence(NOW, NOW), NOW, "managed", None, pricing)


@settings(max_examples=80, deadline=None)
@given(st.lists(chains(), max_size=6))
def test_the_groups_of_every_dimension_add_up_to_the_total(made: list[list[UsageRecord]]) -> None:
    found = tally(record for chain in made for record in chain)
    total = found[TOTAL].get(None, Figures())
    for dimension in DIMENSIONS:
        merged = Figures()
        for figures in found[dimension].values():
            merged.merge(figures)
        assert merged == total


@settings(max_examples=80, deadline=None)
@given(chains())
def test_a_voided_record_leaves_nothing_and_a_repriced_one_its_new_price(chain: list[UsageRecord]) -> None:
    total = tally(chain)[TOTAL][None]
    voided = any(record.correction and record.correction.kind == "void" for record in chain)
    adjustments = [record for record in chain if record.correction and record.correction.kind == "adjust"]
    stands = standing_pricing(chain[0], adjustments)
    assert (total.cost, total.billed, total.records) == ((0, 0, 0) if voided else (stands.cost, stands.billed, 1))
    assert total.unrated == (0 if voided else bool(stands.unrated))
    if voided:
        categories = tally(chain)["category"].values()
        assert not any(total.metrics.values())
        assert {(one.cost, one.billed, one.records, one.unrated) for one in categories} == {(0, 0, 0, 0)}


def test_a_line_of_any_price_is_summed_exactly() -> None:
    """A JSON reader that knows integers of 64 bits alone would round the cost."""
    cost = 10**12 * PICO - 1
    card = RateCard("default", "service:x", "*", "2020-01-01", {"runs": MetricRate(cost, 1, "orchestration")})
    event = UsageEvent.model_validate({"idempotencyKey": "k", "service": "x", "usage": {"runs": 1}})
    pricing = price_usage({"runs": PICO}, card, "managed")
    record = UsageRecord("prj", event, Occurrence(NOW, NOW), NOW, "managed", card.rate_id, pricing)
    found = tally_items([record_to_item(record, 1)])
    assert found == tally([record])
    assert found["category"]["orchestration"].cost == cost
