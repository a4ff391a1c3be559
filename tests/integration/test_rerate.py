"""Re-rating: usage is priced anew by the cards as they are now, once, whatever becomes of those who work on it."""

from collections.abc import Iterator
from typing import Any

import pytest

from metering.aws.account_items import project_to_item
from metering.domain.accounts import Project
from metering.flows import rerate as flow
from tests.correction_world import (
    JOB,
    RERATE,
    CorrectionWorld,
    Crash,
    correction_world,
    crash_after,
    crash_before,
    fault_at,
)
from tests.emulated_aws import PROJECT, Call, Reply
from tests.integration.api import TODAY
from tests.session_world import cents

FIGURES = ("status", "recordsSeen", "recordsChanged", "recordsFailed", "costUsdBefore", "costUsdAfter")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[CorrectionWorld]:
    with correction_world(monkeypatch) as made:
        yield made


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three records a page, six a piece."""
    monkeypatch.setattr(flow, "PAGE_RECORDS", 3)
    monkeypatch.setattr(flow, "MOST_RECORDS", 6)


def figures(job: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(job[name] for name in FIGURES)


# ---------------------------------------------------------------------------- what becomes of records


def test_unrated_usage_is_priced_once_a_card_is_there(world: CorrectionWorld) -> None:
    world.world.create()
    record_id = world.record("ses_1", 30, service="new_service", runId="run_1")
    assert world.world.usage()["unrated"] == 1
    rate_id = world.card(2, service="new_service")
    assert figures(world.rerate(only="unrated")) == ("completed", 1, 1, 0, "0", "0.6")
    record = world.show(record_id)
    assert record["unratedMetrics"] == ["inputTokens"], "history is not overwritten"
    [adjustment_id] = record["adjustedBy"]
    adjustment = world.show(adjustment_id)
    assert (adjustment["adjusts"], adjustment["costUsd"]) == (record_id, "0.6")
    assert adjustment["usage"] == {"inputTokens": 0}
    assert [line["rateId"] for line in adjustment["lines"]] == [rate_id]
    usage = world.world.usage()
    assert (usage["costUsd"], usage["unrated"], usage["records"], usage["inputTokens"]) == ("0.6", 0, 1, 30)
    total = world.run()["total"]
    assert (total["costUsd"], total["unrated"], total["records"]) == ("0.6", 0, 1)
    assert total["metrics"] == {"inputTokens": "30"}


def test_only_what_is_unrated_is_touched_unless_all_is_asked_for(world: CorrectionWorld) -> None:
    rated, unrated = world.record(cost=30), world.record(cost=30, usage={"inputTokens": 30, "webSearches": 1})
    rate = {"priceUsd": "0.02"}
    world.card(0, metrics={"inputTokens": rate, "webSearches": rate})
    assert figures(world.rerate(only="unrated")) == ("completed", 1, 1, 0, "0.3", "0.62")
    assert world.show(rated)["adjustedBy"] == []
    assert len(world.show(unrated)["adjustedBy"]) == 1
    assert figures(world.rerate(only="all")) == ("completed", 2, 1, 0, "0.92", "1.22")
    assert world.sum() * 100 == 122


def test_what_costs_the_same_is_left_alone(world: CorrectionWorld) -> None:
    world.record(cost=30)
    world.card(100, per=100)
    before = world.state()
    assert figures(world.rerate()) == ("completed", 1, 0, 0, "0.3", "0.3")
    assert world.state() == before


def test_done_again_it_changes_nothing(world: CorrectionWorld) -> None:
    world.record(cost=30)
    world.card(2)
    assert figures(world.rerate()) == ("completed", 1, 1, 0, "0.3", "0.6")
    before = world.state()
    assert figures(world.rerate()) == ("completed", 1, 0, 0, "0.6", "0.6")
    assert world.state() == before


def test_a_dry_run_says_what_would_change_and_changes_nothing(world: CorrectionWorld) -> None:
    world.world.create()
    for cost in (10, 20):
        world.record("ses_1", cost)
    world.card(3)
    before = world.state()
    dry = world.rerate(dryRun=True)
    assert dry["dryRun"] is True
    assert figures(dry) == ("completed", 2, 2, 0, "0.3", "0.9")
    assert world.state() == before
    assert figures(world.rerate()) == figures(dry)
    assert world.world.usage()["costUsd"] == "0.9"


def test_prices_may_fall_and_rise_again_and_every_change_is_kept(world: CorrectionWorld) -> None:
    world.world.create(maxCost=cents(1000))
    record_id = world.record("ses_1", 30)
    for day, price, total in (("2026-01-01", 3, "0.9"), ("2026-01-02", 0, "0"), ("2026-01-03", 2, "0.6")):
        world.card(price, effectiveFrom=day)
        world.rerate()
        assert world.world.usage()["costUsd"] == total
        assert world.world.limits()["maxCost"]["usedUsd"] == total
    changes = [world.show(one)["costUsd"] for one in world.show(record_id)["adjustedBy"]]
    assert changes == ["0.6", "-0.9", "0.6"]
    assert world.sum() * 100 == 60


def test_a_rerated_record_is_voided_at_what_it_costs_by_then(world: CorrectionWorld) -> None:
    world.world.create()
    record_id = world.record("ses_1", 30, runId="run_1")
    world.card(3)
    world.rerate()
    assert world.void(record_id).body["costUsd"] == "-0.9"
    assert world.world.usage()["costUsd"] == world.run()["total"]["costUsd"] == "0"
    assert world.sum() == 0
    assert figures(world.rerate()) == ("completed", 0, 0, 0, "0", "0")


def test_what_is_voided_and_corrections_themselves_are_left_out(world: CorrectionWorld) -> None:
    world.void(world.record(cost=30))
    world.record(cost=5)
    world.card(3)
    assert figures(world.rerate()) == ("completed", 1, 1, 0, "0.05", "0.15")


def test_the_mode_that_usage_was_recorded_in_stays(world: CorrectionWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    context = world.world.api.authorize({"headers": {"authorization": "Bearer owner"}})
    record_id = world.record(cost=30, runId="run_1")
    monkeypatch.setattr(world.world.api, "authorize", lambda _: {**context, "pricingMode": "byok"})
    world.record(cost=30, runId="run_2")
    world.card(2)
    world.rerate()
    assert world.run("run_1")["total"]["billedUsd"] == "0.6"
    assert (world.run("run_2")["total"]["billedUsd"], world.run("run_2")["total"]["costUsd"]) == ("0", "0.6")
    assert world.show(world.show(record_id)["adjustedBy"][0])["pricingMode"] == "managed"


def test_a_card_that_lacks_a_metric_makes_it_unrated(world: CorrectionWorld) -> None:
    world.world.create()
    record_id = world.record("ses_1", usage={"inputTokens": 30, "outputTokens": 10}, runId="run_1")
    world.card(0, metrics={"inputTokens": {"priceUsd": "0.01"}})
    assert figures(world.rerate()) == ("completed", 1, 1, 0, "0.4", "0.3")
    assert (world.world.usage()["costUsd"], world.world.usage()["unrated"]) == ("0.3", 1)
    assert (world.run()["total"]["costUsd"], world.run()["total"]["unrated"]) == ("0.3", 1)
    world.card(2, effectiveFrom="2026-01-01")
    assert figures(world.rerate(only="unrated")) == ("completed", 1, 1, 0, "0.3", "0.8")
    assert world.void(record_id).body["costUsd"] == "-0.8"
    usage = world.world.usage()
    assert (usage["costUsd"], usage["unrated"], usage["inputTokens"]) == ("0", 0, 0)


def test_a_metric_that_a_card_counts_to_a_category_counts_there(world: CorrectionWorld) -> None:
    world.world.create()
    record_id = world.record("ses_1", usage={"pages": 4})
    assert (world.world.usage()["modelCalls"], world.world.usage()["orchestrationEvents"]) == (0, 0)
    world.card(0, metrics={"pages": {"priceUsd": "0.5", "category": "orchestration"}})
    world.rerate(only="unrated")
    assert world.world.usage()["orchestrationEvents"] == 4
    pages = {"pages": {"priceUsd": "0.25", "category": "modelTokens"}}
    world.card(0, effectiveFrom="2026-01-01", metrics=pages)
    world.rerate()
    usage = world.world.usage()
    assert (usage["modelCalls"], usage["orchestrationEvents"], usage["costUsd"]) == (1, 0, "1")
    world.void(record_id)
    usage = world.world.usage()
    assert (usage["modelCalls"], usage["orchestrationEvents"], usage["costUsd"]) == (0, 0, "0")


def test_what_would_cost_over_a_trillion_keeps_its_price(world: CorrectionWorld) -> None:
    dear, cheap = world.record(cost=10**12), world.record(cost=1)
    world.card(10**10)
    assert figures(world.rerate()) == ("completed", 2, 1, 1, "10000000000.01", "10100000000")
    assert world.show(dear)["adjustedBy"] == []
    assert len(world.show(cheap)["adjustedBy"]) == 1


# ---------------------------------------------------------------------------- limits


def test_a_price_that_is_found_later_may_pass_limits_and_tells_of_it(world: CorrectionWorld) -> None:
    world.world.create(user="user_1", maxCost={**cents(100)}, onUnrated="allow")
    world.world.put_budget("project", maxCost=cents(100), onUnrated="allow")
    world.record("ses_1", 101, service="new_service")
    world.card(1, service="new_service")
    world.rerate(only="unrated")
    assert (world.world.show()["status"], world.world.show()["breached"]) == ("paused", ["maxCost"])
    assert world.world.budget("project")["status"] == "limit_reached"
    assert world.world.told("session.limit_reached", "budget.limit_reached") == [
        "budget.limit_reached maxCost project",
        "session.limit_reached maxCost",
    ]


def test_a_budget_that_unrated_usage_had_closed_opens_once_it_is_priced(world: CorrectionWorld) -> None:
    world.world.put_budget("user:user_1", maxCost=cents(100))
    world.record(None, 30, userId="user_1", service="new_service")
    assert world.world.budget("user:user_1")["status"] == "limit_reached"
    world.card(1, service="new_service")
    world.rerate(only="unrated")
    budget = world.world.budget("user:user_1")
    assert (budget["status"], budget["limits"]["maxCost"]["usedUsd"]) == ("active", "0.3")


# ---------------------------------------------------------------------------- which records


def test_the_range_has_both_of_its_days(world: CorrectionWorld) -> None:
    inside = ["2026-11-20T00:00:00Z", "2026-11-21T23:59:59.999999Z"]
    outside = ["2026-11-19T23:59:59.999999Z", "2026-11-22T00:00:00Z"]
    ids = {moment: world.record(cost=1, occurredAt=moment) for moment in (*inside, *outside)}
    world.card(2)
    job = world.rerate(**{"from": "2026-11-20", "to": "2026-11-21"})
    assert job["period"] == {"start": "2026-11-20T00:00:00Z", "end": "2026-11-22T00:00:00Z"}
    assert {moment for moment, one in ids.items() if world.show(one)["adjustedBy"]} == set(inside)


def test_a_correction_is_of_the_moment_of_what_it_corrects(world: CorrectionWorld) -> None:
    record_id = world.record(cost=1, occurredAt="2026-11-20T23:59:59.999999Z", stepIndex=3, runId="run_1")
    world.card(2)
    world.rerate(**{"from": "2026-11-20", "to": "2026-11-20"})
    adjustment = world.show(world.show(record_id)["adjustedBy"][0])
    assert (adjustment["date"], adjustment["occurredAt"]) == ("2026-11-20", "2026-11-20T23:59:59.999999Z")
    assert (adjustment["stepIndex"], adjustment["runId"]) == (3, "run_1")
    assert world.sum("2026-11-20") * 100 == 2


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        ({}, ["a", "b", "c"]),
        ({"service": "codex"}, ["a", "b"]),
        ({"modelId": "gpt-5"}, ["b", "c"]),
        ({"service": "codex", "modelId": "gpt-5"}, ["b"]),
        ({"service": "none"}, []),
    ],
    ids=str,
)
def test_a_service_or_a_model_may_be_asked_for(
    world: CorrectionWorld, asked: dict[str, str], changed: list[str]
) -> None:
    world.record(cost=1, idempotencyKey="a")
    world.record(cost=1, idempotencyKey="b", modelId="gpt-5")
    world.record(cost=1, idempotencyKey="c", modelId="gpt-5", service="other")
    world.card(2)
    world.card(2, service="other")
    job = world.rerate(**asked)
    assert job["recordsSeen"] == len(changed)
    assert sorted(one["idempotencyKey"] for one in world.records() if one["adjustedBy"]) == changed


# ---------------------------------------------------------------------------- the job


def test_a_job_tells_how_far_it_has_come(world: CorrectionWorld, small_pieces: None) -> None:  # noqa: ARG001  # a fixture
    for _ in range(8):
        world.record(cost=1)
    world.card(2)
    started = world.start().body
    assert started["status"] == "queued"
    seen = []
    while world.aws.messages:
        world.deliver(world.aws.messages.pop(0))
        job = world.job(started["jobId"])
        seen.append((job["status"], job["recordsSeen"], job["finishedAt"] is None))
    assert len(seen) > 1
    assert [one for one in seen if one[0] == "running" and 0 < one[1] <= 8 and one[2]] == seen[:-1]
    assert seen[-1] == ("completed", 8, False)
    assert figures(job) == ("completed", 8, 8, 0, "0.08", "0.16")


def test_a_piece_ends_in_time_and_always_gets_on(world: CorrectionWorld) -> None:
    for _ in range(3):
        world.record(cost=1)
    world.card(2)
    world.seconds = 10  # no time to spare from the beginning
    job = world.rerate()
    assert figures(job) == ("completed", 3, 3, 0, "0.03", "0.06")


def test_cards_that_arrive_while_a_job_runs_are_read(world: CorrectionWorld, small_pieces: None) -> None:  # noqa: ARG001  # a fixture
    for _ in range(8):
        world.record(cost=1)
    started = world.start().body
    world.deliver(world.aws.messages.pop(0))
    world.card(2)
    world.work()
    assert world.job(started["jobId"])["recordsChanged"] == 2


def test_the_key_of_a_retry_finds_the_same_job(world: CorrectionWorld) -> None:
    world.record(cost=1)
    first, again = world.start("key", dryRun=True), world.start("key", dryRun=True)
    assert (first.status, again.status) == (202, 202)
    assert first.body == again.body
    assert len(world.aws.messages) == 1
    world.work()
    assert world.start("key", dryRun=True).body == {**first.body, "status": "completed"}
    assert not world.aws.messages
    other = world.start("key", dryRun=False)
    assert (other.status, other.code) == (409, "idempotency_conflict")
    assert world.start("another", dryRun=True).body["jobId"] != first.body["jobId"]
    assert world.start(dryRun=True).body["jobId"] != world.start(dryRun=True).body["jobId"]


def test_a_retry_sends_the_message_that_a_crash_kept_back(world: CorrectionWorld) -> None:
    world.aws.meddler = fault_at(1, crash_before)
    with pytest.raises(Crash):
        world.start("key")
    world.aws.meddler = None
    assert not world.aws.messages
    job_id = world.start("key").body["jobId"]
    world.work()
    assert world.job(job_id)["status"] == "completed"


@pytest.mark.parametrize(("role", "status"), [("ingest", 403), ("member", 403), ("admin", 202), ("owner", 202)])
def test_who_may_rerate(world: CorrectionWorld, role: str, status: int) -> None:
    assert world.start(role=role).status == status


def test_a_job_is_shown_to_admins_of_its_project_alone(world: CorrectionWorld) -> None:
    path = {"jobId": world.start().body["jobId"]}
    assert [world.call(JOB, role, path=path).status for role in ("member", "admin")] == [403, 200]
    for job_id in ("rr_aaaaaaaaaaaaaaaaaaaa", "x", "é#y"):
        assert world.call(JOB, path={"jobId": job_id}).status == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"from": TODAY, "to": TODAY}, 202),
        ({"from": "2026-11-25", "to": "2026-11-24"}, 400),
        ({"from": "2025-11-24", "to": "2026-11-24"}, 202),
        ({"from": "2025-11-23", "to": "2026-11-24"}, 400),
        ({"from": "9999-12-31", "to": "9999-12-31"}, 400),
        ({"from": TODAY}, 422),
        ({"to": TODAY}, 422),
        ({"from": "2026-02-29", "to": "2026-03-01"}, 422),
        ({"from": TODAY, "to": TODAY, "only": "some"}, 422),
        ({"from": TODAY, "to": TODAY, "dryRun": "yes"}, 422),
        ({"from": TODAY, "to": TODAY, "dryRun": 1}, 422),
        ({"from": TODAY, "to": TODAY, "service": ""}, 422),
        ({"from": TODAY, "to": TODAY, "userId": "user_1"}, 422),
    ],
    ids=str,
)
def test_what_a_job_may_be_asked_for(world: CorrectionWorld, body: dict[str, Any], status: int) -> None:
    assert world.call(RERATE, body=body).status == status


def test_a_piece_that_fails_time_and_again_is_told_of_and_goes_on_when_it_is_sent_again(
    world: CorrectionWorld,
) -> None:
    world.record(cost=1)
    world.card(2)
    job_id = world.start().body["jobId"]
    message = world.aws.messages.pop()

    def refuse_corrections(call: Call, carry_out: Any) -> Reply:
        if call.operation == "BatchGetItem" or "adjustedBy" in str(call.parameters):
            return Reply(400, {"__type": "com.amazon#AccessDeniedException", "message": "no"})
        reply: Reply = carry_out()
        return reply

    world.aws.meddler = refuse_corrections
    assert not world.deliver(message, receives=4)
    assert world.job(job_id)["status"] == "queued"
    assert not world.deliver(message, receives=5)
    assert world.job(job_id)["status"] == "failed"
    world.aws.meddler = None
    assert world.deliver(message)
    assert figures(world.job(job_id)) == ("completed", 1, 1, 0, "0.01", "0.02")


# ---------------------------------------------------------------------------- faults and races


def _prepare(world: CorrectionWorld) -> None:
    """Eight records of which six change: two that are voided and one that is adjusted already among them."""
    world.world.create(user="user_1", maxCost=cents(1000))
    world.world.put_budget("project", maxCost=cents(30))
    world.world.put_budget("user:user_1", maxCost=cents(20))
    ids = [world.record("ses_1", number, modelId="early" if number == 1 else "late") for number in range(1, 6)]
    world.record(None, 6, service="new_service")
    world.void(ids[2])
    world.card(3, model="early")
    world.rerate(modelId="early")
    world.card(2)
    world.card(4, model="early", effectiveFrom="2026-01-01")
    world.card(1, service="new_service")


def _finish(world: CorrectionWorld) -> dict[str, Any]:
    """The whole job, sent again by its key where that was cut short."""
    try:
        job_id = world.start("key").body["jobId"]
    except Crash:
        job_id = world.start("key").body["jobId"]
    world.work()
    return world.job(job_id)


@pytest.mark.usefixtures("small_pieces")
def test_interrupted_anywhere_and_run_again_it_comes_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each of its calls, which is before the next one."""
    with correction_world(monkeypatch) as world:
        _prepare(world)
        begun = len(world.aws.calls)
        job = _finish(world)
        count, state = len(world.aws.calls) - begun - 1, world.state()
    assert figures(job) == ("completed", 5, 5, 0, "0.14", "0.32")
    for number in range(count):
        with correction_world(monkeypatch) as world:
            _prepare(world)
            world.aws.meddler = fault_at(number, crash_after)
            again = _finish(world)
            assert figures(again) == figures(job), f"call {number}"
            assert world.state() == state, f"call {number}"


