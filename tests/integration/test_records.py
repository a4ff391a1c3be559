"""Records over HTTP: one by its id, many in order of time, page by page, filtered, over any range of up to a year."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from metering.aws import keys, records, tables, transaction
from metering.aws.items import record_to_item
from metering.domain.rating import price_usage
from metering.domain.usage import UsageEvent, UsageRecord, record_id_of
from metering.http.pages import MOST_PAGE_BYTES, write_cursor
from tests.integration.api import Api, Project, usage_event

LIST = "GET /v1/usage/records"
GET = "GET /v1/usage/records/{recordId}"
MAY = {"from": "2025-05-01", "to": "2025-05-31"}
WEEK = {"from": "2025-05-01", "to": "2025-05-07"}


def put(dynamodb: Any, occurred_at: str, key: str | None = None, shards: int = 4, **fields: Any) -> str:
    """Puts a record into the table as recording does, without the way over HTTP; its key."""
    event = UsageEvent.model_validate(usage_event(idempotencyKey=key or occurred_at, occurredAt=occurred_at, **fields))
    usage = {metric: quantity.pico for metric, quantity in event.usage.items()}
    assert event.occurred_at
    priced = price_usage(usage, None, "managed")
    record = UsageRecord("prj_one", event, event.occurred_at, event.occurred_at.instant, "managed", None, priced)
    dynamodb.put_item(TableName="UsageRecords", Item=record_to_item(record, shards))
    return event.idempotency_key


def listed(project: Project, **query: Any) -> list[str]:
    """The idempotency keys of all records, page by page."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = project.call(LIST, query={**query, **cursor})
        assert page.status == 200, page.body
        found += [record["idempotencyKey"] for record in page.body["items"]]
        assert len(page.body["items"]) <= int(query.get("limit", 100))
        if page.body["nextCursor"] is None:
            return found
        assert page.body["nextCursor"] != cursor.get("cursor"), "the pages do not move on"
        cursor = {"cursor": page.body["nextCursor"]}


# ---------------------------------------------------------------------------- one


def test_a_record_is_found_by_its_id_in_its_project_alone(api: Api, project: Project, other_project: Project) -> None:
    record_id = project.record().body["recordId"]
    path = {"recordId": record_id}
    assert project.call(GET, path=path).body["idempotencyKey"] == "call_1"
    assert other_project.call(GET, path=path).status == 404
    assert api.call(GET, project.key("member"), path=path).status == 200


@pytest.mark.parametrize(
    "record_id",
    ["rec_aaaaaaaaaaaaaaaaaaaa", "x", "é", "a#b", "prj_one#x", "a/b", "..", "x" * 3000, "🜚" * 1000, "a\x00b", "\x7f"],
    ids=lambda text: ascii(text)[:20],
)
def test_a_record_that_is_not_there_is_not_found(project: Project, record_id: str) -> None:
    project.record()
    assert project.call(GET, path={"recordId": record_id}).status == 404


# ---------------------------------------------------------------------------- the range


def test_the_range_has_both_of_its_days_and_is_echoed_half_open(project: Project, dynamodb: Any) -> None:
    put(dynamodb, "2025-04-30T23:59:59.999999Z")
    inside = [put(dynamodb, "2025-05-01T00:00:00Z"), put(dynamodb, "2025-05-31T23:59:59.999999Z")]
    put(dynamodb, "2025-06-01T00:00:00Z")
    answer = project.call(LIST, query=MAY)
    assert answer.body["period"] == {"start": "2025-05-01T00:00:00Z", "end": "2025-06-01T00:00:00Z"}
    assert [record["idempotencyKey"] for record in answer.body["items"]] == inside


