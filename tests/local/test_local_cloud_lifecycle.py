"""Start, stop, crash and start again: what was answered is there, nothing is left running, nobody else can reach it."""

import os
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.local.conftest import FIXTURES
from tests.local.running_cloud import RunningCloud
from tests.local.waiting import eventually

pytestmark = pytest.mark.local


SMALL = ("--template", str(FIXTURES / "template.yaml"))


@pytest.fixture
def own_small_cloud(tmp_path: Path) -> Iterator[RunningCloud]:
    with RunningCloud(tmp_path / "state", SMALL) as running:
        yield running


def listening_addresses(process: int) -> set[str]:
    """The local addresses that a process listens on, as /proc/net/tcp writes them."""
    sockets = set()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            sockets.add(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {line[1].partition(":")[0] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in sockets}


def test_one_line_says_that_it_is_ready_and_where(cloud: RunningCloud) -> None:
    assert cloud.ready_line == f"metering local: ready on {cloud.url}\n"
    assert httpx.get(f"{cloud.url}/healthz").status_code == 200


def test_every_process_listens_on_the_loopback_address_alone(cloud: RunningCloud) -> None:
    cloud.new_project()  # so that functions run, too
    addresses = set().union(*map(listening_addresses, [cloud.process.pid, *cloud.children()]))
    assert addresses == {"0100007F"}


@pytest.mark.parametrize("end", [RunningCloud.stop, RunningCloud.kill])
def test_what_was_answered_is_there_after_a_restart_and_counted_once(own_cloud: RunningCloud, end: object) -> None:
    project = own_cloud.new_project()
    sent = {f"key-{number}": project.record(idempotencyKey=f"key-{number}") for number in range(20)}
    assert {answer.status_code for answer in sent.values()} == {201}
    end(own_cloud)  # type: ignore[operator]  # it is one of the methods above
    own_cloud.restart()
    for key, first in sent.items():
        again = project.record(idempotencyKey=key)
        assert (again.status_code, again.json()["status"]) == (200, "duplicate")
        assert again.json()["recordId"] == first.json()["recordId"]


def test_what_was_saved_is_there_when_everything_is_killed_at_once(own_cloud: RunningCloud) -> None:
    project = own_cloud.new_project()
    assert project.record(idempotencyKey="kept").status_code == 201
    written = Path(own_cloud.state / "emulator/snapshot.json").stat
    before = written().st_mtime_ns
    assert project.record(idempotencyKey="another").status_code == 201
    eventually(lambda: written().st_mtime_ns > before)
    own_cloud.kill_everything()
    own_cloud.restart()
    assert project.record(idempotencyKey="kept").json()["status"] == "duplicate"


def test_a_kill_leaves_no_process_behind(own_small_cloud: RunningCloud) -> None:
    assert httpx.get(f"{own_small_cloud.url}/process").status_code == 200
    children = own_small_cloud.children()
    assert len(children) >= 3  # emulator, zygote and the function's process
    own_small_cloud.kill()
    eventually(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


def test_a_stop_ends_with_0_and_leaves_no_process_behind(own_small_cloud: RunningCloud) -> None:
    children = own_small_cloud.children()
    assert own_small_cloud.stop() == 0
    assert not any(Path(f"/proc/{child}").exists() for child in children)


def test_an_interrupt_stops_it_as_well(own_small_cloud: RunningCloud) -> None:
    assert own_small_cloud.stop(signal.SIGINT) == 0


def test_what_cannot_be_saved_is_told_of_once_and_so_is_that_it_can_again(tmp_path: Path) -> None:
    in_the_way = tmp_path / "state/emulator/snapshot.draft"
    in_the_way.mkdir(parents=True)
    log = tmp_path / "state.log"
    with RunningCloud(tmp_path / "state", SMALL) as running:
        eventually(lambda: "What changes cannot be saved: is a directory." in log.read_text())
        in_the_way.rmdir()
        eventually(lambda: "What changed is saved again." in log.read_text())
        in_the_way.mkdir()
        assert running.stop() == 1
    told = [line for line in log.read_text().splitlines() if "saved" in line or "lost" in line]
    assert len(told) == 3
    assert told[-1].startswith("metering local: What changed since the last snapshot is lost")


def refusal(cloud: RunningCloud) -> tuple[int, str]:
    """Exit code and the last line of one that does not start."""
    process = cloud.launch()
    output, _ = process.communicate(timeout=60)
    assert output == ""
    return process.returncode, cloud.state.with_suffix(".log").read_text().splitlines()[-1]


def test_a_port_in_use_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, sentence = refusal(RunningCloud(tmp_path / "state", port=port))
    assert code == 2
    assert sentence == (
        f"metering local: Port {port} of 127.0.0.1 cannot be had, address already in use."
        " Stop what uses it, or choose another: --port N."
    )


def test_a_second_one_on_the_same_folder_is_refused_with_a_sentence(cloud: RunningCloud) -> None:
    code, sentence = refusal(RunningCloud(cloud.state))
    assert code == 2
    assert sentence == (
        f"metering local: Another local cloud (process {cloud.process.pid}) runs on {cloud.state}."
        " Stop it, or choose another folder: --state DIR."
    )


def test_what_was_due_while_it_was_stopped_is_made_up_for(tmp_path: Path) -> None:
    with RunningCloud(tmp_path / "state", (*SMALL, "--verbose")) as running:
        running.stop()
        two_days_ago = time.time() - 2 * 86_400
        os.utime(running.state / "emulator/snapshot.json", (two_days_ago, two_days_ago))
        running.restart()
        eventually(lambda: "TickNightly is due" in running.state.with_suffix(".log").read_text())


def test_an_ephemeral_one_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for end in (RunningCloud.stop, RunningCloud.kill):
        with RunningCloud(tmp_path / "unused", ("--ephemeral", *SMALL)) as running:
            assert [*tmp_path.glob("metering-*")]
            end(running)
        eventually(lambda: not [*tmp_path.glob("metering-*")])
    assert not (tmp_path / "unused").exists()


def test_without_an_admin_key_one_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    cloud = RunningCloud(tmp_path / "state", admin_key="")
    cloud.state.mkdir()  # its owner may have made it for all to read
    with cloud:
        file = cloud.state / "admin-key"
        cloud.admin_key = file.read_text().strip()
        assert len(cloud.admin_key) > 32
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        kept = {folder.name: stat.S_IMODE(folder.stat().st_mode) for folder in cloud.state.iterdir() if folder.is_dir()}
        assert kept == {"emulator": 0o700, "logs": 0o700}
        cloud.new_project()
    made, cloud.admin_key = cloud.admin_key, ""
    with cloud:
        assert file.read_text().strip() == made
