"""Sealed days: those whose records are archived and expire.

An expired record can no longer be summed, so a sealed day's statistics begin with what was sealed: the tallies of its
hours as of that revision, an object beside the archive. To them is added what came later, the records that have no seal
or one of a later revision. Both sets are exact: a record counts in the one or the other.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Final

from botocore.exceptions import ClientError

from metering.aws import keys, objects
from metering.aws.objects import Objects
from metering.aws.records import Records
from metering.aws.transaction import Item, call
from metering.domain.statistics import Figures, Groups, Tally

SEAL, EXPIRES = "sealed", "expires"
"""The attributes of a sealed record: the revision, and the second of its expiry."""
_THREADS: Final = 16
_AT_ONCE: Final = 512
_GONE: Final = "ConditionalCheckFailedException"

Hours = Mapping[str, Tally]
"""Tallies by hour, `00` to `23`."""


def is_sealed(item: Item, revision: int) -> bool:
    """Whether a record is among those that were sealed as of a revision or an earlier one."""
    return SEAL in item and int(item[SEAL]["N"]) <= revision


def write_hours(store: Objects, project: str, date: str, revision: int, hours: Hours) -> None:
    """Keeps the tallies of what is sealed as of a revision."""
    rows = (
        [hour, dimension, key, *_packed(figures)]
        for hour, found in hours.items()
        for dimension, groups in found.items()
        for key, figures in groups.items()
    )
    body = gzip.compress("".join(f"{json.dumps(row)}\n" for row in rows).encode(), mtime=0)
    objects.write(store, keys.sealed_object(project, date, revision), body)


def _packed(figures: Figures) -> list[Any]:
    counted = [figures.cost, figures.billed, figures.records, figures.unrated, figures.duration_ms]
    return [*counted, figures.metrics, figures.last]


def read_hours(store: Objects, project: str, date: str, revision: int) -> dict[str, Tally]:
    """The tallies of what is sealed as of a revision, hour by hour."""
    body = objects.read(store, keys.sealed_object(project, date, revision))
    hours: dict[str, Tally] = {}
    for line in gzip.decompress(body).decode().splitlines():
        hour, dimension, key, *packed = json.loads(line)
        groups: Groups = hours.setdefault(hour, {}).setdefault(dimension, {})
        groups[key] = Figures(*packed)
    return hours


def seal_records(records: Records, items: Iterable[Item], revision: int, expires: int) -> Iterator[Item]:
    """Marks records as sealed and as expiring (seconds since 1970), and gives those that are, some hundred at a time.

    Those that have the seal already are given as they are, so that it may be stopped anywhere and begun again.
    """

    def seal(item: Item) -> bool:
        has_it = SEAL in item and int(item[SEAL]["N"]) == revision
        return has_it or _seal(records, item, revision, expires)

    waiting = iter(items)
    with ThreadPoolExecutor(_THREADS) as threads:
        while chunk := list(islice(waiting, _AT_ONCE)):
            yield from (item for item, done in zip(chunk, threads.map(seal, chunk), strict=True) if done)


def _seal(records: Records, item: Item, revision: int, expires: int) -> bool:
    try:
        call(
            lambda: records.client.update_item(
                TableName=records.table,
                Key={"recordKey": item["recordKey"]},
                UpdateExpression="SET #seal = :revision, #expires = :expires",
                ConditionExpression="attribute_exists(recordKey)",  # it must not be made anew if it has expired
                ExpressionAttributeNames={"#seal": SEAL, "#expires": EXPIRES},
                ExpressionAttributeValues={":revision": {"N": str(revision)}, ":expires": {"N": str(expires)}},
            ),
            records.deadline,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == _GONE:
            return False
        raise
    return True
