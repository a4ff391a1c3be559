"""Rate cards: insert, never edit; list; and say which card prices an event."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple

from metering.aws import keys
from metering.aws.audit import Trail, traced
from metering.aws.items import card_to_item, item_to_card
from metering.aws.tables import query
from metering.aws.transaction import Deadline, RefusedError, Write, commit
from metering.domain.errors import AlreadyExistsError, MalformedRequestError
from metering.domain.periods import later, stored
from metering.domain.rates import RateCard

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Rates:
    """Where rate cards are kept."""

    client: "DynamoDBClient"
    table: str
    deadline: Deadline
    trail: Trail | None = None


class Wanted(NamedTuple):
    """Which cards to list: of these scopes, in this order; of one owner, one model, in force at `at`, or of any."""

    scopes: tuple[str, ...]
    owner: str | None = None
    model: str | None = None
    at: str | None = None


class Place(NamedTuple):
    """Where a card stands in the list."""

    scope: str
    owner: str
    card: str


def owner_write(table: str, scope: str, owner: str) -> Write:
    """Says that an owner's cards have changed; it stands in the transaction of each new card.

    A scope's owners are listed by what it writes, and `RateBook` remembers their cards as long as it is the same.
    """
    item = {"owner": {"S": keys.rate_owners(scope)}, "card": {"S": owner}, "version": {"S": token_hex(8)}}
    return Write("Put", {"TableName": table, "Item": item})


class Memory(NamedTuple):
    """How long functions that price usage go on without looking for new cards, and how that is waited for."""

    seconds: float
    sleep: Callable[[float], None]


def create_card(rates: Rates, card: RateCard, now: datetime, memory: Memory) -> bool:
    """Inserts a card; False if the same card was there already. Usage that comes after the answer is priced by it.

    Raises:
        AlreadyExistsError: this model of this owner has other prices from the same moment.
    """
    created_at, is_new = _insert(rates, card, stored(now))
    # A retry that finds it made just now waits as well.
    if stored(now) < later(created_at, timedelta(seconds=memory.seconds)):
        memory.sleep(memory.seconds)
    return is_new


def _insert(rates: Rates, card: RateCard, now: str) -> tuple[str, bool]:
    """When a card was made, and whether that was just now."""
    parameters = {
        "TableName": rates.table,
        "Item": card_to_item(card, now),
        "ConditionExpression": "attribute_not_exists(card)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    try:
        owner = owner_write(rates.table, card.scope, card.owner)
        told = traced(rates.trail, rateId=card.rate_id)
        commit(rates.client, [Write("Put", parameters), owner, *told], rates.deadline)
    except RefusedError as refused:
        found = refused.found[0]
        if found is None or item_to_card(found).metrics != card.metrics:
            raise AlreadyExistsError(f"{card.rate_id} exists with other prices; date the new card later") from None
        return found["createdAt"]["S"], refused.unsure
    return now, True


def list_cards(rates: Rates, wanted: Wanted, after: Place | None) -> Iterator[tuple[Place, RateCard]]:
    """The cards wanted, behind the place `after`: scope by scope, owner by owner, in order of model and date.

    Raises:
        MalformedRequestError: `after` lies in another scope.
    """
    if after and after.scope not in wanted.scopes:
        raise MalformedRequestError("the cursor belongs to another project's list")
    for rank, scope in enumerate(wanted.scopes):
        if after and rank < wanted.scopes.index(after.scope):
            continue
        for owner in [wanted.owner] if wanted.owner else _owners(rates, scope):
            resumes = after is not None and after.scope == scope
            if after and resumes and owner < after.owner:
                continue
            behind = after.card if after and resumes and owner == after.owner else None
            for card in _in_force(_cards(rates, scope, owner, wanted.model, behind), wanted.at):
                yield Place(scope, owner, keys.rate_card(card.model, card.effective_from)), card


def _owners(rates: Rates, scope: str) -> Iterator[str]:
    items = query(
        rates.client,
        rates.deadline,
        TableName=rates.table,
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": keys.rate_owners(scope)}},
        ConsistentRead=True,
    )
    return (item["card"]["S"] for item in items)


def _cards(rates: Rates, scope: str, owner: str, model: str | None, after: str | None) -> Iterator[RateCard]:
    values = {
        ":owner": {"S": keys.rate_owner(scope, owner)},
        ":first": {"S": f"{after} " if after else keys.rate_card(model, "") if model else " "},
        ":last": {"S": keys.rate_card(model, "~") if model else "\U0010ffff"},
    }
    items = query(
        rates.client,
        rates.deadline,
        TableName=rates.table,
        KeyConditionExpression="#owner = :owner AND card BETWEEN :first AND :last",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues=values,
        ConsistentRead=True,
    )
    cards = map(item_to_card, items)
    return (card for card in cards if model is None or card.model == model)


def _in_force(cards: Iterator[RateCard], at: str | None) -> Iterator[RateCard]:
    """All cards, or of each model the newest that is not after `at`."""
    if at is None:
        yield from cards
        return
    for _, dated in groupby(cards, key=lambda card: card.model):
        yield from deque((card for card in dated if card.effective_from <= at), maxlen=1)
