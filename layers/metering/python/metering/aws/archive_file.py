"""The archived records of a day as one Parquet file: a row for each line of a record.

Beside its line a row has all of its record, so that a query needs no join; what is of the record alone is counted with
`line = 1`. Sums over `records`, `unrated` and the costs give the views' figures, corrections included: these are rows
like any others. Names are the API's. Money and quantities are decimal(38, 12) and exact.

Rows are written in groups as they come, so that memory does not grow with a day.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import IOBase
from typing import IO, Any, Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from metering.aws import keys
from metering.aws.counted import Line, counted, lines_from
from metering.aws.items import CATEGORY_OF_LETTER
from metering.aws.transaction import Item
from metering.domain.corrections import shown_key
from metering.domain.metrics import Category
from metering.domain.money import plain_to_pico, to_pico
from metering.domain.rates import provider_of
from metering.domain.rating import BILLABLE

ROWS_AT_ONCE: Final = 20_000
"""Rows of a group, about 12 MB in memory."""
MONEY: Final = pa.decimal128(38, 12)
INSTANT: Final = pa.timestamp("us", tz="UTC")
TAGS: Final = pa.map_(pa.string(), pa.string())
_DECIMAL_BYTES: Final = 16
_SUMMARY: Final = "meterstone"
_NONE: Final[dict[str, Any]] = {"S": None}


class _Column(NamedTuple):
    """A column of what a record has once."""

    name: str
    kind: pa.DataType
    value: Callable[[Item], Any]


def _text(name: str) -> Callable[[Item], str | None]:
    return lambda item: item.get(name, _NONE)["S"]


def _number(name: str) -> Callable[[Item], int | None]:
    return lambda item: int(item[name]["N"]) if name in item else None


def _effective_provider(item: Item) -> str | None:
    return provider_of(item["service"]["S"], item.get("provider", _NONE)["S"], item.get("model", _NONE)["S"])


def _tags(item: Item) -> list[tuple[str, str]] | None:
    return [(name, value["S"]) for name, value in item["tags"]["M"].items()] if "tags" in item else None


_OF_RECORD: Final = (
    _Column("recordId", pa.string(), lambda item: keys.record_id_of(item["recordKey"]["S"])),
    _Column("kind", pa.string(), lambda item: item["kind"]["S"] if "kind" in item else "usage"),
    _Column("corrects", pa.string(), _text("corrects")),
    _Column("reason", pa.string(), _text("reason")),
    _Column("jobId", pa.string(), _text("job")),
    _Column("idempotencyKey", pa.string(), lambda item: shown_key(item["key"]["S"])),
    _Column("occurredAt", INSTANT, lambda item: keys.instant_of(item["day"]["S"], item["moment"]["S"])),
    _Column("receivedAt", INSTANT, _text("received")),
    _Column("service", pa.string(), _text("service")),
    _Column("provider", pa.string(), _text("provider")),
    _Column("effectiveProvider", pa.string(), _effective_provider),
    _Column("modelId", pa.string(), _text("model")),
    _Column("toolId", pa.string(), _text("tool")),
    _Column("runId", pa.string(), lambda item: keys.run_id_of(item["run"]["S"]) if "run" in item else None),
    _Column("sandboxId", pa.string(), _text("sandbox")),
    _Column("sessionId", pa.string(), _text("session")),
    _Column("userId", pa.string(), _text("user")),
    _Column("personaId", pa.string(), _text("persona")),
    _Column("stepType", pa.string(), _text("stepType")),
    _Column("stepIndex", pa.int32(), _number("stepIndex")),
    _Column("durationMs", pa.int64(), _number("durationMs")),
    _Column("holdId", pa.string(), _text("hold")),
    _Column("tags", TAGS, _tags),
    _Column("pricingMode", pa.string(), _text("mode")),
    _Column("rateId", pa.string(), _text("rate")),
    _Column("recordCostUsd", MONEY, _number("cost")),
    _Column("recordBilledUsd", MONEY, _number("billed")),
    _Column("records", pa.int8(), lambda item: counted(item).count()[0]),
    _Column("unrated", pa.int8(), lambda item: counted(item).count()[1]),
)
_OF_LINE: Final = (
    ("recordCategory", pa.string()),
    ("line", pa.int16()),
    ("metric", pa.string()),
    ("category", pa.string()),
    ("quantity", MONEY),
    ("priceUsd", MONEY),
    ("per", pa.int64()),
    ("tierAboveInputTokens", pa.int64()),
    ("costUsd", MONEY),
    ("billable", pa.bool_()),
    ("billedUsd", MONEY),
)
SCHEMA: Final = pa.schema([("revision", pa.int32()), *((column.name, column.kind) for column in _OF_RECORD), *_OF_LINE])
"""`revision` is the day's as of which a row was written from its record. `recordCategory` is what the record as a whole
counts under.
"""


def array_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """An array; decimals come as integers of 10^-12, instants in their stored form."""
    if kind == MONEY:
        return _decimals(values)
    if kind == INSTANT:
        return pc.cast(pa.array(values, pa.string()), INSTANT)
    return pa.array(values, kind)


def _decimals(values: Sequence[int | None]) -> pa.Array:
    """Straight into Arrow's form, little-endian integers of 16 bytes: it makes none of Python's integers by itself."""
    data = b"".join([(value or 0).to_bytes(_DECIMAL_BYTES, "little", signed=True) for value in values])
    present = pa.array([value is not None for value in values], pa.bool_()).buffers()[1]
    return pa.Array.from_buffers(MONEY, len(values), [present, pa.py_buffer(data)])


@dataclass
class Sums:
    """What a file has. Money in pico-USD."""

    cost: int = 0
    billed: int = 0
    records: int = 0
    unrated: int = 0

    def add(self, item: Item) -> None:
        records, unrated = counted(item).count()
        self.cost += int(item["cost"]["N"])
        self.billed += int(item["billed"]["N"])
        self.records += records
        self.unrated += unrated

    def add_rows(self, rows: pa.Table) -> None:
        """Adds the rows of records that were archived before."""
        firsts = rows.filter(pc.equal(rows["line"], 1))
        self.cost += _pico_sum(firsts["recordCostUsd"])
        self.billed += _pico_sum(firsts["recordBilledUsd"])
        self.records += pc.sum(firsts["records"]).as_py() or 0
        self.unrated += pc.sum(firsts["unrated"]).as_py() or 0


def _pico_sum(column: pa.ChunkedArray) -> int:
    return to_pico(pc.sum(column).as_py() or Decimal(0))


@dataclass
class Identity:
    """Which records a set has, whatever their order: how many, and the sum of what is random in their ids."""

    count: int = 0
    sum: int = 0

    def add(self, item: Item) -> None:
        self.count += 1
        self.sum += int.from_bytes(item["recordKey"]["S"][-12:].encode(), "big")


class Archived(NamedTuple):
    """What a file says of itself."""

    revision: int
    identity: Identity
    """The records that were read for it, apart from the rows that were taken over."""


class DayFile:
    """The file of a day, written to a sink."""

    def __init__(self, sink: IOBase, revision: int) -> None:
        self.revision = revision
        self.sums = Sums()
        self.identity = Identity()
        self.rows = 0
        self._writer = parquet.ParquetWriter(sink, SCHEMA, compression="zstd")
        self._begin_group()

    def take_over(self, rows: pa.Table) -> None:
        """Writes rows of the file before."""
        self.sums.add_rows(rows)
        self.rows += rows.num_rows
        self._writer.write_table(rows)

    def passing(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, each of which is written as it passes."""
        for item in items:
            self._add(item)
            yield item

    def finish(self) -> None:
        """Writes what is left, and what the file says of itself."""
        self._write_group()
        said = [self.revision, self.identity.count, str(self.identity.sum)]
        self._writer.add_key_value_metadata({_SUMMARY: msgspec.json.encode(said).decode()})
        self._writer.close()

    def _begin_group(self) -> None:
        self._records: list[list[Any]] = [[] for _ in _OF_RECORD]
        self._lines: list[list[Any]] = [[] for _ in _OF_LINE]
        self._places: list[int] = []

    def _add(self, item: Item) -> None:
        self.sums.add(item)
        self.identity.add(item)
        place = len(self._records[0])
        for column, values in zip(_OF_RECORD, self._records, strict=True):
            values.append(column.value(item))
        billable, lines = BILLABLE[item["mode"]["S"]], lines_from(item["lines"]["S"])
        under = CATEGORY_OF_LETTER.get(item["under"]["S"] if "under" in item else lines[0].letter)
        for number, line in enumerate(lines, 1):
            self._places.append(place)
            for value, values in zip((under, number, *_line(line, billable)), self._lines, strict=True):
                values.append(value)
        if len(self._places) >= ROWS_AT_ONCE:
            self._write_group()

    def _write_group(self) -> None:
        if not self._places:
            return
        of_record = pa.table(
            [array_of(values, column.kind) for column, values in zip(_OF_RECORD, self._records, strict=True)],
            names=[column.name for column in _OF_RECORD],
        ).take(pa.array(self._places, pa.int64()))
        of_line = [array_of(values, kind) for (_, kind), values in zip(_OF_LINE, self._lines, strict=True)]
        revision = pa.repeat(pa.scalar(self.revision, pa.int32()), len(self._places))
        self._writer.write_table(pa.table([revision, *of_record.columns, *of_line], schema=SCHEMA))
        self.rows += len(self._places)
        self._begin_group()


