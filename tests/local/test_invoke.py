"""A sample event by hand: one command runs it on the data of the local cloud."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.local.running_cloud import RunningCloud
from tests.template import ROOT

pytestmark = pytest.mark.local


def run(event: str, state: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.invoke", f"events/{event}.json", "--state", str(state)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def answer_to(event: str, cloud: RunningCloud) -> dict[str, Any]:
    finished = run(event, cloud.state)
    assert finished.returncode == 0, finished.stderr
    # Before the answer stand the metrics that the function writes, a line each.
    lines = finished.stdout.splitlines(keepends=True)
    answer: dict[str, Any] = json.loads("".join(lines[lines.index("{\n") :]))
    return answer


def test_a_callback_is_priced_with_the_default_rates_and_recorded_once(cloud: RunningCloud) -> None:
    first, again = (answer_to("record_usage/single", cloud) for _ in range(2))
    assert (first["statusCode"], again["statusCode"]) == (201, 200)
    assert json.loads(first["body"])["costUsd"] == "0.0177"
    run_usage = answer_to("query_usage/show_run", cloud)
    assert json.loads(run_usage["body"])["total"]["records"] == 1


def test_the_authorizer_denies_an_unknown_key(cloud: RunningCloud) -> None:
    assert "denied" in answer_to("authorize_request/unknown_key", cloud)["context"]


def test_without_a_local_cloud_a_sentence_says_so(tmp_path: Path) -> None:
    finished = run("record_usage/single", tmp_path)
    assert finished.returncode == 1
    assert finished.stderr == f"No local cloud runs on {tmp_path}. Start one: make run\n"
