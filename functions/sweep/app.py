"""Each minute: expired holds and leases, events that were not relayed, webhook retries that are due."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.clients import make_dynamodb, make_sqs
from metering.aws.config import read_config
from metering.aws.queues import Queue
from metering.aws.telemetry import count, flush
from metering.aws.webhook_store import Webhooks
from metering.domain.periods import stored
from metering.flows.relay_outbox import Relay, relay_stored
from metering.flows.retry_webhooks import requeue_due
from metering.flows.sweep import sweep
from metering.http.guard import deadline_of

CLIENT = make_dynamodb()
SQS = make_sqs()


def handler(_: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ANN401  # Lambda's own
    """What it does not get to is still due in the next minute."""
    config, now, deadline = read_config(), datetime.now(UTC), deadline_of(context)
    webhooks, queue = Webhooks(CLIENT, config.accounts_table, deadline), Queue(SQS, config.deliveries_queue)
    relay = Relay(config.meters_table, webhooks, queue)
    requeued = requeue_due(webhooks, queue, now)
    swept = sweep(CLIENT, config.meters_table, stored(now), deadline, lambda key: relay_stored(relay, key, now))
    done = {"LeaseReclaimed": swept.reclaimed, "EventRelayedLate": swept.relayed, "DeliveryRequeued": requeued}
    for name, number in done.items():
        count(name, number)
    flush()
    return done
