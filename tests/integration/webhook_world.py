"""Webhooks over moto: the stream, the queue and the sweep played by hand, the receiver real."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ConnectTimeoutError

from metering.aws.outbox import event_write
from metering.aws.queues import Queue
from metering.aws.transaction import Deadline, commit
from metering.aws.webhook_store import Webhooks
from metering.domain.periods import stored
from metering.flows.retry_webhooks import requeue_due
from tests.answers import Answer
from tests.integration.api import Api, Clock, Context, Project, app_of, client_of
from tests.webhook_receiver import Received, Receiver

SESSION_DATA = {"sessionId": "ses_1", "userId": "user_1", "dimension": "maxCost", "limit": "5", "used": "5.01"}
QUEUE_APPS = ("manage_webhooks", "relay_outbox", "deliver_webhook")


class Sent(NamedTuple):
    """A message as it was sent to the queue."""

    body: str
    group: str
    delay: int


class World:
    """What stands between an event and its receiver, moved along by the test alone."""

    def __init__(self, api: Api, clock: Clock, project: Project, receiver: Receiver, client: Any) -> None:
        self.api = api
        self.clock = clock
        self.project = project
        self.receiver = receiver
        self.client = client
        self.sent: list[Sent] = []

    # ------------------------------------------------------------ the API

    def create(self, path: str = "/hook", *events: str, **request: Any) -> dict[str, Any]:
        """A webhook to the receiver, whose secret the receiver knows."""
        body = {"url": self.receiver.url(path), "events": list(events or ("*",))}
        answer = self.api.call("POST /v1/webhooks", self.project.owner, body=body, **request)
        assert answer.status in {200, 201}, answer.body
        if answer.body["secret"]:
            self.receiver.know(path, answer.body["secret"])
        webhook: dict[str, Any] = answer.body
        return webhook

    def call(self, route: str, webhook: dict[str, Any], delivery: dict[str, Any] | None = None, **rest: Any) -> Answer:
        """The answer to a request about a webhook, and a delivery to it."""
        path = {"webhookId": webhook["webhookId"]}
        if delivery:
            path["deliveryId"] = delivery["deliveryId"]
        key = rest.pop("key", self.project.owner)
        return self.api.call(route, key, path=path, **rest)

    def deliveries(self, webhook: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self.call("GET /v1/webhooks/{webhookId}/deliveries", webhook)
        assert answer.status == 200, answer.body
        items: list[dict[str, Any]] = answer.body["items"]
        return items

    def delivery(self, webhook: dict[str, Any]) -> dict[str, Any]:
        """The only delivery to a webhook."""
        [delivery] = self.deliveries(webhook)
        return delivery

    # ------------------------------------------------------------ time

    @property
    def now(self) -> str:
        return stored(self.clock.moment)

    def wait(self, **duration: float) -> None:
        self.clock.moment += timedelta(**duration)

    # ------------------------------------------------------------ the outbox and its stream

    def emit(self, event_type: str = "session.paused", event_id: str | None = None, **data: Any) -> dict[str, Any]:
        """Writes an event as a flow does, and gives the record that the stream makes of it."""
        scope = f"{self.project.id}#session#ses_1"
        content = {**SESSION_DATA, **data}
        write = event_write("Meters", scope, self.project.id, event_type, content, self.now, event_id)
        commit(self.client, [write], Deadline.within(5))
        return stream_record(write.parameters["Item"])

    def relay(self, *records: dict[str, Any]) -> list[str]:
        """Has records relayed; the sequence numbers that failed."""
        answer = app_of("relay_outbox").handler({"Records": list(records)}, Context(60))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def outbox(self) -> list[Any]:
        found: list[Any] = self.client.scan(TableName="Meters")["Items"]
        return found

    # ------------------------------------------------------------ the queue

    def take_sent(self) -> list[Sent]:
        """What was queued since this was last asked."""
        taken, self.sent[:] = list(self.sent), []
        return taken

    def deliver(self, *messages: Sent) -> list[str]:
        """Has messages delivered, those queued if none are named; the positions of those that failed."""
        chosen = messages or self.take_sent()
        assert chosen, "nothing is queued"
        records = [{"messageId": str(position), "body": sent.body} for position, sent in enumerate(chosen)]
        answer = app_of("deliver_webhook").handler({"Records": records}, Context(30))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def deliver_queued(self) -> None:
        """Has what is queued delivered, whether or not anything fails."""
        if messages := self.take_sent():
            self.deliver(*messages)

    def send(self, event_type: str = "session.paused", **data: Any) -> None:
        """An event all the way to its first attempt."""
        assert self.relay(self.emit(event_type, **data)) == []
        assert self.deliver() == []

    def received(self) -> list[Received]:
        """Every request that has come."""
        found = []
        while not self.receiver.received.empty():
            found.append(self.receiver.received.get())
        return found

    # ------------------------------------------------------------ the sweep

    def sweep(self) -> int:
        webhooks = Webhooks(self.client, "Accounts", Deadline.within(30))
        app = app_of("deliver_webhook")
        return requeue_due(webhooks, Queue(app.SQS, app.read_config().deliveries_queue), self.clock.moment)


def stream_record(item: dict[str, Any]) -> dict[str, Any]:
    keys = {name: item[name] for name in ("scope", "entry")}
    number = f"{abs(hash(item['entry']['S'])):021d}"
    content = {"Keys": keys, "NewImage": item, "SequenceNumber": number, "StreamViewType": "NEW_IMAGE"}
    return {"eventID": number, "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": content}


@contextmanager
def webhook_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Sent]]:
    """A queue, a key and loopback for the functions on webhooks; what they queue is listed."""
    url = client_of("sqs").create_queue(QueueName="deliveries")["QueueUrl"]
    key = client_of("kms").create_key()["KeyMetadata"]["KeyId"]
    monkeypatch.setenv("DELIVERIES_QUEUE", url)
    monkeypatch.setenv("WEBHOOK_KEY", key)
    monkeypatch.setenv("WEBHOOKS_ALLOW_LOOPBACK", "true")
    sent: list[Sent] = []

    def remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["entries"] = params["Entries"]

    def note(context: dict[str, Any], **_: Any) -> None:
        sent.extend(Sent(e["MessageBody"], e["MessageGroupId"], e["DelaySeconds"]) for e in context["entries"])

    apps = [app_of(name) for name in QUEUE_APPS]
    for app in apps:
        if hasattr(app, "_box"):
            app._box.cache_clear()  # noqa: SLF001  # a new process remembers no secrets
        app.SQS.meta.events.register("before-parameter-build.sqs.SendMessageBatch", remember)
        app.SQS.meta.events.register("after-call.sqs.SendMessageBatch", note)
    try:
        yield sent
    finally:
        for app in apps:
            app.SQS.meta.events.unregister("before-parameter-build.sqs.SendMessageBatch", remember)
            app.SQS.meta.events.unregister("after-call.sqs.SendMessageBatch", note)


def message_about(webhook: dict[str, Any], delivery: dict[str, Any], project: Project) -> Sent:
    body = {"project": project.id, "webhook_id": webhook["webhookId"], "delivery_id": delivery["deliveryId"]}
    return Sent(json.dumps(body), webhook["webhookId"], 0)


class DiedError(Exception):
    """The function's end, as far as its callees can tell."""


@contextmanager
def failing_at(number: int, effect: str, how: str) -> Iterator[None]:
    """The functions' call to AWS of this number fails before or after it took effect: either it "times out" and the
    next ones work, or the function "dies" there.
    """
    made = itertools.count(1)

    def fail(**_: Any) -> None:
        call = next(made)
        if how == "dies" and call >= number:
            raise DiedError
        if how == "times out" and call == number:
            raise ConnectTimeoutError(endpoint_url="https://aws.example")

    apps = [app_of(name) for name in QUEUE_APPS]
    clients = [getattr(app, name) for app in apps for name in ("CLIENT", "SQS", "KMS") if hasattr(app, name)]
    for client in clients:
        client.meta.events.register(f"{effect}-call", fail)
    try:
        yield
    finally:
        for client in clients:
            client.meta.events.unregister(f"{effect}-call", fail)
