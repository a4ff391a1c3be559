"""Usage records as answers: exact figures as plain decimal strings, cents beside them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from metering.domain.corrections import shown_key
from metering.domain.money import money, plain
from metering.domain.periods import short
from metering.domain.rating import Line
from metering.domain.usage import Quantity, UsageEvent, UsageRecord

Json = dict[str, Any]


def line_answer(line: Line, rate_id: str | None) -> Json:
    rated = line.price is not None
    return {
        "metric": line.metric,
        "category": line.category,
        "quantity": plain(line.quantity),
        "priceUsd": plain(line.price) if line.price is not None else None,
        "per": str(line.per) if rated else None,
        "costUsd": plain(line.cost) if line.cost is not None else None,
        "billable": line.billable,
        "rateId": rate_id if rated else None,
    }


def _priced(record: UsageRecord) -> Json:
    pricing = record.pricing
    return {
        "cost": money(pricing.cost),
        "costUsd": plain(pricing.cost),
        "lines": [line_answer(line, record.rate_id) for line in pricing.lines],
        "unratedMetrics": list(pricing.unrated),
    }


def recorded_answer(record: UsageRecord, *, duplicate: bool) -> Json:
    """The answer to a callback."""
    return {
        "status": "duplicate" if duplicate else "recorded",
        "recordId": record.record_id,
        "date": record.occurred.instant[:10],
        **_priced(record),
        "session": _session(record),
    }


def _session(record: UsageRecord) -> Json | None:
    if record.standing is None:
        return None
    return {
        "sessionId": record.event.session_id,
        "status": record.standing.status,
        "breached": list(record.standing.breached),
    }


def record_answer(record: UsageRecord) -> Json:
    """A record: the event as it was sent, and what became of it."""
    event = record.event
    return {
        "recordId": record.record_id,
        "idempotencyKey": shown_key(event.idempotency_key),
        "occurredAt": record.occurred.text,
        "receivedAt": short(record.received_at),
        "date": record.occurred.instant[:10],
        "usage": {metric: _as_sent(quantity) for metric, quantity in event.usage.items()},
        "tags": event.tags or {},
        "pricingMode": record.mode,
        **_attribution(event),
        **_priced(record),
        **_corrections(record),
    }


def _corrections(record: UsageRecord) -> Json:
    correction = record.correction
    return {
        "voids": correction.corrects if correction and correction.kind == "void" else None,
        "adjusts": correction.corrects if correction and correction.kind == "adjust" else None,
        "reason": correction.reason if correction else None,
        "voidedBy": record.links.voided_by,
        "adjustedBy": list(record.links.adjusted_by),
    }


def _attribution(event: UsageEvent) -> Mapping[str, Any]:
    return {
        "service": event.service,
        "provider": event.provider,
        "modelId": event.model_id,
        "toolId": event.tool_id,
        "runId": event.run_id,
        "sandboxId": event.sandbox_id,
        "sessionId": event.session_id,
        "userId": event.user_id,
        "personaId": event.persona_id,
        "stepType": event.step_type,
        "stepIndex": event.step_index,
        "durationMs": event.duration_ms,
        "holdId": event.hold_id,
    }


def _as_sent(quantity: Quantity) -> int | float | str:
    """A string as the caller wrote it; a number as a number, unless a JSON reader's double would change it."""
    if quantity.text is not None:
        return quantity.text
    text = plain(quantity.pico)
    if "." not in text:
        return int(text)
    number = float(text)
    return number if Decimal(repr(number)) == Decimal(text) else text
