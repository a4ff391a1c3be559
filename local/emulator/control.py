"""ministack as an ASGI application that counts changes, with the local cloud's own requests beside AWS's.

GET  /_emulator/ready
POST /_emulator/keep              from now on what changes is saved; not before, so that no half-made stack is kept
POST /_emulator/hurry             nobody waits for what may come: reading a stream or a queue is answered at once
POST /_emulator/streams/register  {stream ARN: [reader, ...]} -> {stream ARN: {reader: sequence number it has come to}}
POST /_emulator/streams/read      {arn, reader, after, limit, waitSeconds} -> {records: [...]}; acknowledges `after`
"""

import asyncio
from typing import Any

import orjson
from ministack.app import app as ministack

from local.asgi import Receive, Scope, Send, answer, read_body
from local.emulator.callers import is_welcome
from local.emulator.queues import Queues
from local.emulator.streams import Streams

PREFIX = "/_emulator/"
BODY_LIMIT = 1_000_000  # bytes
TEXT = [(b"content-type", b"text/plain")]
READING = (b"Get", b"Describe", b"List", b"Query", b"Scan", b"BatchGet", b"TransactGet", b"ReceiveMessage")


class Emulator:
    """`changes` grows with every request that may have changed something; `keeping` is set by /_emulator/keep."""

    def __init__(self, streams: Streams, queues: Queues) -> None:
        self.streams = streams
        self._queues = queues
        self.changes = 0
        self.keeping = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await ministack(scope, receive, send)
        elif not is_welcome(scope):
            await answer(
                send, 403, [(b"content-type", b"text/plain")], b"The emulator answers signed requests alone.\n"
            )
        elif scope["path"].startswith(PREFIX):
            result = await self._control(scope["path"].removeprefix(PREFIX), receive)
            status, body = (204, b"") if result is None else (200, orjson.dumps(result))
            await answer(send, status, [(b"content-type", b"application/json")], body)
        else:
            await ministack(scope, receive, send)
            self.changes += not _is_reading(scope)

    async def _control(self, action: str, receive: Receive) -> Any:  # noqa: ANN401 - any JSON
        match action:
            case "keep":
                self.keeping.set()
                self.changes += 1
            case "hurry":
                self.streams.hurried = self._queues.hurried = True
            case "streams/register":
                self.changes += 1
                return self.streams.register(orjson.loads(await read_body(receive, BODY_LIMIT)))
            case "streams/read":
                return await self._read_stream(**orjson.loads(await read_body(receive, BODY_LIMIT)))
        return None

    async def _read_stream(self, arn: str, reader: str, after: str, limit: int, waitSeconds: float) -> Any:  # noqa: ANN401, N803 - JSON
        self.changes += self.streams.acknowledge(arn, reader, after)
        return {"records": await self.streams.read(arn, after, limit, waitSeconds)}


def _is_reading(scope: Scope) -> bool:
    if scope["method"] in {"GET", "HEAD"}:
        return True
    target: bytes = next((value for name, value in scope["headers"] if name == b"x-amz-target"), b"")
    return target.rpartition(b".")[2].startswith(READING)
