"""Sign-in: the gateway has verified a token, and a member gets a key that ends by itself."""

from datetime import timedelta
from typing import Any

import pytest

from tests.answers import Answer
from tests.integration.api import NOW, Api, Clock, Project

SIGN_IN = "POST /v1/sign-in"
MEMBER = "/v1/project/members/{userId}"
ISSUER = "https://login.example.com"
CLAIMS = {"iss": ISSUER, "aud": "meterstone", "sub": "user_1", "exp": "1795517900"}


@pytest.fixture(autouse=True)
def _provider(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001  # it sets the others
    monkeypatch.setenv("OIDC_ISSUER", ISSUER)
    monkeypatch.setenv("OIDC_AUDIENCE", "meterstone")


def sign_in(api: Api, claims: dict[str, Any] | None, project: str = "prj_one", **fields: Any) -> Answer:
    """The answer to a request whose token the gateway's JWT authorizer has verified, with these claims."""
    event = api.event(SIGN_IN, None, None, {}, {}, {"authorization": "Bearer an.identity.token"})
    event["body"] = f'{{"projectId": "{project}"}}'
    if claims is not None:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    return api.send({**event, **fields})


def put(project: Project, user: str, role: str) -> None:
    assert project.call(f"PUT {MEMBER}", path={"userId": user}, body={"role": role}).status in {200, 201}


@pytest.mark.parametrize("role", ["ingest", "member", "admin", "owner"])
def test_a_member_gets_a_key_of_the_members_role(api: Api, project: Project, role: str) -> None:
    put(project, "ada", role)
    answer = sign_in(api, {**CLAIMS, "sub": "ada"})
    assert answer.status == 201
    key = answer.body.pop("apiKey")
    assert answer.body == {
        "keyId": answer.body["keyId"],
        "projectId": "prj_one",
        "name": "sign-in",
        "role": role,
        "userId": "ada",
        "createdAt": "2026-11-24T10:00:00.123456Z",
        "expiresAt": "2026-11-24T18:00:00.123456Z",
        "lastUsedAt": None,
    }
    context = api.authorize(api.event("GET /v1/project", key, None, {}, {}, {}))
    assert (context["role"], context["userId"]) == (role, "ada")


def test_the_key_ends_by_itself_and_with_the_membership(api: Api, project: Project, clock: Clock) -> None:
    put(project, "ada", "admin")
    keys = [sign_in(api, {**CLAIMS, "sub": "ada"}).body["apiKey"] for _ in range(2)]
    clock.moment = NOW + timedelta(hours=8, microseconds=-1)
    assert api.call("GET /v1/project", keys[0]).status == 200
    clock.moment = NOW + timedelta(hours=8)
    assert api.call("GET /v1/project", keys[0]).status == 401
    clock.moment = NOW
    project.call(f"DELETE {MEMBER}", path={"userId": "ada"})
    assert api.call("GET /v1/project", keys[1]).status == 401


@pytest.mark.parametrize("project_id", ["prj_one", "prj_three"])
def test_whoever_is_no_member_is_refused_and_does_not_learn_which_projects_there_are(
    api: Api, project: Project, project_id: str
) -> None:
    answer = sign_in(api, {**CLAIMS, "sub": "bob"}, project_id)
    assert (answer.status, answer.code) == (403, "forbidden")
    assert answer.body["detail"] == f"bob is no member of the project {project_id}"
    assert len(project.call("GET /v1/api-keys").body["items"]) == 1


def test_a_member_of_another_project_is_a_stranger_here(api: Api, project: Project, other_project: Project) -> None:
    put(other_project, "ada", "owner")
    assert sign_in(api, {**CLAIMS, "sub": "ada"}, project.id).status == 403
    assert sign_in(api, {**CLAIMS, "sub": "ada"}, other_project.id).status == 201


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"email": "ada@example.com", "email_verified": "true"}, 201),
        ({"email": "ada@example.com", "email_verified": True}, 201),
        ({"email": "ada@example.com", "email_verified": "false"}, 403),
        ({"email": "ada@example.com", "email_verified": False}, 403),
        ({"email": "ada@example.com"}, 403),
        ({"email": "Ada@example.com", "email_verified": "true"}, 403),
        ({"email_verified": "true"}, 403),
    ],
)
@pytest.mark.usefixtures("api")
def test_an_address_counts_only_if_the_provider_has_verified_it(
    api: Api, project: Project, monkeypatch: pytest.MonkeyPatch, claims: dict[str, Any], status: int
) -> None:
    monkeypatch.setenv("OIDC_USER_CLAIM", "email")
    put(project, "ada@example.com", "member")
    assert sign_in(api, {**CLAIMS, **claims}).status == status


@pytest.mark.parametrize("subject", [None, "", "x" * 201, "a\nb", 7, ["user_1"]])
@pytest.mark.usefixtures("project")
def test_a_token_that_names_nobody_is_refused(api: Api, subject: Any) -> None:
    assert sign_in(api, {**CLAIMS, "sub": subject}).status == 403


@pytest.mark.usefixtures("project")
def test_a_request_without_verified_claims_is_unauthenticated(api: Api) -> None:
    for answer in (sign_in(api, None), sign_in(api, {})):
        assert (answer.status, answer.code) == (401, "unauthenticated")


@pytest.mark.usefixtures("project")
def test_a_key_is_no_identity_token(api: Api, project: Project) -> None:
    assert api.call(SIGN_IN, project.owner, body={"projectId": "prj_one"}).status == 401


@pytest.mark.usefixtures("project")
def test_what_does_not_fit_is_named(api: Api) -> None:
    assert sign_in(api, CLAIMS, "not a project").paths == {"projectId"}
    assert sign_in(api, CLAIMS, body="{}").paths == {"projectId"}


def test_a_sign_in_is_in_the_audit_log(api: Api, project: Project) -> None:
    answer = sign_in(api, CLAIMS)
    [entry] = project.call("GET /v1/audit", query={"action": "signIn"}).body["items"]
    assert (entry["keyId"], entry["userId"], entry["role"]) == ("sign-in", "user_1", "owner")
    assert entry["target"] == {"keyId": answer.body["keyId"]}
    assert entry["change"] == {"projectId": "prj_one"}


def test_the_page_learns_where_to_sign_in(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = api.call("GET /v1/sign-in")
    assert answer.body == {"enabled": True, "issuer": ISSUER, "clientId": "meterstone"}
    monkeypatch.setenv("OIDC_ISSUER", "")
    assert api.call("GET /v1/sign-in").body == {"enabled": False, "issuer": None, "clientId": None}


def test_without_a_provider_there_is_no_route(api: Api) -> None:
    event = api.event(SIGN_IN, None, "{}", {}, {}, {})
    answer = api.send({**event, "routeKey": "$default"})
    assert (answer.status, answer.code) == (404, "not_found")
