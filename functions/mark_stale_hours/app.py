"""From the stream of records to the queue of rollups."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.clients import make_dynamodb, make_sqs
from metering.aws.config import read_config
from metering.aws.rollup_queue import send_rollups
from metering.aws.statistics import Statistics
from metering.flows.mark_stale_hours import reopen_past_days, stale_hours
from metering.http.guard import deadline_of

CLIENT = make_dynamodb()
SQS = make_sqs()


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401  # Lambda's own
    """Marks the hours of a batch of records. It fails as a whole, since doing it again does no harm."""
    config, now, deadline = read_config(), datetime.now(UTC), deadline_of(context)
    hours = stale_hours(record["dynamodb"]["NewImage"] for record in event["Records"])
    reopen_past_days(lambda project: Statistics(CLIENT, config.statistics_table, project, deadline), hours, now)
    turn = int(now.timestamp()) // config.rollup_seconds
    send_rollups(SQS, config.rollups_queue, hours, turn, deadline)
