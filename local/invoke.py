"""Runs a sample event through its function, in this process, on the data of the local cloud that is running.

python -m local.invoke events/record_usage/single.json
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from local.cloud import PARAMETERS
from local.endpoint import Endpoint
from local.template.blueprint import Function
from local.template.stack import Stack
from local.workers.environment import LambdaContext

PROJECT = Path(__file__).parents[1]
FAILED = 1

Event = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="events/<function>/<case>.json")]
Folder = Annotated[Path, typer.Option("--state", help="The folder of the local cloud.")]


def invoke(event: Event, folder: Folder = PROJECT / ".metering") -> None:
    """Print what the function of an event's folder answers to it."""
    port = folder / "emulator" / "port"
    if not port.exists():
        sys.stderr.write(f"No local cloud runs on {folder}. Start one: make run\n")
        raise typer.Exit(FAILED)
    endpoint = Endpoint(f"http://127.0.0.1:{port.read_text().strip()}")
    functions = Stack(PROJECT / "template.yaml", PARAMETERS).deploy(endpoint).functions.values()
    [function] = [each for each in functions if each.code.name == event.resolve().parent.name]
    os.environ |= endpoint.environment | function.environment
    answer = _handler(function)(json.loads(event.read_text()), _context(function))
    sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")


def _handler(function: Function) -> Callable[[Any, LambdaContext], Any]:
    sys.path.insert(0, str(function.code))
    module, _, name = function.handler.rpartition(".")
    handler: Callable[[Any, LambdaContext], Any] = getattr(importlib.import_module(module), name)
    return handler


def _context(function: Function) -> LambdaContext:
    return LambdaContext(
        function_name=function.name,
        memory_limit_in_mb=function.memory,
        invoked_function_arn=function.arn,
        aws_request_id="sample",
        log_group_name="sample",
        log_stream_name="sample",
        deadline=time.time() + function.timeout,
    )


if __name__ == "__main__":
    typer.run(invoke)
