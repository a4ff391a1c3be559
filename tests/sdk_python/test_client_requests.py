"""What the client sends, what it makes of answers, and when it sends again."""

import asyncio
import json
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering_client import (
    ApiError,
    Client,
    InvalidRequestError,
    LimitReachedError,
    SessionPausedError,
    UnexpectedAnswerError,
    UnreachableError,
    models,
)
from metering_client._requests import LONGEST_RETRY_AFTER, retry_after
from metering_client._wire import camel, dumps, encode, plain
from tests.sdk_python.scripted import RECORDED, SESSION, STANDING, Answer, Scripted, answer, example, problem

EVENT: dict[str, Any] = {"idempotency_key": "call_1", "service": "claude_code", "usage": {"inputTokens": 1200}}
LIMIT_REACHED = {
    "dimension": "maxCost",
    "limit": {"amount": 500, "currency": "usd"},
    "limitUsd": "5",
    "used": {"amount": 0, "currency": "usd"},
    "usedUsd": "0.000001",
    "held": {"amount": 400, "currency": "usd"},
    "heldUsd": "4",
    "remaining": {"amount": 100, "currency": "usd"},
    "remainingUsd": "0.999999",
    "retryable": False,
    "scope": "session:ses_1",
}


# ---------------------------------------------------------------- What is sent


def test_an_event_goes_out_in_camel_case_with_its_metrics_as_they_are_and_the_key() -> None:
    service = Scripted(answer(201, RECORDED))
    service.client().usage.record(**EVENT, model_id="claude-sonnet-4-5", step_index=0, tags={"git_branch": "main"})
    [request], [body] = service.requests, service.bodies
    assert service.asked == ["POST /v1/callbacks/usage.computeCostAndRecord"]
    assert request.headers["authorization"] == "Bearer mk_test"
    assert body == {
        "idempotencyKey": "call_1",
        "service": "claude_code",
        "usage": {"inputTokens": 1200},
        "modelId": "claude-sonnet-4-5",
        "stepIndex": 0,
        "tags": {"git_branch": "main"},
    }


def test_both_clients_send_the_same() -> None:
    def ask(client: Any) -> Any:
        limits = {"max_cost": {"amount": 500, "period": "day"}, "max_agents": None}
        return client.sessions.for_user("user_123", limits=limits)

    async def ask_asynchronously() -> str:
        return str((await ask(others.async_client())).session_id)

    one, others = Scripted(answer(201, SESSION)), Scripted(answer(201, SESSION))
    assert ask(one.client()).session_id == asyncio.run(ask_asynchronously()) == "ses_1"
    assert one.bodies == others.bodies
    assert one.bodies == [
        {
            "userId": "user_123",
            "reuse": True,
            "limits": {"maxCost": {"amount": 500, "period": "day"}, "maxAgents": None},
        }
    ]


def test_a_limit_that_is_none_is_removed_and_one_that_is_not_named_is_left() -> None:
    service = Scripted(answer(200, STANDING))
    service.client().sessions.with_id("ses_1").update_limits(max_agents=None, max_compute_minutes=Decimal("1.50"))
    assert service.bodies == [{"maxAgents": None, "maxComputeMinutes": "1.5"}]


def test_ids_in_paths_and_queries_may_hold_anything() -> None:
    page = {"items": [], "nextCursor": None}
    service = Scripted(answer(200, SESSION), answer(200, page))
    client = service.client()
    client.sessions.get("a/b ?ü:1")
    client.sessions.list(user_id="a&b", limit=10)
    assert service.asked == ["GET /v1/sessions/a%2Fb%20%3F%C3%BC%3A1", "GET /v1/sessions?limit=10&userId=a%26b"]


def test_dates_switches_and_names_that_python_keeps_for_itself() -> None:
    service = Scripted(answer(422, {}))
    client = service.client()
    for ask in (
        lambda: client.usage.daily(from_=date(2026, 11, 1), to="2026-11-30"),
        lambda: client.holds.open("ses_1", estimate={"cost_usd": Decimal("0.10")}, dry_run=True),
    ):
        with pytest.raises(ApiError):
            ask()
    assert service.asked == [
        "GET /v1/usage/daily?from=2026-11-01&to=2026-11-30",
        "POST /v1/sessions/ses_1/holds?dryRun=true",
    ]
    assert service.bodies[1] == {"estimate": {"costUsd": "0.1"}}


