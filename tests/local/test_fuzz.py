"""Schema-driven fuzzing from the service's own document: whatever is sent, no 5xx, and answers as the document says.

schemathesis makes requests that fit the document and requests that do not, for every operation; ids in paths are drawn
among those of things that exist as well.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from metering.http.operations import OPERATIONS, Operation
from tests.answers import Contract
from tests.local.running_cloud import ProjectClient, RunningCloud, authorization

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def project(cloud: RunningCloud) -> ProjectClient:
    return cloud.new_project()


@pytest.fixture(scope="module")
def schema(cloud: RunningCloud) -> BaseSchema:
    return schemathesis.openapi.from_dict(httpx.get(f"{cloud.url}/openapi.json", timeout=30).json())


@pytest.fixture(scope="module")
def known(project: ProjectClient) -> dict[str, str]:
    """Values of path parameters that name something."""
    recorded = project.record(idempotencyKey="known", runId="run_known").raise_for_status().json()
    session = project.post("/v1/sessions", json={"userId": "user_1"}).raise_for_status().json()
    return {
        "recordId": recorded["recordId"],
        "runId": "run_known",
        "sessionId": session["sessionId"],
        "scope": "user:user_1",
    }


def cases() -> Iterator[Any]:
    """Every operation with requests that fit, and with such that do not where it takes anything at all."""
    for operation in OPERATIONS:
        yield pytest.param(operation, GenerationMode.POSITIVE, id=f"{operation.name}-fitting")
        if operation.body or operation.query or operation.roles is not None:
            yield pytest.param(operation, GenerationMode.NEGATIVE, id=f"{operation.name}-unfitting")


def checks_of(operation: Operation, mode: GenerationMode) -> list[Any]:
    # A batch is answered 200 whatever its events: each is judged by itself.
    rejects = mode is GenerationMode.NEGATIVE and operation.name != "recordUsageBatch"
    return [*CHECKS, negative_data_rejection] if rejects else CHECKS


@pytest.mark.parametrize(("operation", "mode"), [*cases()])
def test_an_operation_answers_as_the_document_says(  # noqa: PLR0913, PLR0917  # a world and a case
    cloud: RunningCloud,
    project: ProjectClient,
    schema: BaseSchema,
    known: dict[str, str],
    operation: Operation,
    mode: GenerationMode,
) -> None:
    described = schema[operation.path][operation.method]
    contract = Contract(schema.raw_schema)
    headers = authorization(project.key if operation.name != "createProject" else cloud.admin_key)

    @EXAMPLES
    @given(case=described.as_strategy(generation_mode=mode), exists=st.booleans())
    def send(case: Any, *, exists: bool) -> None:
        if exists:
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
        answer = case.call(base_url=cloud.url, headers=headers)
        case.validate_response(answer, checks=checks_of(operation, mode))
        found = {name: values[0] for name, values in answer.headers.items()}
        contract.check(operation.route, answer.status_code, found, answer.content)

    send()
