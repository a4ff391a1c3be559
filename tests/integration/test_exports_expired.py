"""Days whose records have expired are exported from the archive, row by row as before."""

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metering.aws import objects
from metering.aws.items import item_to_record, record_to_item
from metering.aws.objects import open_version
from metering.domain.corrections import adjustment_of, reprice, standing_pricing
from metering.domain.periods import stored
from metering.domain.rates import MetricRate, RateCard
from metering.flows import export_usage
from tests.integration.api import NOW, Clock, Project
from tests.integration.archive_world import BUCKET, DATE, KEY, RECORDS, World, archive_world
from tests.integration.export_world import Worker, export_worker, exported_bytes, files, show, start, without_ids

DAY = {"start": DATE, "end": DATE}
CUSTOMERS = {f"user_{number}": f"cus_{number}" for number in range(3)}
REQUESTS: list[dict[str, Any]] = [
    {"format": "csv"},
    {"format": "csv", "groupBy": "user"},
    {"format": "json"},
    {"format": "json", "options": {"lines": True}},
    {"format": "json", "groupBy": "model"},
    {"format": "stripe", "options": {"customers": CUSTOMERS}},
    {"format": "stripe", "options": {"as": "meter_events", "customers": CUSTOMERS}},
    {"format": "focus"},
    {"format": "parquet"},
]


@pytest.fixture
def world(project: Project, clock: Clock, dynamodb: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    monkeypatch.setenv("RECORD_RETENTION_DAYS", "30")
    return archive_world(project, clock, dynamodb, monkeypatch, tmp_path)


@pytest.fixture
def worker(world: World, monkeypatch: pytest.MonkeyPatch) -> Worker:  # noqa: ARG001  # moto's account
    return export_worker(monkeypatch)


def record_day(world: World) -> None:
    """Usage of every kind, a void and an adjustment among it; the day is closed."""
    for number in range(12):
        world.record(
            f"k{number}",
            hour=23 - number % 5,
            usage={"inputTokens": 10**number + 1, "outputTokens": "0.5", **({"unheardOf": 2} if number == 7 else {})},
            userId=f"user_{number % 3}",
            tags={"note": "=1+1"},
            runId=f"run_{number % 2}",
            stepIndex=number,
        )
    original = item_to_record(world.items()["k7"])
    card = RateCard("prj_one", "service:claude_code", "*", "2020-01-01", {"unheardOf": MetricRate(7, 3, "storage")})
    adjustment = adjustment_of(original, reprice(original, standing_pricing(original, []), card), "job_1", stored(NOW))
    world.dynamodb.put_item(TableName=RECORDS, Item=record_to_item(adjustment, 4))
    path = {"recordId": world.project.records(**{"from": DATE, "to": DATE})[0]["recordId"]}
    assert (
        world.project.call("POST /v1/usage/records/{recordId}/void", path=path, body={"reason": "twice"}).status == 201
    )
    world.close(*range(19, 24))


def comparable(request: dict[str, Any], data: bytes) -> Any:
    """What a file has, without what only says which export it is."""
    options = request.get("options", {})
    if request["format"] == "parquet":
        return pl.read_parquet(io.BytesIO(data)).drop("revision").to_dicts()
    if "groupBy" in request and request["format"] == "json":
        return json.loads(data)["groups"]
    return data if options.keys() & {"as", "lines"} else without_ids(data, request["format"])


def all_formats(world: World, worker: Worker) -> list[Any]:
    found = []
    for request in REQUESTS:
        answer, data = exported_bytes(world.project, worker, period=DAY, **request)
        figures = {name: answer[name] for name in ("costUsd", "billedUsd", "skipped")}
        found.append((figures, comparable(request, data)))
    return found


@pytest.mark.usefixtures("sonnet")
def test_every_format_has_the_same_rows_once_records_have_expired(world: World, worker: Worker) -> None:
    record_day(world)
    before = all_formats(world, worker)
    world.archive()
    assert world.day().sealed == 1
    assert all_formats(world, worker) == before
    assert world.expire() == 14
    assert all_formats(world, worker) == before


@pytest.mark.usefixtures("sonnet")
@pytest.mark.parametrize("group_by", ["session", "user", "provider", "service", "model"])
def test_groups_of_an_export_are_those_of_the_view(world: World, worker: Worker, group_by: str) -> None:
    record_day(world)
    query = {"from": DATE, "to": DATE}
    view = world.project.call(f"GET /v1/usage/by-{group_by}", query=query).body
    for _ in range(2):  # the table's records, and the archive's
        _, data = exported_bytes(world.project, worker, format="json", groupBy=group_by, period=DAY)
        document = json.loads(data)
        shown = {item["key"]: {name: item[name] for name in document["groups"][0]} for item in view["items"]}
        assert {group["key"]: group for group in document["groups"]} == shown
        assert document["export"]["costUsd"] == view["total"]["costUsd"]
        assert document["export"]["records"] == view["total"]["records"] == 11
        world.archive()
        world.expire()


@pytest.mark.usefixtures("sonnet")
def test_what_comes_after_records_have_expired_is_there_as_well(world: World, worker: Worker) -> None:
    record_day(world)
    world.archive()
    world.expire()
    world.record("late", hour=21)
    answer, data = exported_bytes(world.project, worker, format="json", period=DAY)
    rows = json.loads(data)["records"]
    assert len(rows) == 15
    assert [row["occurredAt"] for row in rows] == sorted(row["occurredAt"] for row in rows)
    world.close(21)
    world.archive()
    assert world.expire() == 1
    again, data_again = exported_bytes(world.project, worker, format="json", period=DAY)
    assert json.loads(data_again)["records"] == rows
    assert again["costUsd"] == answer["costUsd"] == world.views()["by-model"]["total"]["costUsd"]
    assert sum(Decimal(row["costUsd"]) for row in rows) == Decimal(answer["costUsd"])


@pytest.mark.usefixtures("sonnet")
def test_without_its_archive_such_a_day_fails_and_says_why(world: World, worker: Worker) -> None:
    record_day(world)
    world.archive()
    world.expire()
    world.s3.delete_object(Bucket=BUCKET, Key=KEY)
    for request in REQUESTS:
        export_id = start(world.project, period=DAY, **request)
        worker.run()
        answer = show(world.project, export_id)
        assert (answer["status"], answer["files"]) == ("failed", [])
        assert answer["error"] == f"the records of {DATE} have expired, and their archive is not there"


@pytest.mark.usefixtures("sonnet")
def test_an_archive_that_is_replaced_while_it_is_read_is_read_anew(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_day(world)
    world.archive()
    world.expire()
    _, untouched = exported_bytes(world.project, worker, format="csv", period=DAY)
    monkeypatch.setattr(objects, "AHEAD_BYTES", 64)

    def replaced(*arguments: Any) -> Any:
        file = open_version(*arguments)
        world.record("late", hour=20)
        world.close(20)
        world.archive()
        return file

    export_id = start(world.project, format="csv", period=DAY)
    [message] = worker.messages()
    with monkeypatch.context() as patched:
        patched.setattr(export_usage, "open_version", replaced)
        assert worker.do(message)
    assert worker.do(message) == []
    worker.run()
    data = files(world.project, export_id)["data"]
    assert len(data.splitlines()) == len(untouched.splitlines()) + 1
