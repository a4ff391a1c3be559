"""The OpenAPI document, written from the table of operations and the pydantic models."""

import json
import re
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from metering.domain import errors
from metering.http.glossary import described
from metering.http.operation import Error, Operation
from metering.http.operations import OPERATIONS
from metering.http.problems import PROBLEM_JSON, STATUS
from metering.http.schemas import Problem

Json = dict[str, Any]
VERSION: Final = "1.0.0"
_REFERENCE: Final = "#/components/schemas/{model}"
_NAME = re.compile(r'"#/components/schemas/([^"]+)"')
_PARAMETER = re.compile(r"\{(\w+)\}")


def openapi_document() -> Json:
    """The whole document, OpenAPI 3.1."""
    models = _models()
    references, definitions = models_json_schema(
        [(model, _mode(model)) for model in models], by_alias=True, ref_template=_REFERENCE
    )
    schemas = {model: references[model, _mode(model)] for model in models}
    paths: Json = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Meterstone",
            "version": VERSION,
            "summary": "Usage metering, cost tracking and hard limits for AI-agent platforms",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": _used(paths, definitions.get("$defs", {})),
            "securitySchemes": {
                "apiKey": {"type": "http", "scheme": "bearer", "description": "An API key, `mk_<keyId>_<secret>`."},
                "identityToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of the identity provider that `GET /v1/sign-in` names.",
                },
            },
        },
    }


def _models() -> list[type[BaseModel]]:
    found: dict[type[BaseModel], None] = {Problem: None}
    for operation in OPERATIONS:
        for model in (operation.document_body or operation.body, operation.query, *operation.answers.values()):
            if model is not None:
                found[model] = None
    return list(found)


def _used(paths: Json, definitions: Json) -> Json:
    """The definitions that the paths come to; queries, whose fields are parameters, leave theirs behind."""
    found: set[str] = set()
    waiting: list[Json] = [paths]
    while waiting:
        new = set(_NAME.findall(json.dumps(waiting.pop()))) - found
        found |= new
        waiting += [definitions[name] for name in new]
    return {name: _with_meanings(name, definition) for name, definition in definitions.items() if name in found}


def _with_meanings(model: str, definition: Json) -> Json:
    if "properties" not in definition:
        return definition
    return {**definition, "properties": described(model, definition["properties"])}


def _mode(_: type[BaseModel]) -> Any:  # noqa: ANN401  # pydantic's literal
    return "validation"


def _operation(operation: Operation, schemas: dict[type[BaseModel], Json]) -> Json:
    described: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "security": _security(operation),
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_header_parameters(operation)],
        "responses": {
            **{str(status): _answer(status, model, schemas) for status, model in operation.answers.items()},
            **_problems(operation, schemas[Problem]),
        },
    }
    if operation.roles is not None:
        described["description"] = f"Roles: {', '.join(sorted(operation.roles))}."
    body = operation.document_body or operation.body
    if body is not None:
        content = {"application/json": {"schema": schemas[body]}}
        described["requestBody"] = {"required": not operation.body_optional, "content": content}
    return described


def _security(operation: Operation) -> list[Json]:
    if operation.token:
        return [{"identityToken": []}]
    return [] if operation.roles is None else [{"apiKey": []}]


def _path_parameters(operation: Operation) -> list[Json]:
    text = {"type": "string", "minLength": 1}
    return [
        {"name": name, "in": "path", "required": True, "schema": text} for name in _PARAMETER.findall(operation.path)
    ]


def _query_parameters(operation: Operation) -> list[Json]:
    if operation.query is None:
        return []
    schema = operation.query.model_json_schema(by_alias=True, ref_template=_REFERENCE)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _without_null(part),
            **({"description": part["description"]} if "description" in part else {}),
        }
        for name, part in described(operation.name, schema["properties"]).items()
    ]


def _without_null(schema: Json) -> Json:
    """A query parameter is there or not; it is never null."""
    kept = {name: value for name, value in schema.items() if name not in {"title", "anyOf", "description"}}
    if kept.get("default", "") is None:
        del kept["default"]
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        return {**kept, **options[0]}
    return {**kept, "anyOf": options} if options else kept


def _header_parameters(operation: Operation) -> list[Json]:
    if not operation.idempotency_header:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": 200}
    in_body = operation.body is not None and "idempotency_key" in operation.body.model_fields
    about = (
        "Serves instead of the body's `idempotencyKey`."
        if in_body
        else "A retry with the same key is the same request."
    )
    return [{"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema, "description": about}]


def _answer(status: int, model: type[BaseModel] | None, schemas: dict[type[BaseModel], Json]) -> Json:
    described: Json = {"description": HTTPStatus(status).phrase}
    if model is not None:
        described["content"] = {"application/json": {"schema": schemas[model]}}
    elif status != HTTPStatus.NO_CONTENT:
        described["content"] = {"application/json": {"schema": {"type": "object"}}}
    return described


def _problems(operation: Operation, problem: Json) -> Json:
    described: Json = {}
    for status, codes in sorted(_codes(operation).items()):
        described[str(status)] = {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(f'`{code}`' for code in codes)}",
            "content": {PROBLEM_JSON: {"schema": problem}},
        }
        if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            about = {"description": "Seconds after which to try again.", "schema": {"type": "string"}}
            described[str(status)]["headers"] = {"Retry-After": about}
    return described


def _codes(operation: Operation) -> dict[int, list[str]]:
    possible: list[Error] = [*operation.errors, errors.ThrottledError, errors.UnavailableError]
    if operation.roles is not None:
        possible += [errors.UnauthenticatedError, errors.ForbiddenError]
    if operation.body is not None:
        possible += [errors.MalformedRequestError, errors.TooLargeError, errors.InvalidRequestError]
    if operation.query is not None:
        possible.append(errors.InvalidRequestError)
    if _PARAMETER.search(operation.path):
        possible.append(errors.NotFoundError)
    found: dict[int, list[str]] = {}
    for error in possible:
        codes = found.setdefault(STATUS[error], [])
        if error.code not in codes:
            codes.append(error.code)
    return found
