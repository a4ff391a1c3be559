"""Days close at 00:30, open again when usage comes late, and close again; what is final agrees with the records."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.statistics_world import StatisticsWorld, statistics_world
from tests.summing import shown, sums_of

YESTERDAY = "2026-11-23"
TODAY = "2026-11-24"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[StatisticsWorld]:
    """At half past midnight, when days are closed."""
    with statistics_world(monkeypatch) as made:
        made.at(f"{TODAY}T00:30:00Z")
        yield made


def used(world: StatisticsWorld, *tokens: int, date: str = YESTERDAY) -> None:
    """Usage of a day, recorded while the day lasted and rolled up."""
    now = world.clock.moment
    world.at(f"{date}T20:00:00Z")
    for amount in tokens:
        world.record(f"{date}T19:30:00Z", amount)
    world.settle()
    world.clock.moment = now


def close_all(world: StatisticsWorld) -> int:
    """A night's closing, to its end."""
    asked = world.ask_for_closing()
    world.settle()
    return asked


def metrics(printed: str) -> dict[str, int]:
    """The sum of every business metric that was written."""
    found: dict[str, int] = {}
    for line in printed.splitlines():
        document = json.loads(line)
        for metric in document.get("_aws", {"CloudWatchMetrics": [{"Metrics": []}]})["CloudWatchMetrics"][0]["Metrics"]:
            found[metric["Name"]] = found.get(metric["Name"], 0) + document[metric["Name"]]
    return found


# ---------------------------------------------------------------------------- the night


def test_a_day_with_usage_is_open_until_it_is_closed_and_then_final(world: StatisticsWorld) -> None:
    used(world, 5)
    assert (world.day(YESTERDAY)["final"], world.day(YESTERDAY)["records"]) == (False, 1)
    assert world.to_close() == [YESTERDAY]
    assert close_all(world) == 1
    day = world.day(YESTERDAY)
    assert (day["final"], day["records"], day["metrics"]) == (True, 1, {"inputTokens": "5"})
    assert day["asOf"] == "2026-11-24T00:31:00Z"
    assert world.to_close() == []


def test_the_closing_of_a_day_is_told_once_with_its_figures(world: StatisticsWorld) -> None:
    used(world, 5, 7)
    used(world, 1, date="2026-11-22")
    assert close_all(world) == 2
    assert close_all(world) == 0
    assert world.told() == [
        {
            "date": date,
            "revision": 1,
            "cost": {"amount": 0, "currency": "usd"},
            "costUsd": cost,
            "billed": {"amount": 0, "currency": "usd"},
            "billedUsd": cost,
            "records": records,
            "unrated": 0,
        }
        for date, cost, records in (("2026-11-22", "0.000000000003", 1), (YESTERDAY, "0.000000000036", 2))
    ]


def test_a_day_that_lasts_is_not_closed_and_cannot_be(world: StatisticsWorld) -> None:
    world.record(f"{TODAY}T00:10:00Z")
    world.settle()
    assert world.ask_for_closing() == 0
    assert not world.work(world.message(TODAY))
    assert (world.day(TODAY)["final"], world.to_close()) == (False, [TODAY])


@pytest.mark.parametrize(
    ("now", "final"),
    [
        ("2026-11-23T23:59:59.999999Z", False),
        ("2026-11-24T00:00:00Z", False),
        ("2026-11-24T00:29:59.999999Z", False),
        ("2026-11-24T00:30:00Z", True),
    ],
)
def test_a_day_without_usage_is_final_from_half_past_midnight(world: StatisticsWorld, now: str, *, final: bool) -> None:
    world.at(now)
    view = world.daily("2026-11-21", YESTERDAY)
    assert (view["final"], view["asOf"]) == (final, now)
    assert [item["records"] for item in view["items"]] == [0, 0, 0]
    assert not world.daily(YESTERDAY, TODAY)["final"]


def test_a_day_with_usage_is_not_final_at_half_past_midnight_however_late_its_rollup(world: StatisticsWorld) -> None:
    world.at(f"{YESTERDAY}T23:59:00Z")
    world.record(tokens=5)
    world.deliver_all()  # the stream has told of it, and the queue is stuck
    world.at(f"{TODAY}T00:45:00Z")
    assert (world.day(YESTERDAY)["final"], world.day(YESTERDAY)["records"]) == (False, 0)
    assert world.ask_for_closing() == 1
    world.settle()
    assert (world.day(YESTERDAY)["final"], world.day(YESTERDAY)["records"]) == (True, 1)
    assert world.to_close() == []


