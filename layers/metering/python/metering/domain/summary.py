"""Comparison and foresight from daily figures: change, projection, movers, days that stand out.

Costs are pico-USD. Everything is integers, compared exactly and rounded only where a figure is shown. Days are dates
`YYYY-MM-DD`; a day is full once it is over, so that today is never held against a whole day.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from metering.domain.money import PICO_PER_CENT, divide_half_even
from metering.domain.periods import Period, period_of_dates

BASIS_DAYS: Final = 7
"""Full days whose mean is projected."""
LOOK_BACK_DAYS: Final = 28
"""How far back it is looked whether usage began within the basis."""
MOST_MOVERS: Final = 5
FEWEST_DAYS: Final = 7
"""Full days below which none stands out."""
OUTLYING: Final = 350
"""Hundredths of a score, beyond which a day stands out: Iglewicz and Hoaglin, How to Detect and Handle Outliers."""
# 0.6745 is the 75th percentile of the normal distribution, 0.7979 is √(2/π): both make the score one of standard
# deviations. In units of 10^-4.
_BY_MEDIAN: Final = 6745
_BY_MEAN: Final = 7979
_SHARE: Final = 10_000
_HUNDREDTHS: Final = 100

PROJECTION_METHOD: Final = (
    "What the month has cost so far, plus the mean of the last 7 full days for every day that is left; of today, what "
    "the mean exceeds its cost so far by. Where nothing cost anything in the weeks before those 7 days, they begin "
    "with the first that did."
)
STANDOUT_METHOD: Final = (
    "Modified z-score: 0.6745 × (cost - median) ÷ median absolute deviation, over the full days of the range and of "
    "the period before, from the first with a cost on, 7 at least. Where over half of the days cost the same, the "
    "deviation is the mean absolute one and the factor 0.7979. A day of the range stands out where the score is beyond "
    "3.5 and its cost is off the median by a cent or more."
)


def period_before(period: Period) -> Period:
    """The period of the same length that ends where this one begins.

    Raises:
        ValueError: the calendar does not go back that far.
    """
    days = len(period.days())
    first = date.fromisoformat(period.start[:10])
    try:
        return period_of_dates(str(first - timedelta(days=days)), str(first - timedelta(days=1)))
    except OverflowError:
        raise ValueError("the range leaves no room for the period before it") from None


class Change(NamedTuple):
    """A figure and what it was before."""

    before: int
    now: int

    @property
    def difference(self) -> int:
        return self.now - self.before

    @property
    def hundredths_of_percent(self) -> int | None:
        """The difference in hundredths of a percent of what was before, rounded half to even; None if that was none."""
        return divide_half_even(_SHARE * self.difference, self.before) if self.before > 0 else None


class Movers(NamedTuple):
    """The largest changes, by difference, then by key."""

    up: list[tuple[str, Change]]
    down: list[tuple[str, Change]]


def movers(before: Mapping[str, int], now: Mapping[str, int]) -> Movers:
    """Whose cost has changed most between two periods; who stands in one alone cost nothing in the other."""
    changes = [(key, Change(before.get(key, 0), now.get(key, 0))) for key in before.keys() | now.keys()]
    changes.sort(key=lambda entry: (-abs(entry[1].difference), entry[0]))
    return Movers(
        [entry for entry in changes if entry[1].difference > 0][:MOST_MOVERS],
        [entry for entry in changes if entry[1].difference < 0][:MOST_MOVERS],
    )


class Projection(NamedTuple):
    """What the month of `today` comes to if its days go on as the last ones."""

    month: str
    """`YYYY-MM`."""
    so_far: int
    """Today's cost so far included."""
    basis_days: int
    """Full days whose mean was taken: 7, fewer if usage began within them, 0 if it began today."""
    per_day: int | None
    projected: int | None
    """Rounded once, half to even; None without a full day to go by."""


