"""A browser, a local cloud of its own, and a project with usage in it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import pytest
from playwright.sync_api import BrowserContext, sync_playwright

from tests.browser.visitor import DESKTOP, Visitor
from tests.completeness import leave_out
from tests.local.running_cloud import ProjectClient, RunningCloud
from tests.local.waiting import eventually
from tests.token_issuer import AUDIENCE, Issuer, issuer

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCRIPT = "<img src=x onerror=alert(1)>"
"""A name that would act if it were taken for HTML."""
LONG = "m" * 120
"""A name that no column has room for."""
STORED = "() => JSON.stringify({...sessionStorage})"
"""What the tab keeps, as text."""

Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def chromium() -> str:
    path = shutil.which("chromium")
    if path is None:
        leave_out("Chromium is missing (apt-get install chromium), so the dashboard is not looked at.")
    return path


@pytest.fixture(scope="session")
def context(chromium: str) -> Iterator[BrowserContext]:
    """One for all tests of a worker: the page's files are fetched once, as in a browser that has been there before."""
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium, args=QUIET) as browser:
        yield browser.new_context()


@pytest.fixture(scope="session")
def provider() -> Iterator[Issuer]:
    with issuer() as running:
        yield running


@pytest.fixture(scope="session")
def cloud(chromium: str, provider: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """Only where there is a browser to look at it. People may sign in to it with the identity provider."""
    assert chromium
    options = ("--parameter", f"OidcIssuer={provider.url}", "--parameter", f"OidcAudience={AUDIENCE}")
    with RunningCloud(tmp_path_factory.mktemp("dashboard") / "state", options) as running:
        yield running


@pytest.fixture
def visit(context: BrowserContext, cloud: RunningCloud) -> Iterator[Visit]:
    """Makes visitors; none of them may have seen an error, broken the policy, or been sent elsewhere."""
    made: list[Visitor] = []

    def make(scheme: Literal["light", "dark"] = "light", width: int = DESKTOP, haste: int = 1) -> Visitor:
        made.append(Visitor(context, cloud.url, scheme, width, haste))
        return made[-1]

    yield make
    for visitor in made:
        visitor.leave()
    assert [fault for visitor in made for fault in visitor.faults] == []


def day(back: int) -> date:
    return datetime.now(UTC).date() - timedelta(days=back)


def key_of(project: ProjectClient, role: str) -> str:
    answer = project.post("/v1/api-keys", json={"name": role, "role": role}).raise_for_status()
    key: str = answer.json()["apiKey"]
    return key


def events() -> Iterator[dict[str, Any]]:
    """Usage of three days: a run of two steps, names that look like HTML or are long, and models without a rate."""
    usual = {"service": "claude_code", "userId": "ada", "personaId": "designer"}
    for back in (1, 2, 3):
        at = f"{day(back)}T10:00:00Z"
        run = {**usual, "occurredAt": at, "runId": f"run_{back}"}
        opus = {"modelId": "claude-opus-4-5", "usage": {"inputTokens": 1000 * back, "outputTokens": 2000}}
        sonnet = {"modelId": "claude-sonnet-4-5", "usage": {"inputTokens": 5000, "outputTokens": 900 * back}}
        yield {**run, **opus, "stepIndex": 0, "stepType": "plan", "durationMs": 4000}
        yield {**run, **sonnet, "stepIndex": 1, "stepType": "code", "durationMs": 9000}
        yield {"service": "e2b", "userId": SCRIPT, "occurredAt": at, "usage": {"vcpuSeconds": 600}}
    unrated = {"service": "acme", "occurredAt": f"{day(2)}T11:00:00Z", "usage": {"widgets": "2.5"}}
    yield {**unrated, "modelId": SCRIPT}
    yield {**unrated, "modelId": LONG, "userId": SCRIPT}


@pytest.fixture(scope="session")
def project(cloud: RunningCloud) -> ProjectClient:
    """With the usage of `events`, in the statistics as well."""
    project = cloud.new_project()
    sent = [{**event, "idempotencyKey": f"event_{number}"} for number, event in enumerate(events())]
    answer = project.post("/v1/callbacks/usage.computeCostAndRecord/batch", json={"events": sent})
    assert answer.json()["recorded"] == len(sent)
    eventually(lambda: records_in_statistics(project) == len(sent))
    return project


def records_in_statistics(project: ProjectClient) -> int:
    total: dict[str, Any] = views(project, "daily")["total"]
    return int(total["records"])


def views(project: ProjectClient, view: str, **query: str) -> dict[str, Any]:
    """A view of the days that the dashboard shows at first."""
    days = {"from": str(day(29)), "to": str(day(0))}
    answer: dict[str, Any] = project.get(f"/v1/usage/{view}", params={**days, **query}).raise_for_status().json()
    return answer
