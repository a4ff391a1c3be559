"""Money and quantities never meet a float: floats are seconds, and stand where this list says."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.template import ROOT

PACKAGE = ROOT / "layers/metering/python/metering"
CODE = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "functions").glob("*/app.py")])

SECONDS = ("_SECONDS", "_PAUSE")
"""How the names of constants end that are seconds."""
MADE_OF_TEXT = {
    "aws/config.py": "seconds, of the environment",
    "http/record_answers.py": "a quantity is answered as the number that was sent, if a double holds just that",
}
DIVIDED = {
    "aws/outbound.py": "seconds",
    "aws/transaction.py": "seconds",
    "http/guard.py": "seconds",
    "domain/deliveries.py": "seconds",
    "catalogue/__init__.py": "a path",
    "functions/serve_dashboard/app.py": "a path",
}


def label(path: Path) -> str:
    return str(path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT))


def nodes(path: Path) -> Iterator[ast.AST]:
    yield from ast.walk(ast.parse(path.read_text()))


def seconds_of(path: Path) -> set[int]:
    """The lines of constants that are seconds."""
    found = set()
    for node in nodes(path):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id.endswith(SECONDS) for target in targets):
            found.add(node.lineno)  # type: ignore[attr-defined]  # assignments have lines
    return found


@pytest.mark.parametrize("path", CODE, ids=label)
def test_a_float_that_is_written_down_is_a_constant_of_seconds(path: Path) -> None:
    written = [node for node in nodes(path) if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    assert {node.lineno for node in written} <= seconds_of(path)


@pytest.mark.parametrize("path", CODE, ids=label)
def test_nothing_is_made_a_float_but_what_is_listed(path: Path) -> None:
    made = [node for node in nodes(path) if isinstance(node, ast.Call) and ast.unparse(node.func) == "float"]
    assert not made or label(path) in MADE_OF_TEXT


@pytest.mark.parametrize("path", CODE, ids=label)
def test_nothing_is_divided_into_a_float_but_what_is_listed(path: Path) -> None:
    divided = [
        node for node in nodes(path) if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
    ]
    assert not divided or label(path) in DIVIDED


@pytest.mark.parametrize("path", CODE, ids=label)
def test_json_with_fractions_is_never_read_into_floats(path: Path) -> None:
    """`json.loads` without `parse_float` is for what this package wrote itself: integers and plain decimal strings."""
    readers = [node for node in nodes(path) if isinstance(node, ast.Call) and ast.unparse(node.func) == "json.loads"]
    assert not readers or label(path).startswith(("aws/", "catalogue/", "domain/figures.py", "http/pages.py"))


def test_the_lists_name_files_that_are_there() -> None:
    assert MADE_OF_TEXT.keys() | DIVIDED.keys() <= set(map(label, CODE))
