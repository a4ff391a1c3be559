"""An agent under a lease, for asyncio: what it does is cancelled as soon as it is not to go on."""

import asyncio
from types import TracebackType
from typing import Self

from metering_client._async.slots import AsyncSlot


class AsyncAgent(AsyncSlot):
    """A slot of a session, taken while the block runs.

    When the session is paused, the task that entered is cancelled wherever it waits, as `asyncio.timeout` does it, and
    leaving the block raises AgentPausedError; AgentLostError, when the lease has run out. Code that does not wait can
    ask by `check()`.
    """

    _is_cancelling = False

    async def __aenter__(self) -> Self:
        """Takes the slot.

        Raises:
            LimitReachedError: as many agents run as may.
            SessionPausedError: the session or the project is paused.
            AgentPausedError: the agent runs already, and is paused.
        """
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("an agent is entered in a task")
        await self._take()
        self._task = task
        self._cancellations = task.cancelling()
        self._heart = asyncio.create_task(self._beat_until_stopped(), name=f"heart of {self.agent_id}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._heart.cancel()
        was_cancelled_by_us = await self._take_cancellation_back(error)
        await self._give_back()
        if self._lease.stopped is None or self._is_told:
            return
        if error is None or was_cancelled_by_us:
            raise self._lease.stopped from error

    async def _take_cancellation_back(self, error: BaseException | None) -> bool:
        """Undoes a cancellation of ours; whether it is what ended the block, and nobody else cancels."""
        if not self._is_cancelling:
            return False
        self._is_cancelling = False
        is_ours_alone = self._task.uncancel() <= self._cancellations
        if not isinstance(error, asyncio.CancelledError):
            await _let_cancellation_arrive()
        return isinstance(error, asyncio.CancelledError) and is_ours_alone

    async def _beat_until_stopped(self) -> None:
        while self._lease.stopped is None:
            await asyncio.sleep(self._beat_seconds)
            await self._beat()
        self._is_cancelling = True
        self._task.cancel()


async def _let_cancellation_arrive() -> None:
    # It was asked for while the block ended, so it comes at the next wait: here, and not in what follows.
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        return
