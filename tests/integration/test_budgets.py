"""Budgets of users, runs and the project: counted in the same transaction, refused by name, told of once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.answers import Answer
from tests.emulated_aws import PROJECT, Call, Reply
from tests.meter_rules import added_up
from tests.session_world import SessionWorld, cents, session_world


@pytest.fixture(params=["1", "4"], ids=["one item", "four items"])
def world(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[SessionWorld]:
    """The project's budget is kept in one item, and split over several."""
    with session_world(monkeypatch, PROJECT_BUDGET_SHARES=request.param) as world:
        world.create("ses_1", "ada")
        yield world


def cost_of(world: SessionWorld, scope: str) -> tuple[int, int, int]:
    """Used, held and remaining."""
    shown = world.budget(scope)["limits"]["maxCost"]
    return shown["used"]["amount"], shown["held"]["amount"], shown["remaining"]["amount"]


def delete(world: SessionWorld, scope: str) -> Answer:
    return world.call("DELETE /v1/budgets/{scope}", path={"scope": scope})


SCOPES = ["user:ada", "run:r1", "project"]


def test_a_budget_is_made_changed_shown_and_removed(world: SessionWorld) -> None:
    made = world.put_budget("user:ada", maxCost=cents(10, "month"))
    assert made.status == 201
    assert {name: made.body[name] for name in ("scope", "status", "breached", "createdAt")} == {
        "scope": "user:ada",
        "status": "active",
        "breached": [],
        "createdAt": "2026-11-24T10:00:00.123456Z",
    }
    assert made.body["limits"]["maxCost"]["resetsAt"] == "2026-12-01T00:00:00Z"
    assert world.budget("user:ada") == made.body
    changed = world.put_budget("user:ada", maxAgents=3)
    assert (changed.status, changed.body["limits"]["maxCost"]) == (200, None)
    assert delete(world, "user:ada").status == 204
    assert delete(world, "user:ada").code == "not_found"
    assert world.call("GET /v1/budgets/{scope}", path={"scope": "user:ada"}).code == "not_found"


