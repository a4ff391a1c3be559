"""A function's environments: no more than it may have, others wait in order, and too many are turned away."""

import asyncio
import json
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from local.asgi import Message, Scope
from local.gateway.app import Gateway
from local.template.blueprint import Blueprint, Route
from local.workers import frames
from local.workers.errors import ThrottledError
from local.workers.pool import FunctionPool
from tests.local.functions import function


class Environments:
    """Stands in for the zygote: its environments answer when they are told to, each with the event that it got."""

    def __init__(self) -> None:
        self.started: list[socket.socket] = []
        self._asked: asyncio.Queue[tuple[socket.socket, Any]] = asyncio.Queue()

    def fork(self, _request: dict[str, Any]) -> socket.socket:
        ours, theirs = socket.socketpair()
        theirs.send(frames.encode({"pid": 2**22}))  # no process has this number
        self.started.append(theirs)
        asyncio.get_running_loop().add_reader(theirs, self._note_request, theirs)
        return ours

    def _note_request(self, environment: socket.socket) -> None:
        self._asked.put_nowait((environment, frames.receive(environment)["event"]))

    async def answer_next(self) -> Any:
        """Have the environment that was asked first answer; what it was asked."""
        environment, event = await self._asked.get()
        environment.send(frames.encode({"payload": event}))
        return event

    def close(self) -> None:
        for each in self.started:
            asyncio.get_running_loop().remove_reader(each)
            each.close()


Test = Callable[[FunctionPool, Environments], Coroutine[Any, Any, None]]


def with_pool(test: Test, environments: int) -> None:
    async def run() -> None:
        zygote = Environments()
        pool = FunctionPool(function("Echo", environments=environments), {}, zygote)  # type: ignore[arg-type]
        await test(pool, zygote)
        zygote.close()
        pool.close_idle(0)

    asyncio.run(run())


def test_invocations_beyond_the_environments_wait_in_order() -> None:
    async def check(pool: FunctionPool, zygote: Environments) -> None:
        asked = [asyncio.create_task(pool.invoke(number)) for number in range(5)]
        assert [await zygote.answer_next() for _ in asked] == [0, 1, 2, 3, 4]
        assert await asyncio.gather(*asked) == [0, 1, 2, 3, 4]
        assert len(zygote.started) == 2

    with_pool(check, environments=2)


def test_when_too_many_wait_the_next_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(pool: FunctionPool, zygote: Environments) -> None:
        asked = [asyncio.create_task(pool.invoke(number)) for number in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(ThrottledError):
            await pool.invoke("one too many")
        for _ in asked:
            await zygote.answer_next()
        assert await asyncio.gather(*asked) == [0, 1, 2]

    monkeypatch.setattr("local.workers.pool.WAITING", 2)
    with_pool(check, environments=1)


class Busy:
    """Workers that turn everything away."""

    async def invoke(self, _function: str, _event: Any) -> Any:
        raise ThrottledError("TooManyRequestsException", "Rate Exceeded.")


def answer_of(gateway: Gateway, *messages: Message) -> list[Message]:
    """What a gateway sends to a POST whose body comes in these messages."""
    incoming, sent = iter(messages), []

    async def receive() -> Message:
        return next(incoming)

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [],
        "client": None,
    }
    asyncio.run(gateway(scope, receive, send))
    return sent


@pytest.fixture
def gateway() -> Gateway:
    blueprint = Blueprint({}, (Route("ANY", "$default", "Echo", None),), (), (), {})
    return Gateway(blueprint, Busy())  # type: ignore[arg-type]  # all that it needs of them


def test_a_request_that_is_turned_away_may_come_again(gateway: Gateway) -> None:
    start, body = answer_of(gateway, {"type": "http.request", "body": b"", "more_body": False})
    assert start["status"] == 429
    assert (b"retry-after", b"1") in start["headers"]
    assert json.loads(body["body"])["code"] == "throttled"


def test_half_a_body_is_not_taken_for_a_whole_one(gateway: Gateway) -> None:
    half = {"type": "http.request", "body": b'{"a": 1}', "more_body": True}
    assert answer_of(gateway, half, {"type": "http.disconnect"}) == []
