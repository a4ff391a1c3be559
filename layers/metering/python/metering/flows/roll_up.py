"""Statistics from the records: of an hour whenever something has come to it, of a day when it is closed.

Nothing is ever incremented. An hour is summed anew from all of its records, and so is a day.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metering.aws import keys
from metering.aws.account_items import item_to_project
from metering.aws.outbox import event_write
from metering.aws.records import Records, all_items
from metering.aws.statistics import (
    Statistics,
    close_writes,
    next_version,
    note_rolled,
    read_day_tally,
    read_days,
    version_of,
    write_tally,
)
from metering.aws.tables import get
from metering.aws.tallies import NEEDED, tally_items
from metering.aws.transaction import Deadline, RefusedError, Write, commit
from metering.domain.days import Day
from metering.domain.errors import UnavailableError
from metering.domain.money import money, plain
from metering.domain.statistics import TOTAL, Figures, Tally

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Roller:
    """Where records and statistics are."""

    client: "DynamoDBClient"
    records_table: str
    statistics_table: str
    meters_table: str
    accounts_table: str
    deadline: Deadline

    def statistics(self, project: str) -> Statistics:
        return Statistics(self.client, self.statistics_table, project, self.deadline)

    def records(self, project: str) -> Records:
        """A project's records, over as many shards as it has by now."""
        item = get(self.client, self.accounts_table, keys.project(project), self.deadline)
        shards = item_to_project(item).shards if item else 1
        return Records(self.client, self.records_table, project, shards, self.deadline)


def roll_up_hour(roller: Roller, project: str, hour: str, now: str) -> Tally:
    """Sums an hour (`2026-11-24T10`) anew.

    Where another rollup of the hour began meanwhile, what was written may be older than what that one wrote: then it
    is done again.
    """
    statistics = roller.statistics(project)
    while True:
        version = next_version(statistics, hour)
        found = tally_items(all_items(roller.records(project), hour[:10], hour[11:13], NEEDED))
        write_tally(statistics, "hour", hour, found)
        if version_of(statistics, hour) == version:
            note_rolled(statistics, hour[:10], now)
            return found
        _may_go_on(roller)


def _may_go_on(roller: Roller) -> None:
    if roller.deadline.remaining() <= 0:
        raise UnavailableError("usage keeps coming; the rollup comes again with the queue's next message")


@dataclass(frozen=True)
class Closed:
    """A day as it was closed."""

    day: Day
    total: Figures
    drift: int
    """Pico-USD by which the sum of the hours differed from the records; 0 unless something went wrong."""


def close_day(roller: Roller, project: str, date: str, now: str) -> Closed:
    """Sums a day from its records, measures how far its hours were off, makes it final and tells of it.

    Usage that comes while it is being closed opens it again, so it is done again until none has.
    """
    statistics = roller.statistics(project)
    while True:
        before = next(read_days(statistics, date, date), Day(date, "open"))
        found = tally_items(all_items(roller.records(project), date, attributes=NEEDED))
        hours = read_day_tally(statistics, date)
        total = found[TOTAL].get(None, Figures())
        drift = abs(total.cost - hours[TOTAL].get(None, Figures()).cost)
        write_tally(statistics, "day", date, found)
        after = before._replace(status="final", revision=before.revision + 1, rolled_at=now)
        try:
            commit(roller.client, _closing(roller, statistics, before, total, now), roller.deadline)
        except RefusedError:
            _may_go_on(roller)
            continue
        return Closed(after, total, drift)


def _closing(roller: Roller, statistics: Statistics, day: Day, total: Figures, now: str) -> list[Write]:
    update, delete = close_writes(statistics, day, now)
    data = {
        "date": day.date,
        "revision": day.revision + 1,
        "cost": money(total.cost),
        "costUsd": plain(total.cost),
        "billed": money(total.billed),
        "billedUsd": plain(total.billed),
        "records": total.records,
        "unrated": total.unrated,
    }
    scope_key = keys.scope(statistics.project, "project", statistics.project)
    told = event_write(roller.meters_table, scope_key, statistics.project, "usage.day_closed", data, now)
    return [Write("Update", update), Write("Delete", delete), told]
