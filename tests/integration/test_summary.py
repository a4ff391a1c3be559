"""The summary over HTTP: from the daily statistics alone, equal to them to the last pico-dollar."""

from typing import Any

import pytest

from functions.roll_up.app import CLIENT
from metering.aws.statistics import Statistics, write_tally
from metering.aws.transaction import Deadline
from metering.domain.money import PICO, plain
from metering.domain.statistics import DIMENSIONS, Figures, Tally
from tests.integration.api import TODAY, Api, Project, variables

ROUTE = "GET /v1/usage/summary"


@pytest.fixture
def statistics(project: Project) -> Statistics:
    return Statistics(CLIENT, variables()["STATISTICS_TABLE"], project.id, Deadline.within(60))


def write_day(statistics: Statistics, date: str, cost: int, **keys: str) -> None:
    """A day of one record, whose model, user and run are `keys`."""
    found: Tally = {
        dimension: {keys.get(dimension): Figures(cost=cost, billed=cost // 2, records=1)} for dimension in DIMENSIONS
    }
    write_tally(statistics, "hour", f"{date}T10", found)
    key = {"dimension": {"S": f"{statistics.project}#days"}, "entry": {"S": date}}
    item: Any = {**key, "status": {"S": "open"}, "rolledAt": {"S": f"{TODAY}T09:00:00.000000Z"}}
    statistics.client.put_item(TableName=statistics.table, Item=item)


def summary(project: Project, first: str, last: str) -> Any:
    answer = project.call(ROUTE, query={"from": first, "to": last})
    assert answer.status == 200, answer.body
    return answer.body


def test_a_range_is_held_against_the_one_before(project: Project, statistics: Statistics) -> None:
    write_day(statistics, "2026-11-09", 2 * PICO, model="old", user="ada", run="r1")
    write_day(statistics, "2026-11-12", PICO + 1, model="new", user="ada", run="r2")
    write_day(statistics, "2026-11-08", 500 * PICO, model="old")  # before the period before
    body = summary(project, "2026-11-12", "2026-11-14")
    assert body["period"] == {"start": "2026-11-12T00:00:00Z", "end": "2026-11-15T00:00:00Z"}
    assert body["before"]["period"] == {"start": "2026-11-09T00:00:00Z", "end": "2026-11-12T00:00:00Z"}
    assert (body["total"]["costUsd"], body["before"]["total"]["costUsd"]) == ("1.000000000001", "2")
    assert body["change"]["costUsd"] == "-0.999999999999"
    assert body["change"]["cost"] == {"amount": -100, "currency": "usd"}
    assert (body["change"]["costPercent"], body["change"]["billedPercent"]) == ("-50", "-50")
    assert (body["change"]["records"], body["change"]["recordsPercent"]) == (0, "0")
    assert [(item["date"], item["costUsd"]) for item in body["items"]] == [
        ("2026-11-12", "1.000000000001"),
        ("2026-11-13", "0"),
        ("2026-11-14", "0"),
    ]
    assert (body["asOf"], body["final"]) == ("2026-11-24T09:00:00Z", False)
    models, users, runs = (body["movers"][dimension] for dimension in ("model", "user", "run"))
    assert [mover["key"] for mover in models["up"]] == ["new"]
    assert [mover["key"] for mover in models["down"]] == ["old"]
    assert models["down"][0]["changeUsd"] == "-2"
    assert (models["down"][0]["percent"], models["up"][0]["percent"]) == ("-100", None)
    assert ([mover["key"] for mover in users["down"]], users["up"]) == (["ada"], [])
    assert ([mover["key"] for mover in runs["up"]], [mover["key"] for mover in runs["down"]]) == (["r2"], ["r1"])


def test_nothing_before_makes_no_percentage(project: Project, statistics: Statistics) -> None:
    write_day(statistics, "2026-11-12", PICO)
    body = summary(project, "2026-11-12", "2026-11-12")
    assert [body["change"][name] for name in ("costPercent", "billedPercent", "recordsPercent")] == [None] * 3
    assert body["change"]["costUsd"] == "1"
    assert body["movers"]["model"] == {"up": [], "down": []}  # it names none


def test_the_month_is_projected_whatever_the_range(project: Project, statistics: Statistics) -> None:
    for day in range(1, 24):
        write_day(statistics, f"2026-11-{day:02d}", PICO)
    for first, last in (("2026-11-23", "2026-11-23"), ("2025-01-01", "2025-12-31")):
        projection = summary(project, first, last)["projection"]
        assert (projection["month"], projection["basisDays"]) == ("2026-11", 7)
        assert (projection["soFarUsd"], projection["perDayUsd"], projection["costUsd"]) == ("23", "1", "30")
        assert "mean of the last 7 full days" in projection["method"]


def test_a_day_that_stands_out_is_named(project: Project, statistics: Statistics) -> None:
    for day in range(1, 24):
        write_day(statistics, f"2026-11-{day:02d}", PICO + day)
    write_day(statistics, "2026-11-20", 50 * PICO)
    found = summary(project, "2026-11-10", "2026-11-24")["standouts"]
    assert [(day["date"], day["costUsd"]) for day in found["days"]] == [("2026-11-20", "50")]
    assert found["sampleDays"] == 23
    assert found["medianUsd"] == plain(PICO + 12)
    assert "3.5" in found["method"]


def test_a_project_without_usage_has_a_summary(project: Project) -> None:
    body = summary(project, TODAY, TODAY)
    assert (body["total"]["costUsd"], body["change"]["costPercent"]) == ("0", None)
    assert body["standouts"]["days"] == []
    assert body["projection"]["costUsd"] == "0"


def test_two_years_fit_and_a_range_without_room_before_it_does_not(project: Project) -> None:
    body = summary(project, "2024-01-01", "2024-12-31")
    assert (len(body["items"]), body["before"]["period"]["start"]) == (366, "2022-12-31T00:00:00Z")
    for query in (
        {"from": "0001-01-01", "to": "0001-01-01"},
        {"from": "2024-01-01", "to": "2025-01-01"},
        {"from": "2024-01-02", "to": "2024-01-01"},
    ):
        answer = project.call(ROUTE, query=query)
        assert (answer.status, answer.code) == (400, "malformed_request")


def test_who_only_records_reads_no_summary(api: Api, project: Project, other_project: Project) -> None:
    assert api.call(ROUTE, project.key("ingest")).status == 403
    assert api.call(ROUTE, project.key("member")).status == 200
    assert api.call(ROUTE).status == 401
    assert other_project.call(ROUTE).body["total"]["records"] == 0
