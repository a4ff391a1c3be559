"""Sign-in is in the gateway's definition where parameters name an identity provider, and nowhere else."""

from typing import Any

import pytest

from local.template.translate import translate
from tests.template import ROOT

PATH = "/v1/sign-in"
PROVIDER = {"OidcIssuer": "https://login.example.com", "OidcAudience": "meterstone"}


def definition(parameters: dict[str, str]) -> Any:
    """What the API is imported from, its conditions decided."""
    translated, _ = translate(ROOT / "template.yaml", parameters)
    return translated["Resources"]["Api"]["Properties"]["Body"]


@pytest.fixture(scope="module")
def without() -> Any:
    return definition({})


@pytest.fixture(scope="module")
def provided() -> Any:
    return definition(PROVIDER)


def test_without_a_provider_nothing_is_left_of_it(without: Any) -> None:
    assert without["paths"][PATH].keys() == {"get"}
    assert without["components"]["securitySchemes"].keys() == {"ApiKey"}


def test_a_provider_adds_one_route_with_an_authorizer_of_its_own(provided: Any, without: Any) -> None:
    route = provided["paths"][PATH]["post"]
    assert route["security"] == [{"Oidc": []}]
    assert route["x-amazon-apigateway-integration"]["payloadFormatVersion"] == "2.0"
    authorizer = provided["components"]["securitySchemes"]["Oidc"]["x-amazon-apigateway-authorizer"]
    assert authorizer["type"] == "jwt"
    assert authorizer["jwtConfiguration"] == {"issuer": {"Ref": "OidcIssuer"}, "audience": [{"Ref": "OidcAudience"}]}
    del provided["paths"][PATH]["post"], provided["components"]["securitySchemes"]["Oidc"]
    assert provided == without


def test_every_other_route_asks_for_a_key_or_for_nothing(without: Any) -> None:
    asked = [
        operation["security"]
        for operations in without["paths"].values()
        for operation in operations.values()
        if "security" in operation
    ]
    assert {name for security in asked for each in security for name in each} == {"ApiKey", "NONE"}
