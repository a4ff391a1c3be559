"""Signing in with an identity provider: the authorization code flow with PKCE, and all that can go wrong in it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import STORED, Visit
from tests.browser.visitor import Visitor
from tests.local.running_cloud import ProjectClient
from tests.token_issuer import CONFIGURATION, Issuer, Person

pytestmark = pytest.mark.local

PLACE = "#/costs?by=user&range=7d"
TO_ANYBODY = {"access-control-allow-origin": "*"}


@pytest.fixture
def person(provider: Issuer) -> Iterator[Person]:
    """The owner of the project, as the provider knows them."""
    provider.person = Person(claims={"sub": "owner"})
    yield provider.person
    provider.person = Person()


@pytest.fixture
def visitor(visit: Visit, provider: Issuer) -> Visitor:
    """Somebody who opens a link without a key."""
    visitor = visit()
    visitor.others = (provider.url,)
    return visitor.open(PLACE)


def sign_in(visitor: Visitor, provider: Issuer, project: str) -> None:
    visitor.page.get_by_label("Project id").fill(project)
    visitor.button(f"Sign in with {provider.url.removeprefix('http://')}").click()


@pytest.mark.usefixtures("person")
def test_a_member_signs_in_and_is_where_the_link_leads(
    visitor: Visitor, provider: Issuer, project: ProjectClient
) -> None:
    sign_in(visitor, provider, project.project_id)
    expect(visitor.card("By user")).to_be_visible()
    assert visitor.page.url == f"{visitor.url}/{PLACE}"
    expect(visitor.page.get_by_label("From")).to_be_visible()
    stored = visitor.page.evaluate("() => ({...sessionStorage})")
    assert stored.keys() == {"metering.key"}
    [made] = [key for key in project.get("/v1/api-keys").json()["items"] if key["name"] == "sign-in"]
    assert (made["userId"], made["role"], made["keyId"] in stored["metering.key"]) == ("owner", "owner", True)

    visitor.button("Sign out").click()
    expect(visitor.page.get_by_label("Project id")).to_have_value(project.project_id)
    assert visitor.page.evaluate(STORED) == "{}"


@pytest.mark.parametrize(
    "case",
    [
        ({"sub": "stranger"}, {}, "Not signed in: stranger is no member of the project "),
        ({"exp": int(time.time()) - 3600}, {}, "which may have expired"),
        ({"nonce": "of another"}, {}, "token is of another sign-in"),
        ({}, {"state": "of another"}, "This tab did not begin the sign-in"),
        ({}, {"state": ""}, "This tab did not begin the sign-in"),
        ({}, {"iss": "https://other.example.com"}, "This tab did not begin the sign-in"),
        ({}, {"code": "guessed"}, "The identity provider refused: the code is not valid"),
        ({}, {"code": "", "error": "access_denied"}, "The identity provider refused: access_denied"),
        (
            {},
            {"code": "", "error": "access_denied", "error_description": "<b>Ada</b> said no"},
            "refused: <b>Ada</b> said no",
        ),
    ],
    ids=["no member", "expired", "nonce", "state", "no state", "issuer", "code", "refused", "refused with a reason"],
)
def test_whoever_is_not_signed_in_is_told_why_and_may_try_again(
    visitor: Visitor,
    provider: Issuer,
    project: ProjectClient,
    person: Person,
    case: tuple[dict[str, Any], dict[str, str], str],
) -> None:
    claims, says, reason = case
    person.claims |= claims
    person.says = says
    sign_in(visitor, provider, project.project_id)
    expect(visitor.page.get_by_role("alert")).to_contain_text(reason)
    assert visitor.page.url == f"{visitor.url}/{PLACE}"
    assert visitor.page.evaluate(STORED) == "{}"
    expect(visitor.button("Sign in")).to_be_enabled()


def test_a_link_with_an_answer_that_nobody_asked_for_signs_nobody_in(visit: Visit, provider: Issuer) -> None:
    visitor = visit()
    visitor.open("?code=stolen&state=known#/runs")
    expect(visitor.page.get_by_role("alert")).to_contain_text("This tab did not begin the sign-in")
    assert visitor.page.url == f"{visitor.url}/#/runs"
    assert provider.person.codes == {}


@pytest.mark.usefixtures("person")
def test_a_code_is_good_only_with_the_verifier_that_the_tab_has(
    visitor: Visitor, provider: Issuer, project: ProjectClient
) -> None:
    def forge(route: Route) -> None:
        [pair] = [part for part in (route.request.post_data or "").split("&") if part.startswith("code_verifier=")]
        forged = (route.request.post_data or "").replace(pair, "code_verifier=another")
        route.continue_(post_data=forged)

    visitor.page.route(f"{provider.url}/token", forge)
    sign_in(visitor, provider, project.project_id)
    expect(visitor.page.get_by_role("alert")).to_contain_text("the code is not valid")


def test_an_issuer_that_is_none_is_not_gone_to(visitor: Visitor, provider: Issuer) -> None:
    visitor.page.route(f"{provider.url}{CONFIGURATION}", lambda route: route.fulfill(json={}, headers=TO_ANYBODY))
    sign_in(visitor, provider, "prj_one")
    expect(visitor.page.get_by_role("alert")).to_contain_text("does not describe itself as")
    assert visitor.page.url == f"{visitor.url}/{PLACE}"


@pytest.mark.usefixtures("person")
def test_the_policy_keeps_the_code_from_an_origin_that_no_parameter_names(
    visitor: Visitor, provider: Issuer, project: ProjectClient
) -> None:
    other = provider.url.replace("127.0.0.1", "localhost")
    document = {**provider.published(CONFIGURATION), "token_endpoint": f"{other}/token"}
    visitor.page.route(f"{provider.url}{CONFIGURATION}", lambda route: route.fulfill(json=document, headers=TO_ANYBODY))
    sign_in(visitor, provider, project.project_id)
    expect(visitor.page.get_by_role("alert")).to_contain_text(
        f"The deployment's parameter OidcTokenOrigin has to be {other}."
    )
    assert any(f"connect-src 'self' {provider.url}" in fault for fault in visitor.faults)
    visitor.faults.clear()


def test_without_a_provider_there_is_a_field_for_a_key_alone(visit: Visit) -> None:
    visitor = visit()
    nobody = {"enabled": False, "issuer": None, "clientId": None}
    visitor.page.route("**/v1/sign-in", lambda route: route.fulfill(json=nobody))
    with visitor.page.expect_response("**/v1/sign-in"):
        visitor.open()
    expect(visitor.page.get_by_label("API key")).to_be_visible()
    expect(visitor.page.get_by_role("button")).to_have_text(["Sign in"])
