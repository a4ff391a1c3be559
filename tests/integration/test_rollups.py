"""From the stream to the views: equal to the records whatever is late, lost, doubled, killed or done at once."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from metering.aws.account_items import project_to_item
from metering.domain.accounts import Project
from metering.domain.usage import record_id_of
from tests.emulated_aws import Item
from tests.statistics_world import VIEWS, StatisticsWorld, statistics_world
from tests.summing import DIMENSIONS, added_up, groups_of, shown, shown_groups, sums_of

VOID = "POST /v1/usage/records/{recordId}/void"
HOUR = "2026-11-24T09"
TODAY = "2026-11-24"
DAYS = ("2026-11-22", TODAY)
INSTANTS = (
    "2026-11-22T00:00:00Z",
    "2026-11-22T23:59:59.999999Z",
    "2026-11-23T00:00:00Z",
    "2026-11-23T11:59:59.999999Z",
    "2026-11-23T12:00:00Z",
    "2026-11-23T23:59:59.999999Z",
    "2026-11-24T00:00:00Z",
    "2026-11-24T09:59:59.999999Z",
    "2026-11-24T10:00:00Z",
)
some = st.none() | st.sampled_from(["a", "b#"])
events = st.fixed_dictionaries(
    {
        "occurred_at": st.sampled_from(INSTANTS),
        "service": st.sampled_from(["codex", "claude_code", "other"]),
        "usage": st.dictionaries(
            st.sampled_from(["inputTokens", "runs", "vcpuSeconds", "storageGbHours"]),
            st.integers(0, 5) | st.sampled_from(["0.000000000001", "1.5"]),
            min_size=1,
        ),
    },
    optional={
        "modelId": st.sampled_from(["m", "openai/m"]),
        "userId": some,
        "toolId": some,
        "personaId": some,
        "stepType": some,
        "runId": some,
    },
)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[StatisticsWorld]:
    with statistics_world(monkeypatch) as made:
        yield made


def assert_views_equal_records(world: StatisticsWorld, first: str, last: str) -> None:
    """Every view, day by day and hour by hour, against plain sums over the records."""
    records = world.records(first, last)
    total = sums_of(records)
    for dimension in DIMENSIONS:
        view = world.view(f"usage/{VIEWS[dimension]}", first, last)
        assert shown_groups(view["items"]) == groups_of(records, dimension)
        assert shown(view["total"]) == added_up(view["items"]) == total
    for dimension in (None, *DIMENSIONS):
        for granularity, digits in (("day", 10), ("hour", 13)):
            query = {"granularity": granularity, **({"groupBy": dimension} if dimension else {})}
            view = world.daily(first, last, **query)
            assert shown(view["total"]) == added_up(view["items"]) == total
            for item in view["items"]:
                start = item.get("hour", item["date"])[:digits]
                of_slot = [record for record in records if record["occurredAt"].startswith(start)]
                assert shown(item) == sums_of(of_slot)
                if dimension:
                    assert shown_groups(item["groups"]) == groups_of(of_slot, dimension)


# ---------------------------------------------------------------------------- any order


class Deliveries(RuleBasedStateMachine):
    """Whatever may become of the stream's batches and the queue's messages, but that they come in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.world = self.stack.enter_context(statistics_world(self.stack.enter_context(pytest.MonkeyPatch.context())))
        self.images: list[Item] = []
        """Those that were delivered at least once."""
        self.keys: list[str] = []
        """The idempotency keys of what was recorded."""

    @initialize()
    def begin_in_the_evening(self) -> None:
        self.world.at("2026-11-24T22:00:00Z")

    @rule(made=st.lists(events, min_size=1, max_size=4))
    def record(self, made: list[dict[str, Any]]) -> None:
        events = [self.world.event(**event) for event in made]
        self.world.record_all(events)
        self.keys += [event["idempotencyKey"] for event in events]

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        """A record is taken back, perhaps once more."""
        path = {"recordId": record_id_of(data.draw(st.sampled_from(self.keys)))}
        answer = self.world.call(VOID, path=path, body={"reason": "sent by mistake"})
        assert answer.status in {200, 201}, answer.body

    @precondition(lambda self: self.world.stream)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        """Some of what waits, in any order, and some of what was delivered before."""
        batch = self._batch(data)
        assert self.world.deliver(batch)
        self._delivered(batch)

    def _batch(self, data: st.DataObject) -> list[Item]:
        taken = data.draw(st.lists(st.sampled_from(self.world.stream), min_size=1, max_size=5, unique_by=id))
        return taken + (data.draw(st.lists(st.sampled_from(self.images), max_size=2)) if self.images else [])

    def _delivered(self, batch: list[Item]) -> None:
        taken = {id(image) for image in batch}
        self.images += [image for image in self.world.stream if id(image) in taken]
        self.world.stream[:] = [image for image in self.world.stream if id(image) not in taken]

    @precondition(lambda self: self.world.stream)
    @rule(data=st.data(), number=st.integers(0, 6), after=st.booleans())
    def lose(self, data: st.DataObject, number: int, *, after: bool) -> None:
        """The function dies on a batch, which therefore comes again."""
        batch = self._batch(data)
        if not self.world.kill_at(number, lambda: self.world.deliver(batch), after=after):
            self._delivered(batch)

    @precondition(lambda self: self.world.queue.messages)
    @rule(data=st.data(), again=st.booleans())
    def work(self, data: st.DataObject, *, again: bool) -> None:
        message = data.draw(st.sampled_from(self.world.queue.messages))
        if again:  # the queue brings it twice
            message = self.world.message(message.slot)
        assert self.world.work(message)

    @precondition(lambda self: self.world.queue.messages)
    @rule(data=st.data(), number=st.integers(0, 30), after=st.booleans())
    def die(self, data: st.DataObject, number: int, *, after: bool) -> None:
        """The function dies on a message, which therefore comes again."""
        message = data.draw(st.sampled_from(self.world.queue.messages))
        self.world.kill_at(number, lambda: self.world.work(message), after=after)

    @rule(minutes=st.sampled_from([0.5, 5, 40, 120]))
    def wait(self, minutes: float) -> None:
        self.world.wait(minutes=minutes)

    @rule()
    def close(self) -> None:
        self.world.ask_for_closing()

    @rule(date=st.sampled_from(["2026-11-22", "2026-11-23", TODAY]))
    def look(self, date: str) -> None:
        """A final day has all that the stream has told of."""
        day = self.world.day(date)
        told, untold = (
            [image for image in images if image["day"]["S"].split("#")[1] == date]
            for images in (self.images, self.world.stream)
        )
        assert 0 <= day["records"] <= len(self.keys)
        if day["final"] and not any("kind" in image for image in untold):
            assert day["records"] >= sum(-1 if "kind" in image else 1 for image in told)

    def teardown(self) -> None:
        try:
            self._come_to_an_end()
        finally:
            self.stack.close()

    def _come_to_an_end(self) -> None:
        self.world.settle()
        assert_views_equal_records(self.world, *DAYS)
        self.world.at("2026-11-30T00:30:00Z")
        self.world.ask_for_closing()
        self.world.settle()
        assert_views_equal_records(self.world, *DAYS)
        assert self.world.daily(*DAYS)["final"]
        assert self.world.to_close() == []
        self._assert_the_last_revision_is_right()

    def _assert_the_last_revision_is_right(self) -> None:
        told = self.world.told()
        for date in ("2026-11-22", "2026-11-23", TODAY):
            of_day = [data for data in told if data["date"] == date]
            assert [data["revision"] for data in of_day] == list(range(1, len(of_day) + 1))
            records = self.world.records(date, date)
            assert bool(of_day) == bool(records)
            if of_day:
                names = ("cost", "costUsd", "billed", "billedUsd", "records", "unrated")
                assert {name: of_day[-1][name] for name in names} == {
                    name: self.world.day(date)[name] for name in names
                }


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(
    max_examples=9, stateful_step_count=15, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)


