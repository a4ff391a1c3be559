"""AWS without a network: clients whose requests are answered where botocore would send them."""

import json
import os
from collections.abc import Iterator
from typing import Any

from botocore.awsrequest import AWSResponse

from bench.samples import sonnet
from metering.aws.items import card_to_item
from metering.flows.manage_rates import owner_write

TABLES = {"RATES_TABLE": "Rates", "RECORDS_TABLE": "Records", "METERS_TABLE": "Meters"}
VARIABLES = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "t" * 400,
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_LAMBDA_FUNCTION_NAME": "RecordUsage",
    "POWERTOOLS_SERVICE_NAME": "meterstone",
    "POWERTOOLS_METRICS_NAMESPACE": "Meterstone",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "RATE_CACHE_SECONDS": "60",
    "BUDGET_CACHE_SECONDS": "2",
    **TABLES,
}
"""What Lambda and the template tell record_usage; the parameters are the template's defaults."""


def set_variables() -> None:
    os.environ |= VARIABLES


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._content


def _owner_item() -> Any:  # noqa: ANN401  # DynamoDB's JSON
    """Says that the card's owner has cards."""
    card = sonnet()
    return owner_write(TABLES["RATES_TABLE"], card.scope, card.owner).parameters["Item"]


def disconnect(client: Any) -> None:  # noqa: ANN401  # a client of DynamoDB, ours or boto3's
    """Answers every request of a client: one rate card, no budgets, and what is written is taken."""
    card, owner = card_to_item(sonnet(), "2026-11-24T10:00:00.000000Z"), _owner_item()
    owners = json.dumps({"Responses": {TABLES["RATES_TABLE"]: [owner]}}).encode()
    cards = json.dumps({"Items": [card], "Count": 1, "ScannedCount": 1}).encode()
    nothing = b'{"Items":[],"Count":0,"ScannedCount":0}'

    def answer(request: Any, **_: object) -> AWSResponse:  # noqa: ANN401  # botocore's
        body = b"{}"
        if request.headers["X-Amz-Target"].endswith(b"BatchGetItem"):
            body = owners if json.dumps(owner["card"]["S"]).encode() in request.body else b'{"Responses":{}}'
        if request.headers["X-Amz-Target"].endswith(b"Query"):
            body = cards if json.dumps(card["owner"]["S"]).encode() in request.body else nothing
        return AWSResponse(request.url, 200, {}, _Body(body))  # type: ignore[arg-type]  # no headers

    client.meta.events.register_first("before-send.dynamodb", answer)
