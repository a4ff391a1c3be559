"""The local cloud's gateway lets in the tokens that API Gateway would let in, and no others."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.gateway.tokens import Tokens
from local.template.blueprint import TokenAuthorizer
from tests.token_issuer import AUDIENCE, Issuer, issuer


@pytest.fixture(scope="module")
def provider() -> Iterator[Issuer]:
    with issuer() as running:
        yield running


def claims(provider: Issuer, header: str) -> dict[str, str] | None:
    return asyncio.run(Tokens().claims(TokenAuthorizer(provider.url, (AUDIENCE,), "authorization"), header))


def test_claims_are_handed_on_as_text(provider: Issuer) -> None:
    token = provider.token(email_verified=True, groups=["a", "b"], iat=1795514300)
    found = claims(provider, f"Bearer {token}")
    assert found
    assert (found["sub"], found["email_verified"], found["groups"]) == ("user_1", "true", "[a b]")
    assert found["iat"] == "1795514300"


@pytest.mark.parametrize(
    "said",
    [{"aud": ["other", AUDIENCE]}, {"aud": ..., "client_id": AUDIENCE}, {"nbf": 1_700_000_000}],
    ids=str,
)
def test_a_token_for_this_service_is_let_in(provider: Issuer, said: dict[str, Any]) -> None:
    assert claims(provider, f"Bearer {provider.token(**said)}")


@pytest.mark.parametrize(
    "said",
    [
        {"aud": "other"},
        {"aud": ...},
        {"aud": "other", "client_id": AUDIENCE},
        {"iss": "http://127.0.0.1:1"},
        {"iss": ...},
        {"exp": 1795514300 - 10**9},
        {"exp": ...},
        {"nbf": 4_102_444_800},
    ],
    ids=["audience", "no audience", "client for another", "issuer", "no issuer", "expired", "for ever", "too early"],
)
def test_another_token_is_not(provider: Issuer, said: dict[str, Any]) -> None:
    assert claims(provider, f"Bearer {provider.token(**said)}") is None


def test_a_token_that_another_has_signed_is_not(provider: Issuer) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert claims(provider, f"Bearer {provider.token(stranger)}") is None
    assert claims(provider, f"Bearer {provider.token('x' * 32, 'HS256')}") is None


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Bearer a.b.c", "Basic dXNlcjpwYXNz", "Bearer mk_a_b"])
def test_what_is_no_token_is_not(provider: Issuer, header: str) -> None:
    assert claims(provider, header) is None


def test_without_the_issuer_nobody_is_let_in(provider: Issuer) -> None:
    away = TokenAuthorizer("http://127.0.0.1:1", (AUDIENCE,), "authorization")
    assert asyncio.run(Tokens().claims(away, f"Bearer {provider.token()}")) is None
