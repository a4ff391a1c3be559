"""Crowds at a limit: what fits is granted and no more, and what is passed is told of once."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.local.limited_sessions import LimitedSessions, at_once, cents, limited_sessions
from tests.local.running_cloud import RunningCloud
from tests.local.waiting import eventually
from tests.webhook_receiver import Receiver

CROWD = 200

pytestmark = pytest.mark.local


@pytest.fixture
def sessions(cloud: RunningCloud) -> Iterator[LimitedSessions]:
    with limited_sessions(cloud, CROWD) as made:
        yield made


def test_of_200_that_want_75_cents_of_500_six_get_them(sessions: LimitedSessions) -> None:
    sessions.create(maxCost=cents(500))
    answers = at_once(CROWD, lambda number: sessions.hold(75, holdId=f"h{number}"))
    granted = [answer for answer in answers if answer.status_code in {200, 201}]
    assert len(granted) == 6
    assert {answer.status_code for answer in answers} <= {200, 201, 402}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 402} == {"limit_reached"}
    assert [str(figure) for figure in sessions.standing()] == ["5", "0", "4.5"]


def test_the_last_cent_of_a_projects_budget_goes_to_one(sessions: LimitedSessions) -> None:
    """Its room is split over several items, and the crowd comes from several sessions."""
    sessions.put_budget("project", maxCost=cents(37))
    for number in range(4):
        sessions.create(f"ses_{number}", user=f"user_{number}")
    answers = at_once(100, lambda number: sessions.hold(1, session=f"ses_{number % 4}", holdId=f"h{number}"))
    assert sum(answer.status_code in {200, 201} for answer in answers) == 37
    assert {answer.json()["scope"] for answer in answers if answer.status_code == 402} == {"project"}
    assert [str(figure) for figure in sessions.budget("project")] == ["0.37", "0", "0.37"]


def test_of_64_agents_three_run(sessions: LimitedSessions) -> None:
    sessions.create(maxAgents=3)
    path = "/v1/sessions/ses_1/agents"
    answers = at_once(64, lambda number: sessions.answer("POST", path, json={"agentId": f"a{number}"}))
    assert sum(answer.status_code in {200, 201} for answer in answers) == 3
    assert len(sessions.get(path)["items"]) == sessions.get("/v1/sessions/ses_1/usage")["activeAgents"] == 3


def test_100_callbacks_that_cross_a_limit_at_once_are_one_event(sessions: LimitedSessions, receiver: Receiver) -> None:
    hook = {"url": receiver.url("/hook"), "events": ["*"]}
    receiver.know("/hook", sessions.answer("POST", "/v1/webhooks", json=hook).raise_for_status().json()["secret"])
    sessions.put_budget("user:ada", maxCost=cents(60))
    sessions.put_budget("project", maxCost=cents(80))
    sessions.create(maxCost=cents(40))
    events = [sessions.event(100) for _ in range(100)]
    answers = at_once(100, lambda number: sessions.record(events[number]))
    assert {answer.status_code for answer in answers} <= {200, 201}
    expected = Counter({("session.paused", "maxCost", None): 1})
    for scope in ("session", "budget", "budget"):
        expected[f"{scope}.limit_reached", "maxCost", None] += 1
        expected.update({(f"{scope}.threshold_reached", "maxCost", percent): 1 for percent in (50, 80, 100)})
    got = [receiver.take() for _ in range(expected.total())]
    assert len({request.headers["webhook-id"] for request in got}) == expected.total()
    bodies = [json.loads(request.body) for request in got]
    told = Counter((body["type"], body["data"].get("dimension"), body["data"].get("threshold")) for body in bodies)
    assert told == expected
    assert all(request.verified_by == [0] for request in got)
    sessions.assert_meter_is_the_sum_of_its_records("ses_1")
    # Whatever else were to come would have been written by now: nothing waits to be sent, and nothing came.
    eventually(lambda: not outbox_of(sessions))
    assert receiver.received.empty()


def outbox_of(sessions: LimitedSessions) -> list[object]:
    """The project's events that were not relayed yet."""
    client = sessions.cloud.endpoint.client("dynamodb")
    pages = client.get_paginator("scan").paginate(TableName="meterstone-Meters")
    found = [item for page in pages for item in page["Items"] if item["entry"]["S"].startswith("event#")]
    client.close()
    return [item for item in found if item["project"]["S"] == sessions.project_id]


def test_limits_that_go_up_and_down_meanwhile_lose_no_callback(sessions: LimitedSessions) -> None:
    sessions.create(maxCost=cents(10), maxModelCalls=5)
    sessions.put_budget("user:ada", maxCost=cents(10))
    done = Event()

    def change() -> int:
        changes = 0
        while not done.is_set():
            for amount in (2, 50, 7, 1000):
                limits = {"maxCost": cents(amount), "thresholds": [50, 100] if amount > 20 else []}
                sessions.answer("PATCH", "/v1/sessions/ses_1/limits", json=limits).raise_for_status()
                sessions.put_budget("user:ada", maxCost=cents(amount * 2))
                sessions.answer("POST", "/v1/sessions/ses_1/resume")
                changes += 1
        return changes

    with ThreadPoolExecutor(2) as threads:
        changing = [threads.submit(change) for _ in range(2)]
        answers = at_once(16, lambda _: [sessions.record(sessions.event(number)) for number in range(25)])
        done.set()
        assert min(future.result() for future in changing) > 0
    assert {answer.status_code for some in answers for answer in some} <= {200, 201}
    sessions.assert_meter_is_the_sum_of_its_records("ses_1")
    total = 16 * sum(range(25))
    sessions.answer("PATCH", "/v1/sessions/ses_1/limits", json={"maxCost": cents(1000)}).raise_for_status()
    _, used, held = sessions.standing()
    assert (used * 10_000, held) == (total, 0)
    assert sessions.budget("user:ada")[1] * 10_000 == total


def test_an_emergency_stop_is_obeyed_by_whoever_asks_after_its_answer(sessions: LimitedSessions) -> None:
    """The contract gives it five seconds; it takes none."""
    sessions.create("ses_1")
    sessions.create("ses_2", "bob")
    agents = "/v1/sessions/ses_2/agents"
    sessions.answer("POST", agents, json={"agentId": "a1"}).raise_for_status()
    stopped, running = Event(), Event()

    def ask(number: int) -> list[tuple[bool, int]]:
        """Holds and agents until some while after the stop: whether it was asked for after it, and the answer."""
        found: list[tuple[bool, int]] = []
        while sum(after for after, _ in found) < 5:
            after = stopped.is_set()
            if number % 2:
                answer = sessions.hold(0, session=f"ses_{1 + number % 4 // 2}")
            else:
                answer = sessions.answer("POST", agents, json={"agentId": f"a{number}-{len(found)}"})
            found.append((after, answer.status_code))
            running.set()
        return found

    with ThreadPoolExecutor(8) as threads:
        asking = [threads.submit(ask, number) for number in range(8)]
        running.wait()
        sessions.answer("POST", "/v1/project/pause", json={"reason": "fire"}).raise_for_status()
        stopped.set()
        answers = [answer for future in asking for answer in future.result()]
    assert (False, 201) in answers
    assert {status for after, status in answers if after} == {409}
    assert sessions.answer("PUT", f"{agents}/a1", json={}).json()["status"] == "paused"
    assert sessions.record(sessions.event(1)).status_code == 201
    sessions.answer("POST", "/v1/project/resume").raise_for_status()
    assert sessions.hold(0).status_code == 201
