"""The dashboard: its page, and its files, under a path that changes as soon as one of them does."""

import base64
import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from metering.aws.config import read_config
from metering.domain.errors import NotFoundError
from metering.http.problems import problem_response

FILES: Final = Path(__file__).parent / "static"
PAGE: Final = "index.html"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {asked}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
SECURITY: Final = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""What has its version in its path never changes there."""
ASK_AGAIN: Final = "no-cache"


class File(NamedTuple):
    """A file as it is sent."""

    kind: str
    tag: str
    packed: str
    """Its content, by gzip and in base64."""
    plain: str


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    given = (event.get("pathParameters") or {}).get("proxy")
    if given is None:
        return send(PAGE, ASK_AGAIN, event["headers"])
    asked, _, name = given.partition("/")
    if name not in names() or name == PAGE:
        return problem_response(NotFoundError(f"the dashboard has no file {name or given}"))
    return send(name, FOR_EVER if asked == version() else ASK_AGAIN, event["headers"])


def send(name: str, keep: str, headers: dict[str, str]) -> dict[str, Any]:
    """A file, or 304 to who has it already."""
    config = read_config()
    policy = policy_for(config.oidc_issuer, config.oidc_token_origin)
    file = load(name, policy)
    guarded = {**SECURITY, "content-security-policy": policy}
    sent = {**guarded, "cache-control": keep, "etag": file.tag, "vary": "accept-encoding"}
    if file.tag in headers.get("if-none-match", ""):
        return {"statusCode": 304, "headers": sent}
    sent["content-type"] = file.kind
    if "gzip" in headers.get("accept-encoding", ""):
        packed = {**sent, "content-encoding": "gzip"}
        return {"statusCode": 200, "headers": packed, "body": file.packed, "isBase64Encoded": True}
    return {"statusCode": 200, "headers": sent, "body": file.plain}


def policy_for(issuer: str, token_origin: str) -> str:
    """The Content-Security-Policy. The page may ask its own origin, and an identity provider's where there is one.

    `issuer` is its address, `token_origin` that of its token endpoint; both are empty where there is none.
    """
    address = urlsplit(issuer)
    origins = [f"{address.scheme}://{address.netloc}", token_origin] if issuer else []
    return POLICY.format(asked=" ".join(["'self'", *dict.fromkeys(filter(None, origins))]))


@cache
def names() -> frozenset[str]:
    files = (path for path in FILES.rglob("*") if path.suffix in TYPES)
    return frozenset(path.relative_to(FILES).as_posix() for path in files)


@cache
def version() -> str:
    """Of all files together: modules import each other by relative paths, so that one set is always of one version."""
    digest = hashlib.sha256()
    for name in sorted(names()):
        digest.update(name.encode() + b"\0" + (FILES / name).read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def load(name: str, policy: str) -> File:
    """A file; its tag is another under another policy, since who has a file already keeps the policy it came with."""
    text = (FILES / name).read_text()
    if name == PAGE:
        text = text.replace("{version}", version())
    content = text.encode()
    tag = f'W/"{hashlib.sha256(content + policy.encode()).hexdigest()[:20]}"'
    packed = base64.b64encode(gzip.compress(content, mtime=0)).decode()
    return File(TYPES[Path(name).suffix], tag, packed, text)
