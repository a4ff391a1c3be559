"""`metering local` refuses a parameter, a port and a folder that it cannot have, before anything starts."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from local.cli import app
from tests.template import Template


def refusal(*options: str) -> str:
    result = CliRunner().invoke(app, ["local", *options])
    assert result.exit_code == 2
    assert result.stdout == ""
    return result.stderr


def test_a_parameter_that_the_template_does_not_have_is_refused_with_those_that_it_has() -> None:
    sentence = refusal("--parameter", "RollupSeconds=5", "--parameter", "RolupSeconds=5")
    known = ", ".join(Template().content["Parameters"])
    assert sentence == f"metering local: template.yaml has no parameter RolupSeconds. It has {known}.\n"


@pytest.mark.parametrize("pair", ["RollupSeconds", ""])
def test_a_parameter_without_a_value_is_refused(pair: str) -> None:
    assert refusal("--parameter", pair) == f"metering local: --parameter needs NAME=VALUE, and got {pair}.\n"


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    assert "--port" in refusal("--port", port)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    assert "--state" in refusal("--port", "0", "--state", str(taken))
    sentence = refusal("--port", "0", "--state", str(taken / "state"))
    assert sentence.startswith(f"metering local: {taken / 'state'} cannot keep the data: ")
    assert sentence.endswith("Choose another folder: --state DIR.\n")
