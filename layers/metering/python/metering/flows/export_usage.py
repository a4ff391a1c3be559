"""Exports: days are the pieces, and the whole is assembled from them.

A day's records are written as a chunk of their own, and what they add up to is noted beside. Writing a day again
overwrites both, so a piece that was interrupted is simply done again, without a doubled or a missing row. Once every
day is noted, the chunks are put together in order. Memory holds a part of an object and a page of records, whatever
the size; only what is added up by customer or by group grows with those.
"""

import hashlib
import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from metering.aws import keys
from metering.aws.account_items import item_to_project
from metering.aws.audit import traced
from metering.aws.export_output import Output
from metering.aws.export_store import (
    Export,
    Exports,
    WrittenDay,
    change_status,
    day_to_item,
    export_to_item,
    read_export,
    read_written_days,
)
from metering.aws.objects import Objects, open_version
from metering.aws.outbox import event_write
from metering.aws.records import Records, items_in_order
from metering.aws.seals import is_sealed
from metering.aws.statistics import Statistics, read_days, read_groups
from metering.aws.tables import get
from metering.aws.transaction import Item, RefusedError, Write, commit
from metering.domain.accounts import new_id
from metering.domain.days import Day, unknown_day
from metering.domain.errors import IdempotencyConflictError, NotFoundError
from metering.domain.exports import ExportRequest
from metering.domain.periods import later, short
from metering.domain.statistics import MOST_METRICS, TOTAL, Figures
from metering.flows.export_chunks import Amounts, Chunk, write_chunk


class UnexportableError(Exception):
    """An export cannot be had, however often it is tried; the message is for who asked for it."""


@dataclass(frozen=True)
class Exporter:
    """Where exports come from and go to."""

    exports: Exports
    records: Records
    statistics: Statistics
    objects: Objects
    archive: Objects
    meters_table: str
    project_name: str


def start_export(
    exports: Exports, request: ExportRequest, now: str, expiry_days: int, idempotency_key: str | None
) -> Export:
    """Makes an export job, or finds the one that an earlier sending made.

    Raises:
        IdempotencyConflictError: the key belongs to another request.
    """
    # The id begins with the time, so that the order of ids is the order of exports.
    stamp = now.replace("-", "").replace(":", "")[:15].replace("T", "").lower()
    export = Export(
        f"exp_{stamp}_{new_id(8)}",
        request,
        "queued",
        now,
        len(request.period.days()),
        later(now, timedelta(days=expiry_days)),
        _markup(exports, request),
    )
    writes = [_new(exports, export_to_item(exports.project, export))]
    if idempotency_key is not None:
        marker = keys.export_key(exports.project, hashlib.sha256(idempotency_key.encode()).hexdigest()[:32])
        pointer = {**marker, "export": {"S": export.export_id}, "print": {"S": request.fingerprint()}}
        writes.append(_new(exports, pointer))
    try:
        commit(exports.client, [*writes, *traced(exports.trail, exportId=export.export_id)], exports.deadline)
    except RefusedError as refused:
        pointer_found = refused.found.get(1)
        if pointer_found is None:
            raise
        return _earlier(exports, request, pointer_found)
    return export


def _markup(exports: Exports, request: ExportRequest) -> int:
    """Basis points on top of invoice items: what the request says, or else the project."""
    if not request.is_invoiced:
        return 0
    own: int | None = request.options.get("markupBasisPoints")
    if own is not None:
        return own
    item = get(exports.client, exports.table, keys.project(exports.project), exports.deadline)
    return item_to_project(item).markup_basis_points if item else 0


