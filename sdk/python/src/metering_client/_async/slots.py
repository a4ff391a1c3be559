"""An agent's slot in its session: taking it, keeping it by heartbeats, and giving it back."""

import logging
import time
from typing import Final

from metering_client import operations
from metering_client._async.transport import AsyncTransport
from metering_client._heartbeat import Lease, beat_seconds_of
from metering_client._wire import given
from metering_client.errors import MeteringError, NotFoundError

_LOG: Final = logging.getLogger("metering_client")


class AsyncSlot:
    """What agents in tasks and in threads have in common; when they beat is their own."""

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
        self._is_told = False
        self.agent_id = agent_id

    def check(self) -> None:
        """Returns while the agent is to go on.

        Raises:
            AgentPausedError: it is paused.
            AgentLostError: its lease has run out.
        """
        self._lease.look()
        self._tell()

    def _tell(self) -> None:
        if self._lease.stopped is not None:
            self._is_told = True
            raise self._lease.stopped

    async def _take(self) -> None:
        body = given(agent_id=self.agent_id, lease_seconds=self._lease.seconds, run_id=self._run_id)
        path = {"sessionId": self._path["sessionId"]}
        self._is_told = False
        self._lease.start(await self._transport.request(operations.START_AGENT, path=path, body=body))
        self._tell()

    async def _beat(self) -> None:
        asked_at = self._lease.clock()
        body = {"lease_seconds": self._lease.seconds}
        try:
            answer = await self._transport.request(
                operations.BEAT_AGENT, path=self._path, body=body, max_retries=0, within=self._lease.left()
            )
        except MeteringError as failure:
            self._lease.miss(failure)
        else:
            self._lease.take(answer, asked_at)

    async def _give_back(self) -> None:
        try:
            await self._transport.request(operations.END_AGENT, path=self._path, max_retries=1)
        except NotFoundError:
            return
        except MeteringError as failure:
            _LOG.warning("the agent %s could not be ended and its lease runs out: %s", self.agent_id, failure)