def test_that_a_day_is_to_be_closed_is_noted_once_a_process(world: StatisticsWorld) -> None:
    world.at(f"{TODAY}T10:00:00Z")

    def updates() -> int:
        world.record()
        before = len(world.aws.calls)
        world.deliver_all()
        return sum(call.operation == "UpdateItem" for call in world.aws.calls[before:])

    assert [updates(), updates()] == [1, 0]
    world.at("2026-11-25T10:00:00Z")
    world.record(f"{TODAY}T10:00:00Z")
    assert [updates(), updates()] == [2, 0]  # the day that is past by now, and the new one


def test_a_record_of_before_midnight_that_comes_after_it_is_in_the_day_that_closes(world: StatisticsWorld) -> None:
    used(world, 5)
    world.at(f"{TODAY}T00:10:00Z")
    world.record("2026-11-23T23:59:59.999999Z", 7)
    world.record("2026-11-24T00:00:00Z", 11)
    world.settle()
    assert not world.day(YESTERDAY)["final"]
    world.at(f"{TODAY}T00:30:00Z")
    close_all(world)
    assert (world.day(YESTERDAY)["final"], world.day(YESTERDAY)["metrics"]) == (True, {"inputTokens": "12"})
    assert world.day(TODAY)["metrics"] == {"inputTokens": "11"}
    assert [data["revision"] for data in world.told()] == [1]


def test_days_that_a_night_missed_are_closed_the_next(world: StatisticsWorld) -> None:
    used(world, 1, date="2026-11-20")
    used(world, 2, date="2026-11-21")
    used(world, 3)
    assert close_all(world) == 3
    assert world.daily("2026-11-20", YESTERDAY)["final"]


def test_a_day_that_never_had_usage_is_rolled_up_by_hand_and_nothing_is_told(world: StatisticsWorld) -> None:
    for slot in (f"{YESTERDAY}T03", YESTERDAY):
        assert world.work(world.message(slot))
    world.settle()
    assert (world.standing(YESTERDAY), world.to_close(), world.told()) == ({}, [], [])
    assert world.day(YESTERDAY)["final"]
    world.record(f"{TODAY}T00:10:00Z")
    world.settle()
    assert world.work(world.message(f"{TODAY}T03"))
    assert world.to_close() == [TODAY]


def test_a_closing_that_cannot_be_asked_for_leaves_the_day_to_the_next_night(world: StatisticsWorld) -> None:
    used(world, 5)
    assert not world.kill_at(0, lambda: None, after=False)
    assert world.kill_at(0, world.ask_for_closing, after=False)
    assert world.to_close() == [YESTERDAY]
    world.wait(days=1)
    assert close_all(world) == 1


# ---------------------------------------------------------------------------- late usage


def test_late_usage_opens_its_day_at_once_and_closes_it_with_the_next_revision(world: StatisticsWorld) -> None:
    used(world, 5)
    close_all(world)
    world.at("2026-12-20T12:00:00Z")
    world.record(f"{YESTERDAY}T03:00:00Z", 7)
    assert world.day(YESTERDAY)["final"]  # the stream has not told of it yet
    world.deliver_all()
    opened = world.day(YESTERDAY)
    assert (opened["final"], opened["metrics"]) == (False, {"inputTokens": "5"})
    world.settle()
    closed = world.day(YESTERDAY)
    assert (closed["final"], closed["metrics"]) == (True, {"inputTokens": "12"})
    assert closed["asOf"] == "2026-12-20T12:02:00Z"
    assert [(data["revision"], data["records"]) for data in world.told()] == [(1, 1), (2, 2)]
    assert world.to_close() == []


def test_late_usage_of_a_day_that_had_none_makes_its_first_revision(world: StatisticsWorld) -> None:
    assert world.day(YESTERDAY)["final"]
    world.record(f"{YESTERDAY}T03:00:00Z", 7)
    world.deliver_all()
    assert not world.day(YESTERDAY)["final"]
    world.settle()
    assert world.day(YESTERDAY)["final"]
    assert [(data["date"], data["revision"]) for data in world.told()] == [(YESTERDAY, 1)]


