"""usage.computeCostAndRecord: priced exactly, recorded once whatever is sent again, refused whole or not at all."""

import json
import random
from typing import Any

import pytest

from metering.aws import rate_book
from tests.faults import after, answer_is_lost, cut_off, faults, never_arrive, refuse
from tests.integration.api import ADMIN_KEY, RECORD, SONNET, Api, Clock, Project, app_of, forget, usage_event

FULL_EVENT = {
    "idempotencyKey": "run_8fk/step_3/call_1",
    "occurredAt": "2026-11-24T09:59:00.123Z",
    "service": "claude_code",
    "provider": "anthropic",
    "modelId": "claude-sonnet-4-5",
    "toolId": "claude",
    "usage": {"inputTokens": 1200, "cachedInputTokens": "30000", "cacheWriteTokens": 0, "outputTokens": 340.5},
    "runId": "run_8fk",
    "sandboxId": "sbx_1",
    "userId": "user_123",
    "personaId": "designer",
    "stepType": "designer",
    "stepIndex": 3,
    "durationMs": 48211,
    "tags": {"branch": "main"},
}
MODEL = "claude-sonnet-4-5"
A_CHANGE: dict[str, Any] = {
    "service": "codex",
    "provider": "openai",
    "modelId": "gpt-5",
    "toolId": "other",
    "usage": {"inputTokens": 1201},
    "runId": "other",
    "sandboxId": "other",
    "userId": "other",
    "personaId": "other",
    "stepType": "other",
    "stepIndex": 4,
    "durationMs": 1,
    "tags": {"branch": "other"},
    "occurredAt": "2026-11-24T09:59:00.124Z",
}

pytestmark = pytest.mark.usefixtures("sonnet")


# ---------------------------------------------------------------------------- pricing


def test_an_event_is_answered_with_its_cost_line_by_line(project: Project) -> None:
    answer = project.record(**FULL_EVENT)
    assert answer.status == 201
    assert answer.body["status"] == "recorded"
    assert answer.body["date"] == "2026-11-24"
    assert answer.body["session"] is None
    assert answer.body["unratedMetrics"] == []
    assert answer.body["costUsd"] == "0.0177075"
    assert answer.body["cost"] == {"amount": 2, "currency": "usd"}
    first = answer.body["lines"][0]
    assert first == {
        "metric": "inputTokens",
        "category": "modelTokens",
        "quantity": "1200",
        "priceUsd": "3",
        "per": "1000000",
        "costUsd": "0.0036",
        "billable": True,
        "rateId": "default/provider:anthropic/claude-sonnet-4-5@2025-09-29",
    }
    assert [line["costUsd"] for line in answer.body["lines"]] == ["0.0036", "0.009", "0", "0.0051075"]


def test_a_record_reads_as_it_was_sent(api: Api, project: Project) -> None:
    record_id = project.record(**FULL_EVENT).body["recordId"]
    record = api.call("GET /v1/usage/records/{recordId}", project.owner, path={"recordId": record_id}).body
    assert {name: record[name] for name in FULL_EVENT} == FULL_EVENT
    assert record["receivedAt"] == "2026-11-24T10:00:00.123456Z"
    assert (record["sessionId"], record["holdId"]) == (None, None)


def test_an_event_with_what_is_required_alone(project: Project) -> None:
    assert project.record(occurredAt=..., usage={"runs": 0}).status == 201
    [record] = project.records()
    assert record["occurredAt"] == record["receivedAt"] == "2026-11-24T10:00:00.123456Z"
    assert record["tags"] == {}


@pytest.mark.parametrize(("tokens", "usd"), [(200_000, "0.6"), (200_001, "1.200006")])
def test_both_sides_of_a_tier(project: Project, tokens: int, usd: str) -> None:
    answer = project.record(modelId=MODEL, usage={"inputTokens": tokens})
    assert answer.body["costUsd"] == usd


def test_a_figure_below_a_cent_is_visible(project: Project) -> None:
    answer = project.record(modelId=MODEL, usage={"inputTokens": "0.000001"})
    assert answer.body["cost"]["amount"] == 0
    assert answer.body["costUsd"] == "0.000000000003"


