"""Budgets: limits on all usage of a user, a run or the project, kept by the same meters as a session's."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from metering.aws import keys
from metering.aws.audit import traced
from metering.aws.meters import Metered, Scope, meter_key, meter_to_item, scope_of
from metering.aws.tables import query
from metering.aws.transaction import RefusedError, Write, commit
from metering.domain.errors import NotFoundError
from metering.domain.limits import Limits, Meter, change_limits, new_meter
from metering.domain.periods import later
from metering.domain.shares import split
from metering.flows.decisions import Attempts, Meters, decide, read_items, read_meter
from metering.flows.take_room import read_current


class Budget(NamedTuple):
    """A budget's scope and its meter as of now."""

    scope: Scope
    meter: Meter


class Splitting(NamedTuple):
    """How a new budget is made: over how many items, and how long recording functions remember that there is none."""

    shares: int
    cache_seconds: float
    sleep: Callable[[float], None] = time.sleep


def put_budget(meters: Meters, scope: Scope, limits: Limits, splitting: Splitting) -> tuple[Budget, bool]:
    """Sets a scope's limits; a new budget counts from its making on. Gives the budget back, and whether it is new.

    Recording functions remember for a while which budgets there are, so making one takes as long: every callback that
    begins after the answer counts.
    """
    attempts = Attempts(meters.deadline)
    while (done := _set(meters, scope, limits, splitting.shares)) is None:
        attempts.next()
    meter, is_new = done
    # A retry that finds it made just now waits as well, and nobody asks the database for anything after the wait.
    if meters.now < later(meter.created_at, timedelta(seconds=splitting.cache_seconds)):
        splitting.sleep(splitting.cache_seconds)
    return Budget(scope, meter), is_new


def _set(meters: Meters, scope: Scope, limits: Limits, shares: int) -> tuple[Meter, bool] | None:
    """Makes a budget, or changes the one that is there; its meter, and whether it is new. None: another has made or
    removed it in this moment.
    """
    found = _find(meters, scope)
    metered = found or Metered(scope, shares)
    try:
        if found is None:
            _make(meters, metered, limits)
        else:
            decide(meters, metered, lambda meter: change_limits(meter, limits, meters.now))
        return read_meter(meters, metered)[1], found is None
    except (RefusedError, NotFoundError):
        return None


def _make(meters: Meters, metered: Metered, limits: Limits) -> None:
    scope = metered.scope
    shares = split(new_meter(scope.kind, limits, meters.now), metered.pieces)
    items = [meter_to_item(meters.project, place, share) for place, share in zip(metered.shares(), shares, strict=True)]
    listed = {**keys.budget(meters.project, scope.name()), "shares": {"N": str(metered.pieces)}}
    writes = [
        Write("Put", {"TableName": meters.table, "Item": item, "ConditionExpression": "attribute_not_exists(entry)"})
        for item in [listed, *items]
    ]
    commit(meters.client, [*writes, *traced(meters.trail)], meters.deadline)


def _find(meters: Meters, scope: Scope) -> Metered | None:
    key = keys.budget(meters.project, scope.name())
    item = read_items(meters, [key]).get((key["scope"]["S"], key["entry"]["S"]))
    return Metered(scope, int(item["shares"]["N"])) if item else None


def get_budget(meters: Meters, scope: Scope) -> Budget:
    """A budget as of now, without room that only leases which have run out hold.

    Raises:
        NotFoundError: there is none.
    """
    metered = _find(meters, scope)
    if metered is None:
        raise NotFoundError(f"there is no budget of {scope.name()}")
    return Budget(scope, read_current(meters, metered)[1])


def delete_budget(meters: Meters, scope: Scope) -> None:
    """Removes a budget; what was held under it simply is no longer counted there.

    Raises:
        NotFoundError: there is none.
    """
    metered = _find(meters, scope)
    if metered is None:
        raise NotFoundError(f"there is no budget of {scope.name()}")
    deletes = [keys.budget(meters.project, scope.name())]
    deletes += [meter_key(meters.project, share) for share in metered.shares()]
    writes = [Write("Delete", {"TableName": meters.table, "Key": key}) for key in deletes]
    commit(meters.client, [*writes, *traced(meters.trail)], meters.deadline)


def list_budgets(meters: Meters, after: str | None) -> Iterator[Budget]:
    """A project's budgets in order of their names, those behind `after`."""
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
        metered = Metered(scope_of(row["entry"]["S"], meters.project), int(row["shares"]["N"]))
        with suppress(NotFoundError):  # removed since its row was read
            yield Budget(metered.scope, read_meter(meters, metered)[1])
