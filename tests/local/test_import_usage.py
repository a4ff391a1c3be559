"""Real usage goes in through the command line: whole, once, and to the exact cent and beyond."""

import csv
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from local.client import Client
from tests.local.running_cloud import METERING, ProjectClient, RunningCloud
from tests.local.waiting import eventually

pytestmark = pytest.mark.local

DATA = Path(__file__).parents[1] / "data"
TRACE = DATA / "azure-llm-inference/AzureLLMInferenceTrace_code.csv"
"""The smaller one; tests/unit/test_import_csv.py prices both."""
PER_TOKEN = {"ContextTokens": Decimal("2.5") / 1_000_000, "GeneratedTokens": Decimal(10) / 1_000_000}
"""OpenAI's price of gpt-4o, in USD."""


@dataclass
class Expected:
    """What a trace comes to, read with csv and Decimal alone."""

    requests: int
    input_tokens: int
    output_tokens: int

    @property
    def cost(self) -> Decimal:
        return self.input_tokens * PER_TOKEN["ContextTokens"] + self.output_tokens * PER_TOKEN["GeneratedTokens"]


def read(trace: Path) -> Expected:
    with trace.open() as lines:
        rows = list(csv.DictReader(lines))
    return Expected(
        len(rows), sum(int(row["ContextTokens"]) for row in rows), sum(int(row["GeneratedTokens"]) for row in rows)
    )


@pytest.fixture
def project(cloud: RunningCloud) -> ProjectClient:
    return cloud.new_project()


def command(project: ProjectClient, *arguments: str) -> tuple[list[str], dict[str, str]]:
    environment = os.environ | {"METERING_URL": str(project.base_url), "METERING_API_KEY": project.key}
    return [str(METERING), "import", *arguments, "--json"], environment


def trace_arguments(trace: Path) -> list[str]:
    columns = ("occurredAt=TIMESTAMP", "usage.inputTokens=ContextTokens", "usage.outputTokens=GeneratedTokens")
    fixed = ("service=opencode", "modelId=openai/gpt-4o", f"runId={trace.stem}")
    return [
        "csv",
        str(trace),
        *(part for column in columns for part in ("--column", column)),
        *(part for value in fixed for part in ("--set", value)),
    ]


def run(project: ProjectClient, *arguments: str, code: int = 0) -> Any:
    words, environment = command(project, *arguments)
    finished = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == code, finished.stderr
    return json.loads(finished.stdout)


def test_a_trace_is_recorded_to_the_exact_cost_and_a_second_time_not_at_all(
    project: ProjectClient, tmp_path: Path
) -> None:
    """Of its beginning; the README's lines, which a test follows, import the whole."""
    trace = tmp_path / TRACE.name
    trace.write_text("".join(TRACE.read_text().splitlines(keepends=True)[:2001]))
    expected = read(trace)

    first = run(project, *trace_arguments(trace))
    second = run(project, *trace_arguments(trace))

    assert (first["recorded"], first["duplicates"]) == (expected.requests, 0)
    assert (second["recorded"], second["duplicates"]) == (0, expected.requests)
    for summary in (first, second):
        assert (summary["unrated"], summary["errors"], summary["malformed"]) == (0, 0, 0)
        assert Decimal(summary["costUsd"]) == expected.cost
        assert [(model["modelId"], model["events"]) for model in summary["models"]] == [
            ("openai/gpt-4o", expected.requests)
        ]
    assert_run_comes_to(project, trace, expected)


def test_an_import_that_is_killed_is_completed_by_the_next_one(project: ProjectClient) -> None:
    trace = TRACE
    expected = read(trace)
    words, environment = command(project, *trace_arguments(trace))

    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as importer:
        eventually(lambda: project.get(f"/v1/runs/{trace.stem}/usage").is_success)
        importer.kill()
    before = project.get(f"/v1/runs/{trace.stem}/usage").json()["total"]["records"]
    summary = run(project, *trace_arguments(trace))

    assert 0 < before < expected.requests
    assert summary["recorded"] + summary["duplicates"] == expected.requests
    assert summary["duplicates"] >= before
    assert Decimal(summary["costUsd"]) == expected.cost
    assert_run_comes_to(project, trace, expected)


def test_a_file_that_grew_adds_only_its_new_rows(project: ProjectClient, tmp_path: Path) -> None:
    lines = TRACE.read_text().splitlines(keepends=True)
    file = tmp_path / "trace.csv"
    file.write_text("".join(lines[:11]))
    run(project, *trace_arguments(file))
    file.write_text("".join(lines[:16]))

    summary = run(project, *trace_arguments(file))

    assert (summary["recorded"], summary["duplicates"]) == (5, 10)


def test_a_file_whose_rows_were_moved_is_refused(project: ProjectClient, tmp_path: Path) -> None:
    header, *rows = TRACE.read_text().splitlines(keepends=True)[:11]
    file = tmp_path / "trace.csv"
    file.write_text("".join([header, *rows]))
    run(project, *trace_arguments(file))
    file.write_text("".join([header, *reversed(rows)]))

    summary = run(project, *trace_arguments(file), code=1)

    assert summary["recorded"] == 0
    assert summary["errors"] > 0


@pytest.fixture
def transcripts(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(DATA / "claude-code", tmp_path / ".claude"))
    for position, name in enumerate(("33333333", "11111111", "agent-a1b2c3", "22222222")):
        (file,) = folder.rglob(f"{name}*.jsonl")
        os.utime(file, (1000 + position, 1000 + position))
    return folder


def test_claude_codes_transcripts_are_recorded_once_with_their_cost(project: ProjectClient, transcripts: Path) -> None:
    first = run(project, "claude-code", str(transcripts))
    second = run(project, "claude-code", str(transcripts))

    assert (first["recorded"], first["duplicates"], first["malformed"], first["unrated"]) == (7, 0, 3, 1)
    assert (second["recorded"], second["duplicates"], second["differing"], second["errors"]) == (0, 7, 0, 0)
    costs = {model["modelId"]: Decimal(model["costUsd"]) for model in first["models"]}
    assert costs["claude-3-7-sonnet-20250219"] == Decimal("0.004812")
    assert costs["claude-haiku-4-5-20251001"] == Decimal("0.001285")
    # Input 62 at 3, cache reads 39,030 at 0.3, writes 8,755 + 700 at 3.75, 1-hour writes 2,000 at 6, output 690 at 15
    # USD a million, and 2 searches at a cent.
    assert costs["claude-sonnet-4-5-20250929"] == Decimal("0.08968025")


def test_a_session_is_the_run_of_its_calls(project: ProjectClient, transcripts: Path) -> None:
    run(project, "claude-code", str(transcripts))

    usage = project.get("/v1/runs/11111111-aaaa-4aaa-8aaa-111111111111/usage").json()

    assert usage["total"]["records"] == 3
    assert {model["key"] for model in usage["models"]} == {"claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"}
    assert usage["total"]["metrics"]["outputTokens"] == "677"


def assert_run_comes_to(project: ProjectClient, trace: Path, expected: Expected) -> None:
    """The service's own account of the run agrees with the reading of the file."""
    with Client(str(project.base_url), project.key) as client:
        total = client.get(f"/v1/runs/{trace.stem}/usage", {})["total"]
    assert total["records"] == expected.requests
    assert Decimal(total["costUsd"]) == expected.cost
    assert total["metrics"] == {
        "inputTokens": str(expected.input_tokens),
        "outputTokens": str(expected.output_tokens),
    }
