"""Views: figures of a range by a dimension.

One Query is for its closed days and one for each run of open ones. Where it does not matter which day something was,
months that are summed stand for their days.

Days may be closed and opened, and months summed, while a view is read. So it is looked before and after how they stand,
and read again where that has changed; a view that never comes to rest is not final.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from metering.aws.statistics import Statistics, read_groups, read_standing
from metering.domain.days import Day, Standing, hours_of, span_of, unknown_day
from metering.domain.periods import Period
from metering.domain.statistics import Figures, Groups, Key

_ATTEMPTS: Final = 3


class Row(NamedTuple):
    """The figures of one value in a month, a day or an hour."""

    slot: str
    key: Key
    figures: Figures


@dataclass(frozen=True)
class View:
    """A range by a dimension. Its groups add up to its total, slot by slot and over all."""

    period: Period
    as_of: str
    final: bool
    """Whether every day of the range is closed."""
    slots: list[str]
    """The days or the hours of the range, those without usage among them."""
    rows: list[Row]

    def by_slot(self) -> dict[str, Groups]:
        found: dict[str, Groups] = {slot: {} for slot in self.slots}
        for slot, key, figures in self.rows:
            found[slot].setdefault(key, Figures()).merge(figures)
        return found

    def by_key(self) -> Groups:
        return _groups_of(self.rows)


def _groups_of(rows: Iterable[Row]) -> Groups:
    found: Groups = {}
    for _, key, figures in rows:
        group = found.get(key)
        if group is None:
            group = found[key] = Figures()
        group.merge(figures)
    return found


def total_of(groups: Groups) -> Figures:
    total = Figures()
    for figures in groups.values():
        total.merge(figures)
    return total


def view_days(statistics: Statistics, dimension: str, period: Period, now: str) -> View:
    """The days of a range by a dimension."""
    dates = period.days()

    def read(standing: Standing) -> tuple[list[str], Iterable[Row]]:
        return dates, _rows_of(statistics, dimension, dates, standing.days)

    return _at_rest(statistics, period, now, read)


def view_range(statistics: Statistics, dimension: str, period: Period, now: str) -> View:
    """A range by a dimension, whenever in it something was: all under its first day. Memory holds no more than groups.

    Months that are summed are read in place of their days.
    """
    dates = period.days()

    def read(standing: Standing) -> tuple[list[str], Iterable[Row]]:
        summed = {month for month in standing.months if standing.is_summed(month, dimension)}
        slots = list(dict.fromkeys(date[:7] if date[:7] in summed else date for date in dates))
        groups = _groups_of(_rows_of_slots(statistics, dimension, slots, standing))
        return dates[:1], [Row(dates[0], *group) for group in groups.items()]

    return _at_rest(statistics, period, now, read)


def view_hours(statistics: Statistics, dimension: str, period: Period, now: str) -> View:
    """The hours of a range by a dimension."""
    hours = [hour for date in period.days() for hour in hours_of(date)]

    def read(_: Standing) -> tuple[list[str], Iterable[Row]]:
        return hours, (Row(*row) for row in read_groups(statistics, "hour", dimension, hours[0], hours[-1]))

    return _at_rest(statistics, period, now, read)


def _at_rest(
    statistics: Statistics, period: Period, now: str, read: Callable[[Standing], tuple[list[str], Iterable[Row]]]
) -> View:
    """What `read` finds, as slots and rows, while nothing is closed, opened or summed."""
    after = _standing(statistics, period, now)
    for _ in range(_ATTEMPTS):
        before = after
        slots, found = read(before)
        rows = list(found)
        after = _standing(statistics, period, now)
        if before.closings() == after.closings():
            return View(period, _as_of(before, now), before.all_final(), slots, rows)
    return View(period, _as_of(before, now), final=False, slots=slots, rows=rows)


def _standing(statistics: Statistics, period: Period, now: str) -> Standing:
    dates = period.days()
    known = read_standing(statistics, dates[0], dates[-1])
    return known._replace(days={date: known.days.get(date) or unknown_day(date, now) for date in dates})


def _as_of(standing: Standing, now: str) -> str:
    """When the newest of the range's statistics were made; now, if there are none."""
    return max((day.rolled_at for day in standing.days.values()), default="") or now


def _rows_of_slots(statistics: Statistics, dimension: str, slots: list[str], standing: Standing) -> Iterator[Row]:
    for span, run in groupby(slots, key=span_of):
        found = list(run)
        if span == "month":
            yield from (Row(*row) for row in read_groups(statistics, span, dimension, found[0], found[-1]))
        else:
            yield from _rows_of(statistics, dimension, found, standing.days)


def _rows_of(statistics: Statistics, dimension: str, dates: list[str], days: Mapping[str, Day]) -> Iterator[Row]:
    """The rows of consecutive days."""
    yield from _closed_rows(statistics, dimension, dates, days)
    yield from _open_rows(statistics, dimension, dates, days)


def _closed_rows(statistics: Statistics, dimension: str, dates: list[str], days: Mapping[str, Day]) -> Iterator[Row]:
    if any(days[date].status == "final" and days[date].revision for date in dates):
        for slot, key, figures in read_groups(statistics, "day", dimension, dates[0], dates[-1]):
            if days[slot].status == "final":
                yield Row(slot, key, figures)


def _open_rows(statistics: Statistics, dimension: str, dates: list[str], days: Mapping[str, Day]) -> Iterator[Row]:
    for is_open, run in groupby(dates, key=lambda date: days[date].status == "open"):
        if is_open:
            span = list(run)
            hours = read_groups(statistics, "hour", dimension, f"{span[0]}T00", f"{span[-1]}T23")
            yield from (Row(slot[:10], key, figures) for slot, key, figures in hours)
