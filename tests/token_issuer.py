"""An OpenID Connect issuer on loopback: what it publishes, and tokens that it signs."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

AUDIENCE = "meterstone"
KEY_BITS = 2048


class Issuer:
    """Signs by a key of its own, which it publishes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)

    def token(self, key: Any = None, algorithm: str = "RS256", **claims: Any) -> str:
        """A token for an hour; a claim of `...` is left out."""
        usual = {"iss": self.url, "aud": AUDIENCE, "sub": "user_1", "exp": int(time.time()) + 3600}
        said = {name: value for name, value in {**usual, **claims}.items() if value is not ...}
        return jwt.encode(said, key or self._key, algorithm, headers={"kid": "one"})

    def published(self, path: str) -> Any:
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}


@contextmanager
def issuer() -> Iterator[Issuer]:
    made: list[Issuer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(made[0].published(self.path)).encode()
            self.send_response(200)
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
