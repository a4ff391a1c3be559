"""The table of statistics: figures by month, day or hour, dimension and value, and how days and months stand.

What a rollup writes overwrites what was there, so that running it twice, late, or at once with another does no harm
once the last has run. That it is the last, an hour's version tells: a rollup takes the next version before it reads,
and looks afterwards whether another has taken one since.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from metering.aws import keys
from metering.aws.tables import get, query
from metering.aws.transaction import Deadline, Item, Write, call
from metering.domain.days import Day, Month, Span, Standing, span_of
from metering.domain.statistics import DIMENSIONS, Figures, Groups, Key, Tally

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_AT_ONCE: Final = 25
"""Items of one BatchWriteItem, by DynamoDB's limit."""
_READ_AT_ONCE: Final = 100
"""Items of one BatchGetItem, by the same."""


@dataclass(frozen=True)
class Statistics:
    """A project's statistics."""

    client: "DynamoDBClient"
    table: str
    project: str
    deadline: Deadline


def figures_to_item(partition: str, entry: str, figures: Figures) -> dict[str, Any]:
    return {
        "dimension": {"S": partition},
        "entry": {"S": entry},
        "cost": {"N": str(figures.cost)},
        "billed": {"N": str(figures.billed)},
        "records": {"N": str(figures.records)},
        "unrated": {"N": str(figures.unrated)},
        "durationMs": {"N": str(figures.duration_ms)},
        "metrics": {
            "S": msgspec.json.encode({metric: str(quantity) for metric, quantity in figures.metrics.items()}).decode()
        },
        "last": {"S": figures.last},
    }


def item_to_figures(item: Item) -> Figures:
    return Figures(
        cost=int(item["cost"]["N"]),
        billed=int(item["billed"]["N"]),
        records=int(item["records"]["N"]),
        unrated=int(item["unrated"]["N"]),
        duration_ms=int(item["durationMs"]["N"]),
        metrics={metric: int(quantity) for metric, quantity in msgspec.json.decode(item["metrics"]["S"]).items()},
        last=item["last"]["S"],
    )


def write_tally(statistics: Statistics, span: Span, slot: str, found: Tally) -> None:
    """Overwrites the figures of a day, an hour or a month, by every dimension that is found."""
    items = (
        figures_to_item(keys.statistics(statistics.project, span, dimension), keys.statistic(slot, value), figures)
        for dimension, groups in found.items()
        for value, figures in groups.items()
    )
    _write(statistics, [{"PutRequest": {"Item": item}} for item in items])


def _write(statistics: Statistics, requests: Sequence[dict[str, Any]]) -> None:
    waiting: list[Any] = list(requests)
    while waiting:
        chunk = {statistics.table: waiting[:_AT_ONCE]}
        answer = call(lambda: statistics.client.batch_write_item(RequestItems=chunk), statistics.deadline)  # noqa: B023  # called at once
        unwritten = answer.get("UnprocessedItems", {}).get(statistics.table, [])
        waiting = [*unwritten, *waiting[_AT_ONCE:]]


def read_groups(
    statistics: Statistics, span: Span, dimension: str, first: str, last: str
) -> Iterator[tuple[str, Key, Figures]]:
    """Slot, value and figures of a dimension, from the slot `first` to the slot `last`, both included: one Query.

    It is read as of now, so that what is noted as closed or summed is all there.
    """
    items = query(
        statistics.client,
        statistics.deadline,
        TableName=statistics.table,
        KeyConditionExpression="#dimension = :dimension AND entry BETWEEN :first AND :last",
        ExpressionAttributeNames={"#dimension": "dimension"},
        ExpressionAttributeValues={
            ":dimension": {"S": keys.statistics(statistics.project, span, dimension)},
            ":first": {"S": keys.statistic(first, None)},
            ":last": {"S": keys.statistic(last, "\U0010ffff")},
        },
        ConsistentRead=True,
    )
    for item in items:
        slot, value = keys.split_statistic(item["entry"]["S"])
        yield slot, value, item_to_figures(item)


def read_some(
    statistics: Statistics, span: Span, dimension: str, slots: Iterable[str], values: Iterable[Key]
) -> Iterator[tuple[str, Key, Figures]]:
    """Slot, value and figures of some values of a dimension in some slots, as of now, however many others there are."""
    partition = {"S": keys.statistics(statistics.project, span, dimension)}
    wanted = [keys.statistic(slot, value) for slot, value in product(slots, values)]
    waiting: list[Any] = [{"dimension": partition, "entry": {"S": entry}} for entry in wanted]
    while waiting:
        request: Any = {statistics.table: {"Keys": waiting[:_READ_AT_ONCE], "ConsistentRead": True}}
        answer = call(lambda: statistics.client.batch_get_item(RequestItems=request), statistics.deadline)  # noqa: B023  # called at once
        for item in answer["Responses"].get(statistics.table, []):
            slot, value = keys.split_statistic(item["entry"]["S"])
            yield slot, value, item_to_figures(item)
        unread = answer.get("UnprocessedKeys", {}).get(statistics.table)
        waiting = [*(unread["Keys"] if unread else []), *waiting[_READ_AT_ONCE:]]


