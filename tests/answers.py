"""Holds answers against the service's own OpenAPI document: status, media type, every field, every error code."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, FormatChecker

MOST_ANSWER_BYTES = 6 * 1024 * 1024
"""What Lambda takes from a function."""

_FORMATS = FormatChecker(["date"])
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    assert datetime.fromisoformat(value)
    return bool(_RFC3339.fullmatch(value))


class Answer(NamedTuple):
    """An HTTP answer whose conformity has been checked; a body of None has no content."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str | None:
        return self.body["code"] if self.status >= 400 else None

    @property
    def paths(self) -> set[str]:
        """Where the faults of a request are, as the answer lists them."""
        return {fault["path"] for fault in self.body.get("errors", [])}


class Contract:
    """An OpenAPI document as judge of answers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._problem = self._validator({"$ref": "#/components/schemas/Problem"})
        self._answer_validator = cache(self._make_answer_validator)

    def operation(self, route: str) -> dict[str, Any] | None:
        method, _, path = route.partition(" ")
        found: dict[str, Any] | None = self.document["paths"].get(path, {}).get(method.lower())
        return found

    def check(self, route: str, status: int, headers: Mapping[str, str], content: bytes) -> Answer:
        """The answer, if it is one that the document promises for `route` (one it lacks: a 404 or a 405)."""
        assert len(content) <= MOST_ANSWER_BYTES
        body = json.loads(content.decode(), parse_constant=_refuse) if content else None
        operation = self.operation(route)
        if operation is None:
            assert status in {404, 405}, body
        else:
            assert str(status) in operation["responses"], f"{route} is not to answer {status}: {body}"
        if status >= 400:
            self._check_problem(operation, status, headers, body)
        elif operation:
            self._check_success(route, status, headers, body)
        return Answer(status, headers, body)

    def _check_problem(
        self, operation: dict[str, Any] | None, status: int, headers: Mapping[str, str], body: Any
    ) -> None:
        assert headers["content-type"] == "application/problem+json"
        self._problem.validate(body)
        assert body["status"] == status
        assert body["type"] == f"urn:metering:error:{body['code']}"
        if operation:
            assert f"`{body['code']}`" in operation["responses"][str(status)]["description"]
        assert ("retry-after" in headers) == (status in {429, 503})
        assert ("www-authenticate" in headers) == (status == 401)
        assert ("allow" in headers) == (status == 405)

    def _check_success(self, route: str, status: int, headers: Mapping[str, str], body: Any) -> None:
        validator = self._answer_validator(route, status)
        if validator is None:
            assert body is None
            return
        assert headers["content-type"] == "application/json"
        validator.validate(body)

    def _make_answer_validator(self, route: str, status: int) -> Draft202012Validator | None:
        operation = self.operation(route)
        assert operation
        content = operation["responses"][str(status)].get("content")
        return self._validator(content["application/json"]["schema"]) if content else None

    def _validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        whole = {**schema, "components": self.document["components"]}
        Draft202012Validator.check_schema(whole)
        return Draft202012Validator(whole, format_checker=_FORMATS)


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")
