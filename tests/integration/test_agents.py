"""Agents: slots under leases that heartbeats renew."""

from collections.abc import Iterator

import pytest

from tests.session_world import SessionWorld, cents, session_world


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionWorld]:
    with session_world(monkeypatch) as world:
        world.create(maxAgents=2)
        yield world


def ids(world: SessionWorld) -> list[str]:
    return [agent["agentId"] for agent in world.agents()]


def test_an_agent_takes_a_slot(world: SessionWorld) -> None:
    answer = world.start(agent="a1", leaseSeconds=60)
    assert answer.status == 201
    assert answer.body == {
        "agentId": "a1",
        "status": "running",
        "startedAt": "2026-11-24T10:00:00.123456Z",
        "expiresAt": "2026-11-24T10:01:00.123456Z",
    }
    assert world.agents() == [answer.body]
    assert world.usage()["activeAgents"] == 1
    assert world.limits()["maxAgents"] == {"limit": 2, "used": 1, "held": 0, "remaining": 1}


def test_no_more_agents_run_than_there_are_slots(world: SessionWorld) -> None:
    assert [world.start(agent=agent).status for agent in ("a1", "a2", "a3")] == [201, 201, 402]
    refused = world.start(agent="a3")
    figures = {name: refused.body[name] for name in ("dimension", "limit", "used", "held", "remaining")}
    assert figures == {"dimension": "maxAgents", "limit": 2, "used": 2, "held": 0, "remaining": 0}
    assert ids(world) == ["a1", "a2"]


def test_the_same_agent_again_keeps_its_slot_and_renews_its_lease(world: SessionWorld) -> None:
    world.start(agent="a1", leaseSeconds=60)
    world.wait(seconds=30)
    again = world.start(agent="a1", leaseSeconds=60)
    assert (again.status, again.body["expiresAt"]) == (200, "2026-11-24T10:01:30.123456Z")
    assert world.usage()["activeAgents"] == 1


def test_an_agent_that_ended_frees_its_slot_and_may_start_again(world: SessionWorld) -> None:
    world.start(agent="a1")
    assert [world.end(agent="a1").status for _ in range(2)] == [204, 204]
    assert world.usage()["activeAgents"] == 0
    assert world.beat(agent="a1").code == "not_found"
    assert world.start(agent="a1").status == 201
    assert ids(world) == ["a1"]


def test_an_unknown_agent_can_neither_beat_nor_end(world: SessionWorld) -> None:
    assert world.beat(agent="a1").code == "not_found"
    assert world.end(agent="a1").code == "not_found"


def test_a_heartbeat_renews_the_lease(world: SessionWorld) -> None:
    world.start(agent="a1", leaseSeconds=60)
    for _ in range(5):
        world.wait(seconds=59)
        answer = world.beat(agent="a1", leaseSeconds=60)
        assert (answer.status, answer.body["status"]) == (200, "running")
    assert ids(world) == ["a1"]
    assert world.beat(agent="a1").body["expiresAt"] == "2026-11-24T10:09:55.123456Z"


def test_a_lease_that_runs_out_frees_its_slot_by_itself(world: SessionWorld) -> None:
    world.start(agent="a1", leaseSeconds=60)
    world.start(agent="a2", leaseSeconds=3600)
    world.wait(seconds=60, microseconds=-1)
    assert (ids(world), world.start(agent="a3").status) == (["a1", "a2"], 402)
    world.wait(microseconds=1)
    assert ids(world) == ["a2"]
    assert world.start(agent="a3").status == 201
    assert world.beat(agent="a1").code == "not_found"
    assert world.start(agent="a1").status == 402


def test_a_late_heartbeat_keeps_a_slot_that_nobody_wanted(world: SessionWorld) -> None:
    world.start(agent="a1", leaseSeconds=60)
    world.wait(seconds=90)
    assert world.beat(agent="a1").status == 200
    assert world.usage()["activeAgents"] == 1


def test_agents_of_a_paused_session_hear_so(world: SessionWorld) -> None:
    world.start(agent="a1")
    world.pause()
    assert world.beat(agent="a1").body["status"] == "paused"
    assert world.start(agent="a1").body["status"] == "paused"
    assert world.agents()[0]["status"] == "paused"
    assert world.start(agent="a2").code == "session_paused"
    world.resume()
    assert world.beat(agent="a1").body["status"] == "running"


def test_agents_hear_of_a_limit_that_was_passed(world: SessionWorld) -> None:
    world.patch(maxCost=cents(1))
    world.start(agent="a1")
    world.start(agent="a2")
    world.record(cost=2)
    assert [world.beat(agent=agent).body["status"] for agent in ("a1", "a2")] == ["paused", "paused"]


def test_agents_of_a_stopped_project_hear_so(world: SessionWorld) -> None:
    world.start(agent="a1")
    world.call("POST /v1/project/pause")
    assert world.beat(agent="a1").body["status"] == "paused"
    assert world.start(agent="a1").body["status"] == "paused"
    assert world.agents()[0]["status"] == "paused"
    assert world.start(agent="a2").code == "session_paused"
    assert world.end(agent="a1").status == 204
    world.call("POST /v1/project/resume")
    assert world.start(agent="a2").body["status"] == "running"


def test_fewer_slots_than_agents_let_those_run_on_and_no_other_start(world: SessionWorld) -> None:
    world.start(agent="a1")
    world.start(agent="a2")
    shown = world.patch(maxAgents=1).body["maxAgents"]
    assert shown == {"limit": 1, "used": 2, "held": 0, "remaining": 0}
    assert world.show()["status"] == "active"
    world.end(agent="a1")
    assert world.start(agent="a3").status == 402
    world.end(agent="a2")
    assert world.start(agent="a3").status == 201


def test_without_a_limit_any_number_of_agents_run(world: SessionWorld) -> None:
    world.patch(maxAgents=None)
    for number in range(20):
        assert world.start(agent=f"a{number:02d}").status == 201
    assert world.usage()["activeAgents"] == 20


def test_agents_are_listed_page_by_page(world: SessionWorld) -> None:
    world.patch(maxAgents=None)
    names = sorted(["a", "a ", "a!", "a#1", "b", "ä", "agent"])
    for name in names:
        world.start(agent=name)
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        path = {"sessionId": "ses_1"}
        page = world.call("GET /v1/sessions/{sessionId}/agents", path=path, query={"limit": 2, **cursor}).body
        found += [agent["agentId"] for agent in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert found == names


@pytest.mark.parametrize(("seconds", "status"), [(0, 422), (1, 201), (86_400, 201), (86_401, 422)])
def test_a_lease_lasts_from_a_second_to_a_day(world: SessionWorld, seconds: int, status: int) -> None:
    assert world.start(leaseSeconds=seconds).status == status


def test_an_agent_that_ends_while_it_starts_again_runs(world: SessionWorld) -> None:
    """Whenever the end comes between, the start does not wait for a lease that is gone."""
    for calls in range(1, 9):
        world.start(agent="a1")
        with world.meanwhile(calls, lambda: world.end(agent="a1")) as came:
            answer = world.start(agent="a1")
        assert answer.status in {200, 201}
        assert world.usage()["activeAgents"] in ({1} if not came else {0, 1})
        assert world.clock.monotonic() < 1
        world.end(agent="a1")
