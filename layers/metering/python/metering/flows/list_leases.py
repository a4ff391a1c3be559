"""The holds or the agents of a session that run."""

from collections.abc import Iterator

from metering.aws.leases import item_to_lease
from metering.aws.meters import Scope
from metering.aws.tables import query
from metering.domain.leases import Lease, LeaseKind
from metering.flows.decisions import Meters


def list_leases(meters: Meters, session: Scope, kind: LeaseKind, after: str | None) -> Iterator[Lease]:
    """The leases of a kind that run, in order of their ids, those behind `after`."""
    rows = query(
        meters.client,
        meters.deadline,
        TableName=meters.table,
        KeyConditionExpression="#scope = :scope AND entry BETWEEN :first AND :last",
        ExpressionAttributeNames={"#scope": "scope"},
        ExpressionAttributeValues={
            ":scope": {"S": meters.key(session)},
            ":first": {"S": f"{kind}#{after} " if after else f"{kind}#"},
            ":last": {"S": f"{kind}#\U0010ffff"},
        },
        ConsistentRead=True,
    )
    leases = map(item_to_lease, rows)
    return (lease for lease in leases if lease.runs(meters.now))
