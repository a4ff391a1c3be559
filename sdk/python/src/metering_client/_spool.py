"""Events on the disk until the service has them: JSON Lines in a directory that any number of processes share.

A recorder holds the lock `<id>.lock` while it lives and appends to one of its segments `<id>.<number>.jsonl`; a segment
that is sent is removed. Whoever gets the lock of another recorder finds it dead and takes its segments over. What was
appended survives the end of the process however it ends, and a loss of power once it is synchronized.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

if sys.platform != "win32":
    import fcntl

LOCK: Final = ".lock"
SEGMENT: Final = ".jsonl"
_PART: Final = ".part"
_MODE: Final = 0o600


class Lock:
    """The right to a recorder's segments, held until it is given up or the process ends."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def make(cls, directory: Path) -> Self:
        """A lock for a new recorder."""
        while True:
            found = cls.take(directory / f"{time.time_ns():020d}-{uuid4().hex[:8]}{LOCK}", os.O_CREAT)
            if found is not None:  # else somebody took it for a dead one's between its making and its locking
                return found

    @classmethod
    def take(cls, path: Path, flags: int = 0) -> Self | None:
        """The lock, if no process that lives has it.

        Raises:
            NotImplementedError: this system has no such locks.
        """
        if sys.platform == "win32":
            raise NotImplementedError("a recorder needs file locks as POSIX systems have them")
        try:
            descriptor = os.open(path, os.O_RDWR | flags, _MODE)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return cls(path, descriptor)
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(descriptor)  # another has it, or had it and removed it in this moment
        return None

    def segments(self) -> list[Path]:
        """The segments that are there, the oldest first."""
        return sorted(self.path.parent.glob(f"{self.path.stem}.*{SEGMENT}"))

    def new_segment(self, number: int) -> Path:
        """The path of a segment."""
        return self.path.with_name(f"{self.path.stem}.{number:08d}{SEGMENT}")

    def adopt(self) -> list[Path]:
        """Makes the segments of recorders that are dead this one's, the oldest first, as its first ones."""
        adopted: list[Path] = []
        for path in sorted(self.path.parent.glob(f"*{LOCK}")):
            dead = Lock.take(path)
            if dead is not None:
                for segment in dead.segments():
                    adopted.append(segment.rename(self.new_segment(len(adopted) + 1)))
                dead.give_up()
        return adopted

    def give_up(self) -> None:
        """Leaves what is still there to whoever comes next."""
        if not self.segments():
            for part in self.path.parent.glob(f"{self.path.stem}.*{_PART}"):
                part.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def forget(self) -> None:
        """Closes a forked process's copy, whose lock is its parent's."""
        os.close(self._descriptor)


class Writer:
    """The segment that events are being appended to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.size = 0
        self._descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, _MODE)

    def append(self, line: bytes) -> None:
        """Adds a line, all of it or nothing.

        Raises:
            OSError: it could not be written, for want of room for example.
        """
        try:
            _write(self._descriptor, line + b"\n")
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.count += 1
        self.size += len(line) + 1

    def sync(self) -> None:
        """Waits until the disk has it."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


def lines_of(path: Path) -> list[bytes]:
    """The lines of a segment; the last one may be torn, where the process ended while it was written."""
    return [line for line in path.read_bytes().split(b"\n") if line]


def keep(path: Path, lines: Sequence[bytes]) -> None:
    """Leaves only these lines in a segment, and waits until the disk has them; without any the segment is removed."""
    if not lines:
        path.unlink(missing_ok=True)
        return
    part = path.with_suffix(_PART)
    with os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, _MODE), "wb") as out:
        out.writelines(line + b"\n" for line in lines)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    _sync_directory(path.parent)


def append_for_good(path: Path, line: bytes) -> None:
    """Appends a line to a file that several processes may append to, and waits until the disk has it."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, _MODE)
    try:
        _write(descriptor, line + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    written = os.write(descriptor, data)
    while written < len(data):
        written += os.write(descriptor, data[written:])


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
