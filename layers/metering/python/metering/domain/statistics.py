"""Sums over usage records: exact figures, by dimension and value.

Whatever the dimension, its groups add up to the total: each record counts in exactly one group. Only the category
divides a record's money and quantities, line by line; the record itself counts under its first line's, and
what corrects it with it.
"""

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from metering.domain.metrics import CATEGORY_OF
from metering.domain.rates import provider_of
from metering.domain.usage import UsageRecord

Key = str | None
"""The value of a dimension; None where an event names none."""
MOST_METRICS: Final = 1000
"""Of a sum: whoever reports usage may name any number of metrics, and an item of a table has no room for them."""


def first_metrics(metrics: Iterable[str]) -> list[str]:
    """Those metrics that a sum has: the ones that need no declaration, then others in order of their names.

    The order is the same for every sum. So a metric that the sum of all parts has is among those of each part, and its
    quantities add up exactly, however the parts were divided and whenever each was cut.
    """
    return heapq.nsmallest(MOST_METRICS, metrics, key=lambda metric: (metric not in CATEGORY_OF, metric))


@dataclass
class Figures:
    """What a set of records adds up to. Money in pico-USD, quantities in units of 10^-12."""

    cost: int = 0
    billed: int = 0
    records: int = 0
    """Usage that stands: not voided, and no corrections."""
    unrated: int = 0
    """Those with at least one metric that has no rate."""
    duration_ms: int = 0
    metrics: dict[str, int] = field(default_factory=dict)
    last: str = field(default="", compare=False)
    """The latest instant of what is counted, or empty."""

    def add(self, record: UsageRecord) -> None:
        """Counts a record, or what a correction changes."""
        self.cost += record.pricing.cost
        self.billed += record.pricing.billed
        self.count(record)
        for line in record.pricing.lines:
            self.measure(line.metric, line.quantity)
        self.cut()

    def count(self, record: UsageRecord) -> None:
        """Counts that there is a record, without its lines."""
        correction = record.correction
        sign = 1 if correction is None else -1 if correction.kind == "void" else 0
        self.records += sign
        self.unrated += correction.unrated_change if correction else bool(record.pricing.unrated)
        self.duration_ms += sign * (record.event.duration_ms or 0)
        self.last = max(self.last, record.occurred.instant)

    def measure(self, metric: str, quantity: int) -> None:
        self.metrics[metric] = self.metrics.get(metric, 0) + quantity

    def cut(self) -> None:
        """Leaves out the metrics that a sum has no room for; what they cost stays."""
        if len(self.metrics) > MOST_METRICS:
            self.metrics = {metric: self.metrics[metric] for metric in first_metrics(self.metrics)}

    def less(self, part: "Figures") -> "Figures":
        """What is left of these figures without those of a part; when the last of it was is not known."""
        left = {metric: quantity - part.metrics.get(metric, 0) for metric, quantity in self.metrics.items()}
        return Figures(
            self.cost - part.cost,
            self.billed - part.billed,
            self.records - part.records,
            self.unrated - part.unrated,
            self.duration_ms - part.duration_ms,
            {metric: quantity for metric, quantity in left.items() if quantity},
        )

    def merge(self, other: "Figures") -> None:
        """Adds what other records add up to."""
        self.cost += other.cost
        self.billed += other.billed
        self.records += other.records
        self.unrated += other.unrated
        self.duration_ms += other.duration_ms
        self.last = max(self.last, other.last)
        for metric, quantity in other.metrics.items():
            self.metrics[metric] = self.metrics.get(metric, 0) + quantity
        self.cut()


Groups = dict[Key, Figures]
Tally = dict[str, Groups]
"""Dimension to value to figures."""

TOTAL: Final = "total"
CATEGORY: Final = "category"
_KEY_OF: Final[Mapping[str, Callable[[UsageRecord], Key]]] = {
    TOTAL: lambda _: None,
    "service": lambda record: record.event.service,
    "model": lambda record: record.event.model_id,
    "provider": lambda record: provider_of(record.event.service, record.event.provider, record.event.model_id),
    "user": lambda record: record.event.user_id,
    "session": lambda record: record.event.session_id,
    "persona": lambda record: record.event.persona_id,
    "tool": lambda record: record.event.tool_id,
    "stepType": lambda record: record.event.step_type,
    "run": lambda record: record.event.run_id,
}
DIMENSIONS: Final = (*_KEY_OF, CATEGORY)


def tally(records: Iterable[UsageRecord]) -> Tally:
    """Sums records by every dimension."""
    found: Tally = {dimension: {} for dimension in DIMENSIONS}
    for record in records:
        for dimension, key_of in _KEY_OF.items():
            found[dimension].setdefault(key_of(record), Figures()).add(record)
        _add_by_category(found[CATEGORY], record)
    return found


def _add_by_category(groups: Groups, record: UsageRecord) -> None:
    lines = record.pricing.lines
    category = record.correction.category if record.correction else lines[0].category
    groups.setdefault(category, Figures()).count(record)
    for line in lines:
        figures = groups.setdefault(line.category, Figures())
        figures.cost += line.cost or 0
        figures.billed += (line.cost or 0) if line.billable else 0
        figures.measure(line.metric, line.quantity)
        figures.cut()


def merge_tallies(tallies: Iterable[Tally]) -> Tally:
    """The tally of all records that the given ones count."""
    merged: Tally = {dimension: {} for dimension in DIMENSIONS}
    for one in tallies:
        for dimension, groups in one.items():
            for key, figures in groups.items():
                merged[dimension].setdefault(key, Figures()).merge(figures)
    return merged


class Drift(NamedTuple):
    """How far two tallies of the same records are apart."""

    groups: int
    """Values of dimensions whose figures differ in anything."""
    cost: int
    """Pico-USD that differ, in the dimension where most do."""


NO_DRIFT: Final = Drift(0, 0)


def drift_of(one: Tally, other: Tally) -> Drift:
    """What two tallies differ by; what one of them lacks is zero there."""
    differing = [_differing(one[dimension], other[dimension]) for dimension in DIMENSIONS]
    return Drift(sum(map(len, differing)), max(map(sum, differing)))


def _differing(one: Groups, other: Groups) -> list[int]:
    """The differences in cost of the groups that differ."""
    pairs = [(one.get(key, Figures()), other.get(key, Figures())) for key in one.keys() | other.keys()]
    return [abs(left.cost - right.cost) for left, right in pairs if left != right]


@dataclass
class RunFigures:
    """A run's total, and the same by model and by step."""

    total: Figures
    models: dict[Key, Figures]
    steps: dict[tuple[int | None, str | None], Figures]


def run_figures(records: Iterable[UsageRecord]) -> RunFigures:
    """Sums the records of one run; models and steps each add up to the total."""
    run = RunFigures(Figures(), {}, {})
    for record in records:
        event = record.event
        run.total.add(record)
        run.models.setdefault(event.model_id, Figures()).add(record)
        run.steps.setdefault((event.step_index, event.step_type), Figures()).add(record)
    return run
