"""The page itself: for eyes, keyboards, screen readers and phones, and against what would act in a name."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SCRIPT, Visit
from tests.browser.visitor import PHONE
from tests.local.running_cloud import ProjectClient

pytestmark = pytest.mark.local

PLACES = (
    "costs",
    "runs",
    "runs/run_1?step=0%2Fplan",
    "records",
    "sessions",
    "budgets",
    "unrated",
    "exports",
    "webhooks",
)
DIALOGS = {"budgets": "New budget", "exports": "New export", "webhooks": "New webhook", "sessions": "Stop everything"}
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module")
def full(project: ProjectClient) -> ProjectClient:
    """A project that has something to show in every view."""
    cost = {"maxCost": {"amount": 500, "currency": "usd", "period": "day"}, "maxAgents": 2}
    project.post("/v1/sessions", json={"sessionId": "ses_1", "userId": SCRIPT, "limits": cost})
    project.post("/v1/sessions/ses_1/agents", json={"agentId": "a" * 60, "leaseSeconds": 3600})
    project.post("/v1/sessions/ses_1/holds", json={"holdId": "hold_1", "estimate": {"costUsd": "1"}})
    project.post("/v1/sessions", json={"sessionId": "ses_2", "userId": "ada"})
    project.post("/v1/sessions/ses_2/pause", json={"reason": SCRIPT})
    project.put("/v1/budgets/user:ada", json={"limits": cost})
    project.post("/v1/webhooks", json={"url": f"http://127.0.0.1:9/{'hook' * 30}", "events": ["*"]})
    return project


def places(project: ProjectClient) -> list[str]:
    record = project.get("/v1/usage/records", params={"runId": "run_1"}).json()["items"][0]["recordId"]
    webhook = project.get("/v1/webhooks").json()["items"][0]["webhookId"]
    return [*PLACES, f"records/{record}", "sessions/ses_1", "sessions/ses_2", f"webhooks/{webhook}", "nowhere"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_view_has_names_roles_and_contrast(visit: Visit, full: ProjectClient, scheme: str) -> None:
    visitor = visit(scheme).open()
    expect(visitor.page.get_by_label("API key")).to_be_focused()
    assert visitor.violations() == []
    visitor.signed_in(full.key)
    for place in places(full):
        visitor.open(f"#/{place}").settled()
        assert visitor.violations() == [], place


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_dialog_has_names_roles_and_contrast(visit: Visit, full: ProjectClient, scheme: str) -> None:
    visitor = visit(scheme).signed_in(full.key)
    for place, name in DIALOGS.items():
        visitor.open(f"#/{place}").settled()
        visitor.button(name).click()
        expect(visitor.dialog()).to_be_visible()
        assert visitor.violations() == [], place
        visitor.page.keyboard.press("Escape")
        expect(visitor.dialog()).to_have_count(0)
        expect(visitor.button(name)).to_be_focused()


def test_no_view_is_wider_than_a_phone(visit: Visit, full: ProjectClient) -> None:
    visitor = visit(width=PHONE).signed_in(full.key)
    for place in places(full):
        visitor.open(f"#/{place}").settled()
        assert visitor.overflow() <= 0, place
    visitor.open("#/budgets").settled()
    visitor.button("New budget").click()
    assert visitor.overflow() <= 0


def test_names_that_look_like_html_are_text(visit: Visit, full: ProjectClient) -> None:
    visitor = visit().signed_in(full.key, "#/costs?by=user")
    for place in (
        "costs?by=user",
        "costs?by=model",
        "unrated",
        "sessions",
        "sessions/ses_1",
        "sessions/ses_2",
        "records",
    ):
        visitor.open(f"#/{place}").settled()
        expect(visitor.page.get_by_text(SCRIPT).first).to_be_attached()
        expect(visitor.page.locator("img")).to_have_count(0)


def test_everything_can_be_done_by_keyboard(visit: Visit, full: ProjectClient) -> None:
    visitor = visit().open("#/costs")
    press = visitor.page.keyboard.press
    expect(visitor.page.get_by_label("API key")).to_be_focused()
    visitor.page.keyboard.type(full.key)
    press("Enter")
    visitor.settled()
    expect(visitor.page.get_by_role("heading", name="Costs", level=1)).to_be_focused()
    visitor.page.get_by_role("link", name="Skip to content").focus()
    for _ in range(5):
        press("Tab")
    expect(visitor.page.get_by_role("link", name="Budgets")).to_be_focused()
    press("Enter")
    expect(visitor.page.get_by_role("heading", name="Budgets", level=1)).to_be_focused()
    press("Tab")
    expect(visitor.button("New budget")).to_be_focused()
    press("Enter")
    expect(visitor.dialog()).to_be_visible()
    press("Escape")
    expect(visitor.dialog()).to_have_count(0)
    visitor.open("#/costs").settled()
    visitor.card("By model").get_by_role("button", name="Cost").focus()
    press("Enter")
    expect(visitor.card("By model").get_by_role("columnheader", name="Cost")).to_have_attribute(
        "aria-sort", "ascending"
    )


def test_the_scheme_is_the_systems_until_another_is_chosen(visit: Visit, full: ProjectClient) -> None:
    visitor = visit("dark").signed_in(full.key)
    scheme = visitor.page.locator("html")
    expect(scheme).to_have_attribute("data-theme", "dark")
    visitor.button("Light / dark").click()
    expect(scheme).to_have_attribute("data-theme", "light")
    visitor.page.reload()
    expect(scheme).to_have_attribute("data-theme", "light")
    visitor.button("Light / dark").click()
    visitor.page.emulate_media(color_scheme="light")
    expect(scheme).to_have_attribute("data-theme", "light")