def test_budgets_are_listed_by_name_page_by_page(world: SessionWorld) -> None:
    names = ["project", "run:r1", "run:r2", "user:ada", "user:b:c#d"]
    for name in names:
        world.put_budget(name, maxCost=cents(10))
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = world.call("GET /v1/budgets", query={"limit": 2, **cursor}).body
        found += [item["scope"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert found == names


@pytest.mark.parametrize("scope", ["user:", "session:ses_1", "projects", "team:x", f"user:{'x' * 201}"])
def test_a_scope_that_cannot_have_a_budget_is_refused(world: SessionWorld, scope: str) -> None:
    answer = world.put_budget(scope, maxCost=cents(1))
    assert (answer.status, answer.paths) == (422, {"scope"})


# ---------------------------------------------------------------------------- counting


@pytest.mark.parametrize("scope", SCOPES)
def test_callbacks_of_a_scope_count_towards_its_budget(world: SessionWorld, scope: str) -> None:
    world.put_budget(scope, maxCost=cents(10))
    world.record(None, cost=1, userId="ada", runId="r1")
    world.record(None, cost=2, userId="bob", runId="r2")
    assert cost_of(world, scope)[0] == (3 if scope == "project" else 1)
    assert world.budget(scope)["usage"]["cost"]["amount"] == (3 if scope == "project" else 1)


def test_a_callback_that_names_no_user_counts_for_its_sessions_user(world: SessionWorld) -> None:
    for user in ("user:ada", "user:bob"):
        world.put_budget(user, maxCost=cents(10))
    world.record(cost=1)
    world.record(cost=2, userId="bob")
    world.batch(world.event(cost=4))
    assert (cost_of(world, "user:ada")[0], cost_of(world, "user:bob")[0]) == (5, 2)


def test_a_budget_counts_from_its_making_on(world: SessionWorld) -> None:
    world.record(cost=5)
    world.put_budget("project", maxCost=cents(10))
    world.record(cost=1)
    assert cost_of(world, "project")[0] == 1


def test_a_batch_counts_towards_every_budget_of_its_events(world: SessionWorld) -> None:
    for scope in SCOPES:
        world.put_budget(scope, maxCost=cents(1000))
    events = [world.event(cost=1, runId="r1" if number % 2 else None) for number in range(150)]
    assert world.batch(*events).body["recorded"] == 150
    assert [cost_of(world, scope)[0] for scope in SCOPES] == [150, 75, 150]


def test_a_duplicate_counts_once_in_every_budget(world: SessionWorld) -> None:
    for scope in SCOPES:
        world.put_budget(scope, maxCost=cents(10))
    event = world.event(cost=3, runId="r1")
    for _ in range(3):
        world.call("POST /v1/callbacks/usage.computeCostAndRecord", body=event)
        world.batch(event)
    assert [cost_of(world, scope)[0] for scope in SCOPES] == [3, 3, 3]


# ---------------------------------------------------------------------------- holds and agents


@pytest.mark.parametrize("scope", SCOPES)
def test_a_hold_is_refused_by_the_name_of_the_budget_that_has_no_room(world: SessionWorld, scope: str) -> None:
    for other in SCOPES:
        world.put_budget(other, maxCost=cents(5 if other == scope else 50))
    assert world.hold(cost=5, runId="r1").status == 201
    refused = world.hold(cost=1, runId="r1")
    assert (refused.status, refused.body["scope"], refused.body["dimension"]) == (402, scope, "maxCost")
    assert refused.body["detail"] == f"the budget of {scope} has no room under maxCost"
    assert [cost_of(world, other)[1] for other in SCOPES] == [5, 5, 5]
    assert world.meter()["costHeld"]["N"] == str(5 * 10**10)


@pytest.mark.parametrize("scope", SCOPES)
def test_an_agent_is_refused_where_a_budget_has_no_slot(world: SessionWorld, scope: str) -> None:
    world.put_budget(scope, maxAgents=1)
    assert world.start(agent="a1", runId="r1").status == 201
    refused = world.start(agent="a2", runId="r1")
    assert (refused.status, refused.body["scope"], refused.body["dimension"]) == (402, scope, "maxAgents")
    world.end(agent="a1")
    assert world.start(agent="a2", runId="r1").status == 201


def test_the_last_cent_of_the_project_can_be_held(world: SessionWorld) -> None:
    """However its room lies over several items."""
    world.put_budget("project", maxCost=cents(11))
    for number in range(11):
        assert world.hold(cost=1, holdId=f"h{number}").status == 201
    assert world.hold(cost=1).status == 402
    world.release("ses_1", "h3")
    world.release("ses_1", "h7")
    assert world.hold(cost=2).status == 201
    assert cost_of(world, "project") == (0, 11, 0)


def test_a_callback_settles_its_hold_in_every_budget_that_it_was_taken_from(world: SessionWorld) -> None:
    """Also in that of its run, which the callback does not name."""
    for scope in SCOPES:
        world.put_budget(scope, maxCost=cents(10))
    world.hold(cost=4, holdId="h1", runId="r1")
    world.record(cost=1, holdId="h1", userId="bob")
    assert [cost_of(world, scope) for scope in SCOPES] == [(1, 0, 9)] * 3


def test_a_hold_opened_before_its_budget_gives_it_no_room(world: SessionWorld) -> None:
    world.hold(cost=4, holdId="h1")
    world.put_budget("project", maxCost=cents(10))
    world.release("ses_1", "h1")
    world.hold(cost=4, holdId="h2")
    assert cost_of(world, "project") == (0, 4, 6)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("end", ["settle", "release", "expire", "look"])
@pytest.mark.parametrize("anew", [False, True])
def test_a_hold_whose_budget_was_removed_ends_like_any_other(
    world: SessionWorld, scope: str, end: str, *, anew: bool
) -> None:
    """And a budget that was made anew neither owes it room nor gets any from it."""
    world.put_budget(scope, maxCost=cents(10))
    world.hold(cost=4, holdId="h1", runId="r1")
    delete(world, scope)
    world.wait(seconds=1)
    if anew:
        world.put_budget(scope, maxCost=cents(7))
    used = 0
    if end == "settle":
        used = 2
        assert world.record(cost=2, holdId="h1", runId="r1").status == 201
    elif end == "release":
        assert world.release("ses_1", "h1").status == 204
    else:
        world.wait(seconds=600)
        assert end == "look" or world.sweep()["LeaseReclaimed"] == 1
    assert world.usage()["cost"]["amount"] == used
    assert world.meter()["costHeld"]["N"] == "0"
    if anew:
        assert cost_of(world, scope) == (used, 0, 7 - used)


def test_an_agent_whose_budget_was_removed_ends_like_any_other(world: SessionWorld) -> None:
    world.put_budget("project", maxAgents=1)
    world.start(agent="a1")
    delete(world, "project")
    assert world.end(agent="a1").status == 204
    assert world.usage()["activeAgents"] == 0
    assert world.clock.monotonic() < 1


def test_room_that_only_holds_of_other_sessions_have_is_there_when_they_have_run_out(world: SessionWorld) -> None:
    """Short in the session, then in the project: both give back what has run out."""
    world.put_budget("project", maxCost=cents(10))
    world.patch(maxCost=cents(6))
    world.create("ses_2", "bob")
    world.hold("ses_2", cost=5, ttlSeconds=1)
    world.hold("ses_1", cost=5, ttlSeconds=1)
    world.wait(seconds=1)
    assert world.hold("ses_1", cost=6).status == 201
    assert cost_of(world, "project") == (0, 6, 4)


def test_a_budgets_view_holds_nothing_that_has_run_out(world: SessionWorld) -> None:
    world.put_budget("project", maxCost=cents(10))
    world.hold(cost=5, ttlSeconds=1)
    world.wait(seconds=1)
    assert cost_of(world, "project") == (0, 0, 10)


# ---------------------------------------------------------------------------- breach


@pytest.mark.parametrize("scope", SCOPES)
def test_a_passed_budget_tells_of_it_once_and_refuses_until_it_is_raised(world: SessionWorld, scope: str) -> None:
    world.put_budget(scope, maxCost=cents(5), thresholds=[80])
    for _ in range(4):
        assert world.record(cost=2, runId="r1").body["session"]["status"] == "active"
    assert world.told() == [
        f"budget.limit_reached maxCost {scope}",
        f"budget.threshold_reached maxCost 80 {scope}",
    ]
    assert (world.budget(scope)["status"], world.budget(scope)["breached"]) == ("limit_reached", ["maxCost"])
    for refused in (world.hold(cost=0, runId="r1"), world.start(runId="r1")):
        assert (refused.status, refused.body["scope"], refused.body["dimension"]) == (402, scope, "maxCost")
    world.put_budget(scope, maxCost=cents(9))
    assert world.budget(scope)["status"] == "active"
    assert world.hold(cost=1, runId="r1").status == 201
    world.record(cost=2, runId="r1")
    assert len(world.told("budget.limit_reached")) == 2


def test_a_budget_opens_again_with_its_next_period(world: SessionWorld) -> None:
    world.put_budget("project", maxCost=cents(5, "day"))
    world.record(cost=6)
    assert world.hold(cost=1).status == 402
    world.at("2026-11-24T23:59:59.999999+00:00")
    assert world.hold(cost=1).status == 402
    world.at("2026-11-25T00:00:00+00:00")
    assert (world.budget("project")["status"], world.budget("project")["breached"]) == ("active", [])
    assert world.hold(cost=5).status == 201
    assert world.told("session.paused", "session.resumed") == []


def test_a_budget_that_is_passed_in_each_period_tells_of_each(world: SessionWorld) -> None:
    world.put_budget("user:ada", maxCost=cents(5, "hour"), thresholds=[])
    for hour in (11, 12, 13):
        world.at(f"2026-11-24T{hour}:00:00+00:00")
        world.record(cost=6)
        world.record(cost=6)
    assert world.told() == ["budget.limit_reached maxCost user:ada"] * 3


def test_usage_without_a_rate_passes_a_budget_until_its_rules_change(world: SessionWorld) -> None:
    world.put_budget("project", maxCost=cents(50))
    world.record(usage={"mysteries": 1})
    assert world.budget("project")["breached"] == ["unrated"]
    refused = world.hold(cost=1)
    assert (refused.status, refused.body["dimension"]) == (402, "unrated")
    assert "the budget of project has usage without a rate" in refused.body["detail"]
    world.put_budget("project", maxCost=cents(60))
    assert world.hold(cost=1).status == 201


def test_what_passes_the_session_and_its_budgets_tells_of_each(world: SessionWorld) -> None:
    world.patch(maxCost=cents(1))
    for scope in SCOPES:
        world.put_budget(scope, maxCost=cents(1), thresholds=[])
    world.record(cost=2, runId="r1")
    assert world.told("session.limit_reached") == ["session.limit_reached maxCost"]
    assert world.told("budget.limit_reached") == sorted(f"budget.limit_reached maxCost {scope}" for scope in SCOPES)
    [project] = [data for kind, data in world.events() if data.get("scope") == "project"]
    assert (project["limitUsd"], project["usedUsd"], project["period"]) == ("0.01", "0.02", "total")


def test_all_or_nothing_counts_where_the_session_is_unknown(world: SessionWorld) -> None:
    world.put_budget("project", maxCost=cents(5))
    assert world.record("ses_nowhere", cost=1).code == "not_found"
    assert cost_of(world, "project") == (0, 0, 5)


# ---------------------------------------------------------------------------- what functions remember


def test_a_callback_that_begins_after_a_budget_was_made_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions remember for two seconds that there is none, so that making one takes as long."""
    with session_world(monkeypatch, BUDGET_CACHE_SECONDS="2") as world:
        world.create("ses_1", "ada")
        world.record(cost=1)
        world.put_budget("project", maxCost=cents(10))
        assert world.clock.monotonic() >= 2
        world.record(cost=2)
        assert cost_of(world, "project")[0] == 2


def test_a_budget_that_was_removed_is_forgotten_without_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    with session_world(monkeypatch, BUDGET_CACHE_SECONDS="2") as world:
        world.create("ses_1", "ada")
        world.put_budget("project", maxCost=cents(1))
        world.record(cost=1)
        delete(world, "project")
        assert world.record(cost=1).status == 201
        assert world.batch(world.event(cost=1), world.event(cost=1)).body["recorded"] == 2
        assert world.hold(cost=1).status == 201


def test_the_usual_callback_reads_nothing_and_counts_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with session_world(monkeypatch, BUDGET_CACHE_SECONDS="60") as world:
        world.create("ses_1", "ada", maxCost=cents(100))
        for scope in SCOPES:
            world.put_budget(scope, maxCost=cents(100))
        world.record(cost=1, runId="r1")
        world.aws.calls.clear()
        for _ in range(3):
            assert world.record(cost=1, runId="r1").status == 201
        assert [call.operation for call in world.aws.calls] == ["TransactWriteItems"] * 3
        assert [cost_of(world, scope)[0] for scope in SCOPES] == [4, 4, 4]


def test_more_budgets_than_a_function_remembers_count_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    with session_world(monkeypatch, BUDGET_CACHE_SECONDS="60") as world:
        world.create("ses_1", "ada")
        for number in range(200):
            listed = {"scope": {"S": f"{PROJECT}#budgets#"}, "entry": {"S": f"run:r{number}"}, "shares": {"N": "1"}}
            world.aws.put("Meters", listed)
        world.put_budget("run:r200", maxCost=cents(100))
        for _ in range(2):
            world.record(cost=1, runId="r200")
            world.record(cost=1, runId="nowhere")
        assert cost_of(world, "run:r200")[0] == 2


def test_shares_add_up_to_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    with session_world(monkeypatch, PROJECT_BUDGET_SHARES="4") as world:
        world.create("ses_1", "ada")
        world.put_budget("project", maxCost=cents(50))
        for _ in range(20):
            world.record(cost=1)
            world.hold(cost=1)
        shares: list[Any] = [item for item in world.aws.items("Meters", "meter") if "#project" in item["scope"]["S"]]
        assert len(shares) == 4
        meter = added_up(shares)
        assert (meter["cost"], meter["costHeld"], meter["costRoom"]) == (20 * 10**10, 20 * 10**10, 10 * 10**10)
        assert sum(share["cost"]["N"] != "0" for share in shares) > 1


def test_a_budget_that_is_removed_or_made_while_it_is_set_is_set_all_the_same(world: SessionWorld) -> None:
    for calls in range(1, 7):
        for exists in (False, True):
            if exists:
                world.put_budget("project", maxCost=cents(1))
            with world.meanwhile(calls, lambda exists=exists: make_or_remove(world, exists=exists)):
                answer = world.put_budget("project", maxCost=cents(5))
            assert answer.status in {200, 201}
            assert world.clock.monotonic() < 5
            delete(world, "project")


def make_or_remove(world: SessionWorld, *, exists: bool) -> None:
    if exists:
        delete(world, "project")
    else:
        world.put_budget("project", maxCost=cents(3))


def test_of_two_that_make_a_budget_the_one_whose_answer_was_lost_has_its_limits_set(world: SessionWorld) -> None:
    """Its first attempt never arrived, so that what it finds at the second is not its own."""
    calls = iter(range(100))

    def meddle(call: Call, carry_out: Callable[[], Reply]) -> Reply:
        if call.operation == "TransactWriteItems" and next(calls) == 0:
            world.aws.meddler = None
            world.put_budget("project", maxCost=cents(3))
            return Reply(500, {"__type": "InternalServerError"})
        return carry_out()

    world.aws.meddler = meddle
    assert world.put_budget("project", maxCost=cents(5)).body["limits"]["maxCost"]["limit"]["amount"] == 5
