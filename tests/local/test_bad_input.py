"""Bad input over HTTP: refused with the problem that the document promises, never a 500, never half a record."""

import json
from collections.abc import Iterator
from itertools import product
from string import ascii_uppercase
from typing import Any

import httpx
import pytest

from metering.domain.accounts import new_key_text
from tests.answers import Answer, Contract
from tests.local.running_cloud import ProjectClient, RunningCloud, authorization

RECORD = "POST /v1/callbacks/usage.computeCostAndRecord"
BATCH = f"{RECORD}/batch"
RATES = "POST /v1/rates"
KIBIBYTE = 1024
EVENT: dict[str, Any] = {"idempotencyKey": "bad", "service": "claude_code", "usage": {"inputTokens": 1}}
JSON = {"Content-Type": "application/json"}

pytestmark = pytest.mark.local


class Caller:
    """Sends requests as they are and holds every answer against the service's document."""

    def __init__(self, cloud: RunningCloud, project: ProjectClient) -> None:
        self.project = project
        self._http = httpx.Client(base_url=cloud.url, timeout=30)
        self._contract = Contract(self._http.get("/openapi.json").json())

    def send(  # noqa: PLR0913  # a request's parts
        self,
        route: str,
        content: bytes | None = None,
        *,
        headers: dict[str, str] | None = None,
        key: str | None = None,
        path: str | None = None,
        query: str = "",
    ) -> Answer:
        """The answer to a request; `path` is what is sent instead of the route's own."""
        method, _, own_path = route.partition(" ")
        sent = {**authorization(key or self.project.key), **(JSON if headers is None else headers)}
        answer = self._http.request(method, f"{path or own_path}{query}", content=content, headers=sent)
        return self._contract.check(route, answer.status_code, answer.headers, answer.content)

    def records(self) -> int:
        items: list[Any] = self.project.get("/v1/usage/records").raise_for_status().json()["items"]
        return len(items)

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="module")
def project(cloud: RunningCloud) -> ProjectClient:
    return cloud.new_project()


@pytest.fixture(scope="module")
def caller(cloud: RunningCloud, project: ProjectClient) -> Iterator[Caller]:
    made = Caller(cloud, project)
    yield made
    assert made.records() == 0
    made.close()


def event(**fields: Any) -> bytes:
    return json.dumps({**EVENT, **fields}).encode()


def usage(text: str) -> bytes:
    """An event whose quantity is written so."""
    return event(usage={"inputTokens": "HERE"}).replace(b'"HERE"', text.encode())


MALFORMED = {
    "no body": None,
    "empty": b"",
    "a space": b" ",
    "half": b'{"idempotencyKey": "x"',
    "two": event() + event(),
    "single quotes": b"{'idempotencyKey': 'x'}",
    "a comment": b"{} // x",
    "NaN": usage("NaN"),
    "Infinity": usage("Infinity"),
    "-Infinity": usage("-Infinity"),
    "a leading zero": usage("01"),
    "an exponent out of range": usage("1e99999999999999999999"),
    "an exponent far below": usage("1e-99999999999999999999"),
    "5,000 digits": usage("9" * 5000),
    "a field twice": b'{"service": "a", "service": "b"}',
    "a metric twice": usage('1, "inputTokens": 2'),
    "nested too deeply": b"[" * 100_000,
    "objects nested too deeply": b'{"a":' * 40_000,
    "no UTF-8": b'{"idempotencyKey": "\xff"}',
    "half a surrogate pair in UTF-8": b'{"idempotencyKey": "\xed\xa0\x80"}',
    "UTF-16": event().decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + event(),
    "a control character": b'{"idempotencyKey": "a\x00b"}',
    "a form": b"idempotencyKey=x&service=y",
}
INVALID = {
    "null": b"null",
    "a number": b"1",
    "a string": b'"x"',
    "a list": b"[]",
    "an empty object": b"{}",
    "an unknown field": event(cost=1),
    "a field in snake case": event(model_id="x"),
    "half a surrogate pair as a field": event(**{"\ud800": 1}),
    "half a surrogate pair as a key": event(idempotencyKey="\ud800"),
    "half a surrogate pair as a metric": event(usage={"\udfff": 1}),
    "half a surrogate pair as a tag": event(tags={"\ud800": "\ud800"}),
    "a NUL in the key": event(idempotencyKey="a\x00b"),
    "a line break in the key": event(idempotencyKey="a\nb"),
    "a text that runs the other way": event(idempotencyKey="a\u202eb"),
    "an empty key": event(idempotencyKey=""),
    "a key of 201": event(idempotencyKey="x" * 201),
    "a key of null": event(idempotencyKey=None),
    "a key that is a number": event(idempotencyKey=1),
    "no usage": event(usage={}),
    "usage of null": event(usage=None),
    "usage that is a list": event(usage=[1]),
    "21 metrics": event(usage={f"m{number}": 1 for number in range(21)}),
    "15,000 metrics": event(usage={f"M{number}": "x" for number in range(15_000)}),
    "20,000 unknown fields": event(**{f"{number}": 1 for number in range(20_000)}),
    "a negative quantity": usage("-1"),
    "a quantity of minus a trillionth": usage("-0.000000000001"),
    "13 decimals": usage("0.0000000000001"),
    "13 decimals as text": usage('"0.0000000000001"'),
    "34 decimals that look like 12": usage('"0.1234567890120000000000000000000001"'),
    "1e400": usage("1e400"),
    "1e-400": usage("1e-400"),
    "4,000 digits": usage("9" * 4000),
    "10^15 and a trillionth": usage('"1000000000000000.000000000001"'),
    "an exponent as text": usage('"1e3"'),
    "a boolean": usage("true"),
    "a quantity of null": usage("null"),
    "nested 500 times": usage("[" * 500 + "]" * 500),
    "a year of 2019": event(occurredAt="2019-12-31T23:59:59Z"),
    "a year of 9999": event(occurredAt="9999-12-31T23:59:59Z"),
    "a leap second": event(occurredAt="2016-12-31T23:59:60Z"),
    "a 29th of February": event(occurredAt="2025-02-29T00:00:00Z"),
    "a time without a zone": event(occurredAt="2025-02-28T00:00:00"),
    "a time as a number": event(occurredAt=1740000000),
    "a step below zero": event(stepIndex=-1),
    "a step of a billion": event(stepIndex=10**9),
    "a step of 4,000 digits": event(stepIndex="HERE").replace(b'"HERE"', b"9" * 4000),
    "a step and a half": event(stepIndex=1.5),
    "21 tags": event(tags={str(number): "" for number in range(21)}),
    "a tag of 257": event(tags={"a": "x" * 257}),
    "a service with a space": event(service="a b"),
    "a service of another script": event(service="сервис"),  # that is the point
}


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("route", [RECORD, BATCH, RATES])
def test_what_is_not_json_is_malformed(caller: Caller, route: str, name: str) -> None:
    answer = caller.send(route, MALFORMED[name])
    assert (answer.status, answer.code) == (400, "malformed_request")


