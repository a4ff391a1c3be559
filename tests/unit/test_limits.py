"""Limits against a model: whatever the interleaving of reads, decisions and writes, the distances stay true."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from metering.domain import limits as rules
from metering.domain.limits import (
    COMPARE,
    COUNTED,
    DIMENSION,
    RESOURCES,
    TOTALS,
    Change,
    Limits,
    Meter,
    Shortage,
    Usage,
)
from metering.domain.periods import window_of
from tests.unit.meter_table import NOW, apply, fields_of, meter_of, usage


class Table:
    """One meter's item, written by conditional updates as DynamoDB would."""

    def __init__(self, limits: Limits, kind: rules.Kind = "session", now: str = NOW) -> None:
        self.fields = fields_of(rules.new_meter(kind, limits, now))

    def read(self) -> Meter:
        return meter_of(self.fields)

    def write(self, change: Change) -> bool:
        if not all(COMPARE[one.operator](self.fields[one.field], one.value) for one in change.require):
            return False
        self._check_told_once(change)
        self.fields = apply(self.fields, change)
        return True

    def _check_told_once(self, change: Change) -> None:
        """A change of limits forgets what was told of them, and so does a new window."""
        if {"costLimit", "windowStart"} & change.put.keys():
            return
        told = {
            f"{notice.dimension}:{notice.percent}" if notice.percent else notice.dimension
            for notice in change.notices
            if notice.event in {"threshold_reached", "limit_reached"}
        }
        assert not told & self.read().notified


def check_distances(meter: Meter) -> None:
    for resource in RESOURCES:
        assert meter.used(resource) + meter.held[resource] + meter.room[resource] == meter.limits.of(resource)
        assert meter.held[resource] >= 0
    for resource in COUNTED:
        used = meter.used(resource)
        assert meter.alert[resource] == meter.limits.next_boundary(resource, used) - used
        assert meter.alert[resource] > 0
        assert (DIMENSION[resource] in meter.breached) == (used > meter.limits.of(resource))
    assert meter.kind == "session" or (meter.status == "paused") == bool(meter.breached)


amounts = st.integers(0, 40)
limit = st.none() | st.integers(0, 100)
some_limits = st.builds(
    Limits,
    cost=limit,
    period=st.sampled_from(["hour", "day", "week", "month", "total"]),
    compute=limit,
    calls=limit,
    agents=limit,
    on_unrated=st.sampled_from(["pause", "allow"]),
    thresholds=st.sampled_from([(50, 80, 100), (), (100,), (1, 50)]),
)
some_usage = st.builds(usage, amounts, amounts, st.integers(0, 1), st.integers(0, 1))


instants = [
    "2026-11-24T10:00:00.000000Z",
    "2026-11-24T10:59:59.999999Z",
    "2026-11-24T11:00:00.000000Z",
    "2026-11-24T23:59:59.999999Z",
    "2026-11-25T00:00:00.000000Z",
    "2026-11-30T00:00:00.000000Z",
    "2026-12-01T00:00:00.000000Z",
]

actions = st.one_of(
    st.tuples(st.just("use"), some_usage),
    st.tuples(st.just("late"), some_usage),
    st.tuples(st.just("hold"), st.dictionaries(st.sampled_from(RESOURCES), amounts, min_size=1)),
    st.tuples(st.just("release"), st.integers(0, 5)),
    st.tuples(st.just("settle"), some_usage),
    st.tuples(st.just("void"), st.integers(0, 9)),
    st.tuples(st.just("reprice"), st.tuples(st.integers(0, 9), amounts, st.integers(0, 1))),
    st.tuples(st.just("limits"), some_limits),
    st.tuples(st.just("pause"), st.none()),
    st.tuples(st.just("resume"), st.none()),
    st.tuples(st.just("later"), st.none()),
)


LATE = "2026-11-24T09:59:59.000000Z"


def decide(action: str, value: Any, meter: Meter, now: str, released: dict[str, int]) -> object:
    if action in {"use", "late", "settle"}:
        return rules.decide_usage(meter, value, released, LATE if action == "late" else now, now)
    if action == "correct":
        return rules.decide_usage(meter, value.change, {}, value.counted_at, now)
    if action == "hold":
        return rules.decide_hold(meter, value, now)
    if action == "limits":
        return rules.change_limits(meter, value, now)
    if action == "release":
        change = Change()
        rules.give_back(change, released)
        return change
    return rules.decide_pause(meter, "because", now) if action == "pause" else rules.decide_resume(meter, now)


class Counted(NamedTuple):
    """Usage that stands, and when it was counted."""

    usage: Usage
    counted_at: str


class Correcting(NamedTuple):
    """What a correction adds, and when the usage that it corrects was counted."""

    change: Usage
    counted_at: str


