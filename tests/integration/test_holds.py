"""Holds: room that is reserved, settled, given back, extended, and that runs out."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.session_world import SessionWorld, cents, session_world


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionWorld]:
    with session_world(monkeypatch) as world:
        world.create(maxCost=cents(10), thresholds=[])
        yield world


def cost_of(world: SessionWorld) -> tuple[int, int, int]:
    """Used, held and remaining."""
    shown = world.limits()["maxCost"]
    return shown["used"]["amount"], shown["held"]["amount"], shown["remaining"]["amount"]


def test_a_hold_reserves_its_room(world: SessionWorld) -> None:
    answer = world.hold(cost=4, holdId="h1")
    assert answer.status == 201
    assert {name: answer.body[name] for name in ("holdId", "heldUsd", "expiresAt")} == {
        "holdId": "h1",
        "heldUsd": "0.04",
        "expiresAt": "2026-11-24T10:10:00.123456Z",
    }
    assert answer.body["remaining"]["maxCost"]["remaining"]["amount"] == 6
    assert cost_of(world) == (0, 4, 6)


def test_the_last_cent_can_be_held_and_no_more(world: SessionWorld) -> None:
    world.hold(cost=9)
    refused = world.hold(cost=2)
    assert (refused.status, refused.code) == (402, "limit_reached")
    assert world.hold(cost=1).status == 201
    assert cost_of(world) == (0, 10, 0)


def test_a_refusal_says_of_which_limit_how_much_is_left(world: SessionWorld) -> None:
    world.record(cost=3)
    world.hold(cost=5)
    assert world.hold(cost=3).body == {
        "type": "urn:metering:error:limit_reached",
        "title": "A limit has no room for this",
        "status": 402,
        "detail": "the session ses_1 has no room under maxCost",
        "code": "limit_reached",
        "dimension": "maxCost",
        "limit": {"amount": 10, "currency": "usd"},
        "limitUsd": "0.1",
        "used": {"amount": 3, "currency": "usd"},
        "usedUsd": "0.03",
        "held": {"amount": 5, "currency": "usd"},
        "heldUsd": "0.05",
        "remaining": {"amount": 2, "currency": "usd"},
        "remainingUsd": "0.02",
        "retryable": False,
        "scope": "session:ses_1",
    }


@pytest.mark.parametrize(("real", "used"), [(2, 2), (4, 4), (7, 7)])
def test_a_callback_settles_its_hold_whatever_the_real_cost(world: SessionWorld, real: int, used: int) -> None:
    world.hold(cost=4, holdId="h1")
    assert world.record(cost=real, holdId="h1").status == 201
    assert cost_of(world) == (used, 0, 10 - used)


def test_a_settled_hold_settles_no_other_callback(world: SessionWorld) -> None:
    world.hold(cost=4, holdId="h1")
    event = world.event(cost=3, holdId="h1")
    record = "POST /v1/callbacks/usage.computeCostAndRecord"
    assert [world.call(record, body=event).body["status"] for _ in range(3)] == ["recorded", "duplicate", "duplicate"]
    refused = world.record(cost=3, holdId="h1")
    assert (refused.status, refused.code) == (409, "hold_closed")
    assert cost_of(world) == (3, 0, 7)


def test_an_event_of_a_batch_settles_its_hold(world: SessionWorld) -> None:
    world.hold(cost=4, holdId="h1")
    answer = world.batch(world.event(cost=1, holdId="h1"), world.event(cost=1), world.event(cost=1, holdId="h1"))
    assert [result["status"] for result in answer.body["results"]] == ["recorded", "recorded", "error"]
    assert answer.body["results"][2]["error"]["code"] == "hold_closed"
    assert cost_of(world) == (2, 0, 8)


def test_a_callback_that_names_a_hold_that_is_not_there_records_nothing(world: SessionWorld) -> None:
    unknown = world.record(cost=1, holdId="h1")
    assert (unknown.status, unknown.code) == (404, "not_found")
    nowhere = world.record(None, cost=1, holdId="h1")
    assert (nowhere.status, nowhere.code) == (404, "not_found")
    assert "`sessionId`" in nowhere.body["detail"]
    assert world.aws.items("UsageRecords") == []


def test_the_hold_of_another_session_is_not_there(world: SessionWorld) -> None:
    world.create("ses_2")
    world.hold("ses_2", cost=1, holdId="h1")
    assert world.record(cost=1, holdId="h1").code == "not_found"
    assert world.release("ses_1", "h1").code == "not_found"


# ---------------------------------------------------------------------------- several dimensions


def test_an_estimate_holds_what_a_callback_would_use_of_every_dimension(world: SessionWorld) -> None:
    world.patch(maxComputeMinutes=2, maxModelCalls=1)
    usage = {"inputTokens": 4, "sandboxSeconds": 90}
    answer = world.hold(estimate={"service": "codex", "usage": usage}, holdId="h1")
    assert answer.body["heldUsd"] == "0.04"
    shown = answer.body["remaining"]
    assert shown["maxCost"]["remaining"]["amount"] == 6
    assert (shown["maxComputeMinutes"]["held"], shown["maxComputeMinutes"]["remaining"]) == (1.5, 0.5)
    assert (shown["maxModelCalls"]["held"], shown["maxModelCalls"]["remaining"]) == (1, 0)
    world.record(usage={"inputTokens": 3, "sandboxSeconds": 30}, holdId="h1")
    shown = world.limits()
    assert cost_of(world) == (3, 0, 7)
    assert (shown["maxComputeMinutes"]["used"], shown["maxComputeMinutes"]["held"]) == (0.5, 0)
    assert (shown["maxModelCalls"]["used"], shown["maxModelCalls"]["held"]) == (1, 0)


@pytest.mark.parametrize(
    ("limits", "dimension"),
    [
        ({"maxCost": cents(3)}, "maxCost"),
        ({"maxComputeMinutes": 1}, "maxComputeMinutes"),
        ({"maxModelCalls": 0}, "maxModelCalls"),
    ],
)
def test_what_one_dimension_has_no_room_for_is_held_of_none(
    world: SessionWorld, limits: dict[str, Any], dimension: str
) -> None:
    world.patch(**{"maxCost": cents(9), "maxComputeMinutes": 9, "maxModelCalls": 9, **limits})
    refused = world.hold(estimate={"service": "codex", "usage": {"inputTokens": 4, "sandboxSeconds": 90}})
    assert (refused.status, refused.body["dimension"]) == (402, dimension)
    meter = world.meter()
    assert [meter[f"{name}Held"]["N"] for name in ("cost", "compute", "calls", "agents")] == ["0"] * 4


def test_an_estimate_without_a_rate_is_refused(world: SessionWorld) -> None:
    refused = world.hold(estimate={"service": "codex", "usage": {"inputTokens": 1, "mysteries": 1}})
    assert (refused.status, refused.code) == (422, "unrated")
    assert cost_of(world) == (0, 0, 10)


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        ({"onUnrated": "pause"}, 422),
        ({"onUnrated": "pause", "maxCost": None}, 422),
        ({"onUnrated": "allow"}, 201),
        ({"onUnrated": "allow", "maxCost": None}, 201),
    ],
)
def test_where_usage_without_a_rate_is_allowed_the_rest_of_an_estimate_is_held(
    world: SessionWorld, limits: dict[str, Any], status: int
) -> None:
    world.patch(**limits)
    answer = world.hold(estimate={"service": "codex", "usage": {"inputTokens": 1, "mysteries": 1}})
    assert answer.status == status
    assert world.meter()["costHeld"]["N"] == ("0" if status == 422 else str(10**10))


def test_a_budget_objects_to_what_it_cannot_price(world: SessionWorld) -> None:
    world.patch(onUnrated="allow")
    estimate = {"service": "codex", "usage": {"inputTokens": 1, "mysteries": 1}}
    world.put_budget("project", maxModelCalls=9)
    assert world.hold(estimate=estimate).status == 201
    world.put_budget("project", maxCost=cents(9))
    assert world.hold(estimate=estimate).code == "unrated"
    world.put_budget("project", maxCost=cents(9), onUnrated="allow")
    assert world.hold(estimate=estimate).status == 201


def test_an_estimate_of_more_money_than_there_is_is_refused(world: SessionWorld) -> None:
    answer = world.hold(estimate={"service": "codex", "usage": {"inputTokens": 10**15}})
    assert (answer.status, answer.paths) == (422, {"estimate.usage"})
    answer = world.hold(estimate={"costUsd": str(10**15)})
    assert (answer.status, answer.code) == (402, "limit_reached")


@pytest.mark.parametrize(
    ("estimate", "path"),
    [
        ({}, "estimate"),
        ({"costUsd": "1", "service": "codex", "usage": {"inputTokens": 1}}, "estimate"),
        ({"costUsd": "1", "service": "codex"}, "estimate"),
        ({"costUsd": "1", "modelId": "gpt-5"}, "estimate"),
        ({"usage": {"inputTokens": 1}}, "estimate.service"),
        ({"costUsd": "-1"}, "estimate.costUsd"),
        ({"costUsd": "0.0000000000001"}, "estimate.costUsd"),
        ({"service": "codex", "usage": {}}, "estimate.usage"),
    ],
)
def test_an_estimate_that_says_nothing_or_too_much_is_refused(
    world: SessionWorld, estimate: dict[str, Any], path: str
) -> None:
    answer = world.hold(estimate=estimate)
    assert (answer.status, answer.code, answer.paths) == (422, "invalid_request", {path})


@pytest.mark.parametrize(("seconds", "status"), [(0, 422), (1, 201), (86_400, 201), (86_401, 422)])
def test_a_hold_lasts_from_a_second_to_a_day(world: SessionWorld, seconds: int, status: int) -> None:
    assert world.hold(cost=1, ttlSeconds=seconds).status == status


# ---------------------------------------------------------------------------- retries


def test_a_retry_is_recognised_by_its_id(world: SessionWorld) -> None:
    first = world.hold(cost=4, holdId="h1")
    again = world.hold(cost=4, holdId="h1")
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert cost_of(world) == (0, 4, 6)


def test_a_retry_is_recognised_by_its_key_whatever_the_order_of_what_it_names(world: SessionWorld) -> None:
    usage = {"inputTokens": 1, "outputTokens": 1}
    headers = {"Idempotency-Key": "key"}
    first = world.hold(estimate={"service": "codex", "usage": usage}, headers=headers)
    again = world.hold(estimate={"service": "codex", "usage": dict(reversed(usage.items()))}, headers=headers)
    assert (first.status, again.status) == (201, 200)
    assert first.body["holdId"] == again.body["holdId"]
    assert cost_of(world) == (0, 2, 8)


def test_holds_without_id_or_key_are_holds_of_their_own(world: SessionWorld) -> None:
    assert world.hold(cost=1).body["holdId"] != world.hold(cost=1).body["holdId"]
    assert cost_of(world) == (0, 2, 8)


@pytest.mark.parametrize("other", [{"estimate": {"costUsd": "0.05"}}, {"ttlSeconds": 60}, {"runId": "r1"}])
def test_another_hold_with_its_id_is_a_conflict(world: SessionWorld, other: dict[str, Any]) -> None:
    world.hold(cost=4, holdId="h1")
    answer = world.hold(**{"cost": 4, "holdId": "h1", **other})
    assert (answer.status, answer.code) == (409, "idempotency_conflict")


def test_a_retry_is_recognised_when_there_is_no_room_for_another_and_when_the_session_is_paused(
    world: SessionWorld,
) -> None:
    world.hold(cost=10, holdId="h1")
    assert world.hold(cost=10, holdId="h1").status == 200
    world.pause()
    assert world.hold(cost=10, holdId="h1").status == 200


@pytest.mark.parametrize("end", ["settle", "release", "expire", "expire and sweep"])
def test_a_hold_that_has_ended_does_not_look_like_one_that_runs(world: SessionWorld, end: str) -> None:
    world.hold(cost=4, holdId="h1")
    if end == "settle":
        world.record(cost=1, holdId="h1")
    elif end == "release":
        world.release("ses_1", "h1")
    else:
        world.wait(seconds=600)
    if end == "expire and sweep":
        world.sweep()
    answer = world.hold(cost=4, holdId="h1")
    assert (answer.status, answer.code) == (409, "hold_closed")
    assert cost_of(world)[1] == 0


# ---------------------------------------------------------------------------- release and extend


def test_a_released_hold_gives_its_room_back_once(world: SessionWorld) -> None:
    world.hold(cost=4, holdId="h1")
    assert [world.release("ses_1", "h1").status for _ in range(2)] == [204, 204]
    assert cost_of(world) == (0, 0, 10)
    assert world.record(cost=1, holdId="h1").code == "hold_closed"


def test_a_settled_hold_cannot_be_released_nor_extended(world: SessionWorld) -> None:
    world.hold(cost=4, holdId="h1")
    world.record(cost=1, holdId="h1")
    assert world.release("ses_1", "h1").code == "hold_closed"
    assert world.extend("ses_1", "h1", 60).code == "hold_closed"


def test_an_unknown_hold_can_neither_be_released_nor_extended(world: SessionWorld) -> None:
    assert world.release("ses_1", "h1").code == "not_found"
    assert world.extend("ses_1", "h1", 60).code == "not_found"


def test_a_hold_is_extended_from_now(world: SessionWorld) -> None:
    world.hold(cost=10, holdId="h1", ttlSeconds=60)
    world.wait(seconds=59)
    assert world.extend("ses_1", "h1", 60).body["expiresAt"] == "2026-11-24T10:01:59.123456Z"
    world.wait(seconds=59)
    assert world.hold(cost=1).status == 402
    world.wait(seconds=1)
    assert world.hold(cost=1).status == 201


def test_a_hold_may_be_extended_to_end_sooner(world: SessionWorld) -> None:
    world.hold(cost=10, holdId="h1", ttlSeconds=3600)
    world.extend("ses_1", "h1", 1)
    world.wait(seconds=1)
    assert world.hold(cost=10).status == 201


# ---------------------------------------------------------------------------- running out


def test_a_hold_runs_out_at_its_very_instant(world: SessionWorld) -> None:
    world.hold(cost=10, ttlSeconds=60)
    world.wait(seconds=60, microseconds=-1)
    assert world.hold(cost=1).status == 402
    world.wait(microseconds=1)
    assert cost_of(world) == (0, 0, 10)
    assert world.hold(cost=10).status == 201


def test_room_of_a_hold_that_ran_out_is_there_at_once_without_a_sweep(world: SessionWorld) -> None:
    for _ in range(5):
        world.hold(cost=2, ttlSeconds=1)
    world.wait(seconds=1)
    assert world.hold(cost=10).status == 201


@pytest.mark.parametrize("swept", [False, True])
def test_a_hold_that_ran_out_settles_in_full(world: SessionWorld, *, swept: bool) -> None:
    world.hold(cost=4, holdId="h1", ttlSeconds=1)
    world.wait(hours=1)
    if swept:
        world.sweep()
    assert world.record(cost=6, holdId="h1").status == 201
    assert cost_of(world) == (6, 0, 4)
    world.sweep()
    assert cost_of(world) == (6, 0, 4)


def test_a_hold_that_ran_out_can_be_released_and_not_extended(world: SessionWorld) -> None:
    world.hold(cost=4, holdId="h1", ttlSeconds=1)
    world.wait(seconds=1)
    assert world.extend("ses_1", "h1", 60).code == "hold_closed"
    assert world.release("ses_1", "h1").status == 204
    assert cost_of(world) == (0, 0, 10)


def test_a_hold_that_is_extended_while_it_is_swept_keeps_its_room(world: SessionWorld) -> None:
    """The sweep finds it due, and before the sweep closes it, it is extended; later it is not."""
    world.hold(cost=4, holdId="h1", ttlSeconds=60)
    statuses = []
    for calls in range(1, 40):
        world.wait(seconds=60)
        with world.meanwhile(calls, lambda: extend_as_of_before(world)) as came:
            world.sweep()
        statuses.append(came[0].status)
        assert cost_of(world) == ((0, 4, 6) if came[0].status == 200 else (0, 0, 10))
        if came[0].status != 200:
            break
    assert statuses[-2:] == [200, 409]


def extend_as_of_before(world: SessionWorld) -> Any:
    """By a function whose clock is a second behind."""
    world.wait(seconds=-1)
    try:
        return world.extend("ses_1", "h1", 61)
    finally:
        world.wait(seconds=1)


# ---------------------------------------------------------------------------- dry run, pause


def test_a_dry_run_answers_and_holds_nothing(world: SessionWorld) -> None:
    answer = world.hold(cost=4, holdId="h1", dry_run=True)
    assert (answer.status, answer.body["heldUsd"]) == (200, "0.04")
    assert answer.body["remaining"]["maxCost"]["remaining"]["amount"] == 6
    assert world.hold(cost=11, dry_run=True).code == "limit_reached"
    assert cost_of(world) == (0, 0, 10)
    assert world.hold(cost=5, holdId="h1").status == 201


def test_a_paused_session_grants_nothing(world: SessionWorld) -> None:
    world.pause()
    for cost in (0, 1):
        assert world.hold(cost=cost).code == "session_paused"
    world.resume()
    assert world.hold(cost=1).status == 201


def test_a_stopped_project_grants_nothing_in_any_session(world: SessionWorld) -> None:
    world.create("ses_2")
    world.hold(cost=1, holdId="h1")
    assert world.call("POST /v1/project/pause", body={"reason": "fire"}).body == {"status": "paused"}
    assert [world.hold(session, cost=1).code for session in ("ses_1", "ses_2")] == ["session_paused"] * 2
    assert world.record(cost=2, holdId="h1").status == 201
    world.call("POST /v1/project/resume")
    assert world.hold(cost=1).status == 201


def test_limits_that_are_lowered_below_what_is_held_grant_nothing_more(world: SessionWorld) -> None:
    world.hold(cost=6, holdId="h1")
    world.patch(maxCost=cents(5))
    assert cost_of(world) == (0, 6, 0)
    assert world.hold(cost=0).status == 402
    assert world.show()["status"] == "active"
    world.release("ses_1", "h1")
    assert cost_of(world) == (0, 0, 5)


def test_many_holds_at_once_take_no_more_than_there_is(world: SessionWorld) -> None:
    """Each asks in the middle of another's request, so that all have read the same room."""

    def nested(depth: int) -> list[int]:
        if depth == 0:
            return []
        with world.meanwhile(3, lambda: nested(depth - 1)) as came:
            status = world.hold(cost=4).status
        return [status, *(came[0] if came else [])]

    assert sorted(nested(6)) == [201, 201, 402, 402, 402, 402]
    assert cost_of(world) == (0, 8, 2)


