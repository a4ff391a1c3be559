"""Views: figures of a range by a dimension.

One Query is for its closed days and one for each run of open ones. Where it does not matter which day something was,
months that are summed stand for their days.

Of a dimension with many values, days can be had of the largest alone: which they are the months say, what they were
each day is got value by value, and all others are what remains of the day's total.

Days may be closed and opened, and months summed, while a view is read. So it is looked before and after how they stand,
and read again where that has changed; a view that never comes to rest is not final.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, NamedTuple

from metering.aws.statistics import Statistics, read_groups, read_some, read_standing
from metering.domain.days import Day, Standing, hours_of, span_of, unknown_day
from metering.domain.periods import Period
from metering.domain.statistics import TOTAL, Figures, Groups, Key

_ATTEMPTS: Final = 3
_MANY: Final = 10
"""For so many values for each that is told apart it takes less to get those day by day: a get takes the read units of
twelve rows of a Query (1, and 0.08 at 320 bytes), and a hundred of them about as long as a page of 3,277 rows."""


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
    others: Mapping[str, Figures] | None = None
    """Slot by slot, what is not among the rows; None where all is."""

    def by_slot(self) -> dict[str, Groups]:
        found: dict[str, Groups] = {slot: {} for slot in self.slots}
        for slot, key, figures in self.rows:
            found[slot].setdefault(key, Figures()).merge(figures)
        return found

    def by_key(self) -> Groups:
        return _groups_of(self.rows)

    def total(self) -> Figures:
        total = total_of(self.by_key())
        for figures in (self.others or {}).values():
            total.merge(figures)
        return total


class Found(NamedTuple):
    """What a view is made of; see there."""

    slots: list[str]
    rows: Iterable[Row]
    others: Mapping[str, Figures] | None = None


def _groups_of(rows: Iterable[Row]) -> Groups:
    found: Groups = {}
    for row in rows:
        _add(found, row)
    return found


def _add(groups: Groups, row: Row) -> None:
    group = groups.get(row.key)
    if group is None:
        group = groups[row.key] = Figures()
    group.merge(row.figures)


def by_cost(groups: Groups) -> list[tuple[Key, Figures]]:
    """The most expensive first; of equals in order of their keys."""
    return sorted(groups.items(), key=lambda group: (-group[1].cost, group[0] or ""))


def _largest(groups: Groups, top: int) -> set[Key]:
    return {key for key, _ in by_cost(groups)[:top]}


def with_largest(view: View, top: int) -> View:
    """A view that tells apart its `top` most expensive groups alone; all others are one sum in each slot."""
    kept = _largest(view.by_key(), top)
    return replace(
        view, rows=[row for row in view.rows if row.key in kept], others=_others(view.slots, view.rows, kept)
    )


def _others(slots: Iterable[str], rows: Iterable[Row], kept: set[Key]) -> dict[str, Figures]:
    others = {slot: Figures() for slot in slots}
    for slot, key, figures in rows:
        if key not in kept:
            others[slot].merge(figures)
    return others


def total_of(groups: Groups) -> Figures:
    total = Figures()
    for figures in groups.values():
        total.merge(figures)
    return total


def view_days(statistics: Statistics, dimension: str, period: Period, now: str) -> View:
    """The days of a range by a dimension."""
    dates = period.days()

    def read(standing: Standing) -> Found:
        return Found(dates, _rows_of(statistics, dimension, dates, standing.days))

    return _at_rest(statistics, period, now, read)


def view_largest(statistics: Statistics, dimension: str, period: Period, now: str, top: int) -> View:
    """The days of a range by the `top` most expensive values of a dimension in the range, and the sum of all others."""
    dates = period.days()

    def read(standing: Standing) -> Found:
        summed = _summed_months(standing, dimension)
        sums: Groups = {}
        near = []
        for row in _rows_of_slots(statistics, dimension, _slots_of(dates, summed), standing):
            _add(sums, row)
            if row.slot not in summed:
                near.append(row)
        if len(sums) <= _MANY * top:
            return Found(dates, _rows_of(statistics, dimension, dates, standing.days))
        far = [date for date in dates if date[:7] in summed]
        kept = _largest(sums, top)
        rows = [Row(*row) for row in read_some(statistics, "day", dimension, far, kept)]
        others = {**_others(dates, near, kept), **_remaining(statistics, far, rows)}
        return Found(dates, [*rows, *(row for row in near if row.key in kept)], others)

    view = _at_rest(statistics, period, now, read)
    return view if view.others is not None else with_largest(view, top)


def view_range(statistics: Statistics, dimension: str, period: Period, now: str) -> View:
    """A range by a dimension, whenever in it something was: all under its first day. Memory holds no more than groups.

    Months that are summed are read in place of their days.
    """
    dates = period.days()

    def read(standing: Standing) -> Found:
        slots = _slots_of(dates, _summed_months(standing, dimension))
        groups = _groups_of(_rows_of_slots(statistics, dimension, slots, standing))
        return Found(dates[:1], [Row(dates[0], *group) for group in groups.items()])

    return _at_rest(statistics, period, now, read)


def view_hours(statistics: Statistics, dimension: str, period: Period, now: str) -> View:
    """The hours of a range by a dimension."""
    hours = [hour for date in period.days() for hour in hours_of(date)]

    def read(_: Standing) -> Found:
        return Found(hours, (Row(*row) for row in read_groups(statistics, "hour", dimension, hours[0], hours[-1])))

    return _at_rest(statistics, period, now, read)


def _at_rest(statistics: Statistics, period: Period, now: str, read: Callable[[Standing], Found]) -> View:
    """What `read` finds while nothing is closed, opened or summed."""
    after = _standing(statistics, period, now)
    for _ in range(_ATTEMPTS):
        before = after
        slots, found, others = read(before)
        rows = list(found)
        after = _standing(statistics, period, now)
        if before.closings() == after.closings():
            return View(period, _as_of(before, now), before.all_final(), slots, rows, others)
    return View(period, _as_of(before, now), final=False, slots=slots, rows=rows, others=others)


def _standing(statistics: Statistics, period: Period, now: str) -> Standing:
    dates = period.days()
    known = read_standing(statistics, dates[0], dates[-1])
    return known._replace(days={date: known.days.get(date) or unknown_day(date, now) for date in dates})


def _as_of(standing: Standing, now: str) -> str:
    """When the newest of the range's statistics were made; now, if there are none."""
    return max((day.rolled_at for day in standing.days.values()), default="") or now


def _summed_months(standing: Standing, dimension: str) -> set[str]:
    return {month for month in standing.months if standing.is_summed(month, dimension)}


def _slots_of(dates: list[str], summed: set[str]) -> list[str]:
    """The days, and in place of theirs the months that are summed."""
    return list(dict.fromkeys(date[:7] if date[:7] in summed else date for date in dates))


def _remaining(statistics: Statistics, dates: list[str], rows: Iterable[Row]) -> dict[str, Figures]:
    """What remains of closed days' totals without the rows, day by day."""
    left = {date: Figures() for date in dates}
    if dates:
        for date, _, total in read_groups(statistics, "day", TOTAL, dates[0], dates[-1]):
            if date in left:
                left[date] = total
    for date, _, figures in rows:
        left[date] = left[date].less(figures)
    return left


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
