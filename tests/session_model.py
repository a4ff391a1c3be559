"""Sessions and budgets as the contract describes them: plain numbers, one thing at a time, everything counted anew.

Amounts are cents, seconds of compute, model calls and agents. It keeps no distances and no windows in advance; what is
held is the sum over the leases that run.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

DIMENSION = {"cost": "maxCost", "compute": "maxComputeMinutes", "calls": "maxModelCalls", "agents": "maxAgents"}
COUNTED = ("cost", "compute", "calls")
EVER = datetime(1, 1, 1, tzinfo=UTC)


def period_start(period: str, now: datetime) -> datetime:
    """When the period began that `now` lies in."""
    if period == "total":
        return EVER
    hour = now.replace(minute=0, second=0, microsecond=0)
    midnight = hour.replace(hour=0)
    starts = {
        "hour": hour,
        "day": midnight,
        "week": midnight - timedelta(days=now.isoweekday() - 1),
        "month": midnight.replace(day=1),
    }
    return starts[period]


@dataclass
class Limits:
    """None is no limit."""

    cost: int | None = None
    period: str = "total"
    compute: int | None = None
    calls: int | None = None
    agents: int | None = None
    on_unrated: str = "pause"
    thresholds: tuple[int, ...] = (50, 80, 100)

    def rule(self, resource: str) -> Any:
        """What a resource's limit consists of."""
        period = self.period if resource == "cost" else None
        return getattr(self, resource), period, self.thresholds


class Usage(NamedTuple):
    """What one callback uses; `occurred` is when."""

    occurred: datetime
    cost: int = 0
    compute: int = 0
    calls: int = 0
    unrated: int = 0


@dataclass(eq=False)
class Scope:
    """A session or a budget."""

    name: str
    limits: Limits
    created: datetime
    user: str = ""
    paused: bool = False
    breached: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    start: datetime = EVER
    used: Counter[str] = field(default_factory=Counter)
    """In the current period for the cost, since the beginning for the others."""
    totals: Counter[str] = field(default_factory=Counter)
    events: list[str] = field(default_factory=list)

    @property
    def is_session(self) -> bool:
        return self.name.startswith("session:")

    def limit(self, resource: str) -> int | None:
        limit: int | None = getattr(self.limits, resource)
        return limit

    def over(self) -> set[str]:
        """The dimensions of which more than the limit is used."""
        limits = ((resource, self.limit(resource)) for resource in COUNTED)
        return {DIMENSION[resource] for resource, limit in limits if limit is not None and self.used[resource] > limit}

    def go_to(self, now: datetime) -> None:
        """Begins the period of `now`, if it is another."""
        start = period_start(self.limits.period, now)
        if start > self.start and self.limits.period != "total":
            self.start = start
            self.used["cost"] = 0
            self._forget("maxCost", "unrated")
            self._open_if_budget()

    def _open_if_budget(self) -> None:
        if not self.is_session and not self.breached:
            self.paused = False

    def _forget(self, *dimensions: str) -> None:
        self.breached -= set(dimensions)
        self.told = {told for told in self.told if told.split()[0] not in dimensions}

    def use(self, usage: Usage, now: datetime) -> None:
        self.go_to(now)
        self.totals.update({"records": 1, "unrated": usage.unrated})
        for resource in COUNTED:
            amount = getattr(usage, resource)
            self.totals[resource] += amount
            if resource != "cost" or usage.occurred >= self.start:
                self._count(resource, amount)
        if usage.unrated and self.limits.cost is not None and self.limits.on_unrated == "pause":
            self._breach("unrated")

    def _count(self, resource: str, amount: int) -> None:
        before = self.used[resource]
        self.used[resource] += amount
        limit, after = self.limit(resource), self.used[resource]
        if limit is None:
            return
        for percent in self.limits.thresholds:
            if before * 100 < limit * percent <= after * 100:
                self._tell("threshold_reached", f"{DIMENSION[resource]} {percent}")
        if before <= limit < after:
            self._breach(DIMENSION[resource])

    def _breach(self, dimension: str) -> None:
        self.breached.add(dimension)
        self._tell("limit_reached", dimension)
        self.pause()

    def _tell(self, event: str, what: str) -> None:
        if what not in self.told:
            self.told.add(what)
            self.events.append(f"{event} {what}")

    def pause(self) -> None:
        if not self.paused:
            self.paused = True
            self.events += ["paused"] if self.is_session else []

    def resume(self, now: datetime) -> bool:
        """Whether it could be resumed."""
        self.go_to(now)
        if self.over():
            return False
        self.events += ["resumed"] if self.paused else []
        self.paused = False
        self.breached.clear()
        return True

    def change(self, limits: Limits, now: datetime) -> None:
        self.go_to(now)
        before, self.limits = self.limits, limits
        if limits.period != before.period:
            self._change_period(now)
        if (limits.cost, limits.period, limits.on_unrated) != (before.cost, before.period, before.on_unrated):
            self._forget("unrated")
        for resource in COUNTED:
            if before.rule(resource) != limits.rule(resource):
                self._forget(DIMENSION[resource])
                if DIMENSION[resource] in self.over():
                    self._breach(DIMENSION[resource])
        self._open_if_budget()

    def _change_period(self, now: datetime) -> None:
        """All that it ever used counts in a period that is as old; else what counted before, which may be too much."""
        self.start = period_start(self.limits.period, now)
        if self.created >= self.start:
            self.used["cost"] = self.totals["cost"]