def test_the_environment_names_the_service_and_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METERING_URL", "http://elsewhere.test")
    monkeypatch.setenv("METERING_API_KEY", "mk_other")
    service = Scripted(answer(200, {"status": "ok"}))
    with Client(http=httpx.Client(transport=httpx.MockTransport(service))) as client:
        client.health()
    [request] = service.requests
    assert str(request.url) == "http://elsewhere.test/healthz"
    assert "authorization" not in request.headers  # it needs none


def test_without_an_address_or_a_key_there_is_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("METERING_API_KEY", raising=False)
    with pytest.raises(ValueError, match="no METERING_API_KEY in the environment"):
        Client("http://metering.test")


@pytest.mark.parametrize("url", ["127.0.0.1:3000", "localhost", "ftp://metering.test"])
def test_an_address_that_is_no_url_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=f"METERING_URL is '{url}'"):
        Client(url, "mk_test")


def test_spaces_around_a_setting_are_none_of_it() -> None:
    service = Scripted(answer(200, example(models.ProjectAnswer)))
    with Client(
        " http://metering.test/\n", "mk_test\n", http=httpx.Client(transport=httpx.MockTransport(service))
    ) as one:
        one.project.get()
    assert str(service.requests[0].url) == "http://metering.test/v1/project"
    assert service.requests[0].headers["authorization"] == "Bearer mk_test"


@pytest.mark.parametrize("key", ["mk_b\u00e4d", "mk_\nbad", "mk_\x00bad"])
def test_a_key_that_no_header_can_have_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match="METERING_API_KEY is no API key") as raised:
        Client("http://metering.test", key)
    assert key not in str(raised.value)


@pytest.mark.parametrize("session_id", [None, "", 7])
def test_an_id_that_is_none_is_refused_by_its_name(session_id: Any) -> None:
    service = Scripted(answer(200, {}))
    with pytest.raises(TypeError, match="sessionId: an id is needed"):
        service.client().sessions.with_id(session_id).usage()
    assert service.requests == []


# ---------------------------------------------------------------- Values


def test_money_is_never_a_float_and_quantities_may_be() -> None:
    assert encode({"usage": {"sandboxSeconds": 12.300000000000001, "runs": 1, "vcpu_seconds": Decimal("1E-7")}}) == {
        "usage": {"sandboxSeconds": "12.3", "runs": 1, "vcpu_seconds": "0.0000001"}
    }
    for wrong in ({"cost_usd": 0.25}, {"estimate": {"cost_usd": 0.25}}, {"metrics": {"calls": {"price_usd": 0.1}}}):
        with pytest.raises(TypeError, match="use Decimal or a string"):
            encode(wrong)


@pytest.mark.parametrize("wrong", [object(), {"usage": {"runs": float("nan")}}, Decimal("Infinity"), {1, 2}, b"x"])
def test_what_has_no_form_is_refused(wrong: Any) -> None:
    with pytest.raises((TypeError, ArithmeticError)):
        dumps({"value": wrong} if not isinstance(wrong, dict) else wrong)


def test_instants_are_sent_in_utc_and_need_a_zone() -> None:
    there = timezone(timedelta(hours=2))
    assert encode(datetime(2026, 11, 24, 12, 0, 0, 5, tzinfo=there)) == "2026-11-24T10:00:00.000005Z"
    with pytest.raises(TypeError, match="no time zone"):
        encode(datetime(2026, 11, 24))  # noqa: DTZ001  # the point


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_a_decimal_is_sent_plainly_and_without_loss(number: Decimal) -> None:
    text = plain(number)
    assert Decimal(text) == number
    assert "e" not in text.lower()


@given(st.from_regex(r"[a-z][A-Za-z0-9]{0,20}", fullmatch=True))
def test_a_name_in_camel_case_stays(name: str) -> None:
    assert camel(name) == name


# ---------------------------------------------------------------- What comes back


