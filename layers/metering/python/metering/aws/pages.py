"""Large reads: pages of a Query as the JSON that DynamoDB sends.

botocore's parser walks the service model's shapes through every value of every item, which is nine tenths of the cost
of a large page, and gives back what was there: DynamoDB's JSON is its own wire form. A client made here leaves out the
walk. Only binary values differ: they stay in base64.
"""

import gc
from typing import TYPE_CHECKING, Any, Final

import orjson
from botocore.parsers import JSONParser, ResponseParserFactory

from metering.aws.clients import make_dynamodb

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


_OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000
"""Python's own 700 are two dozen collections for each page of a Query, and none of its objects is in a cycle."""


class _AsSent(JSONParser):
    """Parses a body, and not the shapes in it."""

    def _handle_json_body(self, raw_body: bytes, _shape: object) -> Any:  # noqa: ANN401  # JSON
        return orjson.loads(raw_body) if raw_body else {}


class _Factory(ResponseParserFactory):
    def create_parser(self, _protocol: str) -> JSONParser:
        return _AsSent()


def make_reader() -> "DynamoDBClient":
    """A client for large reads, whose process collects garbage less often from now on.

    Without that, the collector takes a third of the time that it takes to read records and add them up.
    """
    gc.freeze()  # what is there stays as long as the process, and need not be looked through
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    return make_dynamodb(_Factory())
