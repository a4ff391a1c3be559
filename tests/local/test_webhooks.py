"""Webhooks end to end on the running local cloud: from a session's pause to a receiver on loopback."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.local.running_cloud import ProjectClient, RunningCloud
from tests.local.waiting import eventually
from tests.webhook_receiver import Receiver, answer, hang

pytestmark = pytest.mark.local

EVENTS = 40


@pytest.fixture
def project(cloud: RunningCloud) -> ProjectClient:
    return cloud.new_project()


def create(project: ProjectClient, receiver: Receiver, path: str, *events: str) -> dict[str, Any]:
    body = {"url": receiver.url(path), "events": list(events or ("*",))}
    webhook: dict[str, Any] = project.post("/v1/webhooks", json=body).raise_for_status().json()
    receiver.know(path, webhook["secret"])
    return webhook


def pause_a_session(project: ProjectClient, session_id: str) -> None:
    """Which sends one event, `session.paused`."""
    project.post("/v1/sessions", json={"userId": "user_1", "sessionId": session_id}).raise_for_status()
    project.post(f"/v1/sessions/{session_id}/pause", json={}).raise_for_status()


def deliveries(project: ProjectClient, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    answered = project.get(f"/v1/webhooks/{webhook['webhookId']}/deliveries").raise_for_status().json()
    items: list[dict[str, Any]] = answered["items"]
    return items


def test_a_paused_session_reaches_the_receiver_signed(project: ProjectClient, receiver: Receiver) -> None:
    webhook = create(project, receiver, "/hook", "session.paused")
    pause_a_session(project, "ses_1")
    request = receiver.take()
    assert request.verified_by == [0]
    body = json.loads(request.body)
    assert (body["type"], body["data"]["sessionId"]) == ("session.paused", "ses_1")
    [delivery] = eventually(lambda: [one for one in deliveries(project, webhook) if one["status"] == "succeeded"])
    assert delivery["eventId"] == request.headers["webhook-id"]
    assert [attempt["statusCode"] for attempt in delivery["attempts"]] == [204]


def test_a_receiver_that_fails_is_tried_again_after_five_seconds_with_the_same_id(
    project: ProjectClient, receiver: Receiver
) -> None:
    webhook = create(project, receiver, "/hook")
    receiver.behave("/hook", answer(500, b"not now"), answer(204))
    pause_a_session(project, "ses_1")
    first, second = receiver.take(), receiver.take()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 5
    assert [first.verified_by, second.verified_by] == [[0], [0]]
    [delivery] = eventually(lambda: [one for one in deliveries(project, webhook) if one["status"] == "succeeded"])
    assert [attempt["answer"] for attempt in delivery["attempts"]] == ["not now", ""]


def test_a_test_event_arrives_with_both_signatures_after_a_rotation(project: ProjectClient, receiver: Receiver) -> None:
    webhook = create(project, receiver, "/hook")
    path = f"/v1/webhooks/{webhook['webhookId']}"
    rotated = project.post(f"{path}/rotate-secret").raise_for_status().json()
    receiver.know("/hook", webhook["secret"], rotated["secret"])
    assert project.post(f"{path}/test").status_code == 202
    assert receiver.take().verified_by == [0, 1]


def test_410_disables_and_a_redirect_is_not_followed(project: ProjectClient, receiver: Receiver) -> None:
    gone, elsewhere = create(project, receiver, "/gone"), create(project, receiver, "/moved")
    receiver.behave("/gone", answer(410))
    receiver.behave("/moved", answer(302, headers={"location": receiver.url("/new")}))
    pause_a_session(project, "ses_1")
    eventually(lambda: [one for one in deliveries(project, gone) if one["status"] == "failed"])
    assert project.get(f"/v1/webhooks/{gone['webhookId']}").json()["status"] == "disabled"
    [delivery] = eventually(lambda: [one for one in deliveries(project, elsewhere) if one["attempts"]])
    assert (delivery["status"], delivery["attempts"][0]["statusCode"]) == ("pending", 302)


def test_every_event_of_many_at_once_arrives_and_is_delivered_once(project: ProjectClient, receiver: Receiver) -> None:
    webhook = create(project, receiver, "/hook", "session.paused")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: pause_a_session(project, f"ses_{number}"), range(EVENTS)))
    requests = [receiver.take() for _ in range(EVENTS)]
    assert Counter(json.loads(request.body)["data"]["sessionId"] for request in requests) == {
        f"ses_{number}": 1 for number in range(EVENTS)
    }
    assert all(request.verified_by == [0] for request in requests)
    eventually(lambda: all(one["status"] == "succeeded" for one in deliveries(project, webhook)))
    assert receiver.received.empty()


def test_a_retry_survives_a_restart_of_the_cloud(cloud: RunningCloud, receiver: Receiver) -> None:
    project = cloud.new_project()
    webhook = create(project, receiver, "/hook")
    receiver.behave("/hook", answer(500), answer(204))
    pause_a_session(project, "ses_1")
    first = receiver.take()
    eventually(lambda: deliveries(project, webhook)[0]["attempts"])
    cloud.restart()
    second = receiver.take()
    assert (second.headers["webhook-id"], second.verified_by) == (first.headers["webhook-id"], [0])


def test_customers_whose_receivers_hang_or_fail_delay_nobody_else(cloud: RunningCloud, receiver: Receiver) -> None:
    hanging, failing, well = cloud.new_project(), cloud.new_project(), cloud.new_project()
    create(hanging, receiver, "/hangs", "session.paused")
    create(failing, receiver, "/fails", "session.paused")
    receiver.behave("/hangs", hang)
    receiver.behave("/fails", answer(500))
    with ThreadPoolExecutor(4) as threads:
        for project in (hanging, failing):
            list(threads.map(lambda number, project=project: pause_a_session(project, f"ses_{number}"), range(EVENTS)))
    webhook = create(well, receiver, "/well", "session.paused")
    pause_a_session(well, "ses_1")
    [delivery] = eventually(
        lambda: [one for one in deliveries(well, webhook) if one["status"] == "succeeded"], within=120
    )
    assert len(delivery["attempts"]) == 1
