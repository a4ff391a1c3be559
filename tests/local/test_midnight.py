"""A retry is recognised whatever the day, on the running service."""

from datetime import date, timedelta
from typing import Any

import pytest

from metering.aws import keys
from tests.local.running_cloud import ProjectClient, RunningCloud

TABLE = "meterstone-UsageRecords"

pytestmark = pytest.mark.local


def move_a_day_back(cloud: RunningCloud, project: ProjectClient, record_id: str) -> str:
    """As if the record had been made at this time yesterday; its date."""
    dynamodb = cloud.endpoint.client("dynamodb")
    key = {"recordKey": {"S": keys.record(project.project_id, record_id)}}
    item = dynamodb.get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"]
    name, today, shard = item["day"]["S"].split("#")
    yesterday = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
    item["day"]["S"] = f"{name}#{yesterday}#{shard}"
    item["received"]["S"] = item["received"]["S"].replace(today, yesterday)
    dynamodb.put_item(TableName=TABLE, Item=item)
    dynamodb.close()
    return yesterday


def records_of(project: ProjectClient, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = project.get("/v1/usage/records", params=query).raise_for_status().json()["items"]
    return items


@pytest.mark.parametrize("batch", [False, True])
def test_a_retry_without_a_time_after_midnight_is_one_record(cloud: RunningCloud, *, batch: bool) -> None:
    project = cloud.new_project()
    first = project.record(idempotencyKey="late", runId="run_1")
    assert first.status_code == 201
    yesterday = move_a_day_back(cloud, project, first.json()["recordId"])
    event = {
        "idempotencyKey": "late",
        "runId": "run_1",
        "service": "claude_code",
        "modelId": "claude-sonnet-4-5",
        "usage": {"inputTokens": "1000"},
    }
    if batch:
        answer = project.post("/v1/callbacks/usage.computeCostAndRecord/batch", json={"events": [event, event]})
        assert [result["status"] for result in answer.json()["results"]] == ["duplicate", "duplicate"]
    else:
        answer = project.record(**event)
        assert (answer.status_code, answer.json()["date"]) == (200, yesterday)
        assert answer.json() == {**first.json(), "status": "duplicate", "date": yesterday}
    [record] = records_of(project)
    assert record["date"] == yesterday
    assert project.get("/v1/runs/run_1/usage").json()["total"]["records"] == 1
