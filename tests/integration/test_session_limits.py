"""Limits of sessions: what passes them, what is told of it, in which period it counts, how they change."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.emulated_aws import Call, Reply
from tests.integration.api import RECORD
from tests.session_world import SessionWorld, cents, session_world


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionWorld]:
    with session_world(monkeypatch) as world:
        yield world


def minute(count: int = 1) -> dict[str, int]:
    """Usage of so many minutes of compute, which cost nothing."""
    return {"sandboxSeconds": 60 * count}


# ---------------------------------------------------------------------------- passing a limit


def test_exactly_at_the_limit_is_within_and_more_is_over(world: SessionWorld) -> None:
    world.create(maxCost=cents(5), thresholds=[])
    assert world.record(cost=5).body["session"] == {"sessionId": "ses_1", "status": "active", "breached": []}
    assert world.record(cost=1).body["session"] == {"sessionId": "ses_1", "status": "paused", "breached": ["maxCost"]}
    assert world.usage()["cost"]["amount"] == 6


def test_a_retry_of_what_passed_the_limit_says_so_again(world: SessionWorld) -> None:
    world.create(maxCost=cents(5))
    event = world.event(cost=6)
    first = world.call("POST /v1/callbacks/usage.computeCostAndRecord", body=event)
    world.patch(maxCost=cents(10))
    world.resume()
    again = world.call("POST /v1/callbacks/usage.computeCostAndRecord", body=event)
    assert again.body == {**first.body, "status": "duplicate"}


@pytest.mark.parametrize(
    ("limits", "usage", "dimension"),
    [
        ({"maxCost": cents(1)}, {"inputTokens": 1}, "maxCost"),
        ({"maxComputeMinutes": 1}, minute(), "maxComputeMinutes"),
        ({"maxModelCalls": 1}, {"inputTokens": 1}, "maxModelCalls"),
    ],
)
def test_every_counted_limit_is_passed_by_one_more(
    world: SessionWorld, limits: dict[str, Any], usage: dict[str, int], dimension: str
) -> None:
    world.create(thresholds=[], **limits)
    assert world.record(usage=usage).body["session"]["status"] == "active"
    assert world.record(usage=usage).body["session"]["breached"] == [dimension]
    assert world.told() == [f"session.limit_reached {dimension}", "session.paused"]


def test_what_passes_several_limits_tells_of_each(world: SessionWorld) -> None:
    world.create(maxCost=cents(1), maxComputeMinutes=1, maxModelCalls=0, thresholds=[])
    answer = world.record(usage={"inputTokens": 2, **minute(2)})
    assert answer.body["session"]["breached"] == ["maxComputeMinutes", "maxCost", "maxModelCalls"]
    assert len(world.told("session.limit_reached")) == 3
    assert world.told("session.paused") == ["session.paused"]


def test_the_event_has_the_figures_of_that_moment(world: SessionWorld) -> None:
    world.create(user="ada", maxCost=cents(5, "day"), thresholds=[])
    world.record(cost=4)
    world.record(cost=3)
    world.record(cost=10)
    [data] = [data for kind, data in world.events() if kind == "session.limit_reached"]
    assert data == {
        "sessionId": "ses_1",
        "userId": "ada",
        "dimension": "maxCost",
        "limit": {"amount": 5, "currency": "usd"},
        "limitUsd": "0.05",
        "used": {"amount": 7, "currency": "usd"},
        "usedUsd": "0.07",
        "period": "day",
        "at": "2026-11-24T10:00:00.123456Z",
    }


def test_a_pause_tells_what_caused_it_and_every_event_of_a_session_has_the_same_fields(world: SessionWorld) -> None:
    world.create(user="ada", maxCost=cents(5, "day"), thresholds=[])
    world.record(cost=7)
    world.patch(maxCost=cents(8, "week"))
    world.resume()
    world.pause(reason="lunch")
    told = [(kind, data) for kind, data in world.events() if kind != "session.limit_reached"]
    whose = {"sessionId": "ses_1", "userId": "ada", "at": "2026-11-24T10:00:00.123456Z"}
    nothing = {"dimension": None, "limit": None, "used": None, "period": None}
    figures = {
        "dimension": "maxCost",
        "limit": {"amount": 5, "currency": "usd"},
        "limitUsd": "0.05",
        "used": {"amount": 7, "currency": "usd"},
        "usedUsd": "0.07",
        "period": "day",
    }
    wanted = [
        ("session.paused", {**whose, **figures, "reason": "limit_reached"}),
        ("session.paused", {**whose, **nothing, "reason": "lunch"}),
        ("session.resumed", {**whose, **nothing}),
    ]
    assert sorted(told, key=str) == sorted(wanted, key=str)


def test_a_limit_that_is_passed_as_its_period_changes_is_told_with_the_new_period(world: SessionWorld) -> None:
    world.create(maxCost=cents(100, "total"), thresholds=[])
    world.record(cost=60)
    world.patch(maxCost=cents(50, "month"))
    periods = [data["period"] for kind, data in world.events() if kind == "session.limit_reached"]
    assert periods == ["month"]


def test_usage_goes_on_and_nothing_is_told_twice(world: SessionWorld) -> None:
    world.create(maxCost=cents(1), thresholds=[])
    for _ in range(5):
        assert world.record(cost=2).status == 201
    assert world.told() == ["session.limit_reached maxCost", "session.paused"]
    assert world.usage()["cost"]["amount"] == 10


def test_a_batch_that_passes_the_limit_tells_of_it_once(world: SessionWorld) -> None:
    world.create(maxCost=cents(10), thresholds=[50])
    answer = world.batch(*(world.event(cost=1) for _ in range(40)))
    assert (answer.body["recorded"], answer.body["errors"]) == (40, 0)
    assert world.told() == [
        "session.limit_reached maxCost",
        "session.paused",
        "session.threshold_reached maxCost 50",
    ]
    assert (world.usage()["cost"]["amount"], world.usage()["records"]) == (40, 40)


@contextmanager
def transactions(world: SessionWorld) -> Iterator[list[int]]:
    """How many items each transaction had that was written or refused meanwhile."""
    sizes: list[int] = []

    def watch(call: Call, _: Reply) -> None:
        if call.operation == "TransactWriteItems":
            sizes.append(len(call.parameters["TransactItems"]))

    world.aws.watchers.append(watch)
    yield sizes
    world.aws.watchers.remove(watch)


def test_a_batch_of_a_paused_session_is_recorded_together(world: SessionWorld) -> None:
    world.create(maxCost=cents(1), thresholds=[])
    first = world.event(cost=2)
    world.batch(first)
    events = [world.event(cost=1) for _ in range(98)]
    with transactions(world) as sizes:
        answer = world.batch(first, {**first, "userId": "another"}, *events)
    assert [answer.body[count] for count in ("recorded", "duplicates", "errors")] == [98, 1, 1]
    assert len(sizes) <= 4
    assert (world.usage()["cost"]["amount"], world.usage()["records"]) == (100, 99)
    assert world.call(RECORD, body=events[7]).body["session"] == {
        "sessionId": "ses_1",
        "status": "paused",
        "breached": ["maxCost"],
    }
    assert world.told() == ["session.limit_reached maxCost", "session.paused"]


def test_only_what_makes_something_happen_is_recorded_alone(world: SessionWorld) -> None:
    world.create(maxCost=cents(60), thresholds=[50])
    events = [world.event(cost=1) for _ in range(90)]
    with transactions(world) as sizes:
        assert world.batch(*events).body["recorded"] == 90
    assert len(sizes) <= 20
    statuses = [world.call(RECORD, body=event).body["session"]["status"] for event in events]
    assert statuses == ["active"] * 60 + ["paused"] * 30
    assert world.told() == [
        "session.limit_reached maxCost",
        "session.paused",
        "session.threshold_reached maxCost 50",
    ]
    assert world.usage()["cost"]["amount"] == 90


def test_a_batch_of_usage_from_before_the_window_is_recorded_together(world: SessionWorld) -> None:
    world.create(maxCost=cents(100, "hour"), maxModelCalls=1000)
    earlier = [world.event(cost=1, occurredAt="2026-11-24T08:59:59Z") for _ in range(40)]
    mixed = [event for old in earlier for event in (old, world.event(cost=2))]
    with transactions(world) as sizes:
        assert world.batch(*mixed).body["recorded"] == 80
    assert len(sizes) <= 12
    assert (world.usage()["cost"]["amount"], world.usage()["records"]) == (120, 80)
    assert world.limits()["maxCost"]["used"]["amount"] == 80


def test_usage_without_a_rate_pauses_once_and_the_rest_of_the_batch_goes_on_together(world: SessionWorld) -> None:
    world.create(maxCost=cents(100))
    with transactions(world) as sizes:
        answer = world.batch(*(world.event(usage={"mysteries": 1}) for _ in range(90)))
    assert answer.body["recorded"] == 90
    assert len(sizes) <= 6
    assert world.usage()["unrated"] == 90
    assert world.told() == ["session.limit_reached unrated", "session.paused"]


@pytest.mark.parametrize("scope", ["user:user_1", "run:r1", "project"])
def test_a_batch_that_counts_towards_budgets_is_recorded_together_as_well(world: SessionWorld, scope: str) -> None:
    """Usage of a month that is past, and of a session that is paused; a project's budget is split over items."""
    world.create(maxCost=cents(1), thresholds=[])
    assert world.put_budget(scope, maxCost=cents(100, "month")).status == 201
    world.record(cost=2, runId="r1")
    past = [world.event(cost=1, runId="r1", occurredAt="2026-10-01T00:00:00Z") for _ in range(60)]
    with transactions(world) as sizes:
        assert world.batch(*past).body["recorded"] == 60
    assert len(sizes) <= 6
    assert (world.usage()["cost"]["amount"], world.usage()["records"]) == (62, 61)
    assert world.budget(scope)["limits"]["maxCost"]["used"]["amount"] == 2
    now = [world.event(cost=2, runId="r1") for _ in range(60)]
    with transactions(world) as sizes:
        assert world.batch(*now).body["recorded"] == 60
    assert len(sizes) <= 30
    assert world.budget(scope)["limits"]["maxCost"]["used"]["amount"] == 122
    assert [data["scope"] for kind, data in world.events() if kind == "budget.limit_reached"] == [scope]


