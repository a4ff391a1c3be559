"""Sessions: made once, found again, listed, and what they have used."""

from collections.abc import Iterator

import pytest

from tests.session_world import SessionWorld, cents, session_world


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionWorld]:
    with session_world(monkeypatch) as world:
        yield world


def test_a_session_is_made_with_the_limits_it_is_given(world: SessionWorld) -> None:
    answer = world.post_session(sessionId="ses_1", userId="ada", limits={"maxCost": cents(500, "day"), "maxAgents": 3})
    assert answer.status == 201
    assert answer.body == {
        "sessionId": "ses_1",
        "userId": "ada",
        "status": "active",
        "reason": None,
        "breached": [],
        "limits": {
            "maxCost": cents(500, "day"),
            "maxAgents": 3,
            "maxComputeMinutes": None,
            "maxModelCalls": None,
            "onUnrated": "pause",
            "thresholds": [50, 80, 100],
        },
        "createdAt": "2026-11-24T10:00:00.123456Z",
    }
    assert world.show() == answer.body


def test_a_session_without_an_id_gets_one(world: SessionWorld) -> None:
    first, second = (world.post_session(userId="ada").body["sessionId"] for _ in range(2))
    assert first != second
    assert first.startswith("ses_")


def test_the_same_session_again_is_found_and_not_made(world: SessionWorld) -> None:
    body = {"sessionId": "ses_1", "userId": "ada", "limits": {"maxAgents": 2}}
    first = world.post_session(**body)
    world.wait(hours=1)
    again = world.post_session(**body)
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body


@pytest.mark.parametrize("other", [{"userId": "bob"}, {"limits": {"maxAgents": 3}}, {"limits": {}}])
def test_a_session_that_differs_is_refused_its_id(world: SessionWorld, other: dict[str, object]) -> None:
    body = {"sessionId": "ses_1", "userId": "ada", "limits": {"maxAgents": 2}}
    world.post_session(**body)
    answer = world.post_session(**{**body, **other})
    assert (answer.status, answer.code) == (409, "already_exists")


@pytest.mark.parametrize("reuse", ["yes", "true", 1, 0])
def test_whether_a_session_is_reused_is_said_by_a_boolean(world: SessionWorld, reuse: object) -> None:
    answer = world.post_session(userId="ada", reuse=reuse)
    assert (answer.status, answer.paths) == (422, {"reuse"})


def test_an_idempotency_key_makes_a_retry_the_same_session(world: SessionWorld) -> None:
    first = world.post_session(userId="ada", headers={"Idempotency-Key": "key"})
    again = world.post_session(userId="ada", headers={"Idempotency-Key": "key"})
    another = world.post_session(userId="ada", headers={"Idempotency-Key": "other"})
    assert (first.status, again.status, another.status) == (201, 200, 201)
    assert first.body["sessionId"] == again.body["sessionId"] != another.body["sessionId"]


def test_reuse_finds_the_users_active_session_and_makes_one_where_none_is(world: SessionWorld) -> None:
    world.create("ses_old", "ada")
    world.create("ses_other", "bob")
    found = world.post_session(userId="ada", reuse=True)
    assert (found.status, found.body["sessionId"]) == (200, "ses_old")
    world.pause("ses_old")
    made = world.post_session(userId="ada", reuse=True)
    assert made.status == 201
    again = world.post_session(userId="ada", reuse=True)
    assert (again.status, again.body["sessionId"]) == (200, made.body["sessionId"])


def test_two_that_reuse_at_once_get_one_session_between_them(world: SessionWorld) -> None:
    """The second asks in the middle of the first's request, after each call that the first makes to AWS in turn."""
    for calls in range(1, 6):
        user = f"user_{calls}"
        with world.meanwhile(calls, lambda user=user: world.post_session(userId=user, reuse=True)) as other:
            mine = world.post_session(userId=user, reuse=True)
        theirs = other[0] if other else mine
        assert mine.body["sessionId"] == theirs.body["sessionId"], f"interrupted after {calls} calls"
        assert sorted([mine.status, theirs.status]) in ([200, 201], [201, 201])


def test_sessions_are_listed_the_youngest_first_page_by_page(world: SessionWorld) -> None:
    for number in range(5):
        world.create(f"ses_{number}", "ada" if number % 2 == 0 else "bob")
        world.wait(seconds=1)
    assert list_ids(world, userId="ada") == ["ses_4", "ses_2", "ses_0"]
    assert list_ids(world) == ["ses_4", "ses_3", "ses_2", "ses_1", "ses_0"]
    assert list_ids(world, limit=2) == ["ses_4", "ses_3", "ses_2", "ses_1", "ses_0"]
    assert list_ids(world, userId="nobody") == []


