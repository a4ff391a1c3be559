"""What the gateway hands over is read strictly: bodies, callers, queries, paths."""

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from metering.domain.errors import (
    ForbiddenError,
    InvalidRequestError,
    MalformedRequestError,
    NotFoundError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)
from metering.domain.usage import UsageEvent
from metering.http.requests import (
    MOST_BODY_BYTES,
    Caller,
    caller_of,
    json_body,
    parse,
    parse_query,
    path_of,
    require,
)
from metering.http.schemas import PageQuery, RecordsQuery
from metering.http.schemas_corrections import RerateRequest
from metering.http.schemas_webhooks import WebhookRequest

CONTEXT = {"projectId": "prj_1", "role": "admin", "keyId": "k", "pricingMode": "byok", "shards": 4}


def body(text: str | bytes) -> Any:
    if isinstance(text, bytes):
        return json_body({"body": base64.b64encode(text).decode(), "isBase64Encoded": True})
    return json_body({"body": text, "isBase64Encoded": False})


# ---------------------------------------------------------------------------- bodies


def test_fractions_are_decimals_and_whole_numbers_integers() -> None:
    read = body('{"a": 0.1, "b": 1, "c": 1.0, "d": 1e3}')
    assert read == {"a": Decimal("0.1"), "b": 1, "c": Decimal("1.0"), "d": Decimal(1000)}
    assert [type(value) for value in read.values()] == [Decimal, int, Decimal, Decimal]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_text_and_base64_are_read_alike(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert body(json.dumps(value)) == value
    try:
        content = text.encode()
    except UnicodeEncodeError:
        return
    assert body(content) == body(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "{'a': 1}",
        '{"a": 1,}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 01}',
        '{"a": +1}',
        '{"a": .5}',
        '{"a": 1} {"b": 2}',
        '{"a": "\n"}',
        "nul",
        "\ufeff{}",
        f'{{"a": {"9" * 5000}}}',
        '{"a": 1e999999999999999999999}',
        '{"a": 1e-999999999999999999999}',
        "[" * 100_000,
        '{"a":' * 20_000,
        b"\xff\xfe{}",
        b"\xc3\x28",
        b"\xed\xa0\x80",
        "{}".encode("utf-16"),
        "{}".encode("utf-32"),
    ],
)
def test_what_is_not_json_is_malformed(text: str | bytes) -> None:
    with pytest.raises(MalformedRequestError):
        body(text)


def test_no_body_is_malformed() -> None:
    with pytest.raises(MalformedRequestError):
        json_body({"isBase64Encoded": False})


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '{"u": {"a": 1, "b": 2, "a": 3}}', '[{"a": 1, "\\u0061": 2}]'])
def test_a_field_that_stands_twice_is_malformed(text: str) -> None:
    with pytest.raises(MalformedRequestError, match="twice"):
        body(text)


def test_a_body_has_at_most_256_kibibytes() -> None:
    def text(length: int) -> str:
        return f'"{"x" * (length - 2)}"'

    assert len(body(text(MOST_BODY_BYTES))) == MOST_BODY_BYTES - 2
    assert len(body(text(MOST_BODY_BYTES).encode())) == MOST_BODY_BYTES - 2
    for too_large in (text(MOST_BODY_BYTES + 1), text(MOST_BODY_BYTES + 1).encode()):
        with pytest.raises(TooLargeError):
            body(too_large)


@pytest.mark.parametrize("character", ["é", "日", "🜚"])
def test_a_bodys_size_is_counted_in_bytes(character: str) -> None:
    width = len(character.encode())
    fits = f'"{character * ((MOST_BODY_BYTES - 2) // width)}"'
    assert body(fits)
    with pytest.raises(TooLargeError):
        body(f'"{character * ((MOST_BODY_BYTES - 2) // width + 1)}"')


# ---------------------------------------------------------------------------- callers


def event(context: Any) -> dict[str, Any]:
    return {"requestContext": {"authorizer": {"lambda": context}}}


def test_the_caller_is_whom_the_authorizer_found() -> None:
    assert caller_of(event(CONTEXT)) == Caller("prj_1", "admin", "k", "byok", 4)


@pytest.mark.parametrize("context", [{}, None, {"denied": "no"}])
def test_whom_the_authorizer_does_not_know_is_unauthenticated(context: Any) -> None:
    with pytest.raises(UnauthenticatedError):
        caller_of(event(context))


def test_a_request_that_no_authorizer_saw_is_unauthenticated() -> None:
    with pytest.raises(UnauthenticatedError, match="Bearer"):
        caller_of({"requestContext": {}})


def test_the_reason_of_a_denial_is_told() -> None:
    with pytest.raises(UnauthenticatedError, match="the API key is not valid"):
        caller_of(event({"denied": "the API key is not valid"}))


def test_a_key_that_could_not_be_looked_up_is_not_called_wrong() -> None:
    with pytest.raises(UnavailableError):
        caller_of(event({"unavailable": "try again"}))


