"""Connections belong to one process and one event loop: a client makes its own wherever it is used."""

import asyncio
import gc
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from metering_client import AsyncClient, Client

OK = b'{"status": "ok"}'


@dataclass
class Listener:
    """A service over TCP, and the ports that its requests came from."""

    url: str = ""
    ports: list[int] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # which keeps connections

        def do_GET(self) -> None:
            found.ports.append(self.client_address[1])
            self.send_response(200)
            self.send_header("content-length", str(len(OK)))
            self.end_headers()
            self.wfile.write(OK)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        found.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield found
        server.shutdown()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_has_connections_of_its_own(listener: Listener) -> None:
    with Client(listener.url, "mk_test") as client:
        client.health()
        process = os.fork()
        if process == 0:
            os._exit(0 if client.health().status == "ok" else 1)
        assert os.waitpid(process, 0)[1] == 0
        client.health()
    parent, child, again = listener.ports
    assert parent == again != child


# The loop that the first connections were made in is closed: nobody can close them any more.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_event_loop_has_connections_of_its_own(listener: Listener) -> None:
    client = AsyncClient(listener.url, "mk_test")

    async def twice() -> None:
        await client.health()
        await client.health()

    asyncio.run(twice())
    asyncio.run(twice())
    asyncio.run(client.aclose())
    gc.collect()
    first, second = listener.ports[::2]
    assert listener.ports == [first, first, second, second]


def test_connections_of_a_caller_stay_the_callers(listener: Listener) -> None:
    with httpx.Client() as http:
        with Client(listener.url, "mk_test", http=http) as client:
            client.health()
        assert not http.is_closed
    own = Client(listener.url, "mk_test")
    own.close()
    assert own.http.is_closed
