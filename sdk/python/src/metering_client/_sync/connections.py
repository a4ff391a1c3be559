"""Connections that are this process's own."""

import os

import httpx


class Connections:
    """The connections of a client: made here, or the caller's.

    A forked process makes its own, since two that write on one read each other's answers. It cannot make those of a
    caller anew.
    """

    def __init__(self, http: httpx.Client | None) -> None:
        self._http = http or httpx.Client()
        self._are_ours = http is None
        self._process = os.getpid()

    @property
    def http(self) -> httpx.Client:
        """What requests go through, here and now."""
        if self._are_ours and self._process != os.getpid():
            self._http = httpx.Client()
            self._process = os.getpid()
        return self._http

    def close(self) -> None:
        """Closes those that were made here."""
        if self._are_ours:
            self.http.close()
