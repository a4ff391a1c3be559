"""A meter split over several items, so that a busy scope is not held to one item's writes a second.

The meter is the sum of its shares: what is used, held, the room and the alert distance of each resource are added up
over them; limits, window, status and what has been told stand alike in each. Most changes touch one share and need no
read: usage that fits its alert and its room, a hold that fits its room. What does not fit is decided on the sum and
`spread`: the chosen share counts, and room and alert are levelled over all shares in the same transaction.

Two invariants make a share's conditions speak for the sum:

1. No share has room while another lacks it (rooms are all >= 0, or none is > 0). So a hold that fits a share's room
   fits the sum's, and the sum of what is used and held never passes a limit through holds.
2. No alert is below zero and their sum is above it. So usage that stays short of a share's alert leaves the sum short
   of the next boundary.

Levelling moves amounts under conditions that keep both (`_level`), and not under equality, so that it goes through
while other shares count on. What tells exact figures, and what makes room appear below zero, demands equality. Usage
that is taken back is always decided on the sum, since a share cannot tell which boundary it comes to lie behind.
"""

from collections.abc import Sequence
from dataclasses import replace

from metering.domain.limits import (
    COUNTED,
    RESOURCES,
    TOTALS,
    Amounts,
    Change,
    Condition,
    Kind,
    Meter,
    Resource,
    Usage,
    alert,
    held,
    is_still,
    room,
    usual,
)


def total(shares: Sequence[Meter]) -> Meter | None:
    """The meter that the shares make together, or None if they were not read as of one revision."""
    first = shares[0]
    if any(share.revision != first.revision for share in shares):
        return None
    return replace(
        first,
        totals={name: sum(share.totals[name] for share in shares) for name in TOTALS},
        held={resource: sum(share.held[resource] for share in shares) for resource in RESOURCES},
        room={resource: sum(share.room[resource] for share in shares) for resource in RESOURCES},
        alert={resource: sum(share.alert[resource] for share in shares) for resource in COUNTED},
    )


def split(meter: Meter, count: int) -> list[Meter]:
    """An unused meter as `count` shares."""
    rooms = {resource: _evenly(meter.room[resource], count) for resource in RESOURCES}
    alerts = {resource: _evenly(meter.alert[resource], count) for resource in COUNTED}
    return [
        replace(
            meter,
            room={resource: rooms[resource][share] for resource in RESOURCES},
            alert={resource: alerts[resource][share] for resource in COUNTED},
        )
        for share in range(count)
    ]


def _evenly(amount: int, count: int) -> list[int]:
    each, rest = divmod(amount, count)
    return [each + (share < rest) for share in range(count)]


def usual_share(kind: Kind, usage: Usage, released: Amounts, occurred: str, now: str) -> Change:
    """The usual change by usage on one share, which must have the room for it as well, or lack room as all do."""
    change = usual(kind, usage, released, occurred, now)
    for resource in RESOURCES:
        amount = usage.totals[resource] if resource in COUNTED else 0
        if amount and released.get(resource):
            change.require.append(Condition(room(resource), ">=", amount))
        elif amount:
            change.require.append(Condition(room(resource), "outside", (0, amount - 1)))
        elif released.get(resource):
            change.require.append(Condition(room(resource), ">", 0))
    return change


def share_with_room(released: Amounts) -> Change:
    """The condition for giving amounts back to one share: it has room. Where it has none, others may be below zero."""
    return Change(require=[Condition(room(resource), ">", 0) for resource, amount in released.items() if amount])


def fits_share(change: Change, share: Meter) -> bool:
    """Whether a change that was decided on the sum can be made on one share alone: it only adds, and there is room."""
    if change.put or change.notices:
        return False
    rooms = all(
        share.room[resource] + change.add.get(room(resource), 0) >= 0 and share.room[resource] >= 0
        for resource in RESOURCES
    )
    alerts = all(share.alert[resource] + change.add.get(alert(resource), 0) > 0 for resource in COUNTED)
    return rooms and alerts


def spread(change: Change, shares: Sequence[Meter], chosen: int) -> list[Change]:
    """A change that was decided on the sum as one change a share; it holds for shares that are as they were read.

    The chosen share counts; every share gets what is alike in all; room and alert are levelled.
    """
    changes = [
        Change(
            require=[Condition("revision", "=", share.revision), is_still(share.created_at)],
            put={name: value for name, value in change.put.items() if name not in _DISTANCES},
            status=change.status,
            breached=change.breached,
        )
        for share in shares
    ]
    for name, amount in change.add.items():
        if name == "revision":
            for one in changes:
                one.adding(name, amount)
        elif name not in _DISTANCES:
            changes[chosen].adding(name, amount)
    changes[chosen].notices.extend(change.notices)
    for resource in RESOURCES:
        _level_room(change, changes, shares, resource)
    for resource in COUNTED:
        _level_alert(change, changes, shares, resource)
    _require_exact(change, changes, shares)
    return changes


_DISTANCES = frozenset({room(resource) for resource in RESOURCES} | {alert(resource) for resource in COUNTED})


def _after(change: Change, name: str, before: int) -> int:
    put = change.put.get(name)
    return put if isinstance(put, int) else before + change.add.get(name, 0)


def _level_room(change: Change, changes: list[Change], shares: Sequence[Meter], resource: Resource) -> None:
    name = room(resource)
    rooms = [share.room[resource] for share in shares]
    targets = _evenly(_after(change, name, sum(rooms)), len(shares))
    if name not in change.add and name not in change.put:
        return
    below = min(targets) < 0 or min(rooms) < 0
    for one, before, target in zip(changes, rooms, targets, strict=True):
        one.require.append(Condition(name, "=", before) if below else Condition(name, ">=", before - target))
        one.adding(name, target - before)


def _level_alert(change: Change, changes: list[Change], shares: Sequence[Meter], resource: Resource) -> None:
    name = alert(resource)
    conditions = {condition.operator: condition.value for condition in change.require if condition.field == name}
    if not conditions and name not in change.add and name not in change.put:
        return
    alerts = [share.alert[resource] for share in shares]
    targets = _evenly(_after(change, name, sum(alerts)), len(shares))
    for one, before, target in zip(changes, alerts, targets, strict=True):
        if "=" in conditions:
            one.require.append(Condition(name, "=", before))
        else:
            one.require.append(Condition(name, ">" if target > 0 else ">=", before - target))
        one.adding(name, target - before)
    most = conditions.get("<=")
    if isinstance(most, int):
        slacks = _evenly(most - sum(alerts), len(shares))
        for one, before, slack in zip(changes, alerts, slacks, strict=True):
            one.require.append(Condition(name, "<=", before + slack))


def _require_exact(change: Change, changes: list[Change], shares: Sequence[Meter]) -> None:
    """Where a decision hangs on an exact sum, each share must be as it was read."""
    exact = {condition.field for condition in change.require if condition.operator == "="}
    for one, share in zip(changes, shares, strict=True):
        figures = {"cost": share.totals["cost"], "unrated": share.totals["unrated"], held("cost"): share.held["cost"]}
        one.require.extend(Condition(field, "=", value) for field, value in figures.items() if field in exact)
