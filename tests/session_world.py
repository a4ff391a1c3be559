"""Sessions over HTTP as a test calls them: every route by a short name, time in the test's hands."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest

from metering.aws.webhook_items import endpoint_to_item
from metering.domain.webhooks import Endpoint
from metering.flows.manage_budgets import Splitting
from metering.http import meter_requests
from tests.answers import Answer
from tests.emulated_aws import PROJECT, Call, EmulatedAws, Item, KnownCallers, Reply, TestClock, emulated_aws
from tests.integration.api import BATCH, FUNCTIONS, RECORD, Context, app_of

OWNER = "owner"
PICO_PER_CENT = 10**10
SESSION = "/v1/sessions/{sessionId}"
CARD = {
    "inputTokens": ("modelTokens", 10**10),
    "outputTokens": ("modelTokens", 10**10),
    "sandboxSeconds": ("compute", 0),
    "runs": ("orchestration", 0),
    "storageGbHours": ("storage", 0),
}
"""Metric to its category and pico-USD each: a token costs a cent, so that a test's figures are its point."""


def cents(amount: int, period: str = "total") -> dict[str, Any]:
    """A cost limit."""
    return {"amount": amount, "currency": "usd", "period": period}


def usd(amount_in_cents: int) -> str:
    return f"{amount_in_cents // 100}.{amount_in_cents % 100:02d}"