class Story:
    """A meter with what a simple count says of it: what stands, and which holds are open."""

    def __init__(self, limits: Limits, kind: rules.Kind) -> None:
        self.table = Table(limits, kind)
        self.past = [self.table.read()]
        self.holds: list[dict[str, int]] = []
        self.standing: list[Counted] = []

    def act(self, action: str, value: Any, now: str, staleness: int) -> None:
        """Decides on a meter that was read a few writes ago; refused, decides again on the meter as it is."""
        if action in {"void", "reprice"}:
            self._correct(action, value, now, staleness)
            return
        if action in {"pause", "resume"} and self.table.read().kind != "session":
            return
        closes = action in {"release", "settle"}
        if closes and not self.holds:
            return
        released = self.holds[0] if closes else {}
        if not self._write(action, value, now, staleness, released):
            return
        if closes:
            self.holds.pop(0)
        if action == "hold":
            self.holds.append(value)
        if action in {"use", "late", "settle"}:
            self.standing.append(Counted(value, LATE if action == "late" else now))

    def _write(self, action: str, value: Any, now: str, staleness: int, released: dict[str, int]) -> bool:
        """Whether it came to a change."""
        for meter in (self.past[-1 - min(staleness, len(self.past) - 1)], self.table.read()):
            decision = decide(action, value, meter, now, released)
            if not isinstance(decision, Change) or self.table.write(decision):
                break
        else:
            raise AssertionError("a decision on what was just read must be written")
        self.past.append(self.table.read())
        return isinstance(decision, Change)

    def _correct(self, action: str, value: Any, now: str, staleness: int) -> None:
        if not self.standing:
            return
        index = (value if action == "void" else value[0]) % len(self.standing)
        before = self.standing.pop(index)
        change = minus(before.usage)
        if action == "reprice":
            after = Usage({**before.usage.totals, "cost": value[1], "unrated": value[2]})
            change = change.plus(after)
            self.standing.append(before._replace(usage=after))
        assert self._write("correct", Correcting(change, before.counted_at), now, staleness, {})

    def total(self, name: str) -> int:
        return sum(counted.usage.totals[name] for counted in self.standing)


def minus(used: Usage) -> Usage:
    return Usage({name: -amount for name, amount in used.totals.items()})


@settings(max_examples=400, deadline=None)
@given(some_limits, st.sampled_from(["session", "user"]), st.lists(st.tuples(actions, st.integers(0, 3)), max_size=40))
def test_distances_stay_true_when_decisions_are_written_late(
    limits: Limits, kind: rules.Kind, script: list[tuple[tuple[str, object], int]]
) -> None:
    story, clock = Story(limits, kind), 0
    for (action, value), staleness in script:
        if action == "later":
            clock = min(clock + 1, len(instants) - 1)
            continue
        story.act(action, value, instants[clock], staleness)
        meter = story.table.read()
        check_distances(meter)
        assert {name: meter.totals[name] for name in TOTALS} == {name: story.total(name) for name in TOTALS}
        assert meter.held == {resource: sum(hold.get(resource, 0) for hold in story.holds) for resource in RESOURCES}


@settings(max_examples=300, deadline=None)
@given(some_limits, st.lists(st.tuples(some_usage, st.sampled_from(instants[:3])), max_size=15))
def test_the_usual_change_does_what_the_decision_would(limits: Limits, script: list[tuple[Usage, str]]) -> None:
    one, other = Table(limits), Table(limits)
    for used, now in sorted(script, key=lambda pair: pair[1]):
        decided = rules.decide_usage(one.read(), used, {}, now, now)
        assert one.write(decided)
        if other.write(rules.usual("session", used, {}, now, now)):
            assert not decided.notices
            assert decided.status == "active"
        else:
            assert other.write(rules.decide_usage(other.read(), used, {}, now, now))
        assert one.read() == other.read()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 500), st.lists(st.integers(0, 200), max_size=30))
def test_holds_never_pass_the_limit_and_leave_none_that_fits_ungranted(most: int, wanted: list[int]) -> None:
    table = Table(Limits(cost=most))
    granted = 0
    for amount in wanted:
        decision = rules.decide_hold(table.read(), {"cost": amount}, NOW)
        fits = granted + amount <= most
        assert isinstance(decision, Change) == fits
        if isinstance(decision, Change):
            assert table.write(decision)
            granted += amount
        else:
            assert decision == Shortage("maxCost", most, 0, granted, most - granted)
    assert table.read().held["cost"] == granted <= most


def write_new(table: Table, make: Callable[[Meter], object]) -> Change:
    change = make(table.read())
    assert isinstance(change, Change)
    assert table.write(change)
    return change


def use(table: Table, now: str = NOW, **amounts: int) -> Change:
    return write_new(table, lambda meter: rules.decide_usage(meter, usage(**amounts), {}, now, now))


