"""Archived records as the items that they were, in order of time, for records that have left the table.

What an item has of its record is all there, but for how the caller wrote its time: it is the same instant in UTC.

A file's rows stand as they were archived: revisions one after the other, and within an hour shard after shard. They are
put in order slice by slice of the day, each of which has few enough rows to be held.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from metering.aws import keys
from metering.aws.archive_file import ROWS_AT_ONCE
from metering.aws.export_rows import TEXTS
from metering.aws.items import LETTER_OF_CATEGORY, NONE
from metering.aws.transaction import Item
from metering.domain.money import plain, to_pico
from metering.domain.periods import stored

DAY_SECONDS: Final = 86_400
_MICROSECONDS: Final = 1_000_000
_TEXTS: Final = (
    *TEXTS,
    ("pricingMode", "mode"),
    ("rateId", "rate"),
    ("corrects", "corrects"),
    ("reason", "reason"),
    ("jobId", "job"),
    ("idempotencyKey", "key"),
)
_NUMBERS: Final = (("stepIndex", "stepIndex"), ("durationMs", "durationMs"))
_ORDER: Final = [("occurredAt", "ascending"), ("recordId", "ascending"), ("line", "ascending")]


def archived_items(file: IO[bytes], project: str, revision: int, most: int = ROWS_AT_ONCE) -> Iterator[Item]:
    """The items of what was archived as of a revision or an earlier one, in order of time.

    Of `most` rows and those of one second at most are held, beside a group of the file's.
    """
    opened = parquet.ParquetFile(file)
    for first, end in _slices(opened, most):
        for record in _records(_rows_between(opened, revision, first, end)):
            yield _item(project, record)


def _slices(opened: parquet.ParquetFile, most: int) -> Iterator[tuple[int, int]]:
    """Ranges of seconds of the day, the end exclusive, that have at most so many rows, or are of one second."""
    counts: Counter[int] = Counter()
    for group in range(opened.num_row_groups):
        times = opened.read_row_group(group, ["occurredAt"], use_threads=False)["occurredAt"]
        for counted in pc.value_counts(_second_of(times)).to_pylist():
            counts[counted["values"]] += counted["counts"]
    first, rows = 0, 0
    for second, count in sorted(counts.items()):
        if rows and rows + count > most:
            yield first, second
            first, rows = second, 0
        rows += count
    if rows:
        yield first, DAY_SECONDS


def _second_of(times: pa.ChunkedArray) -> pa.ChunkedArray:
    seconds = pc.divide(pc.cast(times, pa.int64()), _MICROSECONDS)
    return pc.subtract(seconds, pc.multiply(pc.divide(seconds, DAY_SECONDS), DAY_SECONDS))


def _rows_between(opened: parquet.ParquetFile, revision: int, first: int, end: int) -> pa.Table:
    found = [opened.schema_arrow.empty_table()]
    for group in range(opened.num_row_groups):
        if _may_have(opened, group, first, end):
            rows = opened.read_row_group(group, use_threads=False)
            seconds = _second_of(rows["occurredAt"])
            wanted = pc.and_(pc.greater_equal(seconds, first), pc.less(seconds, end))
            found.append(rows.filter(pc.and_(wanted, pc.less_equal(rows["revision"], revision))))
    return pa.concat_tables(found).sort_by(_ORDER)


def _may_have(opened: parquet.ParquetFile, group: int, first: int, end: int) -> bool:
    """Whether a group has rows of a range of seconds, by what the file says of it."""
    column = opened.schema_arrow.get_field_index("occurredAt")
    said = opened.metadata.row_group(group).column(column).statistics
    if said is None or not said.has_min_max:
        return True
    least, most = (moment.hour * 3600 + moment.minute * 60 + moment.second for moment in (said.min, said.max))
    return bool(least < end and first <= most)


def _records(rows: pa.Table) -> Iterator[list[dict[str, Any]]]:
    """The lines of each record."""
    for _, lines in groupby(_dictionaries(rows), key=lambda row: row["recordId"]):
        yield list(lines)


def _dictionaries(rows: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in rows.to_batches(max_chunksize=1000):
        yield from batch.to_pylist()


def _item(project: str, lines: Sequence[dict[str, Any]]) -> Item:
    record = lines[0]
    record_id, instant = record["recordId"], stored(record["occurredAt"])
    item: dict[str, Any] = {
        "recordKey": {"S": keys.record(project, record_id)},
        "day": {"S": keys.day(project, instant[:10], 0)},
        "moment": {"S": keys.moment(instant, record_id)},
        "received": {"S": stored(record["receivedAt"])},
        "cost": _pico_number(record["recordCostUsd"]),
        "billed": _pico_number(record["recordBilledUsd"]),
        "lines": {"S": json.dumps([_line(line) for line in lines])},
    }
    item |= {name: {"S": record[column]} for column, name in _TEXTS if record[column] is not None}
    item |= {name: {"N": str(record[column])} for column, name in _NUMBERS if record[column] is not None}
    if record["runId"] is not None:
        item["run"] = {"S": keys.run(project, record["runId"])}
    if record["tags"] is not None:
        item["tags"] = {"M": {name: {"S": value} for name, value in record["tags"]}}
    return item | _standing(record, lines)


def _standing(record: dict[str, Any], lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Whether it is a correction, and what has no rate."""
    if record["kind"] == "usage":
        unrated = [line["metric"] for line in lines if line["costUsd"] is None]
        return {"unrated": {"SS": unrated}} if unrated else {}
    under = LETTER_OF_CATEGORY[record["recordCategory"]] or NONE
    return {"kind": {"S": record["kind"]}, "under": {"S": under}, "unratedChange": {"N": str(record["unrated"])}}


def _line(row: dict[str, Any]) -> list[Any]:
    """A line as it is packed in an item (see `metering.aws.items`)."""
    price, cost, tier = row["priceUsd"], row["costUsd"], row["tierAboveInputTokens"]
    packed = [
        row["metric"],
        LETTER_OF_CATEGORY[row["category"]],
        plain(to_pico(row["quantity"])),
        None if price is None else plain(to_pico(price)),
        row["per"],
        None if cost is None else to_pico(cost),
    ]
    return packed if tier is None else [*packed, tier]


def _pico_number(amount: Decimal) -> dict[str, str]:
    return {"N": str(to_pico(amount))}