@pytest.mark.parametrize("name", INVALID)
def test_an_event_that_does_not_fit_is_refused_alone_and_in_a_batch(caller: Caller, name: str) -> None:
    content = INVALID[name]
    alone = caller.send(RECORD, content)
    assert (alone.status, alone.code) == (422, "invalid_request")
    batch = caller.send(BATCH, b'{"events": [' + content + b"]}")
    if batch.status == 200:
        [result] = batch.body["results"]
        assert result["error"]["code"] == "invalid_request"
    else:
        assert (batch.status, batch.code) == (400, "malformed_request")


@pytest.mark.parametrize("name", INVALID)
def test_what_is_no_event_is_no_card_and_no_project_either(cloud: RunningCloud, caller: Caller, name: str) -> None:
    assert caller.send(RATES, INVALID[name]).status == 422
    assert caller.send("POST /v1/projects", INVALID[name], key=cloud.admin_key).status == 422
    assert caller.send("POST /v1/api-keys", INVALID[name]).status == 422


# ---------------------------------------------------------------------------- sizes and types


@pytest.mark.parametrize(("size", "status"), [(256 * KIBIBYTE, 422), (256 * KIBIBYTE + 1, 413), (300 * KIBIBYTE, 413)])
@pytest.mark.parametrize("route", [RECORD, BATCH, RATES])
def test_a_body_has_at_most_256_kibibytes(caller: Caller, route: str, size: int, status: int) -> None:
    content = b'{"padding": "' + b"x" * (size - 15) + b'"}'
    assert len(content) == size
    assert caller.send(route, content).status == status


def written(value: Any) -> bytes:
    """As few bytes of JSON as there can be."""
    return json.dumps(value, separators=(",", ":")).encode()


def test_more_faults_than_an_answer_has_room_for_are_not_all_listed(caller: Caller) -> None:
    names = ["".join(letters) for letters in product(ascii_uppercase, ascii_uppercase, ascii_uppercase)]
    card = {"service": "x", "effectiveFrom": "2025-01-01", "metrics": dict.fromkeys(names, 1)}
    answer = caller.send(RATES, written(card))
    assert (answer.status, len(answer.body["errors"])) == (422, 1000)
    assert f"and {2 * len(names) - 1} more" in answer.body["detail"]


def test_the_faults_of_500_bad_events_fit_into_an_answer(caller: Caller) -> None:
    names = ["".join(letters) for letters in product(ascii_uppercase, ascii_uppercase)][:55]
    answer = caller.send(BATCH, written({"events": [{"usage": dict.fromkeys(names, "")}] * 500}))
    assert (answer.status, answer.body["errors"]) == (200, 500)
    assert {len(result["error"]["errors"]) for result in answer.body["results"]} == {100}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/octet-stream",
        "application/json; charset=utf-16",
        "image/png",
        "é".encode().hex(),
    ],
)
@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"{}", '{"é": 1}'.encode()])
def test_the_content_type_does_not_decide(caller: Caller, content_type: str | None, content: bytes) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = caller.send(RECORD, content, headers=headers)
    assert answer.status == (400 if content.startswith(b"\xff") else 422)


