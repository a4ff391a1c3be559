"""Exports as answers."""

from collections.abc import Callable
from typing import Any

from metering.aws.export_store import Export
from metering.domain.exports import File
from metering.domain.money import money, plain
from metering.domain.periods import short

Json = dict[str, Any]


def export_answer(export: Export, done: int, link: Callable[[File], str]) -> Json:
    """An export; `done` is how many of its days are written, `link` makes a presigned link."""
    request = export.request
    return {
        "exportId": export.export_id,
        "status": export.status,
        "format": request.format,
        "period": request.period.echo(),
        "groupBy": request.group_by,
        "progress": {"done": done, "total": export.total_days},
        "files": [_file(file, link) for file in export.files],
        "total": money(export.cost),
        "costUsd": plain(export.cost),
        "billed": money(export.billed),
        "billedUsd": plain(export.billed),
        "markupBasisPoints": export.markup_basis_points,
        "skipped": list(export.skipped),
        "error": export.error,
        "createdAt": short(export.created_at),
        "expiresAt": short(export.expires_at),
    }


def _file(file: File, link: Callable[[File], str]) -> Json:
    return {
        "name": file.name,
        "kind": file.kind,
        "url": link(file),
        "bytes": file.bytes,
        "sha256": file.sha256,
        "rows": file.rows,
    }
