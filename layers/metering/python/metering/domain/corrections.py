"""Corrections of usage records: what stands of a record, taking it back, and changing its price.

History is never overwritten. A record's standing price is its own and the differences of its adjustments, line by line;
a void takes all of that back.
"""

from collections.abc import Sequence
from typing import NamedTuple

from metering.domain.limits import Usage, usage_of
from metering.domain.rates import RateCard
from metering.domain.rating import Line, Pricing, price_usage
from metering.domain.usage import UNCORRECTED, Correction, Quantity, UsageRecord

_INTERNAL = "\x00"  # no caller's key has it, since theirs are printable


def standing_pricing(record: UsageRecord, adjustments: Sequence[UsageRecord]) -> Pricing:
    """What a record costs by now: its newest prices, and the sum of its lines and their differences."""
    lines = list(record.pricing.lines)
    for adjustment in adjustments:
        changes = adjustment.pricing.lines
        lines = [_adjusted(line, [one for one in changes if one.metric == line.metric]) for line in lines]
    return _pricing(lines)


def _adjusted(line: Line, changes: Sequence[Line]) -> Line:
    newest = changes[-1]
    if newest.price is None:
        cost = None if line.quantity else 0
    else:
        cost = (line.cost or 0) + sum(change.cost or 0 for change in changes)
    return newest._replace(quantity=line.quantity, cost=cost)


def _pricing(lines: Sequence[Line]) -> Pricing:
    return Pricing(
        tuple(lines),
        sum(line.cost or 0 for line in lines),
        sum(line.cost or 0 for line in lines if line.billable),
        tuple(line.metric for line in lines if line.cost is None),
    )


def void_of(record: UsageRecord, adjustments: Sequence[UsageRecord], reason: str, now: str) -> UsageRecord:
    """The record that takes all of another back: the opposite of its lines and of those of its adjustments."""
    changes = [line for one in (record, *adjustments) for line in one.pricing.lines]
    kept = [line for line in changes if line.quantity or line.cost]
    lines = [line._replace(quantity=-line.quantity, cost=-(line.cost or 0)) for line in kept or changes]
    unrated = bool(standing_pricing(record, adjustments).unrated)
    correction = Correction("void", record.record_id, record.pricing.lines[0].category, -int(unrated), reason)
    return _correction_of(record, f"void:{record.record_id}", lines)._replace(correction=correction, received_at=now)


class Repricing(NamedTuple):
    """A change of price: what stands, what is to stand, and by which card."""

    before: Pricing
    after: Pricing
    rate_id: str | None

    @property
    def unrated_change(self) -> int:
        return bool(self.after.unrated) - bool(self.before.unrated)

    @property
    def is_none(self) -> bool:
        """Whether all costs what it did, in the category that it did."""
        pairs = zip(self.before.lines, self.after.lines, strict=True)
        return all(old.cost == new.cost and (old.category == new.category or not new.quantity) for old, new in pairs)


def reprice(record: UsageRecord, standing: Pricing, card: RateCard | None) -> Repricing:
    """What a card makes of a record's price, in the pricing mode that the record was made in.

    Raises:
        CostOutOfRangeError: it would cost over a trillion USD.
    """
    usage = {line.metric: line.quantity for line in record.pricing.lines}
    return Repricing(standing, price_usage(usage, card, record.mode), card.rate_id if card else None)


def adjustment_of(record: UsageRecord, repricing: Repricing, job_id: str, now: str) -> UsageRecord:
    """The record that changes another's price: its lines have the new prices, and what they change of the costs."""
    before, after, rate_id = repricing
    lines = [line for old, new in zip(before.lines, after.lines, strict=True) for line in _changes(old, new)]
    category = record.pricing.lines[0].category
    correction = Correction("adjust", record.record_id, category, repricing.unrated_change, job_id=job_id)
    number = len(record.links.adjusted_by) + 1
    return _correction_of(record, f"adjust:{number}:{record.record_id}", lines)._replace(
        correction=correction, received_at=now, rate_id=rate_id
    )


def _changes(old: Line, new: Line) -> list[Line]:
    """What turns one line into the other: one line, or two where the new card counts the metric to another category."""
    if old.category == new.category:
        return [new._replace(quantity=0, cost=(new.cost or 0) - (old.cost or 0))]
    return [old._replace(quantity=0, cost=-(old.cost or 0)), new._replace(quantity=0, cost=new.cost or 0)]


def _correction_of(record: UsageRecord, key: str, lines: Sequence[Line]) -> UsageRecord:
    """A record beside another, with its attribution and of its time."""
    quantities = {line.metric: sum(one.quantity for one in lines if one.metric == line.metric) for line in lines}
    changes = {
        "idempotency_key": f"{_INTERNAL}{key}",
        "usage": {metric: Quantity(quantity) for metric, quantity in quantities.items()},
        "hold_id": None,
        "occurred_at": record.occurred,
    }
    event = record.event.model_copy(update=changes)
    return record._replace(event=event, pricing=_pricing(lines), standing=None, links=UNCORRECTED)


def shown_key(idempotency_key: str) -> str:
    """An idempotency key as callers see it; a correction's names what it corrects."""
    return idempotency_key.removeprefix(_INTERNAL)


def void_usage(standing: Pricing) -> Usage:
    """What taking a record back adds to a meter."""
    return Usage({name: -amount for name, amount in usage_of(standing).totals.items()})


def adjustment_usage(repricing: Repricing) -> Usage:
    """What changing a price adds to a meter: a new card may also count a metric to another category."""
    return void_usage(repricing.before).plus(usage_of(repricing.after))


def counted_at(record: UsageRecord) -> str:
    """The instant that says in which window of a meter a record was counted: usage may be told of up to five minutes
    before it happens, but it counts in the window of its receipt at the latest.
    """
    return min(record.occurred.instant, record.received_at)
