"""What the sweep finds by the sparse index `byDue`: items whose time has come and that nobody has dealt with.

An item is in the index while it has `due` and `dueAt` (`keys.due`). The partition is a shard and not a minute, so that
one query a shard finds everything overdue, however long the sweep did not run.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from metering.aws import keys
from metering.aws.meters import Scope
from metering.aws.tables import query
from metering.aws.transaction import Deadline, Item
from metering.domain.leases import LeaseKind

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_AFTER_EVERY_ID: Final = "$"  # the character after `#`


class DueLease(NamedTuple):
    """Where a lease that is due is kept."""

    project: str
    session: Scope
    kind: LeaseKind
    lease_id: str


def due_lease(item: Item) -> DueLease | None:
    """The lease that a due item of Meters is, if it is one."""
    entry, _, lease_id = item["entry"]["S"].partition("#")
    if entry not in {"hold", "agent"}:
        return None
    project, kind, scope_id = item["scope"]["S"].split("#", 2)
    return DueLease(project, Scope(kind, scope_id), entry, lease_id)


def end_of_due(now: str) -> str:
    """What every `dueAt` of the instant `now` or earlier comes before."""
    return f"{now}{_AFTER_EVERY_ID}"


def find_due(client: "DynamoDBClient", table: str, now: str, deadline: Deadline) -> Iterator[Item]:
    """Keys, `due` and `dueAt` of what is due at `now`, an instant, or earlier; the longest overdue of a shard first.

    Raises:
        UnavailableError: a page could not be read before the deadline.
    """
    for shard in range(keys.DUE_SHARDS):
        values = {":shard": {"S": keys.due_shard(shard)}, ":end": {"S": end_of_due(now)}}
        yield from query(
            client,
            deadline,
            TableName=table,
            IndexName=keys.BY_DUE,
            KeyConditionExpression="due = :shard AND dueAt < :end",
            ExpressionAttributeValues=values,
        )
