"""Corrections end to end on the running local cloud: the queue, the views, restarts, and many at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.local.running_cloud import ProjectClient, RunningCloud
from tests.local.waiting import eventually

pytestmark = pytest.mark.local

CROWD = 24
BATCH = "/v1/callbacks/usage.computeCostAndRecord/batch"


@pytest.fixture
def project(cloud: RunningCloud) -> ProjectClient:
    return cloud.new_project()


def lately() -> dict[str, str]:
    """Yesterday and today, since midnight may pass between a record and what is asked of it."""
    today = datetime.now(UTC).date()
    return {"from": (today - timedelta(days=1)).isoformat(), "to": today.isoformat()}


def record(project: ProjectClient, number: int, **event: Any) -> str:
    """Records usage of a model that nobody has a card for, unless the event says otherwise; its id."""
    usual = {"idempotencyKey": f"call_{number}", "service": "lab", "modelId": "lab-1", "usage": {"inputTokens": 1000}}
    answer = project.record(**{**usual, **event}).raise_for_status().json()
    record_id: str = answer["recordId"]
    return record_id


def card(project: ProjectClient, price: str, effective_from: str = "2026-01-01") -> None:
    metrics = {"inputTokens": {"priceUsd": price, "per": 1000}}
    body = {"service": "lab", "modelId": "*", "effectiveFrom": effective_from, "metrics": metrics}
    project.post("/v1/rates", json=body).raise_for_status()


def start(project: ProjectClient, **body: Any) -> str:
    wanted = {**lately(), "only": "all", "dryRun": False, **body}
    answer = project.post("/v1/usage/rerate", json=wanted)
    assert answer.status_code == 202, answer.text
    job_id: str = answer.json()["jobId"]
    return job_id


def ended(project: ProjectClient, job_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        job: dict[str, Any] = project.get(f"/v1/usage/rerate/{job_id}").raise_for_status().json()
        assert job["status"] != "failed"
        return job if job["status"] == "completed" else None

    job = eventually(look, within=120)
    assert job
    return job


def view(project: ProjectClient, name: str = "daily") -> dict[str, Any]:
    answer = project.get(f"/v1/usage/{name}", params=lately()).raise_for_status().json()
    total: dict[str, Any] = answer["total"]
    return total


def figures(total: dict[str, Any]) -> tuple[str, int, int]:
    return total["costUsd"], total["records"], total["unrated"]


def test_unrated_usage_is_priced_and_voided_and_every_figure_follows(project: ProjectClient) -> None:
    project.post("/v1/sessions", json={"userId": "ada", "sessionId": "ses_1"}).raise_for_status()
    ids = [record(project, number, sessionId="ses_1", runId="run_1") for number in range(3)]
    eventually(lambda: figures(view(project)) == ("0", 3, 3))
    card(project, "0.5")
    dry = ended(project, start(project, only="unrated", dryRun=True))
    assert (dry["recordsSeen"], dry["recordsChanged"], dry["costUsdAfter"]) == (3, 3, "1.5")
    job = ended(project, start(project, only="unrated"))
    assert (job["recordsSeen"], job["recordsChanged"], job["costUsdBefore"], job["costUsdAfter"]) == (3, 3, "0", "1.5")
    voided = project.post(f"/v1/usage/records/{ids[0]}/void", json={"reason": "a test"})
    assert (voided.status_code, voided.json()["costUsd"]) == (201, "-0.5")
    assert figures(project.get("/v1/runs/run_1/usage").json()["total"]) == ("1", 2, 0)
    assert project.get("/v1/sessions/ses_1/usage").json()["costUsd"] == "1"
    for name in ("daily", "by-model", "by-category"):
        eventually(lambda name=name: figures(view(project, name)) == ("1", 2, 0))
    explained = project.get(f"/v1/usage/records/{ids[0]}/explain").json()
    assert (explained["costUsd"], [one["kind"] for one in explained["corrections"]]) == ("0", ["adjust", "void"])


def test_a_job_goes_on_after_restarts(cloud: RunningCloud) -> None:
    project = cloud.new_project()
    for batch in range(4):
        events = [
            {"idempotencyKey": f"{batch}/{number}", "service": "lab", "usage": {"inputTokens": 1000}}
            for number in range(100)
        ]
        assert project.post(BATCH, json={"events": events}).json()["recorded"] == 100
    card(project, "0.5")
    job_id = start(project)
    for _ in range(2):
        cloud.restart()
    job = ended(project, job_id)
    assert (job["recordsSeen"], job["recordsChanged"], job["costUsdAfter"]) == (400, 400, "200")
    eventually(lambda: figures(view(project)) == ("200", 400, 0))
    again = ended(project, start(project))
    assert (again["recordsChanged"], again["costUsdBefore"]) == (0, "200")


def test_corrections_and_callbacks_at_once_lose_nothing(project: ProjectClient) -> None:
    limits = {"maxCost": {"amount": 100_000, "currency": "usd", "period": "total"}}
    body = {"userId": "ada", "sessionId": "ses_1", "limits": limits}
    project.post("/v1/sessions", json=body).raise_for_status()
    for scope in ("user:ada", "project"):
        project.put(f"/v1/budgets/{scope}", json={"limits": limits}).raise_for_status()
    card(project, "0.5")
    ids = [record(project, number, sessionId="ses_1") for number in range(CROWD)]
    card(project, "0.25", "2026-01-02")

    def act(number: int) -> int:
        """Of four, one is recorded, one is voided, one is voided a second time; the fourth starts a re-rating."""
        if number % 4 == 0:
            return project.record(
                idempotencyKey=f"more_{number}",
                service="lab",
                modelId="lab-1",
                usage={"inputTokens": 1000},
                sessionId="ses_1",
            ).status_code
        if number % 4 == 3:
            wanted = {**lately(), "only": "all", "dryRun": False}
            return project.post("/v1/usage/rerate", json=wanted).status_code
        record_id = ids[number - number % 4 + 1]
        return project.post(f"/v1/usage/records/{record_id}/void", json={"reason": "a race"}).status_code

    with ThreadPoolExecutor(CROWD) as crowd:
        answers = list(crowd.map(act, range(CROWD)))
    assert set(answers) <= {200, 201, 202}
    assert Counter(answers)[202] == CROWD // 4
    ended(project, start(project))
    records = project.get("/v1/usage/records", params={"limit": 1000}).json()["items"]
    standing = [one for one in records if not (one["voids"] or one["adjusts"] or one["voidedBy"])]
    assert len(standing) == CROWD
    expected = Decimal("0.25") * len(standing)
    assert sum(Decimal(one["costUsd"]) for one in records) == expected
    assert Decimal(project.get("/v1/sessions/ses_1/usage").json()["costUsd"]) == expected
    for scope in ("user:ada", "project"):
        limit = project.get(f"/v1/budgets/{scope}").json()["limits"]["maxCost"]
        assert Decimal(limit["usedUsd"]) == expected
    eventually(lambda: Decimal(view(project)["costUsd"]) == expected)
