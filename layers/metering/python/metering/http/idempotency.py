"""The Idempotency-Key header, where a body has no key of its own."""

from collections.abc import Mapping
from typing import Final

from metering.domain.errors import InvalidRequestError

HEADER: Final = "Idempotency-Key"
_MOST_CHARACTERS: Final = 200


def idempotency_key_of(headers: Mapping[str, str]) -> str | None:
    """The header's key, 1 to 200 printable characters, or None without one.

    Raises:
        InvalidRequestError: it is longer, or does not print.
    """
    key = headers.get(HEADER.lower())
    if key is not None and (not 1 <= len(key) <= _MOST_CHARACTERS or not key.isprintable()):
        raise InvalidRequestError.at(HEADER, f"must have 1 to {_MOST_CHARACTERS} printable characters")
    return key