def test_the_same_batch_delivered_ten_times_counts_once(world: StatisticsWorld) -> None:
    world.record("2026-11-24T09:00:00Z", 5)
    for _ in range(10):
        assert world.deliver(world.stream)
        world.wait(minutes=7)
        world.settle()
    assert world.day(TODAY)["metrics"] == {"inputTokens": "5"}


def test_usage_of_one_slot_of_time_is_one_message_and_of_the_next_another(world: StatisticsWorld) -> None:
    world.at("2026-11-24T10:00:00Z")
    for _ in range(3):
        world.record("2026-11-24T09:00:00Z")
        world.deliver_all()
        world.wait(seconds=15)
    assert [message.slot for message in world.queue.messages] == [HOUR]
    world.wait(seconds=5)
    world.record("2026-11-24T09:00:00Z")
    world.deliver_all()
    assert [message.slot for message in world.queue.messages] == [HOUR] * 2


def test_a_message_comes_well_after_the_last_record_that_it_stands_for(world: StatisticsWorld) -> None:
    world.at("2026-11-24T10:00:00Z")  # a slot begins
    world.record("2026-11-24T09:00:00Z")
    world.deliver_all()
    [message] = world.queue.messages
    world.at("2026-11-24T10:00:49.999999Z")  # and ends
    world.record("2026-11-24T09:00:00Z")
    world.deliver_all()
    assert world.queue.messages == [message]
    assert (message.visible - world.clock.moment).total_seconds() > 10


