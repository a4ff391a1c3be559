"""Voids and re-ratings in any order, with faults between: records, runs, meters and explanations tell one figure."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correction_world import CorrectionWorld, correction_world
from tests.emulated_aws import Call, Meddler, Reply
from tests.session_world import cents

MODELS = ["one", "two", "three"]
SCOPES = ["user:user_1", "run:run_1", "project"]

steps = st.one_of(
    st.tuples(st.just("record"), st.tuples(st.integers(0, 9), st.sampled_from(MODELS), st.booleans())),
    st.tuples(st.just("void"), st.integers(0, 9)),
    st.tuples(st.just("card"), st.tuples(st.integers(0, 5), st.sampled_from(["*", *MODELS]))),
    st.tuples(st.just("rerate"), st.tuples(st.sampled_from(["all", "unrated"]), st.none() | st.sampled_from(MODELS))),
    st.tuples(st.just("hour"), st.none()),
)


class Story:
    """What is done to a world, and which records there are."""

    def __init__(self, world: CorrectionWorld) -> None:
        self.world = world
        self.ids: list[str] = []
        self.cards = 0
        limits = {"maxCost": cents(20), "maxModelCalls": 5}
        world.world.create(user="user_1", **limits)
        for scope in SCOPES:
            world.world.put_budget(scope, **limits)

    def tell(self, action: str, value: Any) -> None:
        world = self.world
        if action == "record":
            cost, model, rated = value
            usage = {"inputTokens": cost, "outputTokens": 1} if rated else {"webSearches": 1 + cost}
            self.ids.append(world.record("ses_1", usage=usage, modelId=model, runId="run_1"))
        elif action == "void" and self.ids:
            assert world.void(self.ids[value % len(self.ids)]).status in {200, 201}
        elif action == "card":
            price, model = value
            self.cards += 1
            rate = {"priceUsd": f"0.{price:02d}"}
            metrics = {"inputTokens": rate, "outputTokens": rate, **({"webSearches": rate} if price % 2 else {})}
            world.card(0, model=model, effectiveFrom=f"2026-01-{self.cards:02d}", metrics=metrics)
        elif action == "rerate":
            only, model = value
            job = world.rerate(only=only, **({"modelId": model} if model else {}))
            assert (job["status"], job["recordsFailed"]) == ("completed", 0)
        elif action == "hour":
            world.world.wait(hours=1)


def check(world: CorrectionWorld, ids: list[str]) -> None:
    """Every figure is the sum of what is explained."""
    explained = [world.explain(record_id) for record_id in ids]
    standing = sum((Decimal(one["costUsd"]) for one in explained), Decimal(0))
    stands = [one for one in ids if world.show(one)["voidedBy"] is None]
    assert sum_of_days(world) == standing
    usage = world.world.usage()
    assert (Decimal(usage["costUsd"]), usage["records"]) == (standing, len(stands))
    limits = [world.world.limits(), *(world.world.budget(scope)["limits"] for scope in SCOPES)]
    for one in limits:
        assert Decimal(one["maxCost"]["usedUsd"]) == standing
        assert one["maxModelCalls"]["used"] == len(stands)
        assert Decimal(one["maxCost"]["remainingUsd"]) == max(Decimal("0.20") - standing, 0)
    for scope in SCOPES:
        passed = standing > Decimal("0.20") or len(stands) > 5 or usage["unrated"] > 0
        assert (world.world.budget(scope)["status"] != "active") == passed
    if ids:
        total = world.run()["total"]
        assert (Decimal(total["costUsd"]), total["records"]) == (standing, len(stands))
        assert total["unrated"] == usage["unrated"]


def sum_of_days(world: CorrectionWorld) -> Decimal:
    return world.sum("2026-11-24") + world.sum("2026-11-25")


@settings(max_examples=30)
@given(st.lists(steps, max_size=12))
def test_all_figures_agree_whatever_is_corrected(script: list[tuple[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch, correction_world(patch) as world:
        story = Story(world)
        for action, value in script:
            story.tell(action, value)
        world.rerate(**{"from": "2026-11-24", "to": "2026-11-25"})
        check(world, story.ids)


# ---------------------------------------------------------------------------- answers that are lost


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[CorrectionWorld]:
    with correction_world(monkeypatch) as made:
        yield made


def lose_first_answers_of(operation: str) -> Meddler:
    """The call takes effect, and nobody hears of it; sent again, it is answered."""
    lost: set[str] = set()

    def meddle(call: Call, carry_out: Any) -> Reply:
        reply: Reply = carry_out()
        key = str(call.parameters)
        if call.operation == operation and key not in lost:
            lost.add(key)
            raise ReadTimeoutError(endpoint_url="https://aws.example")
        return reply

    return meddle


OPERATIONS = ["TransactWriteItems", "PutItem", "BatchGetItem", "GetItem", "Query", "SendMessageBatch"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_lost_answer_is_not_noticed(world: CorrectionWorld, operation: str) -> None:
    world.world.create()
    kept, taken = world.record("ses_1", 1), world.record("ses_1", 2)
    world.card(3)
    world.aws.meddler = lose_first_answers_of(operation)
    job = world.rerate()
    assert (job["recordsChanged"], job["costUsdAfter"]) == (2, "0.09")
    assert world.void(taken).status == 201
    assert world.void(taken).status == 200
    world.aws.meddler = None
    assert len(world.show(kept)["adjustedBy"]) == 1
    assert world.world.usage()["costUsd"] == "0.03"
    assert world.sum() * 100 == 3
