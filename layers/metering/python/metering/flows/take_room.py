"""Taking room under a lease, giving it back, and reclaiming it from leases that have run out.

A hold and an agent are the same thing: amounts taken from the room of a session and of every budget it counts against,
all or none, until the lease is closed or runs out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from metering.aws import keys
from metering.aws.budget_book import BudgetBook
from metering.aws.due import DueLease, due_lease, end_of_due, find_due
from metering.aws.leases import close_lease, extend_lease, item_to_lease, open_lease
from metering.aws.meters import Metered, Scope, item_to_meter, meter_key, metered_of, update
from metering.aws.tables import query
from metering.aws.transaction import Item, RefusedError, Write, commit
from metering.domain.errors import LimitReachedError, NotFoundError, SessionPausedError, UnratedError
from metering.domain.figures import figures
from metering.domain.leases import Lease, LeaseKind, LeaseState
from metering.domain.limits import DIMENSION, UNRATED, Change, Meter, Shortage, decide_hold, give_back, is_still
from metering.domain.shares import fits_share, share_with_room, total
from metering.flows.decisions import Attempts, Meters, notice_writes, read_existing, read_items, read_meter, spread_over
from metering.flows.plans import Part, Plan


@dataclass(frozen=True)
class Taking:
    """A lease that is wanted in a session."""

    session: Scope
    lease: Lease
    run_id: str | None = None
    unrated: tuple[str, ...] = ()
    """The metrics that nobody knows the price of, so that no room is taken for them."""


class Taken(NamedTuple):
    """An open lease, its session's meter as it was read, and whether it was opened just now."""

    lease: Lease
    session: Item
    created: bool


class _Standing(NamedTuple):
    """What a decision is made on, all read at once."""

    items: Mapping[Metered, list[Item]]
    """Of every meter, the items of its shares; the session's is the first."""
    stopped: bool
    lease: Lease | None

    @property
    def session(self) -> Item:
        return next(iter(self.items.values()))[0]


def take(meters: Meters, budgets: BudgetBook, taking: Taking, *, dry_run: bool = False) -> Taken:
    """Opens a lease, if every scope has room for it.

    Room of leases that have run out is reclaimed first where it is short.

    Raises:
        NotFoundError: no such session.
        SessionPausedError: the session is paused, or the whole project.
        LimitReachedError: a limit has no room; nothing was taken.
        UnratedError: what cannot be priced is not allowed.
    """
    attempts = Attempts(meters.deadline)
    reclaimed: set[Scope] = set()
    while True:
        standing = _read(meters, budgets, taking)
        if standing.lease and not _begins_anew(standing.lease, meters.now):
            return Taken(standing.lease, standing.session, created=False)
        changes = _decide(meters, taking, standing)
        if changes is None:  # read amid another's change of all shares
            attempts.next()
            continue
        if isinstance(changes, _Short):
            if changes.scope in reclaimed or not changes.shortage.held or not _reclaim_for(meters, changes.scope):
                raise _refusal(taking.session, changes)
            reclaimed.add(changes.scope)
            continue
        lease = taking.lease._replace(scopes=_references(standing))
        if dry_run:
            return Taken(lease, standing.session, created=True)
        try:
            commit(meters.client, _writes(meters, taking, lease, changes, standing), meters.deadline)
        except RefusedError:
            attempts.next()
        else:
            return Taken(lease, standing.session, created=True)


def _begins_anew(lease: Lease, now: str) -> bool:
    """Whether a lease of this id is no obstacle: an agent may start again once it has ended."""
    return lease.kind == "agent" and not lease.runs(now) and lease.state != "open"


def _references(standing: _Standing) -> dict[str, str]:
    return {metered.reference(): items[0]["createdAt"]["S"] for metered, items in standing.items.items()}


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
    items = {Metered(taking.session): [session], **_read_budgets(meters, budgets, taking, session)}
    lease = found.get(_names(lease_key))
    return _Standing(items, _names(stop_key) in found, item_to_lease(lease) if lease else None)


def _names(key: keys.Key) -> tuple[str, str]:
    return key["scope"]["S"], key["entry"]["S"]


def _read_budgets(meters: Meters, budgets: BudgetBook, taking: Taking, session: Item) -> dict[Metered, list[Item]]:
    named = [Scope("user", session["userId"]["S"]), Scope("project", meters.project)]
    if taking.run_id:
        named.append(Scope("run", taking.run_id))
    return read_existing(meters, budgets.existing(meters.project, named, meters.deadline))


