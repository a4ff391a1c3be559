"""An agent under a lease, for asyncio: what it does is cancelled as soon as it is not to go on."""

import asyncio
import logging
import time
from types import TracebackType
from typing import Final, Self

from metering_client import operations
from metering_client._async.transport import AsyncTransport
from metering_client._heartbeat import Lease, beat_seconds_of
from metering_client._wire import given
from metering_client.errors import MeteringError, NotFoundError

_LOG: Final = logging.getLogger("metering_client")


class AsyncAgent:
    """A slot of a session, taken while the block runs.

    When the session is paused, the task that entered is cancelled wherever it waits, as `asyncio.timeout` does it, and
    leaving the block raises AgentPausedError; AgentLostError, when the lease has run out. Code that does not wait can
    ask by `check()`.
    """

    def __init__(
        self,
        transport: AsyncTransport,
        session_id: str,
        agent_id: str,
        lease_seconds: int,
        run_id: str | None,
        beat_seconds: float | None,
    ) -> None:
        self._transport = transport
        self._path = {"sessionId": session_id, "agentId": agent_id}
        self._run_id = run_id
        self._beat_seconds = beat_seconds_of(lease_seconds) if beat_seconds is None else beat_seconds
        self._lease = Lease(agent_id, lease_seconds, time.monotonic)
        self._is_cancelling = False
        self._is_told = False
        self.agent_id = agent_id

    def check(self) -> None:
        """Returns while the agent is to go on.

        Raises:
            AgentPausedError: it is paused.
            AgentLostError: its lease has run out.
        """
        if self._lease.stopped is not None:
            self._is_told = True
            raise self._lease.stopped

    async def __aenter__(self) -> Self:
        """Takes the slot.

        Raises:
            LimitReachedError: as many agents run as may.
            SessionPausedError: the session or the project is paused.
            AgentPausedError: the agent runs already, and is paused.
        """
        body = given(agent_id=self.agent_id, lease_seconds=self._lease.seconds, run_id=self._run_id)
        path = {"sessionId": self._path["sessionId"]}
        self._lease.start(await self._transport.request(operations.START_AGENT, path=path, body=body))
        self.check()
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("an agent is entered in a task")
        self._task = task
        self._cancellations = task.cancelling()
        self._heart = asyncio.create_task(self._beat_until_stopped(), name=f"heart of {self.agent_id}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._heart.cancel()
        was_cancelled_by_us = await self._take_cancellation_back(error)
        await self._end()
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

    async def _beat(self) -> None:
        asked_at = time.monotonic()
        body = {"lease_seconds": self._lease.seconds}
        try:
            answer = await self._transport.request(operations.BEAT_AGENT, path=self._path, body=body, max_retries=0)
        except MeteringError as failure:
            self._lease.miss(failure)
        else:
            self._lease.take(answer, asked_at)

    async def _end(self) -> None:
        try:
            await self._transport.request(operations.END_AGENT, path=self._path, max_retries=1)
        except NotFoundError:
            return
        except MeteringError as failure:
            _LOG.warning("the agent %s could not be ended and its lease runs out: %s", self.agent_id, failure)


async def _let_cancellation_arrive() -> None:
    # It was asked for while the block ended, so it comes at the next wait: here, and not in what follows.
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        return
