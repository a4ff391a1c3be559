"""Large reads: pages of a Query as the JSON that DynamoDB sends.

botocore's parser walks the service model's shapes through every value of every item, which is nine tenths of the cost
of a large page, and gives back what was there: DynamoDB's JSON is its own wire form. A client made here leaves out the
walk. Only binary values differ: they stay in base64.
"""

import gc
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.parsers import JSONParser, ResponseParserFactory

from metering.aws.clients import make_dynamodb
from metering.aws.counted import CountedPage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_OBJECTS_BETWEEN_COLLECTIONS: Final = 100_000
"""Python's own 700 are two dozen collections for each page of a Query, and none of its objects is in a cycle."""
_decode_counted: Final = msgspec.json.Decoder(CountedPage).decode


class _AsSent(JSONParser):
    """Parses a body, and not the shapes in it."""

    def _handle_json_body(self, raw_body: bytes, _shape: Any) -> Any:  # noqa: ANN401  # JSON
        return msgspec.json.decode(raw_body) if raw_body else {}


class _AsCounted(_AsSent):
    """Parses a page of records into what counts of them."""

    def _handle_json_body(self, raw_body: bytes, shape: Any) -> Any:  # noqa: ANN401  # JSON
        if shape.name == "QueryOutput":
            return _decode_counted(raw_body)
        return super()._handle_json_body(raw_body, shape)


class _Factory(ResponseParserFactory):
    def __init__(self, parser: type[JSONParser]) -> None:
        super().__init__()
        self._parser = parser

    def create_parser(self, _protocol: str) -> JSONParser:
        return self._parser()


def make_reader() -> "DynamoDBClient":
    """A client for large reads, whose process collects garbage less often from now on.

    Without that, the collector takes a third of the time that it takes to read records and add them up.
    """
    gc.freeze()  # what is there stays as long as the process, and need not be looked through
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    return make_dynamodb(_Factory(_AsSent))


def make_counting_reader() -> "DynamoDBClient":
    """A client whose queries are of records alone, and give what counts of them (`metering.aws.counted`)."""
    return make_dynamodb(_Factory(_AsCounted))