def test_an_answer_is_a_model_with_exact_figures() -> None:
    service = Scripted(answer(200, STANDING))
    limits = service.client().sessions.limits("ses_1")
    assert limits.max_cost is not None
    assert limits.max_cost.remaining_usd == Decimal("4.75")
    assert limits.max_cost.remaining == models.Money(amount=1, currency="usd")
    assert limits.max_cost.resets_at is None
    assert limits.max_agents is None
    assert limits.max_compute_minutes is not None
    assert limits.max_compute_minutes.used == Decimal("1.5")


def test_instants_are_aware() -> None:
    service = Scripted(answer(200, SESSION))
    assert service.client().sessions.get("ses_1").created_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_what_an_older_service_does_not_say_is_none_if_it_may_be() -> None:
    older = {name: value for name, value in SESSION.items() if name != "reason"}
    assert Scripted(answer(200, older)).client().sessions.get("ses_1").reason is None


def test_fields_of_a_newer_service_are_left_out() -> None:
    service = Scripted(answer(201, {**RECORDED, "mood": "good"}))
    assert service.client().usage.record(**EVENT).cost_usd == Decimal("0.0177")


@pytest.mark.parametrize(
    "body", [[], {}, {**RECORDED, "costUsd": None}, {**RECORDED, "costUsd": "much"}, {**RECORDED, "cost": "2"}]
)
def test_an_answer_that_is_not_the_operations_is_told(body: Any) -> None:
    service = Scripted(answer(201, body))
    with pytest.raises(UnexpectedAnswerError, match="RecordedAnswer"):
        service.client().usage.record(**EVENT)


def test_another_server_is_told() -> None:
    service = Scripted(httpx.Response(200, text="<html>"), httpx.Response(404, text="<html>"))
    client = service.client()
    with pytest.raises(UnexpectedAnswerError, match="answers 200: '<html>'"):
        client.health()
    with pytest.raises(ApiError, match="answers 404: '<html>'"):
        client.health()


def test_a_limit_that_is_reached_says_which_and_how_far() -> None:
    service = Scripted(problem(402, "limit_reached", **LIMIT_REACHED))
    with pytest.raises(LimitReachedError) as raised:
        service.client().sessions.with_id("ses_1").hold(cost_usd="1.50").open()
    error = raised.value
    assert (error.dimension, error.scope, error.limit, error.used) == (
        "maxCost",
        "session:ses_1",
        Decimal(5),
        Decimal("0.000001"),
    )
    assert (error.held, error.remaining) == (Decimal(4), Decimal("0.999999"))
    assert pickle.loads(pickle.dumps(error)).remaining == error.remaining  # noqa: S301  # our own


def test_figures_of_other_limits_are_counts() -> None:
    figures = {"limit": 3, "used": 3, "held": 0, "remaining": 0, "dimension": "maxAgents", "scope": "project"}
    service = Scripted(problem(402, "limit_reached", **figures))
    with pytest.raises(LimitReachedError) as raised:
        service.client().agents.start("ses_1", agent_id="designer")
    assert (raised.value.limit, raised.value.remaining) == (3, 0)


def test_every_fault_of_a_request_is_told() -> None:
    faults = [{"path": "service", "message": "Field required"}]
    service = Scripted(problem(422, "invalid_request", errors=faults))
    with pytest.raises(InvalidRequestError) as raised:
        service.client().usage.record(**EVENT)
    assert raised.value.faults == [("service", "Field required")]


def test_a_code_of_a_newer_service_is_an_api_error() -> None:
    service = Scripted(problem(418, "teapot"))
    with pytest.raises(ApiError, match="418 teapot: D") as raised:
        service.client().health()
    assert type(raised.value) is ApiError


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "Unauthenticated"), (403, "Forbidden"), (413, "TooLarge"), (429, "Throttled"), (503, "Unavailable")],
)
def test_what_the_gateway_refuses_itself_has_its_class_by_the_status(status: int, kind: str) -> None:
    service = Scripted(answer(status, {"message": "no"}))
    with pytest.raises(ApiError, match=f"{status} without a code: no") as raised:
        service.client(max_retries=0).health()
    assert type(raised.value).__name__ == f"{kind}Error"


