"""Limits on a scope (a session, a user, a run, a project), decided without reading what can be told by a condition.

A meter keeps, beside what is used, two distances for every limited resource:

- `room`: what may still be held, limit - used - held. A hold is granted if its amounts fit the room.
- `alert`: how far usage is from the next thing that has to happen, a threshold or the limit itself. Usage that stays
  short of it needs no decision.

DynamoDB cannot calculate in a condition, but it can compare a stored distance with what a request would use up. So the
usual callback and hold are one conditional update (`usual`, `decide_hold`), and only when its condition fails is the
meter read and a decision made (`decide_usage`). A decision names the conditions under which it holds; a concurrent
change makes it fail and be made again. Without a limit, a resource has the limit `UNLIMITED`, so that rooms can always
be added to and no condition has to ask whether they exist.

Amounts are integers: pico-USD, pico-seconds of compute, model calls, agents. Exactly at a limit is within it; a
threshold is reached at or above it.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, NamedTuple, cast

from metering.domain.periods import CostPeriod, Period, window_of
from metering.domain.rating import Pricing

Kind = Literal["session", "user", "run", "project"]
Status = Literal["active", "paused"]
Resource = Literal["cost", "compute", "calls", "agents"]
Amounts = Mapping[str, int]

COUNTED: Final[tuple[Resource, ...]] = ("cost", "compute", "calls")
"""What callbacks use up. Agents are only ever held."""
RESOURCES: Final[tuple[Resource, ...]] = (*COUNTED, "agents")
DIMENSION: Final[dict[Resource, str]] = {
    "cost": "maxCost",
    "compute": "maxComputeMinutes",
    "calls": "maxModelCalls",
    "agents": "maxAgents",
}
UNRATED: Final = "unrated"
SECONDS_PER_MINUTE: Final = 60
UNLIMITED: Final = 10**27
"""A quadrillion USD: no sum of possible costs comes near it, and it keeps to 28 significant digits."""
DEFAULT_THRESHOLDS: Final = (50, 80, 100)
TOTALS: Final = (
    "cost",
    "compute",
    "calls",
    "inputTokens",
    "outputTokens",
    "storageGbHours",
    "orchestration",
    "records",
    "unrated",
)
_STORAGE: Final = "storagegbhours"
_WALL_CLOCK_METRICS: Final = ("sandboxSeconds", "computeSeconds")


class Limits(NamedTuple):
    """What is limited; None where nothing is."""

    cost: int | None = None
    period: CostPeriod = "total"
    compute: int | None = None
    calls: int | None = None
    agents: int | None = None
    on_unrated: Literal["pause", "allow"] = "pause"
    thresholds: tuple[int, ...] = DEFAULT_THRESHOLDS
    """Percentages of each limit, ascending."""

    def of(self, resource: Resource) -> int:
        limit: int | None = getattr(self, resource)
        return UNLIMITED if limit is None else limit

    def next_boundary(self, resource: Resource, used: int) -> int:
        """The least usage above `used` at which something has to happen."""
        return min((boundary for boundary in self._boundaries(resource) if boundary > used), default=UNLIMITED)

    def last_boundary(self, resource: Resource, used: int) -> int | None:
        """The greatest usage up to `used` at which something had to happen, or None."""
        return max((boundary for boundary in self._boundaries(resource) if boundary <= used), default=None)

    def _boundaries(self, resource: Resource) -> list[int]:
        limit = self.of(resource)
        if limit == UNLIMITED:
            return []
        return [*(reached_at(limit, percent) for percent in self.thresholds), limit + 1]

    @property
    def pauses_unrated(self) -> bool:
        """A cost limit cannot measure usage without a rate."""
        return self.cost is not None and self.on_unrated == "pause"


def reached_at(limit: int, percent: int) -> int:
    """The least usage that is at least `percent` % of `limit`."""
    return -(-limit * percent // 100)


class Usage(NamedTuple):
    """What one record (or several) adds to a meter; a correction's amounts may be negative."""

    totals: Amounts

    @property
    def unrated(self) -> bool:
        return self.totals["unrated"] > 0

    def plus(self, other: "Usage") -> "Usage":
        return Usage({name: amount + other.totals[name] for name, amount in self.totals.items()})


