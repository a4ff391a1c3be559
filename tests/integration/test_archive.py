"""The archive over moto: what was closed, row by row; and records that expire while what they added up to stays."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metering.aws.archive_queue import Archiving
from metering.aws.items import item_to_record, record_to_item
from metering.aws.statistics import reopen
from metering.domain.corrections import void_of
from metering.domain.days import Day
from metering.domain.periods import stored
from metering.flows import archive
from tests.integration.api import NOW, Clock, Project
from tests.integration.archive_world import BUCKET, DATE, KEY, RECORDS, World, archive_world


@pytest.fixture
def world(project: Project, clock: Clock, dynamodb: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    return archive_world(project, clock, dynamodb, monkeypatch, tmp_path)


@pytest.fixture
def retention(world: World, monkeypatch: pytest.MonkeyPatch) -> int:  # noqa: ARG001  # the world sets the environment
    monkeypatch.setenv("RECORD_RETENTION_DAYS", "30")
    return 30


# ---------------------------------------------------------------- What is archived


@pytest.mark.usefixtures("sonnet")
def test_a_closed_day_is_archived_record_by_record(world: World) -> None:
    world.record("a", usage={"inputTokens": 1201, "outputTokens": "0.5"}, userId="ada", tags={"branch": "main"})
    world.record("b", hour=23, usage={"inputTokens": 1, "unheardOf": 2}, sessionId=..., runId="run_1", stepIndex=3)
    world.record("c", hour=0, service="opencode", modelId=..., durationMs=7)
    assert world.close(0, 10, 23) == Day(DATE, "final", 1, 1, stored(NOW), stored(NOW))
    world.archive()
    rows = world.archived()
    shown = {record["recordId"]: record for record in world.project.records(**{"from": DATE, "to": DATE})}
    assert [(row["idempotencyKey"], row["line"]) for row in rows] == [("c", 1), ("a", 1), ("a", 2), ("b", 1), ("b", 2)]
    for row in rows:
        record = shown[row["recordId"]]
        line = record["lines"][row["line"] - 1]
        for name in ("service", "modelId", "userId", "sessionId", "runId", "stepIndex", "durationMs", "pricingMode"):
            assert row[name] == record[name]
        assert row["occurredAt"].isoformat() == record["occurredAt"].replace("Z", "+00:00")
        assert (row["tags"] or {}) == record["tags"]
        assert row["recordCostUsd"] == Decimal(record["costUsd"])
        assert (row["metric"], row["category"], row["billable"]) == (
            line["metric"],
            line["category"],
            line["billable"],
        )
        for name in ("quantity", "priceUsd", "costUsd", "per"):
            assert row[name] == (None if line[name] is None else Decimal(line[name]))


@pytest.mark.usefixtures("sonnet")
def test_duckdb_reads_partitions_and_sums_what_the_views_say(world: World) -> None:
    for number in range(15):
        world.record(f"k{number}", hour=number % 2, userId=f"user_{number % 3}", usage={"inputTokens": 10**number + 1})
    world.close(0, 1)
    world.archive()
    world.file()
    files = duckdb.read_parquet(f"{world.folder}/records/*/*/*.parquet", hive_partitioning=True)
    found = files.query(
        "files",
        """SELECT project, CAST("date" AS VARCHAR), userId, sum(costUsd), sum(records) FILTER (line = 1)
        FROM files GROUP BY ALL ORDER BY userId""",
    ).fetchall()
    view = world.views()["by-user"]
    items = sorted(view["items"], key=lambda item: item["key"])
    assert found == [("prj_one", DATE, item["key"], Decimal(item["costUsd"]), item["records"]) for item in items]
    assert sum(cost for *_, cost, _ in found) == Decimal(view["total"]["costUsd"])


@pytest.mark.usefixtures("sonnet")
def test_corrections_are_rows_that_make_up_for_what_they_correct(world: World) -> None:
    world.record("a")
    world.record("b")
    original = item_to_record(world.items()["a"])
    void = void_of(original, [], "sent twice", stored(NOW))
    world.dynamodb.put_item(TableName=RECORDS, Item=record_to_item(void, 4))
    world.close(10)
    world.archive()
    rows = world.archived()
    assert sorted((row["kind"], row["records"]) for row in rows) == [("usage", 1), ("usage", 1), ("void", -1)]
    [made] = [row for row in rows if row["kind"] == "void"]
    assert (made["corrects"], made["reason"]) == (original.record_id, "sent twice")
    total = world.views()["by-model"]["total"]
    assert sum(row["costUsd"] for row in rows) == Decimal(total["costUsd"])
    assert sum(row["records"] for row in rows) == total["records"] == 1


def test_a_revision_takes_the_place_of_its_day(world: World) -> None:
    world.record("a")
    world.close(10)
    world.archive()
    world.record("late", hour=11)
    assert world.close(11).revision == 2
    world.archive()
    assert [row["idempotencyKey"] for row in world.archived()] == ["a", "late"]
    listed = world.s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [entry["Key"] for entry in listed] == [KEY]


def test_a_message_that_comes_twice_or_too_late_changes_nothing(world: World) -> None:
    world.record("a")
    world.close(10)
    [first] = world.asked()
    world.record("late", hour=11)
    reopen(world.statistics, DATE, stored(NOW))
    world.invoke("archive_day", first)  # the day is open
    world.close(11)
    world.invoke("archive_day", first)  # it was closed again
    assert not world.is_archived()
    [second] = world.asked()
    assert json.loads(second)["revision"] == 2
    world.invoke("archive_day", second)
    before = world.s3.head_object(Bucket=BUCKET, Key=KEY)
    for body in (second, first):
        assert world.invoke("archive_day", body) == {"batchItemFailures": []}
    after = world.s3.head_object(Bucket=BUCKET, Key=KEY)
    assert (after["ETag"], after["LastModified"]) == (before["ETag"], before["LastModified"])
    assert world.asked() == []


def test_a_day_that_is_closed_without_change_keeps_its_file(world: World) -> None:
    world.record("a")
    world.close(10)
    world.archive()
    before = world.archived()
    assert world.close(10).revision in {1, 2}
    world.archive()
    assert [row["recordId"] for row in world.archived()] == [row["recordId"] for row in before]


def test_records_that_are_not_those_that_were_closed_are_not_archived(world: World) -> None:
    world.record("a")
    world.close(10)
    world.archive()
    before = world.archived()
    world.record("b")
    world.close(10)
    world.record("c")  # nobody has noticed it yet
    for attempt in range(archive.MOST_ATTEMPTS):
        [body] = world.asked()
        assert json.loads(body)["attempt"] == attempt
        assert world.invoke("archive_day", body) == {"batchItemFailures": []}
    [body] = world.asked()
    assert world.invoke("archive_day", body) == {"batchItemFailures": [{"itemIdentifier": "message"}]}
    assert world.archived() == before
    world.close(10)
    world.archive()
    assert [row["idempotencyKey"] for row in world.archived()] == ["a", "b", "c"]


def test_a_day_without_records_has_no_file(world: World) -> None:
    world.close()
    world.archive()
    assert not world.is_archived()


def test_nothing_is_asked_for_where_nothing_is_to_be_archived(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE_RECORDS", "false")
    world.record("a")
    world.close(10)
    assert world.asked() == []


# ---------------------------------------------------------------- Records that expire


def test_records_are_kept_for_ever_unless_told_otherwise(world: World) -> None:
    world.record("a")
    world.close(10)
    world.archive()
    assert "expires" not in world.items()["a"]
    assert world.day().sealed == 0


def test_archived_records_expire_so_many_days_after_they_were_archived(world: World, retention: int) -> None:
    world.record("a")
    world.record("other day", occurredAt="2026-11-19T23:59:59.999999Z")
    world.close(10)
    assert "expires" not in world.items()["a"]
    world.archive()
    expires = int((NOW + timedelta(days=retention)).timestamp())
    assert (world.items()["a"]["expires"], world.items()["a"]["sealed"]) == ({"N": str(expires)}, {"N": "1"})
    assert "expires" not in world.items()["other day"]
    assert world.day().sealed == 1


@pytest.mark.usefixtures("retention", "sonnet")
def test_statistics_and_archive_outlive_the_records(world: World) -> None:
    world.record("a", userId="ada")
    world.record("b", hour=11, userId="bob", stepType="designer", durationMs=5)
    world.close(10, 11)
    world.archive()
    views, rows = world.views(), world.archived()
    assert world.expire() == 2
    for _ in range(2):
        world.close(9, 10, 11)
        world.archive()
        assert world.views() == views
        assert [row | {"revision": 1} for row in world.archived()] == rows


@pytest.mark.usefixtures("retention", "sonnet")
def test_late_usage_adds_to_what_has_expired_however_often(world: World) -> None:
    keys, kept_rows = [], 0
    for number in range(4):
        world.record(f"k{number}", hour=10 + number % 2, userId=f"user_{number}")
        keys.append(f"k{number}")
        world.close(10, 11)
        world.archive()
        rows = world.archived()
        assert sorted(row["idempotencyKey"] for row in rows) == keys
        view = world.views()["by-user"]
        assert [item["records"] for item in view["items"]] == [1] * len(keys)
        assert Decimal(view["total"]["costUsd"]) == sum(row["costUsd"] for row in rows)
        hours = {item["hour"][11:13]: item["records"] for item in world.views()["hours"]["items"] if item["records"]}
        assert hours == {"10": (number + 2) // 2} | ({"11": (number + 1) // 2} if number else {})
        assert len(rows) == kept_rows + 1
        kept_rows = len(rows)
        if number % 2:
            assert world.expire() >= 1


@pytest.mark.usefixtures("retention")
def test_sealing_goes_on_where_it_was_cut_short(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        world.record(f"k{number}", hour=number)
    world.close(*range(4))
    [body] = world.asked()
    with monkeypatch.context() as patched:
        patched.setattr(archive, "LEAST_SECONDS", 10**6)
        for _ in range(3):
            assert world.invoke("archive_day", body) == {"batchItemFailures": []}
            [body] = world.asked()
            assert world.day().sealed == 0
    assert json.loads(body)["attempt"] == 0
    world.invoke("archive_day", body)
    assert world.day().sealed == 1
    assert all("expires" in item for item in world.items().values())


@pytest.mark.usefixtures("retention")
def test_a_record_that_comes_while_its_day_is_sealed_is_not_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.record("a")
    world.close(10)
    [body] = world.asked()
    seal_records = archive.seal_records
    with monkeypatch.context() as patched:

        def come_late(*arguments: Any) -> Any:
            world.record("late")
            return seal_records(*arguments)

        patched.setattr(archive, "seal_records", come_late)
        world.invoke("archive_day", body)
    assert world.day().sealed == 0  # both have a seal now, and the file has one of them
    assert [json.loads(each)["attempt"] for each in world.asked()] == [1]
    assert world.close(10).revision == 2
    world.archive()
    assert world.day().sealed == 2
    assert {row["idempotencyKey"] for row in world.archived()} == {"a", "late"}
    views = world.views()
    assert world.expire() == 2
    world.close(10)
    world.archive()
    assert world.views() == views


@pytest.mark.usefixtures("retention")
def test_a_day_that_is_opened_while_it_is_sealed_is_not_noted_as_sealed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.record("a")
    world.close(10)
    [body] = world.asked()
    seal_records = archive.seal_records
    with monkeypatch.context() as patched:

        def open_again(*arguments: Any) -> Any:
            reopen(world.statistics, DATE, stored(NOW))
            return seal_records(*arguments)

        patched.setattr(archive, "seal_records", open_again)
        world.invoke("archive_day", body)
    assert (world.day().status, world.day().sealed) == ("open", 0)
    world.close(10)
    world.archive()
    assert world.views()["by-model"]["total"]["records"] == 1


@pytest.mark.usefixtures("retention")
def test_a_record_that_is_gone_is_not_made_anew_by_sealing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.record("a")
    world.record("b")
    world.close(10)
    [body] = world.asked()
    all_items = archive.all_items
    with monkeypatch.context() as patched:

        def one_goes(*arguments: Any, **more: Any) -> Any:
            found = list(all_items(*arguments, **more))
            if more:  # they are read to be sealed
                key = {"recordKey": world.items()["b"]["recordKey"]}
                world.dynamodb.delete_item(TableName=RECORDS, Key=key)
            return iter(found)

        patched.setattr(archive, "all_items", one_goes)
        world.invoke("archive_day", body)
    assert world.items().keys() == {"a"}
    assert world.day().sealed == 0


@pytest.mark.usefixtures("retention")
def test_retention_that_ends_keeps_what_was_sealed_as_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.record("a")
    world.close(10)
    world.archive()
    world.expire()
    monkeypatch.setenv("RECORD_RETENTION_DAYS", "0")
    for key in ("b", "c"):
        world.record(key)
        world.close(10)
        world.archive()
    assert [row["idempotencyKey"] for row in world.archived()] == ["a", "b", "c"]
    assert world.views()["by-model"]["total"]["records"] == 3
    assert "expires" not in world.items()["b"]
    assert world.day().sealed == 1


def test_a_message_reads_as_it_was_sent() -> None:
    asked = Archiving("prj_one", DATE, 3, 1)
    assert Archiving(**json.loads(json.dumps(asked._asdict()))) == asked
