"""Which card prices an event: precedence against a reference of its own, providers, date suffixes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.domain.rates import DEFAULT_SCOPE, RateCard, Subject, candidates, provider_of, without_date

PROJECT = "prj_one"


def places(subject: Subject) -> list[tuple[str, str, str]]:
    return [(one.scope, one.owner, one.model) for one in candidates(subject)]


# ---------------------------------------------------------------------------- whose model it is


@pytest.mark.parametrize(
    ("service", "provider", "model", "vendor"),
    [
        ("claude_code", None, "claude-sonnet-4-5", "anthropic"),
        ("codex", None, "gpt-5", "openai"),
        ("e2b", None, None, "e2b"),
        ("trigger.dev", None, None, "trigger.dev"),
        ("claude_code", "aws", "claude-sonnet-4-5", "aws"),
        ("claude_code", None, "openai/gpt-5", "anthropic"),
        ("opencode", None, "anthropic/claude-sonnet-4-5", "anthropic"),
        ("opencode", "openrouter", "anthropic/claude-sonnet-4-5", "openrouter"),
        ("opencode", None, "a/b/c", "a"),
        ("opencode", None, "/claude", None),
        ("opencode", None, "claude-sonnet-4-5", None),
        ("opencode", None, None, None),
    ],
)
def test_the_provider_is_the_events_own_or_the_services_or_the_models_prefix(
    service: str, provider: str | None, model: str | None, vendor: str | None
) -> None:
    assert provider_of(service, provider, model) == vendor


@pytest.mark.parametrize(
    ("model", "undated"),
    [
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
        ("gpt-5-2025-08-07", "gpt-5"),
        ("gpt-5@2025-08-07", "gpt-5"),
        ("claude-3-5-haiku-latest", "claude-3-5-haiku"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("claude-sonnet-4-5-2025092", "claude-sonnet-4-5-2025092"),
        ("claude-sonnet-4-5-202509291", "claude-sonnet-4-5-202509291"),
        ("claude-20250929-thinking", "claude-20250929-thinking"),
        ("gpt-4-0613", "gpt-4-0613"),
        ("latest", "latest"),
        ("model-latest-latest", "model-latest"),
        ("model@latest", "model@latest"),
        ("model-20250929\n", "model-20250929\n"),
    ],
)
def test_a_date_suffix_is_taken_off_the_end_once(model: str, undated: str) -> None:
    assert without_date(model) == undated


# ---------------------------------------------------------------------------- precedence


def test_the_places_are_looked_at_in_the_order_that_the_contract_states() -> None:
    subject = Subject(PROJECT, "claude_code", None, "claude-sonnet-4-5-20250929")
    assert places(subject) == [
        (scope, owner, model)
        for scope in (PROJECT, DEFAULT_SCOPE)
        for owner in ("service:claude_code", "provider:anthropic")
        for model in ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5", "*")
    ]


def reference(subject: Subject) -> list[tuple[str, str, str]]:
    """The contract's sentence as ranks: of all places that a card may have, the one with the lowest rank decides."""
    vendor = provider_of(subject.service, subject.provider, subject.model_id)
    model = subject.model_id or ""
    bare = model.removeprefix(f"{vendor}/")
    models = [model, bare, without_date(model), without_date(bare), "*"]
    ranks = {
        (scope, owner, name): (
            [PROJECT, DEFAULT_SCOPE].index(scope),
            ["service", "provider"].index(owner.partition(":")[0]),
            models.index(name),
        )
        for scope in (DEFAULT_SCOPE, PROJECT)
        for owner in (f"provider:{vendor}", f"service:{subject.service}")
        for name in models
        if name and not (vendor is None and owner.startswith("provider:"))
    }
    return sorted(ranks, key=lambda place: ranks[place])


@given(
    st.sampled_from(["claude_code", "codex", "opencode"]),
    st.sampled_from([None, "openrouter", "anthropic"]),
    st.sampled_from(
        [
            None,
            "claude-sonnet-4-5",
            "claude-sonnet-4-5-20250929",
            "anthropic/claude-sonnet-4-5-20250929",
            "anthropic/claude-sonnet-4-5",
            "openai/gpt-5@2025-08-07",
            "gpt-5-latest",
            "anthropic/",
            "-latest",
            "*",
        ]
    ),
)
def test_any_event_looks_where_the_reference_looks(service: str, provider: str | None, model: str | None) -> None:
    subject = Subject(PROJECT, service, provider, model)
    assert places(subject) == reference(subject)


def test_no_place_is_looked_at_twice() -> None:
    for project in (PROJECT, DEFAULT_SCOPE):
        looked_at = places(Subject(project, "opencode", None, "anthropic/claude"))
        assert len(looked_at) == len(set(looked_at))


def test_a_place_says_why_it_is_looked_at() -> None:
    first, *_, last = candidates(Subject(PROJECT, "claude_code", None, "claude-sonnet-4-5"))
    assert first.reason == "the project's card of service:claude_code, exact model"
    assert last.reason == "default card of provider:anthropic, any model"


def test_a_rate_id_names_scope_owner_model_and_date() -> None:
    card = RateCard("default", "provider:anthropic", "claude-sonnet-4-5", "2025-09-29", {})
    assert card.rate_id == "default/provider:anthropic/claude-sonnet-4-5@2025-09-29"
