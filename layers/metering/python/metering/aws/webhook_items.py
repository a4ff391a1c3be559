"""Webhook endpoints, their deliveries and the outbox's events as items, and back.

A pending delivery is in `byDue` for the moment at which the sweep has to see to it: when its next attempt is due, if
that is further off than a queue's delay, and otherwise a while after somebody should have seen to it.
"""

import json
from datetime import datetime
from typing import Any, NamedTuple

from metering.aws import keys
from metering.aws.queues import Message
from metering.aws.transaction import Item
from metering.domain.deliveries import KEPT_FOR, Attempt, Delivery
from metering.domain.periods import later
from metering.domain.webhooks import Endpoint, RetiredSecret


class OutboxEvent(NamedTuple):
    """An event that is still to be relayed, and where it lies."""

    scope_key: str
    event_id: str
    project: str
    event_type: str
    data: str
    at: str


def item_to_event(item: Item) -> OutboxEvent:
    event_id = item["entry"]["S"].partition("#")[2]
    texts = [item[name]["S"] for name in ("project", "type", "data", "at")]
    return OutboxEvent(item["scope"]["S"], event_id, *texts)


def endpoint_to_item(endpoint: Endpoint) -> dict[str, Any]:
    return {
        **keys.webhook(endpoint.project, endpoint.webhook_id),
        "url": {"S": endpoint.url},
        "events": {"L": [{"S": event_type} for event_type in endpoint.events]},
        "enabled": {"BOOL": endpoint.enabled},
        "createdAt": {"S": endpoint.created_at},
        "secret": {"B": endpoint.secret},
        "retired": retired_to_list(endpoint.retired),
        "failures": {"N": str(endpoint.failures)},
        "restsUntil": {"S": endpoint.rests_until},
        "slots": {"L": [{"S": until} for until in endpoint.slots]},
        "madeBy": {"S": endpoint.made_by},
        "rotatedBy": {"S": endpoint.rotated_by},
    }


def retired_to_list(retired: tuple[RetiredSecret, ...]) -> dict[str, Any]:
    return {"L": [{"M": {"secret": {"B": one.encrypted}, "until": {"S": one.until}}} for one in retired]}


def item_to_endpoint(item: Item) -> Endpoint:
    return Endpoint(
        project=item["account"]["S"].partition("#")[2],
        webhook_id=item["entry"]["S"].partition("#")[2],
        url=item["url"]["S"],
        events=tuple(event_type["S"] for event_type in item["events"]["L"]),
        enabled=item["enabled"]["BOOL"],
        created_at=item["createdAt"]["S"],
        secret=item["secret"]["B"],
        retired=tuple(RetiredSecret(one["M"]["secret"]["B"], one["M"]["until"]["S"]) for one in item["retired"]["L"]),
        failures=int(item["failures"]["N"]),
        rests_until=item["restsUntil"]["S"],
        slots=tuple(until["S"] for until in item["slots"]["L"]),
        made_by=item["madeBy"]["S"],
        rotated_by=item["rotatedBy"]["S"],
    )


def delivery_to_item(delivery: Delivery, due: str) -> dict[str, Any]:
    """The item of a new delivery, which the sweep sees to from `due` on."""
    return {
        **keys.delivery(delivery.project, delivery.webhook_id, delivery.delivery_id),
        **keys.due(due, delivery.delivery_id),
        "event": {"S": delivery.event_id},
        "type": {"S": delivery.event_type},
        "body": {"S": delivery.body},
        "createdAt": {"S": delivery.created_at},
        "status": {"S": delivery.status},
        "nextAt": {"S": delivery.next_at},
        "step": {"N": str(delivery.step)},
        "manual": {"BOOL": delivery.manual},
        "attempts": attempts_to_list(delivery.attempts),
        "claimedUntil": {"S": delivery.claimed_until},
        "expires": {"N": str(_expiry(delivery.created_at))},
    }


def _expiry(created_at: str) -> int:
    return int(datetime.fromisoformat(later(created_at, KEPT_FOR)).timestamp())


def attempts_to_list(attempts: tuple[Attempt, ...]) -> dict[str, Any]:
    return {"L": [{"M": _attempt_to_map(attempt)} for attempt in attempts]}


def _attempt_to_map(attempt: Attempt) -> dict[str, Any]:
    packed: dict[str, Any] = {"at": {"S": attempt.at}, "ms": {"N": str(attempt.duration_ms)}}
    if attempt.status is not None:
        packed["status"] = {"N": str(attempt.status)}
    if attempt.error is not None:
        packed["error"] = {"S": attempt.error}
    if attempt.answer:
        packed["answer"] = {"S": attempt.answer}
    return packed


def _map_to_attempt(packed: Item) -> Attempt:
    return Attempt(
        at=packed["at"]["S"],
        duration_ms=int(packed["ms"]["N"]),
        status=int(packed["status"]["N"]) if "status" in packed else None,
        error=_text(packed, "error"),
        answer=_text(packed, "answer") or "",
    )


def item_to_delivery(item: Item) -> Delivery:
    project, webhook_id, delivery_id = keys.split_delivery(item["account"]["S"], item["entry"]["S"])
    return Delivery(
        project=project,
        webhook_id=webhook_id,
        delivery_id=delivery_id,
        event_id=item["event"]["S"],
        event_type=item["type"]["S"],
        body=item["body"]["S"],
        created_at=item["createdAt"]["S"],
        status=item["status"]["S"],
        next_at=item["nextAt"]["S"],
        step=int(item["step"]["N"]),
        manual=item["manual"]["BOOL"],
        attempts=tuple(_map_to_attempt(one["M"]) for one in item["attempts"]["L"]),
        claimed_until=item["claimedUntil"]["S"],
    )


class DeliveryRef(NamedTuple):
    """Which delivery a message is about."""

    project: str
    webhook_id: str
    delivery_id: str

    def message(self, delay: int = 0) -> Message:
        return Message(json.dumps(self._asdict()), self.webhook_id, delay)


def ref_of(delivery: Delivery) -> DeliveryRef:
    return DeliveryRef(delivery.project, delivery.webhook_id, delivery.delivery_id)


def read_message(body: str) -> DeliveryRef:
    return DeliveryRef(**json.loads(body))


def _text(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None