def test_a_role_is_required_and_the_refusal_says_which() -> None:
    require(Caller("p", "admin", "k"), frozenset({"admin", "owner"}))
    with pytest.raises(ForbiddenError, match=r"admin or owner.*role ingest"):
        require(Caller("p", "ingest", "k"), frozenset({"owner", "admin"}))
    with pytest.raises(ForbiddenError, match="admin key"):
        require(Caller("", "platform", "k"), frozenset({"owner"}))


# ---------------------------------------------------------------------------- queries and paths


def query(**parameters: str) -> RecordsQuery:
    return parse_query(RecordsQuery, {"queryStringParameters": parameters})


def faults(**parameters: str) -> set[str]:
    with pytest.raises(InvalidRequestError) as raised:
        query(**parameters)
    return {fault.path for fault in raised.value.faults}


def test_without_a_query_there_are_defaults() -> None:
    assert parse_query(PageQuery, {}) == PageQuery(limit=100, cursor=None)


@pytest.mark.parametrize("limit", ["1", "100", "1000", "0001000"])
def test_a_limit_is_from_1_to_1000(limit: str) -> None:
    assert query(limit=limit).limit == int(limit)


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "", "ten", "1.5", "1e2", "1,2", "٣", " 1", "9" * 30])
def test_other_limits_are_refused(limit: str) -> None:
    assert faults(limit=limit) == {"limit"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "yesterday"),
        ("from", ""),
        ("to", "2025-02-29"),
        ("to", "2025-01-01T00:00:00Z"),
        ("runId", ""),
        ("runId", "a\x00b"),
        ("sessionId", "x" * 201),
        ("service", "a b"),
        ("modelId", "\ud800"),
        ("cursor", "x" * 2001),
        ("offset", "1"),
        ("Limit", "1"),
        ("run_id", "x"),
    ],
)
def test_a_query_that_does_not_fit_is_refused_by_name(name: str, value: str) -> None:
    assert faults(**{name: value}) == {name}


def test_every_fault_is_listed() -> None:
    assert faults(limit="0", to="x", offset="1") == {"limit", "to", "offset"}


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"idempotencyKey": ...}, "idempotencyKey: is needed"),
        ({"idempotencyKey": ""}, "idempotencyKey: must not be empty"),
        ({"idempotencyKey": "x" * 201}, "idempotencyKey: must have at most 200 characters"),
        ({"idempotencyKey": 1}, "idempotencyKey: must be a string"),
        ({"idempotencyKey": "a\n"}, "idempotencyKey: must consist of printable characters"),
        ({"service": "a b"}, "service: must match ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
        ({"stepIndex": 1.5}, "stepIndex: must be an integer"),
        ({"stepIndex": -1}, "stepIndex: must be at least 0"),
        ({"stepIndex": 10**9}, "stepIndex: must be less than 1000000000"),
        ({"durationMs": 10**13}, "durationMs: must be at most 1000000000000"),
        ({"usage": []}, "usage: must be an object"),
        ({"usage": {}}, "usage: must not be empty"),
        ({"usage": {f"m{number}": 1 for number in range(21)}}, "usage: must have at most 20 entries"),
        ({"run_id": "x"}, "run_id: is not a field of this request"),
    ],
)
def test_what_is_wrong_is_said_in_the_terms_of_json(sent: dict[str, Any], message: str) -> None:
    event = {"idempotencyKey": "k", "service": "s", "usage": {"runs": 1}, **sent}
    with pytest.raises(InvalidRequestError) as raised:
        parse(UsageEvent, {name: value for name, value in event.items() if value is not ...})
    assert [f"{path}: {text}" for path, text in raised.value.faults] == [message]


@pytest.mark.parametrize(
    ("model", "sent", "message"),
    [
        (UsageEvent, [], "must be an object"),
        (WebhookRequest, {"url": "https://example.com", "events": "*"}, "must be a list"),
        (RerateRequest, {"from": "2026-01-01", "to": "2026-01-01", "dryRun": "yes"}, "must be true or false"),
        (RerateRequest, {"from": "2026-01-01", "to": "2026-01-01", "only": "some"}, "must be 'unrated' or 'all'"),
        (RerateRequest, {"from": "today", "to": "2026-01-01"}, "must be a date such as 2026-11-24"),
    ],
)
def test_other_faults_are_said_so_too(model: type[BaseModel], sent: Any, message: str) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        parse(model, sent)
    assert [text for _, text in raised.value.faults] == [message]


@pytest.mark.parametrize("value", ["rec_1", "a/b#c", "x" * 210, "🜚" * 210])
def test_a_path_names_any_id(value: str) -> None:
    assert path_of({"pathParameters": {"recordId": value}}) == {"recordId": value}


@pytest.mark.parametrize("value", ["x" * 211, "a\nb", "\x00", "\ud800"])
def test_what_can_be_no_id_is_not_found(value: str) -> None:
    with pytest.raises(NotFoundError):
        path_of({"pathParameters": {"recordId": value}})
