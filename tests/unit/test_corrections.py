"""Corrections: whatever the chain, records, meters and explanations come to what stands."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from metering.aws.items import item_to_record, record_to_item
from metering.domain.corrections import (
    Repricing,
    adjustment_of,
    adjustment_usage,
    counted_at,
    reprice,
    shown_key,
    standing_pricing,
    void_of,
    void_usage,
)
from metering.domain.explanations import Explanation, explain_corrections, explain_record
from metering.domain.limits import TOTALS, usage_of
from metering.domain.money import PICO
from metering.domain.rates import MetricRate, RateCard
from metering.domain.rating import Pricing, price_usage
from metering.domain.usage import Links, Occurrence, Quantity, UsageEvent, UsageRecord
from tests.unit.strategies import cards, records

NOW = "2026-11-24T12:00:00.000000Z"


Chain = tuple[UsageRecord, list[UsageRecord], list[Repricing]]
"""A record, its adjustments in order, and the changes of price that these are."""


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    record = draw(records())
    adjustments: list[UsageRecord] = []
    changes: list[Repricing] = []
    for number in range(draw(st.integers(0, 3))):
        card = draw(st.none() | cards)
        if card:
            known = {line.metric: rate for line, rate in zip(record.pricing.lines, card.metrics.values(), strict=False)}
            card = RateCard(card.scope, card.owner, card.model, card.effective_from, known)
        usage = {line.metric: line.quantity for line in record.pricing.lines}
        after = price_usage(usage, card, record.mode)
        changes.append(Repricing(standing_pricing(record, adjustments), after, card.rate_id if card else None))
        adjustments.append(adjustment_of(record, changes[-1], f"job_{number}", NOW))
        links = Links(None, tuple(one.record_id for one in adjustments))
        record = record._replace(links=links)
    return record, adjustments, changes


def figures(pricing: Pricing) -> tuple[int, int, tuple[str, ...]]:
    return pricing.cost, pricing.billed, pricing.unrated


@settings(max_examples=100)
@given(chains())
def test_what_stands_is_the_newest_price(chain: Chain) -> None:
    record, adjustments, changes = chain
    for number, change in enumerate(changes, 1):
        standing = standing_pricing(record, adjustments[:number])
        assert figures(standing) == figures(change.after)
        assert [line.cost for line in standing.lines] == [line.cost for line in change.after.lines]
        assert [line.price for line in standing.lines] == [line.price for line in change.after.lines]


@settings(max_examples=100)
@given(chains())
def test_a_correction_is_the_sum_of_its_lines_and_all_of_them_of_what_stands(
    chain: Chain,
) -> None:
    record, adjustments, _ = chain
    standing = standing_pricing(record, adjustments)
    for one in adjustments:
        assert one.pricing.cost == sum(line.cost or 0 for line in one.pricing.lines)
        assert one.pricing.billed == sum(line.cost or 0 for line in one.pricing.lines if line.billable)
    costs = [record.pricing.cost, *(one.pricing.cost for one in adjustments)]
    assert sum(costs) == standing.cost
    void = void_of(record, adjustments, "because", NOW)
    assert (void.pricing.cost, void.pricing.billed) == (-standing.cost, -standing.billed)


@settings(max_examples=100)
@given(chains())
def test_what_a_meter_is_told_comes_to_nothing_once_all_is_taken_back(
    chain: Chain,
) -> None:
    record, adjustments, changes = chain
    told = usage_of(record.pricing)
    for change in changes:
        told = told.plus(adjustment_usage(change))
        assert told == usage_of(change.after)
    told = told.plus(void_usage(standing_pricing(record, adjustments)))
    assert told.totals == dict.fromkeys(TOTALS, 0)


@settings(max_examples=100)
@given(chains())
def test_a_correction_is_read_back_as_it_was_written(
    chain: Chain,
) -> None:
    record, adjustments, _ = chain
    for one in [*adjustments, void_of(record, adjustments, "because", NOW)]:
        read = item_to_record(record_to_item(one, 4))
        assert read._replace(event=one.event, standing=None) == one
        assert (read.event.usage, read.event.hold_id) == (one.event.usage, None)
        assert read.occurred == record.occurred


@settings(max_examples=100)
@given(chain=chains(), voided=st.booleans())
def test_lines_and_corrections_explain_all_that_stands(*, chain: Chain, voided: bool) -> None:
    record, adjustments, changes = chain
    links = [*adjustments, *([void_of(record, adjustments, "because", NOW)] if voided else [])]
    explained = [explain_record(record), *explain_corrections(record, links)]
    for one in explained:
        assert cost(one) == one.record.pricing.cost
    standing = standing_pricing(record, adjustments)
    assert sum(map(cost, explained)) == (0 if voided else standing.cost)
    for change, one in zip(changes, explained[1:], strict=False):
        assert [line.rate_id for line in one.lines if line.line.price is not None] == [
            change.rate_id for line in change.after.lines if line.price is not None
        ]


def cost(explanation: Explanation) -> int:
    return sum(line.cost or 0 for line in explanation.lines)


@given(chains())
def test_corrections_have_ids_of_their_own_that_no_caller_can_have(
    chain: Chain,
) -> None:
    record, adjustments, _ = chain
    made = [record, *adjustments, void_of(record, adjustments, "because", NOW)]
    assert len({one.record_id for one in made}) == len(made)
    for one in made[1:]:
        assert not one.event.idempotency_key.isprintable()
        assert shown_key(one.event.idempotency_key).endswith(record.record_id)


def record_of(quantity: int, rate: MetricRate | None) -> UsageRecord:
    card = card_of(rate)
    record = some_record()
    event = record.event.model_copy(update={"usage": {"pages": Quantity(quantity)}})
    pricing = price_usage({"pages": quantity}, card, "managed")
    return record._replace(event=event, mode="managed", pricing=pricing, rate_id=card.rate_id if card else None)


def card_of(rate: MetricRate | None) -> RateCard | None:
    return RateCard("default", "service:x", "*", "2020-01-01", {"pages": rate}) if rate else None


def some_record() -> UsageRecord:
    event = UsageEvent.model_validate({"idempotencyKey": "a", "service": "x", "usage": {"pages": 1}})
    occurred = Occurrence("2026-11-24T10:00:00.000000Z", "2026-11-24T10:00:00Z")
    pricing = price_usage({"pages": PICO}, None, "managed")
    return UsageRecord("prj", event, occurred, occurred.instant, "managed", None, pricing)


def is_none(quantity: int, before: MetricRate | None, after: MetricRate | None) -> bool:
    record = record_of(quantity, before)
    return reprice(record, record.pricing, card_of(after)).is_none


def test_a_price_has_changed_where_a_cost_or_its_category_has() -> None:
    rate = MetricRate(PICO, 1, "compute")
    assert is_none(3 * PICO, rate, rate)
    assert is_none(3 * PICO, rate, MetricRate(7 * PICO, 7, "compute"))
    assert not is_none(3 * PICO, rate, MetricRate(PICO + 1, 1, "compute"))
    assert not is_none(3 * PICO, rate, MetricRate(PICO, 1, "storage"))
    assert not is_none(3 * PICO, rate, None)
    assert not is_none(3 * PICO, None, rate)
    assert not is_none(3 * PICO, None, MetricRate(0, 1, "compute"))
    assert is_none(3 * PICO, None, None)


def test_none_of_a_metric_costs_nothing_whatever_its_price() -> None:
    rate = MetricRate(PICO, 1, "compute")
    assert is_none(0, rate, MetricRate(2 * PICO, 1, "storage"))
    assert is_none(0, None, rate)
    assert is_none(0, rate, None)


def test_usage_counts_in_the_window_of_its_receipt_at_the_latest() -> None:
    record = some_record()
    moments = ["2026-11-24T10:58:00.000000Z", "2026-11-24T11:02:00.000000Z"]
    for earlier, later in pairwise(moments):
        ahead = record._replace(occurred=Occurrence(later, later), received_at=earlier)
        late = record._replace(occurred=Occurrence(earlier, earlier), received_at=later)
        assert counted_at(ahead) == counted_at(late) == earlier
