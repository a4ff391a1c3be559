"""Export jobs and their days as items."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metering.aws import keys
from metering.aws.audit import Trail
from metering.aws.tables import get, query
from metering.aws.transaction import Deadline, Item, Write
from metering.domain.exports import ExportRequest, File, Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Exports:
    """A project's exports."""

    client: "DynamoDBClient"
    table: str
    project: str
    deadline: Deadline
    trail: Trail | None = None


class Export(NamedTuple):
    """An export and how far it is."""

    export_id: str
    request: ExportRequest
    status: Status
    created_at: str
    total_days: int
    expires_at: str
    markup_basis_points: int = 0
    """What invoice items have on top, as it was when the export was started."""
    files: tuple[File, ...] = ()
    cost: int = 0
    billed: int = 0
    """Pico-USD."""
    rows: int = 0
    skipped: tuple[dict[str, Any], ...] = ()
    error: str | None = None


class WrittenDay(NamedTuple):
    """What a day added to an export."""

    date: str
    rows: int
    records: int
    cost: int
    billed: int
    metrics: tuple[str, ...]
    revision: int
    final: bool


def export_to_item(project: str, export: Export) -> dict[str, Any]:
    request = {**export.request._asdict(), "options": dict(export.request.options)}
    return {
        **keys.export(project, export.export_id),
        "id": {"S": export.export_id},
        "request": {"S": _encode(request)},
        "status": {"S": export.status},
        "createdAt": {"S": export.created_at},
        "expiresAt": {"S": export.expires_at},
        "totalDays": {"N": str(export.total_days)},
        "markup": {"N": str(export.markup_basis_points)},
        **results(export),
    }


_encode: Final = json.JSONEncoder(ensure_ascii=False).encode
"""Letters as they are: escaped, they would take three times the room, and an item has but 400 KB."""


def results(export: Export) -> dict[str, Any]:
    """The attributes that come once an export is written."""
    found: dict[str, Any] = {
        "files": {"S": json.dumps([file._asdict() for file in export.files])},
        "cost": {"N": str(export.cost)},
        "billed": {"N": str(export.billed)},
        "rows": {"N": str(export.rows)},
        "skipped": {"S": _encode(export.skipped)},
    }
    if export.error is not None:
        found["error"] = {"S": export.error}
    return found


def item_to_export(item: Item) -> Export:
    return Export(
        export_id=item["id"]["S"],
        request=ExportRequest(**json.loads(item["request"]["S"])),
        status=item["status"]["S"],
        created_at=item["createdAt"]["S"],
        total_days=int(item["totalDays"]["N"]),
        expires_at=item["expiresAt"]["S"],
        markup_basis_points=int(item["markup"]["N"]) if "markup" in item else 0,  # exports may be older than markups
        files=tuple(File(**file) for file in json.loads(item["files"]["S"])),
        cost=int(item["cost"]["N"]),
        billed=int(item["billed"]["N"]),
        rows=int(item["rows"]["N"]),
        skipped=tuple(json.loads(item["skipped"]["S"])),
        error=item["error"]["S"] if "error" in item else None,
    )


def read_export(exports: Exports, export_id: str) -> Export | None:
    item = get(exports.client, exports.table, keys.export(exports.project, export_id), exports.deadline)
    return item_to_export(item) if item else None


def list_exports(exports: Exports, after: str | None) -> Iterator[Export]:
    """A project's exports, the newest first, those behind the id `after`."""
    first, last = keys.export(exports.project, ""), keys.export(exports.project, after or "~")
    items = query(
        exports.client,
        exports.deadline,
        TableName=exports.table,
        KeyConditionExpression="account = :account AND entry BETWEEN :first AND :last",
        ExpressionAttributeValues={":account": first["account"], ":first": first["entry"], ":last": last["entry"]},
        ScanIndexForward=False,
        ConsistentRead=True,
    )
    found = map(item_to_export, items)
    return (export for export in found if export.export_id != after)


def change_status(exports: Exports, before: Export, after: Export) -> Write:
    """The write that changes an export's status and results, if its status is as it was read."""
    values = {f":{name}": value for name, value in results(after).items()}
    sets = [f"#{name} = :{name}" for name in results(after)]
    return Write(
        "Update",
        {
            "TableName": exports.table,
            "Key": keys.export(exports.project, before.export_id),
            "UpdateExpression": f"SET #status = :status, {', '.join(sets)}",
            "ConditionExpression": "#status = :before",
            "ExpressionAttributeNames": {"#status": "status", **{f"#{name}": name for name in results(after)}},
            "ExpressionAttributeValues": {
                **values,
                ":status": {"S": after.status},
                ":before": {"S": before.status},
            },
        },
    )


def day_to_item(exports: Exports, export_id: str, day: WrittenDay) -> dict[str, Any]:
    return {
        **keys.export_day(exports.project, export_id, day.date),
        "day": {"S": json.dumps(day._asdict())},
    }


def read_written_days(exports: Exports, export_id: str) -> list[WrittenDay]:
    """The days of an export that are written, in order."""
    key = keys.export_day(exports.project, export_id, "")
    items = query(
        exports.client,
        exports.deadline,
        TableName=exports.table,
        KeyConditionExpression="account = :account",
        ExpressionAttributeValues={":account": key["account"]},
        ConsistentRead=True,
    )
    days = [json.loads(item["day"]["S"]) for item in items]
    return [WrittenDay(**{**day, "metrics": tuple(day["metrics"])}) for day in days]
