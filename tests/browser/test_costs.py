"""Costs over time: what is shown is what the API says, and leads down to why a record costs what it costs."""

import json
from datetime import date

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import SCRIPT, Visit, day, views
from tests.local.running_cloud import ProjectClient, RunningCloud

pytestmark = pytest.mark.local


def written(moment: date) -> str:
    """As the dashboard writes a day."""
    return f"{moment:%a}, {moment:%b} {moment.day}, {moment.year}"


def test_figures_are_those_of_the_api_to_the_last_digit(visit: Visit, project: ProjectClient) -> None:
    visitor = visit().signed_in(project.key, "#/costs?by=model")
    by_model, daily = views(project, "by-model"), views(project, "daily")
    assert visitor.exact(visitor.tile("Cost")) == daily["total"]["costUsd"]
    assert visitor.exact(visitor.tile("Records")) == "11"
    for item in by_model["items"]:
        row = visitor.card("By model").get_by_role("row").filter(has_text=item["key"] or "(none)")
        assert visitor.exact(row) == item["costUsd"]
    for item in daily["items"]:
        if item["records"]:
            row = visitor.card("By day").get_by_role("row").filter(has_text=written(date.fromisoformat(item["date"])))
            assert visitor.exact(row) == item["costUsd"]
    legend = visitor.page.locator(".legend li")
    shown = {entry.locator(".name").inner_text(): visitor.exact(entry) for entry in legend.all()}
    assert shown == {item["key"] or "(none)": item["costUsd"] for item in by_model["items"] if item["costUsd"] != "0"}


def test_the_chart_tells_by_keyboard_what_it_shows_and_leads_to_the_day(visit: Visit, project: ProjectClient) -> None:
    visitor = visit().signed_in(project.key, "#/costs?by=model")
    visitor.page.get_by_role("group", name="Cost by model").focus()
    visitor.page.keyboard.press("End")
    visitor.page.keyboard.press("ArrowLeft")
    [group] = [item for item in views(project, "daily")["items"] if item["date"] == str(day(1))]
    told = visitor.page.locator("figure [aria-live]")
    expect(told).to_contain_text(f"{written(day(1))}: ${float(group['costUsd']):.4f}")
    expect(told).to_contain_text("claude-opus-4-5 $")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("heading", name=written(day(1)), level=1)).to_be_visible()


def test_one_gets_from_the_day_to_the_run_the_step_and_the_line_with_its_explanation(
    visit: Visit, project: ProjectClient
) -> None:
    visitor = visit().signed_in(project.key)
    visitor.page.get_by_role("link", name=written(day(2))).click()
    visitor.card("Runs of the day").get_by_role("link", name="run_2").click()
    visitor.card("Steps").get_by_role("link", name="Step 1 · code").click()
    visitor.card("Records of Step 1 · code").get_by_role("link", name="claude_code").click()
    lines = visitor.card("Why it costs this")
    expect(lines.get_by_role("row").filter(has_text="outputTokens")).to_contain_text("1800 × 15 ÷ 1000000 = 0.027")
    expect(lines.get_by_role("row").filter(has_text="inputTokens")).to_contain_text("default/provider:anthropic/")
    record = visitor.page.url.rpartition("/")[2]
    assert visitor.exact(visitor.tile("Stands at")) == project.get(f"/v1/usage/records/{record}").json()["costUsd"]
    visitor.page.get_by_role("link", name="run_2").first.click()
    expect(visitor.card("Records of Step 1 · code")).to_be_visible()


