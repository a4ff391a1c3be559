"""Power fails in the middle of a storm: afterwards no room has leaked, and when all is sent again nothing is lost."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event
from typing import Any

import httpx
import pytest

from tests.local.limited_sessions import LimitedSessions, cents, limited_sessions
from tests.local.running_cloud import RunningCloud
from tests.local.waiting import eventually
from tests.webhook_receiver import Receiver

CLIENTS = 8
SNAPSHOT = "emulator/snapshot.json"

pytestmark = pytest.mark.local


def hold_and_settle(sessions: LimitedSessions, number: int, done: Event, sent: list[dict[str, Any]]) -> None:
    """Takes holds and settles all but every third, until the power fails."""
    turn = 0
    while not done.is_set():
        turn += 1
        hold = f"h{number}-{turn}"
        try:
            answer = sessions.hold(3, holdId=hold, ttlSeconds=3)
            event = sessions.event(100, **({"holdId": hold} if answer.status_code == 201 and turn % 3 else {}))
            sent.append(event)
            assert sessions.record(event).status_code in {200, 201}
        except httpx.TransportError:
            return


def test_what_is_sent_again_after_a_loss_of_power_is_all_there_and_nothing_is_held(
    own_cloud: RunningCloud, receiver: Receiver
) -> None:
    with limited_sessions(own_cloud, CLIENTS) as sessions:
        hook = {"url": receiver.url("/hook"), "events": ["session.limit_reached", "budget.limit_reached"]}
        receiver.know("/hook", sessions.answer("POST", "/v1/webhooks", json=hook).raise_for_status().json()["secret"])
        sessions.put_budget("project", maxCost=cents(100_000))
        sessions.create(maxCost=cents(100_000))
        sent: list[dict[str, Any]] = []
        done = Event()
        with ThreadPoolExecutor(CLIENTS) as threads:
            clients = [threads.submit(hold_and_settle, sessions, number, done, sent) for number in range(CLIENTS)]
            before = (own_cloud.state / SNAPSHOT).stat().st_mtime_ns
            eventually(lambda: len(sent) > 50 and (own_cloud.state / SNAPSHOT).stat().st_mtime_ns > before)
            # The limits are passed while nobody knows what of it will have been saved.
            lower = {"maxCost": cents(1)}
            sessions.answer("PATCH", "/v1/sessions/ses_1/limits", json=lower).raise_for_status()
            own_cloud.kill_everything()
            done.set()
            for client in clients:
                client.result()
        own_cloud.start()

        # Leases run out by the clock, whatever was forgotten of them.
        eventually(lambda: sessions.standing()[2] == 0)
        eventually(lambda: sessions.budget("project")[2] == 0)
        sessions.assert_meter_is_the_sum_of_its_records("ses_1")

        answers = [sessions.record(without_hold(event)) for event in sent]
        conflicts = [answer for answer in answers if answer.status_code == 409]
        assert {answer.json()["code"] for answer in conflicts} <= {"idempotency_conflict"}
        records = sessions.records(sessionId="ses_1")
        assert sorted(record["idempotencyKey"] for record in records) == sorted(
            event["idempotencyKey"] for event in sent
        )
        sessions.assert_meter_is_the_sum_of_its_records("ses_1")
        assert sessions.budget("project")[1] == Decimal(len(sent)) / 100

        sessions.answer("PATCH", "/v1/sessions/ses_1/limits", json=lower).raise_for_status()
        told = receiver.take()
        assert told.verified_by == [0]
        assert json.loads(told.body)["data"]["sessionId"] == "ses_1"
        eventually(lambda: sessions.get("/v1/sessions/ses_1")["status"] == "paused")


def without_hold(event: dict[str, Any]) -> dict[str, Any]:
    """The hold may have been forgotten, and what was used with it was used all the same."""
    return {name: value for name, value in event.items() if name != "holdId"}
