"""Every sample event runs: events/<function>/<case>.json is what the function of its folder is called with."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.answers import Answer
from tests.integration.api import ROUTES, Api, Context, Project, app_of, client_of
from tests.template import ROOT

EVENTS = sorted((ROOT / "events").glob("*/*.json"))
STATUS = {
    "correct_usage/range_of_years": 400,
    "correct_usage/show_rerating": 404,
    "correct_usage/start_rerating": 202,
    "correct_usage/void": 404,
    "correct_usage/void_without_reason": 422,
    "describe_service/health": 200,
    "describe_service/openapi": 200,
    "describe_service/unknown_method": 405,
    "describe_service/unknown_path": 404,
    "manage_budgets/delete": 404,
    "manage_budgets/list": 200,
    "manage_budgets/put": 201,
    "manage_budgets/put_project": 201,
    "manage_budgets/put_unknown_kind": 422,
    "manage_budgets/show": 404,
    "manage_exports/delete_customer": 404,
    "manage_exports/list": 200,
    "manage_exports/put_customer": 200,
    "manage_exports/range_the_wrong_way": 400,
    "manage_exports/show": 404,
    "manage_exports/show_customer": 404,
    "manage_exports/start": 202,
    "manage_exports/start_invoice_items": 202,
    "manage_exports/unknown_format": 422,
    "manage_holds/dry_run": 404,
    "manage_holds/estimate_of_nothing": 422,
    "manage_holds/extend": 404,
    "manage_holds/list": 404,
    "manage_holds/open": 404,
    "manage_holds/open_by_usage": 404,
    "manage_holds/release": 404,
    "manage_projects/create": 201,
    "manage_projects/create_bound_key": 201,
    "manage_projects/create_key": 201,
    "manage_projects/list_keys": 200,
    "manage_projects/list_members": 200,
    "manage_projects/revoke_key": 404,
    "manage_projects/show": 200,
    "manage_projects/show_audit": 200,
    "manage_rates/create": 201,
    "manage_rates/list": 200,
    "manage_rates/resolve": 200,
    "manage_sessions/change_limits": 404,
    "manage_sessions/change_limits_as_member": 403,
    "manage_sessions/create": 201,
    "manage_sessions/create_with_bad_limits": 422,
    "manage_sessions/limits": 404,
    "manage_sessions/list": 200,
    "manage_sessions/list_standing": 200,
    "manage_sessions/pause": 404,
    "manage_sessions/restart_project": 200,
    "manage_sessions/resume": 404,
    "manage_sessions/reuse": 201,
    "manage_sessions/show": 404,
    "manage_sessions/show_standing": 200,
    "manage_sessions/stop_project": 200,
    "manage_sessions/usage": 404,
    "query_statistics/by_model": 200,
    "query_statistics/daily": 200,
    "query_statistics/daily_top": 200,
    "query_statistics/hourly": 200,
    "query_statistics/runs": 200,
    "query_statistics/summary": 200,
    "query_statistics/too_many_hours": 400,
    "query_statistics/top_of_nothing": 422,
    "query_usage/explain_record": 404,
    "query_usage/list_records": 200,
    "query_usage/show_record": 404,
    "query_usage/show_run": 404,
    "record_usage/bad": 422,
    "record_usage/batch": 200,
    "record_usage/duplicates": 200,
    "record_usage/malformed": 400,
    "record_usage/single": 201,
    "record_usage/unrated": 201,
    "run_agents/beat": 404,
    "run_agents/end": 404,
    "run_agents/lease_too_long": 422,
    "run_agents/list": 404,
    "run_agents/start": 404,
    "serve_dashboard/file": 200,
    "serve_dashboard/page": 200,
    "serve_dashboard/unknown_file": 404,
    "sign_in/describe": 200,
    "sign_in/exchange": 201,
    "sign_in/exchange_as_stranger": 403,
}
"""What is answered where only the sample's own project exists."""