@pytest.mark.usefixtures("small_pieces")
def test_every_message_twice_and_late_changes_nothing_twice(world: CorrectionWorld) -> None:
    _prepare(world)
    job_id = world.start().body["jobId"]
    delivered = []
    while world.aws.messages:
        message = world.aws.messages.pop(0)
        delivered.append(message)
        assert world.deliver(message)
        assert world.deliver(message)
    state, job = world.state(), world.job(job_id)
    assert figures(job) == ("completed", 5, 5, 0, "0.14", "0.32")
    for message in delivered:
        assert world.deliver(message)
    assert not world.aws.messages
    assert (world.state(), world.job(job_id)) == (state, job)


@pytest.mark.usefixtures("small_pieces")
def test_two_that_work_on_one_piece_at_once_share_its_records(monkeypatch: pytest.MonkeyPatch) -> None:
    with correction_world(monkeypatch) as world:
        _prepare(world)
        job = _finish(world)
        state = world.state()
    with correction_world(monkeypatch) as world:
        _prepare(world)
        job_id = world.start("key").body["jobId"]
        first = world.aws.messages[0]
        adjusting = iter(range(2))

        def another_first(call: Call, carry_out: Any) -> Reply:
            """Within the second adjustment of the one, the other does the whole piece."""
            if call.operation == "TransactWriteItems" and next(adjusting, None) == 1:
                world.aws.meddler = None
                assert world.deliver(first)
            reply: Reply = carry_out()
            return reply

        world.aws.meddler = another_first
        world.work()
        assert figures(world.job(job_id)) == figures(job)
        assert world.state() == state


