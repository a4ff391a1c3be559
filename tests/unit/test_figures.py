"""Amounts as people read them: each rounded once, from the exact figure, and shown as nothing where nothing is set."""

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.domain.figures import figure, figures, minutes, number
from metering.domain.limits import UNLIMITED

PICO = 10**12
amounts = st.integers(0, 10**27)


def rounded(exact: Fraction) -> Fraction:
    """To the sixth decimal, half to even."""
    return Fraction(round(exact * 10**6), 10**6)


def as_written(value: object) -> Fraction:
    """The very number that stands in the answer."""
    return Fraction(json.dumps(value))


@given(st.integers(0, 10**9 * PICO))
def test_a_quantity_is_shown_to_the_sixth_decimal(pico: int) -> None:
    assert as_written(number(pico)) == rounded(Fraction(pico, PICO))


@given(st.integers(0, 10**9 * PICO))
def test_minutes_are_rounded_once_from_the_exact_seconds(pico_seconds: int) -> None:
    assert as_written(minutes(pico_seconds)) == rounded(Fraction(pico_seconds, 60 * PICO))


@pytest.mark.parametrize(
    ("pico", "shown"),
    [
        (0, "0"),
        (5 * PICO, "5"),
        (1, "0"),
        (PICO // 2, "0.5"),
        (500_000, "0"),
        (500_001, "0.000001"),
        (1_500_000, "0.000002"),
        (10**15 * PICO, "1000000000000000"),
    ],
)
def test_whole_quantities_are_integers_and_halves_go_to_the_even_side(pico: int, shown: str) -> None:
    assert json.dumps(number(pico)) == json.dumps(json.loads(shown))
    assert isinstance(number(pico), int) == ("." not in shown)


def test_each_dimension_has_its_own_unit() -> None:
    assert figure("maxCost", 234 * 10**10) == {"amount": 234, "currency": "usd"}
    assert figure("maxComputeMinutes", 90 * PICO) == 1.5
    assert figure("maxModelCalls", 7) == 7
    assert figure("maxAgents", 3) == 3


def test_a_cost_has_its_exact_form_beside_it() -> None:
    assert figures("maxCost", used=1) == {"used": {"amount": 0, "currency": "usd"}, "usedUsd": "0.000000000001"}
    assert figures("maxModelCalls", used=1) == {"used": 1}


@pytest.mark.parametrize("amount", [None, UNLIMITED])
@pytest.mark.parametrize("dimension", ["maxCost", "maxComputeMinutes", "maxModelCalls", "unrated"])
def test_no_limit_is_shown_as_none(dimension: str, amount: int | None) -> None:
    assert set(figures(dimension, limit=amount).values()) == {None}


@given(amounts)
def test_the_exact_form_of_a_cost_is_a_plain_decimal(pico: int) -> None:
    text = figures("maxCost", used=pico)["usedUsd"]
    assert text is None if pico == UNLIMITED else Fraction(text) == Fraction(pico, PICO)
    assert "e" not in str(text).lower() or text is None
