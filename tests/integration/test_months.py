"""Sums of months stand for their days in views of long ranges, and only while they are equal to them."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from metering.flows import roll_up_month
from tests.integration.api import Context, app_of
from tests.statistics_world import VIEWS, StatisticsWorld, statistics_world
from tests.summing import DIMENSIONS, added_up, groups_of, shown, shown_groups, sums_of

OCTOBER = "2026-10"
RANGE = ("2026-09-20", "2026-11-05")
DAYS = [f"{OCTOBER}-{day}" for day in ("01", "02", "15", "31")]
"""Those of October that have usage."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[StatisticsWorld]:
    """Half an hour into the second day of a month, when the days of the one before are closed."""
    with statistics_world(monkeypatch) as made:
        made.at("2026-11-02T00:30:00Z")
        yield made


def use(world: StatisticsWorld, dates: list[str], users: int = 3) -> None:
    """Usage of past days, by as many users each; the days are closed."""
    world.record_all([world.event(f"{date}T12:00:00Z", 1 + n, userId=f"u{n}") for date in dates for n in range(users)])
    world.settle()


def arrive(world: StatisticsWorld, date: str) -> None:
    """Late usage of a day, which is closed anew at once."""
    world.record(f"{date}T11:00:00Z", 100, userId="u0")
    world.deliver_all()
    for slot in (f"{date}T11", date):
        assert world.work(world.message(slot))


def night(world: StatisticsWorld) -> dict[str, int]:
    """The nightly function, and all that it asks for."""
    asked: dict[str, int] = app_of("close_day").handler({}, Context(120))
    world.settle()
    return asked


def rows_read(world: StatisticsWorld, path: str = "usage/by-user", days: tuple[str, str] = RANGE) -> dict[str, int]:
    """How many statistics a view reads, by what they are of."""
    found: dict[str, int] = {}

    def watch(_call: Any, reply: Any) -> None:
        for item in reply.body["Items"]:
            span = item["dimension"]["S"].split("#")[1]
            found[span] = found.get(span, 0) + 1

    world.aws.watchers.append(watch)
    world.view(path, *days)
    world.aws.watchers.remove(watch)
    found.pop("days")
    return found


def assert_views_equal_records(world: StatisticsWorld, first: str, last: str) -> None:
    records = world.records(first, last)
    for dimension in DIMENSIONS:
        view = world.view(f"usage/{VIEWS[dimension]}", first, last)
        assert shown_groups(view["items"]) == groups_of(records, dimension)
        assert shown(view["total"]) == added_up(view["items"]) == sums_of(records)
    assert shown(world.daily(first, last)["total"]) == sums_of(records)


def assert_users_are_right(world: StatisticsWorld) -> None:
    """The view by users, of usage that was in the first two days of October."""
    view = world.view("usage/by-user", *RANGE)
    assert shown_groups(view["items"]) == groups_of(world.records("2026-10-01", "2026-10-02"), "user")
    assert shown(view["total"]) == added_up(view["items"])


# ---------------------------------------------------------------------------- the usual course


def test_a_month_that_is_over_is_summed_the_next_night_and_stands_for_its_days(world: StatisticsWorld) -> None:
    use(world, DAYS)
    assert rows_read(world) == {"day": 12}
    assert (world.to_sum(), night(world)) == ([OCTOBER], {"days": 0, "months": 1})
    assert rows_read(world) == {"month": 3}
    assert_views_equal_records(world, *RANGE)
    assert (world.to_sum(), night(world)) == ([], {"days": 0, "months": 0})


def test_a_month_is_not_asked_for_before_it_is_over(world: StatisticsWorld) -> None:
    world.at("2026-10-31T00:30:00Z")
    use(world, DAYS[:3])
    assert (world.to_sum(), night(world)) == ([OCTOBER], {"days": 0, "months": 0})
    world.at("2026-11-01T00:29:59.999999Z")  # its last day had no usage, but would not be closed by now
    assert world.work(world.message(OCTOBER))
    assert (world.to_sum(), rows_read(world)) == ([OCTOBER], {"day": 9})
    world.at("2026-11-01T00:30:00Z")
    assert night(world) == {"days": 0, "months": 1}
    assert rows_read(world) == {"month": 3}


