"""From the stream of Meters to the deliveries' queue."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.clients import make_dynamodb, make_sqs
from metering.aws.config import read_config
from metering.aws.queues import Queue
from metering.aws.telemetry import count, flush, logger
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
    failed = [record["dynamodb"]["SequenceNumber"] for record in event["Records"] if not _relayed(relay, record)]
    flush()
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _relayed(relay: Relay, record: dict[str, Any]) -> bool:
    try:
        relay_event(relay, item_to_event(record["dynamodb"]["NewImage"]), datetime.now(UTC))
    except Exception:  # noqa: BLE001  # whatever it is, it comes again, and in the end to the dead-letter queue
        logger.exception("event_not_relayed")
        return False
    count("EventRelayed")
    return True