def usage_of(pricing: Pricing) -> Usage:
    """What a priced event counts for.

    Compute time is the wall-clock time of its compute metrics, `sandboxSeconds` and `computeSeconds`; where it has
    neither, `vcpuSeconds`, which is the nearest thing. A model call is an event with model tokens.
    """
    quantity = {line.metric: line.quantity for line in pricing.lines}
    by_category: dict[str | None, int] = {}
    storage = 0
    for metric, category, amount, *_ in pricing.lines:
        by_category[category] = by_category.get(category, 0) + amount
        if metric.lower().endswith(_STORAGE):
            storage += amount
    clock = sum(quantity.get(metric, 0) for metric in _WALL_CLOCK_METRICS)
    totals = {
        "cost": pricing.cost,
        "compute": clock or quantity.get("vcpuSeconds", 0),
        "calls": 1 if by_category.get("modelTokens") else 0,
        "inputTokens": quantity.get("inputTokens", 0),
        "outputTokens": quantity.get("outputTokens", 0),
        "storageGbHours": storage,
        "orchestration": by_category.get("orchestration", 0),
        "records": 1,
        "unrated": 1 if pricing.unrated else 0,
    }
    return Usage(totals)


@dataclass(frozen=True, slots=True)
class Meter:
    """A scope's limits and what has been used of them, as of one moment."""

    kind: Kind
    status: Status
    limits: Limits
    window: Period
    """The cost period that `room` and `alert` of the cost refer to."""
    created_at: str
    revision: int
    """Grows with every change other than usual counting."""
    totals: Amounts
    """Since the beginning, whatever the period. Quantities in units of 10^-12."""
    held: Amounts
    room: Amounts
    alert: Amounts
    breached: frozenset[str] = frozenset()
    """The dimensions whose limit is passed now."""
    notified: frozenset[str] = frozenset()
    """What has been told in this window: a dimension, or `dimension:percent`."""
    reason: str | None = None

    def used(self, resource: Resource) -> int:
        """What counts against the limit: in the current window for the cost, since the beginning for the others."""
        return self.limits.of(resource) - self.held[resource] - self.room[resource]


def new_meter(kind: Kind, limits: Limits, now: str) -> Meter:
    """An unused meter."""
    return Meter(
        kind,
        "active",
        limits,
        window_of(limits.period, now),
        now,
        0,
        dict.fromkeys(TOTALS, 0),
        dict.fromkeys(RESOURCES, 0),
        {resource: limits.of(resource) for resource in RESOURCES},
        {resource: limits.next_boundary(resource, 0) for resource in COUNTED},
    )


class Condition(NamedTuple):
    """What a field of the meter must be for a change to be right."""

    field: str
    operator: Literal["=", "<", "<=", ">", ">=", "outside"]
    value: int | str | tuple[int, int]
    """For `outside`: the first and the last of the values that it must not be."""


_IS_ACTIVE: Final = Condition("status", "=", "active")


class Notice(NamedTuple):
    """Something to tell the customer."""

    event: Literal["limit_reached", "threshold_reached", "paused", "resumed"]
    dimension: str | None = None
    limit: int | None = None
    used: int | None = None
    percent: int | None = None
    reason: str | None = None


@dataclass
class Change:
    """How to write a meter: fields to add to and to set, on which conditions, and what to tell."""

    add: dict[str, int] = field(default_factory=dict)
    put: dict[str, int | str | frozenset[str]] = field(default_factory=dict)
    require: list[Condition] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    status: Status = "active"
    """As it will be."""
    breached: frozenset[str] = frozenset()
    """As it will be."""

    def adding(self, name: str, amount: int) -> None:
        if amount:
            self.add[name] = self.add.get(name, 0) + amount


