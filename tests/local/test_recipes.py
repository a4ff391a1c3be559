"""What docs/recipes.md shows is done as it is shown, with the frameworks themselves; a stand-in answers for models."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.documents import Block, blocks
from tests.local.running_cloud import METERING, ProjectClient, RunningCloud
from tests.local.waiting import eventually
from tests.template import ROOT

pytestmark = pytest.mark.local

RECIPES = blocks(ROOT / "docs/recipes.md")
PYTHON = ROOT / ".venv-recipes/bin/python"
"""Where the frameworks are; `make test` sets it up."""
SDK = ROOT / "sdk/python"
HOOK = ROOT / "sdk/claude_code/metering_hook.sh"
TRANSCRIPT = ROOT / "tests/data/claude-code/projects/-home-ada-shop/11111111-aaaa-4aaa-8aaa-111111111111.jsonl"
GRAPH = """
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.graph import START, MessagesState, StateGraph

ANSWER = AIMessage(
    "done",
    response_metadata={"model_name": "claude-sonnet-4-5"},
    usage_metadata={
        "input_tokens": 31_200, "output_tokens": 340, "total_tokens": 31_540,
        "input_token_details": {"cache_read": 30_000, "cache_creation": 200},
    },
)
model = GenericFakeChatModel(messages=iter([ANSWER, ANSWER.model_copy()]))
building = StateGraph(MessagesState)
for node in ("plan", "draw"):
    building.add_node(node, lambda state: {"messages": [model.invoke("go")]})
graph = building.add_edge(START, "plan").add_edge("plan", "draw").compile()
"""


def block_with(text: str) -> Block:
    [block] = [block for block in RECIPES if text in block.text]
    return block


@pytest.fixture
def project(cloud: RunningCloud) -> ProjectClient:
    return cloud.new_project()


def environment(project: ProjectClient, **more: str) -> dict[str, str]:
    paths = [SDK / "src", SDK / "examples"]
    return os.environ | {
        "METERING_URL": str(project.base_url),
        "METERING_API_KEY": project.key,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        **more,
    }


def run(block: Block, project: ProjectClient, folder: Path, **more: str) -> None:
    command = [PYTHON, "-c", block.text]
    done = subprocess.run(
        command, cwd=folder, env=environment(project, **more), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def records(project: ProjectClient, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = project.get("/v1/usage/records", params=query).raise_for_status().json()["items"]
    return found


def test_every_call_of_a_graph_is_recorded_with_its_run_and_node(project: ProjectClient, tmp_path: Path) -> None:
    (tmp_path / "my_agents.py").write_text(GRAPH)
    run(block_with("langgraph_metering"), project, tmp_path)
    found = records(project, runId="run_1")
    assert [(record["stepType"], record["stepIndex"], record["userId"]) for record in found] == [
        ("plan", 1, "ada"),
        ("draw", 2, "ada"),
    ]
    for record in found:
        assert record["modelId"] == "claude-sonnet-4-5"
        assert record["usage"] == {
            "inputTokens": 1000,
            "cachedInputTokens": 30_000,
            "cacheWriteTokens": 200,
            "outputTokens": 340,
        }
    [session] = {record["sessionId"] for record in found}
    usage = project.get(f"/v1/sessions/{session}/usage").json()
    assert (usage["records"], usage["modelCalls"], usage["activeAgents"]) == (2, 2, 0)


def test_a_graph_stops_once_its_agent_has_learnt_that_a_limit_was_passed(
    project: ProjectClient, tmp_path: Path
) -> None:
    (tmp_path / "my_agents.py").write_text(GRAPH)
    cheap = block_with("langgraph_metering").text.replace('"amount": 500', '"amount": 1')
    quick = cheap.replace('session.agent("graph")', 'session.agent("graph", lease_seconds=1)')
    patient = quick.replace("agent.check()", "recorder.flush(); agent.stopped.wait(30); agent.check()")
    command = [PYTHON, "-c", patient]
    done = subprocess.run(command, cwd=tmp_path, env=environment(project), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "AgentPausedError" in done.stderr
    assert [record["stepType"] for record in records(project, runId="run_1")] == ["plan"]


class Model(BaseHTTPRequestHandler):
    """Answers as Anthropic's Messages API does, always with the same usage."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        usage = {
            "input_tokens": 1000,
            "cache_read_input_tokens": 30_000,
            "cache_creation_input_tokens": 200,
            "output_tokens": 340,
        }
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "usage": usage}
        text = {"stop_reason": "end_turn", "stop_sequence": None, "content": [{"type": "text", "text": "Hello."}]}
        body = json.dumps(message | text).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def model() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Model) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_completion_of_litellm_is_recorded_in_disjoint_metrics(
    project: ProjectClient, model: str, tmp_path: Path
) -> None:
    told = {"ANTHROPIC_API_BASE": model, "ANTHROPIC_API_KEY": "a key", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    run(block_with("litellm_metering"), project, tmp_path, **told)
    [record] = eventually(lambda: records(project, runId="run_2"))
    assert (record["provider"], record["modelId"], record["userId"]) == ("anthropic", "claude-sonnet-4-5", "ada")
    assert record["usage"] == {
        "inputTokens": 1000,
        "cachedInputTokens": 30_000,
        "cacheWriteTokens": 200,
        "outputTokens": 340,
    }
    assert record["unratedMetrics"] == []


def test_the_hook_of_claude_code_records_a_session_once(project: ProjectClient, tmp_path: Path) -> None:
    said = json.dumps({"hook_event_name": "Stop", "transcript_path": str(TRANSCRIPT)})
    path = os.pathsep.join([str(METERING.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    told = environment(project, PATH=path, METERING_USER="ada", TMPDIR=str(tmp_path))
    for _ in range(2):
        subprocess.run([HOOK], input=said, env=told, text=True, check=True)
    log = (tmp_path / "metering_hook.log").read_text()
    first, second = json.loads("[" + log.replace("}\n{", "},{") + "]")
    assert first["recorded"] > 0
    assert (second["recorded"], second["duplicates"]) == (0, first["recorded"])


def test_claude_codes_settings_name_the_hook_in_the_places_that_it_has() -> None:
    settings = json.loads(block_with("SessionEnd").text)["hooks"]
    assert settings.keys() == {"Stop", "SessionEnd"}
    for [entry] in settings.values():
        assert [Path(hook["command"]).name for hook in entry["hooks"]] == [HOOK.name]


def test_a_sandbox_is_recorded_by_one_request(project: ProjectClient) -> None:
    command = ["bash", "-c", block_with("sandbox_1/stopped").text]
    done = subprocess.run(command, env=environment(project), capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert (answer["status"], answer["unratedMetrics"]) == ("recorded", [])
