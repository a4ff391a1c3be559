"""Days and whether they are closed."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

from metering.domain.periods import later

CLOSED_AFTER: Final = timedelta(minutes=30)
"""How long after its midnight a day without usage counts as closed; days with usage are closed by `close_day`."""
SETTLED_AFTER: Final = timedelta(minutes=30)
"""How long after usage came to a past day its hours are up to date, however slow the queue is."""


class Day(NamedTuple):
    """How a project's day stands. A day that nothing is known of has had no usage."""

    date: str
    status: Literal["open", "final"]
    revision: int = 0
    """How often it has been closed."""
    marks: int = 0
    """How often usage came to it once it was past; closing holds only if it has not grown meanwhile."""
    rolled_at: str = ""
    """When its statistics were last brought up to date; an instant, or empty."""
    marked_at: str = ""
    """When usage last came to it once it was past; an instant, or empty."""
    sealed: int = 0
    """The revision as of which its records are archived and expire; 0 if they are kept."""

    def closed(self, now: str) -> "Day":
        """The day once it is closed."""
        return self._replace(status="final", revision=self.revision + 1, rolled_at=now)

    def rests(self, now: str) -> bool:
        """Whether nothing has come to it for so long that all of its hours are up to date."""
        return not self.marked_at or later(self.marked_at, SETTLED_AFTER) <= now


def unknown_day(date: str, now: str) -> Day:
    """A day without usage: final once it would have been closed."""
    over = datetime.fromisoformat(date).replace(tzinfo=UTC) + timedelta(days=1) + CLOSED_AFTER
    return Day(date, "final" if datetime.fromisoformat(now) >= over else "open")


def hours_of(date: str) -> list[str]:
    """The hours of a day as statistics name them: `2026-11-24T00` to `2026-11-24T23`."""
    return [f"{date}T{hour:02d}" for hour in range(24)]
