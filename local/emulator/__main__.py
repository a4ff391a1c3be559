"""The emulator's process: `python -m local.emulator --directory DIR --socket FD --lock FD`.

It serves ministack on the loopback address, and the local cloud's own requests beside it (`control`). It ends on
SIGTERM, and when its standard input closes, which is how it learns that the local cloud is gone; it saves first.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from local.emulator.control import Emulator
from local.emulator.saving import Saving
from local.emulator.snapshots import Snapshots
from local.emulator.streams import Streams

STANDARD_INPUT = 0


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `serve`: uvicorn would raise them again before the last snapshot."""
        yield


async def serve(directory: Path, listener: socket.socket, lock: int) -> None:
    streams = Streams()
    snapshots = Snapshots(directory, streams, lock)
    snapshots.restore()
    emulator = Emulator(streams)
    server = Server(_configuration(emulator))
    _stop_on_signal_or_orphaned(server)
    saving = Saving(emulator, snapshots)
    await server.serve([listener])
    await saving.finish()


def _configuration(emulator: Emulator) -> uvicorn.Config:
    return uvicorn.Config(
        emulator,
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        backlog=2048,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
    )


def _stop_on_signal_or_orphaned(server: Server) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    def stop_at_end_of_input() -> None:
        if not os.read(STANDARD_INPUT, 1):
            loop.remove_reader(STANDARD_INPUT)
            stop()

    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_reader(STANDARD_INPUT, stop_at_end_of_input)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--socket", type=int, required=True, help="the descriptor of the bound socket to listen on")
    parser.add_argument("--lock", type=int, required=True, help="the descriptor to keep while anything is written")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.directory, socket.socket(fileno=arguments.socket), arguments.lock))


if __name__ == "__main__":
    main()
