"""Rate cards as a function sees them: read once, remembered for a while, found and not found alike."""

import math
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from metering.aws import keys
from metering.aws.items import item_to_card
from metering.aws.tables import query
from metering.aws.transaction import Deadline
from metering.domain.rates import Candidate, RateCard, Subject, candidates

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_REMEMBERED: Final = 10_000


class _Page(NamedTuple):
    """All dated cards of one model of one owner, the newest first."""

    cards: tuple[RateCard, ...]
    read_at: float


class Consulted(NamedTuple):
    """A place where a card was looked for, and the card in force there."""

    candidate: Candidate
    card: RateCard | None


class Resolution(NamedTuple):
    """The card that prices an event, after the places looked at in order; `remembered`: some were not read just now."""

    card: RateCard | None
    consulted: tuple[Consulted, ...]
    remembered: bool


class RateBook:
    """Finds the card of an event. One instance a function, as long as the function lives."""

    def __init__(self, client: "DynamoDBClient", table: str, seconds: float) -> None:
        self._client = client
        self._table = table
        self._seconds = seconds
        self._pages: dict[tuple[str, str, str], _Page] = {}
        self._began = math.inf

    def begin(self) -> None:
        """An invocation begins: what it reads itself is not remembered but known, however many events it has."""
        self._began = time.monotonic()

    def resolve(self, subject: Subject, instant: str, deadline: Deadline, *, afresh: bool = False) -> Resolution:
        """Looks in every place in order of precedence until one has a card in force at `instant`."""
        consulted: list[Consulted] = []
        remembered = False
        oldest = math.inf if afresh else time.monotonic() - self._seconds
        for candidate in candidates(subject):
            page = self._pages.get((candidate.scope, candidate.owner, candidate.model))
            if page is None or (page.read_at < self._began and page.read_at <= oldest):
                page = self._read(candidate, deadline)
            else:
                remembered = remembered or page.read_at < self._began
            card = _in_force(page.cards, instant)
            consulted.append(Consulted(candidate, card))
            if card:
                return Resolution(card, tuple(consulted), remembered)
        return Resolution(None, tuple(consulted), remembered)

    def _read(self, candidate: Candidate, deadline: Deadline) -> _Page:
        items = query(
            self._client,
            deadline,
            TableName=self._table,
            KeyConditionExpression="#owner = :owner AND begins_with(card, :model)",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues={
                ":owner": {"S": keys.rate_owner(candidate.scope, candidate.owner)},
                ":model": {"S": keys.rate_card(candidate.model, "")},
            },
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        # A model's own name may hold the key's separator, so what begins alike is not always the model.
        cards = tuple(card for card in map(item_to_card, items) if card.model == candidate.model)
        page = _Page(cards, time.monotonic())
        if len(self._pages) >= _MOST_REMEMBERED:
            self._pages.clear()
        self._pages[candidate.scope, candidate.owner, candidate.model] = page
        return page


def _in_force(cards: tuple[RateCard, ...], instant: str) -> RateCard | None:
    for card in cards:
        if card.effective_from <= instant:
            return card
    return None
