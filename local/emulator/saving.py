"""When snapshots are taken: every few seconds while something changes, and at the end."""

import asyncio
import contextlib
import os
from typing import NamedTuple

from local.emulator.control import Emulator
from local.emulator.snapshots import Snapshots

PAUSE_SECONDS = 2.0
# Writing 100,000 records takes half a second of a core; saving shall not take more than a fifth of one.
REST_FACTOR = 4


class Saving:
    """A task that takes snapshots, once the emulator is told to keep what changes."""

    def __init__(self, emulator: Emulator, snapshots: Snapshots) -> None:
        self._emulator = emulator
        self._snapshots = snapshots
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
                saved = changes if child.succeeded else saved
                pause = max(PAUSE_SECONDS, REST_FACTOR * child.cpu_seconds)

    async def _save(self) -> "_Child":
        """Have a child write a snapshot."""
        self._writing = asyncio.ensure_future(asyncio.to_thread(_wait_for, self._snapshots.fork()))
        return await asyncio.shield(self._writing)

    async def finish(self) -> None:
        """Take the last snapshot; nothing may be served afterwards. A child that still writes comes first."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self._writing:
            await self._writing
        if self._emulator.keeping.is_set():
            self._snapshots.write()


class _Child(NamedTuple):
    succeeded: bool
    cpu_seconds: float


def _wait_for(child: int) -> _Child:
    _, status, usage = os.wait4(child, 0)
    return _Child(os.waitstatus_to_exitcode(status) == os.EX_OK, usage.ru_utime + usage.ru_stime)
