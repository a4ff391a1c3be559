"""Sessions and budgets, live, and what those who may can do about them."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, key_of
from tests.local.running_cloud import ProjectClient, RunningCloud

pytestmark = pytest.mark.local

SESSION = "/v1/sessions/ses_1"


@pytest.fixture(scope="module")
def limited(cloud: RunningCloud) -> Iterator[ProjectClient]:
    """A project with a session that has spent 1 of 5 dollars, holds 2, and runs an agent."""
    project = cloud.new_project()
    cost = {"amount": 500, "currency": "usd", "period": "day"}
    project.post("/v1/sessions", json={"sessionId": "ses_1", "userId": "ada", "limits": {"maxCost": cost}})
    project.record(
        idempotencyKey="one dollar", sessionId="ses_1", modelId="claude-opus-4-5", usage={"inputTokens": 200_000}
    )
    project.post(f"{SESSION}/holds", json={"holdId": "hold_1", "estimate": {"costUsd": "2"}})
    project.post(f"{SESSION}/agents", json={"agentId": "designer_1", "leaseSeconds": 3600}).raise_for_status()
    yield project
    project.post("/v1/project/resume")


def standing(project: ProjectClient) -> dict[str, Any]:
    answer: dict[str, Any] = project.get(SESSION).json()
    return answer


def test_a_session_shows_its_limits_holds_and_agents_as_they_come_and_go(visit: Visit, limited: ProjectClient) -> None:
    visitor = visit(haste=10).signed_in(limited.key, "#/sessions")
    visitor.page.get_by_role("link", name="ses_1").click()
    expect(visitor.page.get_by_role("meter", name="cost used")).to_have_attribute(
        "aria-valuetext", "$1.00 of $5.00, $2.00 held"
    )
    expect(visitor.row("designer_1")).to_contain_text("running")
    expect(visitor.row("hold_1")).to_contain_text("2.00")
    limited.post(f"{SESSION}/holds", json={"holdId": "hold_2", "estimate": {"costUsd": "0.5"}}).raise_for_status()
    expect(visitor.row("hold_2")).to_contain_text("0.50")
    limited.delete(f"{SESSION}/holds/hold_2").raise_for_status()
    expect(visitor.row("hold_2")).to_have_count(0)


def test_a_session_is_paused_and_resumed(visit: Visit, limited: ProjectClient) -> None:
    visitor = visit().signed_in(limited.key, "#/sessions/ses_1")
    visitor.button("Pause").click()
    visitor.dialog().get_by_label("Reason").fill("a look first")
    visitor.dialog().get_by_role("button", name="Pause").click()
    expect(visitor.page.get_by_text("Paused: a look first.")).to_be_visible()
    expect(visitor.row("designer_1")).to_contain_text("paused")
    assert (standing(limited)["status"], standing(limited)["reason"]) == ("paused", "a look first")
    visitor.button("Resume").click()
    expect(visitor.button("Pause")).to_be_visible()
    assert standing(limited)["status"] == "active"


def test_limits_are_changed_and_what_is_over_them_cannot_be_resumed(visit: Visit, limited: ProjectClient) -> None:
    visitor = visit(haste=10).signed_in(limited.key, "#/sessions/ses_1")
    visitor.button("Change limits").click()
    visitor.dialog().get_by_label("Cost, US dollars").fill("0.50")
    visitor.dialog().get_by_label("Model calls").fill("20")
    visitor.dialog().get_by_role("button", name="Save").click()
    expect(visitor.dialog()).to_have_count(0)
    expect(visitor.page.get_by_role("meter", name="model calls used")).to_be_visible()
    limits = standing(limited)["limits"]
    assert (limits["maxCost"]["amount"], limits["maxCost"]["period"], limits["maxModelCalls"]) == (50, "day", 20)

    limited.post(f"{SESSION}/pause")
    expect(visitor.button("Resume")).to_be_visible()
    visitor.button("Resume").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("over maxCost")

    visitor.button("Change limits").click()
    visitor.dialog().get_by_label("Cost, US dollars").fill("0.5.5")
    visitor.dialog().get_by_role("button", name="Save").click()
    expect(visitor.dialog()).to_be_visible()  # the browser says what does not fit
    visitor.dialog().get_by_label("Cost, US dollars").fill("5")
    visitor.dialog().get_by_label("Model calls").fill("")
    visitor.dialog().get_by_role("button", name="Save").click()
    visitor.button("Resume").click()
    expect(visitor.button("Pause")).to_be_visible()
    assert standing(limited)["limits"]["maxModelCalls"] is None


def test_the_emergency_stop_is_made_and_ended(visit: Visit, limited: ProjectClient) -> None:
    visitor = visit().signed_in(limited.key, "#/sessions")
    visitor.button("Stop everything").click()
    visitor.dialog().get_by_role("button", name="Stop everything").click()
    expect(visitor.page.get_by_text("The emergency stop is on")).to_be_visible()
    assert limited.get("/v1/project/standing").json()["status"] == "paused"
    visitor.button("End the emergency stop").click()
    expect(visitor.button("Stop everything")).to_be_visible()
    assert limited.get("/v1/project/standing").json()["status"] == "active"


def test_a_member_sees_everything_and_no_button_that_would_change_it(visit: Visit, limited: ProjectClient) -> None:
    visitor = visit().signed_in(key_of(limited, "member"), "#/sessions/ses_1")
    expect(visitor.row("designer_1")).to_be_visible()
    for place in ("#/sessions/ses_1", "#/sessions", "#/budgets", "#/exports", "#/unrated"):
        visitor.open(place).settled()
        actions = visitor.page.locator(".actions .button, .card footer .button, td .button")
        expect(actions).to_have_count(0)
    expect(visitor.page.get_by_role("link", name="Webhooks")).to_have_count(0)
    visitor.open("#/webhooks")
    expect(visitor.page.get_by_text("There is no such page, or this key may not see it.")).to_be_visible()


def test_a_budget_is_made_changed_and_removed(visit: Visit, limited: ProjectClient) -> None:
    visitor = visit().signed_in(limited.key, "#/budgets")
    visitor.button("New budget").click()
    visitor.dialog().get_by_label("User id").fill("ada")
    visitor.dialog().get_by_label("Cost, US dollars").fill("20")
    visitor.dialog().get_by_label("Period").select_option("month")
    visitor.dialog().get_by_role("button", name="Save").click()
    expect(visitor.card("user:ada")).to_contain_text("of $20.00")
    visitor.button("Change user:ada").click()
    visitor.dialog().get_by_label("Cost, US dollars").fill("30.25")
    visitor.dialog().get_by_role("button", name="Save").click()
    expect(visitor.card("user:ada")).to_contain_text("of $30.25")
    limit = limited.get("/v1/budgets/user:ada").json()["limits"]["maxCost"]
    assert (limit["limitUsd"], limit["period"]) == ("30.25", "month")
    visitor.button("Remove user:ada").click()
    visitor.dialog().get_by_role("button", name="Remove").click()
    expect(visitor.card("user:ada")).to_have_count(0)
    assert limited.get("/v1/budgets/user:ada").status_code == 404
