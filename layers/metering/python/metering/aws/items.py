"""Domain values as items, in DynamoDB's wire form, and back.

Attributes of a usage record that are absent in the event are absent in the item. Its lines are one JSON string, the
most compact form that needs no walk over typed values: `[metric, category, quantity, price, per, cost, tier?]` with the
quantity and the price as plain decimals, the cost in pico-USD. What is derivable (day, run, step, record id) is kept
once, in the key.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from metering.aws import keys
from metering.aws.transaction import Item
from metering.domain.metrics import CATEGORIES, Category
from metering.domain.money import plain, plain_to_pico
from metering.domain.periods import short
from metering.domain.rates import MetricRate, RateCard, Tier
from metering.domain.rating import BILLABLE, Line, Pricing, PricingMode
from metering.domain.usage import (
    ACTIVE,
    UNCORRECTED,
    Correction,
    Links,
    Occurrence,
    Quantity,
    Standing,
    UsageEvent,
    UsageRecord,
)

_LINES = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
NONE: Final = "-"  # paused by hand, no limit passed; no category
LETTER_OF_CATEGORY: Final[dict[Category | None, str | None]] = {
    None: None,
    **{category: category[0] for category in CATEGORIES},
}
CATEGORY_OF_LETTER: Final[dict[str | None, Category | None]] = {
    letter: category for category, letter in LETTER_OF_CATEGORY.items()
}

# Event fields that are kept under a short name of their own; the rest is in keys or has a form of its own.
_TEXTS: Final = (
    ("service", "service"),
    ("provider", "provider"),
    ("model_id", "model"),
    ("tool_id", "tool"),
    ("sandbox_id", "sandbox"),
    ("session_id", "session"),
    ("user_id", "user"),
    ("persona_id", "persona"),
    ("step_type", "stepType"),
    ("hold_id", "hold"),
)


def record_to_item(record: UsageRecord, shards: int) -> dict[str, Any]:
    """The item of a record; `shards` is the project's number of partitions a day."""
    event, pricing, record_id = record.event, record.pricing, record.record_id
    instant = record.occurred.instant
    item: dict[str, Any] = {
        "recordKey": {"S": keys.record(record.project, record_id)},
        "day": {"S": keys.day(record.project, instant[:10], keys.shard_of(record_id, shards))},
        "moment": {"S": keys.moment(instant, record_id)},
        "key": {"S": event.idempotency_key},
        "print": {"B": event.fingerprint()},
        "received": {"S": record.received_at},
        "mode": {"S": record.mode},
        "lines": {"S": _lines_to_text(pricing.lines)},
        "cost": {"N": str(pricing.cost)},
        "billed": {"N": str(pricing.billed)},
    }
    if record.standing and record.standing.status == "paused":
        item["standing"] = {"S": ",".join(record.standing.breached) or NONE}
    if record.rate_id:
        item["rate"] = {"S": record.rate_id}
    if pricing.unrated:
        item["unrated"] = {"SS": list(pricing.unrated)}
    if event.run_id is not None:
        item["run"] = {"S": keys.run(record.project, event.run_id)}
        item["step"] = {"S": keys.step(event.step_index, instant, record_id)}
    if record.correction:
        item.update(_correction_attributes(record.correction))
    item.update(_attribution(event))
    return item


def _correction_attributes(correction: Correction) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "kind": {"S": correction.kind},
        "corrects": {"S": correction.corrects},
        "under": {"S": LETTER_OF_CATEGORY[correction.category] or NONE},
        "unratedChange": {"N": str(correction.unrated_change)},
    }
    if correction.reason is not None:
        attributes["reason"] = {"S": correction.reason}
    if correction.job_id is not None:
        attributes["job"] = {"S": correction.job_id}
    return attributes


def _correction(item: Item) -> Correction | None:
    if "kind" not in item:
        return None
    change = int(item["unratedChange"]["N"])
    category = CATEGORY_OF_LETTER.get(item["under"]["S"])
    reason, job_id = _text(item, "reason"), _text(item, "job")
    return Correction(item["kind"]["S"], item["corrects"]["S"], category, change, reason, job_id)


def _links(item: Item) -> Links:
    if "voidedBy" not in item and "adjustedBy" not in item:
        return UNCORRECTED
    adjusted = [one["S"] for one in item.get("adjustedBy", {"L": ()})["L"]]
    return Links(_text(item, "voidedBy"), tuple(adjusted))


def _attribution(event: UsageEvent) -> dict[str, Any]:
    texts = {metric: quantity.text for metric, quantity in event.usage.items() if quantity.text is not None}
    optional: dict[str, Any] = {
        "occurred": event.occurred_at and {"S": _unlike_key(event.occurred_at)},
        "stepIndex": None if event.step_index is None else {"N": str(event.step_index)},
        "durationMs": None if event.duration_ms is None else {"N": str(event.duration_ms)},
        "tags": event.tags and {"M": {name: {"S": value} for name, value in event.tags.items()}},
        "texts": texts and {"M": {metric: {"S": text} for metric, text in texts.items()}},
    }
    for field, name in _TEXTS:
        value = getattr(event, field)
        optional[name] = value and {"S": value}
    return {name: value for name, value in optional.items() if value}