def test_sessions_are_listed_with_what_stands_and_what_was_used_if_that_is_asked_for(world: SessionWorld) -> None:
    world.create(maxCost=cents(10))
    world.record(cost=3)
    world.hold(cost=4)
    [listed] = world.call("GET /v1/sessions", query={"standing": "true"}).body["items"]
    assert listed == {**world.show(), "standing": world.limits(), "usage": world.usage()}
    [plain] = world.call("GET /v1/sessions", query={"standing": "false"}).body["items"]
    assert plain == world.show()


def list_ids(world: SessionWorld, **query: object) -> list[str]:
    """The ids of all pages."""
    found: list[str] = []
    while True:
        answer = world.call("GET /v1/sessions", query=query)
        assert answer.status == 200
        found += [item["sessionId"] for item in answer.body["items"]]
        if answer.body["nextCursor"] is None:
            return found
        query["cursor"] = answer.body["nextCursor"]


def test_a_list_shows_sessions_as_they_stand(world: SessionWorld) -> None:
    world.create(maxCost=cents(1))
    world.record(cost=2)
    [listed] = world.call("GET /v1/sessions").body["items"]
    assert listed == world.show()
    assert (listed["status"], listed["reason"], listed["breached"]) == ("paused", "limit_reached", ["maxCost"])


def test_usage_counts_every_kind_of_metric(world: SessionWorld) -> None:
    world.create()
    usage = {"inputTokens": 3, "outputTokens": 2, "sandboxSeconds": "90.5", "runs": 1, "storageGbHours": "0.25"}
    world.record(usage=usage)
    world.record(usage={"mysteries": 1})
    assert world.usage() == {
        "cost": {"amount": 5, "currency": "usd"},
        "costUsd": "0.05",
        "computeMinutes": 1.508333,
        "computeSeconds": "90.5",
        "activeAgents": 0,
        "modelCalls": 1,
        "inputTokens": 3,
        "outputTokens": 2,
        "storageGbHours": 0.25,
        "orchestrationEvents": 1,
        "records": 2,
        "unrated": 1,
    }


def test_a_duplicate_counts_once(world: SessionWorld) -> None:
    world.create()
    event = world.event(cost=5)
    answers = [world.call("POST /v1/callbacks/usage.computeCostAndRecord", body=event) for _ in range(3)]
    assert [answer.body["status"] for answer in answers] == ["recorded", "duplicate", "duplicate"]
    assert (world.usage()["cost"]["amount"], world.usage()["records"]) == (5, 1)


def test_usage_of_an_unknown_session_is_not_recorded(world: SessionWorld) -> None:
    answer = world.record("ses_nowhere", cost=5)
    assert (answer.status, answer.code) == (404, "not_found")
    assert world.aws.items("UsageRecords") == []


@pytest.mark.parametrize(
    "route",
    ["GET ", "GET /usage", "GET /limits", "POST /resume", "POST /pause", "GET /agents"],
)
def test_an_unknown_session_is_not_found(world: SessionWorld, route: str) -> None:
    answer = world.about("ses_nowhere", route)
    assert (answer.status, answer.code) == (404, "not_found")


def test_an_unknown_session_can_neither_be_limited_nor_held_from(world: SessionWorld) -> None:
    answers = [world.patch("ses_nowhere"), world.hold("ses_nowhere"), world.start("ses_nowhere")]
    assert [(answer.status, answer.code) for answer in answers] == [(404, "not_found")] * 3


def test_ids_of_any_printable_kind_stay_apart(world: SessionWorld) -> None:
    """Keys are taken apart by signs that ids may hold."""
    ids = ["a#b", "a", "a#", "meter", "x~1", "ö/ü %41"]
    for number, session in enumerate(ids):
        world.create(session, maxCost=cents(100))
        assert world.record(session, cost=number + 1).status == 201
        assert world.hold(session, cost=1, holdId="h#1").status == 201
        assert world.start(session, "agent#1").status == 201
    for number, session in enumerate(ids):
        assert world.usage(session)["cost"]["amount"] == number + 1
        assert [agent["agentId"] for agent in world.agents(session)] == ["agent#1"]
        assert world.record(session, cost=1, holdId="h#1").status == 201
        assert world.limits(session)["maxCost"]["held"]["amount"] == 0