def test_a_batch_of_a_session_that_is_changed_meanwhile_is_decided_again(world: SessionWorld) -> None:
    world.create(maxCost=cents(1), thresholds=[])
    world.record(cost=2)

    def resume() -> int:
        assert world.patch(maxCost=cents(50)).status == 200
        return world.resume().status

    with world.meanwhile(1, resume) as came:
        answer = world.batch(*(world.event(cost=1) for _ in range(60)))
    assert came == [200]
    assert (answer.body["recorded"], answer.body["errors"]) == (60, 0)
    assert world.usage()["cost"]["amount"] == 62
    assert world.show()["status"] == "paused"


def test_every_threshold_and_limit_of_every_scope_at_once_is_told(world: SessionWorld) -> None:
    """More than one transaction has room for: the thresholds that a higher one covers are left out, nothing else is."""
    tenths = list(range(10, 101, 10))
    limits = {"maxCost": cents(10), "maxComputeMinutes": 10, "maxModelCalls": 0, "thresholds": tenths}
    world.create(user="ada", **limits)
    for scope in ("user:ada", "run:r1", "project"):
        assert world.put_budget(scope, **limits).status == 201
    answer = world.record(usage={"inputTokens": 11, "mysteries": 1, **minute(11)}, runId="r1")
    assert answer.status == 201
    assert answer.body["session"]["breached"] == ["maxComputeMinutes", "maxCost", "maxModelCalls", "unrated"]
    assert len(world.told("session.limit_reached", "budget.limit_reached")) == 16
    assert {data["threshold"] for _, data in world.events() if "threshold" in data} >= {100}


