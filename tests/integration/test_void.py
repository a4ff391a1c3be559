"""Void: usage is taken back by a record of its own, and totals, meters and budgets follow."""

from collections.abc import Iterator

import pytest

from tests.correction_world import (
    RECORD,
    VOID,
    CorrectionWorld,
    Crash,
    correction_world,
    crash_after,
    crash_before,
    fault_at,
)
from tests.session_world import cents


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[CorrectionWorld]:
    with correction_world(monkeypatch) as made:
        yield made


def test_a_void_is_a_record_of_its_own_that_is_linked_both_ways(world: CorrectionWorld) -> None:
    record_id = world.record(cost=30, runId="run_1", tags={"branch": "main"})
    answer = world.void(record_id, "a test run")
    assert answer.status == 201
    assert (answer.body["voids"], answer.body["costUsd"]) == (record_id, "-0.3")
    void, record = world.show(answer.body["recordId"]), world.show(record_id)
    assert record["voidedBy"] == void["recordId"]
    assert record["costUsd"] == "0.3", "history is not overwritten"
    assert (void["voids"], void["reason"], void["costUsd"]) == (record_id, "a test run", "-0.3")
    assert void["usage"] == {"inputTokens": -30}
    assert (void["runId"], void["tags"], void["occurredAt"]) == ("run_1", {"branch": "main"}, record["occurredAt"])


def test_the_day_the_run_and_the_session_follow(world: CorrectionWorld) -> None:
    world.world.create()
    world.record("ses_1", 20, runId="run_1", stepIndex=1, durationMs=5, usage={"inputTokens": 20, "sandboxSeconds": 60})
    taken = world.record("ses_1", 30, runId="run_1", stepIndex=2, durationMs=7, usage={"inputTokens": 30, "runs": 2})
    world.void(taken)
    assert world.sum() * 100 == 20
    total = world.run()["total"]
    assert (total["costUsd"], total["records"], total["metrics"]["inputTokens"]) == ("0.2", 1, "20")
    assert [(step["stepIndex"], step["costUsd"], step["durationMs"]) for step in world.run()["steps"]] == [
        (1, "0.2", 5),
        (2, "0", 0),
    ]
    usage = world.world.usage()
    assert (usage["costUsd"], usage["records"], usage["modelCalls"], usage["inputTokens"]) == ("0.2", 1, 1, 20)
    assert (usage["orchestrationEvents"], usage["computeMinutes"]) == (0, 1)


def test_a_run_of_which_nothing_stands_is_still_found(world: CorrectionWorld) -> None:
    world.void(world.record(cost=30, runId="run_1"))
    assert (world.run()["total"]["costUsd"], world.run()["total"]["records"]) == ("0", 0)


def test_voided_again_it_is_the_same_void_whatever_the_reason(world: CorrectionWorld) -> None:
    world.world.create()
    record_id = world.record("ses_1", 30)
    first = world.void(record_id, "one")
    before = world.state()
    again = world.void(record_id, "another")
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert world.state() == before


def test_a_correction_cannot_be_voided(world: CorrectionWorld) -> None:
    voided, repriced = world.record(cost=30), world.record(cost=20, modelId="other")
    void = world.void(voided).body["recordId"]
    world.card(2, model="other")
    world.rerate(modelId="other")
    [adjustment] = world.show(repriced)["adjustedBy"]
    before = world.state()
    for correction in (void, adjustment):
        answer = world.void(correction)
        assert (answer.status, answer.code) == (409, "not_voidable")
    assert world.state() == before


@pytest.mark.parametrize("record_id", ["rec_aaaaaaaaaaaaaaaaaaaa", "x", "a#b", "é"])
def test_what_is_not_there_is_not_found(world: CorrectionWorld, record_id: str) -> None:
    world.record(cost=30)
    assert world.void(record_id).status == 404


@pytest.mark.parametrize(("role", "status"), [("ingest", 403), ("member", 403), ("admin", 201), ("owner", 201)])
def test_who_may_void(world: CorrectionWorld, role: str, status: int) -> None:
    assert world.void(world.record(cost=1), key=role).status == status


@pytest.mark.parametrize(
    "body",
    [{}, {"reason": ""}, {"reason": None}, {"reason": "x" * 501}, {"reason": "a\nb"}, {"reason": "x", "why": "y"}],
)
def test_a_void_needs_a_reason_and_nothing_else(world: CorrectionWorld, body: dict[str, str | None]) -> None:
    path = {"recordId": world.record(cost=1)}
    assert world.call(VOID, path=path, body=body).status == 422
    assert world.call(RECORD, path=path).body["voidedBy"] is None