# ---------------------------------------------------------------------------- the list


def held(world: SessionWorld, **query: str) -> Any:
    return world.call("GET /v1/sessions/{sessionId}/holds", path={"sessionId": "ses_1"}, query=query).body


def test_the_open_holds_are_listed_with_what_they_hold(world: SessionWorld) -> None:
    world.hold(cost=4, holdId="h1")
    world.hold(holdId="h2", estimate={"service": "codex", "usage": {"inputTokens": 1, "sandboxSeconds": 90}})
    for hold in ("h3", "h4"):
        world.hold(cost=1, holdId=hold)
    world.release("ses_1", "h3")
    world.record(cost=1, holdId="h4")
    assert held(world) == {
        "items": [
            {
                "holdId": hold,
                "heldUsd": usd,
                "heldModelCalls": calls,
                "heldComputeMinutes": minutes,
                "createdAt": "2026-11-24T10:00:00.123456Z",
                "expiresAt": "2026-11-24T10:10:00.123456Z",
            }
            for hold, usd, calls, minutes in (("h1", "0.04", 0, 0), ("h2", "0.01", 1, 1.5))
        ],
        "nextCursor": None,
    }


def test_a_hold_is_listed_until_it_runs_out(world: SessionWorld) -> None:
    world.hold(cost=1, holdId="h1", ttlSeconds=60)
    world.wait(seconds=60, microseconds=-1)
    assert len(held(world)["items"]) == 1
    world.wait(microseconds=1)
    assert held(world)["items"] == []


def test_holds_have_pages_and_are_no_agents(world: SessionWorld) -> None:
    world.start(agent="h0")
    for number in range(5):
        world.hold(cost=1, holdId=f"h{number}")
    found, cursor = [], None
    while True:
        page = held(world, limit="2", **({"cursor": cursor} if cursor else {}))
        found.append([hold["holdId"] for hold in page["items"]])
        if (cursor := page["nextCursor"]) is None:
            break
    assert found == [["h0", "h1"], ["h2", "h3"], ["h4"]]


def test_holds_of_a_session_that_is_not_there_are_not_found(world: SessionWorld) -> None:
    path = {"sessionId": "ses_9"}
    assert world.call("GET /v1/sessions/{sessionId}/holds", path=path).code == "not_found"
