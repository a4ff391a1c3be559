"""Killed in the middle of a load: nothing that was saved is lost, and nothing is doubled when all is sent again."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Lock

import httpx
import pytest

from tests.local.running_cloud import ProjectClient, RunningCloud
from tests.local.waiting import eventually

SENDERS = 4
MOST_EVENTS = 500
SNAPSHOT = "emulator/snapshot.json"

pytestmark = pytest.mark.local


@dataclass
class Load:
    """Callbacks with keys of their own, from several threads, until it is stopped."""

    project: ProjectClient
    sent: list[str] = field(default_factory=list)
    answered: dict[str, str] = field(default_factory=dict)
    """The cost of every event that was answered 201, by its key."""

    def __post_init__(self) -> None:
        self._numbers = count()
        self._lock = Lock()
        self._stopped = Event()
        self._threads = ThreadPoolExecutor(SENDERS)
        self._senders = [self._threads.submit(self._send) for _ in range(SENDERS)]

    def _send(self) -> None:
        while not self._stopped.is_set():
            with self._lock:
                key = f"call_{next(self._numbers)}"
                self.sent.append(key)
            try:
                answer = self.project.record(**event(key))
            except httpx.TransportError:
                return
            assert answer.status_code in {201, 503}, answer.text
            if answer.status_code == 201:
                self.answered[key] = answer.json()["costUsd"]

    def stop(self) -> None:
        self._stopped.set()
        self._threads.shutdown()
        for sender in self._senders:
            sender.result()


def event(key: str) -> dict[str, object]:
    return {
        "idempotencyKey": key,
        "service": "claude_code",
        "modelId": "claude-sonnet-4-5",
        "usage": {"inputTokens": 1000},
        "runId": "run_1",
        "stepIndex": 0,
    }


def send_all_again(project: ProjectClient, keys: list[str]) -> Counter[str]:
    """How often each status came."""
    found: Counter[str] = Counter()
    for start in range(0, len(keys), MOST_EVENTS):
        body = {"events": [event(key) for key in keys[start : start + MOST_EVENTS]]}
        answer = project.post("/v1/callbacks/usage.computeCostAndRecord/batch", json=body)
        found.update(result["status"] for result in answer.raise_for_status().json()["results"])
    return found


def records_of(project: ProjectClient) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": 1000, "runId": "run_1"} | ({"cursor": cursor} if cursor else {})
        page = project.get("/v1/usage/records", params=query).raise_for_status().json()
        found += page["items"]
        cursor = page["nextCursor"]
    return found


def test_a_kill_in_the_middle_of_a_load_loses_nothing_saved_and_doubles_nothing(own_cloud: RunningCloud) -> None:
    project = own_cloud.new_project()
    load = Load(project)

    def saved() -> int:
        return (own_cloud.state / SNAPSHOT).stat().st_mtime_ns

    def wait_for_a_snapshot() -> None:
        before = saved()
        eventually(lambda: saved() > before)

    eventually(lambda: len(load.answered) > SENDERS)
    wait_for_a_snapshot()
    safe = dict(load.answered)
    # What is answered now is in every snapshot that begins from now on, so in the second that ends.
    wait_for_a_snapshot()
    wait_for_a_snapshot()
    eventually(lambda: len(load.answered) > len(safe) + SENDERS)
    own_cloud.kill_everything()
    load.stop()
    own_cloud.start()

    kept = {record["idempotencyKey"]: record["costUsd"] for record in records_of(project)}
    assert len(safe) > SENDERS
    assert {key: kept[key] for key in safe} == safe
    assert set(kept) <= set(load.sent)

    again = send_all_again(project, load.sent)
    assert again == Counter(duplicate=len(kept), recorded=len(load.sent) - len(kept))
    records = records_of(project)
    assert sorted(record["idempotencyKey"] for record in records) == sorted(load.sent)
    run = project.get("/v1/runs/run_1/usage").json()
    assert run["total"]["records"] == len(load.sent)
