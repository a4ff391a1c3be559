"""The handle that the local cloud has on the zygote."""

import contextlib
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.workers import frames

STOP_SECONDS = 5.0


class Zygote:
    """Starts at once, and again if it is found dead. What functions print goes to standard error if `log` is None."""

    def __init__(self, log: Path | None) -> None:
        self._log = log
        self._start()

    def _start(self) -> None:
        self._control, other = socket.socketpair()
        with other, self._log.open("ab") if self._log else contextlib.nullcontext(sys.stderr) as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "local.workers.zygote", str(other.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(other.fileno(),),
                start_new_session=True,  # a Ctrl-C is for the local cloud, which stops it in its turn
            )

    def fork(self, request: dict[str, Any]) -> socket.socket:
        """Start an execution environment (see `environment`); returns this side's end of its socket."""
        if self._process.poll() is not None:
            self._control.close()
            self._start()
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [frames.encode(request)], [theirs.fileno()])
        return ours

    def stop(self) -> None:
        """End it, and with it every environment that is left."""
        self._control.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