def room(resource: str) -> str:
    return f"{resource}Room"


def alert(resource: str) -> str:
    return f"{resource}Alert"


def held(resource: str) -> str:
    return f"{resource}Held"


def is_still(created_at: str) -> Condition:
    """A meter is the one that was made then, and no other of its name that was made since."""
    return Condition("createdAt", "=", created_at)


def holds(change: Change, meter: Meter) -> bool:
    """Whether a change's conditions hold for a meter as it was read."""
    fields: dict[str, int | str] = {
        "status": meter.status,
        "windowStart": meter.window.start,
        "windowEnd": meter.window.end,
        "createdAt": meter.created_at,
        "revision": meter.revision,
        "pausesUnrated": int(meter.limits.pauses_unrated),
        **{room(resource): meter.room[resource] for resource in RESOURCES},
        **{alert(resource): meter.alert[resource] for resource in COUNTED},
        **{held(resource): meter.held[resource] for resource in RESOURCES},
        "cost": meter.totals["cost"],
    }
    return all(COMPARE[one.operator](fields[one.field], one.value) for one in change.require)


COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "outside": lambda value, between: not between[0] <= value <= between[1],
}
"""What the operators of conditions mean."""


def usual(kind: Kind, usage: Usage, released: Amounts, occurred: str, now: str) -> Change:
    """The change by usage that happens in the current window and makes nothing else happen: no read is needed.

    `released` are the amounts of the hold that it settles. Where a condition fails, `decide_usage` has the rest. A
    session must be active, since the answer tells its status; a budget counts on alike once it is passed.
    """
    change = Change(require=[Condition("windowEnd", ">", now), Condition("windowStart", "<=", occurred)])
    if kind == "session":
        change.require.insert(0, _IS_ACTIVE)
    _count(change, usage, released)
    for resource in COUNTED:
        amount = usage.totals[resource]
        if amount:
            change.require.append(Condition(alert(resource), ">", amount))
            change.adding(room(resource), -amount)
            change.adding(alert(resource), -amount)
    if usage.unrated:
        change.require.append(Condition("pausesUnrated", "=", 0))
    return change


def _count(change: Change, usage: Usage, released: Amounts) -> None:
    for name in TOTALS:
        change.adding(name, usage.totals[name])
    give_back(change, released)


def give_back(change: Change, released: Amounts) -> None:
    """Returns held amounts to the room that they were taken from."""
    for resource, amount in released.items():
        change.adding(room(resource), amount)
        change.adding(held(resource), -amount)


