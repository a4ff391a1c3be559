"""Signing in with an API key, which the tab alone keeps."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import STORED, Visit, key_of
from tests.local.running_cloud import ProjectClient

pytestmark = pytest.mark.local

UNKNOWN = f"mk_{'a' * 12}_{'b' * 43}"


@pytest.mark.parametrize(
    ("key", "reason"),
    [("hunter2", "not an API key"), (UNKNOWN, "does not know this key")],
    ids=["malformed", "unknown"],
)
def test_a_wrong_key_is_refused_with_the_reason_and_is_not_kept(visit: Visit, key: str, reason: str) -> None:
    visitor = visit().open()
    visitor.sign_in(key)
    expect(visitor.page.get_by_role("alert")).to_contain_text(reason)
    assert visitor.page.evaluate(STORED) == "{}"


def test_a_right_key_is_kept_for_the_tab_alone_and_forgotten_on_signing_out(
    visit: Visit, project: ProjectClient
) -> None:
    visitor = visit().open("#/sessions")
    visitor.sign_in(project.key)
    expect(visitor.page.get_by_role("heading", name="Sessions", level=1)).to_be_visible()
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", name="Sessions", level=1)).to_be_visible()
    assert project.key in visitor.page.evaluate(STORED)
    assert project.key not in visitor.page.evaluate("() => JSON.stringify({...localStorage}) + document.cookie")
    assert project.key not in visitor.page.url

    other = visitor.new_page()
    other.goto(visitor.url)
    expect(other.get_by_label("API key")).to_be_visible()

    visitor.button("Sign out").click()
    expect(visitor.page.get_by_label("API key")).to_be_visible()
    assert visitor.page.evaluate(STORED) == "{}"
    visitor.page.reload()
    expect(visitor.page.get_by_label("API key")).to_be_visible()


def test_a_key_that_is_no_longer_valid_signs_out_and_says_so(visit: Visit, project: ProjectClient) -> None:
    visitor = visit().open()
    visitor.sign_in(project.key)
    visitor.settled()
    visitor.page.route("**/v1/sessions**", lambda route: route.fulfill(status=401, json={"detail": "revoked"}))
    visitor.page.get_by_role("link", name="Sessions").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("no longer valid")
    assert visitor.page.evaluate(STORED) == "{}"


def test_a_key_for_recording_sees_what_it_may_see(visit: Visit, project: ProjectClient) -> None:
    visitor = visit().signed_in(key_of(project, "ingest"), "#/")
    sections = visitor.page.get_by_role("navigation", name="Sections").get_by_role("link")
    expect(sections).to_have_text(["Sessions", "Budgets"])
    expect(visitor.page.get_by_role("heading", name="Sessions", level=1)).to_be_visible()
