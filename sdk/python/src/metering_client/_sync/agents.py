"""An agent under a lease, for threads: a thread of its own beats its heart, and `check()` tells what it learnt."""

from threading import Event, Thread
from types import TracebackType
from typing import Self

from metering_client._sync.slots import Slot


class Agent(Slot):
    """A slot of a session, taken while the block runs.

    When the session is paused, the next `check()` raises AgentPausedError, or leaving the block does where nothing has
    asked; AgentLostError, when the lease has run out. Call `check()` before every step that costs something, or wait
    for `stopped`, which is set as soon as the agent is not to go on.
    """

    stopped: Event

    def __enter__(self) -> Self:
        """Takes the slot.

        Raises:
            LimitReachedError: as many agents run as may.
            SessionPausedError: the session or the project is paused.
            AgentPausedError: the agent runs already, and is paused.
        """
        self._take()
        self.stopped, self._left = Event(), Event()
        self._heart = Thread(target=self._beat_until_stopped, name=f"heart of {self.agent_id}", daemon=True)
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._left.set()
        self._heart.join()
        self._give_back()
        if error is None and not self._is_told:
            self._tell()

    def _beat_until_stopped(self) -> None:
        while self._lease.stopped is None and not self._left.wait(self._beat_seconds):
            self._beat()
        if self._lease.stopped is not None:
            self.stopped.set()
