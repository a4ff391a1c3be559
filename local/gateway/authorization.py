"""The Lambda authorizer: what it says of a caller is remembered for as long as the template allows."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from local.gateway.events import Event
from local.template.blueprint import Authorizer
from local.workers.pool import Workers

KEPT_ANSWERS = 10_000


class Authorization:
    """Asks authorizers. Requests of one caller that come at once share one invocation."""

    def __init__(self, workers: Workers, clock: Callable[[], float] = time.monotonic) -> None:
        self._workers = workers
        self._clock = clock
        self._answers: dict[tuple[str, str], tuple[float, asyncio.Task[Any]]] = {}

    async def ask(self, authorizer: Authorizer, identity: str, event: Event) -> dict[str, Any] | None:
        """The context that the authorizer gives this caller, or None if it refuses; an InvocationError if it fails."""
        key = (authorizer.function, identity)
        expires, task = self._answers.get(key, (0.0, None))
        now = self._clock()
        if task is None or now >= expires or (task.done() and _failed(task)):
            task = asyncio.create_task(self._workers.invoke(authorizer.function, event))
            self._remember(key, now + authorizer.cache_seconds, task)
        answer = await asyncio.shield(task)
        return (answer.get("context") or {}) if answer.get("isAuthorized") is True else None

    def _remember(self, key: tuple[str, str], expires: float, task: asyncio.Task[Any]) -> None:
        self._answers.pop(key, None)
        self._answers[key] = (expires, task)
        if len(self._answers) > KEPT_ANSWERS:
            del self._answers[next(iter(self._answers))]


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.cancelled() or task.exception() is not None
