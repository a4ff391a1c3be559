"""An OpenID Connect issuer on loopback: what it publishes, tokens that it signs, and the authorization code flow."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

AUDIENCE = "meterstone"
KEY_BITS = 2048
CONFIGURATION = "/.well-known/openid-configuration"


@dataclass
class Person:
    """Who sits before the browser, and what becomes of it: a test changes what it is about."""

    claims: dict[str, Any] = field(default_factory=dict)
    """What the tokens say beside the usual; `...` leaves a claim out."""
    says: dict[str, str] = field(default_factory=dict)
    """What the browser is sent back with instead of what belongs there; what is empty is left out."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """What was asked for with each code that is not redeemed yet."""


class Issuer:
    """Signs by a key of its own, which it publishes, for whoever comes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.person = Person()
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)

    def token(self, key: Any = None, algorithm: str = "RS256", **claims: Any) -> str:
        """A token for an hour; a claim of `...` is left out."""
        usual = {"iss": self.url, "aud": AUDIENCE, "sub": "user_1", "exp": int(time.time()) + 3600}
        said = {name: value for name, value in {**usual, **claims}.items() if value is not ...}
        return jwt.encode(said, key or self._key, algorithm, headers={"kid": "one"})

    def published(self, path: str) -> Any:
        if path == CONFIGURATION:
            return {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
            }
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to. The person signs in at once."""
        assert (asked["response_type"], asked["client_id"]) == ("code", AUDIENCE)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self.person.codes[code] = asked
        said = {"code": code, "state": asked["state"], "iss": self.url, **self.person.says}
        return f"{asked['redirect_uri']}?{urlencode({name: text for name, text in said.items() if text})}"

    def redeem(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to a code: once, and only for whoever has asked for it."""
        asked = self.person.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or form["grant_type"] != "authorization_code" or challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant", "error_description": "the code is not valid"}
        if any(form[name] != asked[name] for name in ("client_id", "redirect_uri")):
            return 400, {"error": "invalid_grant", "error_description": "the code is of another client"}
        token = self.token(**{"nonce": asked["nonce"], **self.person.claims})
        return 200, {"id_token": token, "access_token": "for nothing", "token_type": "Bearer"}


@contextmanager
def issuer() -> Iterator[Issuer]:
    made: list[Issuer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path == "/authorize":
                self.send_response(302)
                self.send_header("location", made[0].authorize(dict(parse_qsl(address.query))))
                self.send_header("content-length", "0")
                self.end_headers()
            else:
                self.answer(200, made[0].published(address.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self.answer(*made[0].redeem(dict(parse_qsl(body))))

        def answer(self, status: int, document: Any) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("access-control-allow-origin", "*")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.append(Issuer(f"http://127.0.0.1:{server.server_port}"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield made[0]
        finally:
            server.shutdown()