def read_tally(statistics: Statistics, span: Literal["day", "hour"], date: str) -> Tally:
    """A day's figures by every dimension: its own, or the sums of its hours."""
    first, last = (date, date) if span == "day" else (f"{date}T00", f"{date}T23")
    return {dimension: _summed(read_groups(statistics, span, dimension, first, last)) for dimension in DIMENSIONS}


def _summed(rows: Iterable[tuple[str, Key, Figures]]) -> Groups:
    groups: Groups = {}
    for _, value, figures in rows:
        groups.setdefault(value, Figures()).merge(figures)
    return groups


def next_version(statistics: Statistics, hour: str) -> int:
    """Takes the next version of an hour's statistics."""
    return _take_version(statistics, keys.hour_version(statistics.project, hour))


def next_version_of_month(statistics: Statistics, month: str) -> int:
    """Takes the next version of a month's sums; until they are noted as held, views do without them."""
    return _take_version(statistics, keys.standing_month(statistics.project, month))


def _take_version(statistics: Statistics, key: keys.Key) -> int:
    answer = call(
        lambda: statistics.client.update_item(
            TableName=statistics.table,
            Key=key,
            UpdateExpression="ADD version :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        ),
        statistics.deadline,
    )
    return int(answer["Attributes"]["version"]["N"])


def version_of(statistics: Statistics, hour: str) -> int:
    """The version of an hour's statistics that was taken last."""
    key = keys.hour_version(statistics.project, hour)
    item = get(statistics.client, statistics.table, key, statistics.deadline)
    return int(item["version"]["N"]) if item else 0


def read_days(statistics: Statistics, first: str, last: str) -> Iterator[Day]:
    """How the days from `first` to `last` stand, those that anything is known of."""
    return (_item_to_day(item) for item in _standing_items(statistics, first, last) if not _is_month(item))


def read_standing(statistics: Statistics, first: str, last: str) -> Standing:
    """How the days from `first` to `last` and their months stand, those that anything is known of: one Query."""
    items = list(_standing_items(statistics, first[:7], last))
    days = [_item_to_day(item) for item in items if not _is_month(item) and item["entry"]["S"] >= first]
    months = map(_item_to_month, filter(_is_month, items))
    return Standing({day.date: day for day in days}, {month.name: month for month in months})


def _is_month(item: Item) -> bool:
    return span_of(item["entry"]["S"]) == "month"


def _standing_items(statistics: Statistics, first: str, last: str) -> Iterator[Item]:
    key = keys.standing_day(statistics.project, "")
    return query(
        statistics.client,
        statistics.deadline,
        TableName=statistics.table,
        KeyConditionExpression="#dimension = :dimension AND entry BETWEEN :first AND :last",
        ExpressionAttributeNames={"#dimension": "dimension"},
        ExpressionAttributeValues={":dimension": key["dimension"], ":first": {"S": first}, ":last": {"S": last}},
        ConsistentRead=True,
    )


def _item_to_day(item: Item) -> Day:
    return Day(
        item["entry"]["S"],
        item["status"]["S"],
        int(item.get("revision", {"N": "0"})["N"]),
        int(item.get("marks", {"N": "0"})["N"]),
        item.get("rolledAt", {"S": ""})["S"],
        item.get("markedAt", {"S": ""})["S"],
        int(item.get("sealed", {"N": "0"})["N"]),
    )


def _item_to_month(item: Item) -> Month:
    return Month(
        item["entry"]["S"],
        int(item["version"]["N"]),
        int(item.get("held", {"N": "0"})["N"]),
        frozenset(item.get("dimensions", {"S": ""})["S"].split()),
    )


def note_rolled(statistics: Statistics, date: str, now: str) -> None:
    """Notes that a day's statistics are up to date as of `now`; a day that nothing was known of is open."""
    status = _update_day(
        statistics,
        date,
        "SET rolledAt = :now, #status = if_not_exists(#status, :open)",
        {":now": {"S": now}, ":open": {"S": "open"}},
    )
    if status == "open":
        _list_open(statistics, date)


def note_open(statistics: Statistics, date: str) -> None:
    """Notes that usage has come to a day that is not past, so that it will have to be closed."""
    _update_day(statistics, date, "SET #status = if_not_exists(#status, :open)", {":open": {"S": "open"}})
    _list_open(statistics, date)


def reopen(statistics: Statistics, date: str, now: str) -> None:
    """Opens a day that usage has come to once it was past."""
    values = {":open": {"S": "open"}, ":now": {"S": now}, ":one": {"N": "1"}}
    _update_day(statistics, date, "SET #status = :open, markedAt = :now ADD marks :one", values)
    _list_open(statistics, date)


def _update_day(statistics: Statistics, date: str, expression: str, values: dict[str, Any]) -> str:
    """The day's status afterwards."""
    answer = call(
        lambda: statistics.client.update_item(
            TableName=statistics.table,
            Key=keys.standing_day(statistics.project, date),
            UpdateExpression=expression,
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=values,
            ReturnValues="ALL_NEW",
        ),
        statistics.deadline,
    )
    return answer["Attributes"]["status"]["S"]


def _list_open(statistics: Statistics, date: str) -> None:
    item: Any = keys.open_day(statistics.project, date)
    call(lambda: statistics.client.put_item(TableName=statistics.table, Item=item), statistics.deadline)


def open_slots_before(client: "DynamoDBClient", table: str, date: str, deadline: Deadline) -> Iterator[tuple[str, str]]:
    """Project and slot of all that was over by `date`: days that are to be closed, months that are to be summed."""
    for shard in range(keys.DUE_SHARDS):
        items = query(
            client,
            deadline,
            TableName=table,
            KeyConditionExpression="#dimension = :dimension AND entry < :date",
            ExpressionAttributeNames={"#dimension": "dimension"},
            ExpressionAttributeValues={":dimension": {"S": keys.open_days(shard)}, ":date": {"S": date}},
            ConsistentRead=True,
        )
        yield from (keys.split_open(item["entry"]["S"]) for item in items)


def closing_writes(statistics: Statistics, day: Day, now: str) -> list[Write]:
    """What makes a day final, if no usage has come to it since it was read; its month is to be summed anew."""
    update = {
        "TableName": statistics.table,
        "Key": keys.standing_day(statistics.project, day.date),
        "UpdateExpression": "SET #status = :final, rolledAt = :now ADD revision :one",
        "ConditionExpression": _unmarked(day),
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {
            ":final": {"S": "final"},
            ":now": {"S": now},
            ":one": {"N": "1"},
            ":marks": {"N": str(day.marks)},
        },
    }
    return [Write("Update", update), _unlist(statistics, day), *_months_writes(statistics, day.date[:7])]


def _months_writes(statistics: Statistics, month: str) -> list[Write]:
    version = {
        "TableName": statistics.table,
        "Key": keys.standing_month(statistics.project, month),
        "UpdateExpression": "ADD version :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    listed = {"TableName": statistics.table, "Item": keys.open_month(statistics.project, month)}
    return [Write("Update", version), Write("Put", listed)]


def summing_writes(statistics: Statistics, month: str, version: int, dimensions: Iterable[str]) -> list[Write]:
    """What notes that a month is summed by some dimensions, if no day of it was closed since it took its version."""
    update = {
        "TableName": statistics.table,
        "Key": keys.standing_month(statistics.project, month),
        "UpdateExpression": "SET held = :version, dimensions = :dimensions",
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {
            ":version": {"N": str(version)},
            ":dimensions": {"S": " ".join(dimensions)},
        },
    }
    delete = {"TableName": statistics.table, "Key": keys.open_month(statistics.project, month)}
    return [Write("Update", update), Write("Delete", delete)]


def confirming_writes(statistics: Statistics, day: Day) -> list[Write]:
    """What takes a final day off the list of those to close, if no usage has come to it since it was read."""
    check = {
        "TableName": statistics.table,
        "Key": keys.standing_day(statistics.project, day.date),
        "ConditionExpression": _unmarked(day),
        "ExpressionAttributeValues": {":marks": {"N": str(day.marks)}},
    }
    return [Write("ConditionCheck", check), _unlist(statistics, day)]


def _unmarked(day: Day) -> str:
    return "marks = :marks" if day.marks else "attribute_not_exists(marks) OR marks = :marks"


def _unlist(statistics: Statistics, day: Day) -> Write:
    return Write("Delete", {"TableName": statistics.table, "Key": keys.open_day(statistics.project, day.date)})


def seal_write(statistics: Statistics, date: str, revision: int) -> dict[str, Any]:
    """The update that notes a day's records as sealed, if it still stands as it was closed."""
    return {
        "TableName": statistics.table,
        "Key": keys.standing_day(statistics.project, date),
        "UpdateExpression": "SET sealed = :revision",
        "ConditionExpression": "#status = :final AND revision = :revision",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":revision": {"N": str(revision)}, ":final": {"S": "final"}},
    }