def test_a_month_whose_last_day_is_still_open_is_asked_for_again(world: StatisticsWorld) -> None:
    world.at("2026-10-31T13:00:00Z")
    use(world, DAYS)
    world.at("2026-11-01T00:30:00Z")
    assert world.work(world.message(OCTOBER))
    assert (world.to_sum(), rows_read(world)) == ([OCTOBER], {"day": 9, "hour": 3})
    assert night(world)["days"] == 1
    world.at("2026-11-02T00:30:00Z")
    night(world)
    assert rows_read(world) == {"month": 3}


@pytest.mark.parametrize(
    ("days", "read"),
    [
        (("2026-10-01", "2026-10-31"), {"month": 3}),
        (("2026-10-01", "2026-10-30"), {"day": 9}),
        (("2026-10-02", "2026-10-31"), {"day": 9}),
        (("2026-09-30", "2026-11-01"), {"day": 3, "month": 3}),
        (("2026-09-01", "2026-10-31"), {"month": 6}),
        (("2026-09-02", "2026-10-31"), {"day": 3, "month": 3}),
    ],
)
def test_only_whole_months_of_a_range_stand_for_their_days(
    world: StatisticsWorld, days: tuple[str, str], read: dict[str, int]
) -> None:
    use(world, ["2026-09-01", "2026-09-30", *DAYS])
    assert night(world)["months"] == 2
    assert rows_read(world, days=days) == read
    assert_views_equal_records(world, *days)


def test_a_leap_february_is_whole_with_its_29th_day(world: StatisticsWorld) -> None:
    use(world, [f"2024-02-{day}" for day in (27, 28, 29)])
    night(world)
    assert rows_read(world, days=("2024-02-01", "2024-02-29")) == {"month": 3}
    assert rows_read(world, days=("2024-02-01", "2024-02-28")) == {"day": 6}
    assert_views_equal_records(world, "2024-01-01", "2024-12-31")


def test_of_many_users_the_largest_alone_are_got_day_by_day_once_their_months_are_summed(
    world: StatisticsWorld,
) -> None:
    use(world, ["2026-09-25", *DAYS, "2026-11-01"], users=12)
    world.record("2026-11-02T00:10:00Z", 5, userId="u3")
    world.settle()
    wanted = {"groupBy": "user", "top": "1"}
    from_days = world.daily(*RANGE, **wanted)
    assert night(world)["months"] == 2
    got: list[str] = []
    world.aws.watchers.append(lambda call, _: got.append(call.operation))
    from_months = world.daily(*RANGE, **wanted)
    world.aws.watchers.pop()
    assert got.count("BatchGetItem") == 1
    assert [[group["key"] for group in item["groups"]] for item in from_months["items"] if item["records"]] == [
        *[["u11"]] * 6,
        [],
    ]
    assert from_months == from_days
    for item in from_months["items"]:
        assert added_up([*item["groups"], item["others"]]) == shown(item)
    assert shown(from_months["total"]) == sums_of(world.records(*RANGE))

    arrive(world, DAYS[1])
    late = world.daily(*RANGE, **wanted)
    assert shown(late["total"]) == added_up(late["items"]) == sums_of(world.records(*RANGE))


def test_days_are_shown_from_days(world: StatisticsWorld) -> None:
    use(world, DAYS)
    night(world)
    assert rows_read(world, "usage/daily", (DAYS[0], DAYS[-1])) == {"day": 4}


def test_runs_and_movers_of_long_ranges_come_from_months(world: StatisticsWorld) -> None:
    world.record_all([world.event(f"{date}T12:00:00Z", runId="long", durationMs=7) for date in DAYS])
    world.settle()
    night(world)
    [run] = world.view("runs", *RANGE)["items"]
    assert (run["runId"], run["records"], run["durationMs"], run["lastAt"]) == (
        "long",
        4,
        7 * 4,
        "2026-10-31T12:00:00Z",
    )
    assert rows_read(world, "runs") == {"month": 1}
    answer = world.call("GET /v1/usage/summary", query={"from": DAYS[0], "to": DAYS[-1]})
    assert answer.body["movers"]["run"]["up"][0]["costUsd"] == answer.body["total"]["costUsd"]


# ---------------------------------------------------------------------------- what is worth it


