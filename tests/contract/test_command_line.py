"""Every operation has a command, every example can be given, and the reference says what the commands say."""

import os
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from local.cli import HELP, app, load
from local.commands.api.catalogue import CATALOGUE, FOLLOWED, GROUPS
from local.commands.api.commands import words_of
from local.commands.api.fields import fields_of
from local.documents.command_line import REFERENCE, reference
from metering.http.operations import OPERATIONS
from tests.commands import accept

EXAMPLES = [example for shown in CATALOGUE.values() for example in shown.examples]
HEAVY = {"boto3", "botocore", "pydantic", "httpx", "ministack", "samtranslator"}
BESIDES = {"url", "key", "json", "body", "all", "wait", "help", "idempotency-key"}
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def test_every_operation_is_a_command_of_its_own() -> None:
    assert CATALOGUE.keys() == {operation.name for operation in OPERATIONS}
    assert len({(shown.group, shown.name) for shown in CATALOGUE.values()}) == len(CATALOGUE)
    assert {shown.group for shown in CATALOGUE.values()} == GROUPS.keys()


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_command_has_an_example_of_itself(name: str) -> None:
    shown = CATALOGUE[name]
    assert shown.examples
    for example in shown.examples:
        assert words_of(example)[:2] == [shown.group, shown.name]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_given(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METERING_API_KEY", "mk_example")
    accept(list(words_of(example)))


@each_operation
def test_no_two_options_of_a_command_have_one_name(operation: "OPERATIONS[0]") -> None:  # type: ignore[valid-type]
    options = [field.option for field in fields_of(operation) if field.place != "path"]
    assert len(options) == len(set(options))
    in_header = operation.idempotency_header and "idempotency-key" not in options
    assert not set(options) & (BESIDES if in_header else BESIDES - {"idempotency-key"})


def test_what_takes_a_while_is_followed_to_an_operation_that_is_there() -> None:
    routes = {operation.path for operation in OPERATIONS if operation.method == "GET"}
    assert FOLLOWED.keys() <= CATALOGUE.keys()
    assert {followed.route for followed in FOLLOWED.values()} <= routes


@pytest.mark.parametrize("name", HELP)
def test_help_states_the_exit_codes_and_shows_examples(name: str) -> None:
    command = load(name)
    for each in getattr(command, "commands", {name: command}).values():
        text = each.help
        assert "Exit codes:" in text or each.name == "local", each.name
        assert "metering" in text or each.name in {"local", "build"}, each.name


def test_help_is_plain_text_where_nobody_looks() -> None:
    shown = CliRunner().invoke(app, ["sessions", "create", "--help"], env={"NO_COLOR": "1"})
    assert shown.exit_code == 0
    assert "\x1b[" not in shown.output


def test_the_list_of_commands_imports_nothing_heavy() -> None:
    code = f"import local.cli, sys; print(sorted(set(sys.modules) & {HEAVY!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout.strip() == "[]"


def test_the_reference_is_current() -> None:
    assert REFERENCE.read_text() == reference(), "run python -m local.documents.command_line"


def test_the_reference_has_every_command() -> None:
    titles = set(re.findall(r"^### `metering (.+)`$", REFERENCE.read_text(), re.MULTILINE))
    assert {f"{shown.group} {shown.name}" for shown in CATALOGUE.values()} <= titles