def _line(line: Line, billable: frozenset[Category]) -> tuple[Any, ...]:
    """The values of a line's own columns."""
    is_billable = line.category in billable
    return (
        line.metric,
        line.category,
        plain_to_pico(line.quantity),
        None if line.price is None else plain_to_pico(line.price),
        line.per,
        line.tier_above,
        line.cost,
        is_billable,
        None if line.cost is None else line.cost if is_billable else 0,
    )


def read_summary(file: IO[bytes]) -> Archived:
    """What a file says of itself."""
    said = parquet.ParquetFile(file).metadata.metadata[_SUMMARY.encode()]
    revision, count, total = msgspec.json.decode(said)
    return Archived(revision, Identity(count, int(total)))


def rows_until(file: IO[bytes], revision: int) -> Iterator[pa.Table]:
    """The rows that were written as of a revision or an earlier one, group after group."""
    for rows in _groups_of(parquet.ParquetFile(file)):
        yield rows.filter(pc.less_equal(rows["revision"], revision))


def _groups_of(opened: parquet.ParquetFile) -> Iterator[pa.Table]:
    for group in range(opened.num_row_groups):
        # One thread: the file is a stream of Python's, which has one place.
        yield opened.read_row_group(group, use_threads=False)


def join_files(sink: IOBase, files: Iterable[IO[bytes]]) -> int:
    """Writes files of days as one, without gathering more than a group; how many rows it has."""
    written, waiting = 0, SCHEMA.empty_table()
    with parquet.ParquetWriter(sink, SCHEMA, compression="zstd") as writer:
        for file in files:
            for rows in _groups_of(parquet.ParquetFile(file)):
                if waiting.num_rows + rows.num_rows > ROWS_AT_ONCE:
                    writer.write_table(waiting)
                    waiting = SCHEMA.empty_table()
                waiting = pa.concat_tables([waiting, rows])
                written += rows.num_rows
        writer.write_table(waiting)
    return written
