"""A split meter against its sum: whatever the interleaving, the shares speak for the whole."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from metering.domain import limits as rules
from metering.domain.limits import COMPARE, COUNTED, RESOURCES, Amounts, Change, Limits, Meter, Usage
from metering.domain.shares import share_with_room, split, spread, total, usual_share
from tests.unit.meter_table import NOW, apply, fields_of, meter_of, usage

amounts = st.integers(0, 9)
limit = st.none() | st.integers(0, 40)
some_limits = st.builds(
    Limits, cost=limit, compute=limit, calls=limit, agents=limit, thresholds=st.sampled_from([(), (50, 100)])
)
some_usage = st.builds(usage, amounts, amounts, st.integers(0, 1))
some_amounts = st.dictionaries(st.sampled_from(RESOURCES), st.integers(1, 12), min_size=1)


@dataclass
class Shares:
    """The items of a split meter, written by transactions of conditional updates."""

    fields: list[dict[str, object]]
    holds: list[Amounts] = field(default_factory=list)
    standing: list[Usage] = field(default_factory=list)

    def read(self) -> list[Meter]:
        return [meter_of(fields) for fields in self.fields]

    def write(self, changes: dict[int, Change]) -> bool:
        for share, change in changes.items():
            for condition in change.require:
                if not COMPARE[condition.operator](self.fields[share][condition.field], condition.value):
                    return False
        for share, change in changes.items():
            self.fields[share] = apply(self.fields[share], change)
        return True


def new_shares(limits: Limits, count: int) -> Shares:
    return Shares([fields_of(share) for share in split(rules.new_meter("project", limits, NOW), count)])


def whole_of(read: list[Meter]) -> Meter:
    whole = total(read)
    assert whole is not None
    return whole


def check_total(shares: Shares) -> Meter:
    return whole_of(shares.read())


def check(shares: Shares) -> Meter:
    read, whole = shares.read(), check_total(shares)
    for resource in RESOURCES:
        rooms = [share.room[resource] for share in read]
        assert min(rooms) >= 0 or max(rooms) <= 0
        assert whole.held[resource] == sum(hold.get(resource, 0) for hold in shares.holds)
    for resource in COUNTED:
        assert min(share.alert[resource] for share in read) >= 0
        used = whole.used(resource)
        assert whole.alert[resource] == whole.limits.next_boundary(resource, used) - used > 0
        assert used == sum(one.totals[resource] for one in shares.standing)
        assert (rules.DIMENSION[resource] in whole.breached) == (used > whole.limits.of(resource))
    assert (whole.status == "paused") == bool(whole.breached)
    return whole


def decided(shares: Shares, read: list[Meter], chosen: int, change: Change) -> bool:
    if not shares.write(dict(enumerate(spread(change, read, chosen)))):
        return False
    whole = check_total(shares)
    for notice in change.notices:
        if notice.used is not None and notice.dimension != rules.UNRATED:
            resource = next(one for one in COUNTED if rules.DIMENSION[one] == notice.dimension)
            assert notice.used == whole.used(resource), "what is told is the figure at that moment"
    return True


def use(shares: Shares, read: list[Meter], chosen: int, used: Usage, released: Amounts) -> bool:
    if shares.write({chosen: usual_share("project", used, released, NOW, NOW)}):
        return True
    whole = total(read)
    return whole is not None and decided(shares, read, chosen, rules.decide_usage(whole, used, released, NOW, NOW))


def hold(shares: Shares, read: list[Meter], chosen: int, wanted: Amounts) -> bool | None:
    """None: refused; else whether the write was made."""
    whole = total(read)
    if whole is None:
        return False
    change = rules.decide_hold(whole, wanted, NOW)
    if not isinstance(change, Change):
        return None
    if shares.write({chosen: change}):
        return True
    return decided(shares, read, chosen, change)


def take_back(shares: Shares, read: list[Meter], chosen: int, used: Usage) -> bool:
    whole = total(read)
    back = Usage({name: -amount for name, amount in used.totals.items()})
    return whole is not None and decided(shares, read, chosen, rules.decide_usage(whole, back, {}, NOW, NOW))


def release(shares: Shares, read: list[Meter], chosen: int, released: Amounts) -> bool:
    usual = share_with_room(released)
    rules.give_back(usual, released)
    if shares.write({chosen: usual}):
        return True
    change = Change()
    rules.give_back(change, released)
    return decided(shares, read, chosen, change)


steps = st.tuples(
    st.one_of(
        st.tuples(st.just("use"), some_usage),
        st.tuples(st.just("hold"), some_amounts),
        st.tuples(st.just("release"), st.none()),
        st.tuples(st.just("settle"), some_usage),
        st.tuples(st.just("void"), st.integers(0, 9)),
        st.tuples(st.just("limits"), some_limits),
    ),
    st.integers(0, 2),
    st.integers(0, 4),
)


def step(shares: Shares, read: list[Meter], action: str, value: object, chosen: int) -> bool | None:
    """One try of one step on what was read; None: refused for good."""
    released = shares.holds[0] if action in {"release", "settle"} else {}
    if action in {"use", "settle"}:
        return use(shares, read, chosen, value, released)  # type: ignore[arg-type]
    if action == "void":
        return take_back(shares, read, chosen, shares.standing[value % len(shares.standing)])  # type: ignore[operator]
    if action == "hold":
        return hold(shares, read, chosen, value)  # type: ignore[arg-type]
    if action == "release":
        return release(shares, read, chosen, released)
    whole = total(read)
    change = rules.change_limits(whole, value, NOW) if whole else None  # type: ignore[arg-type]
    return change is not None and decided(shares, read, chosen, change)


@settings(max_examples=300, deadline=None)
@given(some_limits, st.integers(1, 3), st.lists(steps, max_size=60))
def test_the_shares_keep_their_invariants_although_decisions_are_written_late(
    limits: Limits, count: int, script: list[tuple[tuple[str, object], int, int]]
) -> None:
    shares = new_shares(limits, count)
    past = [shares.read()]
    for (action, value), place, staleness in script:
        if (action in {"release", "settle"} and not shares.holds) or (action == "void" and not shares.standing):
            continue
        before = check(shares)
        done = step(shares, past[-1 - min(staleness, len(past) - 1)], action, value, place % count)
        if done is False:
            done = step(shares, shares.read(), action, value, place % count)
        assert done is not False, "a decision on what was just read must be written"
        if action in {"release", "settle"}:
            shares.holds.pop(0)
        if action in {"use", "settle"}:
            shares.standing.append(value)  # type: ignore[arg-type]
        if action == "void":
            shares.standing.pop(value % len(shares.standing))  # type: ignore[operator]
        if action == "hold" and done:
            shares.holds.append(value)  # type: ignore[arg-type]
            for resource, amount in value.items():  # type: ignore[attr-defined]
                assert amount <= before.room[resource], "a hold was granted that the whole has no room for"
        past.append(shares.read())
        check(shares)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 300), st.integers(1, 6), st.lists(st.tuples(st.integers(1, 40), st.integers(0, 5)), max_size=30))
def test_the_last_cent_can_be_held_and_not_one_more(most: int, count: int, wanted: list[tuple[int, int]]) -> None:
    shares = new_shares(Limits(cost=most), count)
    granted = 0
    for amount, place in [*wanted, *[(1, place % 6) for place in range(most + 1)]]:
        done = hold(shares, shares.read(), place % count, {"cost": amount})
        assert done is (True if granted + amount <= most else None)
        if done:
            granted += amount
            shares.holds.append({"cost": amount})
        check(shares)
    assert granted == most


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 300), st.integers(1, 6), st.lists(st.tuples(st.integers(1, 60), st.integers(0, 5)), max_size=30))
def test_a_split_meter_passes_its_limit_with_the_same_usage_as_a_whole_one(
    most: int, count: int, script: list[tuple[int, int]]
) -> None:
    shares, spent = new_shares(Limits(cost=most), count), 0
    for amount, place in script:
        assert use(shares, shares.read(), place % count, usage(amount), {})
        spent += amount
        shares.standing.append(usage(amount))
        whole = check(shares)
        assert (whole.status == "paused") == (spent > most)
        assert whole.totals["cost"] == spent


def test_a_crossing_is_refused_when_another_share_has_counted_since_it_was_read() -> None:
    shares = new_shares(Limits(cost=100, thresholds=(10,)), 2)  # alerts of 5 and 5
    read = shares.read()
    assert shares.write({0: usual_share("project", usage(1), {}, NOW, NOW)})
    crossing = rules.decide_usage(whole_of(read), usage(10), {}, NOW, NOW)
    assert [(notice.event, notice.used) for notice in crossing.notices] == [("threshold_reached", 10)]
    assert not shares.write(dict(enumerate(spread(crossing, read, 1))))


def test_a_crossing_that_moves_no_distance_is_refused_as_well() -> None:
    shares = new_shares(Limits(cost=10, thresholds=(50, 100)), 2)  # from 0 to 5 the next boundary stays 5 away
    read = shares.read()
    assert shares.write({0: usual_share("project", usage(1), {}, NOW, NOW)})
    crossing = rules.decide_usage(whole_of(read), usage(5), {}, NOW, NOW)
    assert [(notice.percent, notice.used) for notice in crossing.notices] == [(50, 5)]
    assert not shares.write(dict(enumerate(spread(crossing, read, 1))))


def test_a_budget_of_several_shares_opens_when_enough_is_taken_back() -> None:
    shares = new_shares(Limits(cost=100), 3)
    for place, amount in enumerate((60, 30, 11)):
        assert use(shares, shares.read(), place, usage(amount), {})
        shares.standing.append(usage(amount))
    assert check(shares).status == "paused"
    read = shares.read()
    assert take_back(shares, read, 0, shares.standing.pop())
    assert check(shares).status == "active"
    assert not take_back(shares, read, 1, shares.standing[0]), "what was read is no longer true"


def test_levelling_is_refused_when_it_would_leave_no_alert_anywhere() -> None:
    shares = new_shares(Limits(cost=100, thresholds=(10,)), 2)  # alerts of 5 and 5
    read = shares.read()
    levelling = rules.decide_usage(whole_of(read), usage(8), {}, NOW, NOW)
    assert not levelling.notices
    assert shares.write({0: usual_share("project", usage(1), {}, NOW, NOW)})
    assert shares.write({1: usual_share("project", usage(1), {}, NOW, NOW)})
    assert not shares.write(dict(enumerate(spread(levelling, read, 0))))