def test_exactly_at_the_limit_is_within_and_one_pico_more_is_over() -> None:
    table = Table(Limits(cost=100, thresholds=()))
    assert use(table, cost=100).status == "active"
    change = use(table, cost=1)
    assert change.status == "paused"
    assert change.breached == {"maxCost"}
    assert [(notice.event, notice.used) for notice in change.notices] == [("limit_reached", 101), ("paused", 101)]


def test_a_threshold_is_told_once_when_it_is_reached_and_not_before() -> None:
    table = Table(Limits(calls=10, thresholds=(50,)))
    assert not use(table, calls=4).notices
    assert [(notice.event, notice.percent) for notice in use(table, calls=1).notices] == [("threshold_reached", 50)]
    assert not use(table, calls=1).notices


def test_a_passed_limit_is_told_once_although_usage_goes_on() -> None:
    table = Table(Limits(cost=10, thresholds=()))
    assert use(table, cost=11).notices
    assert not use(table, cost=11).notices
    assert table.read().breached == {"maxCost"}


def test_a_new_period_makes_room_and_the_session_is_resumed_by_hand() -> None:
    table = Table(Limits(cost=10, period="hour", thresholds=()))
    use(table, cost=11)
    assert rules.decide_resume(table.read(), "2026-11-24T10:59:59.999999Z") == {"maxCost"}
    write_new(table, lambda meter: rules.decide_resume(meter, "2026-11-24T11:00:00.000000Z"))
    meter = table.read()
    assert (meter.status, meter.used("cost"), meter.totals["cost"]) == ("active", 0, 11)
    assert meter.window == window_of("hour", "2026-11-24T11:00:00.000000Z")


def test_a_budget_opens_again_by_itself_in_its_next_period() -> None:
    table = Table(Limits(cost=10, period="hour", thresholds=()), "user")
    use(table, cost=11)
    assert isinstance(rules.decide_hold(table.read(), {"cost": 0}, NOW), Shortage)
    write_new(table, lambda meter: rules.decide_hold(meter, {"cost": 10}, "2026-11-24T11:00:00.000000Z"))
    assert table.read().status == "active"


def test_usage_of_a_past_window_counts_in_the_totals_alone() -> None:
    table = Table(Limits(cost=10, period="hour"), now="2026-11-24T10:00:00.000000Z")
    late = "2026-11-24T09:59:59.999999Z"
    write_new(table, lambda meter: rules.decide_usage(meter, usage(cost=50), {}, late, NOW))
    assert (table.read().used("cost"), table.read().totals["cost"], table.read().status) == (0, 50, "active")


def test_a_limit_below_what_is_used_is_passed_at_once() -> None:
    table = Table(Limits(cost=100, thresholds=()))
    use(table, cost=60)
    change = write_new(table, lambda meter: rules.change_limits(meter, Limits(cost=50, thresholds=()), NOW))
    assert (change.status, change.breached) == ("paused", {"maxCost"})
    assert rules.decide_resume(table.read(), NOW) == {"maxCost"}


def test_a_raised_limit_is_told_of_again() -> None:
    table = Table(Limits(cost=10, thresholds=()))
    use(table, cost=11)
    write_new(table, lambda meter: rules.change_limits(meter, Limits(cost=20, thresholds=()), NOW))
    write_new(table, lambda meter: rules.decide_resume(meter, NOW))
    assert [notice.event for notice in use(table, cost=10).notices] == ["limit_reached", "paused"]


def take_back(table: Table, now: str = NOW, counted_at: str = NOW, **amounts: int) -> Change:
    return write_new(table, lambda meter: rules.decide_usage(meter, minus(usage(**amounts)), {}, counted_at, now))


def test_a_budget_opens_when_enough_is_taken_back_and_not_one_pico_earlier() -> None:
    table = Table(Limits(cost=100, thresholds=()), "user")
    use(table, cost=102)
    assert take_back(table, cost=1).breached == {"maxCost"}
    assert isinstance(rules.decide_hold(table.read(), {"cost": 0}, NOW), Shortage)
    change = take_back(table, cost=1)
    assert (change.breached, change.status, change.notices) == (frozenset(), "active", [])
    assert isinstance(rules.decide_hold(table.read(), {"cost": 0}, NOW), Change)


def test_a_session_stays_paused_until_it_is_resumed_although_enough_is_taken_back() -> None:
    table = Table(Limits(cost=100, thresholds=()))
    use(table, cost=101)
    assert rules.decide_resume(table.read(), NOW) == {"maxCost"}
    change = take_back(table, cost=1)
    assert (change.breached, change.status) == (frozenset(), "paused")
    write_new(table, lambda meter: rules.decide_resume(meter, NOW))
    assert table.read().status == "active"