class _Draft:
    """A decision in the making: the meter as it would be, and the change that leads there from what was read."""

    def __init__(self, meter: Meter, now: str) -> None:
        self.meter = meter
        self.read = meter
        self.change = Change(require=[Condition("revision", "=", meter.revision), is_still(meter.created_at)])
        self.rolled = now >= meter.window.end
        self.breached = set(meter.breached)
        self.notified = set(meter.notified)
        self.status: Status = meter.status
        self.cost_held = meter.held["cost"]
        self.moved_on = False
        """Whether usage has come to lie between other boundaries."""
        if self.rolled:
            self._roll(window_of(meter.limits.period, now))

    def _roll(self, window: Period) -> None:
        """Begins a new window: nothing is used in it yet, and what is held stays held."""
        self.forget("maxCost")
        self.forget(UNRATED)
        self.restart_cost(self.meter.limits, window, used=0)
        self.open_budget()

    def open_budget(self) -> None:
        """A budget that passes no limit is open; a session is resumed by a person."""
        if self.meter.kind != "session" and not self.breached:
            self.status = "active"

    def restart_cost(self, limits: Limits, window: Period, used: int) -> None:
        """Sets the cost's distances anew, which holds only if no hold comes or goes meanwhile."""
        self.meter = replace(
            self.meter,
            window=window,
            limits=limits,
            room={**self.meter.room, "cost": limits.of("cost") - self.cost_held - used},
            alert={**self.meter.alert, "cost": limits.next_boundary("cost", used) - used},
        )
        self.rolled = True
        self.change.put.update(windowStart=window.start, windowEnd=window.end)

    def forget(self, dimension: str) -> None:
        self.breached.discard(dimension)
        self.notified = {told for told in self.notified if told.partition(":")[0] != dimension}

    def use(self, resource: Resource, amount: int) -> None:
        """Counts usage, or takes some back if negative, and notes what it makes happen."""
        before, distance = self.meter.used(resource), self.meter.alert[resource]
        after = before + amount
        boundary = self.meter.limits.next_boundary(resource, after)
        reached = amount >= distance
        if not self.is_set(resource):
            moved = boundary - after - distance
            self.change.adding(room(resource), -amount)
            self.change.adding(alert(resource), moved)
            # What is told carries the exact figure, so a crossing holds only for the usage that was read.
            exact = Condition(alert(resource), "=", distance)
            self.change.require.append(exact if reached else Condition(alert(resource), ">", -moved))
            if amount < 0:
                self.require_width(self.meter.limits, resource, after, moved)
        self.moved_on = self.moved_on or boundary != before + distance
        self.meter = replace(
            self.meter,
            room={**self.meter.room, resource: self.meter.room[resource] - amount},
            alert={**self.meter.alert, resource: boundary - after},
        )
        if reached:
            self._tell_crossing(resource, before, after)
        elif after <= self.meter.limits.of(resource):
            self.breached.discard(DIMENSION[resource])

    def require_width(self, limits: Limits, resource: Resource, used: int, moved: int) -> None:
        """Requires that the last boundary before `used` stays behind it, whatever is taken back meanwhile.

        Under one revision usage lies between the same two boundaries, so that the distance to the next tells of both.
        """
        last = limits.last_boundary(resource, used)
        if last is not None:
            width = limits.next_boundary(resource, used) - last
            self.change.require.append(Condition(alert(resource), "<=", width - moved))

    def _tell_crossing(self, resource: Resource, before: int, after: int) -> None:
        dimension, limit = DIMENSION[resource], self.meter.limits.of(resource)
        if limit == UNLIMITED:
            return  # more than every limit, and still none is passed
        for percent in self.meter.limits.thresholds:
            if before < reached_at(limit, percent) <= after:
                self._tell_once(f"{dimension}:{percent}", Notice("threshold_reached", dimension, limit, after, percent))
        if after > limit:
            self.breach(dimension, Notice("limit_reached", dimension, limit, after))

    def breach(self, dimension: str, notice: Notice) -> None:
        self.breached.add(dimension)
        self._tell_once(dimension, notice)
        self.pause("limit_reached", notice)

    def _tell_once(self, what: str, notice: Notice) -> None:
        if what not in self.notified:
            self.notified.add(what)
            self.change.notices.append(notice)

    def pause(self, reason: str, cause: Notice | None = None) -> None:
        """Pauses what is active, and tells of it with the figures of what caused it, if anything was counted."""
        if self.status == "active":
            self.status = "paused"
            self.change.put["reason"] = reason
            told = Notice("paused") if cause is None else cause._replace(event="paused")
            self.change.notices.append(told._replace(reason=reason))

    def hold(self, resource: Resource, amount: int) -> None:
        """Takes held amounts (or gives them back, if negative)."""
        self.meter = replace(
            self.meter,
            held={**self.meter.held, resource: self.meter.held[resource] + amount},
            room={**self.meter.room, resource: self.meter.room[resource] - amount},
        )
        self.change.adding(held(resource), amount)
        if not self.is_set(resource):
            self.change.adding(room(resource), -amount)

    def is_set(self, resource: Resource) -> bool:
        """Whether a resource's distances are written anew rather than added to."""
        return resource == "cost" and self.rolled

    def done(self) -> Change:
        """The change, its conditions complete.

        Mere counting between two boundaries leaves the revision, so that it does not contend.
        """
        change, breached, notified = self.change, frozenset(self.breached), frozenset(self.notified)
        if self.rolled:
            change.require.append(Condition(held("cost"), "=", self.cost_held))
            change.put.update({room("cost"): self.meter.room["cost"], alert("cost"): self.meter.alert["cost"]})
        before = (self.read.status, self.read.breached, self.read.notified)
        if change.put or change.notices or self.moved_on or (self.status, breached, notified) != before:
            change.adding("revision", 1)
            change.put.update(status=self.status, breached=breached, notified=notified)
        change.status, change.breached = self.status, breached
        return change