def _decide(meters: Meters, taking: Taking, standing: _Standing) -> dict[Metered, Change] | _Short | None:
    if standing.stopped:
        raise SessionPausedError("the whole project is paused: an emergency stop")
    changes: dict[Metered, Change] = {}
    for metered, items in standing.items.items():
        meter = total([item_to_meter(item) for item in items])
        if meter is None:
            return None
        _require_rates(taking, meter)
        decided = decide_hold(meter, taking.lease.amounts, meters.now)
        if decided == "paused":
            raise SessionPausedError(f"the session {taking.session.id} is paused")
        if isinstance(decided, Shortage):
            return _Short(metered.scope, decided)
        if isinstance(decided, Change):
            changes[metered] = decided
    return changes


def _require_rates(taking: Taking, meter: Meter) -> None:
    """Without a rate nothing can be held, unless the session allows it and no budget that limits costs objects."""
    limits = meter.limits
    if taking.unrated and (limits.pauses_unrated or (meter.kind == "session" and limits.on_unrated == "pause")):
        raise UnratedError(f"no card prices {', '.join(taking.unrated)}, so nothing can be held for it")


def _share_changes(metered: Metered, items: Sequence[Item], change: Change) -> dict[Scope, Change]:
    """A hold on one share by chance if it has the room, else on that share with the room of all levelled."""
    chosen = metered.any_share()
    if metered.pieces == 1 or fits_share(change, item_to_meter(items[chosen.share])):
        return {chosen: change}
    return spread_over(metered, items, change, chosen)


def _refusal(session: Scope, short: _Short) -> LimitReachedError:
    scope, (dimension, limit, used, held, remaining) = short
    if dimension == DIMENSION["agents"]:
        used, held = held, 0  # who runs is what is used
    shown = figures(dimension, limit=limit, used=used, held=held, remaining=max(remaining, 0))
    extra = {"dimension": dimension, **shown, "retryable": False, "scope": scope.name()}
    whose = f"the session {session.id}" if scope == session else f"the budget of {scope.name()}"
    if dimension == UNRATED:
        return LimitReachedError(f"{whose} has usage without a rate, which its cost limit cannot measure", extra=extra)
    return LimitReachedError(f"{whose} has no room under {dimension}", extra=extra)


def _writes(
    meters: Meters, taking: Taking, lease: Lease, changes: Mapping[Metered, Change], standing: _Standing
) -> list[Write]:
    writes = [open_lease(meters.table, meters.key(taking.session), lease)]
    for metered, change in changes.items():
        items = standing.items[metered]
        for share, one in _share_changes(metered, items, change).items():
            writes.append(update(meters.table, meters.project, share, one))
        writes.extend(notice_writes(meters, metered.scope, items[0], change))
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
    """Closes an open lease and gives its room back to every meter that it was taken from and that is still there.

    False: it is no longer as it was read.
    """
    plan = Plan(meters, [_release(lease, reference, meters.project) for reference in lease.scopes])
    closing = close_lease(meters.table, meters.key(session), lease, state, meters.now)
    attempts = Attempts(meters.deadline)
    while True:
        try:
            commit(meters.client, [closing, *plan.writes()], meters.deadline)
        except RefusedError as refused:
            if 0 in refused.found:
                return False
            plan.learn({position - 1: item for position, item in refused.found.items()})
            attempts.next()
        else:
            return True


def _release(lease: Lease, reference: str, project: str) -> Part:
    """Gives a lease's amounts back to one meter, unless another of its name has taken its place."""
    metered, created_at = metered_of(reference, project), lease.scopes[reference]

    def as_usual() -> Change:
        change = Change() if metered.pieces == 1 else share_with_room(lease.amounts)
        change.require.append(is_still(created_at))
        give_back(change, lease.amounts)
        return change

    def decided(meter: Meter) -> Change | None:
        if meter.created_at != created_at:
            return None
        change = Change(require=[is_still(created_at)])
        give_back(change, lease.amounts)
        return change

    return Part(metered, as_usual, decided)


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
    found = [(lease, session) for lease, session in _due(meters) if _took_from(lease, scope, meters.project)]
    return sum(reclaim(meters, lease, session) for lease, session in found) > 0


def _took_from(lease: Lease, scope: Scope, project: str) -> bool:
    return any(metered_of(reference, project).scope == scope for reference in lease.scopes)


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


def read_current(meters: Meters, metered: Metered) -> tuple[Item, Meter]:
    """A meter without room that only leases which have run out hold: their slots and holds are given back first.

    Raises:
        NotFoundError: there is no such meter.
    """
    item, meter = read_meter(meters, metered)
    if any(meter.held.values()) and _reclaim_for(meters, metered.scope):
        return read_meter(meters, metered)
    return item, meter