def test_one_that_comes_late_with_its_piece_sets_nothing_back(
    world: CorrectionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "PAGE_RECORDS", 1)
    monkeypatch.setattr(flow, "MOST_RECORDS", 2)
    _prepare(world)
    job_id = world.start("key").body["jobId"]
    ahead: list[dict[str, Any]] = []

    def others_first(call: Call, carry_out: Any) -> Reply:
        if call.operation == "TransactWriteItems":
            world.aws.meddler = None
            for _ in range(2):
                assert world.deliver(world.aws.messages[-1])
            ahead.append(world.job(job_id))
        reply: Reply = carry_out()
        return reply

    world.aws.meddler = others_first
    assert world.deliver(world.aws.messages[0])
    assert ahead == [world.job(job_id)]
    assert ahead[0]["status"] == "running"
    world.work()
    assert figures(world.job(job_id)) == ("completed", 5, 5, 0, "0.14", "0.32")


def test_a_record_that_is_voided_meanwhile_is_left_alone(world: CorrectionWorld) -> None:
    world.world.create()
    record_id = world.record("ses_1", 30)
    world.card(2)

    def void_first(call: Call, carry_out: Any) -> Reply:
        if call.operation == "TransactWriteItems" and "adjustedBy" in str(call.parameters):
            world.aws.meddler = None
            world.void(record_id)
        reply: Reply = carry_out()
        return reply

    world.aws.meddler = void_first
    assert figures(world.rerate()) == ("completed", 0, 0, 0, "0", "0")
    assert world.show(record_id)["adjustedBy"] == []
    assert (world.world.usage()["costUsd"], world.sum()) == ("0", 0)


