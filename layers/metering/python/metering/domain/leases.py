"""Holds and agents: both are room taken under a lease that runs out."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

LeaseKind = Literal["hold", "agent"]
LeaseState = Literal["open", "settled", "released", "expired"]

DEFAULT_HOLD_SECONDS: Final = 600
DEFAULT_AGENT_SECONDS: Final = 300
MOST_SECONDS: Final = 86_400
REMEMBERED_SECONDS: Final = 30 * 86_400
"""How long a closed hold is known to be closed."""


class Lease(NamedTuple):
    """Room that a hold or an agent has taken, in its session and in every budget it counts against."""

    kind: LeaseKind
    id: str
    state: LeaseState
    amounts: Mapping[str, int]
    """Resource to amount: pico-USD, pico-seconds, calls, agents."""
    scopes: Mapping[str, str]
    """References to the meters that the room was taken from, the session's first, and when each meter was made: a
    budget that was removed and made anew holds nothing of it.
    """
    expires_at: str
    created_at: str
    fingerprint: str = ""
    """What two requests for one hold have in common."""

    def runs(self, now: str) -> bool:
        """Whether the lease is open and has not run out at `now`."""
        return self.state == "open" and now < self.expires_at
