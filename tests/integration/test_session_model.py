"""The whole session API against a model: whatever is asked in whatever order, both answer and tell the same."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.answers import Answer
from tests.emulated_aws import PROJECT
from tests.meter_rules import Ledger
from tests.session_model import DIMENSION, Lease, Limits, Model, Scope, Usage, period_start
from tests.session_world import cents, session_world, usd

SESSIONS, USERS = ("ses_1", "ses_2"), ("ada", "bob")
USER_OF = dict(zip(SESSIONS, USERS, strict=True))
STARTS = ("2026-11-24T10:00:00", "2028-02-28T22:30:00", "2026-12-31T23:00:00", "2027-02-28T23:59:59.999999")
METRICS = ("inputTokens", "sandboxSeconds", "outputTokens", "mysteries")
"""What a callback may name: cents, seconds, cents, and what has no rate."""

amounts = st.sampled_from([0, 1, 1, 2, 3, 5])
cost_limits = st.builds(
    cents, st.sampled_from([0, 4, 10, 20]), st.sampled_from(["hour", "day", "week", "month", "total"])
)
count_limits = st.sampled_from([None, 0, 3, 6, 12])
some_limits = st.fixed_dictionaries(
    {},
    optional={
        "maxCost": st.none() | cost_limits | cost_limits,
        "maxComputeMinutes": count_limits,
        "maxModelCalls": count_limits,
        "maxAgents": st.sampled_from([None, 0, 1, 2]),
        "onUnrated": st.sampled_from(["pause", "allow"]),
        "thresholds": st.sampled_from([None, [50, 80, 100], [], [100], [1, 60]]),
    },
)
# One of each is asked for more often than the others, so that things come together.
sessions = st.sampled_from(["ses_1"] * 5 + ["ses_2"] * 2 + ["ses_3"])
holds = st.sampled_from([1, 1, 1, 2, 3, 9])
"""Which of a session's holds: the latest is 1."""
agents = st.sampled_from(["a1", "a1", "a2"])
budgets = st.sampled_from(["user:ada", "user:ada", "user:bob", "run:r1", "project", "project"])
users = st.sampled_from([None, *USERS])
runs = st.sampled_from([None, "r1"])
seconds = st.sampled_from([1, 60, 3600, 86400])
some_usage = st.builds(
    lambda *parts: {metric: part for metric, part in zip(METRICS, parts, strict=True) if part} or {"runs": 1},
    amounts,
    st.sampled_from([0, 0, 60, 119]),
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from([0] * 9 + [1]),
)
ages = st.sampled_from([0, 0, 0, 0, 1, 3600, 86400, 40 * 86400, -300])
"""How many seconds ago something happened."""


def limits_of(wanted: dict[str, Any], before: Limits) -> Limits:
    """`before`, with what a request names."""
    after = Limits(**vars(before))
    if "maxCost" in wanted:
        cost = wanted["maxCost"] or {"amount": None, "period": "total"}
        after.cost, after.period = cost["amount"], cost["period"]
    if "maxComputeMinutes" in wanted:
        minutes = wanted["maxComputeMinutes"]
        after.compute = None if minutes is None else minutes * 60
    after.calls = wanted.get("maxModelCalls", after.calls)
    after.agents = wanted.get("maxAgents", after.agents)
    after.on_unrated = wanted.get("onUnrated", after.on_unrated)
    if "thresholds" in wanted:
        percents = wanted["thresholds"]
        after.thresholds = (50, 80, 100) if percents is None else tuple(percents)
    return after


def assert_answers(answer: Answer, status: int, code: str | None = None) -> None:
    assert (answer.status, answer.code) == (status, code), answer.body


Action = tuple[Callable[..., None], dict[str, Any]]
ACTIONS: list[st.SearchStrategy[Action]] = []


