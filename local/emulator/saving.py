"""When snapshots are taken: every few seconds while something changes, and at the end."""

import asyncio
import contextlib
import os
import time

from local.emulator.control import Emulator
from local.emulator.snapshots import Snapshots

PAUSE_SECONDS = 2.0
# Writing 100,000 records takes a third of a second of a core; saving shall never take more than a fifth of one.
REST_FACTOR = 4


class Saving:
    """A task that takes snapshots, once the emulator is told to keep what changes."""

    def __init__(self, emulator: Emulator, snapshots: Snapshots) -> None:
        self._emulator = emulator
        self._snapshots = snapshots
        self._writing: asyncio.Future[int] | None = None
        self._task = asyncio.create_task(self._save_while_it_changes())

    async def _save_while_it_changes(self) -> None:
        await self._emulator.keeping.wait()
        saved, pause = -1, 0.0
        while True:
            await asyncio.sleep(pause)
            self._emulator.streams.drop_unread()
            changes, began = self._emulator.changes, time.monotonic()
            if changes != saved and await self._save() == os.EX_OK:
                saved = changes
            pause = max(PAUSE_SECONDS, REST_FACTOR * (time.monotonic() - began))

    async def _save(self) -> int:
        """Have a child write a snapshot; answers its exit code."""
        child = self._snapshots.fork()
        self._writing = asyncio.ensure_future(asyncio.to_thread(_exit_code, child))
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


def _exit_code(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