def test_values_that_do_not_come_again_are_left_to_the_days(world: StatisticsWorld) -> None:
    world.record_all([world.event(f"{date}T12:00:00Z", runId=date, userId="ada") for date in DAYS])
    world.settle()
    night(world)
    assert rows_read(world) == {"month": 1}
    assert rows_read(world, "runs") == {"day": 4}
    assert len(world.view("runs", *RANGE)["items"]) == 4


@pytest.mark.parametrize(("days", "read"), [(1, {"day": 3}), (2, {"month": 3})])
def test_a_sum_stands_for_two_days_at_least_on_average(world: StatisticsWorld, days: int, read: dict[str, int]) -> None:
    use(world, DAYS[:days])
    night(world)
    assert rows_read(world) == read


def test_more_values_than_fit_into_memory_are_left_to_the_days(
    world: StatisticsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll_up_month, "MOST_SUMS", 2)
    use(world, DAYS)
    night(world)
    assert rows_read(world) == {"day": 12}
    assert rows_read(world, "usage/by-service") == {"month": 1}
    assert_views_equal_records(world, *RANGE)


def test_what_there_is_no_time_for_is_left_to_the_days(world: StatisticsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll_up_month, "LEAST_SECONDS", 1000)
    use(world, DAYS)
    night(world)
    assert (world.to_sum(), rows_read(world)) == ([], {"day": 12})


# ---------------------------------------------------------------------------- days that open again


def test_a_day_that_opens_again_puts_its_month_aside_until_the_night_after_it_is_closed(
    world: StatisticsWorld,
) -> None:
    use(world, DAYS)
    night(world)
    world.record("2026-10-15T12:00:00Z", 100, userId="u0")
    world.deliver_all()
    assert rows_read(world) == {"day": 12, "hour": 3}
    world.settle()
    assert (world.to_sum(), rows_read(world)) == ([OCTOBER], {"day": 12})
    assert_views_equal_records(world, *RANGE)
    assert night(world) == {"days": 0, "months": 1}
    assert rows_read(world) == {"month": 3}
    assert_views_equal_records(world, *RANGE)


def test_a_day_that_is_closed_while_its_month_is_summed_puts_it_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in count(step=2):
        with statistics_world(monkeypatch) as world:
            world.at("2026-11-02T00:30:00Z")
            use(world, DAYS[:2], users=1)

            def close_anew(world: StatisticsWorld = world) -> None:
                arrive(world, "2026-10-02")

            with world.at_call(number, close_anew) as operations:
                assert world.work(world.message(OCTOBER))
            if len(operations) <= number:
                break
            assert_users_are_right(world)
            assert world.to_sum() == ([OCTOBER] if "month" not in rows_read(world) else [])
            night(world)
            assert rows_read(world) == {"month": 1}
            assert_users_are_right(world)
    assert number > 10


