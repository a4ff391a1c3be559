"""Views computed once more, from nothing but what the records' answers say: plain sums of decimals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Record = Mapping[str, Any]
PROVIDERS = {"codex": "openai", "claude_code": "anthropic"}
FIELDS = {
    "service": "service",
    "model": "modelId",
    "user": "userId",
    "session": "sessionId",
    "persona": "personaId",
    "tool": "toolId",
    "stepType": "stepType",
}
DIMENSIONS = [*FIELDS, "provider", "category"]


@dataclass
class Sums:
    """What a view says of a group, in decimals; zero of a metric is as good as none."""

    cost: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    records: int = 0
    unrated: int = 0
    metrics: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add_line(self, line: Record) -> None:
        cost = Decimal(line["costUsd"] or 0)
        self.cost += cost
        self.billed += cost if line["billable"] else 0
        self.metrics[line["metric"]] += Decimal(line["quantity"])

    def count(self, record: Record) -> None:
        """Counts a record that stands; what is taken back does not, nor does what takes it back."""
        if record["voids"] or record["voidedBy"]:
            return
        self.records += 1
        self.unrated += bool(record["unratedMetrics"])


def sums_of(records: Iterable[Record]) -> Sums:
    total = Sums()
    for record in records:
        total.count(record)
        for line in record["lines"]:
            total.add_line(line)
    return total


def groups_of(records: Iterable[Record], dimension: str) -> dict[str | None, Sums]:
    """The groups of a dimension; a record counts under the category of its first line."""
    groups: dict[str | None, Sums] = defaultdict(Sums)
    for record in records:
        lines = record["lines"]
        groups[lines[0]["category"] if dimension == "category" else _key(record, dimension)].count(record)
        for line in lines:
            groups[line["category"] if dimension == "category" else _key(record, dimension)].add_line(line)
    return dict(groups)


def _key(record: Record, dimension: str) -> Any:
    if dimension != "provider":
        return record[FIELDS[dimension]]
    prefix, slash, _ = (record["modelId"] or "").partition("/")
    return record["provider"] or PROVIDERS.get(record["service"]) or (prefix if slash else None)


def shown(item: Record) -> Sums:
    """What a view's item or total says."""
    metrics = defaultdict(Decimal, {metric: Decimal(quantity) for metric, quantity in item["metrics"].items()})
    return Sums(Decimal(item["costUsd"]), Decimal(item["billedUsd"]), item["records"], item["unrated"], metrics)


def shown_groups(items: Iterable[Record]) -> dict[str | None, Sums]:
    return {item["key"]: shown(item) for item in items}


def added_up(items: Iterable[Record]) -> Sums:
    """The items of a view, added up."""
    total = Sums()
    for item in items:
        one = shown(item)
        total.cost += one.cost
        total.billed += one.billed
        total.records += one.records
        total.unrated += one.unrated
        for metric, quantity in one.metrics.items():
            total.metrics[metric] += quantity
    return total
