"""The rows of a CSV file as events.

Which column is which field is said by the caller. A row's idempotency key is what its key column holds, if one is
named; else `csv/<name>/<number>`, the number counting the rows from 1 after the header. A file that has grown at its
end can so be imported again, as can one whose import was cut short: the rows that were there are duplicates. A file
whose rows were moved or edited is refused at the first row that differs from what its number stands for.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

from local.imports.events import USAGE, Event, Fault, set_field, set_fields
from metering.domain.periods import parse_instant

KEY: Final = "idempotencyKey"
TIME: Final = "occurredAt"

# Date and time apart by a space or a T, any number of decimals, and a zone or none, which means UTC.
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[ Tt](\d{2}:\d{2})(:\d{2})?(?:[.,](\d+))?\s*([Zz]|UTC|[+-]\d{2}:?\d{2})?", re.ASCII
)
_DECIMALS: Final = 6


class CsvError(Exception):
    """The file as a whole cannot be imported as asked."""


def to_instant(text: str) -> str:
    """RFC 3339 of a time as CSV files have it; digits beyond microseconds are cut off.

    Raises:
        ValueError: it is no time.
    """
    match = _TIME.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a time such as 2026-11-24 10:00:00.123 or 2026-11-24T10:00:00Z")
    day, minutes, seconds, decimals, zone = match.groups()
    fraction = f".{decimals[:_DECIMALS]}" if decimals else ""
    if zone and len(zone) == len("+hhmm"):
        zone = f"{zone[:3]}:{zone[3:]}"
    offset = zone if zone and zone[0] in "+-" else "Z"
    return parse_instant(f"{day}T{minutes}{seconds or ':00'}{fraction}{offset}")


@dataclass
class CsvFile:
    """A CSV file with a header: `columns` says which column is which field, `fixed` what else every event has.

    Raises:
        CsvError: the file has no such columns, or its events would lack what every event needs.
    """

    path: Path
    columns: Mapping[str, str]
    fixed: Mapping[str, str]
    key_column: str | None = None
    name: str = ""
    delimiter: str = ","
    bytes_total: int = field(init=False)
    bytes_read: int = field(init=False, default=0)
    notices: Counter[str] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        self.name = self.name or self.path.name
        self.bytes_total = self.path.stat().st_size
        self._check()

    def _check(self) -> None:
        names = {*self.columns, *self.fixed}
        if both := self.columns.keys() & self.fixed.keys():
            raise CsvError(f"{', '.join(sorted(both))}: from a column or fixed, not both")
        if "service" not in names:
            raise CsvError("every event needs a service: --set service=… or --column service=…")
        if not any(name.startswith(USAGE) for name in names):
            raise CsvError("every event needs usage: --column usage.<metric>=…")
        header = self._header()
        wanted = {*self.columns.values(), *([self.key_column] if self.key_column else [])}
        if missing := wanted - set(header):
            raise CsvError(f"{self.path} has no column {', '.join(sorted(missing))}; it has {', '.join(header)}")

    def _header(self) -> list[str]:
        with self.path.open(encoding="utf-8-sig", newline="") as lines:
            try:
                header = next(csv.reader(lines, delimiter=self.delimiter), [])
            except (csv.Error, UnicodeDecodeError) as error:
                raise CsvError(f"{self.path}: {error}") from None
        if twice := {name for name in header if header.count(name) > 1}:
            raise CsvError(f"{self.path} has two columns {', '.join(sorted(twice))}")
        return header

    def events(self) -> Iterator[Event | Fault]:
        """One event a row, or a fault. Memory holds one row.

        Raises:
            CsvError: the file is no CSV or not UTF-8.
        """
        with self.path.open("rb") as raw:
            rows = csv.DictReader(TextIOWrapper(raw, encoding="utf-8-sig", newline=""), delimiter=self.delimiter)
            try:
                for number, row in enumerate(rows, start=1):
                    self.bytes_read = raw.tell()
                    yield self._event(number, f"{self.path}:{rows.line_num}", row)
            except (csv.Error, UnicodeDecodeError) as error:
                raise CsvError(f"{self.path}:{rows.line_num}: {error}") from None

    def _event(self, number: int, origin: str, row: Mapping[str | None, Any]) -> Event | Fault:
        if None in row:
            return Fault(origin, "the row has more cells than the header")
        payload: dict[str, Any] = {KEY: f"csv/{self.name}/{number}"}
        try:
            set_fields(payload, self.fixed)
            for name, column in self.columns.items():
                text = (row[column] or "").strip()
                if name == TIME:
                    payload[TIME] = to_instant(text)
                elif text:
                    set_field(payload, name, text)
            if self.key_column:
                payload[KEY] = row[self.key_column]
        except ValueError as error:
            return Fault(origin, str(error))
        return Event(origin, payload) if payload.get("usage") else Fault(origin, "the row has no usage")
