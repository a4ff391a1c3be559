"""One attempt to deliver an event that is due."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from metering.aws.clients import make_dynamodb, make_kms, make_sqs
from metering.aws.config import read_config
from metering.aws.outbound import Sender
from metering.aws.queues import Queue
from metering.aws.secret_box import SecretBox
from metering.aws.telemetry import count, flush, logger
from metering.aws.webhook_items import read_message
from metering.aws.webhook_store import Webhooks
from metering.flows.deliver_webhook import Courier, deliver
from metering.http.guard import deadline_of

CLIENT = make_dynamodb()
KMS = make_kms()
SQS = make_sqs()
METRICS = {"pending": "WebhookAttemptFailed", "succeeded": "WebhookDelivered", "failed": "WebhookDeliveryFailed"}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    config = read_config()
    courier = Courier(
        Webhooks(CLIENT, config.accounts_table, deadline_of(context)),
        Queue(SQS, config.deliveries_queue),
        _box(),
        Sender(allow_loopback=config.webhooks_allow_loopback),
    )
    failed = [record["messageId"] for record in event["Records"] if not _delivered(courier, record)]
    flush()
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


@cache
def _box() -> SecretBox:
    return SecretBox(KMS, read_config().webhook_key)


def _delivered(courier: Courier, record: dict[str, Any]) -> bool:
    try:
        delivery = deliver(courier, read_message(record["body"]), datetime.now(UTC))
    except Exception:  # noqa: BLE001  # whatever it is, it comes again, and in the end to the dead-letter queue
        logger.exception("delivery_not_attempted")
        return False
    if delivery:
        count(METRICS[delivery.status])
    return True
