"""Sign-in from end to end: an issuer, the gateway that verifies its tokens, and the key that a member gets."""

from pathlib import Path

import httpx
import pytest

from tests.local.running_cloud import RunningCloud, authorization
from tests.token_issuer import AUDIENCE, issuer

pytestmark = pytest.mark.local


def test_a_member_signs_in_with_a_token_of_the_issuer_that_parameters_name(tmp_path: Path) -> None:
    with issuer() as provider:
        options = ("--parameter", f"OidcIssuer={provider.url}", "--parameter", f"OidcAudience={AUDIENCE}")
        with RunningCloud(tmp_path / "state", options) as cloud:
            described = httpx.get(f"{cloud.url}/v1/sign-in").json()
            assert described == {"enabled": True, "issuer": provider.url, "clientId": AUDIENCE}
            project = {"name": "One", "projectId": "prj_one", "ownerId": "user_1"}
            made = httpx.post(f"{cloud.url}/v1/projects", json=project, headers=authorization(cloud.admin_key))
            assert made.status_code == 201

            def sign_in(token: str) -> httpx.Response:
                body = {"projectId": "prj_one"}
                return httpx.post(f"{cloud.url}/v1/sign-in", json=body, headers=authorization(token))

            signed_in = sign_in(provider.token())
            assert (signed_in.status_code, signed_in.json()["role"]) == (201, "owner")
            asked = httpx.get(f"{cloud.url}/v1/audit", headers=authorization(signed_in.json()["apiKey"]))
            assert asked.json()["items"][0]["userId"] == "user_1"
            refused = [sign_in(provider.token(sub="user_2")), sign_in(provider.token(aud="other")), sign_in("mk_a_b")]
            assert [answer.status_code for answer in refused] == [403, 401, 401]


def test_without_an_issuer_there_is_nothing_to_sign_in_to(cloud: RunningCloud) -> None:
    assert httpx.get(f"{cloud.url}/v1/sign-in").json()["enabled"] is False
    assert httpx.post(f"{cloud.url}/v1/sign-in", json={"projectId": "prj_one"}).status_code == 404
