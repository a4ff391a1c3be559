"""Statistics from the records: of an hour whenever something has come to it, of a day when it is closed.

Nothing is ever incremented. An hour is summed anew from all of its records, and so is a day. Those of them that have
expired count as they were sealed.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metering.aws import keys
from metering.aws.account_items import item_to_project
from metering.aws.objects import Objects
from metering.aws.outbox import event_write
from metering.aws.records import Records, all_counted
from metering.aws.seals import read_hours
from metering.aws.statistics import (
    Statistics,
    closing_writes,
    confirming_writes,
    next_version,
    note_rolled,
    read_days,
    read_tally,
    version_of,
    write_tally,
)
from metering.aws.tables import get
from metering.aws.tallies import tally_counted
from metering.aws.transaction import Deadline, RefusedError, Write, commit
from metering.domain.days import Day, hours_of
from metering.domain.errors import UnavailableError
from metering.domain.money import money, plain
from metering.domain.statistics import NO_DRIFT, TOTAL, Drift, Figures, Tally, drift_of, merge_tallies

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Ledger:
    """Where records and statistics are, and what is kept of expired records."""

    client: "DynamoDBClient"
    records_table: str
    statistics_table: str
    meters_table: str
    accounts_table: str
    deadline: Deadline
    archive: Objects

    def statistics(self, project: str) -> Statistics:
        return Statistics(self.client, self.statistics_table, project, self.deadline)

    def records(self, project: str) -> Records:
        """A project's records, over as many shards as it has by now."""
        item = get(self.client, self.accounts_table, keys.project(project), self.deadline)
        shards = item_to_project(item).shards if item else 1
        return Records(self.client, self.records_table, project, shards, self.deadline)


@dataclass(frozen=True)
class Roller(Ledger):
    """Sums the records of a ledger."""

    counting_reader: "DynamoDBClient"
    """One of `make_counting_reader`."""


def roll_up_hour(roller: Roller, project: str, hour: str, now: str) -> Tally:
    """Sums an hour (`2026-11-24T10`) anew.

    Where another rollup of the hour began meanwhile, what was written may be older than what that one wrote: then it
    is done again.
    """
    statistics = roller.statistics(project)
    while True:
        version = next_version(statistics, hour)
        found = _tally(roller, project, _past_day(statistics, hour[:10], now), hour[11:13])
        write_tally(statistics, "hour", hour, found)
        if version_of(statistics, hour) == version:
            if found[TOTAL]:
                note_rolled(statistics, hour[:10], now)
            return found
        _may_go_on(roller)


def _past_day(statistics: Statistics, date: str, now: str) -> Day:
    """How a past day stands; a day that is not past has nothing sealed, and is not looked up."""
    known = read_days(statistics, date, date) if date < now[:10] else iter(())
    return next(known, Day(date, "open"))


def _tally(roller: Roller, project: str, day: Day, hour: str = "") -> Tally:
    """The records of a day or of an hour of it, what is sealed of them as it was."""
    records = replace(roller.records(project), client=roller.counting_reader)
    found = all_counted(records, day.date, hour)
    if not day.sealed:
        return tally_counted(found, day.date)
    later = tally_counted((one for one in found if not one.is_sealed(day.sealed)), day.date)
    sealed = read_hours(roller.archive, project, day.date, day.sealed)
    return merge_tallies([later, *(found for name, found in sealed.items() if hour in {"", name})])


def _may_go_on(roller: Roller) -> None:
    if roller.deadline.remaining() <= 0:
        raise UnavailableError("usage keeps coming; the rollup comes again with the queue's next message")


@dataclass(frozen=True)
class Closed:
    """A day as it was closed."""

    day: Day
    total: Figures
    anew: bool
    """Whether it was closed now; otherwise it was final, and stays as it is."""
    drift: Drift
    """How far the sum of the hours was from the records; nothing unless something went wrong."""


def close_day(roller: Roller, project: str, date: str, now: str) -> Closed | None:
    """Sums a past day from its records, measures how far its hours were off, makes it final and tells of it.

    Usage that comes while it is being closed opens it again, so it is done again until none has. A day that is final
    and has the figures of its records stays as it is, and so does one that never had usage. None: hours of the day
    wait for their rollup, which asks for its closing once more; what is final would differ from its hours until then.

    Raises:
        ValueError: the day is not past.
    """
    if date >= now[:10]:
        raise ValueError(f"{date} is not past")
    statistics = roller.statistics(project)
    drift = NO_DRIFT
    while True:
        day = next(read_days(statistics, date, date), Day(date, "open"))
        found = _tally(roller, project, day)
        closed = Closed(day, found[TOTAL].get(None, Figures()), anew=False, drift=drift)
        if not (found[TOTAL] or day.revision):
            return closed
        writes = confirming_writes(statistics, day)
        if not _is_closed(statistics, day, found):
            off = drift_of(found, read_tally(statistics, "hour", date))
            if off.groups and not day.rests(now):
                return None
            drift = max(drift, off)
            _write_day(roller, statistics, date, found, off, now)
            closed = replace(closed, day=day.closed(now), anew=True, drift=drift)
            writes = [*closing_writes(statistics, day, now), _day_closed(roller, project, closed, now)]
        if _is_committed(roller, writes):
            return closed
        _may_go_on(roller)


def _is_closed(statistics: Statistics, day: Day, found: Tally) -> bool:
    """Whether a day is final with what was found."""
    return day.status == "final" and read_tally(statistics, "day", day.date) == found


def _write_day(roller: Roller, statistics: Statistics, date: str, found: Tally, off: Drift, now: str) -> None:  # noqa: PLR0913, PLR0917  # a day and its hours
    """Overwrites a day's figures; its hours are summed anew if they are off."""
    if off.groups:
        for hour in hours_of(date):
            roll_up_hour(roller, statistics.project, hour, now)
    write_tally(statistics, "day", date, found)


def _is_committed(roller: Roller, writes: list[Write]) -> bool:
    """False if usage has come to the day meanwhile."""
    try:
        commit(roller.client, writes, roller.deadline)
    except RefusedError:
        return False
    return True


def _day_closed(roller: Roller, project: str, closed: Closed, now: str) -> Write:
    total = closed.total
    data = {
        "date": closed.day.date,
        "revision": closed.day.revision,
        "cost": money(total.cost),
        "costUsd": plain(total.cost),
        "billed": money(total.billed),
        "billedUsd": plain(total.billed),
        "records": total.records,
        "unrated": total.unrated,
    }
    scope_key = keys.scope(project, "project", project)
    return event_write(roller.meters_table, scope_key, project, "usage.day_closed", data, now)