def action(weight: int, **arguments: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes a method one of the things that may be asked, so many times as often as what has the weight 1."""

    def mark(method: Callable[..., None]) -> Callable[..., None]:
        ACTIONS.extend([st.tuples(st.just(method), st.fixed_dictionaries(arguments))] * weight)
        return method

    return mark


class SessionMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        monkeypatch = self.stack.enter_context(pytest.MonkeyPatch.context())
        self.world = self.stack.enter_context(session_world(monkeypatch))
        self.ledger = Ledger(self.world.aws)
        self.sent: list[tuple[dict[str, Any], Answer]] = []

    @initialize(start=st.sampled_from(STARTS), limits=some_limits)
    def begin(self, start: str, limits: dict[str, Any]) -> None:
        self.world.at(f"{start}+00:00")
        self.model = Model(self.world.clock.moment)
        for session in SESSIONS:
            self.make_session(session, limits)

    @rule(chosen=st.deferred(lambda: st.sampled_from(ACTIONS).flatmap(lambda chosen: chosen)))
    def act(self, chosen: Action) -> None:
        method, arguments = chosen
        method(self, **arguments)

    def teardown(self) -> None:
        try:
            self.sweep_and_compare_all()
        finally:
            self.stack.close()

    def sweep_and_compare_all(self) -> None:
        self.world.sweep()
        for session in self.model.sessions:
            self.compare_session(session)
        for name in self.model.budgets:
            self.compare_budget(name)

    # ------------------------------------------------------------ time

    @action(3, wait=st.sampled_from([1, 59, 60, 61, 3600, 86400]))
    def wait(self, wait: int) -> None:
        self.go_to(self.model.now + timedelta(seconds=wait))

    @action(4, period=st.sampled_from(["hour", "day", "week", "month"]), side=st.sampled_from([-1, 0]))
    def go_to_boundary(self, period: str, side: int) -> None:
        """To the period's last microsecond, or to the next one's first."""
        longest = {"hour": 1 / 24, "day": 1, "week": 7, "month": 31}[period]
        start = period_start(period, period_start(period, self.model.now) + timedelta(days=longest))
        self.go_to(max(start + timedelta(microseconds=side), self.model.now))

    def go_to(self, moment: datetime) -> None:
        self.world.clock.moment = self.model.now = moment

    @action(1)
    def sweep(self) -> None:
        self.world.sweep()

    # ------------------------------------------------------------ sessions

    def make_session(self, session: str, limits: dict[str, Any]) -> None:
        answer = self.world.post_session(sessionId=session, userId=USER_OF[session], limits=limits)
        assert_answers(answer, 201)
        made = self.model.new(f"session:{session}", limits_of(limits, Limits()), USER_OF[session])
        self.model.sessions[session] = made

    @action(1, session=st.sampled_from(SESSIONS))
    def make_again(self, session: str) -> None:
        answer = self.world.post_session(sessionId=session, userId="somebody else")
        assert_answers(answer, 409, "already_exists")

    @action(1, user=st.sampled_from(USERS))
    def reuse(self, user: str) -> None:
        active = [name for name, scope in self.model.sessions.items() if scope.user == user and not scope.paused]
        if active:
            answer = self.world.post_session(userId=user, reuse=True)
            assert_answers(answer, 200)
            assert answer.body["sessionId"] in active

    @action(6, session=sessions, limits=some_limits)
    def patch(self, session: str, limits: dict[str, Any]) -> None:
        answer = self.world.patch(session, **limits)
        if session not in self.model.sessions:
            assert_answers(answer, 404, "not_found")
            return
        assert_answers(answer, 200)
        scope = self.model.sessions[session]
        scope.change(limits_of(limits, scope.limits), self.model.now)

    @action(1, session=sessions)
    def pause(self, session: str) -> None:
        answer = self.world.pause(session, reason="because")
        if session in self.model.sessions:
            assert_answers(answer, 200)
            self.model.sessions[session].go_to(self.model.now)
            self.model.sessions[session].pause()

    @action(6, session=sessions)
    def resume(self, session: str) -> None:
        answer = self.world.resume(session)
        if session not in self.model.sessions:
            assert_answers(answer, 404, "not_found")
        elif self.model.sessions[session].resume(self.model.now):
            assert_answers(answer, 200)
        else:
            assert_answers(answer, 409, "still_over_limit")
            assert set(answer.body["breached"]) == self.model.sessions[session].over()

    @action(6, session=st.sampled_from(SESSIONS), agents=st.sampled_from([1, 2]))
    def raise_and_resume(self, session: str, agents: int) -> None:
        """Makes room, so that not everything is refused from the first breach on."""
        most = {resource: self.model.sessions[session].used[resource] for resource in ("cost", "compute", "calls")}
        period = self.model.sessions[session].limits.period
        limits = {
            "maxCost": cents(most["cost"] + 7, period),
            "maxComputeMinutes": most["compute"] // 60 + 9,
            "maxModelCalls": most["calls"] + 9,
            "maxAgents": agents,
        }
        self.patch(session, limits)
        self.resume(session)

    @action(1, stop=st.sampled_from([True, False, False]))
    def stop_or_restart_project(self, *, stop: bool) -> None:
        answer = self.world.call(f"POST /v1/project/{'pause' if stop else 'resume'}")
        assert_answers(answer, 200)
        self.model.stopped = stop

    # ------------------------------------------------------------ budgets

    @action(4, name=budgets, limits=some_limits)
    def put_budget(self, name: str, limits: dict[str, Any]) -> None:
        answer = self.world.put_budget(name, **limits)
        wanted = limits_of(limits, Limits())
        if name in self.model.budgets:
            assert_answers(answer, 200)
            self.model.budgets[name].change(wanted, self.model.now)
        else:
            assert_answers(answer, 201)
            self.model.budgets[name] = self.model.new(name, wanted)

    @action(2, name=budgets)
    @action(2, name=st.none())
    def delete_budget(self, name: str | None) -> None:
        name = name or next(iter(self.model.budgets), "project")
        answer = self.world.call("DELETE /v1/budgets/{scope}", path={"scope": name})
        if self.model.budgets.pop(name, None):
            assert_answers(answer, 204)
        else:
            assert_answers(answer, 404, "not_found")

    # ------------------------------------------------------------ callbacks

    @action(12, session=sessions, userId=users, runId=runs, usage=some_usage, age=ages)
    @action(1, session=st.none(), userId=users, runId=runs, usage=some_usage, age=ages)
    def record(self, age: int, **event: Any) -> None:
        occurred = (self.model.now - timedelta(seconds=age)).isoformat().replace("+00:00", "Z")
        self.send(self.world.event(occurredAt=occurred, **event))

    @action(8, session=sessions, hold=holds, userId=users, runId=runs, usage=some_usage)
    def settle(self, session: str, hold: int, **event: Any) -> None:
        self.record(age=0, session=session, holdId=self.hold_id(session, hold), **event)

    def send(self, event: dict[str, Any]) -> None:
        answer = self.world.call("POST /v1/callbacks/usage.computeCostAndRecord", body=event)
        expected = self.expected_record(event)
        assert_answers(answer, *expected)
        if answer.status == 201:
            self.sent.append((event, answer))
            self.compare_standing(event, answer)

    def expected_record(self, event: dict[str, Any]) -> tuple[int, str | None]:
        """What the callback answers; what it does is done to the model."""
        session, hold = event.get("sessionId"), None
        if session is not None and session not in self.model.sessions:
            return 404, "not_found"
        if "holdId" in event:
            hold = self.model.leases.get((session, "hold", event["holdId"]))
            if hold is None:
                return 404, "not_found"
            if hold.state in {"settled", "released"}:
                return 409, "hold_closed"
        user = event.get("userId") or USER_OF.get(session)
        scopes = self.model.touched(session, user, event.get("runId"))
        self.model.record(usage_of(event), scopes, hold)
        return 201, None

    def compare_standing(self, event: dict[str, Any], answer: Answer) -> None:
        if "sessionId" not in event:
            assert answer.body["session"] is None
            return
        session = self.model.sessions[event["sessionId"]]
        standing = answer.body["session"]
        assert standing["status"] == ("paused" if session.paused else "active")
        assert set(standing["breached"]) == (session.breached if session.paused else set())

    @action(2, back=st.integers(1, 5))
    def send_again(self, back: int) -> None:
        if len(self.sent) < back:
            return
        event, first = self.sent[-back]
        answer = self.world.call("POST /v1/callbacks/usage.computeCostAndRecord", body=event)
        assert_answers(answer, 200)
        assert answer.body == {**first.body, "status": "duplicate"}

    @action(1, back=st.integers(1, 5))
    def send_another_with_its_key(self, back: int) -> None:
        if len(self.sent) < back:
            return
        event, _ = self.sent[-back]
        answer = self.world.call("POST /v1/callbacks/usage.computeCostAndRecord", body={**event, "personaId": "other"})
        assert_answers(answer, 409, "idempotency_conflict")

    @action(4, session=sessions, user=users, usages=st.lists(some_usage, min_size=1, max_size=4))
    def send_batch(self, session: str, user: str | None, usages: list[dict[str, Any]]) -> None:
        occurred = self.model.now.isoformat().replace("+00:00", "Z")
        events = [self.world.event(session, usage=usage, userId=user, occurredAt=occurred) for usage in usages]
        answer = self.world.batch(*events)
        assert_answers(answer, 200)
        for event, result in zip(events, answer.body["results"], strict=True):
            status, code = self.expected_record(event)
            assert result["status"] == ("recorded" if status == 201 else "error")
            assert result.get("error", {}).get("code") == code

    # ------------------------------------------------------------ holds

    def hold_id(self, session: str, back: int) -> str:
        """The id of the session's latest hold, of the one before, and so on; of the next one, if `back` is 0."""
        made = sum(1 for where, kind, _ in self.model.leases if (where, kind) == (session, "hold"))
        return f"h{made + 1 - back}"

    @action(
        10,
        session=sessions,
        again=st.sampled_from([0] * 7 + [1]),
        run=runs,
        ttl=seconds,
        estimate=st.tuples(amounts, st.booleans()),
        dry_run=st.sampled_from([True, False, False]),
    )
    def open_hold(  # noqa: PLR0913  # what a hold may name
        self, *, session: str, again: int, run: str | None, ttl: int, estimate: tuple[int, bool], dry_run: bool
    ) -> None:
        hold = self.hold_id(session, again)
        held, estimated = self.estimate(*estimate)
        body = {"holdId": hold, "estimate": estimated, "ttlSeconds": ttl, **({"runId": run} if run else {})}
        answer = self.world.hold(session, dry_run=dry_run, **body)
        lease = self.model.leases.get((session, "hold", hold))
        if session in self.model.sessions and lease:
            same = lease.request == body
            closed = None if lease.runs(self.model.now) else "hold_closed"
            code = closed if same else "idempotency_conflict"
            assert_answers(answer, 409 if code else 200, code)
            return
        status = 200 if dry_run else 201
        if self.expect_taken(answer, session, run, held, status):
            assert answer.body["heldUsd"] == plain_usd(held["cost"])
            if not dry_run:
                self.take(session, "hold", hold, held, run, ttl).request = body

    @staticmethod
    def estimate(cost: int, by_usage: bool) -> tuple[dict[str, int], dict[str, Any]]:  # noqa: FBT001  # drawn
        """What is held, and how it is asked for."""
        if not by_usage:
            return {"cost": cost}, {"costUsd": usd(cost)}
        usage = {"sandboxSeconds": 60, **({"inputTokens": cost} if cost else {})}
        calls = {"calls": 1} if cost else {}
        return {"cost": cost, "compute": 60, **calls}, {"service": "codex", "usage": usage}

    def expect_taken(self, answer: Answer, session: str, run: str | None, wanted: dict[str, int], status: int) -> bool:
        """Whether a lease is granted, which the answer has to say too."""
        if session not in self.model.sessions:
            assert_answers(answer, 404, "not_found")
            return False
        scopes = self.model.touched(session, USER_OF[session], run)
        short = self.model.short(scopes, wanted)
        if self.model.stopped or (self.model.sessions[session].paused):
            assert_answers(answer, 409, "session_paused")
            return False
        if short:
            assert_answers(answer, 402, "limit_reached")
            assert (answer.body["scope"], answer.body["dimension"]) in short
            self.compare_refusal(answer)
            return False
        assert_answers(answer, status)
        return True

    def compare_refusal(self, answer: Answer) -> None:
        name, dimension = answer.body["scope"], answer.body["dimension"]
        assert answer.body["retryable"] is False
        if dimension == "unrated":
            return
        scope = next(scope for scope in self.model.scopes() if scope.name == name)
        resource = next(resource for resource, named in DIMENSION.items() if named == dimension)
        assert {part: answer.body[part] for part in ("limit", "used", "held", "remaining")} == self.standing(
            scope, resource
        )

    def take(  # noqa: PLR0913, PLR0917  # what a lease consists of
        self, session: str, kind: str, lease_id: str, wanted: dict[str, int], run: str | None, ttl: int
    ) -> Lease:
        scopes = self.model.touched(session, USER_OF[session], run)
        lease = Lease(session, wanted, scopes, self.model.now + timedelta(seconds=ttl))
        self.model.leases[session, kind, lease_id] = lease
        return lease

    @action(3, session=sessions, hold=holds)
    def release(self, session: str, hold: int) -> None:
        hold_id = self.hold_id(session, hold)
        answer = self.world.release(session, hold_id)
        lease = self.model.leases.get((session, "hold", hold_id))
        if lease is None:
            assert_answers(answer, 404, "not_found")
        elif lease.state == "settled":
            assert_answers(answer, 409, "hold_closed")
        else:
            assert_answers(answer, 204)
            # One that ran out and was not reclaimed is released, and may be settled no more; else it is expired.
            if lease.runs(self.model.now):
                lease.state = "released"
            elif lease.state == "open":
                item = self.world.aws.item("Meters", scope=f"{PROJECT}#session#{session}", entry=f"hold#{hold_id}")
                assert item
                lease.state = item["state"]["S"]

    @action(2, session=sessions, hold=holds, ttl=seconds)
    def extend(self, session: str, hold: int, ttl: int) -> None:
        hold_id = self.hold_id(session, hold)
        answer = self.world.extend(session, hold_id, ttl)
        lease = self.model.leases.get((session, "hold", hold_id))
        if lease is None:
            assert_answers(answer, 404, "not_found")
        elif lease.runs(self.model.now):
            assert_answers(answer, 200)
            lease.expires = self.model.now + timedelta(seconds=ttl)
        else:
            assert_answers(answer, 409, "hold_closed")

    # ------------------------------------------------------------ agents

    @action(4, session=sessions, agent=agents, run=runs, ttl=seconds)
    def start(self, session: str, agent: str, run: str | None, ttl: int) -> None:
        answer = self.world.start(session, agent, leaseSeconds=ttl, **({"runId": run} if run else {}))
        lease = self.model.leases.get((session, "agent", agent))
        if lease and (lease.runs(self.model.now) or (answer.status == 200 and lease.state == "open")):
            assert_answers(answer, 200)
            self.renew(lease, ttl)
            assert answer.body["status"] == self.agents_status(session)
        elif self.expect_taken(answer, session, run, {"agents": 1}, 201):
            self.take(session, "agent", agent, {"agents": 1}, run, ttl)

    @action(2, session=sessions, agent=agents, ttl=seconds)
    def beat(self, session: str, agent: str, ttl: int) -> None:
        answer = self.world.beat(session, agent, leaseSeconds=ttl)
        lease = self.model.leases.get((session, "agent", agent))
        # One that has run out may go on as long as nobody has asked for its slot.
        if lease and (lease.runs(self.model.now) or (answer.status == 200 and lease.state == "open")):
            assert_answers(answer, 200)
            self.renew(lease, ttl)
            assert answer.body["status"] == self.agents_status(session)
        else:
            assert_answers(answer, 404, "not_found")

    def renew(self, lease: Lease, ttl: int) -> None:
        lease.expires = self.model.now + timedelta(seconds=ttl)

    def agents_status(self, session: str) -> str:
        return "paused" if self.model.stopped or self.model.sessions[session].paused else "running"

    @action(2, session=sessions, agent=agents)
    def end(self, session: str, agent: str) -> None:
        answer = self.world.end(session, agent)
        lease = self.model.leases.get((session, "agent", agent))
        if lease is None:
            assert_answers(answer, 404, "not_found")
        else:
            assert_answers(answer, 204)
            lease.state = "released"

    # ------------------------------------------------------------ what is shown

    @invariant()
    def nothing_is_told_that_did_not_happen(self) -> None:
        self.ledger.check()
        told = sorted((scope, event.partition(".")[2]) for scope, event in self.ledger.told)
        assert told == sorted((family(scope), event) for scope in self.all_scopes() for event in scope.events)

    def all_scopes(self) -> list[Scope]:
        """Those that are, and the budgets that were."""
        held = (scope for lease in self.model.leases.values() for scope in lease.scopes)
        self.ever: dict[int, Scope] = getattr(self, "ever", {})
        self.ever.update({id(scope): scope for scope in [*self.model.scopes(), *held]})
        return list(self.ever.values())

    @action(6, session=sessions)
    def compare_session(self, session: str) -> None:
        if session not in self.model.sessions:
            return
        scope = self.model.sessions[session]
        scope.go_to(self.model.now)
        shown = self.world.show(session)
        assert shown["status"] == ("paused" if scope.paused else "active")
        assert set(shown["breached"]) == scope.breached
        self.compare_usage(self.world.usage(session), scope)
        self.compare_limits(self.world.limits(session), scope)
        agents = [(agent["agentId"], agent["status"]) for agent in self.world.agents(session)]
        running = [
            lease_id
            for (where, kind, lease_id), lease in self.model.leases.items()
            if kind == "agent" and where == session and lease.runs(self.model.now)
        ]
        assert agents == [(agent, self.agents_status(session)) for agent in sorted(running)]

    @action(4, name=budgets)
    def compare_budget(self, name: str) -> None:
        if name not in self.model.budgets:
            return
        scope = self.model.budgets[name]
        scope.go_to(self.model.now)
        shown = self.world.budget(name)
        assert shown["status"] == ("limit_reached" if scope.paused else "active")
        assert set(shown["breached"]) == scope.breached
        self.compare_usage(shown["usage"], scope)
        self.compare_limits(shown["limits"], scope)

    def compare_usage(self, shown: dict[str, Any], scope: Scope) -> None:
        assert shown["cost"]["amount"] == scope.totals["cost"]
        assert shown["computeSeconds"] == str(scope.totals["compute"])
        assert shown["modelCalls"] == scope.totals["calls"]
        assert shown["records"] == scope.totals["records"]
        assert shown["unrated"] == scope.totals["unrated"]
        assert shown["activeAgents"] == self.model.held(scope, "agents")

    def compare_limits(self, shown: dict[str, Any], scope: Scope) -> None:
        for resource, dimension in DIMENSION.items():
            if scope.limit(resource) is None:
                assert shown[dimension] is None
            else:
                expected = self.standing(scope, resource)
                assert {part: shown[dimension][part] for part in expected} == expected
        assert shown["onUnrated"] == scope.limits.on_unrated
        assert shown["thresholds"] == list(scope.limits.thresholds)

    def standing(self, scope: Scope, resource: str) -> dict[str, Any]:
        """Limit, used, held and remaining, as answers show them."""
        held, used = self.model.held(scope, resource), scope.used[resource]
        if resource == "agents":
            held, used = 0, held
        limit = scope.limit(resource)
        assert limit is not None
        parts = {"limit": limit, "used": used, "held": held, "remaining": max(limit - used - held, 0)}
        if resource == "cost":
            return {part: {"amount": amount, "currency": "usd"} for part, amount in parts.items()}
        if resource == "compute":
            return {part: pytest.approx(amount / 60, abs=1e-6) for part, amount in parts.items()}
        return parts


def plain_usd(amount_in_cents: int) -> str:
    text = usd(amount_in_cents).rstrip("0").rstrip(".")
    return text or "0"


def usage_of(event: dict[str, Any]) -> Usage:
    usage = event["usage"]
    cost = usage.get("inputTokens", 0) + usage.get("outputTokens", 0)
    occurred = datetime.fromisoformat(event["occurredAt"])
    return Usage(occurred, cost, usage.get("sandboxSeconds", 0), int(cost > 0), usage.get("mysteries", 0))


def family(scope: Scope) -> str:
    """The key of a scope's items."""
    kind, _, scope_id = scope.name.partition(":")
    return f"{PROJECT}#{kind}#{scope_id or PROJECT}"


SessionMachine.TestCase.settings = settings(
    max_examples=int(os.environ.get("MODEL_EXAMPLES", "15")), stateful_step_count=100
)
TestSessionApi = SessionMachine.TestCase
