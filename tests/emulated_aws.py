"""AWS in the test's own process, under the handlers' clients: DynamoDB with real transactions and a queue that lists
what it got.

moto ignores the tokens of transactions and copies whole tables for each, so that a fault could not be told from the
double's own. Here the emulator of the local cloud answers, one call at a time, and a test may step in before and after
every one of them.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from ministack.services import dynamodb

from local.emulator import shortcuts
from metering.aws import budget_book, rate_book, transaction
from metering.flows import decisions
from tests.faults import respond
from tests.integration.api import (
    FUNCTIONS,
    NOW,
    TABLES,
    Api,
    Clock,
    app_of,
    forget,
    table_definition,
    variables,
)

shortcuts.install()

Item = Mapping[str, Any]
PROJECT = "prj_one"
_TOKENS = dynamodb._txn_idempotency  # noqa: SLF001  # it has no public name


class Call(NamedTuple):
    """One call to AWS, as a test sees it."""

    service: str
    operation: str
    parameters: dict[str, Any]


class Reply(NamedTuple):
    """What AWS answers to a call."""

    status: int
    body: Any


Meddler = Callable[[Call, Callable[[], Reply]], Reply]
"""Gets a call and what would carry it out; gives the answer, or raises what the client shall meet."""


class TestClock(Clock):
    """All clocks at once: the handlers' `datetime`, and `time` where calls are retried. Sleeping makes it pass."""

    __test__ = False

    def monotonic(self) -> float:
        return (self.moment - NOW).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    @property
    def instant(self) -> str:
        return f"{self.moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


class EmulatedAws:
    """The state of one test's AWS. `meddler`, if there is one, stands between every call and its effect."""

    def __init__(self) -> None:
        self.meddler: Meddler | None = None
        self.watchers: list[Callable[[Call, Reply], None]] = []
        """Told of every call that took effect, before anybody hears of its answer."""
        self.messages: list[dict[str, Any]] = []
        """What was sent to queues."""
        self.calls: list[Call] = []

    def answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        service, _, operation = request.headers["X-Amz-Target"].decode().rpartition(".")
        call = Call("sqs" if "SQS" in service else "dynamodb", operation, json.loads(request.body))
        self.calls.append(call)
        reply = self.meddler(call, lambda: self.carry_out(call)) if self.meddler else self.carry_out(call)
        response = respond(reply.body, reply.status)(request)
        assert response
        return response

    def carry_out(self, call: Call) -> Reply:
        known = _TOKENS.get(call.parameters.get("ClientRequestToken", "")) is not None
        reply = self._send(call) if call.service == "sqs" else _dynamodb(call.operation, call.parameters)
        if reply.status == 200 and not known:
            for watcher in self.watchers:
                watcher(call, reply)
        return reply

    def _send(self, call: Call) -> Reply:
        entries = call.parameters["Entries"]
        self.messages.extend(json.loads(entry["MessageBody"]) for entry in entries)
        sent = [{"Id": entry["Id"], "MessageId": entry["Id"], "MD5OfMessageBody": ""} for entry in entries]
        return Reply(200, {"Successful": sent, "Failed": []})

    # ------------------------------------------------------------ what a test looks at

    def items(self, table: str, prefix: str = "") -> list[Item]:
        """The items of a table whose sort key begins so."""
        found = _dynamodb("Scan", {"TableName": table}).body["Items"]
        return [item for item in found if item.get("entry", {"S": ""})["S"].startswith(prefix)]

    def item(self, table: str, **key: str) -> Item | None:
        wanted = {name: {"S": value} for name, value in key.items()}
        reply = _dynamodb("GetItem", {"TableName": table, "Key": wanted, "ConsistentRead": True})
        found: Item | None = reply.body.get("Item")
        return found

    def put(self, table: str, item: Item) -> None:
        _dynamodb("PutItem", {"TableName": table, "Item": item})

    @staticmethod
    def forget_tokens() -> None:
        """As ten minutes later: no transaction is known by its token."""
        _TOKENS.clear()


def _dynamodb(operation: str, parameters: Mapping[str, Any]) -> Reply:
    body = json.dumps(parameters).encode()
    handling = dynamodb.handle_request("POST", "/", {"x-amz-target": f"DynamoDB.{operation}"}, body, {})
    try:
        handling.send(None)  # it awaits nothing
    except StopIteration as end:
        status, _, content = end.value
        return Reply(status, json.loads(content))
    raise AssertionError("the emulator waits for something")


class KnownCallers(Api):
    """The HTTP API whose keys need no look-up: a key is a role of the one project."""

    def authorize(self, event: dict[str, Any]) -> dict[str, Any]:
        role = event["headers"]["authorization"].removeprefix("Bearer ")
        return {"projectId": PROJECT, "role": role, "keyId": "key", "pricingMode": "managed", "shards": 1}


def clients() -> list[Any]:
    """Every client of every function."""
    apps = [app_of(name) for name in FUNCTIONS]
    return [getattr(app, name) for app in apps for name in ("CLIENT", "COUNTING_READER", "SQS") if hasattr(app, name)]


@contextmanager
def emulated_aws(monkeypatch: pytest.MonkeyPatch, clock: TestClock, **settings: str) -> Iterator[EmulatedAws]:
    """The template's tables, empty, under every function's clients, and nothing that moves time but the test."""
    for variable, value in {**variables(), "DELIVERIES_QUEUE": "https://sqs.example/queue", **settings}.items():
        monkeypatch.setenv(variable, value)
    for module in (transaction, decisions, budget_book, rate_book):
        monkeypatch.setattr(module, "time", clock)
    aws = EmulatedAws()
    dynamodb.reset()
    for name in TABLES:
        _dynamodb("CreateTable", table_definition(name))
    forget()
    for client in clients():
        client.meta.events.register_first("before-send.*.*", aws.answer)
    try:
        yield aws
    finally:
        for client in clients():
            client.meta.events.unregister("before-send.*.*", aws.answer)
        dynamodb.reset()