def test_a_day_is_that_of_the_moment_in_utc(project: Project) -> None:
    project.record(idempotencyKey="a", occurredAt="2025-05-02T00:30:00+01:00")
    project.record(idempotencyKey="b", occurredAt="2025-04-30T23:30:00-01:00")
    assert listed(project, **{"from": "2025-05-01", "to": "2025-05-01"}) == ["b", "a"]


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ({}, "2026-10-25", "2026-11-25"),
        ({"to": "2026-03-01"}, "2026-01-30", "2026-03-02"),
        ({"from": "2026-11-24"}, "2026-11-24", "2026-11-25"),
        ({"from": "2026-11-01"}, "2026-11-01", "2026-11-25"),
        ({"from": "2026-12-01"}, "2026-12-01", "2026-12-02"),
        ({"from": "2024-02-29", "to": "2024-02-29"}, "2024-02-29", "2024-03-01"),
        ({"from": "2024-01-01", "to": "2024-12-31"}, "2024-01-01", "2025-01-01"),
    ],
)
def test_the_range_that_was_used_is_echoed(project: Project, query: dict[str, str], start: str, end: str) -> None:
    period = project.call(LIST, query=query).body["period"]
    assert period == {"start": f"{start}T00:00:00Z", "end": f"{end}T00:00:00Z"}


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2025-05-02", "to": "2025-05-01"},
        {"from": "2024-01-01", "to": "2025-01-01"},
        {"from": "2025-01-01"},
        {"from": "2025-01-01", "to": "2026-01-02"},
        {"to": "0001-01-01"},
        {"from": "9999-12-31", "to": "9999-12-31"},
        {"from": "9999-12-31"},
        {"from": "0001-01-01", "to": "9999-12-31"},
    ],
    ids=str,
)
def test_a_range_that_is_none_is_malformed(project: Project, query: dict[str, str]) -> None:
    answer = project.call(LIST, query=query)
    assert (answer.status, answer.code) == (400, "malformed_request")


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"from": "2025-02-29"}, {"from"}),
        ({"to": "tomorrow"}, {"to"}),
        ({"from": "2025-01-01T00:00:00Z", "to": ""}, {"from", "to"}),
        ({"limit": "0"}, {"limit"}),
        ({"limit": "1001"}, {"limit"}),
        ({"limit": "ten"}, {"limit"}),
        ({"service": "a b"}, {"service"}),
        ({"runId": ""}, {"runId"}),
        ({"status": "x"}, {"status"}),
    ],
)
def test_a_question_that_does_not_fit_is_refused(project: Project, query: dict[str, str], where: set[str]) -> None:
    answer = project.call(LIST, query=query)
    assert (answer.status, answer.paths) == (422, where)


# ---------------------------------------------------------------------------- order and pages


@pytest.fixture
def week(dynamodb: Any) -> list[str]:
    """Records of a week, several an instant, spread over the shards; their keys in order of time."""
    made = []
    for day in range(1, 8):
        made += [put(dynamodb, f"2025-05-0{day}T12:00:0{second}Z") for second in range(5)]
        same = [put(dynamodb, f"2025-05-0{day}T13:00:00Z", f"{day}-{number}") for number in range(3)]
        made += sorted(same, key=record_id_of)
    return made


@pytest.mark.parametrize("limit", [1, 7, 8, 9, 56, 1000])
def test_records_are_listed_once_and_in_order_of_time_whatever_the_page(
    project: Project, week: list[str], limit: int
) -> None:
    assert listed(project, limit=limit, **WEEK) == week


def test_a_record_that_comes_late_is_in_its_place_behind_the_cursor(
    project: Project, dynamodb: Any, week: list[str]
) -> None:
    page = project.call(LIST, query={**MAY, "limit": 5}).body
    late = put(dynamodb, "2025-05-02T00:00:00Z", "late")
    put(dynamodb, "2025-05-01T00:00:00Z", "too late")
    rest = project.call(LIST, query={**MAY, "limit": 1000, "cursor": page["nextCursor"]}).body["items"]
    keys_of_rest = [record["idempotencyKey"] for record in rest]
    assert keys_of_rest == [*week[5:8], late, *week[8:]]


def test_a_sparse_year_is_listed_whole(project: Project, dynamodb: Any) -> None:
    first = date(2024, 1, 1)
    days = [first + timedelta(days=number) for number in (0, 1, 2, 40, 41, 200, 364, 365)]
    made = [put(dynamodb, f"{day}T00:00:00Z") for day in days]
    year = {"from": "2024-01-01", "to": "2024-12-31"}
    assert listed(project, limit=3, **year) == made


@pytest.mark.parametrize("shards", [1, 2, 64])
def test_all_shards_of_a_project_are_merged(project: Project, dynamodb: Any, shards: int) -> None:
    if shards > 4:
        assert project.call("PATCH /v1/project", body={"recordShards": shards}).status == 200
    made = [put(dynamodb, f"2025-05-01T12:00:{second:02d}Z", shards=shards) for second in range(40)]
    day = {"from": "2025-05-01", "to": "2025-05-01"}
    for limit in (7, 40):
        assert listed(project, limit=limit, **day) == made


