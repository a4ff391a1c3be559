"""The batch callback: each event judged by itself, in order, in as few transactions as hold them."""

from typing import Any

import pytest

from tests.answers import Answer
from tests.faults import after, answer_is_lost, cancel, faults, refuse, respond
from tests.integration.api import BATCH, Api, Clock, Project, app_of, usage_event

MODEL = "claude-sonnet-4-5"
BAD_EVENTS: list[Any] = [
    None,
    1,
    "event",
    [],
    {},
    {"idempotencyKey": "x"},
    usage_event(usage={}),
    usage_event(usage={"inputTokens": -1}),
    usage_event(usage={"inputTokens": "0.0000000000001"}),
    usage_event(unknown=1),
    usage_event(idempotencyKey="x" * 201),
    usage_event(idempotencyKey="\ud800"),
    usage_event(occurredAt="2019-12-31T23:59:59Z"),
    usage_event(sessionId="ses_unknown"),
]

pytestmark = pytest.mark.usefixtures("sonnet")


def send(project: Project, *events: Any) -> Answer:
    answer = project.call(BATCH, body={"events": list(events)})
    assert answer.status == 200, answer.body
    assert [result["index"] for result in answer.body["results"]] == list(range(len(events)))
    statuses = statuses_of(answer)
    for total, status in (("recorded", "recorded"), ("duplicates", "duplicate"), ("errors", "error")):
        assert answer.body[total] == statuses.count(status)
    return answer


def statuses_of(answer: Answer) -> list[str]:
    return [result["status"] for result in answer.body["results"]]


def codes_of(answer: Answer) -> list[str | None]:
    return [result["error"]["code"] if "error" in result else None for result in answer.body["results"]]


def event(key: str, **fields: Any) -> dict[str, Any]:
    return usage_event(idempotencyKey=key, modelId=MODEL, **fields)


def events(number: int) -> list[dict[str, Any]]:
    return [event(f"call_{index}") for index in range(number)]


def test_events_are_recorded_and_answered_in_their_order(project: Project) -> None:
    answer = send(project, *(event(f"call_{tokens}", usage={"inputTokens": tokens}) for tokens in (3, 1, 2)))
    assert statuses_of(answer) == ["recorded"] * 3
    assert [result["costUsd"] for result in answer.body["results"]] == ["0.000009", "0.000003", "0.000006"]
    ids = {record["recordId"]: record["idempotencyKey"] for record in project.records()}
    assert [ids[result["recordId"]] for result in answer.body["results"]] == ["call_3", "call_1", "call_2"]


def test_a_batch_records_what_single_callbacks_record(project: Project, other_project: Project) -> None:
    fields = {"runId": "run_1", "tags": {"a": "b"}, "usage": {"inputTokens": "1200", "webSearches": 1}}
    send(project, event("a", **fields), event("b", **fields))
    for key in ("a", "b"):
        other_project.record(idempotencyKey=key, modelId=MODEL, **fields)
    assert project.records() == other_project.records()


def test_what_was_sent_before_is_a_duplicate_with_its_first_cost(project: Project) -> None:
    first = project.record(idempotencyKey="call_1", modelId=MODEL)
    answer = send(project, *events(3))
    assert statuses_of(answer) == ["recorded", "duplicate", "recorded"]
    assert answer.body["results"][1]["recordId"] == first.body["recordId"]
    assert answer.body["results"][1]["costUsd"] == first.body["costUsd"]
    assert statuses_of(send(project, *events(3))) == ["duplicate"] * 3
    assert len(project.records()) == 3


def test_a_key_that_stands_twice_is_recorded_once(project: Project) -> None:
    answer = send(project, event("a"), event("b"), event("a"), event("a", usage={"inputTokens": "1200"}))
    assert statuses_of(answer) == ["recorded", "recorded", "duplicate", "duplicate"]
    assert len({result["recordId"] for result in answer.body["results"]}) == 2
    assert len(project.records()) == 2


def test_a_key_that_stands_twice_with_two_payloads_is_a_conflict_for_the_second(project: Project) -> None:
    answer = send(project, event("a"), event("a", usage={"inputTokens": 1}), event("a"))
    assert statuses_of(answer) == ["recorded", "error", "duplicate"]
    assert codes_of(answer) == [None, "idempotency_conflict", None]
    assert [record["usage"] for record in project.records()] == [{"inputTokens": 1200}]


def test_the_first_of_a_key_that_conflicts_with_a_record_spoils_not_the_second_that_agrees(project: Project) -> None:
    project.record(idempotencyKey="a", modelId=MODEL)
    answer = send(project, event("a", usage={"inputTokens": 1}), event("a"), event("b"))
    assert codes_of(answer) == ["idempotency_conflict", None, None]
    assert statuses_of(answer) == ["error", "duplicate", "recorded"]


@pytest.mark.parametrize(
    "bad",
    [
        {"occurredAt": "2019-12-31T23:59:59Z"},
        {"sessionId": "ses_unknown"},
        {"usage": {}},
        {"unknown": 1},
    ],
)
def test_the_first_of_a_key_that_is_refused_spoils_not_the_second_that_is_good(
    project: Project, bad: dict[str, Any]
) -> None:
    answer = send(project, event("a", **bad), event("a"), event("a"))
    assert statuses_of(answer) == ["error", "recorded", "duplicate"]
    assert len(project.records()) == 1


