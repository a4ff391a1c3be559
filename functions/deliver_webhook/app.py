"""One attempt to deliver an event that is due."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from metering.aws.batches import work_off
from metering.aws.clients import make_dynamodb, make_kms, make_sqs
from metering.aws.config import read_config
from metering.aws.outbound import Sender
from metering.aws.queues import Queue
from metering.aws.secret_box import SecretBox
from metering.aws.telemetry import count
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
    return work_off(event["Records"], lambda record: _deliver(courier, record), "delivery_not_attempted")


@cache
def _box() -> SecretBox:
    return SecretBox(KMS, read_config().webhook_key)


def _deliver(courier: Courier, record: dict[str, Any]) -> None:
    delivery = deliver(courier, read_message(record["body"]), datetime.now(UTC))
    if delivery:
        count(METRICS[delivery.status])