def as_of(meter: Meter, now: str) -> Meter:
    """The meter as it stands at `now`: in the window of that time, although nothing has been written in it yet."""
    draft = _Draft(meter, now)
    return replace(
        draft.meter, status=draft.status, breached=frozenset(draft.breached), notified=frozenset(draft.notified)
    )


def decide_usage(meter: Meter, usage: Usage, released: Amounts, occurred: str, now: str) -> Change:
    """The change by usage, whatever it makes happen: a new window, thresholds, a passed limit, a pause.

    Usage of a window that is past counts in the totals and not against the current window's cost limit. Usage that is
    taken back may bring a meter below its limit again: then a budget opens, while a session is resumed by a person.
    What has been told in a window is not told again.
    """
    draft = _Draft(meter, now)
    for name in TOTALS:
        draft.change.adding(name, usage.totals[name])
    for resource in RESOURCES:
        amount = released.get(resource, 0)
        if amount:
            draft.hold(resource, -amount)
    late = occurred < draft.meter.window.start
    for resource in COUNTED:
        amount = 0 if late and resource == "cost" else usage.totals[resource]
        if amount:
            draft.use(resource, amount)
    if usage.unrated and draft.meter.limits.pauses_unrated:
        draft.breach(UNRATED, Notice("limit_reached", UNRATED, None, meter.totals["unrated"] + usage.totals["unrated"]))
    if UNRATED in draft.breached and meter.totals["unrated"] + usage.totals["unrated"] <= 0:
        draft.breached.discard(UNRATED)
        draft.change.require.append(Condition("unrated", "=", meter.totals["unrated"]))
    draft.open_budget()
    return draft.done()


class Shortage(NamedTuple):
    """Why nothing was held: the first limit that has no room for it."""

    dimension: str
    limit: int
    used: int
    held: int
    remaining: int


def decide_hold(meter: Meter, amounts: Amounts, now: str) -> Change | Shortage | Literal["paused"]:
    """Takes `amounts` out of the room, all or none.

    A session that is paused grants nothing until it is resumed, and a budget that is passed nothing until it is raised
    or its period ends.
    """
    draft = _Draft(meter, now)
    if draft.status == "paused":
        return "paused" if meter.kind == "session" else _passed(draft.meter, draft.breached)
    for resource, amount in amounts.items():
        if amount > draft.meter.room[resource]:
            return _shortage(draft.meter, cast("Resource", resource))
    if draft.rolled:
        for resource, amount in amounts.items():
            if resource != "cost":
                draft.change.require.append(Condition(room(resource), ">=", amount))
            draft.hold(cast("Resource", resource), amount)
        return draft.done()
    # No decision hangs on what was read, so any number of holds may be taken at once.
    conditions = [Condition("status", "=", "active"), Condition("windowEnd", ">", now)]
    change = Change(require=[*conditions, is_still(meter.created_at)], breached=meter.breached)
    for resource, amount in amounts.items():
        change.require.append(Condition(room(resource), ">=", amount))
        change.adding(room(resource), -amount)
        change.adding(held(resource), amount)
    return change


def _passed(meter: Meter, breached: Iterable[str]) -> Shortage:
    """The limit for which a budget grants nothing."""
    for resource in COUNTED:
        if DIMENSION[resource] in breached:
            return _shortage(meter, resource)
    return Shortage(UNRATED, 0, meter.totals["unrated"], 0, 0)


