"""Re-rating jobs: which records are priced anew, and how far a job has come.

A job is worked on in pieces. What it has come to is kept with the number of the piece that is next, so that a piece
that is done twice is counted once.
"""

import hashlib
from typing import Final, Literal, NamedTuple

from metering.domain.corrections import Repricing
from metering.domain.periods import Period, period_of_dates
from metering.domain.usage import UsageRecord

Only = Literal["unrated", "all"]
JobStatus = Literal["queued", "running", "completed", "failed"]


class Order(NamedTuple):
    """Which usage is to be priced anew: of the dates `first` to `last`, both included."""

    first: str
    last: str
    only: Only
    dry_run: bool
    service: str | None = None
    model_id: str | None = None

    def period(self) -> Period:
        return period_of_dates(self.first, self.last)

    def concerns(self, record: UsageRecord) -> bool:
        """Whether a record is usage that stands and is asked for, as far as it tells itself."""
        event = record.event
        stands = record.correction is None and record.links.voided_by is None
        return stands and self.service in {None, event.service} and self.model_id in {None, event.model_id}

    def fingerprint(self) -> str:
        return hashlib.sha256(repr(tuple(self)).encode()).hexdigest()[:16]


class Outcome(NamedTuple):
    """What became of a record that the job concerns: pico-USD before and after."""

    before: int
    after: int
    changed: bool = False
    failed: bool = False


class Progress(NamedTuple):
    """How far a job has come, and the sum of what it came to. Costs are in pico-USD, of all records seen."""

    place: str | None = None
    """The place of the last record that was looked at."""
    seen: int = 0
    changed: int = 0
    failed: int = 0
    before: int = 0
    after: int = 0

    def passed(self, place: str, outcome: Outcome | None) -> "Progress":
        """A record further on; an outcome of None: the job does not concern it."""
        if outcome is None:
            return self._replace(place=place)
        return Progress(
            place,
            self.seen + 1,
            self.changed + outcome.changed,
            self.failed + outcome.failed,
            self.before + outcome.before,
            self.after + outcome.after,
        )


BEGINNING: Final = Progress()
FIRST_PIECE: Final = 1


class Job(NamedTuple):
    """A re-rating."""

    project: str
    job_id: str
    order: Order
    created_at: str
    status: JobStatus = "queued"
    piece: int = FIRST_PIECE
    """The number of the piece that is next, or under way."""
    queued: int = 0
    """The last piece whose message is known to be in the queue."""
    progress: Progress = BEGINNING
    finished_at: str | None = None

    @property
    def is_over(self) -> bool:
        return self.status == "completed"


def outcome_of(repricing: Repricing) -> Outcome:
    """What a change of price comes to."""
    return Outcome(repricing.before.cost, repricing.after.cost, changed=not repricing.is_none)