def test_a_link_keeps_what_is_shown_and_how_it_is_sorted(visit: Visit, project: ProjectClient) -> None:
    first = visit().signed_in(project.key, "#/costs")
    first.page.get_by_label("Group by").select_option("user")
    first.page.get_by_label("Figure").select_option("records")
    first.page.get_by_label("Range", exact=True).select_option("7d")
    first.card("By user").get_by_role("button", name="Records").click()
    first.card("By user").get_by_role("button", name="Records").click()
    first.settled()

    second = visit().signed_in(project.key, first.page.url.removeprefix(f"{first.url}/"))
    expect(second.page.get_by_label("Group by")).to_have_value("user")
    expect(second.page.get_by_label("Figure")).to_have_value("records")
    expect(second.page.get_by_label("From")).to_have_value(str(day(6)))
    expect(second.card("By user").get_by_role("columnheader", name="Records")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert second.column("Cost by user", 1) == ["(none)", SCRIPT, "ada"]
    assert first.column("Cost by user", 1) == second.column("Cost by user", 1)


def test_going_back_goes_back(visit: Visit, project: ProjectClient) -> None:
    visitor = visit().signed_in(project.key)
    visitor.page.get_by_role("link", name="Runs").click()
    visitor.page.get_by_role("link", name="run_3").click()
    visitor.page.go_back()
    expect(visitor.page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    visitor.page.go_back()
    expect(visitor.page.get_by_role("heading", name="Costs", level=1)).to_be_visible()


def test_a_project_without_usage_says_so(visit: Visit, cloud: RunningCloud) -> None:
    visitor = visit().signed_in(cloud.new_project().key)
    expect(visitor.page.get_by_text("Nothing was used in this range.")).to_be_visible()


def test_a_failure_says_so_and_can_be_tried_again(visit: Visit, project: ProjectClient) -> None:
    failing = [True]

    def answer(route: Route) -> None:
        if failing:
            route.fulfill(status=500, json={"detail": "the failure is logged"})
        else:
            route.fallback()

    visitor = visit()
    visitor.page.route("**/v1/usage/daily**", answer)
    visitor.signed_in(project.key)
    expect(visitor.page.get_by_role("alert")).to_contain_text("the failure is logged")
    failing.clear()
    visitor.button("Try again").click()
    expect(visitor.card("Cost over time")).to_be_visible()


def test_while_it_loads_the_page_says_so(visit: Visit, project: ProjectClient) -> None:
    waiting: list[Route] = []
    visitor = visit()

    def hold_up(route: Route) -> None:
        waiting.append(route)

    visitor.page.route("**/v1/usage/daily**", hold_up)
    visitor.page.add_init_script(f"sessionStorage.setItem('metering.key', '{project.key}')")
    with visitor.page.expect_request("**/v1/usage/daily**"):
        visitor.open("#/costs")
    expect(visitor.page.get_by_role("heading", name="Costs", level=1)).to_be_visible()
    expect(visitor.page.get_by_role("status", name="Loading")).to_be_visible()
    [route] = waiting
    route.continue_()
    expect(visitor.card("Cost over time")).to_be_visible()


def test_a_year_shows_the_largest_groups_and_one_sum_of_the_others(visit: Visit, project: ProjectClient) -> None:
    asked: list[str] = []
    visitor = visit()
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.route("**/v1/usage/daily**", lambda route: route.fulfill(body=json.dumps(year_of_many_users())))
    visitor.signed_in(project.key, "#/costs?by=user&range=365d")
    [daily] = [url for url in asked if "/v1/usage/daily" in url]
    assert "top=8" in daily
    names = visitor.page.locator(".legend .name")
    expect(names).to_have_text([*(f"user_{place}" for place in range(8)), "other"])
    assert visitor.exact(visitor.page.locator(".legend li").last) == "366"
    visitor.page.get_by_role("button", name="Show 100 more of 366").click()
    assert len(visitor.column("Cost by day", 1)) == 200


def year_of_many_users() -> dict[str, object]:
    """366 days on which eight users of many cost from 8 cents down, and all others a dollar."""

    def figures(cost: str) -> dict[str, object]:
        cents = {"amount": 1, "currency": "usd"}
        return {
            "cost": cents,
            "costUsd": cost,
            "billed": cents,
            "billedUsd": cost,
            "records": 1,
            "unrated": 0,
            "metrics": {},
        }

    groups = [{"key": f"user_{place}", **figures(f"0.0{8 - place}")} for place in range(8)]
    items = [
        {"date": str(day(back)), **figures("1.36"), "groups": groups, "others": figures("1")}
        for back in reversed(range(366))
    ]
    return {
        "period": {"start": f"{day(365)}T00:00:00Z", "end": f"{day(-1)}T00:00:00Z"},
        "asOf": f"{day(0)}T00:00:00Z",
        "final": True,
        "total": figures("497.76"),
        "items": items,
    }
