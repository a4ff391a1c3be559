"""Importing cards inserts what is new and edits nothing."""

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from metering.aws.items import card_to_item, item_to_card
from metering.aws.rate_book import RateBook
from metering.aws.transaction import Deadline
from metering.catalogue import read_catalogue
from metering.domain.money import PICO
from metering.domain.rates import MetricRate, RateCard, Subject, Tier
from metering.flows import import_catalogue as flow
from metering.flows.import_catalogue import MOST_WRITES, import_cards, import_catalogue
from metering.flows.manage_rates import Rates, Wanted, list_cards
from tests.unit.rates_table import create_rates_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "rates"
INPUT = MetricRate(3 * PICO, 10**6, "modelTokens", (Tier(200_000, 6 * PICO),))
CARD = RateCard("default", "provider:anthropic", "claude-sonnet-4-5", "2020-01-01", {"inputTokens": INPUT})
DEARER = replace(CARD, metrics={"inputTokens": MetricRate(4 * PICO, 10**6, "modelTokens")})


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> "Iterator[DynamoDBClient]":
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        create_rates_table(client, TABLE)
        yield client


def test_new_cards_are_inserted_and_read_back_as_they_were(client: "DynamoDBClient") -> None:
    cards = [CARD, replace(CARD, effective_from="2026-01-01"), replace(CARD, owner="provider:openai", model="gpt-5")]

    result = import_cards(client, TABLE, cards)

    assert (result.inserted, result.unchanged, result.conflicting) == (3, 0, [])
    assert result.new == cards
    assert sorted(_stored(client), key=cards.index) == cards


def test_the_owners_of_imported_cards_can_be_listed(client: "DynamoDBClient") -> None:
    import_cards(client, TABLE, [CARD])
    import_cards(client, TABLE, [CARD, replace(CARD, owner="provider:openai"), replace(CARD, scope="project")])

    rates = Rates(client, TABLE, Deadline.within(5))
    listed = [card.rate_id for _, card in list_cards(rates, Wanted(("project", "default")), None)]
    assert listed == [
        "project/provider:anthropic/claude-sonnet-4-5@2020-01-01",
        "default/provider:anthropic/claude-sonnet-4-5@2020-01-01",
        "default/provider:openai/claude-sonnet-4-5@2020-01-01",
    ]


def test_a_second_import_changes_nothing(client: "DynamoDBClient") -> None:
    import_cards(client, TABLE, [CARD])

    result = import_cards(client, TABLE, [CARD])

    assert (result.inserted, result.unchanged, result.conflicting) == (0, 1, [])


def test_a_card_with_other_prices_is_reported_and_left(client: "DynamoDBClient") -> None:
    import_cards(client, TABLE, [CARD])

    result = import_cards(client, TABLE, [DEARER, replace(DEARER, effective_from="2026-01-01")])

    assert (result.inserted, result.unchanged) == (1, 0)
    assert result.conflicting == [(DEARER, CARD)]
    assert CARD in _stored(client)


def test_a_dry_run_tells_and_writes_nothing(client: "DynamoDBClient") -> None:
    import_cards(client, TABLE, [CARD])
    later = replace(CARD, effective_from="2026-01-01")

    result = import_cards(client, TABLE, [DEARER, later], dry_run=True)

    assert result.new == [later]
    assert len(result.conflicting) == 1
    assert _stored(client) == [CARD]


@pytest.mark.parametrize("count", [MOST_WRITES, MOST_WRITES + 1])
def test_more_cards_than_fit_one_transaction_are_all_inserted(client: "DynamoDBClient", count: int) -> None:
    cards = [replace(CARD, model=f"model-{number}") for number in range(count)]

    assert import_cards(client, TABLE, cards).inserted == count
    assert import_cards(client, TABLE, cards).unchanged == count


def test_cards_of_more_owners_than_fit_one_transaction_are_all_inserted_and_listed(client: "DynamoDBClient") -> None:
    cards = [replace(CARD, owner=f"provider:vendor-{number:02}") for number in range(MOST_WRITES // 2 + 1)]

    assert import_cards(client, TABLE, cards).inserted == len(cards)
    rates = Rates(client, TABLE, Deadline.within(5))
    assert [card for _, card in list_cards(rates, Wanted(("default",)), None)] == cards


def test_a_function_that_remembers_cards_finds_out_that_others_were_imported(client: "DynamoDBClient") -> None:
    book = RateBook(client, TABLE, seconds=0)
    subject = Subject("project", "claude_code", None, CARD.model)

    def priced_by() -> RateCard | None:
        return book.resolve(subject, "2026-11-24T10:00:00.000000Z", Deadline.within(5)).card

    assert priced_by() is None
    for newer in (CARD, replace(CARD, effective_from="2026-01-01"), replace(CARD, owner="service:claude_code")):
        import_cards(client, TABLE, [newer])
        assert priced_by() == newer


def test_a_card_that_another_import_inserted_meanwhile_is_no_obstacle_to_the_others(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    same, other = replace(CARD, model="same"), replace(DEARER, model="other")
    for card in (same, replace(CARD, model="other")):
        client.put_item(TableName=TABLE, Item=card_to_item(card, "2026-11-24T10:00:00.000000Z"))
    monkeypatch.setattr(flow, "_read_owners", lambda *_: {})

    result = import_cards(client, TABLE, [CARD, same, other])

    assert (result.inserted, result.unchanged) == (1, 1)
    assert result.conflicting == [(other, replace(CARD, model="other"))]
    assert CARD in _stored(client)


def test_an_import_that_was_cut_short_is_completed_by_the_next(client: "DynamoDBClient") -> None:
    cards = [replace(CARD, model=f"model-{number}") for number in range(5)]
    import_cards(client, TABLE, cards[:2])

    result = import_cards(client, TABLE, cards)

    assert (result.inserted, result.unchanged) == (3, 2)


def test_the_built_in_catalogue_goes_in_and_is_there_the_next_time(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "read_catalogue", lambda: islice(read_catalogue(), 50))  # moto takes minutes for all

    first = import_catalogue(client, TABLE)
    second = import_catalogue(client, TABLE)

    assert first.inserted == 50
    assert not first.conflicting
    assert (second.inserted, second.unchanged, second.conflicting) == (0, first.inserted, [])


def _stored(client: "DynamoDBClient") -> list[RateCard]:
    return [item_to_card(item) for item in client.scan(TableName=TABLE)["Items"] if "metrics" in item]
