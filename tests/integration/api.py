"""The HTTP API as the gateway plays it, in process: handlers of the template's routes over the template's tables."""

import base64
import gzip
import importlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import boto3

from tests.answers import Answer, Contract
from tests.template import Template, target

REGION = "us-east-1"
NOW = datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC)
TODAY = NOW.date().isoformat()
ADMIN_KEY = "the-platforms-admin-key"
RECORD = "POST /v1/callbacks/usage.computeCostAndRecord"
BATCH = f"{RECORD}/batch"

_TEMPLATE = Template()
_DEFAULT_ROUTE = "$default"
_NOTHING = object()


@cache
def client_of(service: str) -> Any:
    """A client of a test's own. Clients take long to make and keep nothing."""
    return boto3.client(service, region_name=REGION)


def snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def app_of(function: str) -> ModuleType:
    """The module of a function's handler."""
    return importlib.import_module(f"functions.{function}.app")


FUNCTIONS = [snake_case(name) for name in _TEMPLATE.functions()]
TABLES = list(_TEMPLATE.of_type("AWS::DynamoDB::Table"))


def forget() -> None:
    """Makes the functions' processes as good as new: what they keep between invocations is gone.

    The OpenAPI document is left: it depends on nothing.
    """
    for app in map(app_of, FUNCTIONS):
        for value in vars(app).values():
            if hasattr(value, "cache_clear") and value.__module__ == app.__name__ and value.__name__ != "_document":
                value.cache_clear()


class Context:
    """What handlers use of Lambda's context."""

    function_name = "function"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


