"""The list of runs: the dearest or the latest first, page by page, from the statistics alone."""

from collections.abc import Iterator

import pytest

from tests.statistics_world import StatisticsWorld, statistics_world

TODAY = "2026-11-24"
RUNS = "GET /v1/runs"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[StatisticsWorld]:
    with statistics_world(monkeypatch) as made:
        yield made


def run(world: StatisticsWorld, run_id: str | None, tokens: int, at: str, **fields: object) -> None:
    world.record(f"{at}Z", tokens, runId=run_id, **fields)


def listed(world: StatisticsWorld, first: str = "2026-11-20", **query: object) -> list[str]:
    return [item["runId"] for item in world.view("runs", first, TODAY, **query)["items"]]


@pytest.fixture
def three_runs(world: StatisticsWorld) -> StatisticsWorld:
    run(world, "dear", 100, "2026-11-21T10:00:00")
    run(world, "cheap", 1, f"{TODAY}T09:59:59.999999")
    run(world, "middle", 20, f"{TODAY}T09:00:00")
    run(world, "middle", 20, f"{TODAY}T08:00:00")
    run(world, None, 500, f"{TODAY}T08:00:00")
    world.settle()
    return world


def test_the_dearest_runs_come_first_by_default_and_the_latest_on_demand(three_runs: StatisticsWorld) -> None:
    assert listed(three_runs) == listed(three_runs, sort="cost") == ["dear", "middle", "cheap"]
    assert listed(three_runs, sort="recent") == ["cheap", "middle", "dear"]


def test_runs_of_one_cost_come_in_order_of_their_names(world: StatisticsWorld) -> None:
    for name in "cab":
        run(world, name, 1, f"{TODAY}T09:00:00")
    world.settle()
    assert listed(world) == ["a", "b", "c"]


@pytest.mark.parametrize("sort", ["cost", "recent"])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_put_together_are_the_whole_list(three_runs: StatisticsWorld, sort: str, limit: int) -> None:
    assert listed(three_runs, sort=sort, limit=limit) == listed(three_runs, sort=sort)


def test_a_cursor_holds_for_its_own_order_alone(three_runs: StatisticsWorld) -> None:
    cursor = three_runs.call(RUNS, query={"limit": 1}).body["nextCursor"]
    answer = three_runs.call(RUNS, query={"limit": 1, "cursor": cursor, "sort": "recent"})
    assert (answer.status, answer.code) == (400, "malformed_request")


def test_usage_without_a_run_is_no_run_and_not_in_the_total(three_runs: StatisticsWorld) -> None:
    view = three_runs.view("runs", "2026-11-20", TODAY)
    assert (view["total"]["records"], view["total"]["metrics"]) == (4, {"inputTokens": "141"})
    assert sum(item["records"] for item in view["items"]) == 4


def test_a_run_of_several_days_is_one_row_with_what_lies_in_the_range(world: StatisticsWorld) -> None:
    run(world, "long", 1, "2026-11-21T10:00:00", durationMs=1000)
    run(world, "long", 2, "2026-11-22T10:00:00", durationMs=500)
    run(world, "long", 4, f"{TODAY}T09:00:00.250")
    world.settle()
    [row] = world.view("runs", "2026-11-21", TODAY)["items"]
    assert (row["records"], row["metrics"], row["durationMs"]) == (3, {"inputTokens": "7"}, 1500)
    assert row["lastAt"] == f"{TODAY}T09:00:00.250Z"
    [row] = world.view("runs", "2026-11-21", "2026-11-22")["items"]
    assert (row["records"], row["lastAt"]) == (2, "2026-11-22T10:00:00Z")
    assert world.view("runs", "2026-11-23", "2026-11-23")["items"] == []


def test_the_list_and_the_run_itself_agree(three_runs: StatisticsWorld) -> None:
    for row in three_runs.view("runs", "2026-11-20", TODAY)["items"]:
        shown = three_runs.call("GET /v1/runs/{runId}/usage", path={"runId": row["runId"]}).body["total"]
        assert {name: row[name] for name in shown} == shown


@pytest.mark.parametrize("query", [{"sort": "name"}, {"limit": "0"}, {"limit": "1001"}, {"groupBy": "user"}])
def test_a_query_that_does_not_fit_is_refused(world: StatisticsWorld, query: dict[str, str]) -> None:
    answer = world.call(RUNS, query=query)
    assert (answer.status, answer.paths) == (422, set(query))


def test_runs_are_listed_from_the_statistics_and_not_from_the_records(three_runs: StatisticsWorld) -> None:
    before = len(three_runs.aws.calls)
    listed(three_runs)
    assert {call.parameters["TableName"] for call in three_runs.aws.calls[before:]} == {"DailyStats"}
