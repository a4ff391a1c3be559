"""Every snippet in the Python client's README runs, in order, and does what its comments say."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from metering_client import Client, operations
from tests.local.running_cloud import RunningCloud
from tests.template import ROOT

pytestmark = pytest.mark.local

README = ROOT / "sdk/python/README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)


class Messages:
    """Anthropic's client, as far as the README goes."""

    def create(self, *, model: str, **_: Any) -> SimpleNamespace:
        usage = SimpleNamespace(input_tokens=1200, output_tokens=340, cache_read_input_tokens=30000)
        return SimpleNamespace(id="msg_1", model=model, usage=usage)


@pytest.fixture
def _anthropic(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("anthropic")
    module.Anthropic = lambda: SimpleNamespace(messages=Messages())  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "anthropic", module)


@pytest.fixture
def names(cloud: RunningCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("METERING_URL", cloud.url)
    monkeypatch.setenv("METERING_API_KEY", cloud.new_project().key)
    found: dict[str, Any] = {}
    yield found
    found["metering"].close()


def commented(block: str) -> Iterator[tuple[str, str]]:
    """Expressions with the value that the comment after them shows."""
    yield from re.findall(r"^(\w+\(.*\))\n# (\{.*\})$", block, re.MULTILINE)


@pytest.mark.usefixtures("_anthropic")
def test_the_readme(names: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for block in BLOCKS:
        exec(compile(block, str(README), "exec"), names)  # noqa: S102  # the README's own code
        for expression, value in commented(block):
            assert eval(expression, names) == ast.literal_eval(value)  # noqa: S307  # the same
    assert "0.0177 0.0177 4.9823" in capsys.readouterr().out
    assert names["metering"].usage.run("run_1").total.records == 1
    assert names["session"].usage().records == 3
    assert names["done"].data.parent == Path("exports")
    assert names["receive"](b"{}", {}) == 401
    assert list((tmp_path / "spool").iterdir()) == []


def test_operations_that_the_readme_names_are_there(cloud: RunningCloud) -> None:
    with Client(cloud.url, cloud.new_project().key) as metering:
        assert metering.request(operations.GET_PROJECT).name == "Tests"
        for name in re.findall(r"`(\w+)`", README.read_text().partition("Every operation has")[2].partition("##")[0]):
            assert hasattr(metering, name)
