"""From the stream of Meters to the deliveries' queue."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.batches import sequence_number, work_off
from metering.aws.clients import make_dynamodb, make_sqs
from metering.aws.config import read_config
from metering.aws.queues import Queue
from metering.aws.telemetry import count
from metering.aws.webhook_items import item_to_event
from metering.aws.webhook_store import Webhooks
from metering.flows.relay_outbox import Relay, relay_event
from metering.http.guard import deadline_of

CLIENT = make_dynamodb()
SQS = make_sqs()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    """Relays every event of the batch. One that fails holds none of the others up, and comes again."""
    config = read_config()
    webhooks = Webhooks(CLIENT, config.accounts_table, deadline_of(context))
    relay = Relay(config.meters_table, webhooks, Queue(SQS, config.deliveries_queue))
    return work_off(
        event["Records"], lambda record: _relay(relay, record), "event_not_relayed", identifier=sequence_number
    )


def _relay(relay: Relay, record: dict[str, Any]) -> None:
    relay_event(relay, item_to_event(record["dynamodb"]["NewImage"]), datetime.now(UTC))
    count("EventRelayed")