@pytest.mark.parametrize(
    ("occurred_at", "usd"),
    [
        ("2025-09-28T23:59:59.999999Z", None),
        ("2025-09-29T00:00:00Z", "0.0036"),
        ("2026-06-30T23:59:59.999999Z", "0.0036"),
        ("2026-07-01T00:00:00Z", "0.0012"),
        ("2026-07-01T01:59:59.999999+02:00", "0.0036"),
        ("2026-07-15T11:59:59.999999Z", "0.0012"),
        ("2026-07-15T12:00:00Z", "0.0024"),
        (..., "0.0024"),
    ],
)
def test_the_newest_card_that_is_in_force_when_it_happened_prices_it(
    api: Api, project: Project, occurred_at: str, usd: str | None
) -> None:
    for effective_from, price in (("2026-07-15T12:00:00Z", "2"), ("2026-07-01", "1"), ("2027-01-01", "9")):
        metrics = {"inputTokens": {"priceUsd": price, "per": 1000000}}
        body = {**SONNET, "effectiveFrom": effective_from, "metrics": metrics}
        assert api.call("POST /v1/rates", ADMIN_KEY, body=body).status == 201
    answer = project.record(modelId=MODEL, occurredAt=occurred_at)
    assert answer.body["lines"][0]["costUsd"] == usd


def test_a_record_keeps_the_price_that_it_was_given(api: Api, project: Project) -> None:
    first = project.record(modelId=MODEL)
    dearer = {**SONNET, "effectiveFrom": "2026-01-01", "metrics": {"inputTokens": {"priceUsd": "99"}}}
    assert api.call("POST /v1/rates", ADMIN_KEY, body=dearer).status == 201
    assert project.record(modelId=MODEL).body == {**first.body, "status": "duplicate"}


# ---------------------------------------------------------------------------- without a rate


def test_usage_without_a_rate_is_kept_and_marked_and_never_free(project: Project) -> None:
    answer = project.record(modelId=MODEL, usage={"webSearches": 2, "newMetric": 1, "inputTokens": 1200})
    assert answer.status == 201
    assert answer.body["unratedMetrics"] == ["webSearches", "newMetric"]
    assert [line["costUsd"] for line in answer.body["lines"]] == [None, None, "0.0036"]
    assert [line["category"] for line in answer.body["lines"]] == ["modelTokens", None, "modelTokens"]
    assert [line["rateId"] is None for line in answer.body["lines"]] == [True, True, False]
    assert answer.body["costUsd"] == "0.0036"
    assert project.record(modelId=MODEL, usage={"webSearches": 2, "newMetric": 1, "inputTokens": 1200}).body == {
        **answer.body,
        "status": "duplicate",
    }


def test_none_of_a_metric_without_a_rate_costs_nothing(project: Project) -> None:
    answer = project.record(modelId=MODEL, usage={"webSearches": 0})
    assert answer.body["unratedMetrics"] == []
    assert answer.body["lines"][0]["costUsd"] == "0"


def test_no_usage_is_called_unrated_on_the_word_of_a_memory(api: Api, project: Project) -> None:
    assert project.record(idempotencyKey="1", modelId="new-model").body["unratedMetrics"] == ["inputTokens"]
    body = {**SONNET, "modelId": "new-model", "effectiveFrom": "2026-11-24"}
    assert api.call("POST /v1/rates", ADMIN_KEY, body=body).status == 201
    assert project.record(idempotencyKey="2", modelId="new-model").body["costUsd"] == "0.0036"


# ---------------------------------------------------------------------------- what is remembered of the cards


