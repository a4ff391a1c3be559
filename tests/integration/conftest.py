"""Handlers over moto: nothing outlives a test, and only tests move time."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.integration.api import (
    ADMIN_KEY,
    FUNCTIONS,
    REGION,
    SONNET,
    TABLES,
    Api,
    Clock,
    Project,
    app_of,
    forget,
    table_definition,
    variables,
)


@cache
def client_of(service: str) -> Any:
    """Clients take long to make and keep nothing."""
    return boto3.client(service, region_name=REGION)


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of an account of its own that holds the template's tables, and the environment that names them."""
    for variable, value in variables().items():
        monkeypatch.setenv(variable, value)
    client = client_of("dynamodb")
    with mock_aws():
        for name in TABLES:
            client.create_table(**table_definition(name))
        client_of("secretsmanager").create_secret(Name=variables()["ADMIN_KEY_SECRET"], SecretString=ADMIN_KEY)
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stands_in = Clock()
    for function in FUNCTIONS:
        if hasattr(app_of(function), "datetime"):
            monkeypatch.setattr(app_of(function), "datetime", stands_in)
    return stands_in


@pytest.fixture
def api(dynamodb: Any, clock: Clock) -> Api:  # noqa: ARG001  # the world in which it answers
    forget()
    return Api()


@pytest.fixture
def project(api: Api) -> Project:
    return Project(api, "prj_one")


@pytest.fixture
def other_project(api: Api) -> Project:
    return Project(api, "prj_two")


@pytest.fixture
def sonnet(api: Api) -> dict[str, Any]:
    """The default card of a model, as it is answered."""
    answer = api.call("POST /v1/rates", ADMIN_KEY, body=SONNET)
    assert answer.status == 201
    body: dict[str, Any] = answer.body
    return body
