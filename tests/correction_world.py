"""Corrections over HTTP as a test calls them, and the queue of re-ratings in the test's hands."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from tests.answers import Answer
from tests.emulated_aws import Call, EmulatedAws, Meddler, Reply
from tests.integration.api import TODAY, Context, app_of
from tests.session_world import SessionWorld, session_world

VOID = "POST /v1/usage/records/{recordId}/void"
EXPLAIN = "GET /v1/usage/records/{recordId}/explain"
RECORD = "GET /v1/usage/records/{recordId}"
RERATE = "POST /v1/usage/rerate"
JOB = "GET /v1/usage/rerate/{jobId}"
QUEUE = "https://sqs.example/rerates"
INVOCATION_SECONDS = 60


class Crash(BaseException):
    """The process ends: nothing that it would do afterwards is done."""


class CorrectionWorld:
    """A project whose usage is corrected."""

    def __init__(self, world: SessionWorld) -> None:
        self.world = world
        self.aws: EmulatedAws = world.aws
        self.seconds = INVOCATION_SECONDS
        """How long an invocation of the queue's function may take."""

    # ------------------------------------------------------------ requests

    def call(self, route: str, key: str = "owner", **request: Any) -> Answer:
        return self.world.call(route, key, **request)

    def record(self, session: str | None = None, cost: int = 0, **event: Any) -> str:
        """Records usage of `cost` cents, unless the event says otherwise; the record's id."""
        answer = self.world.record(session, cost, **event)
        assert answer.status == 201, answer.body
        record_id: str = answer.body["recordId"]
        return record_id

    def void(self, record_id: str, reason: str = "sent by mistake", key: str = "owner") -> Answer:
        return self.call(VOID, key, path={"recordId": record_id}, body={"reason": reason})

    def show(self, record_id: str) -> dict[str, Any]:
        return self._found(self.call(RECORD, path={"recordId": record_id}))

    def explain(self, record_id: str) -> dict[str, Any]:
        return self._found(self.call(EXPLAIN, path={"recordId": record_id}))

    def run(self, run_id: str = "run_1") -> dict[str, Any]:
        return self._found(self.call("GET /v1/runs/{runId}/usage", path={"runId": run_id}))

    def records(self, day: str = TODAY) -> list[dict[str, Any]]:
        """All records of a day, corrections among them."""
        query = {"from": day, "to": day, "limit": 1000}
        items: list[dict[str, Any]] = self._found(self.call("GET /v1/usage/records", query=query))["items"]
        return items

    def sum(self, day: str = TODAY) -> Decimal:
        """What all records of a day add up to, corrections among them."""
        return sum((Decimal(record["costUsd"]) for record in self.records(day)), Decimal(0))

    def card(self, cents: int, per: int = 1, model: str = "*", **body: Any) -> str:
        """A new card of the project: what a token costs; the card's id."""
        rate = {"priceUsd": f"{cents // 100}.{cents % 100:02d}", "per": per}
        metrics = body.pop("metrics", {"inputTokens": rate, "outputTokens": rate})
        wanted = {"service": "codex", "modelId": model, "effectiveFrom": "2020-01-01", "metrics": metrics, **body}
        answer = self.call("POST /v1/rates", body=wanted)
        assert answer.status == 201, answer.body
        rate_id: str = answer.body["rateId"]
        return rate_id

    def start(self, key: str | None = None, role: str = "owner", **body: Any) -> Answer:
        """Starts a re-rating of the day that tests begin on, unless the body says otherwise."""
        headers = {"Idempotency-Key": key} if key is not None else {}
        return self.call(RERATE, role, body={"from": TODAY, "to": TODAY, "only": "all", **body}, headers=headers)

    def job(self, job_id: str) -> dict[str, Any]:
        return self._found(self.call(JOB, path={"jobId": job_id}))

    def rerate(self, **body: Any) -> dict[str, Any]:
        """A whole re-rating, as it ended."""
        answer = self.start(**body)
        assert answer.status == 202, answer.body
        self.work()
        return self.job(answer.body["jobId"])

    @staticmethod
    def _found(answer: Answer) -> dict[str, Any]:
        assert answer.status == 200, answer.body
        body: dict[str, Any] = answer.body
        return body

    # ------------------------------------------------------------ the queue

    def deliver(self, message: dict[str, Any], receives: int = 1) -> bool:
        """Hands a message to the function; whether it is done with it."""
        record = {
            "messageId": "message-1",
            "body": json.dumps(message),
            "attributes": {"ApproximateReceiveCount": str(receives)},
        }
        answer = app_of("rerate_usage").handler({"Records": [record]}, Context(self.seconds))
        return not answer["batchItemFailures"]

    def work(self) -> None:
        """Delivers messages, again where a crash or a failure left one, until the queue is empty."""
        while self.aws.messages:
            message = self.aws.messages[0]
            try:
                done = self.deliver(message)
            except Crash:
                done = False
            if done:
                self.aws.messages.pop(0)

    # ------------------------------------------------------------ what a test looks at

    def state(self) -> dict[str, Any]:
        """All that a correction may change, without what differs from one run to the next."""
        return {
            "records": sorted(map(_comparable, self.aws.items("UsageRecords")), key=str),
            "meters": _summed(self.aws.items("Meters", "meter")),
            "events": sorted(self.world.told()),
        }


_PASSING = {"received", "createdAt", "job", "revision"}


def _comparable(item: Any) -> list[tuple[str, Any]]:
    return sorted((name, value) for name, value in item.items() if name not in _PASSING)


def _summed(items: list[Any]) -> dict[str, dict[str, Any]]:
    """Meters by scope; a share by chance counts, so that only their sum is the same from one run to the next."""
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        meter = found.setdefault(re.sub("~[0-9]+", "", item["scope"]["S"]), {})
        for name, value in _comparable(item):
            meter[name] = meter.get(name, 0) + int(value["N"]) if "N" in value else value["S"]
        meter.pop("scope")
    return found


def fault_at(number: int, fault: Meddler) -> Meddler:
    """The fault meets the call of this number, counted from 0, and no other."""
    calls = iter(range(10**6))

    def meddle(call: Call, carry_out: Any) -> Reply:
        return fault(call, carry_out) if next(calls) == number else carry_out()

    return meddle


def crash_before(_call: Call, _carry_out: Any) -> Reply:
    raise Crash


def crash_after(_call: Call, carry_out: Any) -> Reply:
    carry_out()
    raise Crash


@contextmanager
def correction_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[CorrectionWorld]:
    with session_world(monkeypatch, RERATES_QUEUE=QUEUE, RATE_CACHE_SECONDS="0") as world:
        yield CorrectionWorld(world)