def test_thresholds_are_told_once_each_when_reached_and_not_before(world: SessionWorld) -> None:
    world.create(maxCost=cents(10))
    told = []
    for _ in range(12):
        world.record(cost=1)
        told.append(world.told())
    assert told[3] == []
    assert told[4] == told[6] == ["session.threshold_reached maxCost 50"]
    assert told[7] == ["session.threshold_reached maxCost 50", "session.threshold_reached maxCost 80"]
    assert "session.threshold_reached maxCost 100" in told[9]
    assert "session.limit_reached maxCost" not in told[9]
    assert len(told[11]) == 5


def test_no_thresholds_are_told_where_none_are_wanted(world: SessionWorld) -> None:
    world.create(maxCost=cents(10), thresholds=[])
    world.record(cost=10)
    assert world.told() == []


def test_usage_beyond_any_sense_passes_no_limit_that_is_not_set(world: SessionWorld) -> None:
    world.create()
    for _ in range(2):
        answer = world.record(usage={"sandboxSeconds": 10**15, "computeSeconds": 10**15})
        assert answer.body["session"]["status"] == "active"
    assert world.told() == []
    assert world.usage()["computeSeconds"] == str(4 * 10**15)


# ---------------------------------------------------------------------------- pause and resume


def test_a_paused_session_still_records(world: SessionWorld) -> None:
    world.create()
    assert world.pause(reason="lunch").body["reason"] == "lunch"
    answer = world.record(cost=3)
    assert answer.body["session"] == {"sessionId": "ses_1", "status": "paused", "breached": []}
    assert world.usage()["cost"]["amount"] == 3


