"""One attempt each to deliver the events that are due."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from metering.aws.clients import make_dynamodb, make_kms, make_sqs
from metering.aws.config import read_config
from metering.aws.outbound import Sender
from metering.aws.queues import Queue
from metering.aws.secret_box import SecretBox
from metering.aws.telemetry import count, flush, logger
from metering.aws.webhook_store import Webhooks
from metering.domain.deliveries import Delivery
from metering.flows.deliver_webhook import Courier, deliver_all
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
    messages = {record["messageId"]: record["body"] for record in event["Records"]}
    outcomes = deliver_all(courier, messages, datetime.now(UTC))
    failed = [message_id for message_id, outcome in outcomes.items() if not _noted(outcome)]
    flush()
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


@cache
def _box() -> SecretBox:
    return SecretBox(KMS, read_config().webhook_key)


def _noted(outcome: Delivery | Exception | None) -> bool:
    if isinstance(outcome, Exception):
        logger.error("delivery_not_attempted", exc_info=outcome)
        return False
    if outcome:
        count(METRICS[outcome.status])
    return True