def test_a_day_reopened_makes_a_range_open_until_it_is_closed_again(world: StatisticsWorld) -> None:
    for date in ("2026-11-21", "2026-11-22", YESTERDAY):
        used(world, 5, date=date)
    close_all(world)
    assert world.daily("2026-11-20", YESTERDAY)["final"]
    world.record("2026-11-22T03:00:00Z", 7)
    world.deliver_all()
    view = world.daily("2026-11-20", YESTERDAY)
    assert (view["final"], [item["records"] for item in view["items"]]) == (False, [0, 1, 1, 1])
    world.settle()
    view = world.daily("2026-11-20", YESTERDAY)
    assert (view["final"], [item["records"] for item in view["items"]]) == (True, [0, 1, 2, 1])


def test_a_record_of_a_closed_day_that_is_taken_back_opens_it_and_leaves_nothing_but_its_revision(
    world: StatisticsWorld,
) -> None:
    used(world, 5)
    close_all(world)
    [record] = world.records(YESTERDAY, YESTERDAY)
    path, body = {"recordId": record["recordId"]}, {"reason": "sent by mistake"}
    for status in (201, 200):
        assert world.call("POST /v1/usage/records/{recordId}/void", path=path, body=body).status == status
    world.deliver_all()
    assert not world.day(YESTERDAY)["final"]
    world.settle()
    day = world.day(YESTERDAY)
    assert (day["final"], day["records"], day["costUsd"], day["metrics"]) == (True, 0, "0", {"inputTokens": "0"})
    assert [(data["revision"], data["records"], data["costUsd"]) for data in world.told()] == [
        (1, 1, "0.000000000015"),
        (2, 0, "0"),
    ]


def test_a_message_that_comes_twice_closes_no_day_anew(world: StatisticsWorld) -> None:
    used(world, 5)
    close_all(world)
    before = world.standing(YESTERDAY)
    world.wait(days=3)
    for slot in (YESTERDAY, f"{YESTERDAY}T19", YESTERDAY):
        assert world.work(world.message(slot))
        world.settle()
    assert world.standing(YESTERDAY)["revision"] == before["revision"] == {"N": "1"}
    assert len(world.told()) == 1
    assert close_all(world) == 0


def test_a_final_day_that_is_listed_as_open_is_taken_off_the_list(world: StatisticsWorld) -> None:
    used(world, 5)
    [listed] = [item for item in world.aws.items("DailyStats") if item["dimension"]["S"].startswith("open#")]
    close_all(world)
    world.aws.put("DailyStats", listed)
    assert close_all(world) == 1
    assert (world.to_close(), len(world.told())) == ([], 1)


# ---------------------------------------------------------------------------- drift


def tamper(world: StatisticsWorld, group: str, hour: str, figures: dict[str, str]) -> None:
    """Overwrites figures of an hour's group, `dimension#value`."""
    dimension, _, value = group.partition("#")
    item = world.aws.item("DailyStats", dimension=f"prj_one#hour#{dimension}", entry=f"{hour}#{value}")
    assert item
    world.aws.put("DailyStats", {**item, **{name: {"N": number} for name, number in figures.items()}})


def test_nothing_drifts_by_itself(world: StatisticsWorld, capsys: pytest.CaptureFixture[str]) -> None:
    used(world, 5)
    close_all(world)
    world.wait(hours=1)
    world.record(f"{YESTERDAY}T03:00:00Z", 7)
    world.settle()
    world.wait(hours=1)
    close_all(world)
    counted = metrics(capsys.readouterr().out)
    assert counted["DayClosed"] == 2
    assert not {name for name in counted if name.startswith("Drift")}