def test_a_batch_of_many_hours_and_projects_asks_for_each_once(world: StatisticsWorld) -> None:
    world.record_all(
        [world.event(f"2026-11-{day:02d}T{hour:02d}:30:00Z") for day in (20, 21) for hour in range(24)] * 1
    )
    images = [*world.stream, *world.stream]
    assert world.deliver(reversed(images))
    assert sorted(message.slot for message in world.queue.messages) == [
        f"2026-11-{day}T{hour:02d}" for day in (20, 21) for hour in range(24)
    ]


def test_a_queue_that_takes_nothing_makes_the_batch_come_again(world: StatisticsWorld) -> None:
    world.record("2026-11-24T09:00:00Z")
    world.aws.meddler = lambda call, carry_out: (
        carry_out() if call.service != "sqs" else carry_out()._replace(body=_all_failed(call.parameters["Entries"]))
    )
    assert not world.deliver(world.stream)
    world.aws.meddler = None
    world.queue.messages.clear()
    world.wait(minutes=1)
    world.settle()
    assert world.day(TODAY)["records"] == 1


def _all_failed(entries: list[dict[str, Any]]) -> dict[str, Any]:
    failed = [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in entries]
    return {"Successful": [], "Failed": failed}


# ---------------------------------------------------------------------------- at once


def test_an_hour_is_right_though_another_rollup_of_it_runs_at_any_of_its_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in count():
        with statistics_world(monkeypatch) as world:
            world.record("2026-11-24T09:00:00Z", 5)

            def roll_up_more(world: StatisticsWorld = world) -> None:
                world.record("2026-11-24T09:30:00Z", 7)
                assert world.work(world.message(HOUR))

            with world.at_call(number, roll_up_more) as operations:
                assert world.work(world.message(HOUR))
            if len(operations) <= number:
                break
            assert world.day(TODAY)["metrics"] == {"inputTokens": "12"}
    assert number > 5


