"""The table of what a million callbacks cost is what the counted units come to."""

import re

import pytest

from bench.costs import BATCH, MEMORY_GB, Measured, dollars
from tests.template import ROOT, Template

PAGE = (ROOT / "docs/deployment.md").read_text()
COUNTED = {"one by one": Measured(1, 6, 206, 769), f"in batches of {BATCH}": Measured(BATCH, 404, 208, 769)}
"""As `bench costs` counts them; tests/local/test_bench.py holds the write units."""


def test_the_table_has_the_columns_that_are_counted() -> None:
    [heading] = re.findall(r"^\| US dollars for a million callbacks \| (.+) \|$", PAGE, re.MULTILINE)
    assert heading.split(" | ") == list(COUNTED)


def rows() -> dict[str, list[float]]:
    found = re.findall(r"^\| ([A-Za-z][^|]*) \| ([\d.]+) \| ([\d.]+) \|$", PAGE, re.MULTILINE)
    return {what: [float(single), float(batch)] for what, single, batch in found}


@pytest.mark.parametrize("column", range(len(COUNTED)), ids=list(COUNTED))
def test_each_amount_is_the_counted_units_times_their_price(column: int) -> None:
    costs = dollars(list(COUNTED.values())[column])
    expected = {**costs, "all": sum(costs.values())}
    assert {what: amounts[column] for what, amounts in rows().items()} == pytest.approx(expected, abs=0.006)


def test_lambda_is_reckoned_with_the_memory_that_the_function_has() -> None:
    properties = Template().resources["RecordUsage"]["Properties"]
    assert properties["MemorySize"] / 1024 == pytest.approx(MEMORY_GB)