@pytest.mark.parametrize("after", [False, True])
def test_a_summing_that_dies_at_any_of_its_calls_leaves_views_right_and_is_done_again(
    monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    for number in count(int(after), 2):
        with statistics_world(monkeypatch) as world:
            world.at("2026-11-02T00:30:00Z")
            use(world, DAYS[:2], users=1)
            night(world)
            arrive(world, "2026-10-02")
            died = world.kill_at(number, lambda: world.work(world.message(OCTOBER)), after=after)
            assert_users_are_right(world)
            night(world)
            assert rows_read(world) == {"month": 1}
            assert_users_are_right(world)
            if not died:
                break
    assert number > 10


# ---------------------------------------------------------------------------- a view in the middle


@pytest.mark.parametrize("of", ["a day", "a month"])
def test_a_view_that_is_read_while_something_is_closed_or_summed_has_one_state_or_the_other(
    monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    for number in count():
        with statistics_world(monkeypatch) as world:
            world.at("2026-11-02T00:30:00Z")
            use(world, DAYS[:2], users=1)
            night(world)
            before = world.records(*RANGE)
            if of == "a month":
                arrive(world, "2026-10-02")
                before = world.records(*RANGE)

            def change(world: StatisticsWorld = world) -> None:
                arrive(world, "2026-10-03")
                assert world.work(world.message(OCTOBER))

            with world.at_call(number, change) as operations:
                view = world.view("usage/by-user", *RANGE)
            if len(operations) <= number:
                break
            assert shown_groups(view["items"]) in (groups_of(before, "user"), groups_of(world.records(*RANGE), "user"))
            assert view["final"] is False  # November is not over
    assert number > 3


def test_a_view_of_days_that_never_come_to_rest_is_answered_and_not_final(world: StatisticsWorld) -> None:
    use(world, DAYS)
    view = (DAYS[0], DAYS[-1])
    assert world.view("usage/by-user", *view)["final"]

    def open_and_close(call: Any, carry_out: Any) -> Any:
        world.aws.meddler = None
        if call.operation == "Query":
            arrive(world, "2026-10-03")
        world.aws.meddler = open_and_close
        return carry_out()

    world.aws.meddler = open_and_close
    answer = world.view("usage/by-user", *view)
    world.aws.meddler = None
    assert answer["final"] is False
    assert world.view("usage/by-user", *view)["final"]


# ---------------------------------------------------------------------------- any order


class Months(RuleBasedStateMachine):
    """Usage of a month and its neighbours, on time and late; nights that do all or half of their work."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.world = self.stack.enter_context(statistics_world(self.stack.enter_context(pytest.MonkeyPatch.context())))

    @initialize()
    def begin_at_the_end_of_a_month(self) -> None:
        self.world.at("2026-10-30T12:00:00Z")

    @rule(date=st.sampled_from(["2026-09-30", "2026-10-01", "2026-10-02", "2026-10-30"]), n=st.integers(0, 2))
    def record(self, date: str, n: int) -> None:
        self.world.record(f"{date}T11:00:00Z", 1 + n, userId=f"u{n}", runId=f"{date}{n}", modelId=["m", "n"][n % 2])

    @rule()
    def deliver(self) -> None:
        self.world.deliver_all()

    @rule()
    def deliver_twice(self) -> None:
        for _ in range(2):
            assert not self.world.stream or self.world.deliver(reversed(self.world.stream))

    @precondition(lambda self: self.world.queue.messages)
    @rule(data=st.data(), again=st.booleans())
    def work(self, data: st.DataObject, *, again: bool) -> None:
        message = data.draw(st.sampled_from(self.world.queue.messages))
        assert self.world.work(self.world.message(message.slot) if again else message)

    @rule(month=st.sampled_from(["2026-09", "2026-10"]), number=st.integers(0, 25), after=st.booleans())
    def die(self, month: str, number: int, *, after: bool) -> None:
        self.world.kill_at(number, lambda: self.world.work(self.world.message(month)), after=after)

    @rule(hours=st.sampled_from([1, 24, 48]))
    def wait(self, hours: int) -> None:
        self.world.wait(hours=hours)

    @rule()
    def night(self) -> None:
        app_of("close_day").handler({}, Context(120))

    @rule(first=st.sampled_from(["2026-09-30", "2026-10-01"]), path=st.sampled_from(["service", "user", "model"]))
    def look(self, first: str, path: str) -> None:
        """Months and days say the same, in whatever state they are."""
        last = "2026-10-31"
        view = self.world.view(f"usage/by-{path}", first, last)
        days = self.world.daily(first, last, groupBy=path)
        assert shown(view["total"]) == added_up(view["items"]) == shown(days["total"])
        assert (view["final"], view["asOf"]) == (days["final"], days["asOf"])

    def teardown(self) -> None:
        try:
            for _ in range(2):
                self.world.settle()
                assert_views_equal_records(self.world, "2026-09-01", "2026-10-31")
                self.world.at("2026-12-01T00:30:00Z")
                night(self.world)
            assert self.world.to_sum() == []
        finally:
            self.stack.close()


TestMonths = Months.TestCase
TestMonths.settings = settings(
    max_examples=8, stateful_step_count=15, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)


@settings(max_examples=20)
@given(turns=st.lists(st.integers(0, 2), max_size=60))
def test_summings_and_closings_may_interleave_as_they_like(turns: list[int]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch, statistics_world(monkeypatch) as world:
        world.at("2026-11-02T00:30:00Z")
        use(world, DAYS[:2], users=1)

        month = world.message(OCTOBER)
        world.interleave(
            iter(turns), lambda: world.work(month), lambda: arrive(world, "2026-10-02"), lambda: world.work(month)
        )
        assert_users_are_right(world)
        world.settle()
        night(world)
        assert_users_are_right(world)
        assert rows_read(world) == {"month": 1}
