"""Void: take a usage record back by a compensating record, linked both ways."""

from typing import NamedTuple

from metering.aws.corrections import read_original
from metering.aws.records import get_record
from metering.domain.corrections import void_of, void_usage
from metering.domain.errors import NotFoundError, NotVoidableError
from metering.domain.usage import UsageRecord
from metering.flows.correct import Correcting, Corrector, correct
from metering.flows.decisions import Attempts


class Voided(NamedTuple):
    """The compensating record, and whether it was made just now."""

    void: UsageRecord
    created: bool


def void_record(corrector: Corrector, record_id: str, reason: str, now: str) -> Voided:
    """Takes a record back at the price that stands. A record that is voided already stays as it is.

    Raises:
        NotFoundError: there is no such record.
        NotVoidableError: it is itself a correction.
        UnavailableError: not done, or not known to be; sending it again does no harm.
    """
    attempts = Attempts(corrector.deadline)
    void: UsageRecord | None = None
    while True:
        original = read_original(corrector.records(), record_id)
        if original is None:
            raise NotFoundError(f"there is no usage record {record_id}")
        record = original.record
        if record.correction:
            raise NotVoidableError(f"{record_id} corrects {record.correction.corrects} and cannot be voided itself")
        if record.links.voided_by is not None:
            found = _find(corrector, record.links.voided_by)
            return Voided(found, created=void is not None and _is_ours(found, void))
        void = void_of(record, original.adjustments, reason, now)
        if correct(corrector, Correcting(record, void, void_usage(original.standing))):
            return Voided(void, created=True)
        attempts.next()


def _find(corrector: Corrector, void_id: str) -> UsageRecord:
    found = get_record(corrector.records(), void_id)
    if found is None:
        raise NotFoundError(f"there is no usage record {void_id} any more")
    return found


def _is_ours(found: UsageRecord, void: UsageRecord) -> bool:
    """Whether the void that is there is that of an attempt whose answer was lost."""
    return (found.received_at, found.correction) == (void.received_at, void.correction)
