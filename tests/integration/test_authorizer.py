"""Who may call: keys, roles, revocation, and what is told of either."""

import json
from datetime import timedelta
from typing import Any

import pytest

from metering.aws.clients import make_secrets
from metering.aws.config import read_config
from metering.aws.secrets import REMEMBERED_SECONDS, SecretReader
from metering.domain.accounts import hash_secret, new_key_text, read_key
from metering.http.operations import BY_ROUTE, OPERATIONS
from tests.faults import answer_is_lost, faults, let_pass, refuse
from tests.integration.api import ADMIN_KEY, NOW, Api, Clock, Context, Project, app_of

ROLES = ("ingest", "member", "admin", "owner", "platform")
PROTECTED = [operation.route for operation in OPERATIONS if operation.roles is not None]
PROJECT = "GET /v1/project"


def authorizer_event(api: Api, authorization: str) -> dict[str, Any]:
    return api.event(PROJECT, None, None, {}, {}, {"Authorization": authorization})


def context_of(api: Api, authorization: str) -> dict[str, Any]:
    return api.authorize(authorizer_event(api, authorization))


def whole_table(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = dynamodb.scan(TableName=table)["Items"]
    return items


# ---------------------------------------------------------------------------- keys


def test_a_projects_key_stands_for_its_project_and_role(api: Api, project: Project) -> None:
    key = project.key("member")
    presented = read_key(key)
    assert presented
    assert context_of(api, f"Bearer {key}") == {
        "projectId": "prj_one",
        "role": "member",
        "keyId": presented.key_id,
        "pricingMode": "managed",
        "shards": 4,
    }


def test_the_admin_key_stands_for_the_platform_and_no_project(api: Api) -> None:
    context = context_of(api, f"Bearer {ADMIN_KEY}")
    assert (context["role"], context["projectId"]) == ("platform", "")


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "Bearer   "])
def test_the_schemes_case_and_spaces_do_not_matter(api: Api, project: Project, scheme: str) -> None:
    assert context_of(api, f"{scheme}{project.owner} ")["role"] == "owner"


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer mk_",
        "Bearer wrong",
        "Bearer é",
        f"Bearer {ADMIN_KEY}x",
        f"Bearer {ADMIN_KEY[:-1]}",
        f"bearer{ADMIN_KEY}",
        ADMIN_KEY,
        f"Bearer {new_key_text('abcdefghijkl')}",
        f"Bearer {ADMIN_KEY}, Bearer {ADMIN_KEY}",
        "Bearer " + "x" * 10_000,
    ],
    ids=lambda text: text[:20],
)
def test_whoever_presents_anything_else_is_unauthenticated(api: Api, project: Project, authorization: str) -> None:
    answer = api.call(PROJECT, headers={"Authorization": authorization})
    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert project.owner not in json.dumps(answer.body)


def test_a_wrong_secret_and_an_unknown_key_are_told_the_same(api: Api, project: Project) -> None:
    presented = read_key(project.owner)
    assert presented
    wrong_secret = api.call(PROJECT, new_key_text(presented.key_id))
    unknown = api.call(PROJECT, new_key_text("abcdefghijkl"))
    assert wrong_secret.status == 401
    assert wrong_secret == unknown


def test_an_empty_admin_key_admits_nobody(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_of("authorize_request").SECRETS, "read", lambda *_: "")
    for authorization in ("Bearer ", "Bearer", "Bearer x"):
        assert "denied" in context_of(api, authorization)


