"""What comes of the lines of an export at Stripe."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal, NamedTuple

Verdict = Literal["new", "created", "present", "differs", "failed"]
VERDICTS: Final[tuple[Verdict, ...]] = ("new", "created", "present", "differs", "failed")
TROUBLE: Final[frozenset[Verdict]] = frozenset({"differs", "failed"})
"""What somebody has to look at."""


class Outcome(NamedTuple):
    """What comes of one line.

    `new` is not at Stripe and would be sent; `created` was; `present` was there before, alike; `differs` is there with
    another amount or for another period, and nothing was sent; `failed` could not be sent.
    """

    group: str
    """What the line is added up with: its customer, and of meter events the name as well."""
    line: str
    verdict: Verdict
    amount: Decimal
    """USD of an invoice item, the quantity of a meter event."""
    reason: str | None = None


@dataclass
class Group:
    """What comes of a customer's lines."""

    amount: Decimal = Decimal(0)
    verdicts: Counter[Verdict] = field(default_factory=Counter)


def by_group(outcomes: Iterable[Outcome]) -> dict[str, Group]:
    found: dict[str, Group] = {}
    for outcome in outcomes:
        group = found.setdefault(outcome.group, Group())
        group.amount += outcome.amount
        group.verdicts[outcome.verdict] += 1
    return found
