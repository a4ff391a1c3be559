"""Exports: what is asked for, and rows as text that nothing downstream misreads."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple

from metering.domain.periods import Period, period_of_dates

Format = Literal["csv", "json", "stripe", "focus", "parquet"]
GroupBy = Literal["session", "user", "provider", "day", "service", "model"]
Status = Literal["queued", "running", "ready", "failed"]

EXTENSION: Final[dict[Format, str]] = {
    "csv": "csv",
    "json": "json",
    "stripe": "jsonl",
    "focus": "csv",
    "parquet": "parquet",
}
CONTENT_TYPE: Final[dict[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/jsonl",
}
PLATFORM: Final = "Meterstone"
"""Who provides and invoices, where `options.platform` says nothing else."""
# A spreadsheet runs a cell that begins so as a formula, a Japanese one by full-width signs too; a leading apostrophe
# makes it text (OWASP, CSV injection).
_FORMULA_STARTS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


class ExportRequest(NamedTuple):
    """What is asked for. `first` and `last` are dates, both inclusive."""

    format: Format
    first: str
    last: str
    group_by: GroupBy | None = None
    options: Mapping[str, Any] = {}

    @property
    def period(self) -> Period:
        return period_of_dates(self.first, self.last)

    @property
    def extension(self) -> str:
        return "jsonl" if self.format == "json" and self.options.get("lines") else EXTENSION[self.format]

    @property
    def is_invoiced(self) -> bool:
        """Whether it is invoice items that are asked for."""
        return self.format == "stripe" and self.options.get("as") != "meter_events"

    def fingerprint(self) -> str:
        """What two requests for one export have in common."""
        text = json.dumps([self.format, self.first, self.last, self.group_by, dict(self.options)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class File(NamedTuple):
    """A file of an export."""

    name: str
    kind: Literal["data", "manifest"]
    key: str
    bytes: int
    sha256: str
    rows: int


def defused(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in _FORMULA_STARTS else text


def defused_all(texts: Iterable[str]) -> list[str]:
    """`defused` of many, at half the price: most cells of a row are harmless texts."""
    return [f"'{text}" if text[:1] in _FORMULA_STARTS else text for text in texts]
