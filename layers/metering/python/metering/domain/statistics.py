"""Sums over usage records: exact figures, grouped."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from metering.domain.usage import UsageRecord


@dataclass
class Figures:
    """What a set of records adds up to. Money in pico-USD, quantities in units of 10^-12."""

    cost: int = 0
    billed: int = 0
    records: int = 0
    unrated: int = 0
    """Records with at least one metric that has no rate."""
    duration_ms: int = 0
    metrics: dict[str, int] = field(default_factory=dict)

    def add(self, record: UsageRecord) -> None:
        self.cost += record.pricing.cost
        self.billed += record.pricing.billed
        self.records += 1
        self.unrated += bool(record.pricing.unrated)
        self.duration_ms += record.event.duration_ms or 0
        for line in record.pricing.lines:
            self.metrics[line.metric] = self.metrics.get(line.metric, 0) + line.quantity


@dataclass
class RunFigures:
    """A run's total, and the same by model and by step."""

    total: Figures
    models: dict[str | None, Figures]
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
