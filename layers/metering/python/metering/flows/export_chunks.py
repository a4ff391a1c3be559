"""The records of a day as the chunk of an export: rows as they will stand, or sums to be added up with other days'."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

import msgspec

from metering.aws.counted import counted
from metering.aws.export_output import Output
from metering.aws.export_rows import billable_amounts, cells, charges, document, group_key
from metering.aws.tallies import sums_by, total_of_items
from metering.aws.transaction import Item
from metering.domain.exports import ExportRequest
from metering.domain.focus import Charge
from metering.domain.statistics import Figures

_NEWLINE: Final = b"\n"


class Chunk(NamedTuple):
    """A day of an export that is being written."""

    request: ExportRequest
    date: str
    revision: int


class Amounts:
    """What records add up to, without their quantities, and the metrics that they have."""

    def __init__(self) -> None:
        self.cost = self.billed = self.records = self.unrated = 0
        self.metrics: set[str] = set()

    def add(self, item: Item, metrics: Iterable[str]) -> None:
        self.cost += int(item["cost"]["N"])
        self.billed += int(item["billed"]["N"])
        records, unrated = counted(item).count()
        self.records += records
        self.unrated += unrated
        self.metrics.update(metrics)


def _write_cells(output: Output, _: Chunk, items: Iterable[Item]) -> Amounts:
    total = Amounts()
    for item in items:
        row, quantities = cells(item)
        output.row(msgspec.json.encode([row, quantities]) + _NEWLINE)
        total.add(item, quantities)
    return total


def _write_documents(output: Output, _: Chunk, items: Iterable[Item]) -> Amounts:
    total = Amounts()
    for item in items:
        found = document(item)
        output.row(msgspec.json.encode(found) + _NEWLINE)
        total.add(item, [line["metric"] for line in found["lines"]])
    return total


def _each(items: Iterable[Item], write: Callable[[Item], None]) -> Iterator[Item]:
    for item in items:
        write(item)
        yield item


def _write_groups(output: Output, chunk: Chunk, items: Iterable[Item]) -> Figures:
    """The day's sums by group: `[key, figures]` a line."""
    total = Figures()
    for key, figures in sums_by(items, lambda item: group_key(item, chunk.request.group_by or "day")).items():
        total.merge(figures)
        output.row(msgspec.json.encode([key, _packed(figures)]) + _NEWLINE)
    return total


def _packed(figures: Figures) -> list[Any]:
    metrics = {metric: str(quantity) for metric, quantity in figures.metrics.items()}
    return [str(figures.cost), str(figures.billed), figures.records, figures.unrated, metrics]


def unpacked(packed: list[Any]) -> Figures:
    cost, billed, records, unrated, metrics = packed
    quantities = {metric: int(quantity) for metric, quantity in metrics.items()}
    return Figures(int(cost), int(billed), records, unrated, metrics=quantities)


def _write_billable(output: Output, chunk: Chunk, items: Iterable[Item]) -> Figures:
    """The day's billable sums, a line each: date, user, service, model, metric, quantity, billed."""
    sums: dict[tuple[str | None, ...], list[int]] = {}
    total = total_of_items(_each(items, lambda item: _add_billable(sums, item)))
    for who, (quantity, billed) in sums.items():
        output.row(msgspec.json.encode([chunk.date, *who, str(quantity), str(billed)]) + _NEWLINE)
    return total


def _add_billable(sums: dict[tuple[str | None, ...], list[int]], item: Item) -> None:
    user, model = (item[name]["S"] if name in item else None for name in ("user", "model"))
    for metric, quantity, billed in billable_amounts(item):
        one = sums.setdefault((user, item["service"]["S"], model, metric), [0, 0])
        one[0] += quantity
        one[1] += billed


def _write_charges(output: Output, chunk: Chunk, items: Iterable[Item]) -> Figures:
    """The day's sums of alike charges, a line each: date, charge, quantity, cost."""
    sums: dict[Charge, list[int]] = {}
    total = total_of_items(_each(items, lambda item: _add_charges(sums, item)))
    for charge, (quantity, cost) in sorted(sums.items(), key=lambda entry: str(entry[0])):
        price = None if charge.price is None else str(charge.price)
        row = [chunk.date, list(charge._replace(price=None)), price, str(quantity), str(cost)]
        output.row(msgspec.json.encode(row) + _NEWLINE)
    return total


def _add_charges(sums: dict[Charge, list[int]], item: Item) -> None:
    for charge, quantity, cost in charges(item):
        one = sums.setdefault(charge, [0, 0])
        one[0] += quantity
        one[1] += cost


def _write_parquet(output: Output, chunk: Chunk, items: Iterable[Item]) -> Figures:
    """The day's lines as a Parquet file of its own."""
    from metering.aws.archive_file import DayFile  # noqa: PLC0415  # pyarrow is only where Parquet is written

    file = DayFile(output, chunk.revision)
    total = total_of_items(file.passing(items))
    file.finish()
    output.rows = file.rows
    return total


_WRITERS: Final[dict[str, Callable[[Output, Chunk, Iterable[Item]], Figures | Amounts]]] = {
    "csv": _write_cells,
    "json": _write_documents,
    "groups": _write_groups,
    "stripe": _write_billable,
    "focus": _write_charges,
    "parquet": _write_parquet,
}


def write_chunk(output: Output, chunk: Chunk, items: Iterable[Item]) -> Figures | Amounts:
    """Writes a day's records, which are in order of time, in the form that the export wants; what they add up to."""
    form = chunk.request.format if chunk.request.group_by is None else "groups"
    return _WRITERS[form](output, chunk, items)
