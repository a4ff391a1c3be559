"""Time is left to answer: whatever AWS does, callers hear of it from a function and not from the gateway's time-out."""

import pytest

from metering.aws.clients import CONNECT_SECONDS, READ_SECONDS
from metering.http.guard import MARGIN_SECONDS
from tests.template import Template, target

TEMPLATE = Template()
FUNCTIONS = TEMPLATE.functions()
GATEWAY_SECONDS = 30
AUTHORIZER_SECONDS = 10


def authorizers() -> set[str]:
    found = TEMPLATE.resources["Api"]["Properties"]["Auth"]["Authorizers"].values()
    return {target(authorizer["FunctionArn"]) or "" for authorizer in found}


def test_an_attempt_that_begins_at_the_deadline_ends_before_the_invocation_does() -> None:
    assert CONNECT_SECONDS + READ_SECONDS < MARGIN_SECONDS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_time_for_several_attempts(name: str) -> None:
    assert FUNCTIONS[name]["Timeout"] - MARGIN_SECONDS >= READ_SECONDS


@pytest.mark.parametrize("name", sorted({name for name, _ in TEMPLATE.events("HttpApi")}))
def test_a_function_answers_before_the_gateway_gives_up(name: str) -> None:
    assert FUNCTIONS[name]["Timeout"] < GATEWAY_SECONDS


@pytest.mark.parametrize("name", sorted(authorizers()))
def test_an_authorizer_answers_before_the_gateway_gives_up(name: str) -> None:
    assert FUNCTIONS[name]["Timeout"] <= AUTHORIZER_SECONDS
