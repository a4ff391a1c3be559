"""On the running local cloud: views follow by themselves within seconds, past days close, and a crash loses no hour."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.local.running_cloud import ProjectClient, RunningCloud
from tests.local.waiting import eventually
from tests.summing import groups_of, shown_groups, sums_of
from tests.summing import shown as shown_sums

pytestmark = pytest.mark.local

BATCH = "/v1/callbacks/usage.computeCostAndRecord/batch"
DAYS = ("2025-02-27", "2025-03-02")  # past the end of a February without a leap day
HOURS = [f"{day}T{hour:02d}" for day in ("2025-02-27", "2025-02-28", "2025-03-01", "2025-03-02") for hour in range(24)]
SECONDS = 120
"""How long views may take to follow on a machine that is busy; on one that is not, it is two or three."""


def event(hour: str, number: int) -> dict[str, Any]:
    return {
        "idempotencyKey": f"{hour}/{number}",
        "occurredAt": f"{hour}:59:59.999999Z",
        "service": "claude_code",
        "modelId": ["claude-sonnet-4-5", "claude-haiku-4-5"][number % 2],
        "usage": {"inputTokens": 1000 + number, "unheardOf": 1} if number % 3 else {"outputTokens": number},
        "userId": f"user_{number % 4}",
    }


def send(project: ProjectClient, events: list[dict[str, Any]]) -> None:
    for start in range(0, len(events), 500):
        answer = project.post(BATCH, json={"events": events[start : start + 500]}).raise_for_status().json()
        assert answer["errors"] == 0


def ask(project: ProjectClient, path: str, first: str = DAYS[0], last: str = DAYS[1], **query: Any) -> Any:
    answer = project.get(f"/v1/usage/{path}", params={"from": first, "to": last, **query}).raise_for_status().json()
    while cursor := answer.get("nextCursor"):
        page = project.get(f"/v1/usage/{path}", params={"from": first, "to": last, **query, "cursor": cursor})
        answer["items"] += page.raise_for_status().json()["items"]
        answer["nextCursor"] = page.json()["nextCursor"]
    return answer


def is_closed(project: ProjectClient, records: int) -> bool:
    view = ask(project, "daily")
    return bool(view["final"]) and view["total"]["records"] == records


def assert_views_equal_records(project: ProjectClient) -> None:
    records = ask(project, "records", limit=1000)["items"]
    for path, dimension in (("by-model", "model"), ("by-user", "user"), ("by-category", "category")):
        view = ask(project, path)
        assert shown_groups(view["items"]) == groups_of(records, dimension)
        assert shown_sums(view["total"]) == sums_of(records)
    for hour in ask(project, "daily", granularity="hour")["items"]:
        of_hour = [record for record in records if record["occurredAt"].startswith(hour["hour"][:13])]
        assert shown_sums(hour) == sums_of(of_hour)


def test_what_is_recorded_now_is_in_todays_view_within_seconds(cloud: RunningCloud) -> None:
    project = cloud.new_project()
    sent = datetime.now(UTC)
    cost = project.record(idempotencyKey="now", userId="ada").raise_for_status().json()["costUsd"]
    today, tomorrow = (f"{sent + timedelta(days=days):%Y-%m-%d}" for days in (0, 1))

    def look() -> Any:
        view = ask(project, "by-user", today, tomorrow)
        return view if view["items"] else None

    view = eventually(look, within=SECONDS)
    assert [(item["key"], item["costUsd"], item["records"]) for item in view["items"]] == [("ada", cost, 1)]
    assert Decimal(view["total"]["costUsd"]) == Decimal(cost)
    assert not view["final"]
    assert datetime.fromisoformat(view["asOf"]) > sent


def test_past_days_close_by_themselves_and_late_usage_opens_one_until_it_is_counted(cloud: RunningCloud) -> None:
    project = cloud.new_project()
    send(project, [event(hour, 1) for hour in HOURS])
    eventually(lambda: is_closed(project, len(HOURS)), within=SECONDS)
    assert_views_equal_records(project)
    send(project, [event("2025-02-28T23", 2)])
    eventually(lambda: is_closed(project, len(HOURS) + 1), within=SECONDS)
    assert_views_equal_records(project)


def test_a_kill_in_the_middle_of_rollups_leaves_views_that_equal_the_records_in_the_end(
    own_cloud: RunningCloud,
) -> None:
    project = own_cloud.new_project()
    send(project, [event(hour, number) for hour in HOURS for number in range(10)])
    eventually(lambda: ask(project, "daily")["total"]["records"], within=SECONDS)
    own_cloud.kill_everything()
    own_cloud.start()
    kept = len(ask(project, "records", limit=1000)["items"])  # the last second before a crash may be lost
    assert kept
    eventually(lambda: is_closed(project, kept), within=SECONDS)
    assert_views_equal_records(project)
    send(project, [event(hour, number) for hour in HOURS for number in range(10)])
    eventually(lambda: is_closed(project, 10 * len(HOURS)), within=SECONDS)
    assert_views_equal_records(project)


def test_an_ordinary_restart_in_the_middle_of_rollups_loses_none_of_them(own_cloud: RunningCloud) -> None:
    project = own_cloud.new_project()
    send(project, [event(hour, number) for hour in HOURS for number in range(10)])
    own_cloud.restart()
    eventually(lambda: is_closed(project, 10 * len(HOURS)), within=SECONDS)
    assert_views_equal_records(project)
