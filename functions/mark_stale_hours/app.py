"""From the stream of records to the queue of rollups."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.batches import sequence_number, work_off
from metering.aws.clients import make_dynamodb, make_sqs
from metering.aws.config import read_config
from metering.aws.rollup_queue import RollupQueue, send_rollups
from metering.aws.statistics import Statistics
from metering.aws.transaction import Deadline
from metering.flows.mark_stale_hours import StaleDay, mark_days, stale_hours
from metering.http.guard import deadline_of

CLIENT = make_dynamodb()
SQS = make_sqs()
LISTED: set[StaleDay] = set()
"""Days that this process has noted as open, so that it does so once."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    """Marks the hours of a batch of records. It fails as a whole, since doing it again does no harm."""
    records = event["Records"]
    return work_off(
        records[:1], lambda _: _mark(records, deadline_of(context)), "hours_not_marked", identifier=sequence_number
    )


def _mark(records: list[dict[str, Any]], deadline: Deadline) -> None:
    config, now = read_config(), datetime.now(UTC)
    hours = stale_hours(record["dynamodb"]["NewImage"] for record in records)
    mark_days(lambda project: Statistics(CLIENT, config.statistics_table, project, deadline), hours, now, LISTED)
    queue = RollupQueue(SQS, config.rollups_queue, config.rollup_seconds)
    send_rollups(queue, hours, datetime.now(UTC), deadline)