def test_leaving_the_time_out_is_no_other_payload_within_a_batch(project: Project) -> None:
    at = "2026-11-24T09:00:00Z"
    answer = send(project, event("a"), event("a", occurredAt=at), event("b", occurredAt=at), event("b"))
    assert statuses_of(answer) == ["recorded", "duplicate", "recorded", "duplicate"]
    other_time = send(project, event("c", occurredAt=at), event("c", occurredAt="2026-11-24T09:00:01Z"))
    assert codes_of(other_time) == [None, "idempotency_conflict"]


def test_a_batch_sent_again_across_midnight_records_nothing_more(project: Project, clock: Clock) -> None:
    clock.set("2026-11-24T23:59:59.999999Z")
    send(project, *events(3))
    clock.set("2026-11-25T00:00:00Z")
    assert statuses_of(send(project, *events(3))) == ["duplicate"] * 3
    assert {record["date"] for record in project.records(to="2026-11-25")} == {"2026-11-24"}


@pytest.mark.parametrize("bad", BAD_EVENTS, ids=repr)
def test_one_bad_event_spoils_none_of_its_neighbours(project: Project, bad: Any) -> None:
    answer = send(project, event("a"), bad, event("b"))
    assert statuses_of(answer) == ["recorded", "error", "recorded"]
    assert answer.body["results"][1]["error"]["status"] in {404, 422}
    assert sorted(record["idempotencyKey"] for record in project.records()) == ["a", "b"]


def test_a_bad_events_faults_are_listed_as_those_of_a_single_one(project: Project) -> None:
    bad = usage_event(usage={"inputTokens": -1, "Bad": 1}, service="", extra=1)
    single = project.record(**bad)
    batch = send(project, event("a"), bad)
    assert batch.body["results"][1]["error"]["errors"] == single.body["errors"]
    assert single.paths == {"usage.inputTokens", "usage.Bad", "service", "extra"}


@pytest.mark.parametrize("number", [1, 2, 100, 101, 500])
def test_up_to_500_events_take_one_transaction_for_each_hundred(project: Project, number: int) -> None:
    # moto copies its tables for each transaction, so here AWS says yes to everything, and that there is nothing.
    with faults(app_of("record_usage").CLIENT, *[respond({"Items": [], "Responses": {}})] * 1000) as script:
        assert statuses_of(send(project, *events(number))) == ["recorded"] * number
    writes = [parameters for operation, parameters in script.requests if operation in {"TransactWriteItems", "PutItem"}]
    assert len(writes) == -(-number // 100)
    assert sum(len(parameters.get("TransactItems", [0])) for parameters in writes) == number


def test_a_batch_of_a_model_without_a_rate_asks_for_it_once(project: Project) -> None:
    batch = [event(f"call_{index}") | {"modelId": "unknown"} for index in range(10)]
    send(project, *(one | {"idempotencyKey": "warm"} for one in batch[:1]))
    with faults(app_of("record_usage").CLIENT) as script:
        send(project, *batch)
    assert script.operations.count("BatchGetItem") == 1
    assert "Query" not in [operation for operation, parameters in script.requests if "Rates" in str(parameters)]


def test_a_batch_of_made_up_models_of_an_owner_without_cards_asks_for_none_of_them(project: Project) -> None:
    batch = [usage_event(idempotencyKey=str(n), service="made_up", modelId=f"model-{n}") for n in range(20)]
    with faults(app_of("record_usage").CLIENT) as script:
        assert statuses_of(send(project, *batch)) == ["recorded"] * 20
    assert "Query" not in [operation for operation, parameters in script.requests if "Rates" in str(parameters)]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"events": []}, {"events"}),
        ({"events": events(501)}, {"events"}),
        ({"events": {}}, {"events"}),
        ({"events": None}, {"events"}),
        ({}, {"events"}),
        ({"events": [event("a")], "dryRun": True}, {"dryRun"}),
        ({"events": [event("a")], "\ud800": 1}, {"\\ud800"}),
        ([], {""}),
        (None, {""}),
        ("events", {""}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_batch_that_is_none_records_nothing(project: Project, body: Any, where: set[str]) -> None:
    answer = project.call(BATCH, body=body)
    assert (answer.status, answer.paths) == (422, where)
    assert project.records() == []


# ---------------------------------------------------------------------------- faults below


def test_a_transaction_that_took_effect_though_its_answer_was_lost_recorded_all_of_it(project: Project) -> None:
    send(project, event("warm"))
    with faults(app_of("record_usage").CLIENT, after(answer_is_lost), after(answer_is_lost)):
        assert statuses_of(send(project, *events(5))) == ["recorded"] * 5
    assert len(project.records()) == 6


def test_a_conflict_between_transactions_is_not_noticed(project: Project) -> None:
    send(project, event("warm"))
    conflict = cancel("None", "TransactionConflict", "None")
    with faults(app_of("record_usage").CLIENT, conflict, refuse("ThrottlingException")):
        assert statuses_of(send(project, *events(3))) == ["recorded"] * 3


def test_what_could_not_be_recorded_is_told_event_by_event_and_can_be_sent_again(api: Api, project: Project) -> None:
    send(project, event("warm"))
    api.seconds = 5.6
    with faults(app_of("record_usage").CLIENT, *[refuse("ThrottlingException")] * 200):
        answer = send(project, *events(150))
    api.seconds = 60
    assert set(codes_of(answer)) == {"unavailable"}
    assert statuses_of(send(project, *events(3))) == ["recorded"] * 3