def test_what_was_told_is_not_told_again_when_usage_comes_back_to_it() -> None:
    table = Table(Limits(cost=100), "user")
    assert [(notice.event, notice.percent) for notice in use(table, cost=101).notices if notice.event != "paused"] == [
        ("threshold_reached", 50),
        ("threshold_reached", 80),
        ("threshold_reached", 100),
        ("limit_reached", None),
    ]
    take_back(table, cost=101)
    change = use(table, cost=101)
    assert (change.breached, change.status) == ({"maxCost"}, "paused")
    assert [notice.event for notice in change.notices] == ["paused"]


def test_a_session_that_was_resumed_pauses_again_when_its_limit_is_passed_again() -> None:
    table = Table(Limits(cost=100, thresholds=()))
    use(table, cost=101)
    take_back(table, cost=101)
    write_new(table, lambda meter: rules.decide_resume(meter, NOW))
    change = use(table, cost=101)
    assert (change.status, [notice.event for notice in change.notices]) == ("paused", ["paused"])


def test_what_was_counted_in_a_past_window_is_taken_back_from_the_totals_alone() -> None:
    table = Table(Limits(cost=100, period="hour"))
    use(table, cost=60)
    use(table, "2026-11-24T11:00:00.000000Z", cost=50)
    take_back(table, "2026-11-24T11:00:00.000000Z", counted_at=NOW, cost=60)
    assert (table.read().used("cost"), table.read().totals["cost"]) == (50, 50)


def test_taking_usage_back_begins_a_new_window_where_one_has_begun() -> None:
    table = Table(Limits(cost=100, period="hour"), "user")
    use(table, cost=101)
    change = take_back(table, "2026-11-24T11:00:00.000000Z", cost=1)
    assert (table.read().used("cost"), table.read().totals["cost"], change.status) == (0, 100, "active")


def test_two_that_take_usage_back_at_once_open_a_budget_between_them() -> None:
    table = Table(Limits(cost=100, thresholds=()), "user")
    use(table, cost=130)
    read = table.read()
    for amount in (20, 15):
        change = rules.decide_usage(read, minus(usage(cost=amount)), {}, NOW, NOW)
        if not table.write(change):
            assert table.write(rules.decide_usage(table.read(), minus(usage(cost=amount)), {}, NOW, NOW))
    check_distances(table.read())
    assert (table.read().status, table.read().breached) == ("active", frozenset())


def test_a_boundary_that_is_passed_silently_is_noticed_by_those_that_read_before() -> None:
    table = Table(Limits(cost=100, thresholds=(50,)), "user")
    use(table, cost=60)
    take_back(table, cost=20)
    stale = rules.decide_usage(table.read(), usage(cost=10), {}, NOW, NOW)  # from 40, 10 short of 50
    assert not use(table, cost=51).notices  # to 91, 10 short of 101
    assert not table.write(stale)
    assert use(table, cost=10).breached == {"maxCost"}


def test_a_limit_is_not_passed_on_the_word_of_usage_that_was_taken_back() -> None:
    table = Table(Limits(cost=100, thresholds=()))
    use(table, cost=90)
    lowering = rules.change_limits(table.read(), Limits(cost=80, thresholds=()), NOW)
    take_back(table, cost=15)
    assert not table.write(lowering)


def test_a_budget_that_unrated_usage_has_closed_opens_when_the_last_of_it_is_priced() -> None:
    table = Table(Limits(cost=100), "user")
    use(table, unrated=1)
    use(table, unrated=1)
    assert take_back(table, unrated=1).breached == {"unrated"}
    stale = rules.decide_usage(table.read(), minus(usage(unrated=1)), {}, NOW, NOW)
    use(table, unrated=1)
    assert not table.write(stale)
    assert take_back(table, unrated=1).breached == {"unrated"}
    assert take_back(table, unrated=1).status == "active"


def test_a_price_that_is_found_later_may_pass_a_limit() -> None:
    table = Table(Limits(cost=100, on_unrated="allow", thresholds=()))
    use(table, unrated=1)
    priced = Usage({**dict.fromkeys(TOTALS, 0), "cost": 101, "unrated": -1})
    change = write_new(table, lambda meter: rules.decide_usage(meter, priced, {}, NOW, NOW))
    assert (change.status, change.breached) == ("paused", {"maxCost"})
    assert [notice.event for notice in change.notices] == ["limit_reached", "paused"]


def test_unrated_usage_pauses_what_has_a_cost_limit_unless_told_otherwise() -> None:
    assert use(Table(Limits(cost=10)), unrated=1).breached == {"unrated"}
    assert use(Table(Limits(cost=10, on_unrated="allow")), unrated=1).breached == frozenset()
    assert use(Table(Limits(calls=10)), unrated=1).breached == frozenset()


def test_every_dimension_has_a_name() -> None:
    assert set(DIMENSION) == set(RESOURCES)