def test_a_retry_of_a_voided_callback_is_still_a_duplicate(world: CorrectionWorld) -> None:
    world.world.create()
    event = world.world.event("ses_1", 30, idempotencyKey="call")
    first = world.world.batch(event).body["results"][0]
    world.void(first["recordId"])
    again = world.world.batch(event).body["results"][0]
    assert again == {**first, "status": "duplicate"}
    assert world.world.usage()["costUsd"] == "0"


def test_unrated_usage_that_is_taken_back_is_no_longer_counted_as_unrated(world: CorrectionWorld) -> None:
    world.world.create()
    taken = world.record("ses_1", usage={"webSearches": 3})
    assert world.world.usage()["unrated"] == 1
    assert world.void(taken).body["costUsd"] == "0"
    assert world.world.usage()["unrated"] == 0


# ---------------------------------------------------------------------------- limits


def test_a_paused_session_can_be_resumed_once_enough_is_taken_back(world: CorrectionWorld) -> None:
    world.world.create(maxCost=cents(100))
    world.record("ses_1", 90)
    taken = world.record("ses_1", 11)
    assert world.world.show()["breached"] == ["maxCost"]
    assert world.world.resume().status == 409
    world.void(taken)
    assert (world.world.show()["status"], world.world.show()["breached"]) == ("paused", [])
    assert world.world.limits()["maxCost"]["remainingUsd"] == "0.1"
    assert world.world.resume().status == 200
    assert world.world.hold(cost=10).status == 201


def test_what_was_told_is_not_told_again(world: CorrectionWorld) -> None:
    world.world.create(maxCost=cents(100))
    taken = world.record("ses_1", 101)
    told = world.world.told("session.limit_reached", "session.threshold_reached")
    assert len(told) == 4
    world.void(taken)
    world.world.resume()
    world.record("ses_1", 101)
    assert world.world.told("session.limit_reached", "session.threshold_reached") == told
    assert world.world.show()["status"] == "paused"


def test_calls_and_compute_are_given_back_too(world: CorrectionWorld) -> None:
    world.world.create(maxModelCalls=1, maxComputeMinutes=1)
    taken = world.record("ses_1", usage={"inputTokens": 1, "sandboxSeconds": 60})
    world.void(taken)
    limits = world.world.limits()
    assert (limits["maxModelCalls"]["used"], limits["maxComputeMinutes"]["used"]) == (0, 0)
    assert world.record("ses_1", usage={"inputTokens": 1, "sandboxSeconds": 60})
    assert world.world.show()["status"] == "active"


@pytest.mark.parametrize("scope", ["user:user_1", "run:run_1", "project"])
def test_a_budget_that_was_passed_opens_again_by_itself(world: CorrectionWorld, scope: str) -> None:
    world.world.create(user="user_1")
    world.world.put_budget(scope, maxCost=cents(100))
    world.record("ses_1", 60, runId="run_1")
    taken = world.record("ses_1", 41, runId="run_1")
    assert world.world.hold(runId="run_1").status == 402
    world.void(taken)
    budget = world.world.budget(scope)
    assert (budget["status"], budget["limits"]["maxCost"]["usedUsd"]) == ("active", "0.6")
    assert world.world.hold(cost=40, runId="run_1").status == 201


def test_a_budget_that_was_made_after_the_record_has_nothing_to_give_back(world: CorrectionWorld) -> None:
    world.world.create(user="user_1")
    taken = world.record("ses_1", 60)
    world.world.wait(seconds=1)
    world.world.put_budget("user:user_1", maxCost=cents(100))
    world.world.put_budget("project", maxCost=cents(100))
    world.void(taken)
    for scope in ("user:user_1", "project"):
        assert world.world.budget(scope)["limits"]["maxCost"]["usedUsd"] == "0"


def test_a_budget_that_was_removed_and_made_anew_never_counted_the_record(world: CorrectionWorld) -> None:
    world.world.put_budget("user:user_1", maxCost=cents(100))
    taken = world.record(None, 60, userId="user_1")
    world.call("DELETE /v1/budgets/{scope}", path={"scope": "user:user_1"})
    assert world.void(taken).status == 201
    taken = world.record(None, 60, userId="user_1")
    world.world.wait(seconds=1)
    world.world.put_budget("user:user_1", maxCost=cents(100))
    world.void(taken)
    assert world.world.budget("user:user_1")["limits"]["maxCost"]["usedUsd"] == "0"


