"""A project's archive in tests: its queues, its bucket, and what brings days there."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from functions.roll_up.app import CLIENT
from metering.aws.statistics import Statistics, read_days, reopen
from metering.aws.transaction import Deadline
from metering.domain.days import Day
from metering.domain.periods import stored
from tests.integration.api import Clock, Context, Project, app_of, client_of, variables

DATE = "2026-11-20"
BUCKET = "archive-of-tests"
KEY = f"records/project=prj_one/date={DATE}/part-0.parquet"
VIEWS = ("by-service", "by-model", "by-provider", "by-category", "by-user", "by-session", "by-step-type")
RECORDS, STATISTICS = variables()["RECORDS_TABLE"], variables()["STATISTICS_TABLE"]


@dataclass
class World:
    """A project, its queues and its bucket."""

    project: Project
    clock: Clock
    dynamodb: Any
    sqs: Any
    s3: Any
    queue: str
    folder: Path

    @property
    def statistics(self) -> Statistics:
        return Statistics(CLIENT, STATISTICS, self.project.id, Deadline.within(60))

    def record(self, key: str, hour: int = 10, **event: Any) -> None:
        fields = {"idempotencyKey": key, "occurredAt": f"{DATE}T{hour:02d}:30:00Z", "modelId": "claude-sonnet-4-5"}
        answer = self.project.record(**(fields | event))
        assert answer.status == 201, answer.body

    def close(self, *hours: int) -> Day:
        """What a record of each of the hours brings about in the end."""
        reopen(self.statistics, DATE, stored(self.clock.moment))
        for slot in [*(f"{DATE}T{hour:02d}" for hour in hours), DATE]:
            self.roll_up(slot)
        return self.day()

    def roll_up(self, slot: str) -> None:
        body = json.dumps({"project": self.project.id, "slot": slot})
        assert self.invoke("roll_up", body) == {"batchItemFailures": []}

    def invoke(self, function: str, body: str, seconds: float = 60) -> Any:
        event = {"Records": [{"messageId": "message", "body": body}]}
        return app_of(function).handler(event, Context(seconds))

    def day(self) -> Day:
        [day] = read_days(self.statistics, DATE, DATE)
        return day

    def asked(self) -> list[str]:
        """The messages that ask for archiving; they are taken off the queue."""
        messages = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in messages]

    def archive(self) -> None:
        """Works on the queue until it is empty."""
        while bodies := self.asked():
            for body in bodies:
                assert self.invoke("archive_day", body) == {"batchItemFailures": []}

    def file(self) -> Path:
        """The day's file, under its own name in a folder of the test's."""
        path = self.folder / KEY
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read())
        return path

    def archived(self) -> list[dict[str, Any]]:
        return pl.read_parquet(self.file()).to_dicts()

    def is_archived(self) -> bool:
        return "Contents" in self.s3.list_objects_v2(Bucket=BUCKET, Prefix=KEY)

    def items(self) -> dict[str, Any]:
        """The records in the table, by idempotency key."""
        return {item["key"]["S"]: item for item in self.dynamodb.scan(TableName=RECORDS)["Items"]}

    def expire(self) -> int:
        """Removes what DynamoDB would remove in the end; how many those are."""
        gone = [item for item in self.items().values() if "expires" in item]
        for item in gone:
            self.dynamodb.delete_item(TableName=RECORDS, Key={"recordKey": item["recordKey"]})
        return len(gone)

    def views(self) -> dict[str, Any]:
        """What every view says of the day, without when it was made."""
        query = {"from": DATE, "to": DATE}
        found = {view: self.project.call(f"GET /v1/usage/{view}", query=query).body for view in VIEWS}
        found["hours"] = self.project.call("GET /v1/usage/daily", query={**query, "granularity": "hour"}).body
        return {view: {"items": body["items"], "total": body["total"]} for view, body in found.items()}


def archive_world(
    project: Project, clock: Clock, dynamodb: Any, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> World:
    """The world, and the environment that names it."""
    sqs, s3 = client_of("sqs"), client_of("s3")
    urls = {
        name: sqs.create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        for name in ("Rollups", "Archives")
    }
    s3.create_bucket(Bucket=BUCKET)
    monkeypatch.setenv("ROLLUPS_QUEUE", urls["Rollups"])
    monkeypatch.setenv("ARCHIVES_QUEUE", urls["Archives"])
    monkeypatch.setenv("ARCHIVE_BUCKET", BUCKET)
    return World(project, clock, dynamodb, sqs, s3, urls["Archives"], folder)