@pytest.mark.parametrize("times", [0, 1])
def test_a_record_that_is_rerated_meanwhile_is_voided_at_its_new_price(world: CorrectionWorld, times: int) -> None:
    world.world.create()
    record_id = world.record("ses_1", 30)
    for number in range(times):
        world.card(3 + number)
        world.rerate()
    world.card(2, effectiveFrom="2026-01-01")

    def rerate_first(call: Call, carry_out: Any) -> Reply:
        if call.operation == "TransactWriteItems":
            world.aws.meddler = None
            world.rerate()
        reply: Reply = carry_out()
        return reply

    world.aws.meddler = rerate_first
    assert world.void(record_id).body["costUsd"] == "-0.6"
    assert (world.world.usage()["costUsd"], world.sum()) == ("0", 0)


def test_a_fault_that_passes_is_not_noticed(world: CorrectionWorld) -> None:
    _prepare(world)
    refused = iter(range(100))

    def refuse_every_third(call: Call, carry_out: Any) -> Reply:
        if call.service == "dynamodb" and next(refused, 1) % 3 == 0:
            return Reply(400, {"__type": "com.amazonaws#ThrottlingException", "message": "slow down"})
        reply: Reply = carry_out()
        return reply

    world.aws.meddler = refuse_every_third
    job = _finish(world)
    assert figures(job) == ("completed", 5, 5, 0, "0.14", "0.32")


def test_the_records_of_every_partition_are_found(world: CorrectionWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(PROJECT, "One", "managed", "2026-01-01T00:00:00.000000Z", 4)
    world.aws.put("Accounts", project_to_item(project))
    context = world.world.api.authorize({"headers": {"authorization": "Bearer owner"}})
    monkeypatch.setattr(world.world.api, "authorize", lambda _: {**context, "shards": 4})
    for _ in range(8):
        world.record(cost=1)
    world.card(2)
    assert figures(world.rerate()) == ("completed", 8, 8, 0, "0.08", "0.16")
    assert len({item["day"]["S"] for item in world.aws.items("UsageRecords")}) == 4
    assert world.sum() * 100 == 16