OF_NOTHING = {"rerate_usage/one_piece"}
"""Messages about what the sample's project does not have; they fail, and end in the dead-letter queue."""
EXPORTS = {
    "EXPORTS_DEAD_ARN": "arn:aws:sqs:us-east-1:123456789012:meterstone-ExportsDead",
    "EXPORT_BUCKET": "exports",
    "EXPORT_LINK_SECONDS": "900",
    "EXPORT_EXPIRY_DAYS": "30",
}


def case_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def read(case: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{case}.json").read_text())
    return event


def send(api: Api, case: str) -> Answer:
    """The answer to the event as it stands, the authorizer's context included."""
    event = read(case)
    event["headers"].pop("authorization", None)
    return api.send(event)


@pytest.fixture
def sample_project(api: Api, monkeypatch: pytest.MonkeyPatch) -> Project:
    key = client_of("kms").create_key()["KeyMetadata"]["KeyId"]
    monkeypatch.setenv("WEBHOOK_KEY", key)
    monkeypatch.setenv("RERATES_QUEUE", client_of("sqs").create_queue(QueueName="rerates")["QueueUrl"])
    monkeypatch.setenv("BUDGET_CACHE_SECONDS", "0")  # making a budget takes as long
    for name, value in EXPORTS.items():
        monkeypatch.setenv(name, value)
    for name in ("ROLLUPS_QUEUE", "ARCHIVES_QUEUE"):
        fifo = {"FifoQueue": "true"}
        queue = client_of("sqs").create_queue(QueueName=f"{name}.fifo", Attributes=fifo)
        monkeypatch.setenv(name, queue["QueueUrl"])
    queue = client_of("sqs").create_queue(QueueName="exports")["QueueUrl"]
    monkeypatch.setenv("EXPORTS_QUEUE", queue)
    return Project(api, "prj_sample")


@pytest.mark.usefixtures("sample_project")
@pytest.mark.parametrize("path", EVENTS, ids=case_of)
def test_a_sample_event_is_handled(api: Api, path: Path) -> None:
    event = read(case_of(path))
    if path.parent.name == "serve_dashboard":  # no operation of the API, and no JSON
        assert app_of("serve_dashboard").handler(event, Context(60))["statusCode"] == STATUS[case_of(path)]
    elif "routeKey" in event and event.get("type") != "REQUEST":
        answer = send(api, case_of(path))
        assert answer.status == STATUS.get(case_of(path), answer.status)
    else:
        result = app_of(path.parent.name).handler(event, Context(60))
        failed = bool((result or {}).get("batchItemFailures"))
        assert failed == (case_of(path) in OF_NOTHING)


@pytest.mark.parametrize("case", STATUS)
def test_every_case_has_its_event(case: str) -> None:
    assert (ROOT / "events" / f"{case}.json").exists()


@pytest.mark.parametrize("path", EVENTS, ids=case_of)
def test_a_sample_event_is_written_as_json_of_two_spaces(path: Path) -> None:
    text = path.read_text()
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("path", EVENTS, ids=case_of)
def test_a_sample_event_of_http_has_a_route_of_its_function(path: Path) -> None:
    event = read(case_of(path))
    if "routeKey" in event and path.parent.name != "authorize_request":
        assert ROUTES[event["routeKey"]].function == path.parent.name


def test_the_authorizer_denies_whom_it_does_not_know(api: Api) -> None:
    for case in ("authorize_request/no_key", "authorize_request/unknown_key"):
        assert "denied" in api.authorize(read(case))


@pytest.mark.usefixtures("sonnet")
def test_the_samples_show_what_they_are_called(api: Api) -> None:
    assert send(api, "record_usage/single").body["costUsd"] == "0.0177"
    batch = send(api, "record_usage/batch").body["results"]
    assert [result["status"] for result in batch] == ["recorded"] * 3
    duplicates = send(api, "record_usage/duplicates").body["results"]
    assert [result["status"] for result in duplicates] == ["recorded", "duplicate", "error", "recorded"]
    assert send(api, "record_usage/unrated").body["unratedMetrics"] == ["inputTokens"]
    assert send(api, "record_usage/bad").paths == {
        "idempotencyKey",
        "usage.inputTokens",
        "usage.outputTokens",
        "cost",
    }
    assert send(api, "query_usage/show_run").body["total"]["records"] == 6
