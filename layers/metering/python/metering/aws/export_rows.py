"""Rows of exports straight from the items of records, which costs a tenth of going through the records themselves."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from metering.aws import keys
from metering.aws.counted import Line, lines_from
from metering.aws.transaction import Item
from metering.domain.corrections import shown_key
from metering.domain.exports import defused, defused_all
from metering.domain.focus import Charge
from metering.domain.metrics import Category
from metering.domain.money import money, plain, plain_to_pico
from metering.domain.periods import short
from metering.domain.rates import provider_of
from metering.domain.rating import BILLABLE

Json = dict[str, Any]
_NO_TEXT: Final = {"S": ""}
_NONE: Final[dict[str, Any]] = {"S": None}
TEXTS: Final = (
    ("service", "service"),
    ("provider", "provider"),
    ("modelId", "model"),
    ("toolId", "tool"),
    ("sandboxId", "sandbox"),
    ("sessionId", "session"),
    ("userId", "user"),
    ("personaId", "persona"),
    ("stepType", "stepType"),
    ("holdId", "hold"),
)
"""Column or field, and the attribute of the item that it is."""
COLUMNS: Final = (
    "recordId",
    "idempotencyKey",
    "occurredAt",
    "receivedAt",
    "date",
    *(column for column, _ in TEXTS),
    "runId",
    "stepIndex",
    "durationMs",
    "pricingMode",
    "rateId",
    "voids",
    "adjusts",
    "unratedMetrics",
    "tags",
    "costUsd",
    "billedUsd",
)
"""The columns of a row, before those of the metrics."""


def _occurred_at(item: Item, instant: str) -> str:
    return item.get("occurred", _NO_TEXT)["S"] or short(instant)


def _corrects(item: Item, kind: str) -> str | None:
    return item["corrects"]["S"] if "kind" in item and item["kind"]["S"] == kind else None


def _number(item: Item, name: str) -> str:
    return item[name]["N"] if name in item else ""


def cells(item: Item) -> tuple[list[str], dict[str, str]]:
    """A record as the cells of `COLUMNS`, texts defused, and its quantities by metric."""
    instant = keys.instant_of(item["day"]["S"], item["moment"]["S"])
    lines = lines_from(item["lines"]["S"])
    unrated = "" if "kind" in item else " ".join(line.metric for line in lines if line.cost is None)
    row = [
        keys.record_id_of(item["recordKey"]["S"]),
        defused(shown_key(item["key"]["S"])),
        _occurred_at(item, instant),
        short(item["received"]["S"]),
        instant[:10],
    ]
    row += defused_all([item[name]["S"] if name in item else "" for _, name in TEXTS])
    row += [
        defused(keys.run_id_of(item["run"]["S"])) if "run" in item else "",
        _number(item, "stepIndex"),
        _number(item, "durationMs"),
        item["mode"]["S"],
        item.get("rate", _NO_TEXT)["S"],
        _corrects(item, "void") or "",
        _corrects(item, "adjust") or "",
        unrated,
        _tags_text(item),
        plain(int(item["cost"]["N"])),
        plain(int(item["billed"]["N"])),
    ]
    metrics: dict[str, str] = {}
    for line in lines:  # a correction has several lines of a metric, and only the first a quantity
        if line.metric not in metrics or line.quantity != "0":
            metrics[line.metric] = line.quantity
    return row, metrics


def _tags(item: Item) -> Json:
    return {name: value["S"] for name, value in item["tags"]["M"].items()} if "tags" in item else {}


def _tags_text(item: Item) -> str:
    return msgspec.json.encode(_tags(item)).decode() if "tags" in item else ""


def document(item: Item) -> Json:
    """A record as the JSON that the API answers, with what is billed beside."""
    instant = keys.instant_of(item["day"]["S"], item["moment"]["S"])
    billable = BILLABLE[item["mode"]["S"]]
    rate_id = item.get("rate", _NONE)["S"]
    lines = [_line(line, billable, rate_id) for line in lines_from(item["lines"]["S"])]
    cost, billed = int(item["cost"]["N"]), int(item["billed"]["N"])
    found: Json = {
        "recordId": keys.record_id_of(item["recordKey"]["S"]),
        "idempotencyKey": shown_key(item["key"]["S"]),
        "occurredAt": _occurred_at(item, instant),
        "receivedAt": short(item["received"]["S"]),
        "date": instant[:10],
        "runId": keys.run_id_of(item["run"]["S"]) if "run" in item else None,
        "stepIndex": int(item["stepIndex"]["N"]) if "stepIndex" in item else None,
        "durationMs": int(item["durationMs"]["N"]) if "durationMs" in item else None,
        "pricingMode": item["mode"]["S"],
        "tags": _tags(item),
        "voids": _corrects(item, "void"),
        "adjusts": _corrects(item, "adjust"),
        "cost": money(cost),
        "costUsd": plain(cost),
        "billed": money(billed),
        "billedUsd": plain(billed),
        "lines": lines,
        "unratedMetrics": [] if "kind" in item else [line["metric"] for line in lines if line["costUsd"] is None],
    }
    for field, name in TEXTS:
        found[field] = item.get(name, _NONE)["S"]
    return found


def _line(line: Line, billable: frozenset[Category], rate_id: str | None) -> Json:
    category = line.category
    return {
        "metric": line.metric,
        "category": category,
        "quantity": line.quantity,
        "priceUsd": line.price,
        "per": None if line.per is None else str(line.per),
        "costUsd": None if line.cost is None else plain(line.cost),
        "billable": category in billable,
        "rateId": rate_id if line.price is not None else None,
    }


def group_key(item: Item, group_by: str) -> str | None:
    """The value that a record is grouped under."""
    if group_by == "day":
        return str(item["day"]["S"].split("#")[1])
    value: str | None = item.get(group_by, _NONE)["S"]
    if group_by == "provider":
        return provider_of(item["service"]["S"], value, item.get("model", _NONE)["S"])
    return value


def billable_amounts(item: Item) -> Iterator[tuple[str, int, int]]:
    """Metric, quantity (units of 10^-12) and billed cost (pico-USD) of each line that is billable."""
    billable = BILLABLE[item["mode"]["S"]]
    for line in lines_from(item["lines"]["S"]):
        if line.category in billable:
            yield line.metric, plain_to_pico(line.quantity), line.cost or 0


def charges(item: Item) -> Iterator[tuple[Charge, int, int]]:
    """What each line is charged for, its quantity (units of 10^-12) and its cost (pico-USD)."""
    user, provider, model, rate_id = (item.get(name, _NONE)["S"] for name in ("user", "provider", "model", "rate"))
    service, mode, is_correction = item["service"]["S"], item["mode"]["S"], "kind" in item
    for line in lines_from(item["lines"]["S"]):
        charge = Charge(
            user,
            service,
            provider,
            model,
            line.metric,
            line.category,
            rate_id if line.price is not None else None,
            None if line.price is None else plain_to_pico(line.price),
            line.per,
            line.tier_above,
            mode,
            is_correction,
        )
        yield charge, plain_to_pico(line.quantity), line.cost or 0
