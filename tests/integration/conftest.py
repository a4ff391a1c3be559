"""Handlers over moto: nothing outlives a test, and only tests move time."""

import pickle
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb import dynamodb_backends
from moto.secretsmanager import secretsmanager_backends

from tests.integration import moto_shortcuts, permissions
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
    client_of,
    forget,
    table_definition,
    variables,
)

moto_shortcuts.install()


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of an account of its own that holds the template's tables, and the environment that names them."""
    for variable, value in variables().items():
        monkeypatch.setenv(variable, value)
    made = _empty_account()
    with mock_aws():
        for kept, found in zip(_account(), pickle.loads(made), strict=True):  # noqa: S301  # our own
            kept.update(found)
        yield client_of("dynamodb")


@cache
def _empty_account() -> bytes:
    """What every test begins with. To have it made through the API takes as long as many a test."""
    with mock_aws():
        for name in TABLES:
            client_of("dynamodb").create_table(**table_definition(name))
        client_of("secretsmanager").create_secret(Name=variables()["ADMIN_KEY_SECRET"], SecretString=ADMIN_KEY)
        return pickle.dumps(_account())


def _account() -> list[Any]:
    """The tables and the secrets that moto holds."""
    tables = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
    return [tables, secretsmanager_backends[DEFAULT_ACCOUNT_ID][REGION].secrets]


@pytest.fixture(scope="session")
def refused() -> set[str]:
    return permissions.watch_all()


@pytest.fixture(autouse=True)
def roles(refused: set[str]) -> Iterator[None]:
    """On AWS, a call without a permission fails."""
    refused.clear()
    yield
    assert not refused


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stands_in = Clock()
    for function in FUNCTIONS:
        if hasattr(app_of(function), "datetime"):
            monkeypatch.setattr(app_of(function), "datetime", stands_in)
    return stands_in


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, dynamodb: Any, clock: Clock) -> Api:  # noqa: ARG001  # the world in which it answers
    # A test's own time decides nothing: what is remembered of cards is so throughout, and nobody waits until it is not.
    monkeypatch.setenv("RATE_CACHE_SECONDS", "60")
    monkeypatch.setattr(app_of("manage_rates"), "sleep", lambda _: None)
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