def test_every_page_is_read_and_no_more() -> None:
    pages = [{"items": [SESSION], "nextCursor": "c1"}, {"items": [SESSION, SESSION], "nextCursor": None}]
    service, other = (Scripted(*(answer(200, page) for page in pages)) for _ in range(2))
    client = service.client()
    assert len(list(client.every(client.sessions.list, user_id="ada"))) == 3
    assert service.asked == ["GET /v1/sessions?userId=ada", "GET /v1/sessions?cursor=c1&userId=ada"]

    async def count() -> int:
        client = other.async_client()
        return len([session async for session in client.every(client.sessions.list, user_id="ada")])

    assert asyncio.run(count()) == 3
    assert other.asked == service.asked


# ---------------------------------------------------------------- Again

GONE = httpx.ReadTimeout("too slow")
NEVER_SENT = httpx.ConnectError("refused")
PASSING = [
    GONE,
    NEVER_SENT,
    httpx.RemoteProtocolError("cut off"),
    httpx.DecodingError("damaged"),
    problem(429, "throttled"),
    problem(503, "unavailable"),
    httpx.Response(502),
    httpx.Response(504, text="<html>"),
]
LASTING = [(402, "limit_reached"), (409, "session_paused"), (422, "invalid_request"), (401, "unauthenticated")]
LASTING += [(404, "not_found"), (500, "internal"), (400, "malformed_request"), (413, "too_large")]


@pytest.mark.parametrize("failure", PASSING, ids=repr)
def test_what_may_pass_is_tried_again_with_the_same_bytes_and_key(failure: Answer) -> None:
    exports = {"exportId": "exp_1", "status": "queued"}
    service = Scripted(failure, failure, answer(202, exports))
    client = service.client()
    client.exports.create(format="csv", period={"start": "2026-11-01", "end": "2026-11-30"})
    keys = {request.headers["idempotency-key"] for request in service.requests}
    assert (len(service.requests), len(keys), len({request.content for request in service.requests})) == (3, 1, 1)


@pytest.mark.parametrize("failure", PASSING, ids=repr)
def test_the_asynchronous_client_tries_again_as_well(failure: Answer) -> None:
    async def record() -> models.RecordedAnswer:
        return await service.async_client().usage.record(**EVENT)

    service = Scripted(failure, answer(201, RECORDED))
    assert asyncio.run(record()).record_id == "rec_1"
    assert len(service.pauses) == 1


@pytest.mark.parametrize(("status", "code"), LASTING)
def test_what_does_not_pass_is_tried_once(status: int, code: str) -> None:
    service = Scripted(problem(status, code, **LIMIT_REACHED))
    with pytest.raises(ApiError) as raised:
        service.client().usage.record(**EVENT)
    assert (len(service.requests), raised.value.status, service.pauses) == (1, status, [])


def test_a_key_of_the_callers_own_is_sent_as_it_is() -> None:
    service = Scripted(answer(201, SESSION))
    service.client().sessions.create("ada", idempotency_key="order 1")
    assert service.requests[0].headers["idempotency-key"] == "order 1"


def test_attempts_end_and_say_what_was_wrong() -> None:
    service = Scripted(GONE)
    with pytest.raises(UnreachableError, match=r"in 3 attempts: ReadTimeout: too slow"):
        service.client(max_retries=2).usage.record(**EVENT)
    service = Scripted(problem(503, "unavailable"))
    with pytest.raises(ApiError, match="503 unavailable"):
        service.client(max_retries=2).usage.record(**EVENT)
    assert len(service.requests) == 3


def test_pauses_grow_up_to_a_bound_and_are_jittered() -> None:
    service = Scripted(*[GONE] * 9, answer(201, RECORDED))
    service.client(max_retries=9).usage.record(**EVENT)
    bounds = [0.25, 0.5, 1, 2, 4, 8, 8, 8, 8]
    assert all(bound / 2 <= pause <= bound for pause, bound in zip(service.pauses, bounds, strict=True))
    assert len(set(service.pauses)) == 9


def test_an_address_that_is_none_is_tried_once() -> None:
    service = Scripted(httpx.UnsupportedProtocol("no http"))
    with pytest.raises(UnreachableError, match="UnsupportedProtocol"):
        service.client().health()
    assert len(service.requests) == 1


