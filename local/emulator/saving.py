"""When snapshots are taken: every few seconds while something changes, and at the end."""

import asyncio
import contextlib
import os
import traceback
from collections.abc import Callable
from typing import NamedTuple

from local.emulator.control import Emulator
from local.emulator.snapshots import NO_REASON, Snapshots

PAUSE_SECONDS = 2.0
# Writing 100,000 records takes half a second of a core; saving shall not take more than a fifth of one.
REST_FACTOR = 4


class Saving:
    """A task that takes snapshots, once the emulator is told to keep what changes.

    `say` is told when that fails, and when it succeeds again.
    """

    def __init__(self, emulator: Emulator, snapshots: Snapshots, say: Callable[[str], None]) -> None:
        self._emulator = emulator
        self._snapshots = snapshots
        self._say = say
        self._is_failing = False
        self._writing: asyncio.Future[_Child] | None = None
        self._task = asyncio.create_task(self._save_while_it_changes())

    async def _save_while_it_changes(self) -> None:
        await self._emulator.keeping.wait()
        saved, pause = -1, 0.0
        while True:
            await asyncio.sleep(pause)
            self._emulator.streams.drop_unread()
            changes, pause = self._emulator.changes, PAUSE_SECONDS
            if changes != saved:
                child = await self._save()
                self._tell(child)
                saved = saved if child.failure else changes
                pause = max(PAUSE_SECONDS, REST_FACTOR * child.cpu_seconds)

    async def _save(self) -> "_Child":
        """Have a child write a snapshot."""
        self._writing = asyncio.ensure_future(asyncio.to_thread(_wait_for, self._snapshots.fork()))
        return await asyncio.shield(self._writing)

    def _tell(self, child: "_Child") -> None:
        if child.failure and not self._is_failing:
            self._say(f"What changes cannot be saved: {child.failure}. It is tried again and again.")
        if self._is_failing and not child.failure:
            self._say("What changed is saved again.")
        self._is_failing = bool(child.failure)

    async def finish(self) -> bool:
        """Take the last snapshot; nothing may be served afterwards. A child that still writes comes first.

        False: it could not be written.
        """
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self._writing:
            await self._writing
        if self._emulator.keeping.is_set():
            try:
                self._snapshots.write()
            except OSError:
                traceback.print_exc()
                return False
        return True


class _Child(NamedTuple):
    failure: str  # what kept it from writing; empty if nothing did
    cpu_seconds: float


def _wait_for(child: int) -> _Child:
    _, status, usage = os.wait4(child, 0)
    return _Child(_failure_of(os.waitstatus_to_exitcode(status)), usage.ru_utime + usage.ru_stime)


def _failure_of(code: int) -> str:
    if code == os.EX_OK:
        return ""
    return os.strerror(code).lower() if 0 < code < NO_REASON else f"what writes it ended with code {code}"
