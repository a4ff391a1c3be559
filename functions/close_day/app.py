"""At 00:30 UTC: every day that is past and still open is to be closed, and months that are over are to be summed."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.clients import make_dynamodb, make_sqs
from metering.aws.config import read_config
from metering.aws.rollup_queue import Rollup, RollupQueue, send_rollups
from metering.aws.statistics import open_slots_before
from metering.aws.telemetry import count, flush
from metering.domain.periods import stored
from metering.http.guard import deadline_of

CLIENT = make_dynamodb()
SQS = make_sqs()


def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ANN401  # Lambda's own
    """Asks for each; those that it does not get to are asked for tomorrow."""
    config, deadline = read_config(), deadline_of(context)
    slots = open_slots_before(CLIENT, config.statistics_table, stored(datetime.now(UTC))[:10], deadline)
    rollups = [Rollup(project, slot) for project, slot in slots]
    queue = RollupQueue(SQS, config.rollups_queue, config.rollup_seconds)
    send_rollups(queue, rollups, datetime.now(UTC), deadline)
    days = sum(rollup.span == "day" for rollup in rollups)
    count("DayToClose", days)
    flush()
    return {"days": days, "months": len(rollups) - days}
