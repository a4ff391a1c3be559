"""An agent under a lease, for threads: a thread of its own beats its heart, and `check()` tells what it learnt."""

import logging
import time
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from metering_client import operations
from metering_client._heartbeat import Lease, beat_seconds_of
from metering_client._sync.transport import Transport
from metering_client._wire import given
from metering_client.errors import MeteringError, NotFoundError

_LOG: Final = logging.getLogger("metering_client")


class Agent:
    """A slot of a session, taken while the block runs.

    When the session is paused, the next `check()` raises AgentPausedError, or leaving the block does where nothing has
    asked; AgentLostError, when the lease has run out. Call `check()` before every step that costs something.
    """

    def __init__(
        self,
        transport: Transport,
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
        self._left = Event()
        self._is_told = False
        self.agent_id = agent_id
        self.stopped = Event()
        """Set as soon as the agent is not to go on, for code that waits for several things."""

    def check(self) -> None:
        """Returns while the agent is to go on.

        Raises:
            AgentPausedError: it is paused.
            AgentLostError: its lease has run out.
        """
        if self._lease.stopped is not None:
            self._is_told = True
            raise self._lease.stopped

    def __enter__(self) -> Self:
        """Takes the slot.

        Raises:
            LimitReachedError: as many agents run as may.
            SessionPausedError: the session or the project is paused.
            AgentPausedError: the agent runs already, and is paused.
        """
        body = given(agent_id=self.agent_id, lease_seconds=self._lease.seconds, run_id=self._run_id)
        path = {"sessionId": self._path["sessionId"]}
        self._lease.start(self._transport.request(operations.START_AGENT, path=path, body=body))
        self.check()
        self._heart = Thread(target=self._beat_until_stopped, name=f"heart of {self.agent_id}", daemon=True)
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._left.set()
        self._heart.join()
        self._end()
        if error is None and not self._is_told:
            self.check()

    def _beat_until_stopped(self) -> None:
        while self._lease.stopped is None and not self._left.wait(self._beat_seconds):
            self._beat()
        if self._lease.stopped is not None:
            self.stopped.set()

    def _beat(self) -> None:
        asked_at = time.monotonic()
        body = {"lease_seconds": self._lease.seconds}
        try:
            answer = self._transport.request(operations.BEAT_AGENT, path=self._path, body=body, max_retries=0)
        except MeteringError as failure:
            self._lease.miss(failure)
        else:
            self._lease.take(answer, asked_at)

    def _end(self) -> None:
        try:
            self._transport.request(operations.END_AGENT, path=self._path, max_retries=1)
        except NotFoundError:
            return
        except MeteringError as failure:
            _LOG.warning("the agent %s could not be ended and its lease runs out: %s", self.agent_id, failure)
