"""Records of closed days, to the archive."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.archive_queue import read_archiving, send_archiving
from metering.aws.batches import Again, work_off
from metering.aws.clients import make_s3, make_sqs
from metering.aws.config import Config, read_config
from metering.aws.objects import Objects
from metering.aws.pages import make_reader
from metering.aws.telemetry import count
from metering.domain.periods import stored
from metering.flows.archive import Archivist, Outcome, archive_day
from metering.flows.roll_up import Ledger
from metering.http.guard import deadline_of

CLIENT = make_reader()
SQS = make_sqs()
S3 = make_s3()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    """Archives the day that each message names; one that fails comes again, before the same day's others."""
    config, deadline = read_config(), deadline_of(context)
    tables = (config.records_table, config.statistics_table, config.meters_table, config.accounts_table)
    archive = Objects(S3, config.archive_bucket, deadline)
    archivist = Archivist(Ledger(CLIENT, *tables, deadline, archive), archive, config.record_retention_days)
    again = Again(SQS, config.archives_queue)
    return work_off(
        event["Records"], lambda record: _archive(archivist, config, record), "archiving_failed", again=again
    )


def _archive(archivist: Archivist, config: Config, record: dict[str, Any]) -> None:
    asked, now = read_archiving(record["body"]), stored(datetime.now(UTC))
    outcome = archive_day(archivist, asked, now)
    count(f"Archiving{outcome.value.capitalize()}")
    if outcome in {Outcome.DIFFERS, Outcome.UNFINISHED}:
        again = asked._replace(attempt=asked.attempt + (outcome is Outcome.DIFFERS))
        send_archiving(SQS, config.archives_queue, again, now, archivist.archive.deadline)