def _unlike_key(occurred: Occurrence) -> str:
    """The time as the caller wrote it, or nothing where the key's would be answered alike."""
    return "" if occurred.text == short(occurred.instant) else occurred.text


def item_to_record(item: Item) -> UsageRecord:
    project, _, _ = item["recordKey"]["S"].partition("#")
    mode: PricingMode = item["mode"]["S"]
    lines = _lines_from_text(item["lines"]["S"], mode)
    instant = f"{item['day']['S'].split('#')[1]}T{item['moment']['S'][:15]}Z"
    occurred = Occurrence(instant, _text(item, "occurred") or short(instant))
    texts = {metric: value["S"] for metric, value in item.get("texts", {"M": {}})["M"].items()}
    texts_of_event: dict[str, Any] = {field: _text(item, name) for field, name in _TEXTS}
    event = UsageEvent.model_construct(
        idempotency_key=item["key"]["S"],
        occurred_at=occurred if "occurred" in item else None,
        usage={metric: Quantity(quantity, texts.get(metric)) for metric, quantity in _quantities(lines).items()},
        run_id=keys.run_id_of(item["run"]["S"]) if "run" in item else None,
        step_index=_integer(item, "stepIndex"),
        duration_ms=_integer(item, "durationMs"),
        tags={name: value["S"] for name, value in item["tags"]["M"].items()} if "tags" in item else None,
        **texts_of_event,
    )
    # The set `unrated` has no order; the lines keep the event's.
    correction = _correction(item)
    unrated = () if correction else tuple(line.metric for line in lines if line.cost is None)
    pricing = Pricing(lines, int(item["cost"]["N"]), int(item["billed"]["N"]), unrated)
    rate_id, standing = _text(item, "rate"), _standing(item)
    received = item["received"]["S"]
    return UsageRecord(project, event, occurred, received, mode, rate_id, pricing, standing, correction, _links(item))


def _quantities(lines: Iterable[Line]) -> dict[str, int]:
    """Metric to quantity; only a correction has several lines of one metric."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.metric] = found.get(line.metric, 0) + line.quantity
    return found


def _standing(item: Item) -> Standing | None:
    if "session" not in item or "kind" in item:
        return None
    if "standing" not in item:
        return ACTIVE
    breached = item["standing"]["S"]
    return Standing("paused", () if breached == NONE else tuple(breached.split(",")))


def _text(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _integer(item: Item, name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None


def _lines_to_text(lines: Iterable[Line]) -> str:
    return _LINES.encode([_line_to_list(line) for line in lines])


def _line_to_list(line: Line) -> list[Any]:
    price = None if line.price is None else plain(line.price)
    packed = [line.metric, LETTER_OF_CATEGORY[line.category], plain(line.quantity), price, line.per, line.cost]
    if line.tier_above is not None:
        packed.append(line.tier_above)
    return packed


def _lines_from_text(text: str, mode: PricingMode) -> tuple[Line, ...]:
    billable = BILLABLE[mode]
    return tuple(_line_from_list(packed, billable) for packed in json.loads(text))


def _line_from_list(packed: list[Any], billable: frozenset[Category]) -> Line:
    metric, letter, quantity, price, per, cost, *tier = packed
    category = CATEGORY_OF_LETTER[letter]
    return Line(
        metric,
        category,
        plain_to_pico(quantity),
        None if price is None else plain_to_pico(price),
        per,
        cost,
        category in billable,
        tier[0] if tier else None,
    )


def card_to_item(card: RateCard, created_at: str) -> dict[str, Any]:
    return {
        "owner": {"S": keys.rate_owner(card.scope, card.owner)},
        "card": {"S": keys.rate_card(card.model, card.effective_from)},
        "createdAt": {"S": created_at},
        "metrics": {"M": {metric: {"M": _rate_to_map(rate)} for metric, rate in card.metrics.items()}},
    }


def _rate_to_map(rate: MetricRate) -> dict[str, Any]:
    packed: dict[str, Any] = {
        "price": {"N": str(rate.price)},
        "per": {"N": str(rate.per)},
        "category": {"S": rate.category},
    }
    if rate.tiers:
        packed["tiers"] = {
            "L": [
                {"M": {"above": {"N": str(tier.above_input_tokens)}, "price": {"N": str(tier.price)}}}
                for tier in rate.tiers
            ]
        }
    return packed


def item_to_card(item: Item) -> RateCard:
    scope, owner = keys.split_rate_owner(item["owner"]["S"])
    model, effective_from = keys.split_rate_card(item["card"]["S"])
    metrics = {metric: _rate_from_map(value["M"]) for metric, value in item["metrics"]["M"].items()}
    return RateCard(scope, owner, model, effective_from, metrics)


def _rate_from_map(packed: Mapping[str, Any]) -> MetricRate:
    tiers = tuple(
        Tier(int(tier["M"]["above"]["N"]), int(tier["M"]["price"]["N"])) for tier in packed.get("tiers", {"L": ()})["L"]
    )
    return MetricRate(int(packed["price"]["N"]), int(packed["per"]["N"]), packed["category"]["S"], tiers)
