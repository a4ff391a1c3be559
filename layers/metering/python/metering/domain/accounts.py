"""Projects, API keys and what a role may do."""

import hashlib
import hmac
import re
import secrets
from typing import Final, Literal, NamedTuple, get_args

from metering.domain.rating import PricingMode

Role = Literal["ingest", "member", "admin", "owner", "platform"]
KeyRole = Literal["ingest", "member", "admin", "owner"]
ADMIN_ROLE: Final[Role] = "platform"
"""The role of the platform's admin key, which belongs to no project."""

RECORDERS: Final[frozenset[Role]] = frozenset({"ingest", "member", "admin", "owner"})
READERS: Final[frozenset[Role]] = frozenset({"member", "admin", "owner"})
LIMITERS: Final[frozenset[Role]] = frozenset({"ingest", "admin", "owner"})
"""Who makes sessions, sets limits and resumes: the platform's own code, and those who administer."""
ADMINS: Final[frozenset[Role]] = frozenset({"admin", "owner"})
OWNERS: Final[frozenset[Role]] = frozenset({"owner"})
PLATFORM: Final[frozenset[Role]] = frozenset({ADMIN_ROLE})

_KEY = re.compile(r"mk_([a-z0-9]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
_ID_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


def lower_role(one: KeyRole, other: KeyRole) -> KeyRole:
    """The lesser of two roles, in the order ingest, member, admin, owner."""
    return min(one, other, key=get_args(KeyRole).index)


class Project(NamedTuple):
    """One customer of the platform; usage, rates and keys belong to it."""

    project_id: str
    name: str
    pricing_mode: PricingMode
    created_at: str
    shards: int
    markup_basis_points: int = 0
    """Hundredths of a percent that `stripe` exports put on top of what is billed."""


class ApiKey(NamedTuple):
    """A key as it is kept: its secret only as a SHA-256 hash, which is enough for 256 random bits."""

    key_id: str
    project_id: str
    name: str
    role: KeyRole
    secret_hash: str
    created_at: str
    last_used_at: str | None = None
    user_id: str | None = None
    """The member whom it is bound to."""
    member_since: str | None = None
    """When that membership began: whoever is removed and comes back does not get old keys back."""
    expires_at: str | None = None
    """The first instant at which it is refused."""


class Member(NamedTuple):
    """A person of a project."""

    user_id: str
    role: KeyRole
    created_at: str


class Presented(NamedTuple):
    """A key as a caller presents it."""

    key_id: str
    secret: str


def new_id(length: int = 12) -> str:
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(length))


def new_key_text(key_id: str) -> str:
    """A fresh key `mk_<keyId>_<secret>` with 256 random bits."""
    return f"mk_{key_id}_{secrets.token_urlsafe(32)}"


def read_key(text: str) -> Presented | None:
    match = _KEY.fullmatch(text)
    return Presented(*match.groups()) if match else None


def hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(presented: str, secret_hash: str) -> bool:
    """Whether a secret has this hash, in constant time."""
    return hmac.compare_digest(hash_secret(presented), secret_hash)
