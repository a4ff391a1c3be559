"""Explain: the card, the tier, the arithmetic and the chain of corrections, which add up to what stands."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.correction_world import EXPLAIN, CorrectionWorld, correction_world
from tests.session_world import CARD

DEFAULT_CARD = "default/service:codex/*@2020-01-01"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[CorrectionWorld]:
    with correction_world(monkeypatch) as made:
        yield made


def adds_up(explained: dict[str, Any]) -> bool:
    """Whether lines and corrections are what stands, and each correction's lines the correction."""
    for one in explained["corrections"]:
        assert total(one["lines"]) == Decimal(one["costUsd"])
    return total(explained["lines"]) + total(explained["corrections"]) == Decimal(explained["costUsd"])


def total(parts: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(part["costUsd"] or 0) for part in parts), Decimal(0))


def test_a_record_is_explained_line_by_line(world: CorrectionWorld) -> None:
    record_id = world.record(usage={"inputTokens": 30, "runs": "1.5"})
    assert "inputTokens" in CARD
    explained = world.explain(record_id)
    assert explained == {
        "recordId": record_id,
        "corrects": None,
        "costUsd": "0.3",
        "lines": [
            {
                "metric": "inputTokens",
                "quantity": "30",
                "priceUsd": "0.01",
                "per": "1",
                "rateId": DEFAULT_CARD,
                "effectiveFrom": "2020-01-01",
                "arithmetic": "30 × 0.01 ÷ 1 = 0.3",
                "costUsd": "0.3",
            },
            {
                "metric": "runs",
                "quantity": "1.5",
                "priceUsd": "0",
                "per": "1",
                "rateId": DEFAULT_CARD,
                "effectiveFrom": "2020-01-01",
                "arithmetic": "1.5 × 0 ÷ 1 = 0",
                "costUsd": "0",
            },
        ],
        "corrections": [],
    }


def test_what_was_rounded_says_so(world: CorrectionWorld) -> None:
    world.card(100, per=3)
    [line] = world.explain(world.record(cost=1))["lines"]
    assert line["arithmetic"] == "1 × 1 ÷ 3 ≈ 0.333333333333"


@pytest.mark.parametrize(("tokens", "tier"), [(100, None), (101, 100)])
def test_the_tier_that_gave_the_price_is_named(world: CorrectionWorld, tokens: int, tier: int | None) -> None:
    tiers = [{"aboveInputTokens": 100, "priceUsd": "0.05"}]
    world.card(0, metrics={"inputTokens": {"priceUsd": "0.02", "tiers": tiers}})
    [line] = world.explain(world.record(cost=tokens))["lines"]
    assert line.get("tierAboveInputTokens") == tier
    assert line["priceUsd"] == ("0.05" if tier else "0.02")


def test_a_card_of_an_instant_names_it(world: CorrectionWorld) -> None:
    rate_id = world.card(2, effectiveFrom="2026-11-24T09:30:00Z", model="gpt@2026-01-01")
    [line] = world.explain(world.record(cost=1, modelId="gpt@2026-01-01"))["lines"]
    assert (line["rateId"], line["effectiveFrom"]) == (rate_id, "2026-11-24T09:30:00Z")


def test_what_has_no_rate_has_no_price_and_no_arithmetic(world: CorrectionWorld) -> None:
    explained = world.explain(world.record(usage={"inputTokens": 1, "webSearches": 2, "pages": 0}))
    _, unrated, none = explained["lines"]
    for name in ("priceUsd", "per", "rateId", "effectiveFrom", "arithmetic"):
        assert unrated[name] is None
        assert none[name] is None
    assert (unrated["costUsd"], none["costUsd"], explained["costUsd"]) == (None, "0", "0.01")
    assert adds_up(explained)


def test_the_chain_of_corrections_leads_to_what_stands(world: CorrectionWorld) -> None:
    record_id = world.record(usage={"inputTokens": 30, "webSearches": 2})
    first = world.card(0, metrics={"inputTokens": {"priceUsd": "0.02"}, "webSearches": {"priceUsd": "0.5"}})
    jobs = [world.rerate()["jobId"]]
    second = world.card(1, effectiveFrom="2026-01-01")
    jobs.append(world.rerate()["jobId"])
    world.world.wait(seconds=1)
    void = world.void(record_id, "a test run").body["recordId"]
    explained = world.explain(record_id)
    assert explained["costUsd"] == "0"
    assert adds_up(explained)
    one, two, three = explained["corrections"]
    assert (one["kind"], one["costUsd"], one["rateId"], one["jobId"]) == ("adjust", "1.3", first, jobs[0])
    assert [line["arithmetic"] for line in one["lines"]] == [
        "30 × 0.02 ÷ 1 = 0.6; 0.6 - 0.3 = 0.3",
        "2 × 0.5 ÷ 1 = 1; 1 - 0 = 1",
    ]
    assert (two["kind"], two["costUsd"], two["rateId"], two["jobId"]) == ("adjust", "-1.3", second, jobs[1])
    assert [line["arithmetic"] for line in two["lines"]] == ["30 × 0.01 ÷ 1 = 0.3; 0.3 - 0.6 = -0.3", "0 - 1 = -1"]
    assert [line["rateId"] for line in two["lines"]] == [second, None]
    assert (three["kind"], three["costUsd"], three["reason"]) == ("void", "-0.3", "a test run")
    assert (three["recordId"], three["at"]) == (void, "2026-11-24T10:00:01.123456Z")
    assert [line["arithmetic"] for line in three["lines"]] == ["0 - 0.3 = -0.3", "0 - 0 = 0"]


def test_a_rerated_record_says_what_stands_now(world: CorrectionWorld) -> None:
    record_id = world.record(cost=30)
    world.card(2)
    world.rerate()
    explained = world.explain(record_id)
    assert explained["costUsd"] == "0.6"
    assert explained["lines"][0]["arithmetic"] == "30 × 0.01 ÷ 1 = 0.3"
    assert adds_up(explained)


def test_a_correction_explains_itself(world: CorrectionWorld) -> None:
    record_id = world.record(cost=30)
    world.card(2)
    world.rerate()
    void = world.void(record_id).body["recordId"]
    chain = world.explain(record_id)["corrections"]
    for link in chain:
        own = world.explain(link["recordId"])
        assert (own["recordId"], own["corrects"], own["corrections"]) == (link["recordId"], record_id, [])
        assert (own["costUsd"], own["lines"]) == (link["costUsd"], link["lines"])
        assert adds_up(own)
    assert chain[-1]["recordId"] == void


@pytest.mark.parametrize(("role", "status"), [("ingest", 403), ("member", 200), ("admin", 200), ("owner", 200)])
def test_who_may_have_it_explained(world: CorrectionWorld, role: str, status: int) -> None:
    assert world.call(EXPLAIN, role, path={"recordId": world.record(cost=1)}).status == status


@pytest.mark.parametrize("record_id", ["rec_aaaaaaaaaaaaaaaaaaaa", "x", "é"])
def test_what_is_not_there_is_not_found(world: CorrectionWorld, record_id: str) -> None:
    assert world.call(EXPLAIN, path={"recordId": record_id}).status == 404
