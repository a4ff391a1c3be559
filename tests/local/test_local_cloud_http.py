"""HTTP requests reach functions, and their answers callers, as through API Gateway."""

import base64
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.local.running_cloud import RunningCloud
from tests.local.seen import Noted, Seen
from tests.local.waiting import eventually

pytestmark = pytest.mark.local

LIMIT = 256 * 1024


@pytest.fixture
def client(small_cloud: RunningCloud) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=small_cloud.url, headers={"Authorization": "somebody"}, timeout=30) as client:
        yield client


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem, which is whole."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    assert (body["status"], body["type"]) == (answer.status_code, f"urn:metering:error:{body['code']}")
    return answer.status_code, body["code"]


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/things/special", "GET /things/special"),
        ("GET", "/things/other", "GET /things/{thing}"),
        ("POST", "/things", "POST /things"),
        ("GET", "/things", "$default"),
        ("GET", "/things/a/b", "$default"),
        ("PUT", "/things/special", "$default"),
        ("GET", "/any", "ANY /any"),
        ("DELETE", "/any", "ANY /any"),
        ("OPTIONS", "/any", "ANY /any"),
        ("GET", "/greedy/a/b/c", "GET /greedy/{proxy+}"),
        ("GET", "/greedy/", "$default"),
        ("OPTIONS", "/nowhere", "$default"),
    ],
)
def test_the_most_specific_route_takes_a_request(client: httpx.Client, method: str, path: str, route: str) -> None:
    assert client.request(method, path).json()["routeKey"] == route


def test_an_event_has_what_payload_format_2_has(client: httpx.Client) -> None:
    headers = [("X-One", "1"), ("x-one", "2"), ("Cookie", "a=1; b=2"), ("User-Agent", "tests"), ("Authorization", "me")]
    answer = httpx.get(f"{client.base_url}/things/a%2Fb%20ü?q=1&q=2&empty=&text=a%20b", headers=headers)
    event = answer.json()
    context = event["requestContext"]
    assert event["version"] == "2.0"
    assert event["routeKey"] == context["routeKey"] == "GET /things/{thing}"
    assert event["pathParameters"] == {"thing": "a/b ü"}
    assert event["rawQueryString"] == "q=1&q=2&empty=&text=a%20b"
    assert event["queryStringParameters"] == {"q": "1,2", "empty": "", "text": "a b"}
    assert event["headers"]["x-one"] == "1,2"
    assert "cookie" not in event["headers"]
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["isBase64Encoded"] is False
    assert "body" not in event
    assert context["stage"] == "$default"
    assert context["http"]["method"] == "GET"
    assert context["http"]["sourceIp"] == "127.0.0.1"
    assert context["http"]["userAgent"] == "tests"
    assert context["authorizer"]["lambda"] == {"caller": "me", "number": 7, "nothing": None}


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("application/json", b'{"a": "\xc3\xbc"}', False),
        ("text/plain; charset=utf-8", b"text", False),
        ("", b"text", False),
        ("application/octet-stream", b"text", True),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("application/json", b"\xff\xfe", True),
    ],
)
def test_bodies_that_are_not_text_are_handed_on_in_base64(
    client: httpx.Client, content_type: str, body: bytes, *, encoded: bool
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    event = client.post("/things", content=body, headers=headers).json()
    assert event["isBase64Encoded"] is encoded
    assert (base64.b64decode(event["body"]) if encoded else event["body"].encode()) == body


def test_answers_may_be_binary_and_have_cookies(client: httpx.Client) -> None:
    answer = client.get("/binary")
    assert answer.content == b"\x00\x01\xff"
    assert answer.headers["x-count"] == "3"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_an_answer_without_a_status_is_a_body_of_json(client: httpx.Client) -> None:
    answer = client.get("/bare")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"bare": True}


def test_a_head_request_has_the_headers_alone(client: httpx.Client) -> None:
    answer = client.head("/any")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 0
    assert answer.content == b""


def test_a_request_without_a_key_is_unauthenticated(small_cloud: RunningCloud) -> None:
    answer = httpx.get(f"{small_cloud.url}/any")
    assert problem(answer) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_caller_whom_the_authorizer_refuses_is_forbidden(small_cloud: RunningCloud) -> None:
    answer = httpx.get(f"{small_cloud.url}/any", headers={"Authorization": "nobody"})
    assert problem(answer) == (403, "forbidden")


def test_requests_of_one_caller_share_what_the_authorizer_said_for_a_while(
    small_cloud: RunningCloud, seen: Seen
) -> None:
    def asked() -> int:
        return seen.by("Authorize").get("busy", Noted()).times

    def ask(_number: int) -> int:
        return httpx.get(f"{small_cloud.url}/any", headers={"Authorization": "busy"}).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(16))) == {200}
    assert asked() == 1
    eventually(lambda: ask(0) == 200 and asked() == 2)  # the local cloud remembers for a second


def test_a_body_at_the_limit_is_taken(client: httpx.Client) -> None:
    assert (
        len(client.post("/things", content=b"x" * LIMIT, headers={"content-type": "text/plain"}).json()["body"])
        == LIMIT
    )


def test_a_body_over_the_limit_is_refused(client: httpx.Client) -> None:
    assert problem(client.post("/things", content=b"x" * (LIMIT + 1))) == (413, "too_large")
    assert problem(client.post("/things", content=(b"x" * 1000 for _ in range(300)))) == (413, "too_large")
    assert client.get("/any").status_code == 200


def test_a_huge_body_is_refused_before_it_is_sent(small_cloud: RunningCloud) -> None:
    with socket.create_connection(("127.0.0.1", small_cloud.port)) as connection:
        head = "POST /things HTTP/1.1\r\nHost: x\r\nAuthorization: me\r\nContent-Length: 100000000000\r\n\r\n"
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"too_large"' in answer


def test_an_exception_in_a_handler_is_an_internal_error(client: httpx.Client) -> None:
    assert problem(client.get("/raise")) == (500, "internal_error")


def test_an_answer_that_is_none_is_an_internal_error(client: httpx.Client) -> None:
    assert problem(client.get("/malformed")) == (500, "internal_error")


@pytest.mark.parametrize("path", ["/exit", "/hang"])
def test_a_function_that_ends_or_takes_too_long_is_unavailable_and_replaced(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert problem(answer) == (503, "unavailable")
    assert answer.headers["retry-after"].isdigit()
    assert client.get("/any").status_code == 200


def test_a_process_is_kept_for_the_next_request_and_sees_its_own_variables_alone(client: httpx.Client) -> None:
    first: dict[str, Any] = client.get("/process").json()
    second = client.get("/process").json()
    assert first["pid"] == second["pid"]
    assert first["variables"]["AWS_LAMBDA_FUNCTION_NAME"] == "Echo"
    assert first["variables"]["SEEN_TABLE"]
    assert first["variables"]["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert "HOME" not in first["variables"]
    assert 0 < first["left"] <= 1000


def test_many_requests_at_once_are_all_answered(small_cloud: RunningCloud) -> None:
    def ask(number: int) -> int:
        body = json.dumps({"number": number})
        headers = {"Authorization": "many", "content-type": "application/json"}
        answer = connections.post("/things", content=body, headers=headers)
        return int(json.loads(answer.json()["body"])["number"])

    limits = httpx.Limits(max_connections=100)
    with (
        ThreadPoolExecutor(100) as pool,
        httpx.Client(base_url=small_cloud.url, limits=limits, timeout=60) as connections,
    ):
        assert list(pool.map(ask, range(500))) == list(range(500))
