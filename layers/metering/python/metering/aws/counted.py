"""Records as tallies need them: the attributes of an item that count, read into fields instead of dictionaries.

DynamoDB wraps every value, so that a record is some thirty dictionaries, and most of the time of reading many is spent
on them. Fields take a third of the memory and two thirds of the time, and the collector need not look at any.
"""

from collections.abc import Callable
from typing import Any, Final, Literal, NotRequired, TypedDict

from msgspec import Struct, convert
from msgspec.json import Decoder

from metering.aws.items import CATEGORY_OF_LETTER
from metering.aws.transaction import Item
from metering.domain.metrics import Category
from metering.domain.rating import PricingMode


class Text(Struct, frozen=True, gc=False):
    """A string as DynamoDB has it."""

    S: str


class Maybe(Struct, frozen=True, gc=False):
    """A string as DynamoDB has it, or none."""

    S: str | None = None


class Number(Struct, frozen=True, gc=False):
    """A number as DynamoDB has it."""

    N: str


class Mode(Struct, frozen=True, gc=False):
    """A pricing mode as DynamoDB has it."""

    S: PricingMode


class Line(Struct, frozen=True, gc=False, array_like=True):
    """A record's line as it is packed (see `metering.aws.items`)."""

    metric: str
    letter: str | None
    """Its category's."""
    quantity: str
    price: str | None
    per: int | None
    cost: int | None
    """In pico-USD, of any size."""
    tier_above: int | None = None

    @property
    def category(self) -> Category | None:
        return CATEGORY_OF_LETTER[self.letter]


lines_from: Final[Callable[[str], list[Line]]] = Decoder(list[Line]).decode
"""A record's lines from their packed text."""

_NONE: Final = Maybe()


class Counted(Struct, frozen=True, gc=False, rename="camel"):
    """What a tally reads of a record's item. Its cost is not among it: it is what its lines cost, and what is billed of
    that follows from their categories and the record's pricing mode.
    """

    service: Text
    mode: Mode
    moment: Text
    lines: Text
    day: Text | None = None
    """Its shard of its day; left out where every record is of one day."""
    model: Maybe = _NONE
    provider: Maybe = _NONE
    user: Maybe = _NONE
    session: Maybe = _NONE
    persona: Maybe = _NONE
    tool: Maybe = _NONE
    step_type: Maybe = _NONE
    step_index: Number | None = None
    run: Maybe = _NONE
    duration_ms: Number | None = None
    unrated: dict[Literal["SS"], list[str]] | None = None
    kind: Text | None = None
    """Of a correction, as `under` and `unrated_change`."""
    under: Text | None = None
    unrated_change: Number | None = None
    sealed: Number | None = None

    def count(self) -> tuple[int, int]:
        """What the record adds to the number of records, and to those without a rate."""
        if self.kind is None or self.unrated_change is None:
            return 1, 0 if self.unrated is None else 1
        return -1 if self.kind.S == "void" else 0, int(self.unrated_change.N)

    def is_sealed(self, revision: int) -> bool:
        """Whether the record is among those that were sealed as of a revision or an earlier one."""
        return self.sealed is not None and int(self.sealed.N) <= revision


COUNTED: Final = tuple(name for name in Counted.__struct_encode_fields__ if name not in {"day", "stepIndex"})
"""The attributes of an item that a tally of an hour or a day reads; steps are told apart in runs alone."""


class CountedPage(TypedDict):
    """A page of a Query of records."""

    Items: list[Counted]
    LastEvaluatedKey: NotRequired[dict[str, Any]]


def counted(item: Item) -> Counted:
    """An item that was read whole, as a tally needs it."""
    return convert(item, Counted)