@dataclass(eq=False)
class Lease:
    """A hold's or an agent's room."""

    session: str
    amounts: dict[str, int]
    scopes: list[Scope]
    expires: datetime
    state: str = "open"
    request: Any = None

    def runs(self, now: datetime) -> bool:
        return self.state == "open" and now < self.expires


class Model:
    """A project."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.sessions: dict[str, Scope] = {}
        self.budgets: dict[str, Scope] = {}
        self.leases: dict[tuple[str, str, str], Lease] = {}
        """By session, kind (`hold` or `agent`) and id."""
        self.stopped = False

    def scopes(self) -> Iterator[Scope]:
        yield from self.sessions.values()
        yield from self.budgets.values()

    def new(self, name: str, limits: Limits, user: str = "") -> Scope:
        return Scope(name, limits, self.now, user, start=period_start(limits.period, self.now))

    def touched(self, session: str | None, user: str | None, run: str | None) -> list[Scope]:
        """The scopes that usage of these counts towards."""
        names = [f"user:{user}", f"run:{run}", "project"]
        budgets = [self.budgets[name] for name in names if name in self.budgets]
        return [*([self.sessions[session]] if session else []), *budgets]

    def held(self, scope: Scope, resource: str) -> int:
        leases = (lease for lease in self.leases.values() if lease.runs(self.now) and scope in lease.scopes)
        return sum(lease.amounts.get(resource, 0) for lease in leases)

    def room(self, scope: Scope, resource: str) -> int | None:
        """None: no limit."""
        scope.go_to(self.now)
        limit = scope.limit(resource)
        return None if limit is None else limit - scope.used[resource] - self.held(scope, resource)

    def short(self, scopes: list[Scope], amounts: dict[str, int]) -> set[tuple[str, str]]:
        """The limits, by scope and dimension, that have no room for the amounts; a passed budget has none for any."""
        found = set()
        for scope in scopes:
            scope.go_to(self.now)
            if scope.paused and not scope.is_session:
                found |= {(scope.name, dimension) for dimension in scope.breached}
            for resource, amount in amounts.items():
                room = self.room(scope, resource)
                if room is not None and amount > room:
                    found.add((scope.name, DIMENSION[resource]))
        return found

    def record(self, usage: Usage, scopes: list[Scope], hold: Lease | None) -> None:
        if hold:
            scopes = [*scopes, *(scope for scope in hold.scopes if scope not in scopes and self._is_there(scope))]
            hold.state = "settled"
        for scope in scopes:
            scope.use(usage, self.now)

    def _is_there(self, scope: Scope) -> bool:
        return scope in self.scopes()
