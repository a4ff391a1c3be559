"""Waiting for a queue's messages as the local cloud needs it: looked for as often as a stream's records, until told.

ministack looks ten times a second, and cannot be told that whoever waits is about to end.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from ministack.services import sqs

from local.emulator.streams import LOOK_AGAIN_SECONDS

Answer: TypeAlias = dict[str, Any]
Action: TypeAlias = Callable[[dict[str, Any], str], Awaitable[Answer]]

_HANDLERS: dict[str, Action] = sqs._HANDLERS  # noqa: SLF001 - it has no public name
_RECEIVE, _WAIT = "ReceiveMessage", "WaitTimeSeconds"


class Queues:
    """Takes the place of ministack's own waiting. `hurried`: nobody waits any more, so that readers can be stopped."""

    def __init__(self) -> None:
        self.hurried = False
        self._receive = _HANDLERS[_RECEIVE]
        _HANDLERS[_RECEIVE] = self.receive

    async def receive(self, request: dict[str, Any], url: str) -> Answer:
        """The messages that there are; else what comes within the request's wait, in seconds."""
        if _WAIT not in request:
            return await self._receive(request, url)
        deadline = time.monotonic() + int(request[_WAIT])
        while not (answer := await self._receive({**request, _WAIT: 0}, url)):
            if self.hurried or time.monotonic() >= deadline:
                break
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        return answer
