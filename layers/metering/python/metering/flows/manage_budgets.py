"""Budgets: limits on all usage of a user, a run or the project, kept by the same meters as a session's."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from metering.aws import keys
from metering.aws.meters import Scope, meter_key, meter_to_item
from metering.aws.tables import query
from metering.aws.transaction import Item, RefusedError, Write, commit
from metering.domain.limits import Limits, change_limits, new_meter
from metering.domain.periods import later
from metering.flows.decisions import Meters, decide, read_items, read_meter, scope_of


def put_budget(
    meters: Meters, scope: Scope, limits: Limits, cache_seconds: float, sleep: Callable[[float], None] = time.sleep
) -> tuple[Item, bool]:
    """Sets a scope's limits; a new budget counts from its making on. Gives back its meter, and whether it is new.

    Recording functions remember for `cache_seconds` which budgets there are, so making one takes as long: every
    callback that begins after the answer counts.
    """
    item = meter_to_item(meters.project, scope, new_meter(scope.kind, limits, meters.now))
    listed = {"TableName": meters.table, "Item": keys.budget(meters.project, scope.name())}
    new = {"TableName": meters.table, "Item": item, "ConditionExpression": "attribute_not_exists(entry)"}
    try:
        commit(meters.client, [Write("Put", new), Write("Put", listed)], meters.deadline)
    except RefusedError:
        before, _ = decide(meters, scope, lambda meter: change_limits(meter, limits, meters.now))
        if later(before["createdAt"]["S"], timedelta(seconds=cache_seconds)) > meters.now:
            sleep(cache_seconds)  # it was made just now, and who made it may not have heard so
        return read_meter(meters, scope), False
    sleep(cache_seconds)
    return item, True


def delete_budget(meters: Meters, scope: Scope) -> None:
    """Removes a budget; what was held under it simply is no longer counted there.

    Raises:
        NotFoundError: there is none.
    """
    read_meter(meters, scope)
    deletes = [meter_key(meters.project, scope), keys.budget(meters.project, scope.name())]
    commit(
        meters.client,
        [Write("Delete", {"TableName": meters.table, "Key": key}) for key in deletes],
        meters.deadline,
    )


def list_budgets(meters: Meters, after: str | None) -> Iterator[Item]:
    """The meters of a project's budgets in order of their names, those behind `after`."""
    rows = query(
        meters.client,
        meters.deadline,
        TableName=meters.table,
        KeyConditionExpression="#scope = :scope AND entry > :after",
        ExpressionAttributeNames={"#scope": "scope"},
        ExpressionAttributeValues={":scope": {"S": keys.budgets(meters.project)}, ":after": {"S": after or " "}},
        ConsistentRead=True,
    )
    for row in rows:
        key = meter_key(meters.project, scope_of(row["entry"]["S"], meters.project))
        item = read_items(meters, [key]).get((key["scope"]["S"], key["entry"]["S"]))
        if item:
            yield item
