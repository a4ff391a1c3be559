"""Webhooks and their deliveries as answers."""

from typing import Any

from metering.domain.deliveries import Attempt, Delivery
from metering.domain.periods import short
from metering.domain.webhooks import Endpoint

Json = dict[str, Any]


def webhook_answer(endpoint: Endpoint) -> Json:
    return {
        "webhookId": endpoint.webhook_id,
        "url": endpoint.url,
        "events": list(endpoint.events),
        "status": "enabled" if endpoint.enabled else "disabled",
        "createdAt": short(endpoint.created_at),
    }


def delivery_answer(delivery: Delivery, endpoint: Endpoint) -> Json:
    """A delivery as it stands; what waits for a disabled endpoint has failed, whether or not that is noted yet."""
    pending = delivery.status == "pending" and endpoint.enabled
    return {
        "deliveryId": delivery.delivery_id,
        "eventId": delivery.event_id,
        "type": delivery.event_type,
        "status": "pending" if pending else "failed" if delivery.status == "pending" else delivery.status,
        "createdAt": short(delivery.created_at),
        "nextAttemptAt": short(delivery.next_at) if pending else None,
        "attempts": [_attempt_answer(attempt) for attempt in delivery.attempts],
    }


def _attempt_answer(attempt: Attempt) -> Json:
    return {
        "at": short(attempt.at),
        "durationMs": attempt.duration_ms,
        "statusCode": attempt.status,
        "error": attempt.error,
        "answer": attempt.answer,
    }
