"""Pages of lists, and cursors: opaque, and bound to the list that they continue."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from metering.domain.errors import MalformedRequestError

T = TypeVar("T")

MOST_PAGE_BYTES: Final = 5 * 1024 * 1024
"""Lambda hands on 6 MiB, in which the answer is a string of JSON and so escaped once more."""
_MOST_PLACE_BYTES: Final = 1000
"""A place is part of a key, and DynamoDB's sort keys have at most 1,024 bytes."""


def take(rows: Iterable[T], limit: int) -> tuple[list[T], bool]:
    """The first `limit` rows, and whether there are more."""
    taken = list(islice(rows, limit + 1))
    return taken[:limit], len(taken) > limit


def page_of(
    name: str,
    rows: Iterable[T],
    limit: int,
    *,
    answer: Callable[[T], dict[str, Any]],
    places: Callable[[T], Sequence[str]],
) -> dict[str, Any]:
    """`items`, the answers of the first rows, and the `nextCursor` behind which there are more.

    They are `limit` rows, or fewer where those would not fit into one answer.
    """
    items: list[dict[str, Any]] = []
    last: T | None = None
    size = 0
    for row in rows:
        item = answer(row)
        size += _size(item)
        if last is not None and (len(items) == limit or size > MOST_PAGE_BYTES):
            return {"items": items, "nextCursor": write_cursor(name, places(last))}
        items.append(item)
        last = row
    return {"items": items, "nextCursor": None}


def is_too_large(answer: dict[str, Any]) -> bool:
    """Whether an answer that has no pages is more than Lambda hands on."""
    return _size(answer) > MOST_PAGE_BYTES


def _size(item: dict[str, Any]) -> int:
    return len(json.dumps(_encode(item)))


def write_cursor(name: str, places: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(_encode([name, *places]).encode()).decode().rstrip("=")


def read_cursor(name: str, cursor: str | None, length: int) -> list[str] | None:
    """The places that `write_cursor` wrote for the list `name`, or None without a cursor.

    Raises:
        MalformedRequestError: it was not written for this list.
    """
    if cursor is None:
        return None
    try:
        places = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise MalformedRequestError("the cursor is not one of ours") from None
    fits = isinstance(places, list) and len(places) == length + 1 and all(map(_is_place, places))
    if not fits or places[0] != name:
        raise MalformedRequestError("the cursor belongs to another list")
    return [str(place) for place in places[1:]]


def _is_place(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and 0 < len(value.encode()) <= _MOST_PLACE_BYTES


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
