"""Explain: the card, the tier, the arithmetic and the chain of corrections of a record."""

from typing import NamedTuple

from metering.aws.corrections import Original, read_original
from metering.aws.records import Records, get_record
from metering.domain.errors import NotFoundError
from metering.domain.explanations import Explanation, explain_corrections, explain_record


class Explained(NamedTuple):
    """What explains a record. A correction explains itself and has no corrections of its own."""

    explanation: Explanation
    corrections: tuple[Explanation, ...]

    @property
    def cost(self) -> int:
        """What stands now, in pico-USD."""
        corrected = sum(one.record.pricing.cost for one in self.corrections)
        return self.explanation.record.pricing.cost + corrected


def explain(records: Records, record_id: str) -> Explained:
    """Explains a record or a correction.

    Raises:
        NotFoundError: there is none of this id.
    """
    found = read_original(records, record_id)
    if found is None:
        raise NotFoundError(f"there is no usage record {record_id}")
    correction = found.record.correction
    if correction is None:
        return Explained(explain_record(found.record), _corrections(records, found))
    original = read_original(records, correction.corrects)
    links = _corrections(records, original) if original else ()
    own = next((one for one in links if one.record.record_id == record_id), None)
    if own is None:
        raise NotFoundError(f"there is no usage record {correction.corrects} any more, which {record_id} corrects")
    return Explained(own, ())


def _corrections(records: Records, original: Original) -> tuple[Explanation, ...]:
    chain = list(original.adjustments)
    if original.record.links.voided_by:
        void = get_record(records, original.record.links.voided_by)
        chain += [void] if void else []
    return tuple(explain_corrections(original.record, chain))