def test_pausing_and_resuming_twice_does_no_more_than_once(world: SessionWorld) -> None:
    world.create()
    assert [world.pause().body["status"] for _ in range(2)] == ["paused", "paused"]
    assert [world.resume().body["status"] for _ in range(2)] == ["active", "active"]
    assert world.told() == ["session.paused", "session.resumed"]


def test_what_is_over_a_limit_cannot_be_resumed_before_it_is_raised(world: SessionWorld) -> None:
    world.create(maxCost=cents(5), maxModelCalls=1)
    world.record(cost=3)
    world.record(cost=3)
    refused = world.resume()
    assert (refused.status, refused.code) == (409, "still_over_limit")
    assert refused.body["breached"] == ["maxCost", "maxModelCalls"]
    world.patch(maxCost=cents(6))
    assert world.resume().body["breached"] == ["maxModelCalls"]
    world.patch(maxModelCalls=None)
    assert world.resume().body["status"] == "active"
    assert world.record(cost=0).body["session"]["status"] == "active"


def test_a_breach_of_a_session_that_is_paused_is_told_as_well(world: SessionWorld) -> None:
    world.create(maxCost=cents(1), thresholds=[])
    world.pause()
    assert world.record(cost=2).body["session"]["breached"] == ["maxCost"]
    assert world.told() == ["session.limit_reached maxCost", "session.paused"]


# ---------------------------------------------------------------------------- periods

BOUNDARIES = [
    ("hour", "2026-11-24T10:59:59.999999+00:00", "2026-11-24T11:00:00+00:00"),
    ("day", "2026-11-24T23:59:59.999999+00:00", "2026-11-25T00:00:00+00:00"),
    ("week", "2026-11-29T23:59:59.999999+00:00", "2026-11-30T00:00:00+00:00"),
    ("month", "2026-11-30T23:59:59.999999+00:00", "2026-12-01T00:00:00+00:00"),
    ("month", "2028-02-29T23:59:59.999999+00:00", "2028-03-01T00:00:00+00:00"),
    ("day", "2028-02-28T23:59:59.999999+00:00", "2028-02-29T00:00:00+00:00"),
    ("month", "2027-02-28T23:59:59.999999+00:00", "2027-03-01T00:00:00+00:00"),
    ("week", "2028-01-02T23:59:59.999999+00:00", "2028-01-03T00:00:00+00:00"),
    ("month", "2026-12-31T23:59:59.999999+00:00", "2027-01-01T00:00:00+00:00"),
]


