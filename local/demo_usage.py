"""What the dashboard of a demo shows: a month of a small platform's usage, and a few sessions under limits.

Every figure follows from the date alone, and so does every key: a later start records the days since, and finds the
others recorded.
"""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from local.client import Client, RefusedError

BATCH: Final = "/v1/callbacks/usage.computeCostAndRecord/batch"
DAYS: Final = 30
RUNS_A_DAY: Final = 3
"""Of five events each, so that a month fits into one batch."""

USERS: Final = ("user_lin", "user_noor", "user_sam", "user_ito")
LIMITS: Final[dict[str, dict[str, Any]]] = {
    "user_lin": {"maxCost": {"amount": 2500, "currency": "usd", "period": "day"}, "maxAgents": 4, "onUnrated": "allow"},
    "user_noor": {"maxModelCalls": 400, "maxComputeMinutes": 6000},
    "user_sam": {"maxCost": {"amount": 50, "currency": "usd", "period": "total"}},
}
Event = dict[str, Any]


def send_usage(client: Client, now: datetime) -> int:
    """Record what there was until now, and make the sessions that it is counted in; how many events there were."""
    for user, limits in LIMITS.items():
        body = {"sessionId": _session(user), "userId": user, "limits": limits}
        _post(client, "/v1/sessions", body)
    events = [event for event in _month(now) if event["occurredAt"] <= _written(now)]
    client.post(BATCH, json.dumps({"events": events}).encode())
    for agent in ("designer_1", "coder_1"):
        _post(client, f"/v1/sessions/{_session('user_lin')}/agents", {"agentId": agent, "leaseSeconds": 86_400})
    hold = {"holdId": f"hold_{now.date()}", "estimate": {"costUsd": "0.75"}, "ttlSeconds": 86_400}
    _post(client, f"/v1/sessions/{_session('user_lin')}/holds", hold)
    return len(events)


def _post(client: Client, path: str, body: dict[str, Any]) -> None:
    """Whoever tries the demo may have paused, limited or released what this asks for, and that shall stand."""
    try:
        client.post(path, json.dumps(body).encode())
    except RefusedError as error:
        if error.status >= 500:  # noqa: PLR2004  # a failure of the service
            raise


def _session(user: str) -> str:
    return f"ses_demo_{user.removeprefix('user_')}"


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _month(now: datetime) -> Iterator[Event]:
    for back in reversed(range(DAYS)):
        day = (now - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
        chance = random.Random(day.toordinal())  # noqa: S311  # the same each time
        for number in range(RUNS_A_DAY):
            yield from _run(day, number, chance)


def _run(day: datetime, number: int, chance: random.Random) -> Iterator[Event]:
    user = chance.choice(USERS)
    size = chance.uniform(0.4, 1.6) * (0.4 if day.weekday() >= 5 else 1.0)  # noqa: PLR2004  # Saturday
    begin = day + timedelta(minutes=chance.randrange(60, 1380))
    run = f"run_{day:%m%d}_{number}"
    for index, step in enumerate(_steps(chance, size)):
        event = {
            "idempotencyKey": f"demo/{run}/{day.year}/{index}",
            "occurredAt": _written(begin + timedelta(minutes=3 * index)),
            "runId": run,
            "stepIndex": index,
            "userId": user,
            "personaId": chance.choice(("designer", "engineer", "analyst")),
            **step,
        }
        yield {**event, "sessionId": _session(user)} if user in LIMITS else event


def _steps(chance: random.Random, size: float) -> Iterator[Event]:
    def some(usual: int) -> int:
        return round(usual * size * chance.uniform(0.6, 1.4))

    designer = {"inputTokens": some(9000), "cachedInputTokens": some(180_000), "outputTokens": some(14_000)}
    coder = {"inputTokens": some(20_000), "cachedInputTokens": some(600_000), "outputTokens": some(52_000)}
    reviewer = {"inputTokens": some(60_000), "cachedInputTokens": some(90_000), "outputTokens": some(9000)}
    sandbox = {"vcpuSeconds": some(5400), "memoryGibSeconds": some(10_800)}
    yield _model_call("designer", "claude_code", "claude-opus-4-5", designer, some(95_000))
    yield _model_call("coder", "claude_code", "claude-sonnet-4-5", coder, some(310_000))
    if chance.random() < 0.1:  # noqa: PLR2004  # now and then a model that no card prices
        yield _model_call("reviewer", "acme_review", "acme-review-1", {"inputTokens": some(20_000)}, some(30_000))
    else:
        yield _model_call("reviewer", "codex", "gpt-5", reviewer, some(60_000))
    yield {"stepType": "sandbox", "service": "e2b", "sandboxId": f"sbx_{chance.randrange(10**6)}", "usage": sandbox}
    driven = {"runs": 1, "computeSeconds": some(840)}
    yield {"stepType": "orchestrator", "service": "trigger_dev", "modelId": "small-1x", "usage": driven}


def _model_call(step: str, service: str, model: str, usage: dict[str, int], milliseconds: int) -> Event:
    return {"stepType": step, "service": service, "modelId": model, "usage": usage, "durationMs": milliseconds}
