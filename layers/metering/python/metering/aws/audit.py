"""The audit log in the Accounts table.

An entry is written in the transaction of the change that it tells of, so that there is none without a change, and no
change without one. Flows are given a `Trail` with what is known of the request, and add its writes to theirs.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metering.aws import keys
from metering.aws.tables import query
from metering.aws.transaction import Deadline, Item, Write
from metering.domain.auditing import Actor, Entry
from metering.domain.periods import Period

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ACTOR: Final = {"keyId": "key_id", "role": "role", "requestId": "request_id", "sourceIp": "source_ip"}


class Trail(NamedTuple):
    """What a request leaves in a project's log, if it changes something."""

    table: str
    project: str
    entry: Entry

    def writes(self, *, project: str | None = None, before: Any = None, **target: str) -> list[Write]:  # noqa: ANN401  # JSON
        """The entry, to be written with the change. `target` says what the path does not: the id of what was made."""
        entry = self.entry._replace(target={**self.entry.target, **target}, before=before)
        item = entry_to_item(project or self.project, entry)
        return [Write("Put", {"TableName": self.table, "Item": item})]


def traced(trail: Trail | None, **told: Any) -> list[Write]:  # noqa: ANN401  # as `Trail.writes`
    """`trail.writes(...)`, or nothing where the request is none that the log tells of."""
    return trail.writes(**told) if trail else []


def entry_to_item(project: str, entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        **keys.audit(project, entry.at, entry.audit_id),
        **{name: {"S": getattr(entry.actor, field)} for name, field in _ACTOR.items()},
        "auditId": {"S": entry.audit_id},
        "at": {"S": entry.at},
        "action": {"S": entry.action},
        "target": {"S": json.dumps(entry.target)},
        "change": {"S": json.dumps(entry.change)},
        "before": {"S": json.dumps(entry.before)},
    }
    if entry.actor.user_id is not None:
        item["userId"] = {"S": entry.actor.user_id}
    return item


def item_to_entry(item: Item) -> Entry:
    actor: dict[str, Any] = {field: item[name]["S"] for name, field in _ACTOR.items()}
    return Entry(
        item["auditId"]["S"],
        item["at"]["S"],
        Actor(**actor, user_id=item["userId"]["S"] if "userId" in item else None),
        item["action"]["S"],
        json.loads(item["target"]["S"]),
        json.loads(item["change"]["S"]),
        json.loads(item["before"]["S"]),
    )


@dataclass(frozen=True)
class AuditLog:
    """A project's log."""

    client: "DynamoDBClient"
    table: str
    project: str
    deadline: Deadline


class Sought(NamedTuple):
    """Which entries: of a period; by a key's or a member's id; of one operation."""

    period: Period
    actor: str | None = None
    action: str | None = None


def list_entries(log: AuditLog, sought: Sought, after: str | None) -> Iterator[tuple[str, Entry]]:
    """The entries, the newest first, each behind its place in the log; those behind `after`."""
    last = sought.period.end if after is None else min(after, sought.period.end)
    values = {
        ":account": keys.audit(log.project, "", "")["account"],
        ":first": {"S": sought.period.start},
        ":last": {"S": last},
    }
    filters = []
    if sought.actor is not None:
        filters.append("(keyId = :actor OR userId = :actor)")
        values[":actor"] = {"S": sought.actor}
    if sought.action is not None:
        filters.append("#action = :action")
        values[":action"] = {"S": sought.action}
    parameters: dict[str, Any] = {"FilterExpression": " AND ".join(filters)} if filters else {}
    if sought.action is not None:
        parameters["ExpressionAttributeNames"] = {"#action": "action"}
    items = query(
        log.client,
        log.deadline,
        TableName=log.table,
        KeyConditionExpression="account = :account AND entry BETWEEN :first AND :last",
        ExpressionAttributeValues=values,
        ScanIndexForward=False,
        ConsistentRead=True,
        **parameters,
    )
    for item in items:
        place = item["entry"]["S"]
        if place != after:
            yield place, item_to_entry(item)
