"""Statistics of an hour or of a day, made anew from the records, and of a month from its days."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.archive_queue import Archiving, send_archiving
from metering.aws.batches import Again, work_off
from metering.aws.clients import make_s3, make_sqs
from metering.aws.config import Config, read_config
from metering.aws.objects import Objects
from metering.aws.pages import make_counting_reader, make_reader
from metering.aws.rollup_queue import Rollup, RollupQueue, read_rollup, send_rollups
from metering.aws.telemetry import count
from metering.domain.days import unknown_day
from metering.domain.periods import stored
from metering.flows.roll_up import Closed, Roller, close_day, roll_up_hour
from metering.flows.roll_up_month import roll_up_month
from metering.http.guard import deadline_of

CLIENT = make_reader()
COUNTING_READER = make_counting_reader()
SQS = make_sqs()
S3 = make_s3()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    """Rolls up what each message asks for; one that fails comes again, and with it the rest of its hour's."""
    config, deadline = read_config(), deadline_of(context)
    tables = (config.records_table, config.statistics_table, config.meters_table, config.accounts_table)
    roller = Roller(CLIENT, *tables, deadline, Objects(S3, config.archive_bucket, deadline), COUNTING_READER)
    again = Again(SQS, config.rollups_queue)
    return work_off(event["Records"], lambda record: _roll_up(roller, config, record), "rollup_failed", again=again)


def _roll_up(roller: Roller, config: Config, record: dict[str, Any]) -> None:
    rollup, now = read_rollup(record["body"]), datetime.now(UTC)
    if rollup.span == "month":
        count("MonthSummed", int(roll_up_month(roller.statistics(rollup.project), rollup.slot, stored(now))))
    elif rollup.span == "hour":
        _roll_up_hour(roller, config, rollup, now)
    elif closed := close_day(roller, rollup.project, rollup.slot, stored(now)):
        _note_closed(roller, config, rollup.project, closed)


def _roll_up_hour(roller: Roller, config: Config, rollup: Rollup, now: datetime) -> None:
    roll_up_hour(roller, rollup.project, rollup.slot, stored(now))
    count("HourRolledUp")
    date = rollup.slot[:10]
    if unknown_day(date, stored(now)).status == "final":  # usage came to a day that would be closed by now
        queue = RollupQueue(SQS, config.rollups_queue, config.rollup_seconds)
        send_rollups(queue, [Rollup(rollup.project, date)], datetime.now(UTC), roller.deadline)


def _note_closed(roller: Roller, config: Config, project: str, closed: Closed) -> None:
    count("DayClosed", int(closed.anew))
    count("DriftedFigures", closed.drift.groups)
    count("DriftPicoUsd", closed.drift.cost)
    if config.archive_records and closed.day.revision:
        archiving = Archiving(project, closed.day.date, closed.day.revision)
        send_archiving(SQS, config.archives_queue, archiving, "", roller.deadline)