@pytest.mark.parametrize(("period", "last", "first"), BOUNDARIES)
def test_a_period_ends_with_its_last_microsecond(world: SessionWorld, period: str, last: str, first: str) -> None:
    world.at(last)
    world.create(maxCost=cents(5, period))
    world.record(cost=5)
    shown = world.limits()["maxCost"]
    assert (shown["used"]["amount"], shown["resetsAt"]) == (5, first.replace("+00:00", "Z"))
    assert world.hold(cost=1).status == 402
    world.at(first)
    assert world.limits()["maxCost"]["used"]["amount"] == 0
    assert world.hold(cost=5).status == 201
    assert world.usage()["cost"]["amount"] == 5


@pytest.mark.parametrize(("period", "last", "first"), BOUNDARIES)
def test_usage_counts_in_the_period_in_which_it_comes_unless_it_is_of_one_before(
    world: SessionWorld, period: str, last: str, first: str
) -> None:
    world.at(first)
    world.create(maxCost=cents(5, period))
    world.record(cost=2, occurredAt=first)
    world.record(cost=4, occurredAt=last)
    assert world.limits()["maxCost"]["used"]["amount"] == 2
    assert world.usage()["cost"]["amount"] == 6
    assert world.show()["status"] == "active"


def test_leap_day_is_a_day_of_its_own(world: SessionWorld) -> None:
    world.at("2028-02-29T00:00:00+00:00")
    world.create(maxCost=cents(5, "day"))
    world.record(cost=5)
    world.at("2028-02-29T23:59:59.999999+00:00")
    assert world.record(cost=1).body["session"]["status"] == "paused"
    world.at("2028-03-01T00:00:00+00:00")
    assert world.resume().status == 200
    assert world.record(cost=5).body["session"]["status"] == "active"


def test_each_period_tells_of_its_own_breach(world: SessionWorld) -> None:
    world.create(maxCost=cents(5, "hour"), thresholds=[100])
    for hours in range(3):
        world.at(f"2026-11-24T{11 + hours}:00:00+00:00")
        assert world.resume().status == 200
        world.record(cost=6)
        world.record(cost=6)
    assert world.told("session.limit_reached") == ["session.limit_reached maxCost"] * 3
    assert world.told("session.threshold_reached") == ["session.threshold_reached maxCost 100"] * 3


def test_other_limits_know_no_periods(world: SessionWorld) -> None:
    world.create(maxCost=cents(5, "hour"), maxModelCalls=1, thresholds=[])
    world.record(cost=1)
    world.at("2026-11-24T11:00:00+00:00")
    assert world.record(cost=1).body["session"]["breached"] == ["maxModelCalls"]


def test_a_hold_of_the_period_before_stays_held_until_it_is_settled(world: SessionWorld) -> None:
    world.at("2026-11-24T10:59:00+00:00")
    world.create(maxCost=cents(10, "hour"))
    world.hold(cost=6, holdId="h1")
    world.at("2026-11-24T11:00:00+00:00")
    assert world.hold(cost=5).status == 402
    late = world.record(cost=9, holdId="h1", occurredAt="2026-11-24T10:59:59Z")
    assert late.body["session"]["status"] == "active"
    shown = world.limits()["maxCost"]
    assert (shown["used"]["amount"], shown["held"]["amount"], shown["remaining"]["amount"]) == (0, 0, 10)
    assert world.usage()["cost"]["amount"] == 9


def test_a_session_that_its_period_paused_waits_for_somebody_to_resume_it(world: SessionWorld) -> None:
    world.create(maxCost=cents(1, "hour"))
    world.record(cost=2)
    world.at("2026-11-24T11:00:00+00:00")
    assert (world.show()["status"], world.show()["breached"]) == ("paused", [])
    assert world.hold(cost=1).code == "session_paused"
    assert world.resume().body["status"] == "active"


# ---------------------------------------------------------------------------- what cannot be priced


