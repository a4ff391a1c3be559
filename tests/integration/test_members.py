"""Members and their roles; the last owner stays."""

from typing import Any

import pytest

from tests.integration.api import Api, Project

MEMBER = "/v1/project/members/{userId}"


def put(project: Project, user: str, role: str) -> Any:
    return project.call(f"PUT {MEMBER}", path={"userId": user}, body={"role": role})


def test_who_makes_a_project_is_its_owner(project: Project) -> None:
    answer = project.call(f"GET {MEMBER}", path={"userId": "user_1"})
    assert (answer.status, answer.body["role"]) == (200, "owner")
    assert project.call(f"GET {MEMBER}", path={"userId": "user_2"}).status == 404


def test_a_role_is_given_changed_and_taken(project: Project) -> None:
    assert (put(project, "ada", "member").status, put(project, "ada", "admin").status) == (201, 200)
    assert project.call(f"GET {MEMBER}", path={"userId": "ada"}).body["role"] == "admin"
    assert project.call(f"DELETE {MEMBER}", path={"userId": "ada"}).status == 204
    assert project.call(f"DELETE {MEMBER}", path={"userId": "ada"}).status == 404


@pytest.mark.parametrize("role", ["admin", "member", "ingest"])
def test_the_last_owner_can_be_neither_demoted_nor_removed(project: Project, role: str) -> None:
    demoted, removed = put(project, "user_1", role), project.call(f"DELETE {MEMBER}", path={"userId": "user_1"})
    assert [(answer.status, answer.body["code"]) for answer in (demoted, removed)] == [(409, "last_owner")] * 2
    assert put(project, "user_1", "owner").status == 200


def test_of_two_owners_one_may_go(project: Project) -> None:
    put(project, "ada", "owner")
    assert project.call(f"DELETE {MEMBER}", path={"userId": "user_1"}).status == 204
    assert put(project, "ada", "member").status == 409
    put(project, "bob", "owner")
    assert put(project, "ada", "member").status == 200
    assert project.call(f"DELETE {MEMBER}", path={"userId": "bob"}).status == 409


@pytest.mark.parametrize("role", ["ingest", "member", "admin"])
def test_only_owners_give_roles(api: Api, project: Project, role: str) -> None:
    answer = api.call(f"PUT {MEMBER}", project.key(role), path={"userId": "ada"}, body={"role": "owner"})
    assert answer.status == 403


def test_members_are_listed_page_by_page(project: Project) -> None:
    names = ["a", "a b", "a#b", "b", "user_1", "é", "🜚"]
    for name in names:
        put(project, name, "owner" if name == "user_1" else "member")
    found: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = project.call("GET /v1/project/members", query=query).body
        found += [member["userId"] for member in page["items"]]
        if page["nextCursor"] is None:
            break
        query = {"limit": 3, "cursor": page["nextCursor"]}
    assert found == sorted(names)


def test_a_list_of_members_is_of_one_project(project: Project, other_project: Project) -> None:
    put(project, "ada", "admin")
    members = [member["userId"] for member in other_project.call("GET /v1/project/members").body["items"]]
    assert members == ["user_1"]


def test_members_of_one_project_are_nobody_in_another(project: Project, other_project: Project) -> None:
    put(project, "ada", "admin")
    assert other_project.call(f"GET {MEMBER}", path={"userId": "ada"}).status == 404
