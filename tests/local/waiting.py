"""Waiting for what will become true, instead of sleeping."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_AGAIN_SECONDS = 0.02


def eventually(look: Callable[[], T], within: float = 120) -> T:
    """What `look` answers, as soon as that is something; AssertionError with its last answer after so many seconds."""
    deadline = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {within} seconds; at last it was {found!r}"
        time.sleep(LOOK_AGAIN_SECONDS)
    return found
