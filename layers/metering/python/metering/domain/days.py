"""Days and whether they are closed, months and whether they are summed."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

from metering.domain.periods import later

CLOSED_AFTER: Final = timedelta(minutes=30)
"""How long after its midnight a day without usage counts as closed; days with usage are closed by `close_day`."""
SETTLED_AFTER: Final = timedelta(minutes=30)
"""How long after usage came to a past day its hours are up to date, however slow the queue is."""

Span = Literal["month", "day", "hour"]
_SPANS: Final[Mapping[int, Span]] = {len("2026-11"): "month", len("2026-11-24"): "day", len("2026-11-24T10"): "hour"}


def span_of(slot: str) -> Span:
    """What a slot of statistics is: `2026-11`, `2026-11-24` or `2026-11-24T10`."""
    return _SPANS[len(slot)]


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


class Month(NamedTuple):
    """How the sums of a project's month stand."""

    name: str
    """`2026-11`."""
    version: int
    """It grows when a day of the month is closed, and when the month is summed."""
    held: int = 0
    """The version as of which its sums are those of its days; 0: none yet."""
    dimensions: frozenset[str] = frozenset()
    """Those that it is summed by; others have too few values that come again."""

    def has(self, dimension: str) -> bool:
        """Whether it is summed by a dimension, and no day of it has been closed since."""
        return self.held == self.version and dimension in self.dimensions


class Standing(NamedTuple):
    """How the days and the months of a range stand."""

    days: Mapping[str, Day]
    months: Mapping[str, Month]

    def all_final(self) -> bool:
        return all(day.status == "final" for day in self.days.values())

    def closings(self) -> tuple[object, ...]:
        """What differs if a day was opened or closed, or a month summed, between two looks."""
        return ({date: (day.status, day.revision) for date, day in self.days.items()}, self.months)

    def is_summed(self, month: str, dimension: str) -> bool:
        """Whether the month's sums stand for its days: all of them lie in the range and are final."""
        found = self.months.get(month)
        return found is not None and found.has(dimension) and all(map(self._is_final, days_of(month)))

    def _is_final(self, date: str) -> bool:
        return date in self.days and self.days[date].status == "final"


def days_of(month: str) -> list[str]:
    """The dates of a month, `2026-11-01` to `2026-11-30` of `2026-11`."""
    year, number = map(int, month.split("-"))
    return [f"{month}-{day:02d}" for day in range(1, monthrange(year, number)[1] + 1)]


def hours_of(date: str) -> list[str]:
    """The hours of a day as statistics name them: `2026-11-24T00` to `2026-11-24T23`."""
    return [f"{date}T{hour:02d}" for hour in range(24)]
