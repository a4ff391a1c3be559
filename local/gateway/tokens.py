"""The JWT authorizer: tokens of an OpenID Connect issuer, verified by the keys that it publishes."""

import asyncio
import json
import urllib.request
from typing import Any, Final

import jwt

from local.template.blueprint import TokenAuthorizer

ALGORITHMS: Final = ("RS256", "RS384", "RS512")
"""API Gateway takes those of RSA alone."""
DISCOVERY_SECONDS: Final = 5.0


class Tokens:
    """Verifies tokens; what an issuer publishes is fetched once, and its keys again when one is not known."""

    def __init__(self) -> None:
        self._keys: dict[str, jwt.PyJWKClient] = {}

    async def claims(self, authorizer: TokenAuthorizer, header: str) -> dict[str, str] | None:
        """The claims of the token in an `Authorization` header, as functions get them, or None if it admits nobody."""
        token = header.removeprefix("Bearer ").strip()
        try:
            found = await asyncio.to_thread(self._verify, authorizer, token)
        except (jwt.PyJWTError, OSError, ValueError, KeyError):
            return None
        return {name: _text(value) for name, value in found.items()}

    def _verify(self, authorizer: TokenAuthorizer, token: str) -> dict[str, Any]:
        key = self._keys_of(authorizer.issuer).get_signing_key_from_jwt(token)
        # As API Gateway does: the audience, or, where a token names none, the client that it was given to.
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            issuer=authorizer.issuer,
            options={"require": ["exp"], "verify_aud": False},
        )
        audience = claims.get("aud", claims.get("client_id"))
        named = audience if isinstance(audience, list) else [audience]
        if not set(named) & set(authorizer.audience):
            raise jwt.InvalidAudienceError("the token is for somebody else")
        return claims

    def _keys_of(self, issuer: str) -> jwt.PyJWKClient:
        if issuer not in self._keys:
            address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
            with urllib.request.urlopen(address, timeout=DISCOVERY_SECONDS) as answer:  # noqa: S310  # the template's own
                self._keys[issuer] = jwt.PyJWKClient(json.load(answer)["jwks_uri"], timeout=DISCOVERY_SECONDS)
        return self._keys[issuer]


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    """A claim as API Gateway hands it on."""
    if isinstance(value, list):
        return f"[{' '.join(map(str, value))}]"
    return value if isinstance(value, str) else json.dumps(value)