def test_a_budget_that_only_the_hold_had_counted_against_follows(world: CorrectionWorld) -> None:
    world.world.create(user="user_1")
    world.world.put_budget("run:run_1", maxCost=cents(100))
    world.world.hold(holdId="hold_1", cost=50, runId="run_1")
    taken = world.record("ses_1", 40, holdId="hold_1")
    assert world.world.budget("run:run_1")["limits"]["maxCost"]["usedUsd"] == "0.4"
    world.void(taken)
    limit = world.world.budget("run:run_1")["limits"]["maxCost"]
    assert (limit["usedUsd"], limit["heldUsd"], limit["remainingUsd"]) == ("0", "0", "1")


def test_usage_of_a_window_that_is_past_is_taken_back_from_the_totals_alone(world: CorrectionWorld) -> None:
    world.world.create(maxCost=cents(100, "hour"))
    taken = world.record("ses_1", 60)
    world.world.wait(hours=1)
    world.record("ses_1", 50)
    world.void(taken)
    assert world.world.limits()["maxCost"]["usedUsd"] == "0.5"
    assert world.world.usage()["costUsd"] == "0.5"


def test_usage_that_was_told_of_ahead_is_taken_back_where_it_was_counted(world: CorrectionWorld) -> None:
    world.world.create(maxCost=cents(100, "hour"))
    world.world.at("2026-11-24T10:58:00Z")
    taken = world.record("ses_1", 60, occurredAt="2026-11-24T11:02:00Z")
    world.world.at("2026-11-24T11:03:00Z")
    world.record("ses_1", 50)
    world.void(taken)
    assert world.world.limits()["maxCost"]["usedUsd"] == "0.5"


# ---------------------------------------------------------------------------- faults and races


def _prepared(world: CorrectionWorld) -> str:
    world.world.create(user="user_1", maxCost=cents(100))
    world.world.put_budget("project", maxCost=cents(100))
    world.record("ses_1", 60)
    return world.record("ses_1", 41)


@pytest.mark.parametrize("fault", [crash_before, crash_after])
def test_cut_short_anywhere_it_is_done_or_not_and_sent_again_it_is_done_once(
    monkeypatch: pytest.MonkeyPatch, fault: object
) -> None:
    with correction_world(monkeypatch) as world:
        taken = _prepared(world)
        untouched = world.state()
        begun = len(world.aws.calls)
        first = world.void(taken).body
        done, count = world.state(), len(world.aws.calls) - begun
    assert count >= 4
    for number in range(count):
        with correction_world(monkeypatch) as world:
            taken = _prepared(world)
            world.aws.meddler = fault_at(number, fault)  # type: ignore[arg-type]
            with pytest.raises(Crash):
                world.void(taken)
            world.aws.meddler = None
            assert world.state() in (untouched, done), number
            assert world.void(taken).body == first
            assert world.state() == done


def test_of_two_that_void_at_once_one_does(world: CorrectionWorld) -> None:
    taken = _prepared(world)
    answers = []

    def another_first(call: object, carry_out: object) -> object:
        if call.operation == "TransactWriteItems" and not answers:  # type: ignore[attr-defined]
            world.aws.meddler = None
            answers.append(world.void(taken, "the other"))
        return carry_out()  # type: ignore[operator]

    world.aws.meddler = another_first  # type: ignore[assignment]
    answer = world.void(taken, "the one")
    assert (answers[0].status, answer.status) == (201, 200)
    assert answers[0].body == answer.body
    assert world.world.usage()["costUsd"] == "0.6"


def test_usage_that_is_counted_meanwhile_is_not_lost(world: CorrectionWorld) -> None:
    taken = _prepared(world)
    others = iter(range(3))

    def count_first(call: object, carry_out: object) -> object:
        if call.operation == "TransactWriteItems" and next(others, None) is not None:  # type: ignore[attr-defined]
            meddler, world.aws.meddler = world.aws.meddler, None
            world.record("ses_1", 1)
            world.aws.meddler = meddler
        return carry_out()  # type: ignore[operator]

    world.aws.meddler = count_first  # type: ignore[assignment]
    assert world.void(taken).status == 201
    assert world.world.usage()["costUsd"] == "0.63"
    assert world.world.budget("project")["limits"]["maxCost"]["usedUsd"] == "0.63"
