"""Files of an export, and whether they are what the service says it wrote."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

from metering_client._wire import loads
from metering_client.errors import ExportDamagedError
from metering_client.models import ExportAnswer, ExportFile

FileKind = Literal["data", "manifest"]
_EXACT: Final = Context(prec=60, traps=[Inexact])


@dataclass(frozen=True)
class Exported:
    """An export that was fetched and found to be whole."""

    export: ExportAnswer
    data: Path
    manifest: Path
    is_summed: bool
    """Whether its rows were added up; of Parquet and of meter events the checksum alone was compared."""


class Download:
    """A file on its way to the disk, which has its name once it is whole; no other export's file has that."""

    def __init__(self, export_id: str, file: ExportFile, directory: Path) -> None:
        self._file = file
        self.path = directory / Path(f"{export_id}-{Path(file.name).name}").name
        self._part = self.path.with_name(f"{self.path.name}.part")
        self._digest = hashlib.sha256()
        self._size = 0

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._out = self._part.open("wb")
        return self

    def write(self, chunk: bytes) -> None:
        """Adds what has come."""
        self._out.write(chunk)
        self._digest.update(chunk)
        self._size += len(chunk)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._out.close()
        if error is not None:
            return
        if (self._size, self._digest.hexdigest()) != (self._file.bytes, self._file.sha256):
            raise ExportDamagedError(f"{self._file.name} is damaged: its checksum is not the one of the export")
        self._part.replace(self.path)


def exported(export: ExportAnswer, paths: Mapping[FileKind, Path]) -> Exported:
    """The export, checked.

    Raises:
        ExportDamagedError: the manifest or the sum of the rows is not the export's.
    """
    manifest = loads(paths["manifest"].read_bytes())
    _check_manifest(export, manifest)
    return Exported(export, paths["data"], paths["manifest"], _check_sum(export, manifest, paths["data"]))


def _check_manifest(export: ExportAnswer, manifest: Mapping[str, Any]) -> None:
    data = [file.sha256 for file in export.files if file.kind == "data"]
    sums = (Decimal(manifest["costUsd"]), Decimal(manifest["billedUsd"]))
    if sums != (export.cost_usd, export.billed_usd) or data != [file["sha256"] for file in manifest["files"]]:
        raise ExportDamagedError(f"the manifest is not that of the export {export.export_id}")


def _check_sum(export: ExportAnswer, manifest: Mapping[str, Any], path: Path) -> bool:
    if export.format == "stripe":
        return "invoicedUsd" in manifest and _check_items(export, manifest, path)
    if export.format not in _COSTS:
        return False
    _expect(path, _sum(_COSTS[export.format](path)), export.cost_usd)
    return True


def _check_items(export: ExportAnswer, manifest: Mapping[str, Any], path: Path) -> bool:
    """Invoice items: exactly and in cents; without a markup, with what was left out they are what is billed."""
    invoiced, cents = Decimal(manifest["invoicedUsd"]), Decimal(manifest["invoiced"]["amount"])
    _expect(path, _sum(Decimal(row["metadata"]["cost_usd"]) for row in _rows(path)), invoiced)
    _expect(path, _sum(Decimal(row["amount"]) for row in _rows(path)) / 100, cents / 100)
    if not manifest["markupBasisPoints"]:
        _expect(path, _sum(one.billed_usd for one in export.skipped) + invoiced, export.billed_usd)
    return True


def _expect(path: Path, found: Decimal, wanted: Decimal) -> None:
    if found != wanted:
        raise ExportDamagedError(f"the rows of {path.name} add up to {found:f} USD, and not to {wanted:f}")


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total


def _cells(path: Path, column: str) -> Iterator[Decimal]:
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield Decimal(row[column])


def _rows(path: Path) -> Iterator[Any]:
    """Rows of a document, which has each in a line of its own, or of JSON Lines."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            text = line.rstrip(",\n")
            if not text.startswith('{"export":') and text != "]}":
                yield loads(text)


_COSTS: Final[Mapping[str, Callable[[Path], Iterator[Decimal]]]] = {
    "csv": lambda path: _cells(path, "costUsd"),
    "focus": lambda path: _cells(path, "BilledCost"),
    "json": lambda path: (Decimal(row["costUsd"]) for row in _rows(path)),
}
