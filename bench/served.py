"""The running local cloud, as a user starts it, and plain connections to it, which cost as little as can be."""

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, Self

from bench.samples import Json

ADMIN_KEY = "the-admin-key-of-the-bench"
REQUEST_SECONDS = 60


class Reply(NamedTuple):
    status: int
    body: Any


class Connection:
    """One connection, kept open, with one key."""

    def __init__(self, port: int, key: str) -> None:
        self._http = HTTPConnection("127.0.0.1", port, timeout=REQUEST_SECONDS)
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}

    def ask(self, method: str, path: str, body: Json | None = None) -> Reply:
        self._http.request(method, path, None if body is None else json.dumps(body), self._headers)
        response = self._http.getresponse()
        content = response.read()
        return Reply(response.status, json.loads(content) if content else None)

    def get(self, path: str) -> Json:
        """What a GET answers, which must be a success."""
        reply = self.ask("GET", path)
        assert reply.status == 200, reply  # noqa: PLR2004  # OK
        body: Json = reply.body
        return body

    def post(self, path: str, body: Json) -> Json:
        """What a POST answers, which must be a success."""
        reply = self.ask("POST", path, body)
        assert reply.status < 300, reply  # noqa: PLR2004  # successes are below
        answer: Json = reply.body
        return answer

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


@dataclass(frozen=True)
class Served:
    """A local cloud that serves on a loopback port."""

    port: int

    def new_project(self) -> str:
        """The owner's key of a project without any usage."""
        with Connection(self.port, ADMIN_KEY) as admin:
            body = {"name": "bench", "ownerId": "owner", "pricingMode": "managed"}
            return str(admin.post("/v1/projects", body)["apiKey"])

    def connect(self, key: str) -> Connection:
        return Connection(self.port, key)


@contextlib.contextmanager
def served_cloud() -> Iterator[Served]:
    """An empty local cloud on a free port, gone with all that it holds at the end."""
    command = [str(Path(sys.executable).with_name("metering")), "local", "--port", "0", "--ephemeral"]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(  # noqa: S603  # ours
            [*command, "--admin-key", ADMIN_KEY], stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            assert process.stdout
            ready = process.stdout.readline()
            if not ready:
                errors.seek(0)
                raise RuntimeError(f"the local cloud did not start: {errors.read()}")
            yield Served(int(ready.rpartition(":")[2]))
        finally:
            process.terminate()
            process.wait(REQUEST_SECONDS)
            if process.stdout:
                process.stdout.close()


class Bounds(NamedTuple):
    """When a race ends: after so many requests or seconds, whichever comes first."""

    requests: int
    seconds: float


@dataclass
class Race:
    """What clients saw who all sent as fast as they were answered."""

    seconds: float = 0
    milliseconds: list[float] = field(default_factory=list)
    """How long each answered request took."""
    answers: list[Json] = field(default_factory=list)
    refused: int = 0
    """Requests that were told to come again (429, 503)."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.answers) / self.seconds


Request = tuple[str, Json]
"""A path to post to, and the body."""


def race(served: Served, key: str, clients: int, bounds: Bounds, make_request: Callable[[int], Request]) -> Race:
    """Lets `clients` send what `make_request` makes of the numbers from 0 on."""
    result, numbers, ready = Race(), count(), threading.Barrier(clients + 1)

    def run() -> None:
        with served.connect(key) as connection:
            ready.wait()
            while time.perf_counter() < ends and (number := next(numbers)) < bounds.requests:
                path, body = make_request(number)
                sent = time.perf_counter()
                _note(result, connection.ask("POST", path, body), (time.perf_counter() - sent) * 1000)

    ends = time.perf_counter() + REQUEST_SECONDS
    with ThreadPoolExecutor(clients) as threads:
        running = [threads.submit(run) for _ in range(clients)]
        ready.wait()
        begun = time.perf_counter()
        ends = begun + bounds.seconds
        for one in running:
            one.result()
    result.seconds = time.perf_counter() - begun
    return result


def _note(result: Race, reply: Reply, milliseconds: float) -> None:
    if reply.status in _COME_AGAIN:
        result.refused += 1
        return
    assert reply.status < 300, reply  # noqa: PLR2004  # successes are below
    result.milliseconds.append(milliseconds)
    result.answers.append(reply.body)


_COME_AGAIN = frozenset({429, 503})
