"""Rate cards as a function sees them: read once, remembered until their owner has another, found and not found alike.

Every card that is made gives its owner's item another version (`flows/manage_rates.py`). A version is read before the
cards that are remembered under it, so that none of it can be missing among them.
"""

import math
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from metering.aws import keys
from metering.aws.items import item_to_card
from metering.aws.tables import get_all, query
from metering.aws.transaction import Deadline
from metering.domain.rates import Candidate, RateCard, Subject, candidates

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_REMEMBERED: Final = 10_000


_Owner = tuple[str, str]
"""Scope and owner."""


class _Seen(NamedTuple):
    """The version that an owner's cards had; None: it had no card yet."""

    version: str | None
    at: float
    """When it began to be read."""


class _Page(NamedTuple):
    """All dated cards of one model of one owner, the newest first, and a version that all of which are among them."""

    cards: tuple[RateCard, ...]
    version: str


class Consulted(NamedTuple):
    """A place where a card was looked for, and the card in force there."""

    candidate: Candidate
    card: RateCard | None


class Resolution(NamedTuple):
    """The card that prices an event, after the places looked at in order.

    `remembered`: this invocation has not looked itself whether there are newer ones.
    """

    card: RateCard | None
    consulted: tuple[Consulted, ...]
    remembered: bool


class RateBook:
    """Finds the card of an event. One instance a function, as long as the function lives.

    What it says is at most `seconds` old. Making a card takes as long before it answers, so that every callback that
    begins after the answer is priced by it.
    """

    def __init__(self, client: "DynamoDBClient", table: str, seconds: float) -> None:
        self._client = client
        self._table = table
        self._seconds = seconds
        self._owners: dict[_Owner, _Seen] = {}
        self._pages: dict[tuple[str, str, str], _Page] = {}
        self._began = math.inf

    def begin(self) -> None:
        """An invocation begins: what it reads itself is not remembered but known, however many events it has."""
        self._began = time.monotonic()

    def resolve(self, subject: Subject, instant: str, deadline: Deadline, *, afresh: bool = False) -> Resolution:
        """Looks in every place in order of precedence until one has a card in force at `instant`.

        Afresh: not before it has looked, in this invocation, whether there are newer cards than it remembers.
        """
        places = candidates(subject)
        owners = dict.fromkeys((place.scope, place.owner) for place in places)
        self._look(owners, deadline, afresh=afresh)
        remembered = any(self._owners[owner].at < self._began for owner in owners)
        consulted: list[Consulted] = []
        for candidate in places:
            card = _in_force(self._cards(candidate, deadline), instant)
            consulted.append(Consulted(candidate, card))
            if card:
                return Resolution(card, tuple(consulted), remembered)
        return Resolution(None, tuple(consulted), remembered)

    def _look(self, owners: Iterable[_Owner], deadline: Deadline, *, afresh: bool) -> None:
        """Reads the versions of those owners whose versions may be too old."""
        now = time.monotonic()
        if len(self._owners) >= _MOST_REMEMBERED:
            self._owners.clear()
        old = [owner for owner in owners if self._is_old(owner, now, afresh=afresh)]
        if not old:
            return
        wanted = [{"owner": {"S": keys.rate_owners(scope)}, "card": {"S": owner}} for scope, owner in old]
        items = get_all(self._client, self._table, wanted, deadline)
        for owner, item in zip(old, items, strict=True):
            # Of a table that a former release has written, items have no version.
            self._owners[owner] = _Seen(item.get("version", {"S": ""})["S"] if item else None, now)

    def _is_old(self, owner: _Owner, now: float, *, afresh: bool) -> bool:
        seen = self._owners.get(owner)
        if seen is None:
            return True
        return seen.at < self._began and (afresh or now - seen.at >= self._seconds)

    def _cards(self, candidate: Candidate, deadline: Deadline) -> tuple[RateCard, ...]:
        version = self._owners[candidate.scope, candidate.owner].version
        if version is None:
            return ()  # nobody has to look for each model that a caller may think of
        page = self._pages.get((candidate.scope, candidate.owner, candidate.model))
        if page is None or page.version != version:
            page = self._read(candidate, version, deadline)
        return page.cards

    def _read(self, candidate: Candidate, version: str, deadline: Deadline) -> _Page:
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
        page = _Page(cards, version)
        if len(self._pages) >= _MOST_REMEMBERED:
            self._pages.clear()
        self._pages[candidate.scope, candidate.owner, candidate.model] = page
        return page


def _in_force(cards: tuple[RateCard, ...], instant: str) -> RateCard | None:
    for card in cards:
        if card.effective_from <= instant:
            return card
    return None
