"""Figures on the page are rounded from exact ones, half to even, and never pass through a float."""

from decimal import ROUND_HALF_EVEN, Decimal

import pytest

from tests.browser.conftest import Visit

pytestmark = pytest.mark.local

TEXTS = (
    "0",
    "0.00005",
    "0.00015",
    "0.00025",
    "0.000150000001",
    "-0.00005",
    "-0.00015",
    "-1.25",
    "999.99995",
    "12345678901234.123456789012",
)
ROUND = """async ([texts, decimals]) => {
  const { fixed, pico } = await import("./dashboard/any/core/exact.js");
  return texts.map((text) => fixed(pico(text), decimals));
}"""
WRITE = """async (texts) => {
  const { plain, pico, sum } = await import("./dashboard/any/core/exact.js");
  return [texts.map((text) => plain(pico(text))), plain(sum(texts))];
}"""
SHOW = """async (texts) => {
  const { shortUsd } = await import("./dashboard/any/core/text.js");
  return texts.map(shortUsd);
}"""


@pytest.mark.parametrize("decimals", [0, 2, 4, 12])
def test_a_figure_is_rounded_once_and_half_to_even(visit: Visit, decimals: int) -> None:
    page = visit().open().page
    unit = Decimal(1).scaleb(-decimals)
    expected = [abs_zero(Decimal(text).quantize(unit, ROUND_HALF_EVEN)) for text in TEXTS]
    assert page.evaluate(ROUND, [list(TEXTS), decimals]) == [f"{value:f}" for value in expected]


def abs_zero(value: Decimal) -> Decimal:
    """Nothing is written with a sign where there is nothing."""
    return abs(value) if value == 0 else value


def test_sums_are_exact(visit: Visit) -> None:
    written, total = visit().open().page.evaluate(WRITE, list(TEXTS))
    assert written == list(TEXTS)
    assert Decimal(total) == sum(map(Decimal, TEXTS))


def test_a_cost_below_what_is_shown_is_visible(visit: Visit) -> None:
    texts = {
        "0": "$0.00",
        "0.00000000001": "<$0.0001",
        "0.0177": "$0.0177",
        "1234.565": "$1,234.56",
        "-2.5": "\u2212$2.50",
    }
    assert visit().open().page.evaluate(SHOW, list(texts)) == list(texts.values())
