"""Why usage costs what it costs: the card, the tier and the arithmetic of every line, in words.

The lines of a record are as it was priced when it came; each correction adds lines of its own, which say what they
change. All of them together are what stands.
"""

from collections.abc import Sequence
from typing import NamedTuple

from metering.domain.corrections import standing_pricing
from metering.domain.money import PICO, plain
from metering.domain.rating import Line, Pricing
from metering.domain.usage import UsageRecord


class ExplainedLine(NamedTuple):
    """One line: what was used, at which price, and what that adds."""

    line: Line
    """With the quantity of the usage, also where the line is a correction's."""
    rate_id: str | None
    """The card of the price, or None without one."""
    arithmetic: str | None
    cost: int | None
    """Pico-USD; a correction's is what it changes. None without a price."""


class Explanation(NamedTuple):
    """A record, or a correction, line by line."""

    record: UsageRecord
    lines: tuple[ExplainedLine, ...]


def explain_record(record: UsageRecord) -> Explanation:
    """A record as it was priced when it came."""
    lines = (
        ExplainedLine(line, _card_of(line, record.rate_id), _product(line), line.cost) for line in record.pricing.lines
    )
    return Explanation(record, tuple(lines))


def explain_corrections(record: UsageRecord, chain: Sequence[UsageRecord]) -> list[Explanation]:
    """What corrects a record, in the order in which it was made: its adjustments, and its void if there is one."""
    found: list[Explanation] = []
    adjustments: list[UsageRecord] = []
    before, rate_id = record.pricing, record.rate_id
    for correction in chain:
        if correction.correction and correction.correction.kind == "void":
            found.append(Explanation(correction, _taken_back(before, rate_id)))
            continue
        adjustments.append(correction)
        after, rate_id = standing_pricing(record, adjustments), correction.rate_id
        found.append(Explanation(correction, _changed(before, after, rate_id)))
        before = after
    return found


def effective_from(rate_id: str) -> str:
    """From when the card of a rate's id holds: a date, or an instant."""
    return rate_id.rpartition("@")[2]


def _card_of(line: Line, rate_id: str | None) -> str | None:
    return rate_id if line.price is not None else None


def _product(line: Line) -> str | None:
    """`quantity × price ÷ per`, and what it comes to: `≈` where that had to be rounded."""
    if line.price is None or line.per is None or line.cost is None:
        return None
    exact = line.quantity * line.price == line.cost * line.per * PICO
    return f"{plain(line.quantity)} × {plain(line.price)} ÷ {line.per} {'=' if exact else '≈'} {plain(line.cost)}"


def _changed(before: Pricing, after: Pricing, rate_id: str | None) -> tuple[ExplainedLine, ...]:
    pairs = zip(before.lines, after.lines, strict=True)
    return tuple(
        ExplainedLine(new, _card_of(new, rate_id), _change(old, new), (new.cost or 0) - (old.cost or 0))
        for old, new in pairs
    )


def _change(old: Line, new: Line) -> str:
    product, was, now = _product(new), old.cost or 0, new.cost or 0
    difference = f"{plain(now)} - {plain(was)} = {plain(now - was)}"
    return f"{product}; {difference}" if product else difference


def _taken_back(standing: Pricing, rate_id: str | None) -> tuple[ExplainedLine, ...]:
    return tuple(
        ExplainedLine(
            line,
            _card_of(line, rate_id),
            f"0 - {plain(line.cost or 0)} = {plain(-(line.cost or 0))}",
            -(line.cost or 0),
        )
        for line in standing.lines
    )
