"""Taking room under a lease, giving it back, and reclaiming it from leases that have run out.

A hold and an agent are the same thing: amounts taken from the room of a session and of every budget it counts against,
all or none, until the lease is closed or runs out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from metering.aws import keys
from metering.aws.budget_book import BudgetBook
from metering.aws.due import DueLease, due_lease, end_of_due, find_due
from metering.aws.leases import close_lease, extend_lease, item_to_lease, open_lease
from metering.aws.meters import Scope, item_to_meter, meter_key, update
from metering.aws.tables import query
from metering.aws.transaction import Item, RefusedError, Write, commit
from metering.domain.errors import LimitReachedError, NotFoundError, SessionPausedError
from metering.domain.figures import figures
from metering.domain.leases import Lease, LeaseKind, LeaseState
from metering.domain.limits import DIMENSION, Change, Shortage, decide_hold
from metering.flows.decisions import Attempts, Meters, notice_writes, read_items, read_meter, release_change, scope_of


@dataclass(frozen=True)
class Taking:
    """A lease that is wanted in a session."""

    session: Scope
    lease: Lease
    run_id: str | None = None


class Taken(NamedTuple):
    """An open lease, its session's meter as it was read, and whether it was opened just now."""

    lease: Lease
    session: Item
    created: bool


class _Standing(NamedTuple):
    """What a decision is made on, all read at once."""

    items: Mapping[Scope, Item]
    stopped: bool
    lease: Lease | None


def take(meters: Meters, budgets: BudgetBook, taking: Taking, *, dry_run: bool = False) -> Taken:
    """Opens a lease, if every scope has room for it.

    Room of leases that have run out is reclaimed first where it is short.

    Raises:
        NotFoundError: no such session.
        SessionPausedError: the session is paused, or the whole project.
        LimitReachedError: a limit has no room; nothing was taken.
    """
    attempts = Attempts(meters.deadline)
    reclaimed = False
    while True:
        standing = _read(meters, budgets, taking)
        if standing.lease and not _begins_anew(standing.lease, meters.now):
            return Taken(standing.lease, standing.items[taking.session], created=False)
        changes = _decide(meters, taking, standing)
        if isinstance(changes, _Short):
            if reclaimed or not changes.shortage.held or not _reclaim_for(meters, changes.scope):
                raise _refusal(taking.session, changes)
            reclaimed = True
            continue
        lease = taking.lease._replace(scopes=_scopes(changes, standing))
        if dry_run:
            return Taken(lease, standing.items[taking.session], created=True)
        try:
            commit(meters.client, _writes(meters, taking, lease, changes, standing), meters.deadline)
        except RefusedError:
            attempts.next()
        else:
            return Taken(lease, standing.items[taking.session], created=True)


def _begins_anew(lease: Lease, now: str) -> bool:
    """Whether a lease of this id is no obstacle: an agent may start again once it has ended."""
    return lease.kind == "agent" and not lease.runs(now) and lease.state != "open"


def _scopes(changes: Mapping[Scope, Change], standing: _Standing) -> dict[str, str]:
    return {scope.name(): standing.items[scope]["createdAt"]["S"] for scope in changes}


class _Short(NamedTuple):
    scope: Scope
    shortage: Shortage


def _read(meters: Meters, budgets: BudgetBook, taking: Taking) -> _Standing:
    session_key = meter_key(meters.project, taking.session)
    lease_key = keys.lease(meters.key(taking.session), taking.lease.kind, taking.lease.id)
    stop_key = keys.stop(meters.project)
    found = read_items(meters, [session_key, lease_key, stop_key])
    session = found.get(_names(session_key))
    if session is None:
        raise NotFoundError(f"there is no session {taking.session.id}")
    items = {taking.session: session, **_read_budgets(meters, budgets, taking, session)}
    lease = found.get(_names(lease_key))
    return _Standing(items, _names(stop_key) in found, item_to_lease(lease) if lease else None)


def _names(key: keys.Key) -> tuple[str, str]:
    return key["scope"]["S"], key["entry"]["S"]


def _read_budgets(meters: Meters, budgets: BudgetBook, taking: Taking, session: Item) -> dict[Scope, Item]:
    named = [Scope("user", session["userId"]["S"]), Scope("project", meters.project)]
    if taking.run_id:
        named.append(Scope("run", taking.run_id))
    scopes = budgets.existing(meters.project, named, meters.deadline)
    by_names = {_names(meter_key(meters.project, scope)): scope for scope in scopes}
    found = read_items(meters, [meter_key(meters.project, scope) for scope in scopes])
    return {by_names[names]: item for names, item in found.items()}


def _decide(meters: Meters, taking: Taking, standing: _Standing) -> dict[Scope, Change] | _Short:
    if standing.stopped:
        raise SessionPausedError("the whole project is paused: an emergency stop")
    changes: dict[Scope, Change] = {}
    for scope, item in standing.items.items():
        decided = decide_hold(item_to_meter(item), taking.lease.amounts, meters.now)
        if decided == "paused":
            raise SessionPausedError(f"the session {scope.id} is paused")
        if isinstance(decided, Shortage):
            return _Short(scope, decided)
        if isinstance(decided, Change):
            changes[scope] = decided
    return changes


