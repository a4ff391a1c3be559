"""The project's handlers in this process, over the local cloud's emulator: its write units are DynamoDB's."""

import base64
import contextlib
import gzip
import importlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.samples import Context, Json, gateway_event, sonnet
from local.cloud import PARAMETERS
from local.emulator.process import EmulatorProcess
from local.state import State
from local.template.stack import Stack

TEMPLATE = Path(__file__).parents[1] / "template.yaml"


@contextlib.contextmanager
def emulated_cloud() -> Iterator[None]:
    """Until it ends, this process has the environment of every function, and one rate card is loaded."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        emulator = EmulatorProcess(State(Path(folder)), ephemeral=True)
        try:
            emulator.wait_until_ready()
            blueprint = Stack(TEMPLATE, PARAMETERS).deploy(emulator.endpoint)
            os.environ |= emulator.endpoint.environment
            for function in blueprint.functions.values():
                os.environ |= function.environment
            _load_card()
            yield
        finally:
            emulator.stop()


def _load_card() -> None:
    from metering.aws.clients import make_dynamodb  # noqa: PLC0415  # reads the environment
    from metering.flows.import_catalogue import import_cards  # noqa: PLC0415  # the same

    import_cards(make_dynamodb(), os.environ["RATES_TABLE"], [sonnet()])


def app_of(function: str) -> Any:  # noqa: ANN401  # a module
    """The module of a function's handler; imported under `emulated_cloud`, its client is the emulator's."""
    return importlib.import_module(f"functions.{function}.app")


def ask(function: str, route: str, body: Any, path: dict[str, str] | None = None) -> Json:  # noqa: ANN401  # JSON
    """A function's answer to a request, which must be a success."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        result = app_of(function).handler(gateway_event(route, body, path), Context())
    assert result["statusCode"] < 300, result  # noqa: PLR2004  # successes are below
    answer: Json = json.loads(unpacked(result))
    return answer


def unpacked(result: Json) -> bytes:
    """What a caller reads of an answer, which is packed if it is long."""
    body: str = result["body"]
    return gzip.decompress(base64.b64decode(body)) if result.get("isBase64Encoded") else body.encode()


class Count:
    """What calls to DynamoDB took, by what DynamoDB says."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.write_units: Counter[str] = Counter()
        """By table, or by table and index."""


@contextlib.contextmanager
def counted(function: str) -> Iterator[Count]:
    """Counts the calls of a function's client."""
    count = Count()

    def ask_for_units(params: Json, **_: object) -> None:
        params["ReturnConsumedCapacity"] = "INDEXES"

    def note(parsed: Json, model: Any, **_: object) -> None:  # noqa: ANN401  # botocore's
        count.calls[model.name] += 1
        consumed = parsed.get("ConsumedCapacity", [])
        for table in consumed if isinstance(consumed, list) else [consumed]:
            if model.name in _WRITES:
                _add(count.write_units, table)

    events = app_of(function).CLIENT.meta.events
    events.register_first("provide-client-params.dynamodb", ask_for_units)
    events.register("after-call.dynamodb", note)
    try:
        yield count
    finally:
        events.unregister("provide-client-params.dynamodb", ask_for_units)
        events.unregister("after-call.dynamodb", note)


_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})


def _add(units: Counter[str], table: Json) -> None:
    name = table["TableName"].rpartition("-")[2]
    indexes = table.get("GlobalSecondaryIndexes", {}) | table.get("LocalSecondaryIndexes", {})
    for index, taken in indexes.items():
        units[f"{name}.{index}"] += taken["CapacityUnits"]
    units[name] += table["CapacityUnits"] - sum(taken["CapacityUnits"] for taken in indexes.values())
