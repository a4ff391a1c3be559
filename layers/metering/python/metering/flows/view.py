"""Views: figures of a range by a dimension, one Query for its closed days and one for each run of open ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from metering.aws.statistics import Statistics, read_days, read_groups
from metering.domain.days import Day, hours_of, unknown_day
from metering.domain.periods import Period
from metering.domain.statistics import Figures, Groups, Key


class Row(NamedTuple):
    """A day's or an hour's figures of one value."""

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
        found: Groups = {}
        for _, key, figures in self.rows:
            found.setdefault(key, Figures()).merge(figures)
        return found


def total_of(groups: Groups) -> Figures:
    total = Figures()
    for figures in groups.values():
        total.merge(figures)
    return total


def view_days(statistics: Statistics, dimension: str, period: Period, now: str) -> View:
    """The days of a range by a dimension."""
    dates = period.days()
    days = _days(statistics, dates, now)
    rows = [
        *_closed_rows(statistics, dimension, dates, days),
        *_open_rows(statistics, dimension, dates, days),
    ]
    return View(period, _as_of(days, now), _all_final(days), dates, rows)


def view_hours(statistics: Statistics, dimension: str, period: Period, now: str) -> View:
    """The hours of a range by a dimension."""
    dates = period.days()
    hours = [hour for date in dates for hour in hours_of(date)]
    rows = [Row(*row) for row in read_groups(statistics, "hour", dimension, hours[0], hours[-1])]
    days = _days(statistics, dates, now)
    return View(period, _as_of(days, now), _all_final(days), hours, rows)


def _days(statistics: Statistics, dates: list[str], now: str) -> dict[str, Day]:
    known = {day.date: day for day in read_days(statistics, dates[0], dates[-1])}
    return {date: known.get(date) or unknown_day(date, now) for date in dates}


def _all_final(days: dict[str, Day]) -> bool:
    return all(day.status == "final" for day in days.values())


def _as_of(days: dict[str, Day], now: str) -> str:
    """When the newest of the range's statistics were made; now, if there are none."""
    return max((day.rolled_at for day in days.values()), default="") or now


def _closed_rows(statistics: Statistics, dimension: str, dates: list[str], days: dict[str, Day]) -> Iterator[Row]:
    if any(day.status == "final" and day.revision for day in days.values()):
        for slot, key, figures in read_groups(statistics, "day", dimension, dates[0], dates[-1]):
            if days[slot].status == "final":
                yield Row(slot, key, figures)


def _open_rows(statistics: Statistics, dimension: str, dates: list[str], days: dict[str, Day]) -> Iterator[Row]:
    for is_open, run in groupby(dates, key=lambda date: days[date].status == "open"):
        if is_open:
            span = list(run)
            hours = read_groups(statistics, "hour", dimension, f"{span[0]}T00", f"{span[-1]}T23")
            yield from (Row(slot[:10], key, figures) for slot, key, figures in hours)