def _refusal(session: Scope, short: _Short) -> LimitReachedError:
    scope, (dimension, limit, used, held, remaining) = short
    if dimension == DIMENSION["agents"]:
        used, held = held, 0  # who runs is what is used
    shown = figures(dimension, limit=limit, used=used, held=held, remaining=max(remaining, 0))
    extra = {"dimension": dimension, **shown, "retryable": False, "scope": scope.name()}
    whose = f"the session {session.id}" if scope == session else f"the budget of {scope.name()}"
    return LimitReachedError(f"{whose} has no room under {dimension}", extra=extra)


def _writes(
    meters: Meters, taking: Taking, lease: Lease, changes: Mapping[Scope, Change], standing: _Standing
) -> list[Write]:
    writes = [open_lease(meters.table, meters.key(taking.session), lease)]
    for scope, change in changes.items():
        writes.append(update(meters.table, meters.project, scope, change))
        writes.extend(notice_writes(meters, scope, standing.items[scope], change))
    return writes


def read_lease(meters: Meters, session: Scope, kind: LeaseKind, lease_id: str) -> Lease:
    """A lease of a session.

    Raises:
        NotFoundError: the session has no such hold or agent.
    """
    key = keys.lease(meters.key(session), kind, lease_id)
    item = read_items(meters, [key]).get(_names(key))
    if item is None:
        raise NotFoundError(f"the session {session.id} has no {kind} {lease_id}")
    return item_to_lease(item)


def find_lease(meters: Meters, due: DueLease) -> Lease | None:
    """The lease that is due, if it is still there."""
    key = keys.lease(meters.key(due.session), due.kind, due.lease_id)
    item = read_items(meters, [key]).get(_names(key))
    return item_to_lease(item) if item else None


def change_lease(
    meters: Meters, session: Scope, kind: LeaseKind, lease_id: str, change: Callable[[Lease], bool]
) -> Lease:
    """Reads a lease and changes it, again if it turns out to have changed meanwhile: then `change` answers False."""
    attempts = Attempts(meters.deadline)
    while True:
        lease = read_lease(meters, session, kind, lease_id)
        if change(lease):
            return lease
        attempts.next()


def close(meters: Meters, session: Scope, lease: Lease, state: LeaseState) -> bool:
    """Closes an open lease and gives its room back to every scope that it was taken from and that is still there.

    False: it is no longer as it was read.
    """
    scopes = dict(lease.scopes)
    while True:
        releases = [
            update(meters.table, meters.project, scope_of(name, meters.project), release_change(lease.amounts, made))
            for name, made in scopes.items()
        ]
        closing = close_lease(meters.table, meters.key(session), lease, state, meters.now)
        try:
            commit(meters.client, [closing, *releases], meters.deadline)
        except RefusedError as refused:
            if 0 in refused.found:
                return False
            names = list(scopes)
            for position in refused.found:
                del scopes[names[position - 1]]  # a budget that was removed meanwhile
        else:
            return True


def extend(meters: Meters, session: Scope, lease: Lease, expires_at: str) -> bool:
    """Moves the end of an open lease. False: it is no longer as it was read."""
    try:
        commit(meters.client, [extend_lease(meters.table, meters.key(session), lease, expires_at)], meters.deadline)
    except RefusedError:
        return False
    return True


def _reclaim_for(meters: Meters, scope: Scope) -> bool:
    """Reclaims what has run out and took room of a scope; whether there was anything."""
    if scope.kind == "session":
        return sum(reclaim(meters, lease, scope) for lease in _expired(meters, scope)) > 0
    found = [(lease, session) for lease, session in _due(meters) if scope.name() in lease.scopes]
    return sum(reclaim(meters, lease, session) for lease, session in found) > 0


def _due(meters: Meters) -> Iterator[tuple[Lease, Scope]]:
    """Leases of the project's sessions that have run out, wherever they are."""
    for row in find_due(meters.client, meters.table, meters.now, meters.deadline):
        found = due_lease(row)
        if found and found.project == meters.project:
            lease = find_lease(meters, found)
            if lease:
                yield lease, found.session


def _expired(meters: Meters, scope: Scope) -> Iterator[Lease]:
    """The open leases of a session that have run out."""
    rows = query(
        meters.client,
        meters.deadline,
        TableName=meters.table,
        IndexName=keys.BY_EXPIRY,
        KeyConditionExpression="#scope = :scope AND dueAt < :end",
        ExpressionAttributeNames={"#scope": "scope"},
        ExpressionAttributeValues={":scope": {"S": meters.key(scope)}, ":end": {"S": end_of_due(meters.now)}},
        ConsistentRead=True,
    )
    for row in rows:
        kind, _, lease_id = row["entry"]["S"].partition("#")
        if kind in {"hold", "agent"}:
            yield read_lease(meters, scope, kind, lease_id)


def reclaim(meters: Meters, lease: Lease, session: Scope) -> bool:
    """Gives the room of a lease that has run out back; whether it was there to be given back."""
    if lease.state != "open" or lease.runs(meters.now):
        return False
    return close(meters, session, lease, "expired")


def read_current(meters: Meters, scope: Scope) -> Item:
    """A meter's item without room that only leases which have run out hold: their slots and holds are given back first.

    Raises:
        NotFoundError: there is no such scope.
    """
    item = read_meter(meters, scope)
    held = item_to_meter(item).held
    return read_meter(meters, scope) if any(held.values()) and _reclaim_for(meters, scope) else item
