"""Each minute: expired holds and leases, events that were not relayed, webhook retries that are due."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.clients import make_dynamodb, make_sqs
from metering.aws.config import read_config
from metering.aws.queues import Queue
from metering.aws.telemetry import count, flush, logger
from metering.aws.webhook_store import Webhooks
from metering.domain.periods import stored
from metering.flows.relay_outbox import Relay, relay_stored
from metering.flows.retry_webhooks import requeue_due
from metering.flows.sweep import sweep
from metering.http.guard import deadline_of

CLIENT = make_dynamodb()
SQS = make_sqs()


def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:  # noqa: ANN401  # Lambda's own
    """What it does not get to is still due in the next minute.

    Raises:
        ExceptionGroup: all was tried, and some of it failed; an alarm counts the failed invocation.
    """
    config, now, deadline = read_config(), datetime.now(UTC), deadline_of(context)
    webhooks, queue = Webhooks(CLIENT, config.accounts_table, deadline), Queue(SQS, config.deliveries_queue)
    relay = Relay(config.meters_table, webhooks, queue)
    swept = sweep(CLIENT, config.meters_table, stored(now), deadline, lambda key: relay_stored(relay, key, now))
    done = {"LeaseReclaimed": swept.reclaimed, "EventRelayedLate": swept.relayed}
    try:
        done["DeliveryRequeued"] = requeue_due(webhooks, queue, now)
    finally:
        for name, number in done.items():
            count(name, number)
        flush()
    if swept.failures:
        logger.error("sweep_incomplete", extra={"failures": len(swept.failures)}, exc_info=swept.failures[0])
        raise ExceptionGroup("not all that is due could be done", swept.failures)
    return done
