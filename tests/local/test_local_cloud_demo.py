"""What `make run` shows can be done as it is shown, and is found again at the next start."""

import json
import shlex
import stat
import subprocess
from pathlib import Path

import pytest

from tests.local.running_cloud import RunningCloud

pytestmark = pytest.mark.local


def shown(cloud: RunningCloud) -> list[str]:
    """The lines that the demo prints, until it says that it is done."""
    assert cloud.process.stdout
    found = []
    for line in iter(cloud.process.stdout.readline, ""):
        found.append(line.rstrip("\n"))
        if line.startswith(("Serving", "The demo could not")):
            break
    return found


def answer_to(line: str) -> dict[str, object]:
    done = subprocess.run([*shlex.split(line), "--fail-with-body"], check=True, capture_output=True)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_the_demo_shows_its_callbacks_and_lines_that_work_and_outlives_its_key(tmp_path: Path) -> None:
    cloud = RunningCloud(tmp_path / "state", ("--demo",))
    with cloud:
        first = shown(cloud)
        assert sum("recorded: " in line for line in first) == 5
        assert not any("without a rate" in line for line in first)
        lines = [line.strip() for line in first if line.strip().startswith("curl ")]
        assert len(lines) == 6
        assert [answer_to(line) for line in lines]
        assert answer_to(lines[0])["status"] == "duplicate"
        assert stat.S_IMODE((cloud.state / "demo.json").stat().st_mode) == 0o600
    with cloud:
        again = shown(cloud)
    assert sum("duplicate: " in line for line in again) == 5
    assert [line for line in again if "mk_" in line] == [line for line in first if "mk_" in line]
    # One whose key was lost gets another project.
    (cloud.state / "demo.json").unlink()
    with cloud:
        assert sum("recorded: " in line for line in shown(cloud)) == 5
