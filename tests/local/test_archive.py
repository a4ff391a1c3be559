"""On the running local cloud: a past day is closed and archived by itself, and `metering rollup` does it by hand."""

import io
import json
import os
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.local.running_cloud import METERING, ProjectClient, RunningCloud
from tests.local.waiting import eventually

pytestmark = pytest.mark.local
DATE = "2026-03-14"
RANGE = {"from": DATE, "to": DATE}
BY_MODEL = "/v1/usage/by-model"


class Archive:
    """The bucket of one running cloud."""

    def __init__(self, cloud: RunningCloud) -> None:
        self.s3 = cloud.endpoint.client("s3")
        names = [bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]]
        [self.bucket] = [name for name in names if "archive" in name.lower()]

    def rows(self, project: ProjectClient) -> list[dict[str, Any]]:
        """The rows of the day, once there are any."""
        prefix = f"records/project={project.project_id}/date={DATE}/"
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        if not found:
            return []
        [entry] = found
        body = self.s3.get_object(Bucket=self.bucket, Key=entry["Key"])["Body"].read()
        return pl.read_parquet(io.BytesIO(body)).to_dicts()


@pytest.fixture
def archive(cloud: RunningCloud) -> Iterator[Archive]:
    found = Archive(cloud)
    yield found
    found.s3.close()


def record(project: ProjectClient, key: str) -> None:
    answer = project.record(idempotencyKey=key, occurredAt=f"{DATE}T10:00:00Z", usage={"inputTokens": 7})
    assert answer.status_code == 201, answer.text


def archived_keys(archive: Archive, project: ProjectClient) -> set[str]:
    return {row["idempotencyKey"] for row in archive.rows(project)}


def test_a_past_day_is_archived_by_itself_and_again_when_usage_comes_late(
    cloud: RunningCloud, archive: Archive
) -> None:
    project = cloud.new_project()
    record(project, "first")
    eventually(lambda: archived_keys(archive, project) == {"first"}, within=120)
    record(project, "late")
    eventually(lambda: archived_keys(archive, project) == {"first", "late"}, within=120)
    view = project.get(BY_MODEL, params=RANGE).json()
    assert view["final"] is True
    assert sum(row["costUsd"] for row in archive.rows(project)) == Decimal(view["total"]["costUsd"])


def test_the_archive_outlives_a_restart(cloud: RunningCloud, archive: Archive) -> None:
    project = cloud.new_project()
    record(project, "kept")
    rows = eventually(lambda: archive.rows(project), within=120)
    cloud.restart()
    again = Archive(cloud)
    assert again.rows(project) == rows
    again.s3.close()


def test_statistics_that_were_lost_are_made_anew_by_hand(cloud: RunningCloud) -> None:
    project = cloud.new_project()
    record(project, "one")
    view = eventually(lambda: closed_view(project), within=120)
    spoil(cloud, project)
    assert project.get(BY_MODEL, params=RANGE).json()["total"]["costUsd"] == "0.000000000077"
    command = [str(METERING), "rollup", "--from", DATE, "--to", DATE, "--close", "--json", "--state", str(cloud.state)]
    environment = {**os.environ, "METERING_API_KEY": project.key, "METERING_URL": cloud.url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert (said["projects"], said["hours"], said["days"]) == ([project.project_id], 24, 1)
    eventually(lambda: project.get(BY_MODEL, params=RANGE).json()["total"] == view["total"], within=120)


def closed_view(project: ProjectClient) -> Any:
    """What the day's view says, once it is final."""
    view = project.get(BY_MODEL, params=RANGE).json()
    return view if view["final"] and view["total"]["records"] else None


def spoil(cloud: RunningCloud, project: ProjectClient) -> None:
    """Has the day's statistics by model say something else."""
    dynamodb = cloud.endpoint.client("dynamodb")
    dynamodb.update_item(
        TableName="meterstone-DailyStats",
        Key={
            "dimension": {"S": f"{project.project_id}#day#model"},
            "entry": {"S": f"{DATE}#claude-sonnet-4-5"},
        },
        UpdateExpression="SET cost = :cost",
        ExpressionAttributeValues={":cost": {"N": "77"}},
    )
    dynamodb.close()
