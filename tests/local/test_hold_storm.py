"""64 clients hold, settle with other amounts, release, extend and crash for half a minute: at every read what is used
and held stays within every limit, and afterwards nothing is held and every meter is the sum of its records.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event

import httpx
import pytest

from tests.local.limited_sessions import LimitedSessions, cents, limited_sessions
from tests.local.running_cloud import RunningCloud
from tests.local.waiting import eventually

CLIENTS, READERS = 64, 4
SECONDS = float(os.environ.get("STORM_SECONDS", "30"))
SESSIONS = {"ses_1": "ada", "ses_2": "ada", "ses_3": "bob"}
USED = 20_000
"""Cents that each session has used when the storm begins."""
ROOM = {"ses_1": 200, "ses_2": 500, "ses_3": 200, "user:ada": 400, "project": 500}
"""Cents that are left then: in each scope there is always somebody for whom there is no room."""
CALLS_PER_CENT = 100
LONG, SHORT = 60, (1, 2, 3)
"""Seconds of leases: those of holds that will be settled do not run out in between on a slow machine, since usage that
comes after its hold has run out is recorded in full, whatever room others have taken meanwhile."""

pytestmark = pytest.mark.local
Standing = tuple[Decimal, Decimal, Decimal]


@pytest.fixture
def sessions(cloud: RunningCloud) -> Iterator[LimitedSessions]:
    with limited_sessions(cloud, CLIENTS + READERS) as made:
        yield made


class Client:
    """One of the crowd, whose whims a seed decides."""

    def __init__(self, sessions: LimitedSessions, number: int) -> None:
        self.did: Counter[str] = Counter()
        self._sessions = sessions
        self._chance = random.Random(number)
        self._number = number

    def run(self, done: Event) -> Counter[str]:
        turn = 0
        while not done.is_set():
            turn += 1
            self._take_turn(f"h{self._number}-{turn}")
        return self.did

    def _take_turn(self, hold: str) -> None:
        session, cost = self._chance.choice(list(SESSIONS)), self._chance.choice([1, 20, 75, 150])
        if self._chance.random() < 0.1:
            self._hang_up(session, cost, {"holdId": hold, "ttlSeconds": self._chance.choice(SHORT)})
            return
        act = self._chance.choice([self._settle, self._settle, self._settle, self._release, self._extend, self._crash])
        lasts = act in {self._settle, self._release}
        body = {"holdId": hold, "ttlSeconds": LONG if lasts else self._chance.choice(SHORT)}
        answer = self._sessions.hold(cost, session=session, **body)
        self.did["granted" if answer.status_code in {200, 201} else answer.json()["code"]] += 1
        if answer.status_code in {200, 201}:
            act(session, hold, cost)

    def _hang_up(self, session: str, cost: int, body: dict[str, object]) -> None:
        """Asks for a hold and does not wait for the answer: nobody will settle it."""
        path = f"/v1/sessions/{session}/holds"
        try:
            self._sessions.http.post(path, json={"estimate": {"costUsd": f"0.{cost % 100:02d}"}, **body}, timeout=0.02)
        except httpx.TimeoutException:
            self.did["hung up"] += 1

    def _settle(self, session: str, hold: str, cost: int) -> None:
        """With less than was held, so that the storm can last."""
        calls = self._chance.choice([0, 1, 5, cost * CALLS_PER_CENT // 50])
        answer = self._sessions.record(self._sessions.event(calls, session, holdId=hold))
        assert answer.status_code in {200, 201}, answer.text
        self.did["settled"] += 1

    def _release(self, session: str, hold: str, _: int) -> None:
        answer = self._sessions.answer("DELETE", f"/v1/sessions/{session}/holds/{hold}")
        assert answer.status_code == 204, answer.text
        self.did["released"] += 1

    def _extend(self, session: str, hold: str, cost: int) -> None:
        act, seconds = self._chance.choice([(self._settle, LONG), (self._crash, 1), (self._crash, 3)])
        body = {"ttlSeconds": seconds}
        answer = self._sessions.answer("PUT", f"/v1/sessions/{session}/holds/{hold}", json=body)
        assert answer.status_code in {200, 409}, answer.text
        self.did["extended" if answer.status_code == 200 else "ran out"] += 1
        if answer.status_code == 200:
            act(session, hold, cost)

    def _crash(self, _: str, __: str, ___: int) -> None:
        """Is not heard of again, as far as this hold goes."""
        self.did["crashed"] += 1


def watch(read: Callable[[], Standing], done: Event) -> int:
    """How often it was looked; a hold that had been granted too much would be seen."""
    looks = 0
    while not done.is_set():
        limit, used, held = read()
        assert used + held <= limit, f"{used} used and {held} held of {limit}"
        assert held >= 0
        looks += 1
    return looks


def test_a_storm_of_holds_passes_no_limit_and_leaks_nothing(sessions: LimitedSessions) -> None:
    sessions.put_budget("user:ada", maxCost=cents(2 * USED + ROOM["user:ada"]))
    sessions.put_budget("project", maxCost=cents(3 * USED + ROOM["project"]))
    for session, user in SESSIONS.items():
        sessions.create(session, user, maxCost=cents(USED + ROOM[session]))
        sessions.record(sessions.event(USED * CALLS_PER_CENT, session))
    done = Event()
    reads: list[Callable[[], Standing]] = [lambda: sessions.standing("ses_1"), lambda: sessions.standing("ses_3")]
    reads += [lambda: sessions.budget("user:ada"), lambda: sessions.budget("project")]
    with ThreadPoolExecutor(CLIENTS + READERS) as threads:
        watching = [threads.submit(watch, read, done) for read in reads]
        clients = [threads.submit(Client(sessions, number).run, done) for number in range(CLIENTS)]
        stop_at(time.monotonic() + SECONDS, done, [*watching, *clients])
        did = sum((client.result() for client in clients), Counter[str]())
        looks = [watcher.result() for watcher in watching]
    print(dict(did), "looks:", looks)  # noqa: T201  # shown where it fails, and with -s
    assert min(looks) > 0
    assert min(did[what] for what in ("granted", "settled", "released", "crashed", "limit_reached")) > 0
    for session in SESSIONS:
        eventually(lambda session=session: sessions.standing(session)[2] == 0)
        sessions.assert_meter_is_the_sum_of_its_records(session)
    for scope, users in (("user:ada", {"ada"}), ("project", {"ada", "bob"})):
        eventually(lambda scope=scope: sessions.budget(scope)[2] == 0)
        used = [sessions.standing(session)[1] for session, user in SESSIONS.items() if user in users]
        assert sessions.budget(scope)[1] == sum(used)


def stop_at(moment: float, done: Event, tasks: list[object]) -> None:
    """Sets `done` at that moment of the monotonic clock, or as soon as one of the tasks has failed."""
    while time.monotonic() < moment and not any(task.done() for task in tasks):  # type: ignore[attr-defined]  # futures
        time.sleep(0.1)
    done.set()
