"""Connections that are this process's and this event loop's own."""

import asyncio
import os

import httpx


class AsyncConnections:
    """The connections of a client: made here, or the caller's.

    A forked process makes its own, since two that write on one read each other's answers; so does another event loop,
    as of a second `asyncio.run`, since the loop that a connection was made in may be closed. Neither can make those of
    a caller anew.
    """

    def __init__(self, http: httpx.AsyncClient | None) -> None:
        self._http = http or httpx.AsyncClient()
        self._are_ours = http is None
        self._home: tuple[int, asyncio.AbstractEventLoop] | None = None

    @property
    def http(self) -> httpx.AsyncClient:
        """What requests go through, here and now."""
        home = (os.getpid(), asyncio.get_running_loop())
        if self._are_ours and self._home not in {None, home}:
            self._http = httpx.AsyncClient()
        self._home = home
        return self._http

    async def aclose(self) -> None:
        """Closes those that were made here."""
        if self._are_ours:
            await self.http.aclose()
