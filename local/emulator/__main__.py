"""The emulator's process: `python -m local.emulator --directory DIR --socket FD --lock FD --tell FD [--remove DIR]`.

It serves ministack on the loopback address, and the local cloud's own requests beside it (`control`). It ends on
SIGTERM, and when its standard input closes, which is how it learns that the local cloud is gone; it saves first, and
ends with NOT_SAVED if it cannot.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import socket
from pathlib import Path

from local.emulator import internals, shortcuts
from local.emulator.control import Emulator
from local.emulator.queues import Queues
from local.emulator.saving import Saving
from local.emulator.snapshots import Snapshots
from local.emulator.streams import Streams
from local.server import Server
from local.state import NOT_SAVED

STANDARD_INPUT = 0


async def serve(directory: Path, listener: socket.socket, lock: int, tell: int) -> bool:
    """Serves until it is told to end; whether what changed is saved."""
    shortcuts.install()
    internals.load_modules("cloudformation", "secretsmanager", "sqs", "s3")
    streams = Streams()
    snapshots = Snapshots(directory, streams, lock)
    snapshots.restore()
    emulator = Emulator(streams, Queues())
    server = Server(emulator)
    _stop_on_signal_or_orphaned(server)
    saving = Saving(emulator, snapshots, lambda sentence: _say(tell, sentence))
    await server.serve([listener])
    return await saving.finish()


def _say(descriptor: int, sentence: str) -> None:
    with contextlib.suppress(OSError):  # nobody may be left to read it
        os.write(descriptor, f"metering local: {sentence}\n".encode())


def _stop_on_signal_or_orphaned(server: Server) -> None:
    loop = asyncio.get_running_loop()

    def stop_at_end_of_input() -> None:
        if not os.read(STANDARD_INPUT, 1):
            loop.remove_reader(STANDARD_INPUT)
            server.stop()

    loop.add_signal_handler(signal.SIGTERM, server.stop)
    loop.add_reader(STANDARD_INPUT, stop_at_end_of_input)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--socket", type=int, required=True, help="the descriptor of the bound socket to listen on")
    parser.add_argument("--lock", type=int, required=True, help="the descriptor to keep while anything is written")
    parser.add_argument("--tell", type=int, required=True, help="the descriptor of what people read")
    parser.add_argument("--remove", type=Path, help="a folder that nobody needs when this process has ended")
    arguments = parser.parse_args()
    listener = socket.socket(fileno=arguments.socket)
    is_saved = asyncio.run(serve(arguments.directory, listener, arguments.lock, arguments.tell))
    if arguments.remove:
        shutil.rmtree(arguments.remove, ignore_errors=True)
    os._exit(os.EX_OK if is_saved else NOT_SAVED)  # to take apart what the process holds takes longer than to save it


if __name__ == "__main__":
    main()
