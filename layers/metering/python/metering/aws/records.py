"""Queries of usage records."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metering.aws import keys
from metering.aws.counted import COUNTED, Counted
from metering.aws.items import item_to_record
from metering.aws.tables import get, query, query_pages
from metering.aws.transaction import Deadline, Item
from metering.domain.periods import Period
from metering.domain.usage import UsageRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_DAYS_AT_ONCE: Final = 32
_THREADS: Final = 8


@dataclass(frozen=True)
class Records:
    """A project's usage records."""

    client: "DynamoDBClient"
    table: str
    project: str
    shards: int
    deadline: Deadline


class Placed(NamedTuple):
    """A record and its place in the order of its list: an opaque text behind which the next page begins."""

    place: str
    record: UsageRecord


class Page(NamedTuple):
    """Records of a list."""

    records: list[Placed]
    rest: str | None = None
    """The place behind which the search goes on, where time ran short before as many were found as were wanted."""


class Filter(NamedTuple):
    """Which records of a range to list; None means any."""

    session_id: str | None = None
    service: str | None = None
    model_id: str | None = None

    def expression(self) -> dict[str, Any]:
        """The filter of a Query; it spares the transfer, not the read."""
        wanted = {"session": self.session_id, "service": self.service, "model": self.model_id}
        set_ones = {name: value for name, value in wanted.items() if value is not None}
        if not set_ones:
            return {}
        return {
            "FilterExpression": " AND ".join(f"#{name} = :{name}" for name in set_ones),
            "ExpressionAttributeNames": {f"#{name}": name for name in set_ones},
            "ExpressionAttributeValues": {f":{name}": {"S": value} for name, value in set_ones.items()},
        }

    def fits(self, record: UsageRecord) -> bool:
        """Whether a record is wanted."""
        event = record.event
        has = (event.session_id, event.service, event.model_id)
        return all(want is None or want == value for want, value in zip(self, has, strict=True))


EVERYTHING: Final = Filter()


def get_record(records: Records, record_id: str) -> UsageRecord | None:
    """The record of an id, as of now."""
    key = {"recordKey": {"S": keys.record(records.project, record_id)}}
    item = get(records.client, records.table, key, records.deadline)
    return item_to_record(item) if item else None


def half_time(deadline: Deadline) -> Callable[[], bool]:
    """Says whether half of the time that is left by now has passed."""
    left = deadline.remaining()
    return lambda: 2 * deadline.remaining() < left


def records_of_days(records: Records, days: list[str], wanted: Filter, after: str | None, most: int) -> Page:
    """At most `most` records of the days, in order of time, from behind the place `after`.

    Empty days are passed over quickly: as long as nothing comes, twice as many are asked for at once. A year of 64
    shards is 23,000 queries all the same, and a filter may pass over any number of records; so a search ends at half
    of its time, and says where it goes on.
    """
    found: list[Placed] = []
    is_late = half_time(records.deadline)
    day_after, _, moment_after = (after or "").partition("T")
    waiting = [day for day in days if day >= day_after]
    at_once = 1
    with ThreadPoolExecutor(_THREADS) as threads:
        while waiting and len(found) < most:
            chunk, waiting = waiting[:at_once], waiting[at_once:]
            missing = most - len(found)
            jobs = [
                threads.submit(
                    _records_of_day, records, day, wanted, moment_after if day == day_after else "", missing, is_late
                )
                for day in chunk
            ]
            for page in (job.result() for job in jobs):
                found.extend(page.records)
                if page.rest is not None and len(found) < most:
                    return Page(found, page.rest)
            if is_late() and waiting and len(found) < most:
                return Page(found, f"{waiting[0]}T")
            at_once = min(2 * at_once, _MOST_DAYS_AT_ONCE)
    return Page(found[:most])


def _records_of_day(  # noqa: PLR0913, PLR0917  # one day of a search
    records: Records, day: str, wanted: Filter, after: str, most: int, is_late: Callable[[], bool]
) -> Page:
    shards = [_entries_of_shard(records, day, shard, wanted, after, most, is_late) for shard in range(records.shards)]
    found: list[Placed] = []
    for moment, item in heapq.merge(*shards, key=itemgetter(0)):
        if item is None:
            return Page(found, f"{day}T{moment}")
        found.append(Placed(f"{day}T{moment}", item_to_record(item)))
        if len(found) == most:
            break
    return Page(found)


