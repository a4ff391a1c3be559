"""The README's lines, given as they are to a shell beside a running local cloud, answer what the README shows."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.documents import Block, blocks, requests
from tests.local.running_cloud import METERING, ProjectClient, RunningCloud
from tests.local.waiting import eventually
from tests.template import ROOT

pytestmark = [
    pytest.mark.local,
    pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl"),
]

DONE = "@@done"


@dataclass
class Shell:
    """A bash in the project's folder; what a reader would find on this machine stands for what the README names."""

    project: ProjectClient
    state: Path
    receiver_port: int

    def __post_init__(self) -> None:
        command = ["bash", "--norc", "--noprofile"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def here(self, text: str) -> str:
        """The text with this machine's places in it."""
        for shown, meant in (
            ("http://127.0.0.1:3000", str(self.project.base_url)),
            (".metering/", f"{self.state}/"),
            (".venv/bin/metering", str(METERING)),
            ("~/.claude", "tests/data/claude-code"),
            ("8000", str(self.receiver_port)),
        ):
            text = text.replace(shown, meant)
        return text

    def run(self, block: Block) -> str:
        """What a block prints."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{self.here(block.text)}\necho; echo {DONE}\n")
        self.process.stdin.flush()
        printed = iter(self.process.stdout.readline, "")
        return "".join(iter(lambda: next(printed), f"{DONE}\n"))

    def close(self) -> None:
        self.process.communicate()


@dataclass
class Receiver:
    """The README's receiver of webhooks, once it is started."""

    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, code: str) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=log, stderr=log)
        eventually(self._listens)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    running = Receiver(free_port(), tmp_path / "receiver.log")
    yield running
    running.close()


@pytest.fixture
def shell(cloud: RunningCloud, receiver: Receiver, tmp_path: Path) -> Iterator[Shell]:
    project = cloud.new_project()
    (tmp_path / "demo.json").write_text(json.dumps({"apiKey": project.key}))
    running = Shell(project, tmp_path, receiver.port)
    yield running
    running.close()


def answers(printed: str) -> list[Any]:
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def is_part(shown: Any, answered: Any) -> bool:
    """Whether all that the README shows of an answer is there."""
    if isinstance(shown, dict):
        return isinstance(answered, dict) and all(
            name in answered and is_part(value, answered[name]) for name, value in shown.items()
        )
    if isinstance(shown, list):
        return len(shown) == len(answered) and all(map(is_part, shown, answered))
    return bool(shown == answered)


def reads_only(block: Block) -> bool:
    return all(request.method == "GET" for request in requests(block))


def shows(shell: Shell, block: Block, printed: str, answer: Any) -> bool:
    """Whether a block's last answer is the one shown; one that only reads may have been too early for a view."""
    if is_part(answer, answers(printed)[-1]):
        return True
    return reads_only(block) and bool(eventually(lambda: is_part(answer, answers(shell.run(block))[-1])))


def test_every_block_of_the_readme_does_what_the_readme_shows(shell: Shell, receiver: Receiver) -> None:
    last, printed, ran, shown = blocks()[0], "", 0, 0
    for block in blocks():
        if block.language == "python":
            receiver.start(shell.here(block.text))
        elif block.language == "json":
            assert shows(shell, last, printed, json.loads(block.text)), printed
            shown += 1
        elif block.language == "text":
            lines = {" ".join(line.split()) for line in printed.splitlines()}
            assert {" ".join(line.split()) for line in block.text.splitlines()} <= lines, printed
        elif block.runs_locally:
            last, printed = block, shell.run(block)
            ran += 1
            assert "command not found" not in printed
            assert not [answer for answer in answers(printed)[:-1] if "code" in answer], printed
    assert ran > 10
    assert shown > 5
    eventually(lambda: "webhook.test" in receiver.log.read_text())