@pytest.mark.parametrize(
    ("group", "figures", "drift"),
    [
        ("total#", {"cost": "20"}, {"DriftedFigures": 1, "DriftPicoUsd": 5}),
        ("total#", {"cost": "10"}, {"DriftedFigures": 1, "DriftPicoUsd": 5}),
        ("service#codex", {"cost": "0"}, {"DriftedFigures": 1, "DriftPicoUsd": 15}),
        ("model#", {"records": "2"}, {"DriftedFigures": 1}),
        ("user#", {"billed": "0"}, {"DriftedFigures": 1}),
    ],
)
def test_an_hour_that_was_tampered_with_is_drift_and_is_mended(
    world: StatisticsWorld,
    capsys: pytest.CaptureFixture[str],
    group: str,
    figures: dict[str, str],
    drift: dict[str, int],
) -> None:
    used(world, 5)
    tamper(world, group, f"{YESTERDAY}T19", figures)
    close_all(world)
    counted = metrics(capsys.readouterr().out)
    assert {name: value for name, value in counted.items() if name.startswith("Drift")} == drift
    assert counted["DayClosed"] == 1
    for group_by in ("service", "model", "user"):
        for granularity in ("day", "hour"):
            view = world.daily(YESTERDAY, YESTERDAY, groupBy=group_by, granularity=granularity)
            assert view["final"]
            total = view["total"]
            assert total["costUsd"] == total["billedUsd"] == "0.000000000015"
            assert total["records"] == 1


