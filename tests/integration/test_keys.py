"""A project's API keys over HTTP: shown once, listed without their secrets, revoked for good."""

from typing import Any

import pytest

from metering.http.pages import write_cursor
from tests.integration.api import Api, Context, Project, app_of

CREATE = "POST /v1/api-keys"
LIST = "GET /v1/api-keys"
REVOKE = "DELETE /v1/api-keys/{keyId}"


def create(project: Project, **fields: Any) -> Any:
    return project.call(CREATE, body={"name": "ci", "role": "ingest", **fields})


def test_a_key_is_shown_once_and_works(api: Api, project: Project) -> None:
    made = create(project)
    assert made.status == 201
    secret = made.body.pop("apiKey")
    assert secret.startswith(f"mk_{made.body['keyId']}_")
    listed = {key["keyId"]: key for key in project.call(LIST).body["items"]}
    assert listed[made.body["keyId"]] == made.body
    assert made.body == {
        "keyId": made.body["keyId"],
        "name": "ci",
        "role": "ingest",
        "userId": None,
        "createdAt": "2026-11-24T10:00:00.123456Z",
        "expiresAt": None,
        "lastUsedAt": None,
    }
    assert api.call("GET /v1/project", secret).status == 200


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"role": "platform"}, "role"),
        ({"role": "root"}, "role"),
        ({"role": None}, "role"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"keyId": "abcdefghijkl"}, "keyId"),
        ({"projectId": "prj_two"}, "projectId"),
        ({"userId": ""}, "userId"),
        ({"userId": "nobody"}, "userId"),
        ({"expiresInSeconds": 59}, "expiresInSeconds"),
        ({"expiresInSeconds": 366 * 24 * 3600 + 1}, "expiresInSeconds"),
        ({"expiresInSeconds": "60"}, "expiresInSeconds"),
    ],
)
def test_what_does_not_fit_is_named(project: Project, fields: dict[str, Any], where: str) -> None:
    answer = create(project, **fields)
    assert (answer.status, answer.paths) == (422, {where})


def test_keys_are_listed_page_by_page(project: Project) -> None:
    made = {create(project).body["keyId"] for _ in range(5)}
    found: list[str] = []
    cursor = None
    while True:
        query = {"limit": 2} if cursor is None else {"limit": 2, "cursor": cursor}
        page = project.call(LIST, query=query).body
        found += [key["keyId"] for key in page["items"]]
        assert page["nextCursor"] != cursor, "the pages do not move on"
        cursor = page["nextCursor"]
        if cursor is None:
            break
        assert len(page["items"]) == 2
    assert found == sorted(found)
    assert len(found) == len(set(found)) == 6
    assert made < set(found)


@pytest.mark.parametrize("place", ["~~~", "\U0010ffff", "zzzzzzzzzzzz"])
def test_a_cursor_behind_the_end_gives_an_empty_page_or_is_refused(project: Project, place: str) -> None:
    answer = project.call(LIST, query={"cursor": write_cursor("api-keys", [place])})
    assert answer.status == 400 or answer.body == {"items": [], "nextCursor": None}


def test_a_key_is_revoked_once(project: Project) -> None:
    key_id = create(project).body["keyId"]
    assert project.call(REVOKE, path={"keyId": key_id}).status == 204
    assert project.call(REVOKE, path={"keyId": key_id}).status == 404
    assert key_id not in {key["keyId"] for key in project.call(LIST).body["items"]}


def test_an_admin_cannot_revoke_an_owners_key(api: Api, project: Project) -> None:
    key_id = create(project, role="owner").body["keyId"]
    refused = api.call(REVOKE, project.key("admin"), path={"keyId": key_id})
    assert (refused.status, refused.code) == (403, "forbidden")
    assert project.call(REVOKE, path={"keyId": key_id}).status == 204


def test_an_owners_key_is_revoked_by_another_and_not_by_itself(api: Api, project: Project) -> None:
    other = create(project, role="owner").body
    itself = api.call(REVOKE, other["apiKey"], path={"keyId": other["keyId"]})
    assert (itself.status, itself.code) == (409, "last_owner")
    assert api.call("GET /v1/project", other["apiKey"]).status == 200
    first = next(key["keyId"] for key in project.call(LIST).body["items"] if key["keyId"] != other["keyId"])
    assert api.call(REVOKE, other["apiKey"], path={"keyId": first}).status == 204
    assert api.call(LIST, other["apiKey"]).body["items"][0]["keyId"] == other["keyId"]


def test_of_two_owners_keys_that_revoke_each_other_one_is_left(api: Api, project: Project) -> None:
    """The gateway may remember a key that was revoked a moment ago; it revokes nobody else."""
    other = create(project, role="owner").body
    first = next(key["keyId"] for key in project.call(LIST).body["items"] if key["keyId"] != other["keyId"])
    late = api.event(REVOKE, other["apiKey"], None, {"keyId": first}, {}, {})
    late["requestContext"]["authorizer"] = {"lambda": api.authorize(late)}
    assert project.call(REVOKE, path={"keyId": other["keyId"]}).status == 204
    answer = app_of("manage_projects").handler(late, Context(60))
    assert answer["statusCode"] == 401
    assert [key["keyId"] for key in project.call(LIST).body["items"]] == [first]


@pytest.mark.parametrize("role", ["admin", "member", "ingest"])
def test_other_keys_and_an_owners_that_ends_may_end_themselves(api: Api, project: Project, role: str) -> None:
    ending = create(project, role="owner", expiresInSeconds=3600).body
    assert api.call(REVOKE, ending["apiKey"], path={"keyId": ending["keyId"]}).status == 204
    other = create(project, role=role).body
    own = api.call(REVOKE, other["apiKey"], path={"keyId": other["keyId"]})
    assert own.status == (204 if role == "admin" else 403)


@pytest.mark.parametrize("key_id", ["unknown", "é", "a/b", "a#b", "~", "x" * 5000, "🜚" * 300, "a\nb"])
def test_a_key_that_is_not_there_is_not_found(project: Project, key_id: str) -> None:
    assert project.call(REVOKE, path={"keyId": key_id}).status == 404


def test_another_projects_keys_do_not_exist(api: Api, project: Project, other_project: Project) -> None:
    key_id = create(project).body["keyId"]
    assert other_project.call(REVOKE, path={"keyId": key_id}).status == 404
    assert key_id in {key["keyId"] for key in project.call(LIST).body["items"]}
    assert key_id not in {key["keyId"] for key in other_project.call(LIST).body["items"]}
    assert api.call(LIST, project.owner).status == 200