class Wait:
    """The clock that memory goes by; waiting makes it pass."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch, api: Api) -> Wait:  # noqa: ARG001  # whose world it is
    """Cards are remembered for two seconds."""
    passing = Wait()
    monkeypatch.setenv("RATE_CACHE_SECONDS", "2")
    monkeypatch.setattr(rate_book, "time", passing)
    monkeypatch.setattr(app_of("manage_rates"), "sleep", passing.sleep)
    forget()
    return passing


def test_a_card_is_read_once_and_then_remembered(wait: Wait, project: Project) -> None:
    project.record(idempotencyKey="1", modelId=MODEL)
    wait.sleep(1.9)
    with faults(app_of("record_usage").CLIENT) as script:
        project.record(idempotencyKey="2", modelId=MODEL)
    assert not {"Query", "BatchGetItem"} & set(script.operations)


def test_what_is_remembered_is_read_again_only_where_there_are_new_cards(wait: Wait, project: Project) -> None:
    project.record(idempotencyKey="1", modelId=MODEL)
    wait.sleep(2)
    with faults(app_of("record_usage").CLIENT) as script:
        project.record(idempotencyKey="2", modelId=MODEL)
    assert script.operations.count("BatchGetItem") == 1
    assert "Query" not in script.operations


@pytest.mark.parametrize(
    "newer",
    [
        {"provider": "anthropic", "effectiveFrom": "2026-01-01"},
        {"service": "claude_code", "modelId": "*", "effectiveFrom": "2020-01-01"},
    ],
    ids=["of the same owner", "of an owner that had none"],
)
@pytest.mark.usefixtures("wait")
@pytest.mark.parametrize("whose", ["default", "project"])
def test_usage_that_comes_after_the_answer_is_priced_by_the_new_card(
    api: Api, project: Project, whose: str, newer: dict[str, Any]
) -> None:
    assert project.record(idempotencyKey="1", modelId=MODEL).body["lines"][0]["priceUsd"] == "3"
    card = {"modelId": MODEL, "metrics": {"inputTokens": {"priceUsd": "99"}}, **newer}
    key = project.owner if whose == "project" else ADMIN_KEY
    assert api.call("POST /v1/rates", key, body=card).status == 201
    assert project.record(idempotencyKey="2", modelId=MODEL).body["lines"][0]["priceUsd"] == "99"


def test_a_card_answers_once_nobody_remembers_that_there_is_none(wait: Wait, api: Api, clock: Clock) -> None:
    card = {**SONNET, "effectiveFrom": "2026-01-01"}
    for status, waited in ((201, 2), (200, 4)):  # a retry that finds it made just now waits as well
        assert api.call("POST /v1/rates", ADMIN_KEY, body=card).status == status
        assert wait.seconds == waited
    clock.set("2026-11-24T11:00:00+00:00")
    assert api.call("POST /v1/rates", ADMIN_KEY, body=card).status == 200
    assert wait.seconds == 4


# ---------------------------------------------------------------------------- bounds


def test_usage_that_would_cost_over_a_trillion_dollars_is_refused(api: Api, project: Project) -> None:
    body = {"service": "x", "effectiveFrom": "2025-01-01", "metrics": {"runs": {"priceUsd": "1000"}}}
    assert api.call("POST /v1/rates", ADMIN_KEY, body=body).status == 201
    at_most = project.record(idempotencyKey="1", service="x", usage={"runs": 10**9})
    assert (at_most.status, at_most.body["costUsd"]) == (201, "1000000000000")
    over = project.record(idempotencyKey="2", service="x", usage={"runs": "1000000000.000000000001"})
    assert (over.status, over.paths) == (422, {"usage"})
    assert len(project.records()) == 1


@pytest.mark.parametrize(
    ("occurred_at", "status"),
    [
        ("2019-12-31T23:59:59.999999Z", 422),
        ("2020-01-01T00:00:00Z", 201),
        ("2020-01-01T00:59:59+01:00", 422),
        ("2026-11-24T10:05:00.123456Z", 201),
        ("2026-11-24T10:05:00.123457Z", 422),
        ("9999-12-31T23:59:59Z", 422),
        ("0001-01-01T00:00:00Z", 422),
        ("0203-01-01T00:00:00+01:00", 422),
        ("2016-12-31T23:59:60Z", 422),
        ("2024-02-29T12:00:00Z", 201),
        ("2026-02-29T12:00:00Z", 422),
    ],
)
def test_usage_is_of_2020_or_later_and_at_most_five_minutes_ahead(
    project: Project, occurred_at: str, status: int
) -> None:
    answer = project.record(occurredAt=occurred_at)
    assert answer.status == status
    assert status == 201 or answer.paths == {"occurredAt"}


# ---------------------------------------------------------------------------- sent again


def test_a_retry_is_answered_with_the_first_answer_and_counts_nothing(project: Project, clock: Clock) -> None:
    first = project.record(**FULL_EVENT)
    for moment in ("2026-11-24T10:00:01Z", "2026-11-25T00:00:00Z", "2031-01-01T00:00:00Z"):
        clock.set(moment)
        again = project.record(**FULL_EVENT)
        assert again.status == 200
        assert again.body == {**first.body, "status": "duplicate"}
    assert len(project.records(**{"from": "2026-11-01", "to": "2026-11-30"})) == 1


def test_a_retry_that_leaves_the_time_to_the_server_is_one_record_across_midnight(
    project: Project, clock: Clock
) -> None:
    clock.set("2026-11-24T23:59:59.999999Z")
    first = project.record(modelId=MODEL)
    clock.set("2026-11-25T00:00:00Z")
    again = project.record(modelId=MODEL)
    assert (first.status, again.status) == (201, 200)
    assert again.body["date"] == first.body["date"] == "2026-11-24"
    assert len(project.records()) == 1


@pytest.mark.parametrize("name", A_CHANGE)
def test_the_same_key_with_another_payload_is_a_conflict_and_changes_nothing(project: Project, name: str) -> None:
    first = project.record(**FULL_EVENT)
    for value in (A_CHANGE[name], ...) if name not in {"service", "usage", "occurredAt"} else (A_CHANGE[name],):
        answer = project.record(**{**FULL_EVENT, name: value})
        assert (answer.status, answer.code) == (409, "idempotency_conflict")
    assert project.record(**FULL_EVENT).body == {**first.body, "status": "duplicate"}
    assert len(project.records()) == 1


@pytest.mark.parametrize(
    "same",
    [
        {
            "usage": {
                "inputTokens": "1200",
                "cachedInputTokens": 30000,
                "cacheWriteTokens": "0",
                "outputTokens": "340.5",
            }
        },
        {"usage": {"outputTokens": 340.5, "cacheWriteTokens": 0, "cachedInputTokens": 30000, "inputTokens": 1200.0}},
        {"occurredAt": "2026-11-24T10:59:00.123000+01:00"},
        {"occurredAt": ...},
        {"occurredAt": None},
        {"sessionId": None, "holdId": None},
    ],
)
def test_what_is_only_written_otherwise_is_a_retry(project: Project, same: dict[str, Any]) -> None:
    first = project.record(**FULL_EVENT)
    again = project.record(**{**FULL_EVENT, **same})
    assert again.status == 200
    assert again.body == {**first.body, "status": "duplicate"}


@pytest.mark.parametrize("field", ["provider", "modelId", "runId", "stepIndex", "durationMs", "tags"])
def test_null_and_absent_are_one_payload(project: Project, field: str) -> None:
    assert project.record(**{field: None}).status == 201
    assert project.record(**{field: ...}).status == 200


def test_a_key_belongs_to_its_project(project: Project, other_project: Project) -> None:
    assert project.record(usage={"runs": 1}).status == 201
    assert other_project.record(usage={"runs": 2}).status == 201
    assert (len(project.records()), len(other_project.records())) == (1, 1)


def test_the_key_may_come_as_a_header(api: Api, project: Project) -> None:
    def send(header: str, **fields: Any) -> Any:
        body = usage_event(**fields)
        return api.call(RECORD, project.owner, body=body, headers={"Idempotency-Key": header})

    assert send("from_header", idempotencyKey=...).status == 201
    assert send("from_header", idempotencyKey="from_header").status == 200
    assert project.record(idempotencyKey="from_header").status == 200
    other = send("from_header", idempotencyKey="from_body")
    assert (other.status, other.paths) == (422, {"idempotencyKey"})
    assert send("", idempotencyKey=...).paths == {"idempotencyKey"}
    assert send("x" * 201, idempotencyKey=...).paths == {"idempotencyKey"}
    assert send("line\tbreak", idempotencyKey=...).paths == {"idempotencyKey"}
    assert [record["idempotencyKey"] for record in project.records()] == ["from_header"]


@pytest.mark.parametrize("key", ["a", "é", "日本語", "🜚" * 200, "a b#c/d?e", '"\\', "{}", "rec_aaaa", "x" * 200])
def test_any_printable_key_is_kept_as_it_is(project: Project, key: str) -> None:
    assert project.record(idempotencyKey=key).status == 201
    assert project.record(idempotencyKey=key).status == 200
    assert [record["idempotencyKey"] for record in project.records()] == [key]


def test_keys_that_look_alike_are_two(project: Project) -> None:
    for key in ("\u00e9", "e\u0301", "E", "e", "e ", "\u0435"):
        assert project.record(idempotencyKey=key).status == 201


# ---------------------------------------------------------------------------- faults below

LOST = [answer_is_lost, cut_off, never_arrive, refuse("InternalServerError", 500), refuse("ServiceUnavailable", 503)]
REFUSED = [refuse("ThrottlingException"), refuse("ProvisionedThroughputExceededException")]


@pytest.mark.parametrize("fault", [*LOST, *REFUSED])
def test_a_fault_that_passes_is_not_noticed(project: Project, fault: Any) -> None:
    project.record(idempotencyKey="warm", modelId=MODEL)
    with faults(app_of("record_usage").CLIENT, fault, fault):
        assert project.record(modelId=MODEL).status == 201
    assert project.record(modelId=MODEL).status == 200


@pytest.mark.parametrize("fault", LOST)
def test_a_put_that_took_effect_though_its_answer_was_lost_is_the_first_and_not_a_duplicate(
    project: Project, fault: Any
) -> None:
    project.record(idempotencyKey="warm", modelId=MODEL)
    with faults(app_of("record_usage").CLIENT, after(fault), fault):
        answer = project.record(modelId=MODEL)
    assert (answer.status, answer.body["status"]) == (201, "recorded")
    assert len(project.records()) == 2


def test_a_record_whose_answer_never_came_is_a_duplicate_when_it_is_sent_again(api: Api, project: Project) -> None:
    project.record(idempotencyKey="warm", modelId=MODEL)
    api.seconds = 5.6
    with faults(app_of("record_usage").CLIENT, after(answer_is_lost), *[answer_is_lost] * 100):
        assert project.record(modelId=MODEL).status == 503
    api.seconds = 60
    assert project.record(modelId=MODEL).status == 200
    assert len(project.records()) == 2


@pytest.mark.parametrize("fault", [*LOST, *REFUSED])
def test_a_fault_that_does_not_pass_is_unavailable_and_a_retry_is_welcome(
    api: Api, project: Project, fault: Any
) -> None:
    api.seconds = 5.6  # of which a tenth of a second may be spent on attempts
    with faults(app_of("record_usage").CLIENT, *[fault] * 100):
        answer = project.record(modelId=MODEL)
    assert (answer.status, answer.code) == (503, "unavailable")
    assert answer.headers["retry-after"].isdigit()
    api.seconds = 60
    assert project.records() == []
    assert project.record(modelId=MODEL).status == 201


def test_an_invocation_with_no_time_left_touches_nothing(api: Api, project: Project) -> None:
    api.seconds = 1
    with faults(app_of("record_usage").CLIENT) as script:
        event = api.event(RECORD, None, json.dumps(usage_event()), {}, {}, {})
        context = {"projectId": project.id, "role": "owner", "keyId": "k", "pricingMode": "managed", "shards": 1}
        event["requestContext"]["authorizer"] = {"lambda": context}
        assert api.send(event).status == 503
    assert script.requests == []


# ---------------------------------------------------------------------------- sessions


def test_usage_of_an_unknown_session_is_refused_and_not_recorded(project: Project) -> None:
    answer = project.record(sessionId="ses_unknown")
    assert (answer.status, answer.code) == (404, "not_found")
    assert project.records() == []


def test_processes_of_one_snapshot_leave_different_things_to_chance(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")
    snapshot, drawn = random.getstate(), set()
    for key in ("call_1", "call_2"):
        random.setstate(snapshot)
        forget()
        assert project.record(idempotencyKey=key).status == 201
        drawn.add(random.random())
    assert len(drawn) == 2
