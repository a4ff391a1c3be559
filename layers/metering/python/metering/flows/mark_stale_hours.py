"""From the stream of records to the rollups that they make necessary."""

from collections.abc import Callable, Iterable
from datetime import datetime

from metering.aws.rollup_queue import Rollup
from metering.aws.statistics import Statistics, reopen
from metering.aws.transaction import Item
from metering.domain.periods import stored


def stale_hours(items: Iterable[Item]) -> list[Rollup]:
    """The hours of the records, each once."""
    found: dict[Rollup, None] = {}
    for item in items:
        project, date, _ = item["day"]["S"].split("#")
        found[Rollup(project, f"{date}T{item['moment']['S'][:2]}")] = None
    return list(found)


def reopen_past_days(statistics_of: Callable[[str], Statistics], hours: Iterable[Rollup], now: datetime) -> None:
    """Opens the days of hours that are past, at once: a day is not final while a record of it is not counted."""
    today = stored(now)[:10]
    past = {(hour.project, hour.slot[:10]) for hour in hours if hour.slot[:10] < today}
    for project, date in sorted(past):
        reopen(statistics_of(project), date)