def test_retry_after_is_obeyed() -> None:
    slow = httpx.Response(429, headers={"retry-after": "7"})
    service = Scripted(slow, answer(201, RECORDED))
    service.client().usage.record(**EVENT)
    assert service.pauses == [7]


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("7", 7), ("86400", LONGEST_RETRY_AFTER), ("-1", 0), ("soon", 0), ("", 0)]
)
def test_retry_after_in_seconds(text: str, seconds: float) -> None:
    assert retry_after(httpx.Response(503, headers={"retry-after": text})) == seconds


def test_retry_after_as_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 20 < retry_after(httpx.Response(503, headers={"retry-after": soon})) <= 30
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert retry_after(httpx.Response(503, headers={"retry-after": past})) == 0


PROJECT = example(models.NewProjectAnswer, apiKey="mk_1")


@pytest.mark.parametrize("failure", [NEVER_SENT, problem(429, "throttled"), problem(503, "unavailable")], ids=repr)
def test_what_would_be_done_twice_is_repeated_where_nothing_was_done(failure: Answer) -> None:
    service = Scripted(failure, answer(201, PROJECT))
    assert service.client().projects.create(name="P", owner_id="ada").api_key == "mk_1"


@pytest.mark.parametrize("failure", [GONE, httpx.Response(502), httpx.Response(503)], ids=repr)
def test_what_would_be_done_twice_is_not_repeated_where_nobody_knows(failure: Answer) -> None:
    service = Scripted(failure, answer(201, PROJECT))
    with pytest.raises((UnreachableError, ApiError)):
        service.client().projects.create(name="P", owner_id="ada")
    assert len(service.requests) == 1


def test_a_batch_is_answered_event_by_event() -> None:
    refused = {"type": "urn:metering:error:not_found", "title": "T", "status": 404, "detail": "D", "code": "not_found"}
    results = [
        {"index": 0, "status": "recorded", "recordId": "rec_1", "costUsd": "0.1"},
        {"index": 1, "status": "error", "error": refused},
    ]
    service = Scripted(answer(200, {"results": results, "recorded": 1, "duplicates": 0, "errors": 1}))
    answered = service.client().usage.record_batch(
        events=[
            {"idempotency_key": "a", "service": "s", "usage": {"runs": 1}, "run_id": "run_1"},
            {"idempotency_key": "b", "service": "s", "usage": {"runs": "1"}, "session_id": "none"},
        ]
    )
    assert [result.error and result.error.code for result in answered.results] == [None, "not_found"]
    assert answered.results[0].cost_usd == Decimal("0.1")
    assert service.bodies[0]["events"][0]["runId"] == "run_1"


def batch_answer(request: httpx.Request) -> httpx.Response:
    events = json.loads(request.content)["events"]
    results = [{"index": n, "status": "recorded", "recordId": one["idempotencyKey"]} for n, one in enumerate(events)]
    return answer(200, {"results": results, "recorded": len(events), "duplicates": 0, "errors": 0})


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (500, [500]), (501, [500, 1])])
def test_any_number_of_events_is_recorded_in_order(count: int, sizes: list[int]) -> None:
    service = Scripted(batch_answer)
    events = [{**EVENT, "idempotency_key": str(number)} for number in range(count)]
    answered = service.client().usage.record_batch(iter(events))
    assert [len(body["events"]) for body in service.bodies] == sizes
    assert [(one.index, one.record_id) for one in answered.results] == [(n, str(n)) for n in range(count)]
    assert answered.recorded == count


def test_batches_are_no_larger_than_a_request_may_be() -> None:
    async def record() -> models.BatchAnswer:
        return await service.async_client().usage.record_batch(events)

    service = Scripted(batch_answer)
    events = [{**EVENT, "idempotency_key": str(number), "tags": {"note": "ü" * 10_000}} for number in range(40)]
    assert asyncio.run(record()).recorded == 40
    assert len(service.requests) == 4
    assert max(len(request.content) for request in service.requests) <= 256 * 1024


def test_a_paused_session_is_an_error_of_its_own() -> None:
    service = Scripted(problem(409, "session_paused"))
    with pytest.raises(SessionPausedError, match="409 session_paused: D"):
        service.client().agents.start("ses_1", agent_id="designer")