def test_an_hour_that_nobody_asked_to_sum_is_drift_and_is_mended(
    world: StatisticsWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    used(world, 5)
    world.record(f"{YESTERDAY}T21:00:00Z", 7)
    world.stream.clear()  # the stream lost it
    close_all(world)
    assert metrics(capsys.readouterr().out)["DriftPicoUsd"] == 21
    hours = world.daily(YESTERDAY, YESTERDAY, granularity="hour")["items"]
    assert {item["hour"]: item["metrics"] for item in hours if item["records"]} == {
        f"{YESTERDAY}T19:00:00Z": {"inputTokens": "5"},
        f"{YESTERDAY}T21:00:00Z": {"inputTokens": "7"},
    }
    assert world.day(YESTERDAY)["metrics"] == {"inputTokens": "12"}


def test_a_day_is_not_closed_while_hours_of_it_wait_for_their_rollup_and_that_is_no_drift(
    world: StatisticsWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    used(world, 5)
    world.record(f"{YESTERDAY}T21:00:00Z", 7)
    world.deliver_all()
    world.close()
    assert (world.day(YESTERDAY)["final"], world.told(), world.to_close()) == (False, [], [YESTERDAY])
    world.settle()
    assert world.day(YESTERDAY)["final"]
    assert [(data["revision"], data["records"]) for data in world.told()] == [(1, 2)]
    assert "DriftedFigures" not in metrics(capsys.readouterr().out)


def test_a_day_whose_hours_rollup_never_came_is_closed_once_it_has_rested_for_half_an_hour(
    world: StatisticsWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    used(world, 5)
    world.record(f"{YESTERDAY}T21:00:00Z", 7)
    world.deliver_all()
    world.queue.messages.clear()  # they failed too often
    world.wait(minutes=29, seconds=59)
    world.close()
    assert not world.day(YESTERDAY)["final"]
    world.wait(seconds=1)
    world.close()
    assert world.day(YESTERDAY)["final"]
    assert metrics(capsys.readouterr().out)["DriftPicoUsd"] == 21
    assert_hours_add_up(world)


def test_each_hour_of_a_back_fill_is_right_when_its_day_is_final(world: StatisticsWorld) -> None:
    world.record_all([world.event(f"{YESTERDAY}T{hour:02d}:00:00Z", hour) for hour in range(24)])
    world.deliver_all()
    while world.queue.messages:
        assert world.work(min(world.queue.messages, key=lambda message: message.visible))
        if world.day(YESTERDAY)["final"]:
            assert_hours_add_up(world)
    assert world.day(YESTERDAY)["final"]
    assert [data["revision"] for data in world.told()] == [1]


def assert_hours_add_up(world: StatisticsWorld) -> None:
    """The hours of the day are those of its records."""
    hours = world.daily(YESTERDAY, YESTERDAY, granularity="hour")
    for item in hours["items"]:
        of_hour = [one for one in world.records(YESTERDAY, YESTERDAY) if one["occurredAt"][:13] == item["hour"][:13]]
        assert shown(item) == sums_of(of_hour)


def test_an_hour_that_takes_long_asks_for_the_closing_that_did_not_wait_for_it(world: StatisticsWorld) -> None:
    world.at(f"{TODAY}T12:00:00Z")
    world.record(f"{YESTERDAY}T20:00:00Z", 5)
    world.record(f"{YESTERDAY}T21:00:00Z", 7)
    world.deliver_all()
    slow, quick = world.queue.messages

    def meanwhile() -> None:
        assert world.work(quick)
        [day] = [message for message in world.queue.messages if message.slot == YESTERDAY]
        assert world.work(day)
        assert not world.day(YESTERDAY)["final"]

    with world.at_call(2, meanwhile):
        assert world.work(slow)
    assert not world.day(YESTERDAY)["final"]
    world.settle()
    assert world.day(YESTERDAY)["final"]


# ---------------------------------------------------------------------------- at once


@pytest.mark.parametrize("before", ["open", "closed"])
@pytest.mark.parametrize("told", ["at once", "later"])
def test_a_record_that_arrives_at_any_call_of_a_closing_is_in_what_is_final(
    monkeypatch: pytest.MonkeyPatch, told: str, before: str
) -> None:
    for number in count():
        with statistics_world(monkeypatch) as world:
            world.at(f"{TODAY}T00:30:00Z")
            used(world, 5)
            if before == "closed":
                world.close()

            def arrive(world: StatisticsWorld = world) -> None:
                world.record(f"{YESTERDAY}T21:00:00Z", 7)
                if told == "at once":
                    world.deliver_all()

            with world.at_call(number, arrive) as operations:
                world.close()
            if len(operations) <= number:
                break
            day = world.day(YESTERDAY)
            assert not (told == "at once" and day["final"] and day["records"] < 2)
            assert world.to_close() == ([] if day["final"] else [YESTERDAY])
            world.settle()
            assert_closed_with_both(world)
    assert number > 10


def assert_closed_with_both(world: StatisticsWorld) -> None:
    day, revisions = world.day(YESTERDAY), world.told()
    assert (day["final"], day["metrics"]) == (True, {"inputTokens": "12"})
    assert [data["revision"] for data in revisions] == list(range(1, len(revisions) + 1))
    assert revisions[-1]["records"] == 2
    assert world.to_close() == []


@pytest.mark.parametrize("after", [False, True])
def test_a_closing_that_dies_at_any_of_its_calls_closes_once_when_it_comes_again(
    monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    for number in count():
        with statistics_world(monkeypatch) as world:
            world.at(f"{TODAY}T00:30:00Z")
            used(world, 5)
            died = world.kill_at(number, world.close, after=after)
            day = world.day(YESTERDAY)
            assert day["metrics"] == {"inputTokens": "5"}
            world.close()
            assert world.day(YESTERDAY)["final"]
            assert [data["revision"] for data in world.told()] == [1]
            assert world.to_close() == []
            if not died:
                break
    assert number > 10


def test_a_closing_whose_answer_is_lost_counts_once(world: StatisticsWorld) -> None:
    used(world, 5)
    lost: list[str] = []

    def lose_the_answer(call: Any, carry_out: Any) -> Any:
        reply = carry_out()
        if call.operation == "TransactWriteItems" and not lost:
            lost.append(call.operation)
            return reply._replace(status=500, body={"__type": "InternalServerError"})
        return reply

    world.aws.meddler = lose_the_answer
    world.close()
    world.aws.meddler = None
    assert lost
    assert [data["revision"] for data in world.told()] == [1]
    assert world.day(YESTERDAY)["final"]


@settings(max_examples=25)
@given(turns=st.lists(st.integers(0, 2), max_size=80))
def test_closings_rollups_and_late_records_may_interleave_as_they_like(turns: list[int]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch, statistics_world(monkeypatch) as world:
        world.at(f"{TODAY}T00:30:00Z")
        used(world, 5)

        def arrive() -> None:
            world.record(f"{YESTERDAY}T21:00:00Z", 7, modelId="late")
            world.deliver_all()
            assert world.work(world.message(f"{YESTERDAY}T21"))

        world.interleave(iter(turns), world.close, arrive, world.close)
        assert_final_is_right(world)
        world.settle()
        assert_closed_with_both(world)


def assert_final_is_right(world: StatisticsWorld) -> None:
    day = world.day(YESTERDAY)
    if day["final"]:
        items = world.view("usage/by-model", YESTERDAY, YESTERDAY)["items"]
        assert {item["key"]: item["metrics"]["inputTokens"] for item in items} == {"late": "7", None: "5"}
