"""What is counted and not timed in `bench/` keeps its bounds: calls, write units, sizes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.template import ROOT


@pytest.mark.local
def test_calls_write_units_and_sizes_are_within_their_bounds(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench", "writes", "--json", str(figures)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = json.loads(figures.read_text())["measurements"]["writes"]
    assert sum(line.get("verdict") == "pass" for line in lines) >= 10
