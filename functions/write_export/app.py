"""Pieces of exports: days, and the whole once all days are there."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.account_items import item_to_project
from metering.aws.batches import Again, work_off
from metering.aws.clients import make_s3, make_sqs
from metering.aws.config import Config, read_config
from metering.aws.export_queue import Piece, read_piece, send_assembly
from metering.aws.export_store import Exports
from metering.aws.keys import project as project_key
from metering.aws.objects import Objects
from metering.aws.pages import make_reader
from metering.aws.records import Records
from metering.aws.statistics import Statistics
from metering.aws.tables import get
from metering.aws.telemetry import count
from metering.aws.transaction import Deadline
from metering.domain.periods import stored
from metering.flows.assemble_export import assemble
from metering.flows.export_usage import Exporter, UnexportableError, fail_export, write_day
from metering.flows.stripe_customers import find_customers
from metering.http.guard import deadline_of

CLIENT = make_reader()
OBJECTS = make_s3()
SQS = make_sqs()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    """Does the piece of each message; one that fails comes again, and in the end from the dead-letter queue."""
    config, deadline = read_config(), deadline_of(context)
    again = Again(SQS, config.exports_queue)
    return work_off(event["Records"], lambda record: _do(config, record, deadline), "export_piece_failed", again=again)


def _do(config: Config, record: dict[str, Any], deadline: Deadline) -> None:
    piece = read_piece(record["body"])
    exporter, now = _exporter(config, piece.project, deadline), stored(datetime.now(UTC))
    if record["eventSourceARN"] == config.exports_dead_arn:
        _fail(exporter, piece, "a piece of it failed again and again", now)
        return
    try:
        _work(config, exporter, piece, now)
    except UnexportableError as error:
        _fail(exporter, piece, str(error), now)


def _fail(exporter: Exporter, piece: Piece, reason: str, now: str) -> None:
    if fail_export(exporter, piece.export_id, reason, now):
        count("ExportFailed")


def _work(config: Config, exporter: Exporter, piece: Piece, now: str) -> None:
    if piece.date is not None:
        if write_day(exporter, piece.export_id, piece.date, now):
            send_assembly(SQS, config.exports_queue, piece.project, piece.export_id, exporter.exports.deadline)
    elif assemble(exporter, piece.export_id, now, lambda users: find_customers(exporter.exports, users)):
        count("ExportReady")


def _exporter(config: Config, project: str, deadline: Deadline) -> Exporter:
    item = get(CLIENT, config.accounts_table, project_key(project), deadline)
    found = item_to_project(item) if item else None
    return Exporter(
        Exports(CLIENT, config.accounts_table, project, deadline),
        Records(CLIENT, config.records_table, project, found.shards if found else 1, deadline),
        Statistics(CLIENT, config.statistics_table, project, deadline),
        Objects(OBJECTS, config.export_bucket, deadline),
        Objects(OBJECTS, config.archive_bucket, deadline),
        config.meters_table,
        found.name if found else project,
    )
