"""Puts rate cards into the table: what is new is inserted, what is there is never edited."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from metering.aws import keys
from metering.aws.items import card_to_item, item_to_card
from metering.aws.tables import query
from metering.aws.transaction import Deadline, Item, RefusedError, Write, commit
from metering.catalogue import read_catalogue
from metering.domain.periods import stored
from metering.domain.rates import RateCard
from metering.flows.manage_rates import owner_write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_WRITES: Final = 100
"""Items of one TransactWriteItems, by DynamoDB's limit."""

_SECONDS_A_CALL: Final = 30

Place = tuple[str, str]
"""A card's key in the table."""


class Conflict(NamedTuple):
    """A card that cannot be inserted, and the card with other prices that has its place."""

    card: RateCard
    existing: RateCard


class ImportResult(NamedTuple):
    """What became of the cards; in a dry run, what would become of them."""

    inserted: int
    unchanged: int
    conflicting: list[Conflict]
    new: list[RateCard]
    """The inserted cards."""


def import_catalogue(client: "DynamoDBClient", table: str, *, dry_run: bool = False) -> ImportResult:
    """Imports the built-in catalogue as defaults; see `import_cards`."""
    return import_cards(client, table, (entry.card for entry in read_catalogue()), dry_run=dry_run)


def import_cards(
    client: "DynamoDBClient", table: str, cards: Iterable[RateCard], *, dry_run: bool = False
) -> ImportResult:
    """Inserts the cards whose place is free. An import that was cut short is completed by the next one.

    Raises:
        UnavailableError: the table did not answer; what was inserted until then stays.
    """
    wanted = {_place(card): card for card in cards}
    existing = _read_owners(client, table, {owner for owner, _ in wanted})
    new = [card for place, card in wanted.items() if place not in existing]
    if not dry_run:
        existing |= _insert(client, table, new)
        new = [card for card in new if _place(card) not in existing]
    conflicting = [
        Conflict(card, existing[place]) for place, card in wanted.items() if existing.get(place, card) != card
    ]
    return ImportResult(len(new), len(wanted) - len(new) - len(conflicting), conflicting, new)


def _place(card: RateCard) -> Place:
    return keys.rate_owner(card.scope, card.owner), keys.rate_card(card.model, card.effective_from)


def _read_owners(client: "DynamoDBClient", table: str, owners: Iterable[str]) -> dict[Place, RateCard]:
    cards = (item_to_card(item) for owner in sorted(owners) for item in _query_owner(client, table, owner))
    return {_place(card): card for card in cards}


def _query_owner(client: "DynamoDBClient", table: str, owner: str) -> Iterator[Item]:
    return query(
        client,
        Deadline.within(_SECONDS_A_CALL),
        TableName=table,
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": owner}},
        ConsistentRead=True,
    )


def _insert(client: "DynamoDBClient", table: str, cards: Sequence[RateCard]) -> dict[Place, RateCard]:
    """Inserts the cards and returns those that were there first, since they had been read."""
    created_at = stored(datetime.now(UTC))
    beaten: dict[Place, RateCard] = {}
    for together in _in_transactions(cards):
        try:
            _commit(client, table, together, created_at)
        except RefusedError:
            beaten |= _insert_each(client, table, together, created_at)
    return beaten


def _in_transactions(cards: Sequence[RateCard]) -> Iterator[Sequence[RateCard]]:
    """The cards in groups that fit one transaction with an item for each of their owners."""
    together: list[RateCard] = []
    owners: set[tuple[str, str]] = set()
    for card in sorted(cards, key=lambda card: (card.scope, card.owner)):
        if len(together) + len(owners | {(card.scope, card.owner)}) >= MOST_WRITES:
            yield together
            together, owners = [], set()
        together.append(card)
        owners.add((card.scope, card.owner))
    if together:
        yield together


def _commit(client: "DynamoDBClient", table: str, cards: Sequence[RateCard], created_at: str) -> None:
    owners = sorted({(card.scope, card.owner) for card in cards})
    writes = [_put(table, card, created_at) for card in cards]
    writes += [owner_write(table, scope, owner) for scope, owner in owners]
    commit(client, writes, Deadline.within(_SECONDS_A_CALL))


def _insert_each(
    client: "DynamoDBClient", table: str, cards: Iterable[RateCard], created_at: str
) -> dict[Place, RateCard]:
    """What `_insert` does where one of a transaction's places is taken: one by one, so that the others get in."""
    beaten: dict[Place, RateCard] = {}
    for card in cards:
        try:
            _commit(client, table, [card], created_at)
        except RefusedError as refused:
            if item := refused.found[0]:
                found = item_to_card(item)
                beaten[_place(found)] = found
    return beaten


def _put(table: str, card: RateCard, created_at: str) -> Write:
    parameters = {
        "TableName": table,
        "Item": card_to_item(card, created_at),
        "ConditionExpression": "attribute_not_exists(card)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return Write("Put", parameters)
