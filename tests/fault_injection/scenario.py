"""A project whose clients do this and that, each request sent again until it is answered."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.answers import Answer
from tests.emulated_aws import PROJECT, Call, Item, Reply
from tests.fault_injection.faulty_aws import FaultyAws, ProcessDiedError
from tests.integration.api import RECORD, Context, app_of, forget
from tests.session_world import SessionWorld, cents

MOST_TRIES = 12
FAULTY_TRIES = 4
"""After so many nothing goes wrong any more, so that every request is answered in the end."""
HOLDS, AGENTS = ("h1", "h2", "h3", "h4"), ("a1", "a2", "a3")
USERS = {"ses_1": "ada", "ses_2": "bob"}
BUDGETS = ("user:ada", "run:r1", "project")


@dataclass
class Scenario:
    """One seed's world."""

    world: SessionWorld
    chance: random.Random
    faults: FaultyAws
    answered: set[str] = field(default_factory=set)
    """The keys of callbacks that were answered as recorded."""
    refused: set[str] = field(default_factory=set)
    """The keys of callbacks that were answered as not recorded, for good."""
    budgets_are_kept: bool = True
    """Whether no budget was made or removed after the beginning."""
    stream: list[Item] = field(default_factory=list)
    """The events that the stream has still to bring to the relay."""
    events: dict[str, Item] = field(default_factory=dict)
    """Every event that ever was written, by its entry."""
    keys: Any = field(default_factory=lambda: count(1))

    def prepare(self) -> None:
        """Sessions, budgets and webhooks, made without faults."""
        self.world.aws.watchers.append(self._note)
        for session, user in USERS.items():
            self.world.create(session, user, **self.limits())
        for name in BUDGETS:
            if self.chance.random() < 0.6:
                self.world.put_budget(name, **self.limits())
        for number in range(self.chance.randrange(3)):
            self.world.put_endpoint(f"wh_{number}", *self.chance.choice([("*",), ("session.limit_reached",)]))

    def limits(self) -> dict[str, Any]:
        period = self.chance.choice(["total", "total", "hour", "day"])
        wanted = {
            "maxCost": cents(self.chance.choice([0, 5, 10, 30]), period),
            "maxModelCalls": self.chance.choice([2, 5, 20]),
            "maxComputeMinutes": self.chance.choice([1, 3, 20]),
            "maxAgents": self.chance.choice([0, 1, 2]),
        }
        return {name: limit for name, limit in wanted.items() if self.chance.random() < 0.7}

    def _note(self, call: Call, _: Reply) -> None:
        """What the stream of Meters is told."""
        if call.operation == "TransactWriteItems":
            for write in call.parameters["TransactItems"]:
                item = write.get("Put", {}).get("Item", {})
                if item.get("entry", {"S": ""})["S"].startswith("event#"):
                    self.events[item["entry"]["S"]] = item
                    self.stream.append(item)

    # ------------------------------------------------------------ what happens

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        """Something happens, things go wrong, and perhaps something else happens in the middle of it."""
        faults = self.faults
        self.world.wait(seconds=self.chance.choice([0, 0, 0, 1, 30, 61, 3600]))
        faults.rate = self.chance.choice([0.0, 0.1, 0.3])
        faults.outage = self.chance.choice([0] * 30 + [60])
        faults.bystander = self.chance.choice([None, self.chance.choice(self.actions())])
        action = self.chance.choice(self.actions())
        faults.log.append(action.__name__)
        action()
        faults.rate, faults.outage, faults.bystander = 0.0, 0, None

    def actions(self) -> list[Callable[[], None]]:
        often = [self.record, self.record, self.settle, self.settle, self.hold, self.hold, self.hold]
        now_and_then = [self.batch, self.release, self.extend, self.start, self.beat, self.end, self.patch]
        seldom = [self.pause, self.resume, self.resume, self.change_budget, self.reuse, self.look]
        return [*often, *now_and_then, *seldom, self.sweep, self.relay, self.relay]

    def until_answered(self, send: Callable[[], Answer], *statuses: int) -> Answer:
        """Sends a request again, from a new process where the old one died, until an answer says what came of it."""
        self.world.wait(microseconds=1)  # no two requests come at the same microsecond
        for attempt in range(MOST_TRIES):
            try:
                answer = send()
            except ProcessDiedError:
                forget()
            else:
                if answer.status != 503:
                    assert answer.status in statuses, answer.body
                    return answer
            self.world.wait(milliseconds=self.chance.choice([1, 50, 2000]))
            if attempt + 1 >= FAULTY_TRIES:
                self.faults.rate, self.faults.outage = 0.0, 0
        raise AssertionError(f"not answered in {MOST_TRIES} attempts, of which only {FAULTY_TRIES} met faults")

    # ------------------------------------------------------------ callbacks

    def session(self) -> str:
        return self.chance.choice(["ses_1", "ses_1", "ses_2"])

    def event(self, **fields: Any) -> dict[str, Any]:
        usage = {"inputTokens": self.chance.choice([0, 1, 2, 5]), "sandboxSeconds": self.chance.choice([0, 0, 30, 90])}
        if self.chance.random() < 0.1:
            usage["mysteries"] = 1
        about = {"runId": self.chance.choice([None, "r1"]), "idempotencyKey": f"call_{next(self.keys)}", **fields}
        return self.world.event(self.session(), usage=usage, **about)

    def settling(self) -> dict[str, Any]:
        return self.event(holdId=self.chance.choice(HOLDS))

    def record(self) -> None:
        self.send(self.event(userId=self.chance.choice([None, "ada", "carl"])))

    def settle(self) -> None:
        self.send(self.settling())

    def send(self, event: dict[str, Any]) -> None:
        answer = self.until_answered(lambda: self.world.call(RECORD, body=event), 200, 201, 404, 409)
        if answer.status >= 400:
            self.note_refusal(event, answer.body)
            return
        self.answered.add(event["idempotencyKey"])
        if self.chance.random() < 0.2:
            again = self.until_answered(lambda: self.world.call(RECORD, body=event), 200)
            assert again.body == {**answer.body, "status": "duplicate"}

    def note_refusal(self, event: dict[str, Any], problem: dict[str, Any]) -> None:
        assert problem["code"] in {"not_found", "hold_closed"}, problem
        self.refused.add(event["idempotencyKey"])

    def batch(self) -> None:
        events = [self.event() for _ in range(self.chance.choice([2, 5]))]
        events += [self.settling()] if self.chance.random() < 0.3 else []
        answer = self.until_answered(lambda: self.send_batch(events), 200)
        for event, result in zip(events, answer.body["results"], strict=True):
            if result["status"] == "error":
                self.note_refusal(event, result["error"])
            else:
                self.answered.add(event["idempotencyKey"])

    def send_batch(self, events: list[dict[str, Any]]) -> Answer:
        """The answer, as a client sees it who sends all again if some may not have been recorded."""
        answer = self.world.batch(*events)
        errors = [result.get("error", {}) for result in answer.body.get("results", [])]
        return answer._replace(status=503) if any(error.get("status") == 503 for error in errors) else answer

    # ------------------------------------------------------------ leases

    def hold(self) -> None:
        session, cost = self.session(), self.chance.choice([0, 1, 3, 7])
        body: dict[str, Any] = {"holdId": self.chance.choice(HOLDS), "ttlSeconds": self.chance.choice([1, 60, 3600])}
        body |= self.chance.choice([{}, {"runId": "r1"}])
        if self.chance.random() < 0.3:
            body["estimate"] = {"service": "codex", "usage": {"inputTokens": 1, "sandboxSeconds": 30}}
        self.until_answered(lambda: self.world.hold(session, cost=cost, **body), 200, 201, 402, 409)

    def release(self) -> None:
        session, hold = self.session(), self.chance.choice(HOLDS)
        self.until_answered(lambda: self.world.release(session, hold), 204, 404, 409)

    def extend(self) -> None:
        session, hold, seconds = self.session(), self.chance.choice(HOLDS), self.chance.choice([1, 60, 3600])
        self.until_answered(lambda: self.world.extend(session, hold, seconds), 200, 404, 409)

    def start(self) -> None:
        session, agent, run = self.session(), self.chance.choice(AGENTS), self.chance.choice([{}, {"runId": "r1"}])
        self.until_answered(lambda: self.world.start(session, agent, leaseSeconds=60, **run), 200, 201, 402, 409)

    def beat(self) -> None:
        session, agent = self.session(), self.chance.choice(AGENTS)
        self.until_answered(lambda: self.world.beat(session, agent, leaseSeconds=60), 200, 404)

    def end(self) -> None:
        session, agent = self.session(), self.chance.choice(AGENTS)
        self.until_answered(lambda: self.world.end(session, agent), 204, 404)

    # ------------------------------------------------------------ sessions and budgets

    def patch(self) -> None:
        session, limits = self.session(), self.limits()
        self.until_answered(lambda: self.world.patch(session, **limits), 200)

    def pause(self) -> None:
        session = self.session()
        self.until_answered(lambda: self.world.pause(session), 200)

    def resume(self) -> None:
        session = self.session()
        self.until_answered(lambda: self.world.resume(session), 200, 409)

    def reuse(self) -> None:
        self.until_answered(lambda: self.world.post_session(userId="ada", reuse=True), 200, 201)

    def change_budget(self) -> None:
        name, limits, removes = self.chance.choice(BUDGETS), self.limits(), self.chance.random() < 0.3
        exists = self.world.aws.item("Meters", scope=f"{PROJECT}#budgets#", entry=name) is not None
        self.budgets_are_kept = self.budgets_are_kept and exists and not removes
        path = {"scope": name}
        if removes:
            self.until_answered(lambda: self.world.call("DELETE /v1/budgets/{scope}", path=path), 204, 404)
        else:
            self.until_answered(lambda: self.world.put_budget(name, **limits), 200, 201)

    def look(self) -> None:
        session, route = self.session(), self.chance.choice(["GET ", "GET /usage", "GET /limits", "GET /agents"])
        path = {"scope": self.chance.choice(BUDGETS)}
        self.until_answered(lambda: self.world.about(session, route), 200)
        self.until_answered(lambda: self.world.call("GET /v1/budgets/{scope}", path=path), 200, 404)

    # ------------------------------------------------------------ what runs by itself

    def sweep(self) -> None:
        """Once, whatever comes of it: the next one finds what it has left."""
        try:
            app_of("sweep").handler({}, Context(55))
        except ProcessDiedError:
            forget()
        except Exception:
            if not self.faults.log:
                raise

    def relay(self) -> None:
        """The stream brings some events; it brings those again that were not relayed, and now and then one that was."""
        some = [item for item in self.stream if self.chance.random() < 0.6]
        records = [
            {"dynamodb": {"NewImage": item, "SequenceNumber": f"{number:021d}"}} for number, item in enumerate(some)
        ]
        try:
            answer = app_of("relay_outbox").handler({"Records": records}, Context(60))
        except ProcessDiedError:
            forget()
            return
        failed = {int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]}
        for number, item in enumerate(some):
            if number not in failed and item in self.stream and self.chance.random() < 0.9:
                self.stream.remove(item)