def test_records_of_one_microsecond_are_told_apart_by_their_ids() -> None:
    instant = "2025-05-01T00:00:00.000000Z"
    moments = {keys.moment(instant, record_id_of(str(number))) for number in range(1000)}
    assert len(moments) == 1000


# ---------------------------------------------------------------------------- filters


@pytest.fixture
def mixed(dynamodb: Any) -> None:
    number = 0
    for service in ("codex", "opencode"):
        for model in ("m1", None):
            for session in ("s1", None):
                number += 1
                put(
                    dynamodb,
                    f"2025-05-01T12:00:{number:02d}Z",
                    service=service,
                    modelId=model,
                    sessionId=session,
                    runId="run_1" if number % 2 else None,
                )


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"service": "codex"}, [1, 2, 3, 4]),
        ({"modelId": "m1"}, [1, 2, 5, 6]),
        ({"sessionId": "s1"}, [1, 3, 5, 7]),
        ({"service": "opencode", "modelId": "m1"}, [5, 6]),
        ({"service": "opencode", "modelId": "m1", "sessionId": "s1"}, [5]),
        ({"runId": "run_1"}, [1, 3, 5, 7]),
        ({"runId": "run_1", "service": "codex"}, [1, 3]),
        ({"runId": "run_1", "modelId": "m1", "sessionId": "s1"}, [1, 5]),
        ({"service": "unknown"}, []),
        ({"runId": "unknown"}, []),
    ],
    ids=str,
)
@pytest.mark.parametrize("limit", [1, 100])
def test_filters_go_together(project: Project, query: dict[str, str], seconds: list[int], limit: int) -> None:
    assert listed(project, limit=limit, **WEEK, **query) == [f"2025-05-01T12:00:{second:02d}Z" for second in seconds]


