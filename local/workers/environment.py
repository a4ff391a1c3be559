"""One execution environment: imports a function's handler and answers invocations, one at a time, as Lambda's runtime.

It says {"pid"} or {"error"} when it has imported the handler. Each request is {"id", "event", "deadline"} and each
answer {"payload"} or {"error": {"errorType", "errorMessage", "stackTrace"}}.
"""

import contextlib
import importlib
import json
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from local.workers import frames

Handler: TypeAlias = Callable[[Any, "LambdaContext"], Any]

ANSWER_LIMIT = 6 * 1024 * 1024  # bytes, Lambda's


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What handlers use of Lambda's context object."""

    function_name: str
    memory_limit_in_mb: int
    invoked_function_arn: str
    aws_request_id: str
    log_group_name: str
    log_stream_name: str
    deadline: float  # seconds since the epoch
    function_version: str = "$LATEST"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.time()) * 1000))


def run(request: dict[str, Any], connection: socket.socket) -> NoReturn:
    """Be the environment that `request` describes until the other side closes. Never returns."""
    try:
        _set_up(request)
        with contextlib.suppress(EOFError, ConnectionError):
            _serve(request, connection)
    except BaseException:  # noqa: BLE001 - a handler left with sys.exit: its process ends, as in Lambda
        traceback.print_exc()
    finally:
        os._exit(1)


def _set_up(request: dict[str, Any]) -> None:
    if request["log"]:
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it is a file
    os.environ.clear()
    os.environ.update(request["variables"])
    time.tzset()
    os.chdir(request["code"])
    sys.path.insert(0, request["code"])


def _serve(request: dict[str, Any], connection: socket.socket) -> None:
    try:
        handler = _import(request["handler"])
    except Exception as error:  # noqa: BLE001 - whatever the import raises is the answer
        traceback.print_exc()
        connection.sendall(frames.encode({"error": _describe(error)}))
        return
    connection.sendall(frames.encode({"pid": os.getpid()}))
    while True:
        connection.sendall(_answer(handler, request, frames.receive(connection)))


def _import(name: str) -> Handler:
    module, _, function = name.rpartition(".")
    handler: Handler = getattr(importlib.import_module(module.replace("/", ".")), function)
    return handler


def _answer(handler: Handler, environment: dict[str, Any], request: dict[str, Any]) -> bytes:
    name = environment["name"]
    context = LambdaContext(
        function_name=name,
        memory_limit_in_mb=environment["memory"],
        invoked_function_arn=environment["arn"],
        aws_request_id=request["id"],
        log_group_name=f"/aws/lambda/{name}",
        log_stream_name=str(os.getpid()),
        deadline=request["deadline"],
    )
    try:
        answer = json.dumps({"payload": handler(request["event"], context)}).encode()
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is its answer
        traceback.print_exc()
        return frames.encode({"error": _describe(error)})
    if len(answer) > ANSWER_LIMIT:
        message = f"Response payload size ({len(answer)} bytes) exceeded maximum allowed payload size"
        return frames.encode({"error": _error("Function.ResponseSizeTooLarge", message, [])})
    return frames.frame(answer)


def _describe(error: BaseException) -> dict[str, Any]:
    return _error(type(error).__name__, str(error), traceback.format_tb(error.__traceback__))


def _error(kind: str, message: str, trace: list[str]) -> dict[str, Any]:
    return {"errorType": kind, "errorMessage": message, "stackTrace": trace}
