"""A first look at the service: a project of its own, the first callbacks, and what to try next."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local.client import Client, ClientError, RefusedError
from local.demo_usage import DAYS, send_usage
from local.state import State

PROJECT = "demo"
RUN = "run_demo"
CALLBACKS = "/v1/callbacks/usage.computeCostAndRecord"

# One run of an agent platform: a design and its code by Claude Code, a review by Codex, the sandbox they worked in, and
# the job that drove them. The keys are fixed, so that every later start finds these callbacks recorded.
STEPS: tuple[dict[str, Any], ...] = (
    {
        "service": "claude_code",
        "modelId": "claude-opus-4-5",
        "usage": {"inputTokens": 2150, "cachedInputTokens": 48200, "cacheWriteTokens": 6100, "outputTokens": 1840},
        "stepType": "designer",
    },
    {
        "service": "claude_code",
        "modelId": "claude-sonnet-4-5",
        "usage": {"inputTokens": 1200, "cachedInputTokens": 30000, "outputTokens": 3400},
        "stepType": "coder",
    },
    {
        "service": "codex",
        "modelId": "gpt-5",
        "usage": {"inputTokens": 9400, "cachedInputTokens": 12800, "outputTokens": 720},
        "stepType": "reviewer",
    },
    {
        "service": "e2b",
        "usage": {"vcpuSeconds": 1680, "memoryGibSeconds": "3360.5"},
        "stepType": "sandbox",
        "sandboxId": "sbx_demo",
    },
    {
        "service": "trigger_dev",
        "modelId": "small-1x",
        "usage": {"runs": 1, "computeSeconds": "842.25"},
        "stepType": "orchestrator",
    },
)


def show_demo(url: str, state: State, admin_key: str, say: Callable[[str], None]) -> None:
    """Make the demo project if there is none, send its callbacks, and say what came of it."""
    try:
        key = _owner_key(url, state, admin_key)
        with Client(url, key) as client:
            _send_callbacks(client, say)
            _show_run(client, say)
            say(f"\nFor the dashboard, {send_usage(client, datetime.now(UTC))} events of the last {DAYS} days.")
    except ClientError as error:
        say(f"The demo could not be shown: {error}")
        return
    _show_keys(state, key, admin_key, say)
    _show_what_next(url, key, say)


def _owner_key(url: str, state: State, admin_key: str) -> str:
    """The demo project's owner's key: the one that is kept, or a new project's."""
    kept = state.read_demo()
    if kept:
        return str(kept["apiKey"])
    with Client(url, admin_key) as client:
        wanted = {"projectId": PROJECT, "name": "Demo", "ownerId": "user_demo", "pricingMode": "managed"}
        try:
            project = client.post("/v1/projects", json.dumps(wanted).encode())
        except RefusedError as error:
            if error.code != "already_exists":  # else its key was lost with the file that kept it
                raise
            project = client.post("/v1/projects", json.dumps({**wanted, "projectId": None}).encode())
    state.write_demo(project)
    return str(project["apiKey"])


def _send_callbacks(client: Client, say: Callable[[str], None]) -> None:
    say(f"\nPOST {CALLBACKS}, {len(STEPS)} times:")
    for number, step in enumerate(STEPS):
        common = {"idempotencyKey": f"{RUN}/step_{number}", "runId": RUN, "stepIndex": number, "userId": "user_demo"}
        answer = client.post(CALLBACKS, json.dumps({**common, **step}).encode())
        what = f"{step['service']} {step.get('modelId', '')}"
        say(f"  {answer['status']}: {what:<31} ${answer['costUsd']}")
        for line in answer["lines"]:
            say(_show_line(line))


def _show_line(line: dict[str, Any]) -> str:
    price = f"at ${line['priceUsd']} for {int(line['per']):,}" if "priceUsd" in line else "without a rate"
    return f"      {line['quantity']:>8} {line['metric']:<20} {price}"


def _show_run(client: Client, say: Callable[[str], None]) -> None:
    usage = client.get(f"/v1/runs/{RUN}/usage", {})
    say(f"\nGET /v1/runs/{RUN}/usage:")
    for model in usage["models"]:
        say(f"  {model['key'] or 'no model':<32} ${model['costUsd']}")
    total = usage["total"]
    cents = total["cost"]["amount"]
    say(f"  {'total':<32} ${total['costUsd']}, rounded once: {cents} {'cent' if cents == 1 else 'cents'}")


def _show_keys(state: State, key: str, admin_key: str, say: Callable[[str], None]) -> None:
    say(f"\nKeys, kept in {state.folder}:")
    say(f"  the demo project's owner  {key}")
    say(f"  the platform's admin      {admin_key}")


def _show_what_next(url: str, key: str, say: Callable[[str], None]) -> None:
    today = datetime.now(UTC).date().isoformat()
    event: dict[str, Any] = {
        "idempotencyKey": "mine/1",
        "service": "claude_code",
        "modelId": "claude-sonnet-4-5",
        "runId": RUN,
    }
    event["usage"] = {"inputTokens": 1000, "outputTokens": 100}
    session = {"userId": "user_demo", "limits": {"maxCost": {"amount": 500, "currency": "usd", "period": "day"}}}
    say(f"\nThe dashboard: open {url} and sign in with the owner's key.")
    say("\nTry next (every line works as it is):")
    for what, request in (
        ("record usage; again, it is a duplicate", _curl(url, key, CALLBACKS, event)),
        ("what a run cost, by model and by step", _curl(url, key, f"/v1/runs/{RUN}/usage")),
        ("today's records", _curl(url, key, f"/v1/usage/records?from={today}&to={today}")),
        ("why it costs what it does", _curl(url, key, "/v1/rates/resolve?service=codex&modelId=gpt-5")),
        ("a session that may spend 5 dollars a day", _curl(url, key, "/v1/sessions", session)),
        ("everything else", f"curl -s '{url}/openapi.json'"),
    ):
        say(f"  # {what}\n  {request}")
    say(f"  # your own usage of Claude Code\n  .venv/bin/metering import claude-code ~/.claude --url {url} --key {key}")
    say("\nServing until Ctrl-C. The next start finds all of this again.")


def _curl(url: str, key: str, path: str, body: dict[str, Any] | None = None) -> str:
    sent = f" -H 'Content-Type: application/json' -d '{json.dumps(body)}'" if body else ""
    return f"curl -s '{url}{path}' -H 'Authorization: Bearer {key}'{sent}"
