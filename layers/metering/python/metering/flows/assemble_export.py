"""The whole of an export, put together from the chunks of its days."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec

from metering.aws.export_output import Output
from metering.aws.export_rows import COLUMNS
from metering.aws.export_store import Export, WrittenDay, read_export, read_written_days
from metering.aws.objects import open_object, read_lines, size_of
from metering.domain import focus
from metering.domain.exports import PLATFORM, File, defused
from metering.domain.figures import shown_figures
from metering.domain.line_items import Invoiced, invoiced
from metering.domain.money import PICO_PER_CENT, money, plain
from metering.domain.statistics import MOST_METRICS, Figures
from metering.flows.bill_customers import Billing, Customers, invoice_rows, meter_event_rows
from metering.flows.export_chunks import unpacked
from metering.flows.export_usage import Exporter, UnexportableError, chunk_key, tell

_NEWLINE: Final = b"\n"


class _Whole:
    """An export being assembled."""

    def __init__(self, exporter: Exporter, export: Export, days: list[WrittenDay]) -> None:
        self.exporter = exporter
        self.export = export
        self.days = days
        self.skipped: list[dict[str, Any]] = []
        self.skipped_in_short: list[dict[str, Any]] = []
        self.invoiced: Invoiced | None = None

    def lines(self) -> Iterator[bytes]:
        for day in self.days:
            if day.rows:
                yield from read_lines(self.exporter.objects, chunk_key(self.exporter, self.export, day.date))

    def files(self) -> Iterator[io.BufferedReader]:
        objects = self.exporter.objects
        for day in self.days:
            key = chunk_key(self.exporter, self.export, day.date)
            if day.rows:
                yield open_object(objects, key, size_of(objects, key) or 0)

    def groups(self) -> dict[str | None, Figures]:
        found: dict[str | None, Figures] = {}
        for line in self.lines():
            key, packed = msgspec.json.decode(line)
            found.setdefault(key, Figures()).merge(unpacked(packed))
        return dict(sorted(found.items(), key=lambda group: (group[0] is None, group[0] or "")))

    def metrics(self) -> list[str]:
        """Those that are columns.

        Raises:
            UnexportableError: they are more than a file may have.
        """
        found = sorted({metric for day in self.days for metric in day.metrics})
        if len(found) > MOST_METRICS:
            raise UnexportableError(f"there are more than {MOST_METRICS} metrics, too many to be columns: export json")
        return found

    def head(self) -> dict[str, Any]:
        """What the export says of itself."""
        request = self.export.request
        return {
            "exportId": self.export.export_id,
            "format": request.format,
            "period": request.period.echo(),
            "groupBy": request.group_by,
            **totals_of(self.days),
        }


def totals_of(days: Iterable[WrittenDay]) -> dict[str, Any]:
    """The exact and the rounded totals of an export's days."""
    known = list(days)
    cost, billed = sum(day.cost for day in known), sum(day.billed for day in known)
    return {
        "cost": money(cost),
        "costUsd": plain(cost),
        "billed": money(billed),
        "billedUsd": plain(billed),
        "records": sum(day.records for day in known),
    }


def assemble(exporter: Exporter, export_id: str, now: str, customers: Customers) -> bool:
    """Puts the days' chunks together, writes the manifest, makes the export ready and tells of it.

    `customers` finds the Stripe customers of users. False: there is nothing to do, since it is ready already or days
    are missing.
    """
    export = read_export(exporter.exports, export_id)
    if export is None or export.status != "running":
        return False
    whole = _Whole(exporter, export, read_written_days(exporter.exports, export_id))
    if len(whole.days) != export.total_days:
        return False
    name = f"{export.request.format}-{export.request.first}-{export.request.last}.{export.request.extension}"
    with Output(exporter.objects, _final_key(exporter, export, name)) as output:
        _write_whole(whole, output, Billing(export, exporter.exports.project, customers, now))
    data = File(name, "data", output.key, output.bytes, output.sha256, output.rows)
    with Output(exporter.objects, _final_key(exporter, export, "manifest.json")) as output:
        output.row(msgspec.json.format(msgspec.json.encode(_manifest(whole, data)), indent=2))
    manifest = File("manifest.json", "manifest", output.key, output.bytes, output.sha256, output.rows)
    done = export._replace(
        status="ready",
        files=(data, manifest),
        cost=sum(day.cost for day in whole.days),
        billed=sum(day.billed for day in whole.days),
        rows=data.rows,
        skipped=tuple(whole.skipped_in_short),
    )
    return tell(exporter, export, done, "export.ready", now)


def _final_key(exporter: Exporter, export: Export, name: str) -> str:
    return f"exports/{exporter.exports.project}/{export.export_id}/{name}"


