"""A meter's fields, changed as DynamoDB would change them."""

from typing import Any

from metering.aws.meters import Scope, item_to_meter, meter_to_item
from metering.domain.limits import TOTALS, Change, Meter, Usage

NOW = "2026-11-24T10:00:00.000000Z"
SCOPE = Scope("project", "prj")


def usage(cost: int = 0, compute: int = 0, calls: int = 0, unrated: int = 0) -> Usage:
    return Usage({**dict.fromkeys(TOTALS, 0), "cost": cost, "compute": compute, "calls": calls, "unrated": unrated})


def fields_of(meter: Meter) -> dict[str, Any]:
    item = meter_to_item("prj", SCOPE, meter, "u")
    return {name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items() if name != "scope"}


def meter_of(fields: dict[str, Any]) -> Meter:
    wire = {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in fields.items()}
    return item_to_meter(wire)


def apply(fields: dict[str, Any], change: Change) -> dict[str, Any]:
    new = dict(fields)
    for name, amount in change.add.items():
        new[name] += amount
    for name, value in change.put.items():
        new[name] = ",".join(sorted(value)) if isinstance(value, frozenset) else value
    return new
