"""The TypeScript client: its own tests, every operation on the running service, and what is shown of it, run so."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.completeness import leave_out
from tests.documents import OPENAPI, README, blocks
from tests.local.running_cloud import ProjectClient, RunningCloud
from tests.template import ROOT

pytestmark = pytest.mark.local

SDK = ROOT / "sdk/typescript"
EXAMPLE = SDK / "examples/trigger-dev"
STAND_INS = EXAMPLE / "stand_ins"
LEFT_OUT = (
    "The TypeScript client is left out: it needs Node.js 18 or newer and npm (Debian: apt-get install nodejs npm), "
    "and its tools (make types)."
)
TASK = """
import { design } from "./task/%s.js";
const ctx = { run: { id: process.env.RUN_ID }, attempt: { number: 1 } };
const { run, catchError } = design.options;
try {
    const output = await run(JSON.parse(process.env.PAYLOAD), { ctx, signal: new AbortController().signal });
    console.log(JSON.stringify({ output }));
} catch (error) {
    console.log(JSON.stringify({ error: error.name, then: catchError?.({ ctx, error }) }));
}
"""


def run(*command: str, folder: Path = SDK, given: str | None = None, **environment: str) -> str:
    """What a command prints; its output is the failure's message."""
    inherited = {name: value for name, value in os.environ.items() if name != "NODE_TEST_CONTEXT"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=inherited | environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """The client and its tests, compiled; its tools, installed if need be."""
    if not (shutil.which("node") and shutil.which("npm")):
        leave_out(LEFT_OUT)
    installed = SDK / "node_modules/.package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < (SDK / "package-lock.json").stat().st_mtime:
        run("npm", "ci", "--silent")
        installed.touch()
    shutil.rmtree(SDK / "dist", ignore_errors=True)
    run("npm", "run", "--silent", "build")
    run("npm", "run", "--silent", "build:test")


def test_its_own_tests_pass() -> None:
    run("node", "--test", *map(str, sorted((SDK / "build/test").glob("*.test.js"))))


def test_its_types_and_routes_are_those_of_the_openapi_document() -> None:
    run("node", "scripts/generate.mjs", "--check", given=json.dumps(OPENAPI))


def test_every_operation_is_answered_by_the_running_service(cloud: RunningCloud) -> None:
    run(
        "node",
        "--test",
        "build/test/contract/cloud.test.js",
        METERING_URL=cloud.url,
        METERING_ADMIN_KEY=cloud.admin_key,
    )


def test_the_package_has_what_it_exports_and_nothing_else() -> None:
    [packed] = json.loads(run("npm", "pack", "--dry-run", "--json", "--ignore-scripts"))
    files = {file["path"] for file in packed["files"]}
    exported = json.loads((SDK / "package.json").read_text())["exports"]
    assert {path.removeprefix("./") for entry in exported.values() for path in entry.values()} <= files
    assert {path for path in files if not path.startswith("dist/")} == {"LICENSE", "README.md", "package.json"}


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Path]:
    """A project that has the client, and stand-ins for what else a task imports, for its types and to be run."""
    for name, package in {"metering-client": SDK, **{name: STAND_INS / name for name in STANDING_IN}}.items():
        place = tmp_path / "node_modules" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(package)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    options = {
        "rootDir": str(tmp_path),
        "outDir": str(tmp_path / "out"),
        "noEmit": False,
        "typeRoots": [str(SDK / "node_modules/@types")],
    }
    config = {"extends": str(SDK / "tsconfig.json"), "compilerOptions": options, "include": [str(tmp_path / "task")]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(config))
    (tmp_path / "task").mkdir()
    return tmp_path


STANDING_IN = ("@trigger.dev/sdk", "@anthropic-ai/sdk")


def compiled(workshop: Path) -> None:
    run("node", str(SDK / "node_modules/typescript/bin/tsc"), "-p", str(workshop))


def test_what_its_readme_shows_is_typed_as_shown(workshop: Path) -> None:
    shown = [block.text for block in blocks(SDK / "README.md") if block.language == "ts"]
    assert len(shown) > 3
    for number, text in enumerate(shown):
        (workshop / f"task/shown_{number}.ts").write_text(text)
    compiled(workshop)


@pytest.fixture
def project(cloud: RunningCloud) -> ProjectClient:
    return cloud.new_project()


def trigger(project: ProjectClient, workshop: Path, task: str, text: str, payload: dict[str, Any]) -> dict[str, Any]:
    """What a run of a task comes to, compiled and run as a worker would."""
    (workshop / f"task/{task}.ts").write_text(text)
    compiled(workshop)
    (workshop / "out/worker.js").write_text(TASK % task)
    ingest = project.post("/v1/api-keys", json={"name": "task", "role": "ingest"}).raise_for_status().json()["apiKey"]
    place = {"METERING_URL": str(project.base_url).rstrip("/"), "METERING_API_KEY": ingest}
    printed = run("node", "out/worker.js", folder=workshop, RUN_ID="run_1", PAYLOAD=json.dumps(payload), **place)
    outcome: dict[str, Any] = json.loads(printed)
    return outcome


def test_the_task_of_the_readme_records_its_call(project: ProjectClient, workshop: Path) -> None:
    [text] = [block.text for block in blocks(README) if block.language == "ts"]
    outcome = trigger(project, workshop, "readme", text, {"userId": "ada", "prompt": "a page"})
    assert outcome["output"] == [{"type": "text", "text": "Designed: a page"}]
    used = project.get("/v1/runs/run_1/usage").raise_for_status().json()
    assert (used["total"]["records"], used["total"]["costUsd"], used["total"]["unrated"]) == (1, "0.0177", 0)
    [session] = project.get("/v1/sessions", params={"userId": "ada"}).raise_for_status().json()["items"]
    limits = project.get(f"/v1/sessions/{session['sessionId']}/limits").raise_for_status().json()
    assert (limits["maxCost"]["usedUsd"], limits["maxCost"]["heldUsd"]) == ("0.0177", "0")


def test_the_example_records_every_step_and_the_run(project: ProjectClient, workshop: Path) -> None:
    text = (EXAMPLE / "trigger/design.ts").read_text()
    outcome = trigger(project, workshop, "design", text, {"userId": "ada", "prompts": ["a page", "a form"]})
    assert outcome["output"] == ["Designed: a page", "Designed: a form"]
    used = project.get("/v1/runs/run_1/usage").raise_for_status().json()
    assert [step["costUsd"] for step in used["steps"] if step["stepType"]] == ["0.0177", "0.0177"]
    assert (used["total"]["records"], used["total"]["costUsd"], used["total"]["unrated"]) == (3, "0.035425", 0)


def test_the_example_stops_at_a_limit_and_is_not_tried_again(project: ProjectClient, workshop: Path) -> None:
    budget = {"limits": {"maxCost": {"amount": 0, "currency": "usd"}}}
    project.put("/v1/budgets/user:ada", json=budget).raise_for_status()
    text = (EXAMPLE / "trigger/design.ts").read_text()
    outcome = trigger(project, workshop, "design", text, {"userId": "ada", "prompts": ["a page"]})
    assert outcome == {"error": "LimitReachedError", "then": {"skipRetrying": True}}
    assert project.get("/v1/usage/records", params={"runId": "run_1"}).raise_for_status().json()["items"] == []
