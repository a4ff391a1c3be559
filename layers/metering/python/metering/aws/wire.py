"""Writes to DynamoDB, encoded as they are.

Items are in DynamoDB's wire form everywhere here, and parameters have the names that its JSON has. So botocore's walk
over the shapes of the service model finds nothing to do but to write bytes in base64, and its search for the tables of
a transaction nothing that the address depends on; together they cost as much as parsing, pricing and answering a
callback. The parameters are set aside before both, and encoded once the request is ready to be signed.
"""

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OPERATIONS: Final = ("PutItem", "TransactWriteItems")
_PARAMETERS: Final = "metering_parameters"


def encode_directly(client: "DynamoDBClient") -> None:
    """Spares a client's writes the walk over shapes. What botocore would add to their parameters is not sent."""
    for operation in OPERATIONS:
        client.meta.events.register(f"provide-client-params.dynamodb.{operation}", _set_aside)  # type: ignore[arg-type]  # a response replaces the parameters
        client.meta.events.register(f"before-call.dynamodb.{operation}", _encode)


def _set_aside(params: dict[str, Any], context: dict[str, Any], **_: object) -> dict[str, Any]:
    context[_PARAMETERS] = params
    return {}


def _encode(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    params["body"] = _to_json(context.pop(_PARAMETERS)).encode()


def _blob(value: object) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no wire form")


_to_json: Final = json.JSONEncoder(separators=(",", ":"), default=_blob).encode
