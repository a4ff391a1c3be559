"""Keys that are bound to members, and keys that expire."""

from datetime import timedelta
from typing import Any

import pytest

from metering.domain.accounts import hash_secret, lower_role
from tests.faults import faults
from tests.integration.api import NOW, Api, Clock, Project, app_of

MEMBER = "/v1/project/members/{userId}"
ROLES = ("ingest", "member", "admin", "owner")


def give(project: Project, user: str, role: str) -> None:
    assert project.call(f"PUT {MEMBER}", path={"userId": user}, body={"role": role}).status in {200, 201}


def bound(project: Project, user: str, role: str, **fields: Any) -> Any:
    body = {"name": "n", "role": role, "userId": user, **fields}
    answer = project.call("POST /v1/api-keys", body=body)
    assert answer.status == 201, answer
    return answer.body


def context_of(api: Api, key: str) -> dict[str, Any]:
    return api.authorize(api.event("GET /v1/project", key, None, {}, {}, {}))


@pytest.mark.parametrize("members_role", ROLES)
@pytest.mark.parametrize("keys_role", ROLES)
def test_a_bound_key_may_no_more_than_its_member(api: Api, project: Project, keys_role: str, members_role: str) -> None:
    give(project, "ada", members_role)
    context = context_of(api, bound(project, "ada", keys_role)["apiKey"])
    lower = min(keys_role, members_role, key=ROLES.index)
    assert (context["role"], context["userId"]) == (lower, "ada")
    assert lower_role(keys_role, members_role) == lower  # type: ignore[arg-type]  # the roles are text here


def test_a_change_of_role_holds_for_keys_that_are_there(api: Api, project: Project) -> None:
    give(project, "ada", "admin")
    key = bound(project, "ada", "admin")["apiKey"]
    assert api.call("GET /v1/api-keys", key).status == 200
    give(project, "ada", "member")
    assert api.call("GET /v1/api-keys", key).status == 403
    give(project, "ada", "owner")
    assert context_of(api, key)["role"] == "admin"


def test_a_removed_members_keys_are_refused_and_stay_so(api: Api, project: Project, clock: Clock) -> None:
    give(project, "ada", "admin")
    key = bound(project, "ada", "member")["apiKey"]
    project.call(f"DELETE {MEMBER}", path={"userId": "ada"})
    assert api.call("GET /v1/project", key).status == 401
    clock.moment = NOW + timedelta(seconds=1)
    give(project, "ada", "admin")
    assert api.call("GET /v1/project", key).status == 401
    assert api.call("GET /v1/project", bound(project, "ada", "member")["apiKey"]).status == 200


def test_a_key_is_bound_to_a_member_of_its_own_project(project: Project, other_project: Project) -> None:
    give(other_project, "ada", "admin")
    answer = project.call("POST /v1/api-keys", body={"name": "n", "role": "member", "userId": "ada"})
    assert (answer.status, answer.paths) == (422, {"userId"})


def test_the_list_shows_whom_a_key_is_bound_to_and_when_it_ends(project: Project) -> None:
    made = bound(project, "user_1", "member", expiresInSeconds=3600)
    [listed] = [key for key in project.call("GET /v1/api-keys").body["items"] if key["keyId"] == made["keyId"]]
    assert (listed["userId"], listed["expiresAt"]) == ("user_1", "2026-11-24T11:00:00.123456Z")
    del made["apiKey"]
    assert listed == made


def test_a_key_works_until_the_moment_it_expires(api: Api, project: Project, clock: Clock) -> None:
    body = {"name": "n", "role": "ingest", "expiresInSeconds": 60}
    key = project.call("POST /v1/api-keys", body=body).body["apiKey"]
    clock.moment = NOW + timedelta(seconds=60, microseconds=-1)
    assert api.call("GET /v1/project", key).status == 200
    clock.moment = NOW + timedelta(seconds=60)
    assert api.call("GET /v1/project", key).status == 401
    assert api.call("GET /v1/project", project.owner).status == 200


def test_a_key_that_expires_is_removed_by_the_database(project: Project, dynamodb: Any) -> None:
    made = bound(project, "user_1", "member", expiresInSeconds=3600)
    items = dynamodb.scan(TableName="Accounts")["Items"]
    ours = [item for item in items if item.get("keyId", {}).get("S") == made["keyId"]]
    assert [item["expires"] for item in ours] == [{"N": "1795518000"}] * 2
    assert hash_secret("") not in str(ours)
    assert not [item for item in items if "expires" in item and item not in ours]


def test_a_bound_key_costs_the_authorizer_no_further_call(api: Api, project: Project) -> None:
    key = bound(project, "user_1", "member")["apiKey"]
    context_of(api, key)
    with faults(app_of("authorize_request").CLIENT) as script:
        context_of(api, key)
    assert script.operations == ["GetItem", "BatchGetItem"]


@pytest.mark.parametrize("role", ["ingest", "member", "admin"])
def test_whoever_makes_a_key_for_an_owner_makes_none_of_that_role(api: Api, project: Project, role: str) -> None:
    answer = api.call("POST /v1/api-keys", project.key(role), body={"name": "n", "role": "owner", "userId": "user_1"})
    assert answer.status == 403
