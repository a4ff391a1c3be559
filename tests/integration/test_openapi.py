"""The OpenAPI document: valid, whole, and of one source with what validates requests."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from metering.http.operations import BY_ROUTE, OPERATIONS, Operation
from metering.http.problems import STATUS
from tests.integration.api import ADMIN_KEY, Api, Project, app_of

BY_NAME = {operation.name: operation for operation in OPERATIONS}
TEXT = re.compile(r"[a-z][A-Za-z0-9]*")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return app_of("describe_service").openapi_document()  # type: ignore[no-any-return]  # a module's attribute


def described(document: dict[str, Any], operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][operation.path][operation.method.lower()]
    return found


def references(tree: Any) -> set[str]:
    """Every `$ref` in a tree."""
    if isinstance(tree, dict):
        own = {tree["$ref"]} if "$ref" in tree else set()
        return own.union(*(references(value) for value in tree.values()))
    return set().union(*(references(value) for value in tree)) if isinstance(tree, list) else set()


def test_it_is_served_without_a_key_and_the_same_each_time(api: Api) -> None:
    first, second = api.call("GET /openapi.json"), api.call("GET /openapi.json")
    assert first.status == 200
    assert first == second
    assert first.body["openapi"].startswith("3.1")


def test_every_operation_stands_in_it_and_no_other(document: dict[str, Any]) -> None:
    found = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert found == set(BY_ROUTE)


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))
    assert all(map(TEXT.fullmatch, names))


def test_a_bound_of_a_parameter_is_a_word_of_json_schema(document: dict[str, Any]) -> None:
    """A misspelt keyword is no error: it is ignored, and the bound with it."""
    parameters = [
        parameter["schema"]
        for methods in document["paths"].values()
        for one in methods.values()
        for parameter in one["parameters"]
    ]
    assert not [schema for schema in parameters if schema.keys() & {"ge", "gt", "le", "lt"}]


def test_every_field_that_a_caller_sends_is_explained(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    silent, waiting = [], []
    for methods in document["paths"].values():
        for one in methods.values():
            silent += [parameter["name"] for parameter in one["parameters"] if _is_silent(parameter)]
            waiting += references(one.get("requestBody", {}))
    seen: set[str] = set()
    while waiting:
        reference = waiting.pop()
        if reference not in seen:
            seen.add(reference)
            schema = schemas[reference.rpartition("/")[2]]
            silent += [name for name, part in schema.get("properties", {}).items() if "description" not in part]
            waiting += references(schema)
    assert not silent


def _is_silent(parameter: dict[str, Any]) -> bool:
    return parameter["in"] == "query" and "description" not in parameter


def test_every_schema_is_one_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    assert references(document) == {f"#/components/schemas/{name}" for name in schemas}


@pytest.mark.parametrize("name", BY_NAME)
def test_an_operation_is_described_whole(document: dict[str, Any], name: str) -> None:
    operation = BY_NAME[name]
    found = described(document, operation)
    assert found["summary"]
    assert not found["summary"].endswith(".")
    scheme = "identityToken" if operation.token else "apiKey"
    assert found["security"] == ([{scheme: []}] if operation.token or operation.roles is not None else [])
    in_path = {part["name"] for part in found["parameters"] if part["in"] == "path"}
    assert in_path == set(re.findall(r"\{(\w+)\}", operation.path))
    assert ("requestBody" in found) == (operation.body is not None)
    assert {str(status) for status in operation.answers} <= found["responses"].keys()


@pytest.mark.parametrize("name", BY_NAME)
def test_every_error_that_an_operation_may_answer_is_described(document: dict[str, Any], name: str) -> None:
    operation = BY_NAME[name]
    responses = described(document, operation)["responses"]
    errors = {"429": "throttled", "503": "unavailable"}
    if operation.roles is not None:
        errors |= {"401": "unauthenticated", "403": "forbidden"}
    if operation.body is not None:
        errors |= {"400": "malformed_request", "413": "too_large", "422": "invalid_request"}
    if operation.query is not None:
        errors |= {"422": "invalid_request"}
    if "{" in operation.path:
        errors |= {"404": "not_found"}
    for status, code in errors.items():
        assert f"`{code}`" in responses[status]["description"]
    for error in operation.errors:
        assert f"`{error.code}`" in responses[str(STATUS[error])]["description"]
    for status, response in responses.items():
        problem = int(status) >= 400
        assert problem == (list(response.get("content", {})) == ["application/problem+json"])


@pytest.mark.parametrize("name", BY_NAME)
def test_every_query_parameter_is_described_and_never_null(document: dict[str, Any], name: str) -> None:
    operation = BY_NAME[name]
    parameters = [part for part in described(document, operation)["parameters"] if part["in"] == "query"]
    fields = operation.query.model_json_schema(by_alias=True)["properties"] if operation.query else {}
    assert {part["name"] for part in parameters} == fields.keys()
    assert "null" not in str([part["schema"] for part in parameters])


def test_money_and_quantities_are_plain_decimals(document: dict[str, Any]) -> None:
    """No figure in an answer is a number that a reader's double could change, but for counts and whole cents."""
    schemas = document["components"]["schemas"]
    numbers = {
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, part in schema.get("properties", {}).items()
        if part.get("type") == "number"
    }
    assert numbers == set()
    assert schemas["Money"]["properties"]["amount"]["type"] == "integer"
    assert "pattern" in schemas["RecordedAnswer"]["properties"]["costUsd"]


# ---------------------------------------------------------------------------- routes that are none


@pytest.mark.parametrize(
    ("route", "allowed"),
    [
        ("GET /v1/callbacks/usage.computeCostAndRecord", "POST"),
        ("PUT /v1/rates", "GET, POST"),
        ("DELETE /v1/usage/records/rec_1", "GET"),
        ("POST /v1/runs/run_1/usage", "GET"),
        ("POST /healthz", "GET"),
        ("POST /openapi.json", "GET"),
        ("POST /", "GET"),
        ("DELETE /dashboard/0/views/costs.js", "GET"),
        ("HEAD /v1/project", "GET, PATCH"),
        ("OPTIONS /v1/api-keys", "GET, POST"),
        ("TRACE /v1/api-keys/k", "DELETE"),
    ],
)
def test_another_method_is_405_and_says_which_there_are(api: Api, route: str, allowed: str) -> None:
    answer = api.call(route)
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path",
    [
        "//",
        "/dashboard",
        "/v1",
        "/v1/",
        "/v2/rates",
        "/v1/rates/",
        "/v1//rates",
        "/V1/rates",
        "/v1/usage/records/a/b",
        "/v1/runs//usage",
        "/v1/rates/resolve/x",
        "/healthz/",
        "/v1/api-keys/",
        "/%00",
        "/v1/callbacks/usageXcomputeCostAndRecord",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_another_path_is_404_with_and_without_a_key(api: Api, method: str, path: str) -> None:
    for key in (None, ADMIN_KEY, "wrong"):
        answer = api.call(f"{method} {path}", key)
        assert (answer.status, answer.code) == (404, "not_found")


def test_health_is_told_to_anyone(api: Api, project: Project) -> None:
    for key in (None, project.owner, "wrong"):
        answer = api.call("GET /healthz", key)
        assert (answer.status, answer.body) == (200, {"status": "ok"})
