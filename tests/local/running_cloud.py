"""A local cloud for tests: `metering local` as a user starts it, on a free port and a folder of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from local.endpoint import Endpoint

METERING = Path(sys.executable).with_name("metering")
REQUEST_SECONDS = 30
AT_ONCE = ("--parameter", "RollupSeconds=1")
"""Views follow as soon as the template allows: most of what tests wait for is that."""


@dataclass
class RunningCloud:
    """Runs from `start` until `stop` or `kill`, any number of times, on the same port and folder."""

    state: Path
    options: tuple[str, ...] = ()
    admin_key: str = "the-admin-key-of-the-tests"
    port: int = 0
    ready_line: str = ""
    process: subprocess.Popen[str] = field(init=False)
    _clients: list["ProjectClient"] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def endpoint(self) -> Endpoint:
        """The emulator's, for clients of boto3."""
        return Endpoint(f"http://127.0.0.1:{(self.state / 'emulator/port').read_text()}")

    def start(self) -> Self:
        """Returns when it is ready."""
        self.process = self.launch()
        assert self.process.stdout
        self.ready_line = self.process.stdout.readline()
        if not self.ready_line:
            raise AssertionError(f"It ended with code {self._ended()}: {self.state.with_suffix('.log').read_text()}")
        self.port = int(self.ready_line.rpartition(":")[2])
        return self

    def launch(self) -> subprocess.Popen[str]:
        """Start its process, and do not wait for it."""
        command = [str(METERING), "local", "--port", str(self.port), "--state", str(self.state)]
        command += ["--admin-key", self.admin_key, *self.options]
        command += () if "--template" in self.options else AT_ONCE
        with self.state.with_suffix(".log").open("a") as log:
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it as a user does; its exit code."""
        self.process.send_signal(how)
        return self._ended()

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self._ended()

    def kill_everything(self) -> None:
        """End it and its emulator at once, as a loss of power does."""
        for process in [self.process.pid, *self.children()]:
            os.kill(process, signal.SIGKILL)
        self._ended()

    def _ended(self) -> int:
        code = self.process.wait(60)
        assert self.process.stdout
        self.process.stdout.close()
        return code

    def restart(self) -> None:
        """Start it again; stopped before, if it runs."""
        if self.process.poll() is None:
            self.stop()
        self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            self.stop()
        else:
            self._ended()
        for client in self._clients:
            client.close()

    def new_project(self, pricing_mode: str = "managed") -> "ProjectClient":
        """A new project; its client is closed with the cloud."""
        body = {"name": "Tests", "ownerId": "owner", "pricingMode": pricing_mode}
        answer = httpx.post(f"{self.url}/v1/projects", json=body, headers=authorization(self.admin_key), timeout=30)
        project = answer.raise_for_status().json()
        self._clients.append(ProjectClient(self.url, project["projectId"], project["apiKey"]))
        return self._clients[-1]

    def children(self) -> list[int]:
        """The processes that it has started, and theirs."""
        return list(_descendants(self.process.pid))


class ProjectClient(httpx.Client):
    """An HTTP client with the key of a project's owner."""

    def __init__(self, url: str, project_id: str, key: str) -> None:
        super().__init__(base_url=url, headers=authorization(key), timeout=REQUEST_SECONDS)
        self.project_id = project_id
        self.key = key

    def record(self, **event: Any) -> httpx.Response:
        """Send a callback: four metrics of a model call, unless the event says otherwise."""
        usual = {"service": "claude_code", "modelId": "claude-sonnet-4-5", "usage": {"inputTokens": 1000}}
        return self.post("/v1/callbacks/usage.computeCostAndRecord", json=usual | event)


def authorization(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _descendants(process: int) -> Iterator[int]:
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from _descendants(child)
