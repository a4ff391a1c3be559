"""Invokes functions: on an idle execution environment, on a new one, or when one becomes free, in order of arrival."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import time
import uuid
from pathlib import Path
from typing import Any

from local.endpoint import Endpoint
from local.template.blueprint import Function
from local.workers import frames
from local.workers.errors import ExitedError, HandlerError, InvocationError, ThrottledError, TimedOutError
from local.workers.zygote_process import Zygote

WAITING = 1000  # a function
IDLE_SECONDS = 300.0
TIDY_SECONDS = 30.0
START_SECONDS = 30.0
LOG_BYTES = 32 * 1024 * 1024
BUFFER = 1024 * 1024  # bytes

_logger = logging.getLogger("local.workers")


class Environment:
    """One execution environment, seen from outside."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pid: int) -> None:
        self._reader = reader
        self._writer = writer
        self._pid = pid
        self.used = time.monotonic()

    async def ask(self, request_id: str, event: Any, deadline: float) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        self._writer.write(frames.encode({"id": request_id, "event": event, "deadline": deadline}))
        answer: dict[str, Any] = json.loads(await frames.read(self._reader))
        self.used = time.monotonic()
        return answer

    @property
    def ended(self) -> bool:
        return self._reader.at_eof()

    def close(self) -> None:
        """It ends when it has answered what it is doing."""
        self._writer.close()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self.close()


class FunctionPool:
    """The execution environments of one function."""

    def __init__(self, function: Function, request: dict[str, Any], zygote: Zygote) -> None:
        self._function = function
        self._request = request
        self._zygote = zygote
        self._free = asyncio.Semaphore(function.environments)
        self._idle: list[Environment] = []  # the most recently used last
        self._pending = 0

    async def invoke(self, event: Any) -> Any:  # noqa: ANN401 - any JSON
        """The handler's answer; an InvocationError when there is none."""
        if self._pending >= self._function.environments + WAITING:
            raise ThrottledError("TooManyRequestsException", "Rate Exceeded.")
        self._pending += 1
        try:
            async with self._free:
                return await self._invoke_now(event)
        finally:
            self._pending -= 1

    async def _invoke_now(self, event: Any) -> Any:  # noqa: ANN401 - any JSON
        environment = self._take_idle() or await self._start()
        request_id = str(uuid.uuid4())
        finished = False
        try:
            async with asyncio.timeout(self._function.timeout):
                answer = await environment.ask(request_id, event, time.time() + self._function.timeout)
            finished = True
        except TimeoutError as error:
            message = f"{request_id} Task timed out after {self._function.timeout:.2f} seconds"
            raise TimedOutError("Sandbox.Timedout", message) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            message = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
            raise ExitedError("Runtime.ExitError", message) from error
        finally:
            if finished:
                self._idle.append(environment)
            else:
                environment.kill()
        return _payload(answer)

    def _take_idle(self) -> Environment | None:
        while self._idle:
            environment = self._idle.pop()
            if not environment.ended:
                return environment
            environment.close()
        return None

    async def _start(self) -> Environment:
        connection = self._zygote.fork(self._request)
        reader, writer = await asyncio.open_unix_connection(sock=connection, limit=BUFFER)
        try:
            async with asyncio.timeout(START_SECONDS):
                hello = json.loads(await frames.read(reader))
            _payload(hello)
        except BaseException as error:
            writer.close()
            if isinstance(error, TimeoutError | asyncio.IncompleteReadError | ConnectionError):
                message = "The environment ended before its handler was imported"
                raise ExitedError("Runtime.ExitError", message) from error
            raise
        return Environment(reader, writer, hello["pid"])

    def close_idle(self, unused_seconds: float) -> None:
        """Close the environments that were not used for so long."""
        limit = time.monotonic() - unused_seconds
        for environment in [each for each in self._idle if each.used <= limit]:
            self._idle.remove(environment)
            environment.close()


def _payload(answer: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    if "error" in answer:
        error = answer["error"]
        raise HandlerError(error["errorType"], error["errorMessage"], error["stackTrace"])
    return answer.get("payload")


class Workers:
    """The execution environments of all functions. To be made, used and stopped in one event loop."""

    def __init__(self, functions: dict[str, Function], endpoint: Endpoint, zygote: Zygote, logs: Path | None) -> None:
        """`logs` is the folder for a log file a function; None sends them to standard error."""
        self._logs = logs
        self._zygote = zygote
        self._pools = {
            name: FunctionPool(function, _request(function, endpoint, logs), zygote)
            for name, function in functions.items()
        }
        self._tidying = asyncio.create_task(self._tidy())

    async def invoke(self, function: str, event: Any) -> Any:  # noqa: ANN401 - any JSON
        """The function's answer; an InvocationError when there is none."""
        try:
            return await self._pools[function].invoke(event)
        except InvocationError as error:
            _logger.warning("%s: %s", function, error)
            raise

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            for pool in self._pools.values():
                pool.close_idle(IDLE_SECONDS)
            for log in self._logs.iterdir() if self._logs else ():
                if log.stat().st_size > LOG_BYTES:
                    os.truncate(log, 0)

    def stop(self) -> None:
        """Close all environments; what they are doing is lost."""
        self._tidying.cancel()
        for pool in self._pools.values():
            pool.close_idle(0)
        self._zygote.stop()


def _request(function: Function, endpoint: Endpoint, logs: Path | None) -> dict[str, Any]:
    """What the zygote needs to know of a function (see `environment`)."""
    return {
        "name": function.name,
        "arn": function.arn,
        "memory": function.memory,
        "handler": function.handler,
        "code": str(function.code),
        "log": str(logs / f"{function.name}.log") if logs else None,
        "variables": _variables(function, endpoint),
    }


def _variables(function: Function, endpoint: Endpoint) -> dict[str, str]:
    """All of its environment: the template's variables, and those that Lambda sets."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "_HANDLER": function.handler,
        **endpoint.environment,
        **function.environment,
    }