# ---------------------------------------------------------------------------- searches that take long


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the time has always passed, and a page of a Query holds two."""
    monkeypatch.setattr(records, "half_time", lambda _: lambda: True)
    query_pages = tables.query_pages
    monkeypatch.setattr(records, "query_pages", lambda *given, **named: query_pages(*given, **{**named, "Limit": 2}))


@pytest.mark.usefixtures("no_time")
@pytest.mark.parametrize("query", [{}, {"service": "claude_code"}, {"modelId": "rare"}, {"modelId": "none"}])
@pytest.mark.parametrize("shards", [1, 4])
def test_a_search_without_time_gets_on_with_every_request_and_misses_nothing(
    project: Project, dynamodb: Any, query: dict[str, str], shards: int
) -> None:
    for number in range(30):
        model = "rare" if number % 11 == 3 else "usual"
        put(dynamodb, f"2025-05-0{1 + number // 10}T12:00:{number:02d}Z", shards=shards, modelId=model)
    found = listed(project, limit=1000, **WEEK, **query)
    wanted = [number for number in range(30) if query.get("modelId") in {None, "rare" if number % 11 == 3 else "usual"}]
    assert found == [f"2025-05-0{1 + number // 10}T12:00:{number:02d}Z" for number in wanted]


@pytest.mark.usefixtures("no_time")
def test_a_search_that_has_no_time_ends_with_a_cursor_and_no_items(project: Project, dynamodb: Any) -> None:
    put(dynamodb, "2025-05-31T12:00:00Z")
    page = project.call(LIST, query=MAY).body
    assert (page["items"], bool(page["nextCursor"])) == ([], True)
    assert listed(project, **MAY) == ["2025-05-31T12:00:00Z"]


@pytest.mark.usefixtures("no_time")
def test_a_search_in_a_run_gets_on_with_every_request(project: Project, dynamodb: Any) -> None:
    for number in range(9):
        day = 1 if number == 8 else 2
        put(dynamodb, f"2025-05-0{day}T12:00:00Z", str(number), runId="run_1", stepIndex=number)
    query = {"runId": "run_1", "from": "2025-05-01", "to": "2025-05-01"}
    assert project.call(LIST, query=query).body["items"] == []
    assert listed(project, **query) == ["8"]


def test_half_of_the_time_that_is_left_has_passed_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(transaction, "time", SimpleNamespace(monotonic=lambda: now[0]))
    is_late = records.half_time(transaction.Deadline.within(20))
    for moment, late in ((109.9, False), (110.0, False), (110.1, True), (121.0, True)):
        now[0] = moment
        assert is_late() is late


# ---------------------------------------------------------------------------- runs


def test_a_run_is_listed_whole_where_no_range_is_asked_for(project: Project, dynamodb: Any) -> None:
    for number, day in enumerate(("2020-01-01", "2025-05-01", "2026-11-24")):
        put(dynamodb, f"{day}T00:00:00Z", day, runId="run_1", stepIndex=number)
    page = project.call(LIST, query={"runId": "run_1"}).body
    assert [record["idempotencyKey"] for record in page["items"]] == ["2020-01-01", "2025-05-01", "2026-11-24"]
    assert page["period"] == {"start": "2020-01-01T00:00:00Z", "end": "2026-11-26T00:00:00Z"}
    assert listed(project, runId="run_1", to="2026-11-24") == ["2026-11-24"]
    assert listed(project, runId="run_1", **MAY) == ["2025-05-01"]


def test_a_run_is_listed_by_step_and_time_within_the_range(project: Project, dynamodb: Any) -> None:
    for key, occurred_at, step in (
        ("none", "2025-05-01T00:00:00Z", None),
        ("ten", "2025-05-01T00:00:00Z", 10),
        ("two, later", "2025-05-02T00:00:00Z", 2),
        ("two", "2025-05-01T00:00:01Z", 2),
        ("outside", "2025-06-01T00:00:00Z", 1),
    ):
        put(dynamodb, occurred_at, key, runId="run_1", stepIndex=step)
    put(dynamodb, "2025-05-01T00:00:00Z", "other run", runId="run_10", stepIndex=1)
    for limit in (1, 2, 100):
        assert listed(project, limit=limit, runId="run_1", **MAY) == ["two", "two, later", "ten", "none"]


@pytest.mark.parametrize("run_id", ["a#b", "a b", "日本", "🜚" * 200, "a/b?c"])
def test_a_run_may_have_any_name(project: Project, run_id: str) -> None:
    project.record(runId=run_id)
    [record] = project.records(runId=run_id)
    assert record["runId"] == run_id


# ---------------------------------------------------------------------------- cursors


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "W10",
        write_cursor("api-keys", ["x"]),
        write_cursor("records of a run", ["000000001#2025-05-01T00:00:00.000000Z#aaaaaaaa"]),
        write_cursor("records", ["x", "y"]),
        write_cursor("records", ["x" * 1001]),
    ],
)
def test_a_cursor_of_another_list_is_malformed(project: Project, week: list[str], cursor: str) -> None:
    assert week
    answer = project.call(LIST, query={**MAY, "cursor": cursor})
    assert (answer.status, answer.code) == (400, "malformed_request")


@pytest.mark.parametrize("place", ["x", "T", "~", "2025-05-01", "9999-99-99Tzz", "2025-05-03T" + "9" * 900, "🜚" * 250])
def test_a_forged_cursor_gives_no_defect(project: Project, week: list[str], place: str) -> None:
    answer = project.call(LIST, query={**MAY, "cursor": write_cursor("records", [place])})
    assert answer.status == 200
    assert {record["idempotencyKey"] for record in answer.body["items"]} <= set(week)
    answer = project.call(LIST, query={**MAY, "runId": "r", "cursor": write_cursor("records of a run", [place])})
    assert answer.status == 200


def test_another_projects_cursor_shows_ones_own_records_alone(
    project: Project, other_project: Project, week: list[str]
) -> None:
    cursor = project.call(LIST, query={**MAY, "limit": 1}).body["nextCursor"]
    assert week
    assert other_project.call(LIST, query={**MAY, "cursor": cursor}).body["items"] == []


# ---------------------------------------------------------------------------- large records


def test_a_page_of_large_records_ends_before_it_outgrows_an_answer(project: Project, dynamodb: Any) -> None:
    tags = {f"{number:02d}{'🜚' * 62}": "🜚" * 256 for number in range(20)}
    made = [put(dynamodb, f"2025-05-01T12:{number // 60:02d}:{number % 60:02d}Z", tags=tags) for number in range(100)]
    day = {"from": "2025-05-01", "to": "2025-05-01"}
    page = project.call(LIST, query={**day, "limit": 1000})
    assert 1 < len(page.body["items"]) < 100
    assert len(str(page.body).encode()) < MOST_PAGE_BYTES
    assert listed(project, limit=1000, **day) == made
