"""Refusals are those of the contract: one class a code, one status a code, one form for all; and answers are JSON."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from metering.domain import errors
from metering.domain.errors import Fault, MeteringError, MethodNotAllowedError
from metering.http.openapi import openapi_document
from metering.http.problems import MOST_FAULTS, STATUS, problem, problem_response, respond, unexpected_response

CONTRACT = {
    "malformed_request": 400,
    "unauthenticated": 401,
    "limit_reached": 402,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "idempotency_conflict": 409,
    "session_paused": 409,
    "still_over_limit": 409,
    "hold_closed": 409,
    "already_exists": 409,
    "not_voidable": 409,
    "last_owner": 409,
    "too_large": 413,
    "invalid_request": 422,
    "unrated": 422,
    "throttled": 429,
    "unavailable": 503,
}


def kinds(parent: type[MeteringError] = MeteringError) -> Iterator[type[MeteringError]]:
    for kind in parent.__subclasses__():
        yield kind
        yield from kinds(kind)


KINDS = list(kinds())
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)


def made(kind: type[MeteringError], **fields: Any) -> MeteringError:
    if kind is MethodNotAllowedError:
        return MethodNotAllowedError("no", allowed=["GET", "POST"])
    return kind("no", **fields)


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    document = openapi_document()
    return Draft202012Validator({"$ref": "#/components/schemas/Problem", "components": document["components"]})


def test_codes_and_their_statuses_are_those_of_the_contract() -> None:
    assert {kind.code: status for kind, status in STATUS.items()} == CONTRACT
    assert set(STATUS) == set(KINDS)
    assert len({kind.code for kind in KINDS}) == len(KINDS)


def test_the_tree_of_errors_stands_in_their_modules_docstring() -> None:
    tree = re.findall(r"[├└]── (\w+) +(\w+)", errors.__doc__ or "")
    assert sorted(tree) == sorted((kind.__name__, kind.code) for kind in KINDS)


@each_kind
def test_a_refusal_is_a_problem_document(kind: type[MeteringError], schema: Draft202012Validator) -> None:
    answer = problem_response(made(kind))
    body = json.loads(answer["body"])
    schema.validate(body)
    assert answer["statusCode"] == body["status"] == STATUS[kind]
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert body["type"] == f"urn:metering:error:{kind.code}"
    assert body["title"]
    assert "errors" not in body


@each_kind
def test_headers_tell_what_to_do(kind: type[MeteringError]) -> None:
    headers = problem_response(made(kind))["headers"]
    assert headers.get("retry-after", "").isdigit() == (STATUS[kind] in {429, 503})
    assert headers.get("allow") == ("GET, POST" if kind is MethodNotAllowedError else None)
    assert headers.get("www-authenticate") == ("Bearer" if STATUS[kind] == 401 else None)


def test_faults_and_further_members_stand_in_the_problem(schema: Draft202012Validator) -> None:
    faults = [Fault("usage.inputTokens", "must be at least 0"), Fault("", "must be an object")]
    document = problem(errors.InvalidRequestError("no", faults=faults, extra={"dimension": "maxCost"}))
    schema.validate(document)
    assert document["errors"] == [
        {"path": "usage.inputTokens", "message": "must be at least 0"},
        {"path": "", "message": "must be an object"},
    ]
    assert document["dimension"] == "maxCost"


def test_a_problem_lists_as_many_faults_as_an_answer_has_room_for() -> None:
    faults = [Fault(str(number), "no") for number in range(MOST_FAULTS + 1)]
    error = errors.InvalidRequestError("no", faults=faults)
    assert len(problem(error)["errors"]) == MOST_FAULTS
    assert len(problem(error, 3)["errors"]) == 3


def test_what_nobody_foresaw_says_nothing_of_the_inside(schema: Draft202012Validator) -> None:
    answer = unexpected_response()
    schema.validate(json.loads(answer["body"]))
    assert answer["statusCode"] == 500
    assert "Traceback" not in answer["body"]


def test_an_answer_is_compact_json_in_utf_8() -> None:
    assert respond(200, {"a": ["é", 1, None, True]})["body"] == '{"a":["é",1,null,true]}'
    assert "body" not in respond(204, None)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_json_cannot_be_answered(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        respond(200, {"a": value})


def test_a_decimal_cannot_slip_into_an_answer_as_a_float() -> None:
    with pytest.raises(TypeError):
        respond(200, {"costUsd": Decimal("0.1")})
