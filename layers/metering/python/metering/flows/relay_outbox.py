"""From the outbox to the deliveries' queue: one delivery for each endpoint that wants the event, however often relayed.

The event is deleted last. Relayed twice, since the stream and the sweep both bring it or an answer was lost, it finds
its deliveries there and queues them again; `deliver_webhook` makes one attempt of two messages.
"""

from dataclasses import dataclass
from datetime import datetime

from metering.aws import keys
from metering.aws.queues import Queue, send
from metering.aws.tables import get
from metering.aws.transaction import call
from metering.aws.webhook_deliveries import put_delivery
from metering.aws.webhook_endpoints import list_endpoints
from metering.aws.webhook_items import OutboxEvent, item_to_event, ref_of
from metering.aws.webhook_store import Webhooks
from metering.domain.deliveries import GRACE, Delivery, body_of, delivery_id_of
from metering.domain.periods import later, stored
from metering.domain.webhooks import Endpoint


@dataclass(frozen=True)
class Relay:
    """Where events come from, and where deliveries go."""

    meters_table: str
    webhooks: Webhooks
    queue: Queue


def relay_event(relay: Relay, event: OutboxEvent, now: datetime) -> int:
    """Stores and queues the deliveries of an event, then deletes it; how many deliveries.

    Raises:
        UnavailableError: not all of it was done, and doing it again is safe.
    """
    endpoints = list_endpoints(relay.webhooks, event.project)
    deliveries = [
        delivery_of(event, endpoint, stored(now)) for endpoint in endpoints if endpoint.wants(event.event_type)
    ]
    for delivery in deliveries:
        put_delivery(relay.webhooks, delivery, later(delivery.next_at, GRACE))
    send(relay.queue, [ref_of(delivery).message() for delivery in deliveries], relay.webhooks.deadline)
    _delete(relay, event)
    return len(deliveries)


def relay_stored(relay: Relay, key: keys.Key, now: datetime) -> int | None:
    """Relays the event of a key of the Meters table; None: it has been relayed.

    Raises:
        UnavailableError: as `relay_event`.
    """
    item = get(relay.webhooks.client, relay.meters_table, key, relay.webhooks.deadline)
    return relay_event(relay, item_to_event(item), now) if item else None


def delivery_of(event: OutboxEvent, endpoint: Endpoint, now: str) -> Delivery:
    """The one delivery of an event to an endpoint, due at once."""
    return Delivery(
        project=event.project,
        webhook_id=endpoint.webhook_id,
        delivery_id=delivery_id_of(event.at, event.event_id, endpoint.webhook_id),
        event_id=event.event_id,
        event_type=event.event_type,
        body=body_of(event.event_type, event.at, event.data),
        created_at=event.at,
        status="pending",
        next_at=now,
    )


def _delete(relay: Relay, event: OutboxEvent) -> None:
    client, key = relay.webhooks.client, keys.event(event.scope_key, event.event_id)
    call(lambda: client.delete_item(TableName=relay.meters_table, Key=key), relay.webhooks.deadline)
