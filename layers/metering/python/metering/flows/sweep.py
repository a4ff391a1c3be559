"""The minutely sweep: leases that have run out give their room back, events that were not relayed go out."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from metering.aws import keys
from metering.aws.due import due_lease, find_due
from metering.aws.transaction import Deadline
from metering.flows.decisions import Meters
from metering.flows.take_room import find_lease, reclaim

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MARGIN_SECONDS = 5.0
"""What is left of the function's time when the sweep stops; the next minute's goes on where it was."""


class Swept(NamedTuple):
    """How much there was to do."""

    reclaimed: int
    relayed: int


def sweep(
    client: "DynamoDBClient", table: str, now: str, deadline: Deadline, relay: Callable[[keys.Key], object]
) -> Swept:
    """Deals with all that is due in the table of meters, the longest overdue of each shard first.

    `relay` gets the key of each event that the stream has not brought on its way.
    """
    reclaimed = relayed = 0
    for row in find_due(client, table, now, deadline):
        if deadline.remaining() < MARGIN_SECONDS:
            break
        found = due_lease(row)
        if found is None:
            relay({"scope": row["scope"], "entry": row["entry"]})
            relayed += 1
            continue
        meters = Meters(client, table, found.project, now, deadline)
        lease = find_lease(meters, found)
        if lease and reclaim(meters, lease, found.session):
            reclaimed += 1
    return Swept(reclaimed, relayed)
