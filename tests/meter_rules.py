"""What every transaction on meters must keep to, told from the items before and after it and from nothing else."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tests.emulated_aws import Call, EmulatedAws, Item, Reply

COUNTED = {"cost": "maxCost", "compute": "maxComputeMinutes", "calls": "maxModelCalls"}
RESOURCES = (*COUNTED, "agents")
NO_LIMIT = 10**27
_SHARE = re.compile(r"~\d+(?=#)")
_ADDED_UP = {
    *COUNTED,
    "records",
    "unrated",
    *(f"{resource}{distance}" for resource in RESOURCES for distance in ("Room", "Held", "Alert")),
}


class Meter(NamedTuple):
    """A meter's fields, those of its shares added up."""

    fields: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def limit(self, resource: str) -> int:
        limit: int = self[f"{resource}Limit"]
        return limit

    def used(self, resource: str) -> int:
        used: int = self.limit(resource) - self[f"{resource}Held"] - self[f"{resource}Room"]
        return used

    def percents(self) -> list[int]:
        return [int(percent) for percent in self["thresholds"].split(",") if percent]

    def rules(self, resource: str) -> tuple[Any, ...]:
        """What has to change for things to be told of again."""
        period = self["period"] if resource == "cost" else None
        return self.limit(resource), self["thresholds"], period


def added_up(shares: Iterable[Item]) -> Meter:
    fields: dict[str, Any] = {}
    for share in shares:
        for name, value in share.items():
            plain = int(value["N"]) if "N" in value else value["S"]
            fields[name] = fields.get(name, 0) + plain if name in _ADDED_UP else plain
    return Meter(fields)


class Ledger:
    """Watches every transaction. A violation is kept and not raised, since whoever calls AWS would catch it."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.violations: list[str] = []
        self.told: list[tuple[str, str]] = []
        """Every event: its scope, and its summary."""
        self._aws = aws
        self._shares: dict[str, dict[str, Item]] = {}
        self._told_unrated: set[str] = set()
        aws.watchers.append(self._note)

    def check(self) -> None:
        assert not self.violations, "\n".join(self.violations)

    def _note(self, call: Call, _: Reply) -> None:
        if call.operation == "TransactWriteItems":
            writes = [(action, body) for item in call.parameters["TransactItems"] for action, body in item.items()]
            self._note_writes(writes)

    def _note_writes(self, writes: list[tuple[str, dict[str, Any]]]) -> None:
        events: dict[str, set[str]] = {}
        families: dict[str, list[str]] = {}
        for action, body in writes:
            key = body.get("Key") or body.get("Item", {})
            if body["TableName"] != "Meters" or action == "ConditionCheck":
                continue
            scope, entry = key["scope"]["S"], key["entry"]["S"]
            if entry == "meter":
                families.setdefault(_SHARE.sub("", scope), []).append(scope)
            elif entry.startswith("event#"):
                events.setdefault(_SHARE.sub("", scope), set()).add(summary(body["Item"]))
        self.told += [(scope, told) for scope, some in events.items() for told in some]
        for family, scopes in families.items():
            self._note_meter(family, scopes, events.pop(family, set()))
        self.violations += [f"{scope} is told of without a change: {some}" for scope, some in events.items()]

    def _note_meter(self, family: str, scopes: list[str], events: set[str]) -> None:
        shares = self._shares.setdefault(family, {})
        before = added_up(shares.values()) if shares else None
        for scope in scopes:
            item = self._aws.item("Meters", scope=scope, entry="meter")
            if item is None:
                shares.pop(scope, None)
            else:
                shares[scope] = item
        if not shares:
            self._told_unrated.discard(family)
            return
        after = added_up(shares.values())
        faults = [*distances(after), *(grants(before, after) if before else [])]
        if before:
            faults += self._events(family, before, after, events)
        self.violations += [f"{family}: {fault}" for fault in faults]

    def _events(self, family: str, before: Meter, after: Meter, events: set[str]) -> list[str]:
        expected = crossings(before, after) | self._unrated(family, before, after)
        if after["kind"] == "session" and before["status"] != after["status"]:
            expected.add(after["status"].replace("active", "resumed"))
        got = {event.partition(".")[2] for event in events}
        return [] if got == expected else [f"told {sorted(got)} instead of {sorted(expected)}"]

    def _unrated(self, family: str, before: Meter, after: Meter) -> set[str]:
        rules = ("costLimit", "period", "onUnrated", "windowStart")
        if any(before[rule] != after[rule] for rule in rules):
            self._told_unrated.discard(family)
        if after["unrated"] == before["unrated"] or not after["pausesUnrated"] or family in self._told_unrated:
            return set()
        self._told_unrated.add(family)
        return {"limit_reached unrated"}


def summary(event: Item) -> str:
    """`session.limit_reached maxCost`, `budget.threshold_reached maxCost 80`, `session.paused`."""
    data = json.loads(event["data"]["S"])
    if event["type"]["S"] == "session.paused":
        return "session.paused"  # what caused it is told by its own event
    parts = [event["type"]["S"], data.get("dimension"), data.get("threshold")]
    return " ".join(str(part) for part in parts if part is not None)


def distances(meter: Meter) -> list[str]:
    """Distances say the truth about what they are distances to."""
    faults = [f"{resource}Held is below zero" for resource in RESOURCES if meter[f"{resource}Held"] < 0]
    for resource in COUNTED:
        expected = next_boundary(meter, resource) - meter.used(resource)
        if meter[f"{resource}Alert"] != expected:
            faults.append(f"{resource}Alert is {meter[f'{resource}Alert']} instead of {expected}")
    return faults


def next_boundary(meter: Meter, resource: str) -> int:
    limit, used = meter.limit(resource), meter.used(resource)
    if limit == NO_LIMIT:
        return NO_LIMIT
    boundaries = [*(at_least(limit, percent) for percent in meter.percents()), limit + 1]
    return min((boundary for boundary in boundaries if boundary > used), default=NO_LIMIT)


def at_least(limit: int, percent: int) -> int:
    return -(-limit * percent // 100)


def grants(before: Meter, after: Meter) -> list[str]:
    """Nothing is held that has no room."""
    return [
        f"{resource}: held {after[f'{resource}Held']} with {after.used(resource)} used passes {after.limit(resource)}"
        for resource in RESOURCES
        if after[f"{resource}Held"] > before[f"{resource}Held"] and after[f"{resource}Room"] < 0
    ]


def crossings(before: Meter, after: Meter) -> set[str]:
    """What a transaction has to tell: each threshold and limit that usage crosses in it, each limit set below usage."""
    found = set()
    for resource, dimension in COUNTED.items():
        limit, used = after.limit(resource), after.used(resource)
        if limit == NO_LIMIT:
            continue
        if before.rules(resource) != after.rules(resource):
            found |= {f"limit_reached {dimension}"} if used > limit else set()
            continue
        fresh = resource == "cost" and before["windowStart"] != after["windowStart"]
        was = 0 if fresh else before.used(resource)
        found |= {
            f"threshold_reached {dimension} {percent}"
            for percent in after.percents()
            if was < at_least(limit, percent) <= used
        }
        found |= {f"limit_reached {dimension}"} if was <= limit < used else set()
    return found
