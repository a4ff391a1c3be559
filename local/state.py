"""The folder that holds everything the local cloud keeps, and the lock that makes it one local cloud's."""

import fcntl
import json
import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SNAPSHOT = "snapshot.json"  # in the emulator's folder
NOT_SAVED = 4
"""The exit code of an emulator whose last snapshot could not be written."""

WAIT_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.05


class InUseError(Exception):
    """Another local cloud runs on this folder."""


class State:
    """The folder, locked. The lock is held by every process that inherits `lock`, until the last of them has ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        self.lock = self._take_lock()

    @property
    def emulator(self) -> Path:
        return self.folder / "emulator"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def saved_at(self) -> datetime | None:
        """When what is kept was last saved, which every run does at its end; None if nothing is kept yet."""
        snapshot = self.emulator / SNAPSHOT
        return datetime.fromtimestamp(snapshot.stat().st_mtime, UTC) if snapshot.exists() else None

    def _take_lock(self) -> int:
        """Lock the folder. If its owner was killed, its emulator may still be saving: wait for that."""
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + WAIT_SECONDS
        while not _try_lock(lock):
            owner = os.pread(lock, 20, 0).decode()
            if _is_alive(owner) or time.monotonic() > deadline:
                os.close(lock)
                raise InUseError(f"Another local cloud (process {owner}) runs on {self.folder}.")
            time.sleep(LOOK_AGAIN_SECONDS)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        return lock

    def admin_key(self) -> str:
        """The platform's admin key, made at the first start."""
        if kept := self._read("admin-key"):
            return kept
        key = secrets.token_urlsafe(32)
        self._write("admin-key", key)
        return key

    def read_demo(self) -> dict[str, Any] | None:
        """What is known of the demo project, its owner's key among it."""
        kept = self._read("demo.json")
        return json.loads(kept) if kept else None

    def write_demo(self, demo: dict[str, Any]) -> None:
        self._write("demo.json", json.dumps(demo, indent=2))

    def _read(self, name: str) -> str:
        file = self.folder / name
        return file.read_text().strip() if file.exists() else ""

    def _write(self, name: str, content: str) -> None:
        """Write a file that nobody else may read."""
        with open(self.folder / name, "w", opener=_private) as file:
            file.write(content + "\n")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(process: str) -> bool:
    if not process:  # it has the lock and is about to write its number
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
