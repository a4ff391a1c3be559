"""Cursors: opaque, and bound to the list that they continue."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TypeVar

from metering.domain.errors import MalformedRequestError

T = TypeVar("T")


def take(rows: Iterable[T], limit: int) -> tuple[list[T], bool]:
    """The first `limit` rows, and whether there are more."""
    taken = list(islice(rows, limit + 1))
    return taken[:limit], len(taken) > limit


def write_cursor(name: str, places: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps([name, *places]).encode()).decode().rstrip("=")


def read_cursor(name: str, cursor: str | None, length: int) -> list[str] | None:
    """The places that `write_cursor` wrote for the list `name`, or None without a cursor.

    Raises:
        MalformedRequestError: it was not written for this list.
    """
    if cursor is None:
        return None
    try:
        places = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise MalformedRequestError("the cursor is not one of ours") from None
    fits = isinstance(places, list) and len(places) == length + 1 and all(isinstance(place, str) for place in places)
    if not fits or places[0] != name:
        raise MalformedRequestError("the cursor belongs to another list")
    return [str(place) for place in places[1:]]