class SessionWorld:
    """A project, its sessions, and the AWS that they live in."""

    def __init__(self, aws: EmulatedAws, clock: TestClock) -> None:
        self.aws = aws
        self.clock = clock
        self.api = KnownCallers()
        self._keys = (f"call_{number}" for number in count(1))
        self._put_card()

    def _put_card(self) -> None:
        metrics = {
            metric: {"M": {"price": {"N": str(price)}, "per": {"N": "1"}, "category": {"S": category}}}
            for metric, (category, price) in CARD.items()
        }
        card = {"owner": {"S": "default#service:codex"}, "card": {"S": "*#2020-01-01"}, "metrics": {"M": metrics}}
        self.aws.put("UsageCostRates", {**card, "createdAt": {"S": "2020-01-01T00:00:00.000000Z"}})
        self.aws.put("UsageCostRates", {"owner": {"S": "default#"}, "card": {"S": "service:codex"}})

    # ------------------------------------------------------------ time

    def at(self, text: str) -> None:
        self.clock.moment = datetime.fromisoformat(text)

    def wait(self, **duration: float) -> None:
        self.clock.moment += timedelta(**duration)

    @contextmanager
    def meanwhile(self, calls: int, act: Callable[[], Any]) -> Iterator[list[Any]]:
        """Acts once amid what is done, after so many of its calls to AWS; yields what came of it."""
        made, came = count(1), list[Any]()

        def meddle(_: Call, carry_out: Callable[[], Reply]) -> Reply:
            reply = carry_out()
            if next(made) == calls:
                self.aws.meddler = None
                came.append(act())
            return reply

        self.aws.meddler = meddle
        try:
            yield came
        finally:
            self.aws.meddler = None

    # ------------------------------------------------------------ requests

    def call(self, route: str, key: str = OWNER, **request: Any) -> Answer:
        return self.api.call(route, key, **request)

    def about(self, session: str, route: str, body: Any = None, **path: str) -> Answer:
        """The answer to a request on a session; a body of None is not sent."""
        request: dict[str, Any] = {} if body is None else {"body": body}
        method, _, rest = route.partition(" ")
        return self.call(f"{method} {SESSION}{rest}", path={"sessionId": session, **path}, **request)

    def create(self, session: str = "ses_1", user: str = "user_1", **limits: Any) -> str:
        """A new session."""
        answer = self.post_session(sessionId=session, userId=user, limits=limits)
        assert answer.status == 201, answer.body
        return session

    def post_session(self, headers: Mapping[str, str] | None = None, **body: Any) -> Answer:
        return self.call("POST /v1/sessions", body=body, headers=headers or {})

    def record(self, session: str | None = "ses_1", cost: int = 0, **event: Any) -> Answer:
        """What the callback answers to usage of `cost` cents."""
        return self.call(RECORD, body=self.event(session, cost, **event))

    def event(self, session: str | None = "ses_1", cost: int = 0, **event: Any) -> dict[str, Any]:
        usage = event.pop("usage", None) or {"inputTokens": cost}
        body = {"idempotencyKey": next(self._keys), "service": "codex", "usage": usage, "sessionId": session}
        return {name: value for name, value in {**body, **event}.items() if value is not None}

    def batch(self, *events: dict[str, Any]) -> Answer:
        return self.call(BATCH, body={"events": list(events)})

    def hold(self, session: str = "ses_1", cost: int = 0, **body: Any) -> Answer:
        query = {"dryRun": "true"} if body.pop("dry_run", False) else {}
        headers = body.pop("headers", {})
        body = {"estimate": {"costUsd": usd(cost)}, **body}
        path = {"sessionId": session}
        return self.call(f"POST {SESSION}/holds", path=path, body=body, query=query, headers=headers)

    def release(self, session: str, hold: str) -> Answer:
        return self.about(session, "DELETE /holds/{holdId}", holdId=hold)

    def extend(self, session: str, hold: str, seconds: int) -> Answer:
        return self.about(session, "PUT /holds/{holdId}", {"ttlSeconds": seconds}, holdId=hold)

    def start(self, session: str = "ses_1", agent: str = "agent_1", **body: Any) -> Answer:
        return self.about(session, "POST /agents", {"agentId": agent, **body})

    def beat(self, session: str = "ses_1", agent: str = "agent_1", **body: Any) -> Answer:
        return self.about(session, "PUT /agents/{agentId}", body or None, agentId=agent)

    def end(self, session: str = "ses_1", agent: str = "agent_1") -> Answer:
        return self.about(session, "DELETE /agents/{agentId}", agentId=agent)

    def patch(self, session: str = "ses_1", **limits: Any) -> Answer:
        return self.about(session, "PATCH /limits", limits)

    def pause(self, session: str = "ses_1", **body: Any) -> Answer:
        return self.about(session, "POST /pause", body or None)

    def resume(self, session: str = "ses_1") -> Answer:
        return self.about(session, "POST /resume")

    def show(self, session: str = "ses_1") -> dict[str, Any]:
        return self._found(self.about(session, "GET "))

    def usage(self, session: str = "ses_1") -> dict[str, Any]:
        return self._found(self.about(session, "GET /usage"))

    def limits(self, session: str = "ses_1") -> dict[str, Any]:
        return self._found(self.about(session, "GET /limits"))

    def agents(self, session: str = "ses_1") -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self._found(self.about(session, "GET /agents"))["items"]
        return items

    def put_budget(self, scope: str, **limits: Any) -> Answer:
        return self.call("PUT /v1/budgets/{scope}", path={"scope": scope}, body={"limits": limits})

    def budget(self, scope: str) -> dict[str, Any]:
        return self._found(self.call("GET /v1/budgets/{scope}", path={"scope": scope}))

    @staticmethod
    def _found(answer: Answer) -> dict[str, Any]:
        assert answer.status == 200, answer.body
        body: dict[str, Any] = answer.body
        return body

    # ------------------------------------------------------------ what is stored

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Type and data of every event in the outbox, in no order."""
        return [(item["type"]["S"], json.loads(item["data"]["S"])) for item in self.aws.items("Meters", "event#")]

    def told(self, *of: str) -> list[str]:
        """The events' types with dimension and threshold, sorted: `session.limit_reached maxCost`."""
        return sorted(_summary(kind, data) for kind, data in self.events() if not of or kind in of)

    def sweep(self) -> dict[str, int]:
        """One run of the minutely sweep."""
        done: dict[str, int] = app_of("sweep").handler({}, Context(55))
        return done

    def put_endpoint(self, webhook_id: str = "wh_1", *events: str) -> None:
        """A webhook, as if it had been made long ago; it wants every event if none are named."""
        made_at = "2026-01-01T00:00:00.000000Z"
        endpoint = Endpoint(PROJECT, webhook_id, "https://hooks.example/in", events or ("*",), True, made_at, b"")  # noqa: FBT003  # enabled
        self.aws.put("Accounts", {**endpoint_to_item(endpoint), "secret": {"B": "c2VjcmV0"}})

    def meter(self, kind: str = "session", scope_id: str = "ses_1") -> Item:
        item = self.aws.item("Meters", scope=f"{PROJECT}#{kind}#{scope_id}", entry="meter")
        assert item
        return item


def _summary(kind: str, data: Mapping[str, Any]) -> str:
    if kind == "session.paused":
        return kind  # what caused it is told by its own event
    parts = [kind, data.get("dimension"), data.get("threshold"), data.get("scope")]
    return " ".join(str(part) for part in parts if part is not None)


@contextmanager
def session_world(monkeypatch: pytest.MonkeyPatch, **settings: str) -> Iterator[SessionWorld]:
    """A world in which only the test moves time and every budget is known at once."""
    clock = TestClock()
    for module in (meter_requests, *(app_of(name) for name in FUNCTIONS)):
        if hasattr(module, "datetime"):
            monkeypatch.setattr(module, "datetime", clock)
    monkeypatch.setattr(app_of("manage_budgets"), "Splitting", partial(Splitting, sleep=clock.sleep))
    with emulated_aws(monkeypatch, clock, **{"BUDGET_CACHE_SECONDS": "0", **settings}) as aws:
        yield SessionWorld(aws, clock)
