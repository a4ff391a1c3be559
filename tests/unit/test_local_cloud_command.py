"""`metering local` refuses a parameter that the template does not have, before anything starts."""

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
