"""Events of payload format 2.0, for functions and for the authorizer."""

import base64
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from local.asgi import Headers, Scope
from local.endpoint import ACCOUNT, REGION
from local.template.blueprint import Route

Event: TypeAlias = dict[str, Any]

API_ID = "local"
# Bodies of other types than these are handed on in base64, as API Gateway does.
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


@dataclass(frozen=True, slots=True)
class Request:
    """What an HTTP request comes to, before its body is read."""

    method: str
    path: str  # as it was sent
    query: str
    headers: dict[str, str]  # lower case, several of one name joined by commas
    cookies: list[str]
    client: str


def read_request(scope: Scope) -> Request:
    headers, cookies = _read_headers(scope["headers"])
    client = scope["client"]
    return Request(
        method=scope["method"],
        path=scope["raw_path"].decode("ascii", "replace"),
        query=scope["query_string"].decode("ascii", "replace"),
        headers=headers,
        cookies=cookies,
        client=client[0] if client else "",
    )


def _read_headers(sent: Headers) -> tuple[dict[str, str], list[str]]:
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for raw_name, raw_value in sent:
        name, value = raw_name.decode("latin-1"), _decode(raw_value)
        if name == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";")]
        else:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers, cookies


def _decode(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def common_event(request: Request, route: Route, variables: dict[str, str]) -> Event:
    """What the events for a route's function and for its authorizer have in common."""
    now = time.time()
    event = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": request.headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": request.headers.get("host", "localhost"),
            "domainPrefix": API_ID,
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.client,
                "userAgent": request.headers.get("user-agent", ""),
            },
            "requestId": uuid.uuid4().hex[:16],
            "routeKey": route.key,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
    }
    if request.cookies:
        event["cookies"] = request.cookies
    if request.query:
        event["queryStringParameters"] = _join(parse_qsl(request.query, keep_blank_values=True))
    if variables:
        event["pathParameters"] = variables
    return event


def _join(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def authorizer_event(common: Event, identity: str) -> Event:
    route = common["routeKey"]
    return {
        **common,
        "type": "REQUEST",
        "routeArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API_ID}/$default/{route.replace(' /', '/')}",
        "identitySource": [identity],
    }


def function_event(common: Event, body: bytes, authorizer: dict[str, Any] | None) -> Event:
    """The event for the function. `authorizer` is what the authorizer said, by its kind, if it was asked."""
    event = {**common, "isBase64Encoded": False}
    if authorizer is not None:
        event["requestContext"] = {**common["requestContext"], "authorizer": authorizer}
    if body:
        event["body"], event["isBase64Encoded"] = _body(body, common["headers"].get("content-type", ""))
    return event


def _body(body: bytes, content_type: str) -> tuple[str, bool]:
    if not content_type or content_type.lower().startswith(_TEXT_TYPES):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # the handler shall see the bytes that were sent
    return base64.b64encode(body).decode(), True