def _write_whole(whole: _Whole, output: Output, billing: Billing) -> None:
    request = whole.export.request
    if request.format == "stripe":
        _write_billing(whole, output, billing)
    elif request.format == "json":
        _write_json(whole, output)
    elif request.group_by is not None:
        _write_group_rows(whole, output)
    else:
        _WRITERS[request.format](whole, output)


def _write_billing(whole: _Whole, output: Output, billing: Billing) -> None:
    if whole.export.request.is_invoiced:
        items = invoice_rows(billing, whole.lines())
        whole.invoiced = invoiced(items)
        rows: Iterable[dict[str, Any]] = items
    else:
        rows = meter_event_rows(billing, whole.lines())
    for row in rows:
        output.row(msgspec.json.encode(row) + _NEWLINE)
    whole.skipped, whole.skipped_in_short = billing.skipped(), billing.skipped_in_short()


def _write_csv(whole: _Whole, output: Output) -> None:
    metrics, text = whole.metrics(), _Csv()
    output.write(text.line([*COLUMNS, *(f"usage.{metric}" for metric in metrics)]))
    for line in whole.lines():
        row, quantities = msgspec.json.decode(line)
        output.row(text.line([*row, *(quantities.get(metric, "") for metric in metrics)]))


def _write_group_rows(whole: _Whole, output: Output) -> None:
    metrics, text = whole.metrics(), _Csv()
    names = [f"usage.{metric}" for metric in metrics]
    output.write(text.line([whole.export.request.group_by or "", "costUsd", "billedUsd", "records", "unrated", *names]))
    for key, figures in whole.groups().items():
        sums = [plain(figures.cost), plain(figures.billed), str(figures.records), str(figures.unrated)]
        quantities = [plain(figures.metrics.get(metric, 0)) for metric in metrics]
        output.row(text.line([defused(key or ""), *sums, *quantities]))


class _Csv:
    """Rows as lines of CSV."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        self._writer = csv.writer(self._text)

    def line(self, row: list[str]) -> bytes:
        self._writer.writerow(row)
        line = self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()
        return line


def _write_focus(whole: _Whole, output: Output) -> None:
    exporter, text = whole.exporter, _Csv()
    platform = whole.export.request.options.get("platform", PLATFORM)
    account = focus.Account(platform, exporter.exports.project, exporter.project_name)
    output.write(text.line(list(focus.COLUMNS)))
    for line in whole.lines():
        date, packed, price, quantity, cost = msgspec.json.decode(line)
        charge = focus.Charge(*packed)._replace(price=None if price is None else int(price))
        cells = focus.row(account, date, charge, int(quantity), int(cost))
        output.row(text.line([cells[column] for column in focus.COLUMNS]))


def _write_parquet(whole: _Whole, output: Output) -> None:
    from metering.aws.archive_file import join_files  # noqa: PLC0415  # pyarrow is only where Parquet is written

    output.rows = join_files(output, whole.files())


_WRITERS: Final[dict[str, Callable[[_Whole, Output], None]]] = {
    "csv": _write_csv,
    "focus": _write_focus,
    "parquet": _write_parquet,
}


def _write_json(whole: _Whole, output: Output) -> None:
    request = whole.export.request
    if request.group_by is None:
        rows: Iterator[bytes] = whole.lines()
    else:
        rows = (msgspec.json.encode({"key": key, **shown_figures(figures)}) for key, figures in whole.groups().items())
    if request.options.get("lines"):
        for row in rows:
            output.row(row + _NEWLINE)
        return
    name = "records" if request.group_by is None else "groups"
    output.write(b'{"export":' + msgspec.json.encode(whole.head()) + f',"{name}":['.encode())
    for number, row in enumerate(rows):
        output.row((b",\n" if number else b"\n") + row)
    output.write(b"\n]}\n")


def _manifest(whole: _Whole, data: File) -> dict[str, Any]:
    days = [{"date": day.date, "revision": day.revision, "final": day.final, "rows": day.rows} for day in whole.days]
    file = {"name": data.name, "kind": data.kind, "bytes": data.bytes, "sha256": data.sha256, "rows": data.rows}
    return {
        **whole.head(),
        "files": [file],
        "final": all(day.final for day in whole.days),
        "days": days,
        "skipped": whole.skipped,
        **_invoiced(whole),
    }


def _invoiced(whole: _Whole) -> dict[str, Any]:
    """What the invoice items come to, markup included, if that is what the export has."""
    if whole.invoiced is None:
        return {}
    return {
        "markupBasisPoints": whole.export.markup_basis_points,
        "invoiced": money(whole.invoiced.cents * PICO_PER_CENT),
        "invoicedUsd": plain(whole.invoiced.exact),
    }
