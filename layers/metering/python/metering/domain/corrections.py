"""Corrections of usage records: what stands of a record, taking it back, and changing its price.

History is never overwritten. A record's standing price is its own and the differences of its adjustments, line by line;
a void takes all of that back.
"""

from collections.abc import Sequence
from typing import NamedTuple

from metering.domain.limits import TOTALS, Usage, usage_of
from metering.domain.rating import Line, Pricing
from metering.domain.usage import UNCORRECTED, Correction, UsageRecord

_INTERNAL = "\x00"  # no caller's key has it, since theirs are printable


def standing_pricing(record: UsageRecord, adjustments: Sequence[UsageRecord]) -> Pricing:
    """What a record costs by now: its newest prices, and the sum of its lines and their differences."""
    lines = list(record.pricing.lines)
    for adjustment in adjustments:
        lines = [_adjusted(line, change) for line, change in zip(lines, adjustment.pricing.lines, strict=True)]
    return _pricing(lines)


def _adjusted(line: Line, change: Line) -> Line:
    if change.price is None and change.cost is None:
        return line._replace(cost=None, price=None, per=None, tier_above=None)
    return line._replace(
        price=change.price,
        per=change.per,
        cost=(line.cost or 0) + (change.cost or 0),
        category=change.category,
        billable=change.billable,
        tier_above=change.tier_above,
    )


def _pricing(lines: Sequence[Line]) -> Pricing:
    rated = [line for line in lines if line.cost is not None]
    return Pricing(
        tuple(lines),
        sum(line.cost or 0 for line in rated),
        sum(line.cost or 0 for line in rated if line.billable),
        tuple(line.metric for line in lines if line.cost is None),
    )


def void_of(record: UsageRecord, standing: Pricing, reason: str, now: str) -> UsageRecord:
    """The record that takes all of another back, at the price that stands."""
    lines = [
        line._replace(quantity=-line.quantity, cost=None if line.cost is None else -line.cost)
        for line in standing.lines
    ]
    pricing = _pricing(lines)._replace(unrated=())
    correction = Correction("void", record.record_id, -1 if standing.unrated else 0, reason)
    return _correction_of(record, f"void:{record.record_id}")._replace(
        pricing=pricing, correction=correction, received_at=now
    )


class Repricing(NamedTuple):
    """A change of price: what stands, what is to stand, and by which card."""

    before: Pricing
    after: Pricing
    rate_id: str | None

    @property
    def unrated_change(self) -> int:
        return bool(self.after.unrated) - bool(self.before.unrated)


def adjustment_of(record: UsageRecord, repricing: Repricing, job_id: str, now: str) -> UsageRecord:
    """The record that changes another's price."""
    before, after, rate_id = repricing
    lines = [
        new._replace(quantity=0, cost=None if new.cost is None else new.cost - (old.cost or 0))
        for old, new in zip(before.lines, after.lines, strict=True)
    ]
    pricing = Pricing(tuple(lines), after.cost - before.cost, after.billed - before.billed, ())
    correction = Correction("adjust", record.record_id, repricing.unrated_change, job_id=job_id)
    number = len(record.links.adjusted_by) + 1
    return _correction_of(record, f"adjust:{number}:{record.record_id}")._replace(
        pricing=pricing, correction=correction, received_at=now, rate_id=rate_id
    )


def _correction_of(record: UsageRecord, key: str) -> UsageRecord:
    """A record beside another, with its attribution and of its time."""
    changes = {"idempotency_key": f"{_INTERNAL}{key}", "hold_id": None, "occurred_at": record.occurred}
    return record._replace(event=record.event.model_copy(update=changes), standing=None, links=UNCORRECTED)


def shown_key(idempotency_key: str) -> str:
    """An idempotency key as callers see it; a correction's names what it corrects."""
    return idempotency_key.removeprefix(_INTERNAL)


def void_usage(standing: Pricing) -> Usage:
    """What taking a record back adds to a meter."""
    return Usage({name: -amount for name, amount in usage_of(standing).totals.items()})


def adjustment_usage(repricing: Repricing) -> Usage:
    """What changing a price adds to a meter."""
    cost = repricing.after.cost - repricing.before.cost
    return Usage({**dict.fromkeys(TOTALS, 0), "cost": cost, "unrated": repricing.unrated_change})