def _new(exports: Exports, item: dict[str, Any]) -> Write:
    return Write(
        "Put",
        {
            "TableName": exports.table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(account)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    )


def _earlier(exports: Exports, request: ExportRequest, pointer: Item) -> Export:
    if pointer["print"]["S"] != request.fingerprint():
        raise IdempotencyConflictError("the Idempotency-Key was used before for another export")
    return get_export(exports, pointer["export"]["S"])


def get_export(exports: Exports, export_id: str) -> Export:
    """An export.

    Raises:
        NotFoundError: the project has none of this id.
    """
    export = read_export(exports, export_id)
    if export is None:
        raise NotFoundError(f"there is no export {export_id}")
    return export


# ---------------------------------------------------------------------------- a day


def write_day(exporter: Exporter, export_id: str, date: str, now: str) -> bool:
    """Writes a day's chunk and notes what it adds up to; whether every day of the export is written now.

    An export that is gone, ready or failed needs no more days.

    Raises:
        UnexportableError: some of the day's records are not to be had.
    """
    export = read_export(exporter.exports, export_id)
    if export is None or export.status in {"ready", "failed"}:
        return False
    if export.status == "queued":
        _change(exporter, export, export._replace(status="running"))
    day = next(read_days(exporter.statistics, date, date), unknown_day(date, now))
    with Output(exporter.objects, chunk_key(exporter, export, date)) as output:
        figures = write_chunk(output, Chunk(export.request, date, day.revision), _items_of(exporter, day))
    written = WrittenDay(
        date,
        output.rows,
        figures.records,
        figures.cost,
        figures.billed,
        tuple(sorted(figures.metrics)[: MOST_METRICS + 1]),  # one too many tells that they are
        day.revision,
        _is_final(exporter, day, figures),
    )
    item = day_to_item(exporter.exports, export_id, written)
    put = Write("Put", {"TableName": exporter.exports.table, "Item": item})
    commit(exporter.exports.client, [put], exporter.exports.deadline)
    return len(read_written_days(exporter.exports, export_id)) == export.total_days


def _is_final(exporter: Exporter, day: Day, figures: Figures | Amounts) -> bool:
    """Whether the day is closed with what was read; usage may be there that its statistics have not heard of yet."""
    if day.status != "final":
        return False
    rows = read_groups(exporter.statistics, "day", TOTAL, day.date, day.date) if day.revision else iter(())
    closed = next((found for _, _, found in rows), Figures())
    return (closed.cost, closed.billed, closed.records, closed.unrated) == (
        figures.cost,
        figures.billed,
        figures.records,
        figures.unrated,
    )


def _items_of(exporter: Exporter, day: Day) -> Iterator[Item]:
    """A day's records in order of time: those that are archived and may have expired from the archive, which has all
    of them, and the others from the table.
    """
    items = items_in_order(exporter.records, day.date)
    if not day.sealed:
        return items
    from metering.aws.archive_items import archived_items  # noqa: PLC0415  # pyarrow is only where Parquet is read

    project = exporter.records.project
    file = open_version(exporter.archive, keys.archive_object(project, day.date))
    if file is None:
        raise UnexportableError(f"the records of {day.date} have expired, and their archive is not there")
    others = (item for item in items if not is_sealed(item, day.sealed))
    return heapq.merge(archived_items(file, project, day.sealed), others, key=lambda item: item["moment"]["S"])


def _change(exporter: Exporter, before: Export, after: Export) -> bool:
    try:
        commit(exporter.exports.client, [change_status(exporter.exports, before, after)], exporter.exports.deadline)
    except RefusedError:
        return False
    return True


def chunk_key(exporter: Exporter, export: Export, date: str) -> str:
    return f"exports/{exporter.exports.project}/{export.export_id}/work/{date}"


def fail_export(exporter: Exporter, export_id: str, reason: str, now: str) -> bool:
    """Marks an export that cannot be written, and tells of it."""
    export = read_export(exporter.exports, export_id)
    if export is None or export.status in {"ready", "failed"}:
        return False
    return tell(exporter, export, export._replace(status="failed", error=reason), "export.failed", now)


def tell(exporter: Exporter, before: Export, after: Export, event_type: str, now: str) -> bool:
    project = exporter.exports.project
    data = {"exportId": after.export_id, "format": after.request.format, "status": after.status, "at": short(now)}
    if after.error:
        data["error"] = after.error
    scope_key = keys.scope(project, "project", project)
    told = event_write(exporter.meters_table, scope_key, project, event_type, data, now)
    try:
        commit(
            exporter.exports.client, [change_status(exporter.exports, before, after), told], exporter.exports.deadline
        )
    except RefusedError:
        return False
    return True
