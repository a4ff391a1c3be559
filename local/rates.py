"""The default rate cards of the local cloud."""

import hashlib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from metering.catalogue import DATA, SUFFIX, read_catalogue
from metering.domain.rates import RateCard
from metering.flows.import_catalogue import import_cards

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TAG = "catalogue"  # of the table: which catalogue it has
IMPORTS = 4  # at once: while the emulator writes the cards of one, the next one's are made ready


def load_rates(dynamodb: "DynamoDBClient", table: str) -> None:
    """Insert the default cards that the table lacks. A table that has had this catalogue is left as it is."""
    arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    catalogue = _fingerprint()
    tags = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    if {"Key": TAG, "Value": catalogue} in tags:
        return
    with ThreadPoolExecutor(IMPORTS) as pool:
        for inserted in [pool.submit(import_cards, dynamodb, table, cards) for cards in _shares()]:
            inserted.result()
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": TAG, "Value": catalogue}])


def _shares() -> list[list[RateCard]]:
    """The catalogue's cards in shares of about one size, all of an owner in one of them."""
    owners: defaultdict[str, list[RateCard]] = defaultdict(list)
    for entry in read_catalogue():
        owners[entry.card.owner].append(entry.card)
    shares: list[list[RateCard]] = [[] for _ in range(IMPORTS)]
    for cards in sorted(owners.values(), key=len, reverse=True):
        min(shares, key=len).extend(cards)
    return shares


def _fingerprint() -> str:
    content = hashlib.sha256()
    for file in sorted(DATA.glob(f"*{SUFFIX}")):
        content.update(file.read_bytes())
    return content.hexdigest()