def test_usage_without_a_rate_pauses_what_has_a_cost_limit(world: SessionWorld) -> None:
    world.create(maxCost=cents(100))
    answer = world.record(usage={"mysteries": 1})
    assert answer.body["session"] == {"sessionId": "ses_1", "status": "paused", "breached": ["unrated"]}
    assert world.told() == ["session.limit_reached unrated", "session.paused"]
    assert world.resume().body["status"] == "active"


@pytest.mark.parametrize("limits", [{"maxCost": cents(100), "onUnrated": "allow"}, {"maxModelCalls": 9}, {}])
def test_usage_without_a_rate_may_pass_where_it_is_allowed_or_no_cost_is_limited(
    world: SessionWorld, limits: dict[str, Any]
) -> None:
    world.create(**limits)
    assert world.record(usage={"mysteries": 1}).body["session"]["status"] == "active"
    assert world.usage()["unrated"] == 1


def test_changed_rules_for_what_has_no_rate_tell_of_it_again(world: SessionWorld) -> None:
    world.create(maxCost=cents(100))
    world.record(usage={"mysteries": 1})
    world.patch(onUnrated="allow")
    world.resume()
    assert world.record(usage={"mysteries": 1}).body["session"]["status"] == "active"
    world.patch(onUnrated="pause")
    world.record(usage={"mysteries": 1})
    assert world.told("session.limit_reached") == ["session.limit_reached unrated"] * 2


# ---------------------------------------------------------------------------- changing limits


def test_a_limit_below_what_is_used_is_passed_at_once(world: SessionWorld) -> None:
    world.create(maxCost=cents(100), thresholds=[])
    world.record(cost=60)
    shown = world.patch(maxCost=cents(50)).body["maxCost"]
    assert (shown["used"]["amount"], shown["remaining"]["amount"]) == (60, 0)
    assert (world.show()["status"], world.show()["breached"]) == ("paused", ["maxCost"])
    assert world.told() == ["session.limit_reached maxCost", "session.paused"]


def test_a_changed_limit_is_told_of_again_and_an_unchanged_one_is_not(world: SessionWorld) -> None:
    world.create(maxCost=cents(5), thresholds=[])
    world.record(cost=6)
    world.patch(maxCost=cents(5))
    world.record(cost=1)
    assert world.told("session.limit_reached") == ["session.limit_reached maxCost"]
    world.patch(maxCost=cents(8))
    world.resume()
    world.record(cost=2)
    assert world.told("session.limit_reached") == ["session.limit_reached maxCost"] * 2


def test_a_period_that_changes_tells_nothing_of_other_limits(world: SessionWorld) -> None:
    world.create(maxCost=cents(50, "day"), maxModelCalls=0, thresholds=[])
    world.record(cost=1)
    world.patch(maxCost=cents(50, "hour"))
    assert world.told("session.limit_reached") == ["session.limit_reached maxModelCalls"]


def test_what_is_not_named_stays_and_null_removes(world: SessionWorld) -> None:
    world.create(maxCost=cents(5, "day"), maxAgents=2, maxModelCalls=3)
    shown = world.patch(maxModelCalls=None, maxAgents=4).body
    assert (shown["maxModelCalls"], shown["maxAgents"]["limit"]) == (None, 4)
    assert (shown["maxCost"]["limit"]["amount"], shown["maxCost"]["period"]) == (5, "day")


def test_null_brings_back_what_holds_unless_it_is_said(world: SessionWorld) -> None:
    world.create(maxCost=cents(5), onUnrated="allow", thresholds=[10])
    shown = world.patch(onUnrated=None, thresholds=None).body
    assert (shown["onUnrated"], shown["thresholds"]) == ("pause", [50, 80, 100])


def test_a_cost_limit_that_names_no_period_keeps_the_one_it_had(world: SessionWorld) -> None:
    world.create(maxCost=cents(5, "day"))
    assert world.patch(maxCost={"amount": 9, "currency": "usd"}).body["maxCost"]["period"] == "day"
    world.patch(maxCost=None)
    assert world.patch(maxCost={"amount": 9, "currency": "usd"}).body["maxCost"]["period"] == "total"


