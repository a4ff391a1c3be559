"""Exports as the command line takes them: started, awaited, fetched, and checked before they are called an invoice."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Context, Decimal, Inexact
from pathlib import Path
from typing import Any, Final

import httpx

from local.client import Client, Json

UNFINISHED: Final = frozenset({"queued", "running"})
_EXACT: Final = Context(prec=60, traps=[Inexact])
_NOTHING: Final = Decimal(0)
_CENT: Final = Decimal("0.01")


class DamagedError(Exception):
    """A file is not what the service says it wrote."""


def start(client: Client, body: Mapping[str, Any], idempotency_key: str) -> str:
    """Starts an export; its id."""
    export_id: str = client.post("/v1/exports", json.dumps(body).encode(), idempotency_key)["exportId"]
    return export_id


def follow(client: Client, export_id: str) -> Iterator[Json]:
    """The export as it goes on, until it is ready or has failed."""
    seen, attempt = -1, 0
    while True:
        export = client.get(f"/v1/exports/{export_id}", {})
        yield export
        if export["status"] not in UNFINISHED:
            return
        done = export["progress"]["done"]
        attempt = attempt + 1 if done == seen else 1
        seen = done
        client.pause_before(attempt)


def fetch(http: httpx.Client, file: Json, path: Path) -> None:
    """Writes a file of an export, which is there under its name once it is whole.

    Raises:
        DamagedError: it is not what the service wrote.
        httpx.HTTPError: it cannot be fetched.
        OSError: it cannot be written; nothing of it is left.
    """
    digest, size = hashlib.sha256(), 0
    part = path.with_name(f"{path.name}.part")
    try:
        with http.stream("GET", file["url"]) as response, part.open("wb") as out:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        if (size, digest.hexdigest()) != (file["bytes"], file["sha256"]):
            raise DamagedError(f"{file['name']} is damaged: its checksum is not the one of the export")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def check_sum(export: Json, manifest: Json, path: Path) -> bool:
    """Whether the rows of a file could be added up: all but Parquet's and quantities.

    Raises:
        DamagedError: they add up to something else than the export and its manifest say.
    """
    if export["format"] == "stripe":
        return "invoicedUsd" in manifest and _check_items(export, manifest, path)
    if export["format"] not in _AMOUNTS:
        return False
    _expect(path, _sum(_AMOUNTS[export["format"]](path)), Decimal(export["costUsd"]))
    return True


def _check_items(export: Json, manifest: Json, path: Path) -> bool:
    """Invoice items: exactly and in cents; without a markup, with what was left out they are what is billed."""
    invoiced = Decimal(manifest["invoicedUsd"])
    _expect(path, _sum(Decimal(row["metadata"]["cost_usd"]) for row in _json_rows(path)), invoiced)
    _expect(
        path, _sum(Decimal(row["amount"]) for row in _json_rows(path)) * _CENT, manifest["invoiced"]["amount"] * _CENT
    )
    if not manifest["markupBasisPoints"]:
        left_out = _sum(Decimal(one["billedUsd"]) for one in export["skipped"])
        _expect(path, _EXACT.add(left_out, invoiced), Decimal(export["billedUsd"]))
    return True


def _expect(path: Path, found: Decimal, wanted: Decimal) -> None:
    if found != wanted:
        raise DamagedError(f"the rows of {path.name} add up to {found:f} USD, and not to {wanted:f}")


def _sum(amounts: Iterator[Decimal]) -> Decimal:
    total = _NOTHING
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total


def _cells(path: Path, column: str) -> Iterator[Decimal]:
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield Decimal(row[column])


def _json_rows(path: Path) -> Iterator[Json]:
    """Rows of a document, which has each in a line of its own, or of JSON Lines."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            text = line.rstrip(",\n")
            if not text.startswith('{"export":') and text != "]}":
                yield json.loads(text)


_AMOUNTS: Final[Mapping[str, Callable[[Path], Iterator[Decimal]]]] = {
    "csv": lambda path: _cells(path, "costUsd"),
    "focus": lambda path: _cells(path, "BilledCost"),
    "json": lambda path: (Decimal(row["costUsd"]) for row in _json_rows(path)),
}
