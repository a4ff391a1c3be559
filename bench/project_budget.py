"""What a project's budget takes when it is split over K items: a simulation with DynamoDB's published limits.

The decisions are the project's own (`domain.shares`); time, conflicts and throttling are simulated. A partition takes
1,000 write units a second, and an update in a transaction costs 2 of them. From its check to its commit a transaction
has its items to itself, and another that comes to one of them meanwhile is cancelled. Every item lies in a partition of
its own, which is what a busy table comes to. Callbacks arrive at random, at a rate that no single item can take; one
that is cancelled or throttled comes again after a jittered pause, as `aws.transaction` does, until its deadline.
"""

import heapq
import random
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from bench.figures import Figure, Line, percentile
from metering.aws.meters import Scope, item_to_meter, meter_to_item
from metering.domain.limits import COMPARE, TOTALS, Change, Limits, Meter, Usage, decide_hold, decide_usage, new_meter
from metering.domain.money import PICO_PER_CENT
from metering.domain.shares import fits_share, split, spread, total, usual_share

NOW: Final = "2026-11-24T10:00:00.000000Z"
SCOPE: Final = Scope("project", "prj")
SHARES: Final = (1, 2, 4, 8, 16)
BUSY, CALM = 4_000, 200
"""Callbacks a second that arrive: in all, more than most can take; and for each item, where only crossings are hard."""
SECONDS: Final = 5.0
DEADLINE: Final = 9.5
WAY, LOCKED, READ = 0.0015, 0.001, 0.003
"""Seconds from the function to DynamoDB or back, from a check to its commit, and for reading all shares."""
WRITE_UNITS: Final = 1_000.0
UNITS: Final = 2
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.5


class Share:
    """One item of the meter, in a partition of its own."""

    def __init__(self, meter: Meter) -> None:
        item = meter_to_item("prj", SCOPE, meter)
        self._fields = {name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items()}
        self.locked = False
        self._units = 0.0
        self._at = 0.0

    def takes(self, now: float) -> bool:
        """Whether the partition has the units for an update at `now`, in seconds; they are used up."""
        self._units = min(self._units + (now - self._at) * WRITE_UNITS, WRITE_UNITS / 10)
        self._at = now
        if self._units < UNITS:
            return False
        self._units -= UNITS
        return True

    def allows(self, change: Change) -> bool:
        return all(COMPARE[one.operator](self._fields[one.field], one.value) for one in change.require)

    def apply(self, change: Change) -> None:
        for name, amount in change.add.items():
            self._fields[name] += amount
        for name, value in change.put.items():
            self._fields[name] = ",".join(sorted(value)) if isinstance(value, frozenset) else value

    def read(self) -> Meter:
        wire = {
            name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in self._fields.items()
        }
        return item_to_meter(wire)


Outcome = Literal["begun", "cancelled", "throttled", "refused"]


@dataclass
class World:
    """The shares, the clock, and what has become of the callbacks."""

    shares: list[Share]
    chance: random.Random
    seconds: float
    """How long callbacks arrive."""
    now: float = 0.0
    in_time: int = 0
    """Callbacks recorded while others still arrived."""
    milliseconds: list[float] = field(default_factory=list)
    """How long each callback took that was recorded."""
    spent: int = 0
    repeated: int = 0
    """Callbacks that were cancelled or throttled at least once."""
    given_up: int = 0
    decided: int = 0
    """Transactions on all shares."""

    def begin(self, changes: dict[int, Change]) -> Outcome:
        """A transaction's check; the items that it may change are locked."""
        touched = [self.shares[place] for place in changes]
        if any(share.locked for share in touched):
            return "cancelled"
        has_units = [share.takes(self.now) for share in touched]  # every partition is asked
        if not all(has_units):
            return "throttled"
        if not all(self.shares[place].allows(change) for place, change in changes.items()):
            return "refused"
        for share in touched:
            share.locked = True
        return "begun"

    def commit(self, changes: dict[int, Change]) -> None:
        for place, change in changes.items():
            self.shares[place].apply(change)
            self.shares[place].locked = False


Process = Generator[float, None, None]
"""Says how many seconds it waits."""


def callback(world: World, cost: int) -> Process:
    """One callback, as `flows.record_usage` makes it."""
    begun, pause, repeated = world.now, FIRST_PAUSE, False
    usage = Usage({**dict.fromkeys(TOTALS, 0), "cost": cost, "calls": 1, "records": 1})
    chosen = world.chance.randrange(len(world.shares))
    changes = {chosen: usual_share("project", usage, {}, NOW, NOW)}
    while world.now - begun < DEADLINE:
        yield WAY
        outcome = world.begin(changes)
        if outcome == "begun":
            yield LOCKED
            world.commit(changes)
            yield WAY
            world.milliseconds.append((world.now - begun) * 1000)
            world.spent += cost
            world.in_time += world.now < world.seconds
            world.repeated += repeated
            return
        yield WAY
        if outcome == "refused":
            yield READ
            changes = decide(world, usage, chosen)
        else:
            repeated = True
            yield world.chance.uniform(pause / 2, pause)
            pause = min(2 * pause, LONGEST_PAUSE)
    world.given_up += 1


