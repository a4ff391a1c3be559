"""uvicorn as the gateway and the emulator use it: on a socket that is bound already, and stopped by its owner."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

HOST = "127.0.0.1"
BACKLOG = 2048
GRACE_SECONDS = 3  # for requests that are being answered


class Server(uvicorn.Server):
    def __init__(self, application: Any, on_ready: Callable[[], None] = lambda: None) -> None:  # noqa: ANN401 - ASGI
        super().__init__(_configuration(application))
        self._on_ready = on_ready
        self._stopping = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the owner: uvicorn would raise them again before the owner has tidied up."""
        yield

    async def main_loop(self) -> None:
        """Until `stop`: uvicorn's own looks ten times a second whether to end."""
        await self._stopping.wait()

    def stop(self) -> None:
        """Take no more requests, and return from `serve` when those that were begun are answered."""
        self.should_exit = True
        self._stopping.set()


def _configuration(application: Any) -> uvicorn.Config:  # noqa: ANN401 - ASGI
    return uvicorn.Config(
        application,
        http="httptools",
        ws="none",
        lifespan="auto",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def bind(port: int) -> socket.socket:
    """A socket on the loopback address alone; OSError if the port is taken. 0 takes any free port."""
    # Named as TCP, or asyncio leaves out TCP_NODELAY and each answer waits 40 ms for the client's delayed ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port