def test_an_encoding_that_nobody_asked_for_is_malformed(caller: Caller) -> None:
    answer = caller.send(RECORD, b"\x1f\x8b\x08\x00", headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status == 400


# ---------------------------------------------------------------------------- routes, paths and queries


@pytest.mark.parametrize(
    "path",
    [
        "/v0",
        "/v1/nothing",
        "/v1/rates/",
        "//v1/rates",
        "/v1/%2e%2e/rates",
        "/v1/rates%00",
        "/%F0%9F",
        "/v1/" + "x" * 4000,
        "/v1/rates;a=b",
    ],
)
def test_an_unknown_path_is_not_found(caller: Caller, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = caller.send(f"{method} /unknown", path=path)
        assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_an_unknown_method_is_refused_with_those_that_there_are(caller: Caller, method: str) -> None:
    answer = caller.send(f"{method} /v1/rates")
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    "value",
    [
        "x",
        "%00",
        "%0A",
        "%FF",
        "%ED%A0%80",
        "%F0%9F%9C%9A",
        "a%2Fb",
        "a%23b",
        "%2E%2E",
        "x" * 2100,
        "%F0%9F%9C%9A" * 300,
    ],
    ids=lambda value: value[:20],
)
@pytest.mark.parametrize(
    ("route", "path"),
    [
        ("GET /v1/usage/records/{recordId}", "/v1/usage/records/{}"),
        ("GET /v1/runs/{runId}/usage", "/v1/runs/{}/usage"),
        ("DELETE /v1/api-keys/{keyId}", "/v1/api-keys/{}"),
    ],
)
def test_whatever_stands_in_a_path_is_not_found(caller: Caller, route: str, path: str, value: str) -> None:
    assert caller.send(route, path=path.format(value)).status == 404


@pytest.mark.parametrize(
    "query",
    [
        "?limit=0",
        "?limit=1001",
        "?limit=1&limit=2",
        "?limit=%00",
        "?limit=" + "9" * 5000,
        "?from=2025-02-29",
        "?to=%FF",
        "?from=2025-01-01T00:00:00Z",
        "?runId=",
        "?runId=%00",
        "?runId=" + "x" * 201,
        "?service=a%20b",
        "?modelId=%ED%A0%80%00",
        "?unknown=1",
        "?=1",
        "?limit",
        "?%00=1",
    ],
    ids=lambda query: query[:20],
)
def test_a_query_that_does_not_fit_is_refused(caller: Caller, query: str) -> None:
    answer = caller.send("GET /v1/usage/records", query=query)
    assert (answer.status, answer.code) == (422, "invalid_request")


@pytest.mark.parametrize(
    "query",
    [
        "?from=2025-05-02&to=2025-05-01",
        "?from=2024-01-01&to=2025-01-01",
        "?to=0001-01-01",
        "?from=9999-12-31&to=9999-12-31",
        "?cursor=x",
        "?cursor=",
        "?cursor=%00",
        "?cursor=" + "W" * 2000,
        "?cursor=" + "W1tbW1tb" * 250,
    ],
    ids=lambda query: query[:40],
)
def test_a_range_or_a_cursor_that_is_none_is_malformed(caller: Caller, query: str) -> None:
    answer = caller.send("GET /v1/usage/records", query=query)
    assert (answer.status, answer.code) == (400, "malformed_request")


# ---------------------------------------------------------------------------- keys


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer x",
        "Basic eDp5",
        "bearer mk_",
        f"Bearer {new_key_text('abcdefghijkl')}",
        "Bearer é",
        "x" * 8000,
    ],
    ids=lambda header: header[:12],
)
def test_a_key_that_is_none_is_unauthenticated(caller: Caller, header: str) -> None:
    headers = {**JSON, "Authorization": header.encode()}
    answer = caller.send(RECORD, event(), headers=headers)  # type: ignore[arg-type]  # bytes as well
    assert (answer.status, answer.code) == (401, "unauthenticated")


def test_without_a_key_the_gateway_itself_refuses(cloud: RunningCloud) -> None:
    answer = httpx.post(f"{cloud.url}/v1/callbacks/usage.computeCostAndRecord", content=event(), timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_the_platforms_key_records_for_no_project(cloud: RunningCloud, caller: Caller) -> None:
    for route in (RECORD, BATCH, "GET /v1/usage/records", "GET /v1/project"):
        answer = caller.send(route, event(), key=cloud.admin_key)
        assert (answer.status, answer.code) == (403, "forbidden")


def test_another_projects_key_finds_nothing(cloud: RunningCloud, caller: Caller) -> None:
    other = cloud.new_project()
    record = other.record(idempotencyKey="mine", runId="run_mine").json()
    for route, path in (
        ("GET /v1/usage/records/{recordId}", f"/v1/usage/records/{record['recordId']}"),
        ("GET /v1/runs/{runId}/usage", "/v1/runs/run_mine/usage"),
    ):
        assert caller.send(route, path=path).status == 404
        assert caller.send(route, path=path, key=other.key).status == 200
