"""Who may import whom, so that pricing, metering and limits stay free of I/O, clocks and floats."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.template import ROOT

PACKAGE = ROOT / "layers/metering/python/metering"
DOMAIN = sorted((PACKAGE / "domain").glob("*.py"))
APPS = sorted((ROOT / "functions").glob("*/app.py"))
CODE = sorted([*PACKAGE.rglob("*.py"), *APPS])
NO_IO_NO_CLOCK_NO_CHANCE = sys.stdlib_module_names - {
    "asyncio",
    "os",
    "random",
    "socket",
    "subprocess",
    "sys",
    "threading",
    "time",
    "uuid",
}


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, "no relative imports"
            yield node.module


@pytest.mark.parametrize("path", DOMAIN, ids=label)
def test_the_domain_imports_itself_pydantic_and_what_is_pure_of_the_standard_library(path: Path) -> None:
    for module in imports(path):
        root = module.partition(".")[0]
        assert root in NO_IO_NO_CLOCK_NO_CHANCE | {"pydantic", "pydantic_core", "metering"}
        assert root != "metering" or module.startswith("metering.domain.")


@pytest.mark.parametrize("path", DOMAIN, ids=label)
def test_the_domain_asks_no_clock(path: Path) -> None:
    called = [
        node.func.attr
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    assert not {"now", "utcnow", "today"} & set(called)


@pytest.mark.parametrize("path", DOMAIN, ids=label)
def test_the_domain_makes_no_float(path: Path) -> None:
    nodes = list(ast.walk(tree(path)))
    assert not [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    assert not [
        node
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
    ]


@pytest.mark.parametrize("path", APPS, ids=label)
def test_a_function_imports_no_sibling_and_nothing_of_the_local_cloud(path: Path) -> None:
    assert not {module.partition(".")[0] for module in imports(path)} & {"functions", "local", "tests", "bench"}


@pytest.mark.parametrize("path", [path for path in CODE if path.parent != PACKAGE / "aws"], ids=label)
def test_only_the_package_of_io_reads_the_environment(path: Path) -> None:
    assert not {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)} & {"environ", "getenv"}


@pytest.mark.parametrize("path", CODE, ids=label)
def test_nothing_scans_a_table(path: Path) -> None:
    assert "scan" not in {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
