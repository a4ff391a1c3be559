"""A project with sessions, as crowds of clients use it: who is told to come again does so, with the same request."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from threading import Barrier
from typing import Any, TypeVar

import httpx

from tests.local.running_cloud import RunningCloud, authorization

T = TypeVar("T")
PATIENCE_SECONDS = 60
COME_AGAIN = {429, 503}
RECORD = "/v1/callbacks/usage.computeCostAndRecord"


def cents(amount: int, period: str = "total") -> dict[str, Any]:
    return {"amount": amount, "currency": "usd", "period": period}


class LimitedSessions:
    """A project's client for any number of threads. A `call` costs a hundredth of a cent, by a card of its own."""

    def __init__(self, cloud: RunningCloud, crowd: int) -> None:
        self.cloud = cloud
        self.project_id, key = _project_of(cloud)
        limits = httpx.Limits(max_connections=crowd + 8, max_keepalive_connections=crowd + 8)
        self.http = httpx.Client(base_url=cloud.url, headers=authorization(key), limits=limits, timeout=60)
        self._keys = count(1)
        metrics = {"calls": {"priceUsd": "0.0001", "category": "orchestration"}}
        card = {"service": "storm", "effectiveFrom": "2026-01-01", "metrics": metrics}
        self.answer("POST", "/v1/rates", json=card).raise_for_status()

    def close(self) -> None:
        self.http.close()

    def answer(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer to a request, sent again while it is to come again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self.http.request(method, path, **request)
            if answer.status_code not in COME_AGAIN or time.monotonic() > deadline:
                assert answer.status_code < 500, answer.text
                return answer
            time.sleep(0.05)  # as Retry-After asks for, only sooner

    def get(self, path: str) -> dict[str, Any]:
        body: dict[str, Any] = self.answer("GET", path).raise_for_status().json()
        return body

    def create(self, session: str = "ses_1", user: str = "ada", **limits: Any) -> None:
        body = {"sessionId": session, "userId": user, "limits": limits}
        self.answer("POST", "/v1/sessions", json=body).raise_for_status()

    def put_budget(self, scope: str, **limits: Any) -> None:
        self.answer("PUT", f"/v1/budgets/{scope}", json={"limits": limits}).raise_for_status()

    def event(self, calls: int, session: str | None = "ses_1", **fields: Any) -> dict[str, Any]:
        """An event of `calls` hundredths of a cent."""
        event = {"idempotencyKey": f"call_{next(self._keys)}", "service": "storm", "usage": {"calls": calls}, **fields}
        return event | ({"sessionId": session} if session else {})

    def record(self, event: dict[str, Any]) -> httpx.Response:
        return self.answer("POST", RECORD, json=event)

    def hold(self, cost: int, session: str = "ses_1", **body: Any) -> httpx.Response:
        """A hold of `cost` cents."""
        body = {"estimate": {"costUsd": f"{cost // 100}.{cost % 100:02d}"}, **body}
        return self.answer("POST", f"/v1/sessions/{session}/holds", json=body)

    def standing(self, session: str = "ses_1") -> tuple[Decimal, Decimal, Decimal]:
        """A session's cost limit, what is used of it, and what is held, in USD."""
        return _figures(self.get(f"/v1/sessions/{session}/limits")["maxCost"])

    def budget(self, scope: str) -> tuple[Decimal, Decimal, Decimal]:
        """The same of a budget."""
        return _figures(self.get(f"/v1/budgets/{scope}")["limits"]["maxCost"])

    def records(self, **query: str) -> list[dict[str, Any]]:
        """All records, page by page."""
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            params = {**query, "limit": "1000", **({"cursor": cursor} if cursor else {})}
            page = self.answer("GET", "/v1/usage/records", params=params).raise_for_status().json()
            found += page["items"]
            cursor = page["nextCursor"]
        return found

    def assert_meter_is_the_sum_of_its_records(self, session: str) -> None:
        records = self.records(sessionId=session)
        usage = self.get(f"/v1/sessions/{session}/usage")
        metered = (usage["records"], Decimal(usage["costUsd"]))
        assert metered == (len(records), sum((Decimal(record["costUsd"]) for record in records), Decimal(0)))


def _project_of(cloud: RunningCloud) -> tuple[str, str]:
    body = {"name": "Storm", "ownerId": "owner"}
    made = httpx.post(f"{cloud.url}/v1/projects", json=body, headers=authorization(cloud.admin_key), timeout=30)
    project = made.raise_for_status().json()
    return project["projectId"], project["apiKey"]


def _figures(shown: dict[str, Any]) -> tuple[Decimal, Decimal, Decimal]:
    return Decimal(shown["limitUsd"]), Decimal(shown["usedUsd"]), Decimal(shown["heldUsd"])


@contextmanager
def limited_sessions(cloud: RunningCloud, crowd: int) -> Iterator[LimitedSessions]:
    sessions = LimitedSessions(cloud, crowd)
    try:
        yield sessions
    finally:
        sessions.close()


def at_once(crowd: int, act: Callable[[int], T]) -> list[T]:
    """What comes of it when so many threads act in the same instant, each with its number."""
    barrier = Barrier(crowd)

    def wait_and_act(number: int) -> T:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(crowd) as threads:
        return list(threads.map(wait_and_act, range(crowd)))
