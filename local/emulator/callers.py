"""Whom the emulator answers: programs, and of pages in a browser nothing but the download of a presigned link.

Its credentials are no secret, and ministack lets every origin read what it answers, the admin key among it. So what
tells a caller apart is what a page of somebody else cannot do: name `Authorization` without asking first, which is
refused as any other request is, or name this machine, where its own name has been made to resolve to it.
"""

import re
from typing import Final
from urllib.parse import parse_qsl

from local.asgi import Scope

OWN_AUTHORIZATION: Final = "Local-Cloud"
"""The scheme of the local cloud's own requests; boto3 signs its."""
_SCHEMES: Final = (b"AWS4-HMAC-SHA256 ", OWN_AUTHORIZATION.encode())
_HERE: Final = re.compile(rb"(127\.0\.0\.1|localhost)(:[0-9]+)?", re.IGNORECASE)


def is_welcome(scope: Scope) -> bool:
    """Whether a request is answered."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if not _HERE.fullmatch(headers.get(b"host", b"")):
        return False
    return headers.get(b"authorization", b"").startswith(_SCHEMES) or (b"origin" not in headers and _is_download(scope))


def _is_download(scope: Scope) -> bool:
    """Whether it reads one object by a presigned link. `Action` would make it a call of another service."""
    query = {name.lower() for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)}
    bucket, _, key = scope["path"].removeprefix("/").partition("/")
    return scope["method"] == "GET" and bool(bucket and key) and "x-amz-signature" in query and "action" not in query