def _entries_of_shard(  # noqa: PLR0913, PLR0917  # one shard of one day of a search
    records: Records, day: str, shard: int, wanted: Filter, after: str, most: int, is_late: Callable[[], bool]
) -> Iterator[tuple[str, Item | None]]:
    """Moments and items of a shard; None for the item: it was read no further than to this moment, for want of time."""
    for items, last in _pages_of_shard(records, day, shard, wanted, after, most):
        yield from ((item["moment"]["S"], item) for item in items)
        if last is not None and is_late():
            yield last["moment"]["S"], None
            return


def _pages_of_shard(  # noqa: PLR0913, PLR0917  # the same
    records: Records, day: str, shard: int, wanted: Filter, after: str, most: int
) -> Iterator[tuple[Sequence[Item], Item | None]]:
    expression = wanted.expression()
    values = {
        **expression.pop("ExpressionAttributeValues", {}),
        ":day": {"S": keys.day(records.project, day, shard)},
        ":after": {"S": after or " "},
    }
    # A page of a filtered Query holds fewer than it read, so only an unfiltered one is told how many are wanted.
    limit = {} if expression else {"Limit": most}
    return query_pages(
        records.client,
        records.deadline,
        TableName=records.table,
        IndexName=keys.BY_DAY,
        KeyConditionExpression="#day = :day AND moment > :after",
        ExpressionAttributeValues=values,
        ExpressionAttributeNames={**expression.pop("ExpressionAttributeNames", {}), "#day": "day"},
        **expression,
        **limit,
    )


def records_of_run(  # noqa: PLR0913, PLR0917  # a search in a run
    records: Records, run_id: str, period: Period, wanted: Filter, after: str | None, most: int
) -> Page:
    """At most `most` records of a run and a period, in order of step and time, from behind the place `after`."""
    found: list[Placed] = []
    is_late = half_time(records.deadline)
    for items, last in _pages_of_run(records, run_id, after):
        placed = (Placed(item["step"]["S"], item_to_record(item)) for item in items)
        found.extend(one for one in placed if _within(one.record, period) and wanted.fits(one.record))
        if len(found) >= most:
            break
        if last is not None and is_late():
            return Page(found, last["step"]["S"])
    return Page(found[:most])


def items_of_run(records: Records, run_id: str) -> Iterator[Item]:
    """The items of a run's records in order of step and time."""
    for items, _ in _pages_of_run(records, run_id):
        yield from items


def _pages_of_run(
    records: Records, run_id: str, after: str | None = None
) -> Iterator[tuple[Sequence[Item], Item | None]]:
    return query_pages(
        records.client,
        records.deadline,
        TableName=records.table,
        IndexName=keys.BY_RUN,
        KeyConditionExpression="run = :run AND step > :after",
        ExpressionAttributeValues={
            ":run": {"S": keys.run(records.project, run_id)},
            ":after": {"S": after or " "},
        },
    )


def _within(record: UsageRecord, period: Period) -> bool:
    return period.start <= record.occurred.instant < period.end


def all_items(records: Records, date: str, hour: str = "", attributes: Sequence[str] = ()) -> Iterator[Item]:
    """The items of every record of a day, or of one hour of it (`00` to `23`), shard after shard.

    `attributes` names those that are wanted, if not all; what is not sent need not be parsed.
    """
    first, last = (f"{hour}:", f"{hour}:~") if hour else (" ", "~")
    return chain.from_iterable(
        _items_of(records, date, shard, first, last, attributes) for shard in range(records.shards)
    )


def all_counted(records: Records, date: str, hour: str = "") -> Iterator[Counted]:
    """What counts of every record of a day or of an hour of it; the client is one of `make_counting_reader`."""
    found: Iterator[Any] = all_items(records, date, hour, COUNTED)
    return found


def items_in_order(records: Records, date: str) -> Iterator[Item]:
    """The items of a day's records in order of time, page by page: never more than a page of each shard at once."""
    shards = [_items_of(records, date, shard, " ", "~", ()) for shard in range(records.shards)]
    return heapq.merge(*shards, key=lambda item: item["moment"]["S"])


def _items_of(  # noqa: PLR0913, PLR0917  # a range of one shard of one day
    records: Records, date: str, shard: int, first: str, last: str, attributes: Sequence[str]
) -> Iterator[Item]:
    names = {f"#{name}": name for name in {"day", *attributes}}
    projection = {"ProjectionExpression": ", ".join(f"#{name}" for name in attributes)} if attributes else {}
    return query(
        records.client,
        records.deadline,
        TableName=records.table,
        IndexName=keys.BY_DAY,
        KeyConditionExpression="#day = :day AND moment BETWEEN :first AND :last",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={
            ":day": {"S": keys.day(records.project, date, shard)},
            ":first": {"S": first},
            ":last": {"S": last},
        },
        **projection,
    )
