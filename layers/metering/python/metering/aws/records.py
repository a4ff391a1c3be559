"""Queries of usage records."""

import heapq
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metering.aws import keys
from metering.aws.items import item_to_record
from metering.aws.tables import get, query
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


def records_of_days(records: Records, days: list[str], wanted: Filter, after: str | None, most: int) -> list[Placed]:
    """At most `most` records of the days, in order of time, from behind the place `after`.

    Empty days are passed over quickly: as long as nothing comes, twice as many are asked for at once.
    """
    found: list[Placed] = []
    day_after, _, moment_after = (after or "").partition("T")
    waiting = [day for day in days if day >= day_after]
    at_once = 1
    with ThreadPoolExecutor(_THREADS) as threads:
        while waiting and len(found) < most:
            chunk, waiting = waiting[:at_once], waiting[at_once:]
            missing = most - len(found)
            jobs = [
                threads.submit(_records_of_day, records, day, wanted, moment_after if day == day_after else "", missing)
                for day in chunk
            ]
            found.extend(chain.from_iterable(job.result() for job in jobs))
            at_once = min(2 * at_once, _MOST_DAYS_AT_ONCE)
    return found[:most]


def _records_of_day(records: Records, day: str, wanted: Filter, after: str, most: int) -> list[Placed]:
    shards = [_items_of_shard(records, day, shard, wanted, after, most) for shard in range(records.shards)]
    merged = heapq.merge(*shards, key=lambda item: item["moment"]["S"])
    return [Placed(f"{day}T{item['moment']['S']}", item_to_record(item)) for item in islice(merged, most)]


def _items_of_shard(  # noqa: PLR0913, PLR0917  # a page of one shard of one day
    records: Records, day: str, shard: int, wanted: Filter, after: str, most: int
) -> Iterator[Item]:
    expression = wanted.expression()
    values = {
        **expression.pop("ExpressionAttributeValues", {}),
        ":day": {"S": keys.day(records.project, day, shard)},
        ":after": {"S": after or " "},
    }
    # A page of a filtered Query holds fewer than it read, so only an unfiltered one is told how many are wanted.
    limit = {} if expression else {"Limit": most}
    return query(
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


def records_of_run(
    records: Records, run_id: str, period: Period | None = None, wanted: Filter = EVERYTHING, after: str | None = None
) -> Iterator[Placed]:
    """The records of a run in order of step and time, those of `period` if given, from behind the place `after`."""
    items = items_of_run(records, run_id, after)
    placed = (Placed(item["step"]["S"], item_to_record(item)) for item in items)
    return (one for one in placed if _within(one.record, period) and wanted.fits(one.record))


def items_of_run(records: Records, run_id: str, after: str | None = None) -> Iterator[Item]:
    """The items of a run's records in order of step and time, from behind the place `after`."""
    return query(
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


def _within(record: UsageRecord, period: Period | None) -> bool:
    return period is None or period.start <= record.occurred.instant < period.end


def all_items(records: Records, date: str, hour: str = "", attributes: Sequence[str] = ()) -> Iterator[Item]:
    """The items of every record of a day, or of one hour of it (`00` to `23`), shard after shard.

    `attributes` names those that are wanted, if not all; what is not sent need not be parsed.
    """
    first, last = (f"{hour}:", f"{hour}:~") if hour else (" ", "~")
    for shard in range(records.shards):
        yield from _items_of(records, date, shard, first, last, attributes)


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