def month_of(today: str) -> Period:
    """The calendar month of a date."""
    first = date.fromisoformat(today).replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return period_of_dates(str(first), str(last))


def projection_period(today: str) -> Period:
    """The days whose costs `project_month` needs: the month so far, or the last 28 full days; today is the last."""
    back = date.fromisoformat(today) - timedelta(days=LOOK_BACK_DAYS)
    return period_of_dates(min(today[:8] + "01", str(back)), today)


def project_month(costs: Mapping[str, int], today: str) -> Projection:
    """Projects the cost of the month of `today` from the days of `projection_period`, whose costs default to 0."""
    month = month_of(today)
    so_far = sum(cost for day, cost in costs.items() if month.start[:10] <= day <= today)
    basis = _basis(costs, today)
    if not basis:
        return Projection(today[:7], so_far, 0, None, None)
    days, total = len(basis), sum(costs.get(day, 0) for day in basis)
    left = len([day for day in month.days() if day > today])
    of_today = max(0, total - days * costs.get(today, 0))
    projected = divide_half_even(days * so_far + of_today + left * total, days)
    return Projection(today[:7], so_far, days, divide_half_even(total, days), projected)


def _basis(costs: Mapping[str, int], today: str) -> list[str]:
    end = date.fromisoformat(today)
    days = [str(end - timedelta(days=n)) for n in range(BASIS_DAYS, 0, -1)]
    begun = min((day for day, cost in costs.items() if cost and day <= today), default="")
    return [day for day in days if day >= begun]


class Standout(NamedTuple):
    """A day whose cost is far from that of the others."""

    date: str
    cost: int
    score: int
    """Hundredths, below 0 for a day that cost less."""


class Standouts(NamedTuple):
    """The days that stand out, in order of time, and what they were held against."""

    sample_days: int
    median: int
    """Rounded half to even; compared exactly."""
    days: list[Standout]


def standouts(costs: Sequence[tuple[str, int]], first: str, today: str) -> Standouts:
    """The days from `first` on that stand out of all full days of `costs`, which are in order of time."""
    full = [(day, cost) for day, cost in costs if day < today]
    begun = next((place for place, (_, cost) in enumerate(full) if cost), len(full))
    sample = full[begun:]
    if not sample:
        return Standouts(0, 0, [])
    twice_median = _twice_median([cost for _, cost in sample])
    median = divide_half_even(twice_median, 2)
    if len(sample) < FEWEST_DAYS:
        return Standouts(len(sample), median, [])
    # All in halves of a pico-USD, so that the median of an even number of days is exact.
    off = [2 * cost - twice_median for _, cost in sample]
    scale = _scale([abs(each) for each in off])
    found = [
        Standout(day, cost, scale.score(each))
        for (day, cost), each in zip(sample, off, strict=True)
        if day >= first and scale.is_outlying(each)
    ]
    return Standouts(len(sample), median, found)


def _twice_median(values: Sequence[int]) -> int:
    """Twice the median, an integer: the sum of the two in the middle."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]


class _Scale(NamedTuple):
    """A score is `off` × `factor` × 10^-4 × `parts` ÷ `whole`."""

    factor: int
    parts: int
    whole: int

    def score(self, off: int) -> int:
        """In hundredths, rounded half to even."""
        return divide_half_even(off * self.factor * self.parts * _HUNDREDTHS, _SHARE * self.whole)

    def is_outlying(self, off: int) -> bool:
        beyond = abs(off) * self.factor * self.parts * _HUNDREDTHS > OUTLYING * _SHARE * self.whole
        return beyond and abs(off) >= 2 * PICO_PER_CENT


def _scale(distances: Sequence[int]) -> _Scale:
    """By the median of the distances; by their mean where that is 0. Where all are 0, nothing is beyond it."""
    if twice_median := _twice_median(distances):
        return _Scale(_BY_MEDIAN, 2, twice_median)
    return _Scale(_BY_MEAN, len(distances), sum(distances) or 1)