def test_a_flood_of_made_up_keys_asks_for_the_admin_key_once_a_second(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed, asked = [0.0], []
    app = app_of("authorize_request")
    secrets = make_secrets()
    secrets.meta.events.register("before-call.secrets-manager", lambda **_: asked.append(1))
    monkeypatch.setattr(app, "SECRETS", SecretReader(secrets, lambda: passed[0]))
    for number in range(20):
        assert "denied" in context_of(api, f"Bearer made-up-{number}")
    assert context_of(api, f"Bearer {ADMIN_KEY}")["role"] == "platform"
    assert len(asked) == 1
    secrets.put_secret_value(SecretId=read_config().admin_key_secret, SecretString="rotated")
    passed[0] = REMEMBERED_SECONDS
    assert "denied" in context_of(api, f"Bearer {ADMIN_KEY}")
    assert context_of(api, "Bearer rotated")["role"] == "platform"
    assert len(asked) == 3  # one of them has rotated it


def test_a_revoked_key_is_refused(api: Api, project: Project) -> None:
    key = project.key("admin")
    presented = read_key(key)
    assert presented
    assert api.call(PROJECT, key).status == 200
    assert project.call("DELETE /v1/api-keys/{keyId}", path={"keyId": presented.key_id}).status == 204
    assert api.call(PROJECT, key).status == 401
    assert api.call(PROJECT, project.owner).status == 200


def test_the_key_of_a_project_that_is_gone_is_refused(api: Api, project: Project, dynamodb: Any) -> None:
    dynamodb.delete_item(TableName="Accounts", Key={"account": {"S": "project#prj_one"}, "entry": {"S": "project"}})
    assert api.call(PROJECT, project.owner).status == 401


def test_no_secret_is_kept_in_clear(
    api: Api, project: Project, dynamodb: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = [project.owner, project.key("ingest")]
    api.call(PROJECT, keys[1])
    kept = json.dumps(whole_table(dynamodb, "Accounts"))
    for key in keys:
        presented = read_key(key)
        assert presented
        assert presented.secret not in kept
        assert hash_secret(presented.secret) in kept
        assert presented.secret not in capsys.readouterr().out


# ---------------------------------------------------------------------------- last use


def last_used(project: Project) -> set[str | None]:
    return {key["lastUsedAt"] for key in project.call("GET /v1/api-keys").body["items"] if key["role"] == "ingest"}


def test_the_last_use_is_noted_at_most_once_an_hour(api: Api, project: Project, clock: Clock) -> None:
    key = project.key("ingest")
    assert last_used(project) == {None}
    for minutes, noted in ((0, 0), (1, 0), (59, 0), (60, 60), (61, 60), (119, 60), (121, 121)):
        clock.moment = NOW + timedelta(minutes=minutes)
        api.call(PROJECT, key)
        assert last_used(project) == {f"2026-11-24T{10 + noted // 60}:{noted % 60:02d}:00.123456Z"}


def test_a_use_within_the_hour_writes_nothing(api: Api, project: Project) -> None:
    api.call(PROJECT, project.owner)
    with faults(app_of("authorize_request").CLIENT) as script:
        api.call(PROJECT, project.owner)
    assert set(script.operations) == {"GetItem"}


def test_a_note_that_cannot_be_written_stands_in_nobodys_way(api: Api, project: Project) -> None:
    client = app_of("authorize_request").CLIENT
    key = project.key("ingest")

    def throttle_writes(request: Any) -> Any:
        writes = request.headers["X-Amz-Target"].decode().endswith("TransactWriteItems")
        return refuse("ThrottlingException")(request) if writes else let_pass(request)

    with faults(client, *[throttle_writes] * 100):
        assert api.call(PROJECT, key).status == 200
    assert last_used(project) == {None}


def test_a_key_revoked_between_its_check_and_the_note_of_its_use_is_not_revived(
    api: Api, project: Project, dynamodb: Any
) -> None:
    key = project.key("ingest")
    presented = read_key(key)
    assert presented

    def revoke(request: Any) -> Any:
        for account, entry in ((f"key#{presented.key_id}", "key"), ("project#prj_one", f"key#{presented.key_id}")):
            dynamodb.delete_item(TableName="Accounts", Key={"account": {"S": account}, "entry": {"S": entry}})
        return let_pass(request)

    with faults(app_of("authorize_request").CLIENT, let_pass, revoke):
        api.call(PROJECT, key)
    left = [item for item in whole_table(dynamodb, "Accounts") if not item["account"]["S"].startswith("audit#")]
    assert presented.key_id not in json.dumps(left)


# ---------------------------------------------------------------------------- faults below


@pytest.mark.parametrize("fault", [refuse("ThrottlingException"), refuse("InternalServerError", 500), answer_is_lost])
def test_a_key_that_cannot_be_looked_up_is_unavailable_and_not_wrong(api: Api, project: Project, fault: Any) -> None:
    event = authorizer_event(api, f"Bearer {project.owner}")
    with faults(app_of("authorize_request").CLIENT, *[fault] * 100):
        context = app_of("authorize_request").handler(event, Context(5.6))["context"]
    event["requestContext"]["authorizer"] = {"lambda": context}
    del event["headers"]["authorization"]
    answer = api.send(event)
    assert (answer.status, answer.code) == (503, "unavailable")


def test_the_authorizers_answer_is_cached_by_key_alone_so_it_names_no_route(api: Api, project: Project) -> None:
    contexts = [
        api.authorize(api.event(route, project.owner, None, {}, {}, {})) for route in (PROJECT, "POST /v1/rates")
    ]
    assert contexts[0] == contexts[1]


# ---------------------------------------------------------------------------- roles


@pytest.mark.parametrize("route", PROTECTED)
def test_no_operation_answers_without_a_key(api: Api, route: str) -> None:
    answer = api.call(route, path=path_of(route))
    assert (answer.status, answer.code) == (401, "unauthenticated")


def path_of(route: str) -> dict[str, str]:
    return {part[1:-1]: "x" for part in route.split("/") if part.startswith("{")}


def test_every_role_may_what_its_operations_say_and_nothing_else(api: Api, project: Project) -> None:
    keys = {role: ADMIN_KEY if role == "platform" else project.key(role) for role in ROLES}
    for route in PROTECTED:
        roles = BY_ROUTE[route].roles
        assert roles
        for role in ROLES:
            # An empty body is refused, but not before the role is.
            answer = api.call(route, keys[role], raw="", path=path_of(route), query={"unknown": "1"})
            assert (answer.status == 403) == (role not in roles), (route, role, answer)
            assert answer.status != 401


def test_roles_are_those_of_the_contract() -> None:
    """The matrix of the contract, row by row."""
    rows: dict[str, set[str]] = {
        "POST /v1/callbacks/usage.computeCostAndRecord": {"ingest", "member", "admin", "owner"},
        "POST /v1/callbacks/usage.computeCostAndRecord/batch": {"ingest", "member", "admin", "owner"},
        "GET /v1/usage/records": {"member", "admin", "owner"},
        "GET /v1/usage/records/{recordId}": {"member", "admin", "owner"},
        "GET /v1/runs/{runId}/usage": {"member", "admin", "owner"},
        "POST /v1/rates": {"admin", "owner", "platform"},
        "POST /v1/api-keys": {"admin", "owner"},
        "GET /v1/api-keys": {"admin", "owner"},
        "DELETE /v1/api-keys/{keyId}": {"admin", "owner"},
        "PATCH /v1/project": {"owner"},
        "POST /v1/projects": {"platform"},
        "GET /v1/audit": {"admin", "owner", "platform"},
    }
    for route, roles in rows.items():
        assert BY_ROUTE[route].roles == roles, route


def test_a_platform_key_has_no_project_to_record_for(api: Api) -> None:
    for route in PROTECTED:
        if "platform" not in (BY_ROUTE[route].roles or ()):
            answer = api.call(route, ADMIN_KEY, path=path_of(route))
            assert (answer.status, answer.code) == (403, "forbidden")


def test_an_admin_cannot_make_a_key_of_a_higher_role(api: Api, project: Project) -> None:
    admin = project.key("admin")
    for role, status in (("ingest", 201), ("member", 201), ("admin", 201), ("owner", 403)):
        answer = api.call("POST /v1/api-keys", admin, body={"name": "n", "role": role})
        assert answer.status == status, role
