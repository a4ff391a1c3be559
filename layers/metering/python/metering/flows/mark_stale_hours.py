"""From the stream of records to the rollups that they make necessary."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from metering.aws.rollup_queue import Rollup
from metering.aws.statistics import Statistics, note_open, reopen
from metering.aws.transaction import Item
from metering.domain.periods import stored


class StaleDay(NamedTuple):
    """A day that usage has come to."""

    project: str
    date: str


def stale_hours(items: Iterable[Item]) -> list[Rollup]:
    """The hours of the records, each once."""
    found: dict[Rollup, None] = {}
    for item in items:
        project, date, _ = item["day"]["S"].split("#")
        found[Rollup(project, f"{date}T{item['moment']['S'][:2]}")] = None
    return list(found)


def mark_days(
    statistics_of: Callable[[str], Statistics], hours: Iterable[Rollup], now: datetime, listed: set[StaleDay]
) -> None:
    """Opens the days of hours that are past, at once: a day is not final while a record of it is not counted.

    Other days are open anyway; that they have to be closed is noted unless they are `listed` already.
    """
    instant = stored(now)
    found = {StaleDay(hour.project, hour.slot[:10]) for hour in hours}
    for day in sorted(found):
        if day.date < instant[:10]:
            reopen(statistics_of(day.project), day.date, instant)
        elif day not in listed:
            note_open(statistics_of(day.project), day.date)
            listed.add(day)
    listed -= {day for day in listed if day.date < instant[:10]}
