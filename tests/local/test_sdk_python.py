"""The Python client against the running service: every operation in both worlds, and what only a service can show."""

import asyncio
import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from metering_client import (
    AgentPausedError,
    AlreadyExistsError,
    AsyncClient,
    AsyncSession,
    Client,
    HoldClosedError,
    IdempotencyConflictError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    StillOverLimitError,
    UnauthenticatedError,
    UsageRecorder,
    models,
    operations,
    verify_webhook,
)
from tests.local.running_cloud import ProjectClient, RunningCloud
from tests.local.waiting import eventually
from tests.webhook_receiver import receiving

pytestmark = pytest.mark.local

DAY = "2026-11-20"
EVENT: dict[str, Any] = {
    "service": "claude_code",
    "model_id": "claude-sonnet-4-5",
    "usage": {"inputTokens": 1200, "cachedInputTokens": 30000, "outputTokens": 340},
    "occurred_at": f"{DAY}T10:00:00Z",
    "run_id": "run_1",
    "step_index": 1,
    "user_id": "ada",
}
COST = Decimal("0.0177")
OPUS = {"service": "claude_code", "model_id": "claude-opus-4-5"}
NOT_HERE = {"signIn"}
"""It takes an identity provider's token."""


class Blocking:
    """An asynchronous client, its resources, sessions and holds, each call awaited at once."""

    def __init__(self, runner: asyncio.Runner, inner: Any) -> None:
        self._runner = runner
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return self._wrapped(getattr(self._inner, name))

    def __call__(self, *args: Any, **words: Any) -> Any:
        made = self._inner(*args, **words)
        return self._wrapped(self._runner.run(made) if asyncio.iscoroutine(made) else made)

    def __enter__(self) -> Any:
        return self._wrapped(self._runner.run(self._inner.__aenter__()))

    def __exit__(self, *error: object) -> None:
        self._runner.run(self._inner.__aexit__(*error))

    def _wrapped(self, value: Any) -> Any:
        is_ours = type(value).__module__.startswith("metering_client._async") or callable(value)
        return Blocking(self._runner, value) if is_ours else value


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the operations that were called."""
    found: set[str] = set()
    for kind in (Client, AsyncClient):
        request = kind.request

        def note(self: Any, operation: Any, *, request: Any = request, **words: Any) -> Any:
            found.add(operation.name)
            return request(self, operation, **words)

        monkeypatch.setattr(kind, "request", note)
    return found


@contextlib.contextmanager
def connected(kind: str, url: str, key: str) -> Iterator[Any]:
    if kind == "sync":
        with Client(url, key) as client:
            yield client
        return
    with asyncio.Runner() as runner, Blocking(runner, AsyncClient(url, key)) as client:
        yield client


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def project(cloud: RunningCloud) -> ProjectClient:
    return cloud.new_project()


@pytest.fixture
def client(kind: str, cloud: RunningCloud, project: ProjectClient) -> Iterator[Any]:
    with connected(kind, cloud.url, project.key) as client:
        yield client


def test_every_operation(client: Any, kind: str, cloud: RunningCloud, called: set[str], tmp_path: Path) -> None:
    record_and_look(client)
    correct(client)
    price(client)
    limit(client)
    bill(client, tmp_path)
    notify(client)
    manage(client, kind, cloud)
    assert {operation.name for operation in operations.OPERATIONS} - called == NOT_HERE


def record_and_look(client: Any) -> None:
    recorded = client.usage.record(idempotency_key="call_1", **EVENT)
    assert (recorded.status, recorded.cost_usd, recorded.date) == ("recorded", COST, date(2026, 11, 20))
    assert [line.metric for line in recorded.lines] == list(EVENT["usage"])
    assert client.usage.record(idempotency_key="call_1", **EVENT).status == "duplicate"
    with pytest.raises(IdempotencyConflictError):
        client.usage.record(idempotency_key="call_1", **{**EVENT, "user_id": "bob"})
    batch = client.usage.record_batch(
        events=[
            {"idempotency_key": "call_2", **EVENT, "usage": {"outputTokens": Decimal("1e1")}},
            {"idempotency_key": "call_3", **EVENT, "session_id": "nowhere"},
        ]
    )
    assert (batch.recorded, batch.errors) == (1, 1)
    assert batch.results[1].error is not None
    assert batch.results[1].error.code == "not_found"
    assert client.usage.get_record(recorded.record_id).usage["cachedInputTokens"] == 30000
    assert client.usage.explain(recorded.record_id).cost_usd == COST
    assert len(list(client.usage.records(run_id="run_1", limit=1).items)) == 1
    run = client.usage.run("run_1")
    assert (run.total.records, run.total.cost_usd) == (2, COST + Decimal("0.00015"))
    view(client, run.total.cost_usd)


def view(client: Any, total: Decimal) -> None:
    days = {"from_": date(2026, 11, 19), "to": DAY}
    eventually(lambda: client.usage.daily(**days).total.cost_usd == total)
    assert [item.date for item in client.usage.daily(**days).items] == [date(2026, 11, 19), date(2026, 11, 20)]
    hours = client.usage.daily(**days, group_by="model", granularity="hour").items
    assert hours[0].hour == datetime(2026, 11, 19, tzinfo=UTC)
    for name in ("service", "model", "provider", "category", "user", "session", "persona", "tool", "step_type"):
        found = getattr(client.usage, f"by_{name}")(**days)
        assert sum(item.cost_usd for item in found.items) == found.total.cost_usd == total
    assert client.usage.summary(**days).total.cost_usd == total
    assert [row.run_id for row in client.usage.runs(**days, sort="recent").items] == ["run_1"]


def correct(client: Any) -> None:
    record_id = client.usage.record(idempotency_key="call_4", **EVENT).record_id
    assert client.usage.void(record_id, reason="a test").cost_usd == -COST
    job = client.usage.rerate(from_=DAY, to=DAY, only="all", dry_run=True)
    eventually(lambda: client.usage.get_rerating(job.job_id).status == "completed")
    done = client.usage.get_rerating(job.job_id)
    assert (done.dry_run, done.records_changed) == (True, 0)


def price(client: Any) -> None:
    card = {
        "service": "my_sandbox",
        "effective_from": "2026-01-01",
        "metrics": {"vcpuSeconds": {"price_usd": Decimal("0.00002"), "per": 1, "category": "compute"}},
    }
    made = client.rates.create(**card)
    assert made.metrics["vcpuSeconds"].price_usd == Decimal("0.00002")
    with pytest.raises(AlreadyExistsError):
        client.rates.create(**{**card, "metrics": {"vcpuSeconds": {"price_usd": "1"}}})
    assert [one.rate_id for one in client.rates.list(service="my_sandbox").items] == [made.rate_id]
    resolved = client.rates.resolve(service="my_sandbox")
    assert resolved.card is not None
    assert resolved.card.rate_id == made.rate_id


def limit(client: Any) -> None:
    limits = {"max_cost": {"amount": 500, "period": "day"}, "max_agents": 1}
    session = client.sessions.for_user("ada b/ü", limits=limits)
    assert client.sessions.for_user("ada b/ü").session_id == session.session_id
    assert client.sessions.create("bob", session_id="b:1/2", idempotency_key="k").session_id == "b:1/2"
    assert client.sessions.get("b:1/2").user_id == "bob"
    assert [one.user_id for one in client.sessions.list(user_id="bob").items] == ["bob"]
    with session.hold(cost_usd="4.00") as hold:
        assert session.check_hold(cost_usd="1.00").held_usd == 1
        with pytest.raises(LimitReachedError):
            session.check_hold(cost_usd="1.01")
        with pytest.raises(LimitReachedError) as refused:
            session.hold(cost_usd="1.50").open()
        error = refused.value
        assert (error.dimension, error.limit, error.held, error.remaining) == ("maxCost", 5, 4, 1)
        assert [one.hold_id for one in session.holds().items] == [hold.hold_id]
        hold.extend(60)
        hold.record(
            idempotency_key="held", service="claude_code", model_id="claude-opus-4-5", usage={"outputTokens": 4000}
        )
    standing = session.limits()
    assert standing.max_cost is not None
    assert (standing.max_cost.used_usd, standing.max_cost.held_usd) == (Decimal("0.1"), 0)
    with pytest.raises(HoldClosedError):
        client.holds.release(session.session_id, hold.hold_id)
    with session.hold(**OPUS, usage={"outputTokens": 1000}) as hold:
        held = session.limits().max_cost
        assert held is not None
        assert held.held_usd == Decimal("0.025")
    released = session.limits().max_cost
    assert released is not None
    assert released.held_usd == 0
    assert client.holds.open(session.session_id, estimate={"cost_usd": "1"}, dry_run=True).held_usd == 1
    overspend(client, session)
    budget(client)


def overspend(client: Any, session: Any) -> None:
    started = client.agents.start(session.session_id, agent_id="designer")
    assert started.status == "running"
    assert [one.agent_id for one in session.agents().items] == ["designer"]
    with pytest.raises(LimitReachedError, match="maxAgents"):
        client.agents.start(session.session_id, agent_id="builder")
    recorded = session.record(idempotency_key="over", **OPUS, usage={"outputTokens": 250_000})
    assert recorded.session is not None
    assert (recorded.session.status, recorded.session.breached) == ("paused", ["maxCost"])
    assert client.agents.beat(session.session_id, "designer").status == "paused"
    with pytest.raises(StillOverLimitError):
        session.resume()
    assert session.update_limits(max_cost=None, max_model_calls=10).max_cost is None
    assert session.resume().status == "active"
    assert session.pause(reason="lunch").reason == "lunch"
    usage = session.usage()
    assert (usage.records, usage.model_calls, usage.output_tokens) == (2, 2, 254_000)
    client.agents.end(session.session_id, "designer")


def budget(client: Any) -> None:
    made = client.budgets.set("user:ada", limits={"max_cost": {"amount": 20000, "period": "month"}})
    assert made.limits.max_cost is not None
    assert made.limits.max_cost.limit_usd == 200
    assert client.budgets.get("user:ada").status == "active"
    assert [one.scope for one in client.budgets.list().items] == ["user:ada"]
    client.budgets.delete("user:ada")
    with pytest.raises(NotFoundError):
        client.budgets.get("user:ada")


def bill(client: Any, directory: Path) -> None:
    client.stripe_customers.set("ada", customer_id="cus_123")
    assert client.stripe_customers.get("ada").customer_id == "cus_123"
    for format_, group_by in (("csv", "user"), ("json", None), ("stripe", None), ("parquet", None)):
        wanted = {"format": format_, "start": DAY, "end": DAY, "group_by": group_by}
        done = client.usage.export(**wanted, directory=directory / format_)
        assert done.is_summed == (format_ != "parquet")
        assert done.export.cost_usd == COST + Decimal("0.00015")
    assert len(client.exports.list().items) == 4
    client.stripe_customers.delete("ada")


def notify(client: Any) -> None:
    with receiving() as receiver:
        made = client.webhooks.create(url=receiver.url(), events=["usage.day_closed"])
        assert made.secret is not None
        secret = client.webhooks.rotate_secret(made.webhook_id).secret
        assert secret is not None
        sent = client.webhooks.test(made.webhook_id)
        received = receiver.take()
        for one in (made.secret, secret):
            assert verify_webhook(received.body, received.headers, one).event_id == sent.event_id
        client.webhooks.retry_delivery(made.webhook_id, sent.delivery_id)
        assert client.webhooks.deliveries(made.webhook_id).items[0].event_id == sent.event_id
        assert client.webhooks.get(made.webhook_id).status == "enabled"
        assert [one.webhook_id for one in client.webhooks.list().items] == [made.webhook_id]
        client.webhooks.delete(made.webhook_id)


def manage(client: Any, kind: str, cloud: RunningCloud) -> None:
    with connected(kind, cloud.url, cloud.admin_key) as platform:
        assert platform.projects.create(name="Another", owner_id="me").api_key.startswith("mk_")
    assert client.project.change(name="Renamed").name == client.project.get().name == "Renamed"
    assert client.project.pause(reason="fire").status == client.project.standing().status == "paused"
    assert client.project.resume().status == "active"
    assert client.members.set("bob", role="member").role == client.members.get("bob").role == "member"
    assert "bob" in [one.user_id for one in client.members.list().items]
    client.members.remove("bob")
    key = client.api_keys.create(name="tasks", role="ingest")
    assert key.key_id in [one.key_id for one in client.api_keys.list().items]
    client.api_keys.revoke(key.key_id)
    assert client.audit.list().items
    assert client.health().status == "ok"
    assert client.openapi()["openapi"].startswith("3.")
    assert client.sign_in.describe()
    with connected(kind, cloud.url, "mk_none_none") as nobody, pytest.raises(UnauthenticatedError):
        nobody.project.get()
    with pytest.raises(InvalidRequestError) as invalid:
        client.usage.record(idempotency_key="", service="no good", usage={"runs": 1})
    assert {fault.path for fault in invalid.value.faults} == {"idempotencyKey", "service"}


def pause(project: ProjectClient, session_id: str) -> None:
    project.post(f"/v1/sessions/{session_id}/pause", json={"reason": "a test"}).raise_for_status()


def test_an_agent_in_a_thread_stops_when_its_session_is_paused(cloud: RunningCloud, project: ProjectClient) -> None:
    with Client(cloud.url, project.key) as client:
        session = client.sessions.for_user("ada")
        with session.agent("designer", beat_seconds=0.05) as agent:
            pause(project, session.session_id)
            assert agent.stopped.wait(60)
            with pytest.raises(AgentPausedError):
                agent.check()
        assert session.agents().items == []


def test_an_agent_in_a_task_is_cancelled_when_its_session_is_paused(
    cloud: RunningCloud, project: ProjectClient
) -> None:
    async def work(session: AsyncSession) -> None:
        async with session.agent("designer", beat_seconds=0.05):
            await asyncio.to_thread(pause, project, session.session_id)
            await asyncio.sleep(600)

    async def run() -> models.AgentsAnswer:
        async with AsyncClient(cloud.url, project.key) as client:
            session = await client.sessions.for_user("ada")
            with pytest.raises(AgentPausedError):
                await work(session)
            return await session.agents()

    assert asyncio.run(run()).items == []


def test_a_recorder_sends_what_it_kept_while_the_service_was_away(
    cloud: RunningCloud, project: ProjectClient, tmp_path: Path
) -> None:
    with Client("http://127.0.0.1:9", project.key) as nowhere, UsageRecorder(nowhere, tmp_path) as recorder:
        keys = [recorder.record(**{**EVENT, "run_id": "away"}) for _ in range(20)]
    with Client(cloud.url, project.key) as client:
        client.usage.record(idempotency_key=keys[0], **{**EVENT, "run_id": "away"})
        with UsageRecorder(client, tmp_path) as recorder:
            recorder.record(**{**EVENT, "session_id": "nowhere"})
            assert recorder.flush(60)
        assert client.usage.run("away").total.records == 20
    [refused] = (tmp_path / "rejected.jsonl").read_text().splitlines()
    assert json.loads(refused)["problem"]["code"] == "not_found"


def test_a_key_that_is_not_known_is_told_by_the_gateway_as_well(cloud: RunningCloud) -> None:
    with Client(cloud.url, "no key at all") as client, pytest.raises(UnauthenticatedError):
        client.project.get()
