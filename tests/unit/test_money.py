"""Money and quantities are exact: integers of 10^-12, rounded where it is said and nowhere else."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from metering.domain.money import DECIMALS, PICO, PICO_PER_CENT, cents, divide_half_even, money, plain, to_pico

picos = st.integers(-(10**30), 10**30)


@given(picos)
@example(0)
@example(-1)
@example(10**24)
def test_what_is_written_plainly_is_read_back_as_the_same(pico: int) -> None:
    assert to_pico(Decimal(plain(pico))) == pico


@given(picos)
def test_a_plain_number_has_no_exponent_no_trailing_zero_and_no_bare_point(pico: int) -> None:
    whole, point, fraction = plain(pico).removeprefix("-").partition(".")
    assert whole.isdigit()
    assert whole == "0" or not whole.startswith("0")
    assert bool(point) == bool(fraction)
    assert len(fraction) <= DECIMALS
    assert not fraction.endswith("0")


@pytest.mark.parametrize(
    ("pico", "text"),
    [
        (0, "0"),
        (1, "0.000000000001"),
        (-1, "-0.000000000001"),
        (4_350_000_000, "0.00435"),
        (PICO, "1"),
        (10 * PICO, "10"),
        (PICO + PICO // 2, "1.5"),
        (-3 * PICO - 1, "-3.000000000001"),
        (10**27, "1000000000000000"),
    ],
)
def test_plain_numbers(pico: int, text: str) -> None:
    assert plain(pico) == text


@pytest.mark.parametrize(
    ("text", "pico"),
    [
        ("1", PICO),
        ("1.000000000001", PICO + 1),
        ("-0", 0),
        ("1E+3", 1000 * PICO),
        ("1e-12", 1),
        ("0.5" + "0" * 80, PICO // 2),
        ("999999999999999.999999999999", 10**27 - 1),
    ],
)
def test_a_decimal_of_at_most_twelve_decimals_is_taken_as_it_is(text: str, pico: int) -> None:
    assert to_pico(Decimal(text)) == pico


@pytest.mark.parametrize(
    "text",
    [
        "1e-13",
        "0.0000000000001",
        "1.0000000000005",
        "0.1234567890120000000000000000000001",
        "999999999999999.0000000000000000000000000001",
        "1e-100",
        "1e-9999999",
        "1e-1999999999",
    ],
)
def test_a_thirteenth_decimal_is_refused_and_never_rounded_away(text: str) -> None:
    with pytest.raises(ValueError, match="at most 12 decimals"):
        to_pico(Decimal(text))


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        to_pico(Decimal(text))


@given(st.integers(-(10**40), 10**40), st.integers(1, 10**25))
def test_division_rounds_half_to_even_as_exact_fractions_do(numerator: int, denominator: int) -> None:
    assert divide_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (1, 2, 0),
        (3, 2, 2),
        (5, 2, 2),
        (-1, 2, 0),
        (-3, 2, -2),
        (-5, 2, -2),
        (49, 100, 0),
        (51, 100, 1),
        (2, 3, 1),
        (1, 3, 0),
    ],
)
def test_ties_go_to_the_even_neighbour(numerator: int, denominator: int, rounded: int) -> None:
    assert divide_half_even(numerator, denominator) == rounded


@given(st.integers(-(10**24), 10**24))
def test_cents_are_rounded_once_half_to_even(pico: int) -> None:
    exact = Decimal(pico).scaleb(-10)
    assert cents(pico) == int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


@pytest.mark.parametrize(
    ("pico", "amount"),
    [
        (PICO_PER_CENT // 2, 0),
        (PICO_PER_CENT // 2 + 1, 1),
        (PICO_PER_CENT * 3 // 2, 2),
        (PICO_PER_CENT * 5 // 2, 2),
        (PICO_PER_CENT * 5 // 2 + 1, 3),
        (-PICO_PER_CENT // 2, 0),
        (2 * PICO, 200),
    ],
)
def test_money_at_the_edge_is_whole_cents(pico: int, amount: int) -> None:
    assert money(pico) == {"amount": amount, "currency": "usd"}
