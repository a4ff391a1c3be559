"""Sending survives what may pass, counts what came of every event, and asks little."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from local.client import FIRST_PATIENCE_SECONDS, PATIENCE_SECONDS, RefusedError, UnreachableError
from local.imports.events import Event, Fault
from local.imports.rating import RESOLVE
from local.imports.sending import MOST_ATTEMPTS, MOST_DETAILS, Importer, OnConflict, StoppedError, Summary
from tests.unit.fake_service import Service


@pytest.fixture
def service() -> Service:
    return Service()


# ---------------------------------------------------------------------------- what is counted


def test_every_event_is_recorded_and_its_cost_counts_for_its_model(service: Service) -> None:
    summary = _import(
        service, [_event("a", model="m1"), _event("b", model="m2"), _event("c", model="m1", tokens="0.5")]
    )

    assert (summary.recorded, summary.duplicates, summary.errors, summary.unrated) == (3, 0, 0, 0)
    assert summary.models["opencode", "m1"] == (2, Decimal("1.5"))
    assert summary.cost == Decimal("2.5")


def test_a_second_import_is_all_duplicates_with_the_same_costs(service: Service) -> None:
    events = [_event(str(number), tokens=str(number)) for number in range(1200)]
    first = _import(service, events)

    second = _import(service, events)

    assert (first.recorded, first.duplicates) == (1200, 0)
    assert (second.recorded, second.duplicates) == (0, 1200)
    assert second.models == first.models


def test_an_import_that_was_cut_short_is_completed_by_the_next(service: Service) -> None:
    events = [_event(str(number)) for number in range(1200)]
    importer = Importer(service.client(), "stop")
    next(importer.send(events))

    summary = _import(service, events)

    assert (summary.recorded, summary.duplicates) == (700, 500)
    assert summary.cost == 1200


def test_an_event_that_is_refused_spoils_no_other(service: Service) -> None:
    service.refused["b"] = ["invalid_request"]

    summary = _import(service, [_event("a"), _event("b"), _event("c")])

    assert (summary.recorded, summary.errors) == (2, 1)
    assert summary.details == ["b: invalid_request: so it is"]


@pytest.mark.parametrize(("faults", "told"), [(MOST_DETAILS, MOST_DETAILS), (MOST_DETAILS + 1, MOST_DETAILS)])
def test_faults_are_all_counted_and_the_first_are_told(service: Service, faults: int, told: int) -> None:
    summary = _import(service, [Fault(str(number), "no event") for number in range(faults)])

    assert summary.malformed == faults
    assert len(summary.details) == told


def test_a_key_that_stands_for_other_usage_is_an_error_where_keys_are_the_callers(service: Service) -> None:
    summary = _import(service, [_event("a", tokens="1"), _event("a", tokens="2")], "error")

    assert (summary.recorded, summary.errors) == (1, 1)


def test_a_key_that_stands_for_other_usage_is_the_same_call_where_the_key_names_the_call(service: Service) -> None:
    summary = _import(service, [_event("a", tokens="1"), _event("a", tokens="2")], "differs")

    assert (summary.recorded, summary.differing, summary.errors) == (1, 1, 0)
    assert summary.cost == 1


def test_a_row_that_is_another_than_its_number_stood_for_stops_the_import_after_its_batch(service: Service) -> None:
    _import(service, [_event(str(number)) for number in range(600)])
    importer = Importer(service.client(), "stop")

    with pytest.raises(StoppedError, match="500 keys stand for other usage; the first: 0, 0"):
        list(importer.send(_event(str(number), tokens="9") for number in range(1200)))

    assert importer.summary.errors == 500
    assert len(service.records) == 600


# ---------------------------------------------------------------------------- unrated


def test_an_event_with_a_metric_that_the_card_lacks_is_unrated(service: Service) -> None:
    summary = _import(service, [_event("a"), _event("b", webSearches="1"), _event("c", webSearches="0")])

    assert summary.unrated == 1


def test_events_before_the_first_card_are_unrated(service: Service) -> None:
    service.cards = {"2026-01-02": ("card", ["inputTokens"])}

    summary = _import(service, [_event("a", day="2026-01-01"), _event("b", day="2026-01-02")])

    assert summary.unrated == 1


def test_an_event_that_is_refused_is_not_unrated_too(service: Service) -> None:
    service.refused["a"] = ["invalid_request"]

    assert _import(service, [_event("a", webSearches="1")]).unrated == 0


def test_a_year_of_one_model_takes_two_questions(service: Service) -> None:
    _import(service, [_event(f"{month}/{day}", day=_day(month, day)) for month in range(1, 13) for day in range(1, 29)])

    assert sum(request.url.path == RESOLVE for request in service.requests) == 2


def test_a_change_of_card_within_the_year_is_found_to_the_day(service: Service) -> None:
    service.cards["2026-07-15"] = ("later", ["inputTokens", "webSearches"])
    days = [_day(month, day) for month in range(1, 13) for day in range(1, 29)]

    summary = _import(service, [_event(day, day=day, webSearches="1") for day in days])

    assert summary.unrated == sum(day < "2026-07-15" for day in days)
    assert sum(request.url.path == RESOLVE for request in service.requests) < 25


# ---------------------------------------------------------------------------- what may pass


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        lambda _: httpx.Response(429, json={}),
        lambda _: httpx.Response(502, text="bad gateway"),
        lambda _: httpx.Response(503, json={}),
        lambda _: httpx.Response(504),
    ],
)
def test_what_may_pass_is_tried_again_with_the_same_bytes(service: Service, failure: Any) -> None:
    service.failures = [failure, failure]

    summary = _import(service, [_event("a")])

    first, second, third, _ = service.requests
    assert first.content == second.content == third.content
    assert summary.recorded == 1


def test_the_service_says_how_long_to_wait(service: Service) -> None:
    service.failures = [lambda _: httpx.Response(503, headers={"retry-after": "7"}, json={})]

    _import(service, [_event("a")])

    assert service.asleep == 7


def test_a_lost_answer_is_recognised_as_a_duplicate(service: Service) -> None:
    def record_and_lose(request: httpx.Request) -> httpx.Response:
        for index, event in enumerate(json.loads(request.content)["events"]):
            service.record(index, event)
        raise httpx.ReadTimeout("lost")

    service.failures = [record_and_lose]

    summary = _import(service, [_event("a"), _event("b")])

    assert (summary.recorded, summary.duplicates, summary.cost) == (0, 2, Decimal(2))


def test_a_service_that_was_never_there_is_given_up_soon(service: Service) -> None:
    service.failures = [httpx.ConnectError("refused")] * 1000

    with pytest.raises(UnreachableError, match="http://service/v1/callbacks"):
        _import(service, [_event("a")])

    assert 0 < service.asleep <= FIRST_PATIENCE_SECONDS


def test_a_service_that_goes_away_is_waited_for_and_then_given_up(service: Service) -> None:
    importer = Importer(service.client(), "stop")
    sending = importer.send([_event(str(number)) for number in range(1000)])
    next(sending)
    service.failures = [httpx.ConnectError("refused")] * 1000

    with pytest.raises(UnreachableError):
        next(sending)

    assert PATIENCE_SECONDS / 2 < service.asleep <= PATIENCE_SECONDS
    assert importer.summary.recorded == 500


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 500])
def test_a_refusal_is_not_tried_again(service: Service, status: int) -> None:
    problem = {"code": "some_code", "detail": "so it is"}
    service.failures = [lambda _: httpx.Response(status, json=problem)]

    with pytest.raises(RefusedError, match=f"{status} some_code: so it is"):
        _import(service, [_event("a")])

    assert len(service.requests) == 1


def test_an_answer_that_is_no_json_is_a_refusal(service: Service) -> None:
    service.failures = [lambda _: httpx.Response(200, text="<html>")]

    with pytest.raises(RefusedError, match="not a JSON object"):
        _import(service, [_event("a")])


@pytest.mark.parametrize("code", ["unavailable", "throttled"])
def test_of_a_batch_only_what_may_pass_is_sent_again(service: Service, code: str) -> None:
    service.refused["b"] = [code]

    summary = _import(service, [_event("a"), _event("b"), _event("c")])

    _, second, _ = service.requests
    assert [event["idempotencyKey"] for event in json.loads(second.content)["events"]] == ["b"]
    assert (summary.recorded, summary.duplicates, summary.errors) == (3, 0, 0)


@pytest.mark.parametrize(("failures", "recorded"), [(MOST_ATTEMPTS - 1, 1), (MOST_ATTEMPTS, 0)])
def test_an_event_that_never_passes_ends_the_import(service: Service, failures: int, recorded: int) -> None:
    service.refused["a"] = ["unavailable"] * failures
    importer = Importer(service.client(), "stop")

    try:
        list(importer.send([_event("a")]))
    except UnreachableError:
        assert not recorded

    assert importer.summary.recorded == recorded


def test_the_key_goes_with_every_request(service: Service) -> None:
    _import(service, [_event("a")])

    assert {request.headers["authorization"] for request in service.requests} == {"Bearer mk_key"}


def _import(service: Service, items: list[Any], on_conflict: OnConflict = "stop") -> Summary:
    importer = Importer(service.client(), on_conflict)
    _drain(importer.send(items))
    return importer.finish()


def _drain(summaries: Iterator[Summary]) -> None:
    for _ in summaries:
        pass


def _event(key: str, *, model: str = "m", day: str = "2026-01-01", tokens: str = "1", **metrics: str) -> Event:
    usage = {"inputTokens": tokens, **metrics}
    at = f"{day}T00:00:00Z"
    return Event(
        key, {"idempotencyKey": key, "occurredAt": at, "service": "opencode", "modelId": model, "usage": usage}
    )


def _day(month: int, day: int) -> str:
    return f"2026-{month:02}-{day:02}"
