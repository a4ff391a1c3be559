"""Views over HTTP: ranges, groups, pages, what is billed, who may look; each adds up to its total exactly."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from metering.aws.items import record_to_item
from metering.aws.statistics import Statistics, write_tally
from metering.aws.transaction import Deadline
from metering.domain.rating import price_usage
from metering.domain.statistics import DIMENSIONS as ALL_DIMENSIONS
from metering.domain.statistics import Figures
from metering.domain.usage import UsageEvent, UsageRecord
from metering.http.pages import MOST_PAGE_BYTES, write_cursor
from metering.http.view_operations import VIEW_OPERATIONS
from tests.emulated_aws import Call, Reply
from tests.integration.api import Api, Project, app_of
from tests.statistics_world import VIEWS, StatisticsWorld, statistics_world
from tests.summing import DIMENSIONS, added_up, groups_of, shown, shown_groups, sums_of

DAILY = "GET /v1/usage/daily"
TODAY = "2026-11-24"
ROUTES = [operation.route for operation in VIEW_OPERATIONS]
ALL = {
    "modelId": "m",
    "provider": "anthropic",
    "userId": "ada",
    "sessionId": ...,
    "personaId": "designer",
    "toolId": "claude",
    "stepType": "plan",
    "runId": "run_1",
}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[StatisticsWorld]:
    """At ten in the morning."""
    with statistics_world(monkeypatch) as made:
        yield made


# ---------------------------------------------------------------------------- groups


def test_every_view_groups_by_its_dimension_and_adds_up_to_the_total(world: StatisticsWorld) -> None:
    usage = {"inputTokens": 2, "runs": "0.5", "vcpuSeconds": 3, "storageGbHours": 1}
    named = {name: value for name, value in ALL.items() if value is not ...}
    world.record(usage=usage, **named)
    world.record(usage={**usage, "unheardOf": 1}, **{**named, "modelId": "n", "userId": "bob"})
    world.record(usage={"unheardOf": 1})
    world.record("2026-11-20T10:00:00Z", usage=usage, service="claude_code")
    world.settle()
    records = world.records("2026-11-20", TODAY)
    for dimension in DIMENSIONS:
        view = world.view(f"usage/{VIEWS[dimension]}", "2026-11-20", TODAY)
        assert shown_groups(view["items"]) == groups_of(records, dimension)
        assert added_up(view["items"]) == shown(view["total"]) == sums_of(records)
        assert view["total"]["records"] == 4
        assert view["total"]["unrated"] == 4
        daily = world.daily("2026-11-20", TODAY, groupBy=dimension)
        assert added_up(daily["items"]) == sums_of(records)
        for item in daily["items"]:
            assert added_up(item["groups"]) == shown(item)


def test_what_events_named_none_of_stands_under_null(world: StatisticsWorld) -> None:
    world.record()
    world.settle()
    for dimension in ("model", "user", "session", "persona", "tool", "stepType"):
        [item] = world.view(f"usage/{VIEWS[dimension]}", TODAY, TODAY)["items"]
        assert (item["key"], item["records"]) == (None, 1)
        [group] = world.daily(TODAY, TODAY, groupBy=dimension)["items"][0]["groups"]
        assert group["key"] is None


def test_a_record_of_three_categories_counts_once_and_its_money_thrice(world: StatisticsWorld) -> None:
    world.record(usage={"runs": 1, "inputTokens": 10, "unheardOf": 1})
    world.settle()
    items = world.view("usage/by-category", TODAY, TODAY)["items"]
    assert [(item["key"], item["records"], item["unrated"], item["costUsd"]) for item in items] == [
        ("orchestration", 1, 1, "0.007"),
        ("modelTokens", 0, 0, "0.00000000003"),
        (None, 0, 0, "0"),
    ]


@pytest.mark.parametrize("value", ["a#b", "#", "é", "🜚" * 200, "~", " ", "a" * 200, "null", "2026-11-24"])
def test_a_group_may_have_any_name_that_callers_may_give(world: StatisticsWorld, value: str) -> None:
    world.record(modelId=value, userId=value, runId=value)
    world.record()
    world.settle()
    for path in ("usage/by-model", "usage/by-user"):
        items = world.view(path, TODAY, TODAY)["items"]
        assert {item["key"]: item["records"] for item in items} == {value: 1, None: 1}
    assert [run["runId"] for run in world.view("runs", TODAY, TODAY)["items"]] == [value]
    hours = world.daily(TODAY, TODAY, groupBy="model", granularity="hour")["items"]
    assert {group["key"] for hour in hours for group in hour["groups"]} == {value, None}


def test_a_provider_is_what_prices_were_looked_up_by(world: StatisticsWorld) -> None:
    for service, fields in (
        ("codex", {}),
        ("claude_code", {}),
        ("other", {"modelId": "google/gemini"}),
        ("other", {"modelId": "google/gemini", "provider": "vertex"}),
        ("other", {"modelId": "gemini"}),
    ):
        world.record(service=service, **fields)
    world.settle()
    items = world.view("usage/by-provider", TODAY, TODAY)["items"]
    assert {item["key"]: item["records"] for item in items} == dict.fromkeys(
        ("openai", "anthropic", "google", "vertex", None), 1
    )


@pytest.mark.parametrize(
    ("mode", "billed"), [("managed", "0.017000000004"), ("byok", "0.017000000001"), ("byoi", "0.007")]
)
def test_what_is_billed_follows_the_pricing_mode_and_what_it_cost_does_not(
    world: StatisticsWorld, mode: str, billed: str
) -> None:
    world.api.mode = mode
    world.record(usage={"runs": 1, "inputTokens": 1, "vcpuSeconds": 1})
    world.record(service="claude_code", usage={"storageGbHours": 1})
    world.settle()
    for path in ("usage/daily", *(f"usage/{path}" for path in VIEWS.values())):
        total = world.view(path, TODAY, TODAY)["total"]
        assert (total["costUsd"], total["billedUsd"]) == ("0.017000000004", billed)
    billable = {
        item["key"]: item["billedUsd"] != "0" for item in world.view("usage/by-category", TODAY, TODAY)["items"]
    }
    assert billable == {
        "modelTokens": mode == "managed",
        "compute": mode != "byoi",
        "storage": mode != "byoi",
        "orchestration": True,
    }


def test_a_day_of_both_pricing_modes_bills_each_record_by_its_own(world: StatisticsWorld) -> None:
    for mode in ("managed", "byok"):
        world.api.mode = mode
        world.record(tokens=5)
    world.settle()
    day = world.day(TODAY)
    assert (day["costUsd"], day["billedUsd"]) == ("0.00000000003", "0.000000000015")


def test_usage_without_a_rate_is_counted_and_never_free_of_notice(world: StatisticsWorld) -> None:
    world.record(usage={"inputTokens": 5, "unheardOf": 1})
    world.record(service="nobody", usage={"inputTokens": 5})
    world.record(tokens=5)
    world.settle()
    day = world.day(TODAY)
    assert (day["records"], day["unrated"], day["costUsd"]) == (3, 2, "0.00000000003")
    assert day["metrics"] == {"inputTokens": "15", "unheardOf": "1"}
    items = world.view("usage/by-service", TODAY, TODAY)["items"]
    assert {item["key"]: item["unrated"] for item in items} == {"codex": 1, "nobody": 1}


# ---------------------------------------------------------------------------- days and hours


@pytest.mark.parametrize(
    ("before", "after", "first", "last"),
    [
        ("2026-11-24T08:59:59.999999Z", "2026-11-24T09:00:00Z", TODAY, TODAY),
        ("2026-11-23T23:59:59.999999Z", "2026-11-24T00:00:00Z", "2026-11-23", TODAY),
        ("2026-10-31T23:59:59.999999Z", "2026-11-01T00:00:00Z", "2026-10-31", "2026-11-01"),
        ("2025-12-31T23:59:59.999999Z", "2026-01-01T00:00:00Z", "2025-12-31", "2026-01-01"),
        ("2024-02-28T23:59:59.999999Z", "2024-02-29T00:00:00Z", "2024-02-28", "2024-02-29"),
        ("2024-02-29T23:59:59.999999Z", "2024-03-01T00:00:00Z", "2024-02-29", "2024-03-01"),
        ("2025-02-28T23:59:59.999999Z", "2025-03-01T00:00:00Z", "2025-02-28", "2025-03-01"),
        ("2026-11-24T01:29:59.999999+01:30", "2026-11-23T19:00:00-05:00", "2026-11-23", TODAY),
    ],
)
def test_both_sides_of_a_boundary_are_counted_on_their_own(
    world: StatisticsWorld, before: str, after: str, first: str, last: str
) -> None:
    world.record(before, 2)
    world.record(after, 3)
    world.settle()
    hours = [item for item in world.daily(first, last, granularity="hour")["items"] if item["records"]]
    assert [(item["date"], item["metrics"]["inputTokens"]) for item in hours] == [(first, "2"), (last, "3")]
    days = {item["date"]: item["metrics"]["inputTokens"] for item in world.daily(first, last)["items"]}
    assert days == ({first: "2", last: "3"} if first != last else {first: "5"})


def test_days_without_usage_are_there_with_zero(world: StatisticsWorld) -> None:
    world.record("2024-02-29T12:00:00Z")
    world.settle()
    view = world.daily("2024-02-27", "2024-03-02", groupBy="user")
    assert [(item["date"], item["records"], len(item["groups"])) for item in view["items"]] == [
        ("2024-02-27", 0, 0),
        ("2024-02-28", 0, 0),
        ("2024-02-29", 1, 1),
        ("2024-03-01", 0, 0),
        ("2024-03-02", 0, 0),
    ]
    assert all("hour" not in item for item in view["items"])


def test_hours_without_usage_are_there_with_zero(world: StatisticsWorld) -> None:
    world.record("2026-11-23T23:59:59Z", 2)
    world.record("2026-11-24T00:00:00Z", 3)
    world.settle()
    view = world.daily("2026-11-23", TODAY, granularity="hour")
    assert [item["hour"] for item in view["items"]] == [
        f"2026-11-{day}T{hour:02d}:00:00Z" for day in (23, 24) for hour in range(24)
    ]
    assert {item["hour"]: item["metrics"] for item in view["items"] if item["records"]} == {
        "2026-11-23T23:00:00Z": {"inputTokens": "2"},
        "2026-11-24T00:00:00Z": {"inputTokens": "3"},
    }
    assert [item["date"] for item in view["items"]][22:26] == ["2026-11-23"] * 2 + [TODAY] * 2


def test_hours_are_shown_for_fourteen_days_and_not_for_fifteen(world: StatisticsWorld) -> None:
    assert len(world.daily("2026-11-11", TODAY, granularity="hour")["items"]) == 14 * 24
    answer = world.call(DAILY, query={"from": "2026-11-10", "to": TODAY, "granularity": "hour"})
    assert (answer.status, answer.code) == (400, "malformed_request")
    assert "14 days" in answer.body["detail"]


def test_hours_of_no_range_are_those_that_can_be_shown(world: StatisticsWorld) -> None:
    answer = world.call(DAILY, query={"granularity": "hour"})
    assert answer.status == 200
    assert answer.body["period"] == {"start": "2026-11-11T00:00:00Z", "end": "2026-11-25T00:00:00Z"}


@pytest.mark.parametrize("second", ["2016-12-31T23:59:60Z", "2026-06-30T23:59:60.5Z", "2017-01-01T00:59:60+01:00"])
def test_a_leap_second_is_refused_and_recorded_nowhere(world: StatisticsWorld, second: str) -> None:
    answer = world.call("POST /v1/callbacks/usage.computeCostAndRecord", body=world.event(second))
    assert (answer.status, answer.paths) == (422, {"occurredAt"})
    assert "leap second" in answer.body["errors"][0]["message"]
    assert not world.stream


def test_a_leap_day_in_a_year_that_has_none_is_no_day(world: StatisticsWorld) -> None:
    assert world.call(DAILY, query={"from": "2024-02-29", "to": "2024-02-29"}).status == 200
    assert world.call(DAILY, query={"from": "2025-02-29", "to": "2025-03-01"}).status == 422
    answer = world.call("POST /v1/callbacks/usage.computeCostAndRecord", body=world.event("2025-02-29T10:00:00Z"))
    assert (answer.status, answer.paths) == (422, {"occurredAt"})


# ---------------------------------------------------------------------------- ranges


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ({}, "2026-10-25", "2026-11-25"),
        ({"to": "2025-05-31"}, "2025-05-01", "2025-06-01"),
        ({"from": "2026-11-20"}, "2026-11-20", "2026-11-25"),
        ({"from": TODAY}, TODAY, "2026-11-25"),
        ({"from": "2026-12-24"}, "2026-12-24", "2026-12-25"),
        ({"from": "2024-02-29", "to": "2024-02-29"}, "2024-02-29", "2024-03-01"),
        ({"from": "2025-11-24"}, "2025-11-24", "2026-11-25"),
    ],
)
@pytest.mark.parametrize("route", [DAILY, "GET /v1/usage/by-model", "GET /v1/runs"])
def test_a_range_is_inclusive_and_echoed_half_open(
    world: StatisticsWorld, route: str, query: dict[str, str], start: str, end: str
) -> None:
    answer = world.call(route, query=query)
    assert answer.status == 200
    assert answer.body["period"] == {"start": f"{start}T00:00:00Z", "end": f"{end}T00:00:00Z"}


@pytest.mark.parametrize("route", ROUTES)
def test_a_range_of_366_days_is_answered_and_a_longer_one_or_one_the_wrong_way_is_refused(
    world: StatisticsWorld, route: str
) -> None:
    assert world.call(route, query={"from": "2024-01-01", "to": "2024-12-31"}).status == 200
    for query in (
        {"from": "2024-01-01", "to": "2025-01-01"},
        {"from": "2024-01-02", "to": "2024-01-01"},
        {"from": "2025-01-01"},
    ):
        answer = world.call(route, query=query)
        assert (answer.status, answer.code) == (400, "malformed_request")


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2026-11-31"},
        {"to": "2026-11-24T10:00:00Z"},
        {"from": "2026-1-1"},
        {"groupBy": "weather"},
        {"groupBy": "run"},
        {"granularity": "minute"},
        {"groupby": "model"},
        {"limit": "10"},
    ],
)
def test_a_query_that_does_not_fit_is_refused_with_its_place(world: StatisticsWorld, query: dict[str, str]) -> None:
    answer = world.call(DAILY, query=query)
    assert (answer.status, answer.code, answer.paths) == (422, "invalid_request", set(query))


def test_a_year_of_usage_is_one_answer(world: StatisticsWorld) -> None:
    world.record_all(
        [world.event(f"2024-{month:02d}-{day:02d}T12:00:00Z") for month in range(1, 13) for day in (1, 28)]
    )
    world.settle()
    view = world.daily("2024-01-01", "2024-12-31", groupBy="service")
    assert (len(view["items"]), view["total"]["records"], view["final"]) == (366, 24, True)


def test_a_view_of_closed_days_asks_as_often_for_a_year_as_for_a_week(world: StatisticsWorld) -> None:
    world.record_all([world.event(f"2024-{month:02d}-20T12:00:00Z") for month in range(1, 13)])
    world.settle()

    def calls(first: str, last: str) -> list[str]:
        before = len(world.aws.calls)
        world.view("usage/by-model", first, last)
        return [call.operation for call in world.aws.calls[before:]]

    assert calls("2024-01-01", "2024-12-31") == calls("2024-01-15", "2024-01-21") == ["Query"] * 3


# ---------------------------------------------------------------------------- pages


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_pages_put_together_are_the_whole_view(world: StatisticsWorld, limit: int) -> None:
    for number, model in enumerate("abcd"):
        world.record(tokens=number, modelId=model)
    world.record(tokens=2)
    world.settle()
    whole = world.view("usage/by-model", TODAY, TODAY)
    assert [item["key"] for item in whole["items"]] == ["d", None, "c", "b", "a"]
    paged = world.view("usage/by-model", TODAY, TODAY, limit=limit)
    assert paged["items"] == whole["items"]
    assert paged["total"] == whole["total"]


def test_the_total_of_a_page_is_that_of_the_whole_view(world: StatisticsWorld) -> None:
    world.record(modelId="a")
    world.record(modelId="b")
    world.settle()
    answer = world.call("GET /v1/usage/by-model", query={"limit": 1})
    assert (len(answer.body["items"]), answer.body["total"]["records"]) == (1, 2)
    assert answer.body["nextCursor"]


@pytest.mark.parametrize(
    "cursor",
    ["x", "", write_cursor("by-user", ["1"]), write_cursor("by-model", ["-1"]), write_cursor("by-model", ["a"])],
)
def test_a_cursor_of_another_list_is_refused(world: StatisticsWorld, cursor: str) -> None:
    answer = world.call("GET /v1/usage/by-model", query={"cursor": cursor})
    assert (answer.status, answer.code) == (400, "malformed_request")


def test_a_cursor_beyond_the_end_is_an_empty_page(world: StatisticsWorld) -> None:
    answer = world.call("GET /v1/usage/by-model", query={"cursor": write_cursor("by-model", ["7"])})
    assert (answer.status, answer.body["items"], answer.body["nextCursor"]) == (200, [], None)


@pytest.mark.parametrize("limit", ["0", "1001", "x"])
def test_a_limit_out_of_bounds_is_refused(world: StatisticsWorld, limit: str) -> None:
    assert world.call("GET /v1/usage/by-model", query={"limit": limit}).status == 422


SESSIONS = 10_000


def put_sessions(world: StatisticsWorld) -> None:
    """Records of yesterday, each of its own session, without the way over HTTP."""
    for number in range(SESSIONS):
        event = UsageEvent.model_validate(
            world.event(f"2026-11-23T{number % 2:02d}:00:00Z", tokens=1 + number % 7, sessionId=f"ses_{number:05d}")
        )
        assert event.occurred_at
        usage = {metric: quantity.pico for metric, quantity in event.usage.items()}
        priced = price_usage(usage, None, "managed")
        instant = event.occurred_at.instant
        record = UsageRecord("prj_one", event, event.occurred_at, instant, "managed", None, priced)
        world.aws.put("UsageRecords", {**record_to_item(record, 1), "print": {"B": "AAAA"}})


@contextmanager
def queries_remembered(world: StatisticsWorld) -> Iterator[None]:
    """Under this, nothing that is read changes: the emulator takes seconds to find ten thousand items."""
    replies: dict[str, Reply] = {}

    def remember(call: Call, carry_out: Callable[[], Reply]) -> Reply:
        name = json.dumps([call.operation, call.parameters])
        if name not in replies:
            replies[name] = carry_out()
        return replies[name]

    world.aws.meddler = remember
    yield
    world.aws.meddler = None


def test_ten_thousand_sessions_in_one_day_add_up_over_all_pages_open_and_closed(world: StatisticsWorld) -> None:
    put_sessions(world)
    for hour in (0, 1):
        assert world.work(world.message(f"2026-11-23T{hour:02d}"))
    for final in (False, True):
        if final:
            world.close()
        with queries_remembered(world):
            view = world.view("usage/by-session", "2026-11-23", "2026-11-23", limit=1000)
        assert (view["final"], view["total"]["records"], view["total"]["unrated"]) == (final, SESSIONS, SESSIONS)
        assert view["total"]["metrics"] == {"inputTokens": str(sum(1 + number % 7 for number in range(SESSIONS)))}
        assert [item["key"] for item in view["items"]] == [f"ses_{number:05d}" for number in range(SESSIONS)]
        assert added_up(view["items"]) == shown(view["total"])


# ---------------------------------------------------------------------------- large answers


def put_groups(world: StatisticsWorld, groups: int, metrics: int) -> None:
    """A day of many groups, each with as many metrics."""
    statistics = Statistics(app_of("roll_up").CLIENT, "DailyStats", "prj_one", Deadline.within(600))
    names = {f"metric{number:03d}{'x' * 50}": 10**30 + 1 for number in range(metrics)}
    found = {f"m{number:05d}": Figures(1, 1, 1, metrics=names) for number in range(groups)}
    tally = {dimension: dict(found) if dimension == "model" else {} for dimension in ALL_DIMENSIONS}
    write_tally(statistics, "hour", f"{TODAY}T09", tally)
    world.aws.put("DailyStats", {"dimension": {"S": "prj_one#days"}, "entry": {"S": TODAY}, "status": {"S": "open"}})


def test_groups_that_do_not_fit_into_one_answer_come_in_pages_and_are_refused_where_there_are_none(
    world: StatisticsWorld,
) -> None:
    put_groups(world, groups=700, metrics=100)
    answer = world.call("GET /v1/usage/by-model", query={"limit": 1000})
    assert answer.status == 200
    assert 100 < len(answer.body["items"]) < 700
    assert len(world.view("usage/by-model", TODAY, TODAY, limit=1000)["items"]) == 700
    for granularity in ("day", "hour"):
        query = {"from": TODAY, "to": TODAY, "groupBy": "model", "granularity": granularity}
        answer = world.call(DAILY, query=query)
        assert (answer.status, answer.code) == (400, "malformed_request")
        assert "fewer days" in answer.body["detail"]
    assert MOST_PAGE_BYTES < 700 * 100 * 100


# ---------------------------------------------------------------------------- who may look


@pytest.mark.parametrize("route", ROUTES)
def test_readers_see_the_views_and_who_only_records_does_not(world: StatisticsWorld, route: str) -> None:
    for role, status in {"ingest": 403, "member": 200, "admin": 200, "owner": 200}.items():
        assert world.call(route, role).status == status
    assert Api.call(world.api, route).status == 401


def test_a_project_sees_nothing_of_another(world: StatisticsWorld) -> None:
    world.record(runId="run_1", modelId="m")
    world.record("2026-11-20T10:00:00Z", runId="run_1", modelId="m")
    world.settle()
    for route in ROUTES:
        mine, theirs = (world.call(route, key).body for key in ("owner", "owner@prj_two"))
        assert mine["total"]["records"] == 2
        assert theirs["total"] == {**theirs["total"], "records": 0, "costUsd": "0", "metrics": {}}
        assert not theirs["items"] or all(item["records"] == 0 for item in theirs["items"])
    for key in ("owner@prj_on", "owner@prj_one2"):
        assert world.call(DAILY, key).body["total"]["records"] == 0


def test_a_key_that_the_service_gave_reads_views_by_its_role(api: Api, project: Project) -> None:
    assert project.call(DAILY).status == 200
    assert api.call(DAILY, project.key("member")).status == 200
    assert api.call(DAILY, project.key("ingest")).status == 403
    assert api.call(DAILY, "mk_nobody").status == 401


# ---------------------------------------------------------------------------- the top


def test_the_top_groups_of_the_range_are_told_apart_and_the_others_are_one_sum(world: StatisticsWorld) -> None:
    for user, runs in (("ada", 1), ("ada", 5), ("bob", 4), ("cy", 3), (None, 2)):
        world.record(userId=user, usage={"runs": runs})
    world.record("2026-11-20T10:00:00Z", userId="cy", usage={"runs": 2})
    world.settle()
    answer = world.daily("2026-11-20", TODAY, groupBy="user", top="2")
    assert [[group["key"] for group in item["groups"]] for item in answer["items"]] == [
        ["cy"],
        [],
        [],
        [],
        ["ada", "cy"],
    ]
    for item in answer["items"]:
        assert added_up([*item["groups"], item["others"]]) == shown(item)
    assert answer["items"][-1]["others"]["records"] == 2
    assert added_up(answer["items"]) == shown(answer["total"])


def test_with_as_many_at_the_top_as_there_are_groups_nothing_is_left_for_others(world: StatisticsWorld) -> None:
    for user in ("ada", "bob"):
        world.record(userId=user)
    world.settle()
    for top, others in (("1", 1), ("2", 0), ("100", 0)):
        [item] = world.daily(TODAY, TODAY, groupBy="user", top=top)["items"]
        assert item["others"]["records"] == others


def test_hours_have_a_top_too(world: StatisticsWorld) -> None:
    for user in ("ada", "bob"):
        world.record(userId=user)
    world.settle()
    hours = world.daily(TODAY, TODAY, groupBy="user", granularity="hour", top="1")["items"]
    assert sum(hour["others"]["records"] for hour in hours) == 1


@pytest.mark.parametrize("top", ["0", "101", "-1", "1.5", "many", ""])
def test_a_top_is_of_one_to_a_hundred(world: StatisticsWorld, top: str) -> None:
    query = {"from": TODAY, "to": TODAY, "groupBy": "user", "top": top}
    assert world.call(DAILY, query=query).code == "invalid_request"