class Clock:
    """Stands in for `datetime` in the handlers' modules, so that only tests move time."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self, zone: Any) -> datetime:
        return self.moment.astimezone(zone)

    def set(self, text: str) -> None:
        self.moment = datetime.fromisoformat(text)


class _Route(NamedTuple):
    function: str
    needs_key: bool


def _routes() -> dict[str, _Route]:
    found = {}
    for name, source in _TEMPLATE.events("HttpApi"):
        needs_key = source.get("Auth", {}).get("Authorizer") != "NONE"
        path = source["Path"]
        key = path if path == _DEFAULT_ROUTE else f"{source['Method']} {path}"
        found[key] = _Route(snake_case(name), needs_key)
    for route, name in _TEMPLATE.conditional_routes().items():
        found[route] = _Route(snake_case(name), needs_key=False)
    return found


ROUTES = _routes()


class Api:
    """The HTTP API as the gateway plays it: authorizer, then the function of the route; every answer is checked."""

    def __init__(self) -> None:
        self.routes = ROUTES
        self.seconds = 60.0
        """How long an invocation may take: longer than moto does on a busy machine."""
        self.contract = _contract()

    def call(  # noqa: PLR0913  # a request's parts
        self,
        route: str,
        key: str | None = None,
        *,
        body: Any = _NOTHING,
        raw: str | bytes | None = None,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to a request; `body` is sent as JSON, `raw` as it is, bytes in base64 as the gateway does."""
        text = json.dumps(body) if body is not _NOTHING else raw
        event = self.event(route, key, text, path or {}, query or {}, headers or {})
        return self.send(event)

    def send(self, event: dict[str, Any]) -> Answer:
        route = event["routeKey"]
        if self.routes[route].needs_key and "authorization" in event["headers"]:
            event["requestContext"]["authorizer"] = {"lambda": self.authorize(event)}
        result = app_of(self.routes[route].function).handler(event, Context(self.seconds))
        http = event["requestContext"]["http"]
        known = route if route != _DEFAULT_ROUTE else f"{http['method']} {http['path']}"
        return self.contract.check(known, result["statusCode"], result["headers"], _content(result))

    def authorize(self, event: dict[str, Any]) -> dict[str, Any]:
        """The context that the authorizer gives, as the gateway hands it on."""
        asked = {**event, "type": "REQUEST", "identitySource": [event["headers"]["authorization"]]}
        answer = app_of("authorize_request").handler(json.loads(json.dumps(asked)), Context(self.seconds))
        assert answer["isAuthorized"] is True
        assert all(isinstance(value, str | int) for value in answer["context"].values())
        context: dict[str, Any] = answer["context"]
        return context

    def event(  # noqa: PLR0913, PLR0917  # a request's parts
        self,
        route: str,
        key: str | None,
        body: str | bytes | None,
        path: Mapping[str, str],
        query: Mapping[str, Any],
        headers: Mapping[str, str],
    ) -> dict[str, Any]:
        """An event of payload format 2.0."""
        method, _, pattern = route.partition(" ")
        full_path = pattern
        for name, value in path.items():
            full_path = full_path.replace(f"{{{name}}}", quote(value, safe=""))
        authorization = {} if key is None else {"authorization": f"Bearer {key}"}
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": route if route in self.routes else _DEFAULT_ROUTE,
            "rawPath": full_path,
            "rawQueryString": urlencode(query),
            "headers": {**authorization, **{name.lower(): value for name, value in headers.items()}},
            "requestContext": {
                "http": {"method": method, "path": full_path, "sourceIp": "192.0.2.1", "userAgent": "tests"},
                "requestId": "request-1",
                "routeKey": route,
            },
            "isBase64Encoded": isinstance(body, bytes),
        }
        if query:
            event["queryStringParameters"] = {name: str(value) for name, value in query.items()}
        if path:
            event["pathParameters"] = dict(path)
        if body is not None:
            event["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
        return event


@cache
def _contract() -> Contract:
    """The document that the service itself publishes."""
    event = {"routeKey": "GET /openapi.json", "headers": {}, "requestContext": {}}
    result = app_of("describe_service").handler(event, Context(15))
    assert result["statusCode"] == 200
    return Contract(json.loads(result["body"]))


def _content(result: Mapping[str, Any]) -> bytes:
    """What a caller gets, unpacked."""
    body: str = result.get("body", "")
    if not result.get("isBase64Encoded"):
        return body.encode()
    assert result["headers"]["content-encoding"] == "gzip"
    return gzip.decompress(base64.b64decode(body))


class Project:
    """A project with a key of each role."""

    def __init__(self, api: Api, project_id: str, mode: str = "managed") -> None:
        body = {"projectId": project_id, "name": project_id, "ownerId": "user_1", "pricingMode": mode}
        answer = api.call("POST /v1/projects", ADMIN_KEY, body=body)
        assert answer.status == 201
        self._api = api
        self.id = project_id
        self.owner: str = answer.body["apiKey"]

    def key(self, role: str) -> str:
        body = {"name": role, "role": role}
        answer = self.call("POST /v1/api-keys", body=body)
        assert answer.status == 201
        key: str = answer.body["apiKey"]
        return key

    def call(self, route: str, **request: Any) -> Answer:
        """The answer to a request of the project's owner; see `Api.call`."""
        return self._api.call(route, self.owner, **request)

    def record(self, **event: Any) -> Answer:
        """What the callback answers to an event; fields not named are those of `usage_event`."""
        return self.call(RECORD, body=usage_event(**event))

    def records(self, **query: Any) -> list[dict[str, Any]]:
        """The first page of records; of the day that tests begin on if no range is named."""
        answer = self.call("GET /v1/usage/records", query={"from": TODAY, "to": TODAY, **query})
        assert answer.status == 200, answer.body
        items: list[dict[str, Any]] = answer.body["items"]
        return items


def usage_event(**fields: Any) -> dict[str, Any]:
    """A usage event; a field of `...` is left out."""
    event = {"idempotencyKey": "call_1", "service": "claude_code", "usage": {"inputTokens": 1200}, **fields}
    return {name: value for name, value in event.items() if value is not ...}


SONNET = {
    "provider": "anthropic",
    "modelId": "claude-sonnet-4-5",
    "effectiveFrom": "2025-09-29",
    "metrics": {
        "inputTokens": {
            "priceUsd": "3",
            "per": 1000000,
            "tiers": [{"aboveInputTokens": 200000, "priceUsd": "6"}],
        },
        "cachedInputTokens": {"priceUsd": "0.3", "per": 1000000},
        "cacheWriteTokens": {"priceUsd": "3.75", "per": 1000000},
        "outputTokens": {"priceUsd": "15", "per": 1000000},
    },
}


# ---------------------------------------------------------------------------- the template's world


def table_definition(name: str) -> dict[str, Any]:
    """What CreateTable is told of a table of the template."""
    properties = _TEMPLATE.of_type("AWS::DynamoDB::Table")[name]
    taken = ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "GlobalSecondaryIndexes", "BillingMode")
    definition = {part: properties[part] for part in taken if part in properties}
    if stream := properties.get("StreamSpecification"):
        definition["StreamSpecification"] = {"StreamEnabled": True, **stream}
    return {"TableName": name, **definition}


def variables() -> dict[str, str]:
    """The environment that the template gives its functions: logical ids as names, parameters at their defaults."""
    found = {}
    for name in _TEMPLATE.functions():
        for variable, value in _TEMPLATE.environment(name).items():
            logical = target(value)
            parameter = _TEMPLATE.content["Parameters"].get(logical, {})
            found[variable] = str(parameter.get("Default", logical or value))
    return found
