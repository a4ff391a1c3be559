"""The process that execution environments are forked from: `python -m local.workers.zygote FD`.

It has imported what every function imports, so that a new environment needs milliseconds. It does what it is asked over
the socket FD: a frame {name, code, handler, variables, ...} comes with the socket of the new environment. When the
other side closes, it kills every environment that is left and ends.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
from typing import Any

# What functions import; none of it makes connections or threads when imported.
import aws_lambda_powertools  # noqa: F401
import boto3  # noqa: F401
import botocore.session  # noqa: F401
import pydantic  # noqa: F401

from local.workers import environment, frames

_children: set[int] = set()


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, _bury)
    gc.freeze()
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            request, connection = frames.receive_with_descriptor(control)
            _fork(control, request, connection)
    for child in list(_children):
        os.kill(child, signal.SIGKILL)


def _fork(control: socket.socket, request: dict[str, Any], connection: int) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # it may end before it is in the set
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        control.close()
        environment.run(request, socket.socket(fileno=connection))
    _children.add(child)
    os.close(connection)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _bury(*_signal: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while child := os.waitpid(-1, os.WNOHANG)[0]:
            _children.discard(child)


if __name__ == "__main__":
    main()
