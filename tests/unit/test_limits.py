"""Limits against a model: whatever the interleaving of reads, decisions and writes, the distances stay true."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from metering.domain import limits as rules
from metering.domain.limits import COUNTED, DIMENSION, RESOURCES, Change, Limits, Meter, Shortage, Usage
from metering.domain.periods import window_of
from tests.unit.meter_table import COMPARE, NOW, apply, fields_of, meter_of, usage


class Table:
    """One meter's item, written by conditional updates as DynamoDB would."""

    def __init__(self, limits: Limits, kind: rules.Kind = "session", now: str = NOW) -> None:
        self.fields = fields_of(rules.new_meter(kind, limits, now))

    def read(self) -> Meter:
        return meter_of(self.fields)

    def write(self, change: Change) -> bool:
        if not all(COMPARE[one.operator](self.fields[one.field], one.value) for one in change.require):
            return False
        self.fields = apply(self.fields, change)
        return True


def check_distances(meter: Meter) -> None:
    for resource in RESOURCES:
        assert meter.used(resource) + meter.held[resource] + meter.room[resource] == meter.limits.of(resource)
        assert meter.held[resource] >= 0
    for resource in COUNTED:
        used = meter.used(resource)
        assert meter.alert[resource] == meter.limits.next_boundary(resource, used) - used
        assert meter.alert[resource] > 0


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
    st.tuples(st.just("limits"), some_limits),
    st.tuples(st.just("pause"), st.none()),
    st.tuples(st.just("resume"), st.none()),
    st.tuples(st.just("later"), st.none()),
)


def decide(action: str, value: object, meter: Meter, now: str, released: dict[str, int]) -> object:
    if action in {"use", "late", "settle"}:
        occurred = "2026-11-24T09:59:59.000000Z" if action == "late" else now
        return rules.decide_usage(meter, value, released, occurred, now)  # type: ignore[arg-type]
    if action == "hold":
        return rules.decide_hold(meter, value, now)  # type: ignore[arg-type]
    if action == "limits":
        return rules.change_limits(meter, value, now)  # type: ignore[arg-type]
    if action == "release":
        change = Change()
        rules.give_back(change, released)
        return change
    return rules.decide_pause(meter, "because", now) if action == "pause" else rules.decide_resume(meter, now)


class Story:
    """A meter with what a simple count says of it: what was counted, and which holds are open."""

    def __init__(self, limits: Limits, kind: rules.Kind) -> None:
        self.table = Table(limits, kind)
        self.past = [self.table.read()]
        self.holds: list[dict[str, int]] = []
        self.totals = dict.fromkeys(COUNTED, 0)

    def act(self, action: str, value: object, now: str, staleness: int) -> None:
        """Decides on a meter that was read a few writes ago; refused, decides again on the meter as it is."""
        closes = action in {"release", "settle"}
        if closes and not self.holds:
            return
        released = self.holds[0] if closes else {}
        for meter in (self.past[-1 - min(staleness, len(self.past) - 1)], self.table.read()):
            decision = decide(action, value, meter, now, released)
            if not isinstance(decision, Change) or self.table.write(decision):
                break
        else:
            raise AssertionError("a decision on what was just read must be written")
        if isinstance(decision, Change):
            self._count(action, value, closes=closes)
        self.past.append(self.table.read())

    def _count(self, action: str, value: object, *, closes: bool) -> None:
        if closes:
            self.holds.pop(0)
        if action == "hold":
            self.holds.append(value)  # type: ignore[arg-type]
        if action in {"use", "late", "settle"}:
            for resource in COUNTED:
                self.totals[resource] += value.totals[resource]  # type: ignore[attr-defined]


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
        assert {resource: meter.totals[resource] for resource in COUNTED} == story.totals
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
    assert [(notice.event, notice.used) for notice in change.notices] == [("limit_reached", 101), ("paused", None)]


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


def test_unrated_usage_pauses_what_has_a_cost_limit_unless_told_otherwise() -> None:
    assert use(Table(Limits(cost=10)), unrated=1).breached == {"unrated"}
    assert use(Table(Limits(cost=10, on_unrated="allow")), unrated=1).breached == frozenset()
    assert use(Table(Limits(calls=10)), unrated=1).breached == frozenset()


def test_every_dimension_has_a_name() -> None:
    assert set(DIMENSION) == set(RESOURCES)
