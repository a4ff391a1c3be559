"""Re-rate: price usage anew by the cards as they are now, in pieces that survive a restart.

Each piece looks at a bounded number of records, in order of time, and corrects those whose price has changed. Then it
keeps what the job has come to, if no other has kept that piece already, and asks for the next. A piece that is done
again finds what it has corrected before by the job's id in the adjustments, so that each record is corrected at most
once and counted as if it had been only now.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from metering.aws.corrections import Original, read_original, with_adjustments
from metering.aws.rate_book import RateBook
from metering.aws.records import EVERYTHING, records_of_days
from metering.aws.rerate_jobs import Jobs, Piece, ask_for_piece, put_job, read_job, save_job
from metering.domain.accounts import new_id
from metering.domain.corrections import Repricing, adjustment_of, adjustment_usage, reprice, standing_pricing
from metering.domain.errors import NotFoundError
from metering.domain.rates import Subject
from metering.domain.rating import CostOutOfRangeError
from metering.domain.rerating import Job, Order, Outcome, Progress, outcome_of
from metering.domain.usage import UsageRecord
from metering.flows.correct import Correcting, Corrector, correct
from metering.flows.decisions import Attempts

MOST_RECORDS: Final = 10_000
"""Records that a piece looks at."""
PAGE_RECORDS: Final = 500
SPARE_SECONDS: Final = 15
"""What a piece leaves of its time, for the record that it is at and for keeping what it came to."""
_ID_CHARACTERS: Final = 20


def start_job(jobs: Jobs, project: str, order: Order, idempotency_key: str | None, now: str) -> Job:
    """Makes a job and asks for its first piece. A retry with the same key finds the job that the first sending made.

    Raises:
        IdempotencyConflictError: the key was used with another order.
        UnavailableError: not done, or not known to be.
    """
    job = put_job(jobs, Job(project, _job_id(idempotency_key), order, now))
    ask_for_piece(jobs, job)
    return job


def _job_id(idempotency_key: str | None) -> str:
    if idempotency_key is None:
        return f"rr_{new_id(_ID_CHARACTERS)}"
    return f"rr_{hashlib.sha256(idempotency_key.encode()).hexdigest()[:_ID_CHARACTERS]}"


def find_job(jobs: Jobs, project: str, job_id: str) -> Job:
    """A job as of now.

    Raises:
        NotFoundError: there is none.
    """
    job = read_job(jobs, project, job_id)
    if job is None:
        raise NotFoundError(f"there is no re-rating {job_id}")
    return job


def fail_job(jobs: Jobs, piece: Piece) -> None:
    """Says that a job stands still; its message, sent again, lets it go on."""
    job = find_job(jobs, piece.project, piece.job_id)
    save_job(jobs, job._replace(status="failed"), piece.number)


@dataclass(frozen=True)
class Rerater:
    """What a piece works with; the rates begin anew with it."""

    jobs: Jobs
    corrector: Corrector
    rates: RateBook
    clock: Callable[[], str]


def run_piece(rerater: Rerater, piece: Piece) -> Job:
    """Works on one piece of a job and asks for the next; gives the job back as it is then.

    Raises:
        NotFoundError: there is no such job.
        UnavailableError: the piece is to be done again.
    """
    job = find_job(rerater.jobs, piece.project, piece.job_id)
    if not job.is_over and job.piece == piece.number:
        worked = _worked(rerater, job)
        saved = save_job(rerater.jobs, worked, job.piece)
        job = worked if saved else find_job(rerater.jobs, piece.project, piece.job_id)
    ask_for_piece(rerater.jobs, job)
    return job


def _worked(rerater: Rerater, job: Job) -> Job:
    """The job with its next piece done."""
    progress, finished = _Work(rerater, job).do()
    if finished:
        return job._replace(status="completed", progress=progress, finished_at=rerater.clock())
    return job._replace(status="running", progress=progress, piece=job.piece + 1)


class _Priced(NamedTuple):
    """A record's change of price, made by this job before, or still to be made."""

    repricing: Repricing
    made: bool


class _Work:
    """One piece of a job."""

    def __init__(self, rerater: Rerater, job: Job) -> None:
        self._rerater = rerater
        self._job = job
        self._records = rerater.corrector.records()

    def do(self) -> tuple[Progress, bool]:
        """How far the job has come, and whether that is its end."""
        self._rerater.rates.begin()
        progress, days = self._job.progress, self._job.order.period().days()
        for _ in range(MOST_RECORDS // PAGE_RECORDS):
            page = records_of_days(self._records, days, EVERYTHING, progress.place, PAGE_RECORDS)
            originals = with_adjustments(self._records, [placed.record for placed in page.records])
            for placed, original in zip(page.records, originals, strict=True):
                progress = progress.passed(placed.place, self._rerate(original))
                if self._rerater.corrector.deadline.remaining() < SPARE_SECONDS:
                    return progress, False
            if page.rest is not None:
                return progress.passed(page.rest, None), False
            if len(page.records) < PAGE_RECORDS:
                return progress, True
        return progress, False

    def _rerate(self, original: Original | None) -> Outcome | None:
        """What becomes of a record; None: the job does not concern it."""
        attempts = Attempts(self._rerater.corrector.deadline)
        found = original
        while found is not None:
            try:
                priced = self._price(found)
            except CostOutOfRangeError:
                cost = found.standing.cost
                return Outcome(cost, cost, failed=True)
            if priced is None:
                return None
            if priced.made or self._job.order.dry_run or priced.repricing.is_none:
                return outcome_of(priced.repricing)
            if self._adjust(found.record, priced.repricing):
                return outcome_of(priced.repricing)
            attempts.next()
            found = read_original(self._records, found.record.record_id)
        return None

    def _price(self, original: Original) -> _Priced | None:
        """A record's price before and after; None: the job does not concern it."""
        record, order = original.record, self._job.order
        if not order.concerns(record):
            return None
        made = self._made(original)
        if made:
            return _Priced(made, made=True)
        standing = original.standing
        if order.only == "unrated" and not standing.unrated:
            return None
        event = record.event
        subject = Subject(record.project, event.service, event.provider, event.model_id)
        deadline = self._rerater.corrector.deadline
        card = self._rerater.rates.resolve(subject, record.occurred.instant, deadline).card
        return _Priced(reprice(record, standing, card), made=False)

    def _made(self, original: Original) -> Repricing | None:
        """The change that this job has made already, in an attempt that was cut short."""
        record, adjustments = original
        for number, adjustment in enumerate(adjustments):
            if adjustment.correction and adjustment.correction.job_id == self._job.job_id:
                before = standing_pricing(record, adjustments[:number])
                after = standing_pricing(record, adjustments[: number + 1])
                return Repricing(before, after, adjustment.rate_id)
        return None

    def _adjust(self, record: UsageRecord, repricing: Repricing) -> bool:
        adjustment = adjustment_of(record, repricing, self._job.job_id, self._rerater.clock())
        return correct(self._rerater.corrector, Correcting(record, adjustment, adjustment_usage(repricing)))