def decide(world: World, usage: Usage, chosen: int) -> dict[int, Change]:
    """What a share had no room for, decided on the sum; as usual again if they were read amid another's decision."""
    read = [share.read() for share in world.shares]
    meter = total(read)
    if meter is None:
        return {chosen: usual_share("project", usage, {}, NOW, NOW)}
    change = decide_usage(meter, usage, {}, NOW, NOW)
    world.decided += 1
    if len(read) == 1:
        return {0: change}
    return dict(enumerate(spread(change, read, chosen)))


def simulate(shares: int, arrivals: int, seconds: float, limit: int) -> World:
    """Callbacks of half a cent to three, on a budget of `limit` pico-USD over `shares` items."""
    meter = new_meter("project", Limits(cost=limit), NOW)
    world = World([Share(one) for one in split(meter, shares)], random.Random(shares), seconds)
    waiting: list[tuple[float, int, Process]] = []
    at, number = 0.0, 0
    while (at := at + world.chance.expovariate(arrivals)) < seconds:
        waiting.append((at, number, callback(world, world.chance.randrange(PICO_PER_CENT // 2, 3 * PICO_PER_CENT))))
        number += 1
    heapq.heapify(waiting)
    while waiting:
        world.now, number, process = heapq.heappop(waiting)
        wait = next(process, None)
        if wait is not None:
            heapq.heappush(waiting, (world.now + wait, number, process))
    assert sum(share.read().totals["cost"] for share in world.shares) == world.spent
    return world


def measure(effort: float) -> Iterator[Line]:
    seconds = SECONDS * effort
    yield f"Simulated, {seconds:g} s of callbacks; an item takes 500 transactions a second at most."
    for shares in SHARES:
        yield from _busy(shares, seconds)
    for shares in SHARES:
        yield from _crossing(shares, seconds)
    for shares in SHARES:
        left = _cents_left(shares)
        yield Figure(f"cents of 1,000 left when a hold of one is refused, {_over(shares)}", left, "cents", most=0)


def _over(shares: int) -> str:
    return f"over {shares} item{'s' * (shares > 1)}"


def _busy(shares: int, seconds: float) -> Iterator[Line]:
    world = simulate(shares, BUSY, seconds, limit=_FAR)
    yield Figure(f"recorded a second of {BUSY:,} that arrive, {_over(shares)}", world.in_time / seconds, "/s")
    repeated = 100 * world.repeated / len(world.milliseconds)
    yield Figure("  cancelled or throttled at least once", repeated, "% of them")
    yield Figure("  p99", percentile(world.milliseconds, 99), "ms")
    yield Figure("  given up at their deadline (503)", world.given_up, "callbacks")


def _crossing(shares: int, seconds: float) -> Iterator[Line]:
    arrivals = CALM * shares
    far = simulate(shares, arrivals, seconds, limit=_FAR)
    yield Figure(
        f"p99 of {arrivals:,} a second, {_over(shares)}, far from any limit", percentile(far.milliseconds, 99), "ms"
    )
    world = simulate(shares, arrivals, seconds, limit=far.spent // 2)
    yield Figure("  while thresholds and the limit are passed", percentile(world.milliseconds, 99), "ms")
    yield Figure("  transactions on all items", world.decided, "decisions")
    yield Figure("  given up at their deadline (503)", world.given_up, "callbacks")


_FAR: Final = 10**9 * PICO_PER_CENT


def _cents_left(shares: int) -> int:
    """Holds a cent after another, each on a share by chance, until the budget refuses."""
    chance = random.Random(shares)
    limit = 1_000 * PICO_PER_CENT
    items = [Share(meter) for meter in split(new_meter("project", Limits(cost=limit), NOW), shares)]
    while True:
        read = [item.read() for item in items]
        meter = total(read)
        assert meter
        change = decide_hold(meter, {"cost": PICO_PER_CENT}, NOW)
        if not isinstance(change, Change):
            return meter.room["cost"] // PICO_PER_CENT
        chosen = chance.randrange(shares)
        changes = (
            {chosen: change} if fits_share(change, read[chosen]) else dict(enumerate(spread(change, read, chosen)))
        )
        assert all(items[place].allows(one) for place, one in changes.items())
        for place, one in changes.items():
            items[place].apply(one)
