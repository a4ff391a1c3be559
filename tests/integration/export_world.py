"""Exports in tests: the queue of their pieces, worked off as Lambda would, and what comes of them."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.api import BATCH, Context, Project, app_of, client_of, usage_event

NASTY = ["=cmd|' /C calc'!A0", "a,b", 'say "hi"', "two\nlines".replace("\n", " "), "😀", "+1", "@x", "-1"]


class Worker:
    """The queue of pieces, worked off by the function as Lambda would call it."""

    def __init__(self, queue: str, dead_arn: str) -> None:
        self._sqs = client_of("sqs")
        self._queue = queue
        self.dead_arn = dead_arn

    def messages(self) -> Iterator[Any]:
        while found := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
                yield message

    def do(self, message: dict[str, Any], arn: str = "arn:aws:sqs:us-east-1:1:Exports") -> list[Any]:
        """The identifiers of what failed."""
        record = {"messageId": "m1", "body": message["Body"], "eventSourceARN": arn}
        result = app_of("write_export").handler({"Records": [record]}, Context(600))
        return list(result["batchItemFailures"])

    def run(self) -> None:
        for message in self.messages():
            assert self.do(message) == []


def export_worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """The worker, and the environment that names its queues and buckets."""
    sqs = client_of("sqs")
    queue = sqs.create_queue(QueueName="Exports")["QueueUrl"]
    dead = sqs.create_queue(QueueName="ExportsDead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client_of("s3").create_bucket(Bucket="exports")
    settings = {
        "EXPORTS_QUEUE": queue,
        "EXPORTS_DEAD_ARN": arn,
        "EXPORT_BUCKET": "exports",
        "EXPORT_LINK_SECONDS": "900",
        "EXPORT_EXPIRY_DAYS": "30",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return Worker(queue, arn)


def start(project: Project, **request: Any) -> str:
    period = {"start": "2026-11-20", "end": "2026-11-24"}
    answer = project.call("POST /v1/exports", body={"format": "csv", "period": period, **request})
    assert answer.status == 202, answer.body
    export_id: str = answer.body["exportId"]
    return export_id


def show(project: Project, export_id: str) -> dict[str, Any]:
    answer = project.call("GET /v1/exports/{exportId}", path={"exportId": export_id})
    assert answer.status == 200
    body: dict[str, Any] = answer.body
    return body


def files(project: Project, export_id: str) -> dict[str, bytes]:
    """The files by kind, their checksums and sizes looked at."""
    found = {}
    for file in show(project, export_id)["files"]:
        key = f"exports/{project.id}/{export_id}/{file['name']}"
        body: bytes = client_of("s3").get_object(Bucket="exports", Key=key)["Body"].read()
        assert (len(body), hashlib.sha256(body).hexdigest()) == (file["bytes"], file["sha256"])
        assert "X-Amz-Expires=900" in file["url"]
        found[file["kind"]] = body
    return found


def exported_bytes(project: Project, worker: Worker, **request: Any) -> tuple[dict[str, Any], bytes]:
    export_id = start(project, **request)
    worker.run()
    answer = show(project, export_id)
    assert answer["status"] == "ready", answer
    assert answer["progress"]["done"] == answer["progress"]["total"]
    return answer, files(project, export_id)["data"]


def exported(project: Project, worker: Worker, **request: Any) -> tuple[dict[str, Any], str]:
    answer, data = exported_bytes(project, worker, **request)
    return answer, data.decode()


def exported_rows(project: Project, worker: Worker, **request: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(project, worker, **request)[1], newline="")))


def void_one(project: Project, record: dict[str, Any]) -> None:
    path = {"recordId": record["recordId"]}
    answer = project.call("POST /v1/usage/records/{recordId}/void", path=path, body={"reason": "twice"})
    assert answer.status == 201, answer.body


def record_some(project: Project, count: int = 40) -> None:
    events = [
        usage_event(
            idempotencyKey=f"{NASTY[number % len(NASTY)]}/{number}",
            modelId="claude-sonnet-4-5" if number % 5 else "unknown-model",
            usage={"inputTokens": 1 + number * 1667, "outputTokens": f"{number}.5"},
            userId=f"user_{number % 3}" if number % 7 else ...,
            runId=NASTY[number % len(NASTY)],
            tags={"note": NASTY[-number % len(NASTY)]},
            occurredAt=f"2026-11-{20 + number % 4}T{number % 24:02d}:59:59.999Z",
        )
        for number in range(count)
    ]
    answer = project.call(BATCH, body={"events": events})
    assert answer.body["recorded"] == count, answer.body


def exact(records: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(record["costUsd"]) for record in records), Decimal(0))


class Steps:
    """How many calls of AWS were made."""

    def __init__(self) -> None:
        self.calls = 0


@contextmanager
def killed_after(calls: int) -> Iterator[Steps]:
    """Lets a worker make some calls of AWS, and no more."""
    steps = Steps()

    def count(**_: Any) -> None:
        steps.calls += 1
        if steps.calls > calls:
            raise RuntimeError("killed")

    app = app_of("write_export")
    clients = (app.CLIENT, app.OBJECTS, app.SQS)
    for client in clients:
        client.meta.events.register_first("before-send", count)
    try:
        yield steps
    finally:
        for client in clients:
            client.meta.events.unregister("before-send", count)


def without_ids(data: bytes, export_format: str) -> Any:
    """What exports of the same usage have in common."""
    if export_format == "stripe":
        items = [json.loads(line) for line in data.splitlines()]
        return [item | {"metadata": item["metadata"] | {"export_id": ""}} for item in items]
    if export_format == "json":
        return json.loads(data)["records"]
    return data
