"""DynamoDB streams as their readers in the local cloud need them.

ministack's own stream API forgets its records when it ends. Here a reader says how far it has come each time it asks
for more; what every reader has is dropped, and the rest is part of the snapshot, together with how far each reader is.
So a restart, clean or not, goes on exactly where the snapshot was taken.
"""

import asyncio
import time
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, TypeAlias

from local.emulator import internals

Record: TypeAlias = dict[str, Any]

LOOK_AGAIN_SECONDS = 0.02
START = ""  # comes before every sequence number


class Streams:
    """`hurried`: nobody waits for records any more, so that readers can be stopped."""

    def __init__(self) -> None:
        self.hurried = False
        self._readers: dict[str, dict[str, str]] = {}

    def register(self, readers: Mapping[str, list[str]]) -> dict[str, dict[str, str]]:
        """Say which readers each stream ARN has; others are forgotten. Answers how far each of them has come."""
        known = self._readers
        self._readers = {arn: {name: known.get(arn, {}).get(name, START) for name in readers[arn]} for arn in readers}
        return self._readers

    def acknowledge(self, arn: str, reader: str, up_to: str) -> bool:
        """The reader is done with all records up to this sequence number. Answers whether that is news."""
        news = self._readers[arn][reader] != up_to
        self._readers[arn][reader] = up_to
        _drop(arn, min(self._readers[arn].values()))
        return news

    async def read(self, arn: str, after: str, limit: int, wait_seconds: float) -> list[Record]:
        """The records after this sequence number, oldest first; none when none comes in time."""
        deadline = time.monotonic() + wait_seconds
        while not (found := _after(arn, after, limit)):
            if self.hurried or time.monotonic() >= deadline:
                break
            await asyncio.sleep(LOOK_AGAIN_SECONDS)  # ministack has no event to wait for
        return found

    def drop_unread(self) -> None:
        """Drop the records of streams that nobody reads."""
        for (_account, _region, _table), definition in internals.tables.all_items():
            arn = definition.get("LatestStreamArn")
            if arn and arn not in self._readers and (records := _records(arn)):
                _drop(arn, _number(records[-1]))

    def state(self) -> dict[str, Any]:
        return {
            "readers": self._readers,
            "records": {arn: _records(arn) for arn in self._readers},
            "dropped": {arn: internals.stream_dropped.get_scoped(*_scope(arn), 0) for arn in self._readers},
        }

    def restore(self, state: dict[str, Any]) -> None:
        self._readers = state["readers"]
        for arn, records in state["records"].items():
            internals.stream_records.set_scoped(*_scope(arn), records)
        for arn, count in state["dropped"].items():
            internals.stream_dropped.set_scoped(*_scope(arn), count)


def _scope(arn: str) -> tuple[str, str, str]:
    """Account, region and table of arn:aws:dynamodb:REGION:ACCOUNT:table/TABLE/stream/LABEL."""
    _, _, _, region, account, resource = arn.split(":", 5)
    return account, region, resource.split("/")[1]


def _records(arn: str) -> list[Record]:
    found: list[Record] | None = internals.stream_records.get_scoped(*_scope(arn))
    return [] if found is None else found


def _number(record: Record) -> str:
    """A sequence number. They have one length, so text compares as the numbers do."""
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def _after(arn: str, number: str, limit: int) -> list[Record]:
    records = _records(arn)
    first = bisect_right(records, number, key=_number)
    return records[first : first + limit]


def _drop(arn: str, up_to: str) -> None:
    records = _records(arn)
    count = bisect_right(records, up_to, key=_number)
    if count:
        del records[:count]
        before = internals.stream_dropped.get_scoped(*_scope(arn), 0)
        internals.stream_dropped.set_scoped(*_scope(arn), before + count)
