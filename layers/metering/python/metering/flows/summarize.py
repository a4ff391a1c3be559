"""What the person who pays wants to know of a range: how it compares, where it leads, who moved it, what stands out."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from metering.aws.statistics import Statistics
from metering.domain.periods import Period
from metering.domain.statistics import TOTAL, Figures, Groups
from metering.domain.summary import (
    Movers,
    Projection,
    Standouts,
    movers,
    project_month,
    projection_period,
    standouts,
)
from metering.flows.view import View, total_of, view_days, view_range

MOVING: Final = ("model", "user", "run")
"""The dimensions whose movers are told."""


class Compared(NamedTuple):
    """A range and the period before."""

    before: View
    now: View

    def costs(self) -> list[tuple[str, int]]:
        """The cost of each day, in order of time."""
        return [
            (day, total_of(groups).cost) for view in (self.before, self.now) for day, groups in view.by_slot().items()
        ]


@dataclass(frozen=True)
class Summary:
    days: Compared
    projection: Projection
    movers: dict[str, Movers]
    standouts: Standouts

    def totals(self) -> tuple[Figures, Figures]:
        """Before and now."""
        before, now = self.days
        return total_of(before.by_key()), total_of(now.by_key())


def summarize(statistics: Statistics, period: Period, before: Period, now: str) -> Summary:
    """The summary of a range, all from its daily statistics and those of the period before."""
    today = now[:10]
    days = Compared(view_days(statistics, TOTAL, before, now), view_days(statistics, TOTAL, period, now))
    month = view_days(statistics, TOTAL, projection_period(today), now)
    return Summary(
        days,
        project_month({day: total_of(groups).cost for day, groups in month.by_slot().items()}, today),
        {dimension: _movers(statistics, dimension, period, before, now) for dimension in MOVING},
        standouts(days.costs(), period.start[:10], today),
    )


def _movers(statistics: Statistics, dimension: str, period: Period, before: Period, now: str) -> Movers:
    """Usage that names no model, user or run is nobody's move."""
    views = (view_range(statistics, dimension, one, now) for one in (before, period))
    return movers(*(_costs(view.by_key()) for view in views))


def _costs(groups: Groups) -> dict[str, int]:
    return {key: figures.cost for key, figures in groups.items() if key is not None}
