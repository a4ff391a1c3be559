"""The page itself: for eyes, keyboards, screen readers and phones, and against what would act in a name."""

from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LONG, SCRIPT, Visit, day
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.local.running_cloud import ProjectClient

pytestmark = pytest.mark.local

DIALOGS = {
    "costs": (),
    "runs": (),
    "runs/run_1?step=0%2Fplan": (),
    "records": (),
    "sessions": ("Stop everything",),
    "sessions/ses_1": ("Change limits", "Pause"),
    "sessions/ses_2": ("Change limits",),
    f"sessions/{LONG}": (),
    "budgets": ("New budget", "Change user:ada", "Remove user:ada"),
    "unrated": (f"Add a rate for acme {LONG}",),
    "exports": ("New export",),
    "webhooks": ("New webhook",),
    "nowhere": (),
}
"""The places of the dashboard, with the buttons there that open a dialog."""
LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", DESKTOP), ("dark", PHONE))


@pytest.fixture(scope="module")
def full(project: ProjectClient) -> ProjectClient:
    """A project that has something to show in every view."""
    cost = {"maxCost": {"amount": 500, "currency": "usd", "period": "day"}, "maxAgents": 2}
    project.post("/v1/sessions", json={"sessionId": "ses_1", "userId": SCRIPT, "limits": cost})
    project.post("/v1/sessions/ses_1/agents", json={"agentId": "a" * 60, "leaseSeconds": 3600})
    project.post("/v1/sessions/ses_1/holds", json={"holdId": "hold_1", "estimate": {"costUsd": "1"}})
    project.post("/v1/sessions", json={"sessionId": "ses_2", "userId": "ada"})
    project.post("/v1/sessions/ses_2/pause", json={"reason": SCRIPT})
    project.post("/v1/sessions", json={"sessionId": LONG, "userId": LONG})
    project.put("/v1/budgets/user:ada", json={"limits": cost})
    project.post("/v1/exports", json={"format": "csv", "period": {"start": str(day(3)), "end": str(day(1))}})
    webhook = project.post("/v1/webhooks", json={"url": f"http://127.0.0.1:9/{LONG}", "events": ["*"]}).json()
    project.post(f"/v1/webhooks/{webhook['webhookId']}/test").raise_for_status()
    return project


def places(project: ProjectClient) -> dict[str, tuple[str, ...]]:
    """Those of `DIALOGS`, and those whose names are made by the service."""
    record = project.get("/v1/usage/records", params={"runId": "run_1"}).json()["items"][0]["recordId"]
    webhook = project.get("/v1/webhooks").json()["items"][0]["webhookId"]
    delivery = project.get(f"/v1/webhooks/{webhook}/deliveries").json()["items"][0]["deliveryId"]
    named = {f"records/{record}": (), f"day/{day(2)}": ()}
    return {**DIALOGS, **named, f"webhooks/{webhook}?delivery={delivery}": ("New secret", "Remove")}


@pytest.mark.parametrize("part", range(2))
def test_every_view_and_dialog_has_names_roles_contrast_and_room(visit: Visit, full: ProjectClient, part: int) -> None:
    visitor = visit().signed_in(full.key)
    for place, dialogs in list(places(full).items())[part::2]:
        visitor.open(f"#/{place}").settled()
        look_at(visitor, place)
        for name in dialogs:
            visitor.button(name).click()
            expect(visitor.dialog()).to_be_visible()
            visitor.settled()
            look_at(visitor, f"{name} at {place}")
            visitor.page.keyboard.press("Escape")
            expect(visitor.dialog()).to_have_count(0)
            expect(visitor.button(name)).to_be_focused()


def look_at(visitor: Visitor, what: str) -> None:
    """In the light on a desk, and in the dark on a phone: every rule in both schemes and at both widths."""
    for scheme, width in LOOKS:
        visitor.turn(scheme, width)
        assert visitor.violations() == [], (what, scheme, width)
        assert visitor.overflow() <= 0, (what, scheme, width)
    visitor.turn(*LOOKS[0])


def test_the_page_to_sign_in_has_names_roles_contrast_and_room(visit: Visit) -> None:
    visitor = visit().open()
    expect(visitor.page.get_by_label("API key")).to_be_focused()
    expect(visitor.page.get_by_label("Project id")).to_be_visible()
    visitor.sign_in("hunter2")
    expect(visitor.page.get_by_role("alert")).to_contain_text("not an API key")
    look_at(visitor, "signing in")


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