def test_a_new_period_counts_all_that_belongs_to_it(world: SessionWorld) -> None:
    world.at("2026-11-24T10:30:00+00:00")
    world.create(maxCost=cents(9, "hour"))
    world.record(cost=5)
    world.at("2026-11-24T11:30:00+00:00")
    world.record(cost=3)
    shown = world.patch(maxCost=cents(20, "day")).body["maxCost"]
    assert (shown["used"]["amount"], shown["remaining"]["amount"]) == (8, 12)
    assert shown["resetsAt"] == "2026-11-25T00:00:00Z"


def test_a_limit_of_nothing_lets_nothing_pass(world: SessionWorld) -> None:
    world.create(maxCost=cents(0), maxAgents=0, maxComputeMinutes=0, maxModelCalls=0)
    assert world.start().status == 402
    assert world.hold(cost=1).status == 402
    assert world.hold(cost=0).status == 201
    assert world.record(usage={"runs": 1}).body["session"]["status"] == "active"
    assert world.record(usage={"sandboxSeconds": "0.000000000001"}).body["session"]["breached"] == ["maxComputeMinutes"]


@pytest.mark.parametrize(
    ("limits", "path"),
    [
        ({"maxCost": {"amount": -1, "currency": "usd"}}, "limits.maxCost.amount"),
        ({"maxCost": {"amount": 1.5, "currency": "usd"}}, "limits.maxCost.amount"),
        ({"maxCost": {"amount": 1, "currency": "eur"}}, "limits.maxCost.currency"),
        ({"maxCost": {"amount": 1, "period": "year"}}, "limits.maxCost.period"),
        ({"maxAgents": True}, "limits.maxAgents"),
        ({"maxModelCalls": "3"}, "limits.maxModelCalls"),
        ({"maxComputeMinutes": -1}, "limits.maxComputeMinutes"),
        ({"thresholds": [0]}, "limits.thresholds.0"),
        ({"thresholds": [101]}, "limits.thresholds.0"),
        ({"onUnrated": "maybe"}, "limits.onUnrated"),
        ({"maxEverything": 1}, "limits.maxEverything"),
    ],
)
def test_limits_that_make_no_sense_are_refused(world: SessionWorld, limits: dict[str, Any], path: str) -> None:
    answer = world.post_session(userId="ada", limits=limits)
    assert (answer.status, answer.code, answer.paths) == (422, "invalid_request", {path})


# ---------------------------------------------------------------------------- who may


@pytest.mark.parametrize(("role", "may"), [("ingest", True), ("member", False), ("admin", True), ("owner", True)])
def test_members_look_on_and_the_others_set_limits(world: SessionWorld, role: str, *, may: bool) -> None:
    world.create()
    path = {"sessionId": "ses_1"}
    answers = [
        world.call("POST /v1/sessions", role, body={"userId": "ada"}),
        world.call("PATCH /v1/sessions/{sessionId}/limits", role, path=path, body={}),
        world.call("POST /v1/sessions/{sessionId}/resume", role, path=path),
        world.call("PUT /v1/budgets/{scope}", role, path={"scope": "project"}, body={"limits": {}}),
    ]
    assert {answer.status < 400 for answer in answers} == {may}
    assert world.call("GET /v1/sessions/{sessionId}", role, path=path).status == 200


@pytest.mark.parametrize(("role", "status"), [("ingest", 403), ("member", 403), ("admin", 200), ("owner", 200)])
def test_an_emergency_stop_is_for_admins(world: SessionWorld, role: str, status: int) -> None:
    assert world.call("POST /v1/project/pause", role).status == status


def test_whether_the_emergency_stop_is_on_and_ones_role_is_told_to_all_as_of_now(world: SessionWorld) -> None:
    for route, standing in (("pause", "paused"), ("pause", "paused"), ("resume", "active"), ("resume", "active")):
        world.call(f"POST /v1/project/{route}")
        for role in ("ingest", "member", "admin", "owner"):
            assert world.call("GET /v1/project/standing", role).body == {"status": standing, "role": role}
