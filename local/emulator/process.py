"""The handle that the local cloud has on the emulator's process."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import httpx

from local.emulator.callers import OWN_AUTHORIZATION
from local.endpoint import CREDENTIALS, REGION, Endpoint
from local.errors import CloudError
from local.server import HOST, bind, port_of
from local.state import NOT_SAVED, State

START_SECONDS = 60.0
STOP_SECONDS = 60.0
LOOK_AGAIN_SECONDS = 0.02
STANDARD_ERROR = 2


class EmulatorProcess:
    """The emulator, running from construction until `stop`. It ends by itself when this process does.

    An ephemeral one keeps nothing, and removes the state's folder when it ends.
    """

    def __init__(self, state: State, *, ephemeral: bool) -> None:
        state.emulator.mkdir(mode=0o700, exist_ok=True)
        self._log = state.logs / "emulator.log"
        with _bind_own_port(state.emulator) as listener, self._log.open("ab") as output:
            self.endpoint = Endpoint(f"http://{HOST}:{port_of(listener)}")
            self._process = _start(state, listener, output, ephemeral=ephemeral)
        authorization = {"authorization": OWN_AUTHORIZATION}
        self._client = httpx.Client(base_url=self.endpoint.url, headers=authorization, timeout=30)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    @property
    def ending(self) -> str:
        """How it ended, in a sentence."""
        return f"The emulator ended with code {self.exit_code}; see {self._log}."

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.exit_code is not None:
                raise CloudError(self.ending)
            with contextlib.suppress(httpx.TransportError):
                self._client.get("/_emulator/ready")
                return
            time.sleep(LOOK_AGAIN_SECONDS)
        raise CloudError(f"The emulator was not ready within {START_SECONDS:.0f} seconds; see {self._log}.")

    def keep(self) -> None:
        """From now on, save what changes."""
        self._client.post("/_emulator/keep").raise_for_status()

    def register_readers(self, readers: Mapping[str, list[str]]) -> dict[str, dict[str, str]]:
        """Say who reads each stream; answers the sequence number that each reader has come to ("" at first)."""
        answer: dict[str, dict[str, str]] = (
            self._client.post("/_emulator/streams/register", json=readers).raise_for_status().json()
        )
        return answer

    def read_stream(self, arn: str, reader: str, after: str, limit: int, wait_seconds: float) -> list[dict[str, Any]]:
        """The stream's records after a sequence number, in Lambda's form. The reader is done with all up to there."""
        body = {"arn": arn, "reader": reader, "after": after, "limit": limit, "waitSeconds": wait_seconds}
        answer = self._client.post("/_emulator/streams/read", json=body).raise_for_status()
        records: list[dict[str, Any]] = answer.json()["records"]
        return records

    def hurry(self) -> None:
        """From now on, answer who waits for records or messages at once."""
        with contextlib.suppress(httpx.TransportError):  # it has ended
            self._client.post("/_emulator/hurry")

    def stop(self) -> None:
        """Have it save and end; killed when it takes too long.

        Raises:
            CloudError: what changed last could not be saved.
        """
        self._client.close()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        if self.exit_code == NOT_SAVED:
            raise CloudError(f"What changed since the last snapshot is lost: it cannot be written. See {self._log}.")


def _start(state: State, listener: socket.socket, output: IO[bytes], *, ephemeral: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "local.emulator", "--directory", str(state.emulator)]
    tell = os.dup(STANDARD_ERROR)
    command += ["--socket", str(listener.fileno()), "--lock", str(state.lock), "--tell", str(tell)]
    try:
        return subprocess.Popen(  # noqa: S603 - our own module
            [*command, *(["--remove", str(state.folder)] if ephemeral else [])],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=os.environ | _settings(state.emulator, port_of(listener)),
            pass_fds=(listener.fileno(), state.lock, tell),
            start_new_session=True,  # a Ctrl-C is for the local cloud, which stops it in its turn
        )
    finally:
        os.close(tell)


def _settings(directory: Path, port: int) -> dict[str, str]:
    """Settings of ministack. It loads and saves nothing itself but S3's objects, and opens no other port."""
    return {
        **CREDENTIALS,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "GATEWAY_PORT": str(port),
        "PERSIST_STATE": "0",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(directory / "objects"),
        "LOG_LEVEL": "WARNING",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",  # else it removes every container of another ministack on this machine
    }


def _bind_own_port(directory: Path) -> socket.socket:
    """Bind the port that this state was made with, since addresses with it were handed out; another if it is taken."""
    note = directory / "port"
    try:
        listener = bind(int(note.read_text()) if note.exists() else 0)
    except OSError:
        listener = bind(0)
    note.write_text(str(port_of(listener)))
    return listener
