"""When an agent's heart beats, and what its answers mean: all that needs neither a thread nor a task."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from metering_client.errors import (
    AgentLostError,
    AgentPausedError,
    AgentStoppedError,
    ApiError,
    MeteringError,
    NotFoundError,
)
from metering_client.models import AgentAnswer

LONGEST_BEAT: Final = 15.0
_SHORTEST_WAIT: Final = 0.5


def beat_seconds_of(lease_seconds: int) -> float:
    """The pause between two heartbeats of a lease: two may be lost before it runs out."""
    return min(lease_seconds / 3, LONGEST_BEAT)


@dataclass
class Lease:
    """What an agent knows of its lease. `clock` is monotonic, in seconds."""

    agent_id: str
    seconds: int
    clock: Callable[[], float]
    stopped: AgentStoppedError | None = field(default=None, init=False)
    _until: float = field(default=math.inf, init=False)

    def start(self, answer: AgentAnswer) -> None:
        """Takes the answer to the agent's start, which may have found it running and paused."""
        self.stopped = None
        self.take(answer, self.clock())

    def take(self, answer: AgentAnswer, asked_at: float) -> None:
        """Takes the answer to a heartbeat that was sent at `asked_at`."""
        self._until = asked_at + self.seconds
        if answer.status == "paused":
            self.stopped = AgentPausedError(f"the agent {self.agent_id} is paused")

    def left(self) -> float:
        """Seconds until it runs out, for which a heartbeat may wait; at least half a second."""
        return max(self._until - self.clock(), _SHORTEST_WAIT)

    def look(self) -> None:
        """Notices that it has run out, whatever keeps the heartbeat from saying so."""
        if self.stopped is None and self.clock() >= self._until:
            self.stopped = AgentLostError(f"the lease of the agent {self.agent_id} has run out: no heartbeat was heard")

    def miss(self, failure: MeteringError) -> None:
        """Takes a heartbeat without an answer: the agent goes on as long as its lease runs."""
        if isinstance(failure, NotFoundError) or self.clock() >= self._until:
            self.stopped = AgentLostError(f"the lease of the agent {self.agent_id} has run out: {failure}")
        elif isinstance(failure, ApiError) and failure.status in {401, 403}:
            self.stopped = AgentLostError(f"the agent {self.agent_id} may no longer ask: {failure}")
