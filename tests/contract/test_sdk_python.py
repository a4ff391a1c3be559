"""The Python client has what the service has, and what is generated of it is current."""

import inspect
import re
from dataclasses import is_dataclass
from typing import Any

import httpx
import pytest

from metering.domain.errors import MeteringError
from metering.http.openapi import openapi_document
from metering.http.operations import OPERATIONS
from metering.http.problems import STATUS
from metering_client import AsyncClient, Client, errors, models
from metering_client import operations as client_operations
from metering_client._wire import KEYED_BY_CALLERS, _reader
from sdk.python import generate
from tests.template import ROOT

DOCUMENT = openapi_document()


def clients() -> list[Any]:
    return [
        Client("http://metering.test", "mk", http=httpx.Client()),
        AsyncClient("http://metering.test", "mk", http=httpx.AsyncClient()),
    ]


def test_what_is_generated_is_current_and_nothing_else_is_in_the_synchronous_client() -> None:
    files = generate.files()
    assert not [str(path.relative_to(ROOT)) for path, text in files.items() if path.read_text() != text], "make sdk"
    written = {path.name for path in (generate.PACKAGE / "_sync").glob("*.py")}
    assert written == {path.name for path in files if path.parent.name == "_sync"} | generate.HAND_WRITTEN


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_has_a_method_in_both_clients(operation: Any) -> None:
    resource, method = generate.METHODS[operation.name]
    for client in clients():
        owner = client if resource == "service" else getattr(client, resource)
        assert callable(getattr(owner, method.removeprefix("_")))


def test_no_method_calls_an_operation_that_is_gone() -> None:
    assert generate.METHODS.keys() == {operation.name for operation in OPERATIONS}
    assert {operation.name for operation in OPERATIONS} >= generate.UNREPEATABLE | generate.NULL_REMOVES


def test_operations_are_those_of_the_table() -> None:
    ours = {(one.name, f"{one.method} {one.path}", one.public) for one in client_operations.OPERATIONS}
    assert ours == {(one.name, one.route, one.roles is None and not one.token) for one in OPERATIONS}


def test_a_post_that_is_repeated_is_one_that_the_service_recognizes() -> None:
    """Those that are neither keyed nor listed do nothing more the second time: a new one has to be thought of here."""
    thought_of = {
        "recordUsage",
        "recordUsageBatch",
        "createRateCard",
        "voidRecord",
        "pauseSession",
        "resumeSession",
        "pauseProject",
        "resumeProject",
        "startAgent",
    }
    posts = [one for one in client_operations.OPERATIONS if one.method == "POST"]
    assert {one.name for one in posts if one.repeatable and not one.keyed} == thought_of


def test_every_code_is_an_error_of_its_own() -> None:
    ours = {kind.code: kind.__name__ for kind in errors.ApiError.__subclasses__()}
    assert ours == {kind.code: kind.__name__ for kind in STATUS}
    assert len(STATUS) == len(set(MeteringError.__subclasses__()))


def test_the_tree_of_errors_stands_in_their_modules_docstring() -> None:
    tree = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.MeteringError)]
    assert sorted(["MeteringError", *tree]) == sorted(kind.__name__ for kind in kinds)


@pytest.mark.parametrize("name", [name for name, kind in vars(models).items() if is_dataclass(kind)])
def test_every_model_can_be_read(name: str) -> None:
    assert _reader(getattr(models, name))


def test_the_fields_whose_names_are_callers_own_are_known() -> None:
    found = set()
    schemas = DOCUMENT["components"]["schemas"]
    for sent in generate.referred(schemas, generate.bodies(DOCUMENT).values()):
        for name, part in schemas[sent].get("properties", {}).items():
            options = [part, *part.get("anyOf", [])]
            if any("patternProperties" in one or isinstance(one.get("additionalProperties"), dict) for one in options):
                found.add(name)
    assert found == KEYED_BY_CALLERS