def _shortage(meter: Meter, resource: Resource) -> Shortage:
    limit = meter.limits.of(resource)
    return Shortage(DIMENSION[resource], limit, meter.used(resource), meter.held[resource], meter.room[resource])


def change_limits(meter: Meter, limits: Limits, now: str) -> Change:
    """New limits on a live meter. Counting goes on meanwhile: the change moves distances, it does not overwrite them.

    A limit below what is used is passed at once. Changed limits may be told of again.
    """
    draft = _Draft(meter, now)
    before = draft.meter.limits
    used = {resource: draft.meter.used(resource) for resource in RESOURCES}
    if limits.period != before.period:
        used["cost"] = _used_in_new_period(draft, limits, now)
    elif draft.rolled:
        draft.restart_cost(limits, draft.meter.window, used["cost"])
    for resource in RESOURCES:
        _change_limit(draft, limits, resource, used[resource])
    if (limits.cost, limits.period, limits.on_unrated) != (before.cost, before.period, before.on_unrated):
        draft.forget(UNRATED)
    draft.change.put.update(limits_put(limits))
    draft.open_budget()
    return draft.done()


def _used_in_new_period(draft: _Draft, limits: Limits, now: str) -> int:
    """Counts the new period's usage from what is known: all of it if the meter is no older than the new window, else
    what the window so far had.
    """
    window = window_of(limits.period, now)
    total = draft.meter.totals["cost"]
    used = total if draft.meter.created_at >= window.start else min(total, draft.meter.used("cost"))
    draft.restart_cost(limits, window, used)
    draft.change.require.append(Condition("cost", "=", total))
    return used


def _change_limit(draft: _Draft, limits: Limits, resource: Resource, used: int) -> None:
    before, limit = draft.read.limits, limits.of(resource)
    same_period = resource != "cost" or limits.period == before.period
    if same_period and (limit, limits.thresholds) == (before.of(resource), before.thresholds):
        return
    if not draft.is_set(resource):
        draft.change.adding(room(resource), limit - before.of(resource))
        if resource != "agents":
            moved = limits.next_boundary(resource, used) - used - draft.meter.alert[resource]
            draft.change.require.append(Condition(alert(resource), ">", -moved))
            draft.require_width(limits, resource, used, moved)
            draft.change.adding(alert(resource), moved)
    draft.forget(DIMENSION[resource])
    if resource != "agents" and used > limit:
        draft.breach(DIMENSION[resource], Notice("limit_reached", DIMENSION[resource], limit, used))


def limits_put(limits: Limits) -> dict[str, int | str | frozenset[str]]:
    """The fields that a meter's limits are kept in."""
    return {
        "costLimit": limits.of("cost"),
        "computeLimit": limits.of("compute"),
        "callsLimit": limits.of("calls"),
        "agentsLimit": limits.of("agents"),
        "period": limits.period,
        "onUnrated": limits.on_unrated,
        "thresholds": ",".join(map(str, limits.thresholds)),
        "pausesUnrated": int(limits.pauses_unrated),
    }


def decide_pause(meter: Meter, reason: str, now: str) -> Change:
    """Pauses a session."""
    draft = _Draft(meter, now)
    draft.pause(reason)
    return draft.done()


def decide_resume(meter: Meter, now: str) -> Change | frozenset[str]:
    """Resumes a session, or names the dimensions that are still over their limit."""
    draft = _Draft(meter, now)
    over = frozenset(
        DIMENSION[resource] for resource in COUNTED if draft.meter.used(resource) > draft.meter.limits.of(resource)
    )
    if over:
        return over
    if draft.status == "paused":
        draft.status = "active"
        draft.change.notices.append(Notice("resumed"))
    draft.breached.clear()
    return draft.done()


def estimate(pricing: Pricing) -> dict[str, int]:
    """What to hold for usage that is expected to be priced so."""
    usage = usage_of(pricing)
    return {resource: usage.totals[resource] for resource in COUNTED if usage.totals[resource]}
