"""Exports end to end on the running local cloud: links that can be fetched, an event, and the command line."""

import csv
import hashlib
import io
import json
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from typer.testing import CliRunner

from local.cli import app
from tests.local.running_cloud import ProjectClient, RunningCloud
from tests.local.waiting import eventually
from tests.stripe_stand_in import KEY, stripe_stand_in
from tests.webhook_receiver import receiving

pytestmark = pytest.mark.local

DAY = "2026-11-20"
PERIOD = {"start": DAY, "end": "2026-11-21"}


@pytest.fixture
def project(cloud: RunningCloud) -> ProjectClient:
    """A project with forty records."""
    project = cloud.new_project()
    events = [
        {
            "idempotencyKey": f"call_{number}",
            "occurredAt": f"{DAY}T10:00:{number:02d}Z",
            "service": "claude_code",
            "modelId": "claude-sonnet-4-5",
            "usage": {"inputTokens": 1 + number * 997},
            "userId": f"user_{number % 2}",
        }
        for number in range(40)
    ]
    body = {"events": events}
    answered = project.post("/v1/callbacks/usage.computeCostAndRecord/batch", json=body).raise_for_status().json()
    assert answered["recorded"] == 40
    return project


def ready(project: ProjectClient, **request: Any) -> dict[str, Any]:
    answered = project.post("/v1/exports", json={"period": PERIOD, **request}).raise_for_status().json()

    def found() -> dict[str, Any]:
        export: dict[str, Any] = project.get(f"/v1/exports/{answered['exportId']}").raise_for_status().json()
        assert export["status"] != "failed", export["error"]
        return export if export["status"] == "ready" else {}

    return eventually(found)


def data_of(export: dict[str, Any]) -> bytes:
    """The data, fetched by its link as anyone could."""
    [file] = [file for file in export["files"] if file["kind"] == "data"]
    body = httpx.get(file["url"]).raise_for_status().content
    assert (len(body), hashlib.sha256(body).hexdigest()) == (file["bytes"], file["sha256"])
    return body


def test_an_export_is_told_of_and_fetched_by_its_link(project: ProjectClient) -> None:
    with receiving() as receiver:
        webhook = {"url": receiver.url("/hook"), "events": ["export.ready"]}
        secret = project.post("/v1/webhooks", json=webhook).raise_for_status().json()["secret"]
        receiver.know("/hook", secret)
        export = ready(project, format="csv")
        request = receiver.take()
    assert request.verified_by == [0]
    assert json.loads(request.body)["data"]["exportId"] == export["exportId"]
    rows = list(csv.DictReader(io.StringIO(data_of(export).decode(), newline="")))
    assert len(rows) == 40
    assert sum(Decimal(row["costUsd"]) for row in rows) == Decimal(export["costUsd"]) > 0


def test_parquet_and_focus_say_the_same(project: ProjectClient) -> None:
    parquet, focus = ready(project, format="parquet"), ready(project, format="focus")
    total = Decimal(parquet["costUsd"])
    assert pl.read_parquet(io.BytesIO(data_of(parquet)))["costUsd"].sum() == total
    rows = csv.DictReader(io.StringIO(data_of(focus).decode(), newline=""))
    assert sum(Decimal(row["EffectiveCost"]) for row in rows) == total


def metering_export(
    cloud: RunningCloud, project: ProjectClient, folder: Path, *arguments: str, key: str = "", exit_code: int = 0
) -> Any:
    days = ("--from", DAY, "--to", DAY, "--url", cloud.url, "--key", project.key)
    command = ["export", *arguments, *days, "--output", str(folder), "--json"]
    done = CliRunner().invoke(app, command, env={"STRIPE_API_KEY": key})
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("arguments", [("csv", "--group-by", "user"), ("json",), ("focus",), ("stripe",)])
def test_the_command_fetches_and_checks_every_format(
    cloud: RunningCloud, project: ProjectClient, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    told = metering_export(cloud, project, tmp_path, *arguments)
    assert told["sumChecked"] is True
    assert {Path(path).exists() for path in told["files"].values()} == {True}
    assert len(list(tmp_path.iterdir())) == 2


def test_a_push_bills_once_however_often_and_tells_of_late_usage(
    cloud: RunningCloud, project: ProjectClient, tmp_path: Path
) -> None:
    for number in range(2):
        customer = {"customerId": f"cus_{number}"}
        project.put(f"/v1/stripe-customers/user_{number}", json=customer).raise_for_status()
    with stripe_stand_in() as stripe:

        def push(*arguments: str, exit_code: int = 0) -> Any:
            options = ("--push", "--stripe-url", stripe.url, *arguments)
            return metering_export(cloud, project, tmp_path, "stripe", *options, key=KEY, exit_code=exit_code)["push"]

        dry = push()
        assert (dry["dryRun"], dry["compared"], dry["new"], stripe.items) == (True, True, 2, [])
        assert push("--yes")["created"] == 2
        assert [line["amount"] for line in dry["customers"]] == [
            f"{item['amount'] / 100:.2f}" for item in sorted(stripe.items, key=itemgetter("customer"))
        ]
        stripe.forget()
        assert push("--yes")["present"] == 2
        late = {
            "idempotencyKey": "late",
            "occurredAt": f"{DAY}T23:00:00Z",
            "service": "claude_code",
            "userId": "user_0",
        }
        usage = {"modelId": "claude-sonnet-4-5", "usage": {"inputTokens": 10**6}}
        project.post("/v1/callbacks/usage.computeCostAndRecord", json={**late, **usage}).raise_for_status()
        told = push("--yes", exit_code=1)
        assert (told["present"], told["differs"], len(stripe.items)) == (1, 1, 2)
        assert told["trouble"][0]["group"] == "cus_0"