@settings(max_examples=60)
@given(turns=st.lists(st.integers(0, 2), max_size=60))
def test_an_hour_is_right_however_three_rollups_of_it_interleave(turns: list[int]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch, statistics_world(monkeypatch) as world:

        def record_and_roll_up() -> None:
            world.record("2026-11-24T09:30:00Z", 7, modelId="late")
            assert world.work(world.message(HOUR))

        world.record("2026-11-24T09:00:00Z", 5, modelId="early")
        roll_up = world.message(HOUR)
        world.interleave(iter(turns), lambda: world.work(roll_up), record_and_roll_up, lambda: world.work(roll_up))
        items = world.view("usage/by-model", TODAY, TODAY)["items"]
        assert {item["key"]: item["metrics"] for item in items} == {
            "early": {"inputTokens": "5"},
            "late": {"inputTokens": "7"},
        }


@pytest.mark.parametrize("after", [False, True])
def test_a_rollup_that_dies_at_any_of_its_calls_leaves_nothing_wrong_once_it_comes_again(
    monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    for number in count():
        with statistics_world(monkeypatch) as world:
            world.record("2026-11-24T09:00:00Z", 5)
            world.deliver_all()
            [message] = world.queue.messages
            died = world.kill_at(number, lambda message=message: world.work(message), after=after)  # at once
            world.settle()
            assert world.day(TODAY)["metrics"] == {"inputTokens": "5"}
            assert not world.queue.messages
            if not died:
                break
    assert number > 5


def test_a_record_that_arrives_at_any_call_of_a_rollup_is_counted_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in count():
        with statistics_world(monkeypatch) as world:
            world.record("2026-11-24T09:00:00Z", 5)
            world.deliver_all()
            [message] = world.queue.messages
            world.wait(minutes=1)
            with world.at_call(number, lambda world=world: world.record("2026-11-24T09:30:00Z", 7)) as operations:
                assert world.work(message)
            if len(operations) <= number:
                break
            assert world.day(TODAY)["metrics"]["inputTokens"] in {"5", "12"}
            world.settle()
            assert world.day(TODAY)["metrics"] == {"inputTokens": "12"}
    assert number > 5


def test_rollups_that_get_in_each_others_way_for_ever_give_up_and_come_again(world: StatisticsWorld) -> None:
    world.record("2026-11-24T09:00:00Z", 5)
    world.deliver_all()
    [message] = world.queue.messages

    def take_a_version(call: Any, carry_out: Any) -> Any:
        if call.operation == "GetItem" and call.parameters["TableName"] == "DailyStats":
            world.wait(seconds=60)
            version = world.aws.item("DailyStats", dimension="prj_one#hours", entry=HOUR)
            assert version
            world.aws.put("DailyStats", {**version, "version": {"N": str(int(version["version"]["N"]) + 1)}})
        return carry_out()

    world.aws.meddler = take_a_version
    assert not world.work(message)
    world.aws.meddler = None
    assert world.queue.messages == [message]
    world.settle()
    assert world.day(TODAY)["records"] == 1


def test_what_batch_write_leaves_unwritten_is_written_again(world: StatisticsWorld) -> None:
    world.record("2026-11-24T09:00:00Z", 5)
    refused = 0

    def write_only_one(call: Any, carry_out: Any) -> Any:
        nonlocal refused
        if call.operation != "BatchWriteItem":
            return carry_out()
        [(table, requests)] = call.parameters["RequestItems"].items()
        call.parameters["RequestItems"] = {table: requests[:1]}
        reply = carry_out()
        refused += len(requests) - 1
        return reply._replace(body={**reply.body, "UnprocessedItems": {table: requests[1:]} if requests[1:] else {}})

    world.aws.meddler = write_only_one
    world.settle()
    world.aws.meddler = None
    assert refused
    assert_views_equal_records(world, TODAY, TODAY)


def test_an_hour_is_summed_over_all_shards_that_its_records_lie_in(world: StatisticsWorld) -> None:
    account = project_to_item(Project("prj_one", "One", "managed", "2026-01-01T00:00:00.000000Z", 4))
    world.aws.put("Accounts", account)
    world.api.shards = 4
    world.record_all([world.event("2026-11-24T09:00:00Z") for _ in range(40)])
    assert len({image["day"]["S"] for image in world.stream}) == 4
    world.settle()
    assert world.day(TODAY)["records"] == 40
