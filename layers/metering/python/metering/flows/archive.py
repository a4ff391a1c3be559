"""A closed day's records to the archive, and from then on to their end in the table.

What is archived is what was closed, or nothing is: the file takes the place of the day's former one only if it adds up
to the day's statistics. Where records expire, they are sealed (see `metering.aws.seals`) once the file is there, and
the day is noted as sealed once all are that the file has, and no others.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import IO, Final

from metering.aws import keys
from metering.aws.archive_file import DayFile, Identity, Sums, read_summary, rows_until
from metering.aws.archive_queue import Archiving
from metering.aws.objects import Objects, Upload, open_object, remove, size_of
from metering.aws.records import all_items
from metering.aws.seals import SEAL, is_sealed, read_hours, seal_records, write_hours
from metering.aws.statistics import Statistics, read_days, read_groups, seal_write
from metering.aws.tallies import tally_items
from metering.aws.transaction import Item, RefusedError, Write, commit
from metering.domain.days import Day
from metering.domain.periods import later, unix_seconds
from metering.domain.statistics import TOTAL, Tally, merge_tallies
from metering.flows.roll_up import Ledger

MOST_ATTEMPTS: Final = 5
"""How often a day is tried again whose records do not agree with its statistics, before that is an error."""
LEAST_SECONDS: Final = 10
"""With less time left, sealing is gone on with in another invocation."""
_HOURS: Final = [f"{hour:02d}" for hour in range(24)]


class Outcome(Enum):
    """How it ended."""

    DONE = "done"
    SUPERSEDED = "superseded"
    """The day was opened or closed again; that closing has a message of its own."""
    DIFFERS = "differs"
    """What was read is not what was closed. It may be soon: the index that it is read from follows the table."""
    UNFINISHED = "unfinished"
    """There was not the time to seal every record."""


class DisagreementError(Exception):
    """A day's records are not those that were closed, however often they were read."""


@dataclass(frozen=True)
class Archivist:
    """Where records, statistics and the archive are, and how long archived records stay in the table."""

    ledger: Ledger
    archive: Objects
    retention_days: int
    """0: for ever."""


def archive_day(archivist: Archivist, asked: Archiving, now: str) -> Outcome:
    """Archives a day as it was closed; safe to repeat and to cut short anywhere.

    Raises:
        DisagreementError: its records did not add up to its statistics, as often as that is tried.
    """
    statistics = archivist.ledger.statistics(asked.project)
    day = next(read_days(statistics, asked.date, asked.date), None)
    if day is None or (day.status, day.revision) != ("final", asked.revision):
        return Outcome.SUPERSEDED
    outcome = _archive(archivist, statistics, day, now)
    if outcome is Outcome.DIFFERS and asked.attempt >= MOST_ATTEMPTS:
        raise DisagreementError(f"{asked.project} {asked.date}: the records are not those that were closed")
    return outcome


def _archive(archivist: Archivist, statistics: Statistics, day: Day, now: str) -> Outcome:
    identity = _written(archivist, statistics.project, day) or _write(archivist, statistics, day)
    if identity is None:
        return Outcome.DIFFERS
    if archivist.retention_days and identity.count:
        return _seal(archivist, statistics, day, identity, now)
    return Outcome.DONE


def _open(archivist: Archivist, key: str) -> IO[bytes] | None:
    size = size_of(archivist.archive, key)
    return None if size is None else open_object(archivist.archive, key, size)


def _written(archivist: Archivist, project: str, day: Day) -> Identity | None:
    """The records of the day's file, if all is there that an earlier invocation had to write."""
    file = _open(archivist, keys.archive_object(project, day.date))
    if file is None:
        return None
    said = read_summary(file)
    sealed = keys.sealed_object(project, day.date, day.revision)
    missing = archivist.retention_days and size_of(archivist.archive, sealed) is None
    return said.identity if said.revision == day.revision and not missing else None


def _write(archivist: Archivist, statistics: Statistics, day: Day) -> Identity | None:
    """Writes the day's file, and the tallies of what it has; None if it does not add up to the day's statistics."""
    project = statistics.project
    key = keys.archive_object(project, day.date)
    with Upload(archivist.archive, key) as upload:
        file = DayFile(upload, day.revision)
        if day.sealed and (former := _open(archivist, key)):
            for rows in rows_until(former, day.sealed):
                file.take_over(rows)
        hours = {hour: _pass_hour(archivist, project, day, hour, file) for hour in _HOURS}
        file.finish()
        if file.sums != _closed(statistics, day):
            return None
        if archivist.retention_days:
            write_hours(
                archivist.archive, project, day.date, day.revision, _with_sealed(archivist, project, day, hours)
            )
        if file.rows:
            upload.finish()
        else:
            remove(archivist.archive, key)
    return file.identity


def _pass_hour(archivist: Archivist, project: str, day: Day, hour: str, file: DayFile) -> Tally:
    """Writes the records of an hour; their tally, if it will be needed."""
    passing = file.passing(_unsealed(all_items(archivist.ledger.records(project), day.date, hour), day))
    if archivist.retention_days:
        return tally_items(passing)
    deque(passing, maxlen=0)
    return {}


def _unsealed(items: Iterator[Item], day: Day) -> Iterator[Item]:
    return (item for item in items if not is_sealed(item, day.sealed))


def _with_sealed(archivist: Archivist, project: str, day: Day, hours: dict[str, Tally]) -> dict[str, Tally]:
    if not day.sealed:
        return hours
    sealed = read_hours(archivist.archive, project, day.date, day.sealed)
    return {hour: merge_tallies([found, sealed.get(hour, {})]) for hour, found in hours.items()}


def _closed(statistics: Statistics, day: Day) -> Sums:
    """What the day's records add up to, as it was closed."""
    for _, _, figures in read_groups(statistics, "day", TOTAL, day.date, day.date):
        return Sums(figures.cost, figures.billed, figures.records, figures.unrated)
    return Sums()


def _seal(archivist: Archivist, statistics: Statistics, day: Day, identity: Identity, now: str) -> Outcome:
    ledger = archivist.ledger
    records = ledger.records(statistics.project)
    expires = unix_seconds(later(now, timedelta(days=archivist.retention_days)))
    found = Identity()
    unsealed = _unsealed(all_items(records, day.date, attributes=("recordKey", SEAL)), day)
    for item in seal_records(records, unsealed, day.revision, expires):
        found.add(item)
        if ledger.deadline.remaining() < LEAST_SECONDS:
            return Outcome.UNFINISHED
    if found != identity:
        return Outcome.DIFFERS
    try:
        commit(ledger.client, [Write("Update", seal_write(statistics, day.date, day.revision))], ledger.deadline)
    except RefusedError:
        return Outcome.SUPERSEDED
    return Outcome.DONE
