"""Snapshots of everything that ministack holds, taken at one instant and written atomically.

ministack writes its state only when it ends, after copying all of it, which stops it for seconds. A fork is a copy that
costs milliseconds: the child writes what it inherited and leaves, while the parent goes on serving.
"""

import contextlib
import gc
import json
import os
import signal
from pathlib import Path
from typing import Any

import orjson

from local.emulator import internals, shortcuts
from local.emulator.streams import Streams
from local.state import SNAPSHOT

FORMAT = 1
STANDARD_ERROR = 2
NO_REASON = 255  # the exit code of a child that failed for another reason than the system's, whose code is its errno
CHILD_SECONDS = 120  # a child that inherited a lock which nobody will release ends by itself


class Snapshots:
    """The snapshot file of one state directory. `lock` is a descriptor that a writing child keeps open."""

    def __init__(self, directory: Path, streams: Streams, lock: int) -> None:
        self._path = directory / SNAPSHOT
        self._streams = streams
        self._lock = lock

    def restore(self) -> None:
        """Load the snapshot, if there is one. To be called before the first request."""
        if not self._path.exists():
            return
        gc.disable()  # millions of new objects, none of them garbage
        snapshot = json.loads(self._path.read_bytes(), object_hook=internals.decode_special)
        if snapshot["format"] != FORMAT:
            raise RuntimeError(f"{self._path} has format {snapshot['format']}, this version reads {FORMAT}")
        for service, state in snapshot["services"].items():
            internals.load_state(service, state)
        self._streams.restore(snapshot["streams"])
        gc.enable()
        gc.freeze()

    def fork(self) -> int:
        """Start writing a snapshot of this instant in a child process; returns its process id.

        The child ends with 0 when the snapshot has taken the place of the one before, and else with the errno of what
        kept it from that, or NO_REASON.
        """
        child = os.fork()
        if child == 0:
            self._write_and_leave()
        return child

    def _write_and_leave(self) -> None:
        status = NO_REASON
        with contextlib.suppress(BaseException):
            signal.alarm(CHILD_SECONDS)
            os.nice(10)
            self._close_descriptors()
            try:
                self.write()
                status = os.EX_OK
            except OSError as error:
                status = error.errno or NO_REASON
        os._exit(status)

    def _close_descriptors(self) -> None:
        """Let go of the parent's connections: they shall end when the parent says so."""
        for descriptor in [int(entry.name) for entry in Path("/dev/fd").iterdir()]:
            if descriptor > STANDARD_ERROR and descriptor != self._lock:
                with contextlib.suppress(OSError):  # the listing's own is closed already
                    os.close(descriptor)

    def write(self) -> None:
        """Write the snapshot in this process, which must not serve any more afterwards.

        Raises:
            OSError: it cannot be written, for want of room for example; the one before stays.
        """
        shortcuts.copy_nothing()  # ministack copies all its state before it hands it out
        gc.disable()
        services = internals.loaded_states()
        content = _encode({"format": FORMAT, "services": services, "streams": self._streams.state()})
        draft = self._path.with_suffix(".draft")
        try:
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink()  # a full disk needs the room
            raise


def _encode(snapshot: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(snapshot, default=internals.encode_special, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:  # lone surrogates and integers over 64 bits, which it refuses
        return json.dumps(snapshot, default=internals.encode_special).encode()
