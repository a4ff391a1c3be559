"""Answers as tables: what a person reads, with nothing left out that matters."""

from typing import Any

import pytest
from typer.testing import CliRunner

from local.cli import app
from local.commands.api.display import show
from local.commands.api.fields import FieldError, fields_of
from metering.http.operations import OPERATIONS

BY_NAME = {operation.name: operation for operation in OPERATIONS}


def shown(capsys: pytest.CaptureFixture[str], answer: Any, *columns: str) -> list[str]:
    show(answer, columns)
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_a_list_is_a_table_of_the_columns_that_have_something(capsys: pytest.CaptureFixture[str]) -> None:
    items = [{"a": "x", "b": None, "c": {"d": 5}}, {"a": "y", "b": None, "c": None}]
    assert shown(capsys, {"items": items, "nextCursor": None}, "a", "b", "c.d") == ["a    c.d", "x    5", "y    –"]


def test_a_list_without_columns_has_what_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    items = [{"key": "m", "cost": {"amount": 1, "currency": "usd"}, "costUsd": "0.01", "lines": [1]}]
    assert shown(capsys, {"items": items})[0].split() == ["key", "costUsd"]


def test_more_pages_and_the_total_are_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    total = {"costUsd": "1.5", "records": 1200}
    lines = shown(capsys, {"items": [{"a": 1}], "nextCursor": "c", "total": total})
    assert lines[-2:] == ["In total 1.5 USD, 1,200 records.", "There are more: --all shows them."]


def test_nothing_is_said_to_be_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, {"items": [], "nextCursor": None}) == ["There is nothing."]
    assert shown(capsys, {}) == ["Done."]


def test_values_are_told_by_their_paths_and_lists_below(capsys: pytest.CaptureFixture[str]) -> None:
    answer = {
        "id": "x",
        "at": "2026-11-24T10:00:00.123456Z",
        "on": True,
        "limits": {"maxCost": {"amount": 500, "currency": "usd"}, "maxAgents": None, "thresholds": [50, 80]},
        "cost": {"amount": 1, "currency": "usd"},
        "costUsd": "0.0087",
        "lines": [{"metric": "inputTokens", "per": 5}],
    }
    assert [line.split(maxsplit=1) for line in shown(capsys, answer) if line] == [
        ["id", "x"],
        ["at", "2026-11-24 10:00:00"],
        ["on", "yes"],
        ["limits.maxCost", "500 cents"],
        ["limits.thresholds", "50, 80"],
        ["costUsd", "0.0087"],
        ["lines"],
        ["metric", "per"],
        ["inputTokens", "5"],
    ]


def test_markup_in_an_answer_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, {"name": "[bold]a[/bold] [/x]"}) == ["name    [bold]a[/bold] [/x]"]


SETTINGS = {"METERING_URL": "http://127.0.0.1:9", "METERING_API_KEY": "mk_key"}


def test_a_command_without_a_key_says_what_is_missing() -> None:
    result = CliRunner().invoke(app, ["project", "show"], env={"METERING_API_KEY": ""})
    assert (result.exit_code, "METERING_API_KEY" in result.output) == (2, True)


def parsed(operation: str, option: str, text: Any) -> Any:
    [field] = [one for one in fields_of(BY_NAME[operation]) if one.option == option]
    return field.parse(text)


@pytest.mark.parametrize(
    ("operation", "option", "text", "value"),
    [
        ("updateSessionLimits", "max-cost", "5.00/day", {"amount": 500, "currency": "usd", "period": "day"}),
        ("updateSessionLimits", "max-cost", "0.01", {"amount": 1, "currency": "usd"}),
        ("updateSessionLimits", "max-cost", '{"amount": 7, "currency": "usd"}', {"amount": 7, "currency": "usd"}),
        ("updateSessionLimits", "max-cost", "null", None),
        ("updateSessionLimits", "max-agents", "3", 3),
        ("updateSessionLimits", "max-compute-minutes", "1.5", "1.5"),
        ("updateSessionLimits", "thresholds", ["50", "80"], [50, 80]),
        ("updateSessionLimits", "thresholds", ["null"], None),
        ("recordUsage", "usage", ["inputTokens=0.1", "outputTokens=2"], {"inputTokens": "0.1", "outputTokens": "2"}),
        ("createRateCard", "metrics", ["inputTokens=3/1000000"], {"inputTokens": {"priceUsd": "3", "per": 1000000}}),
        ("createRateCard", "metrics", ["runs=0.5"], {"runs": {"priceUsd": "0.5", "per": 1}}),
        ("createRateCard", "metrics", ['runs={"priceUsd": "1"}'], {"runs": {"priceUsd": "1"}}),
        ("startRerating", "dry-run", True, True),
        ("openHold", "dry-run", True, "true"),
        ("recordUsageBatch", "events", "[]", []),
        ("listMembers", "limit", "5", 5),
        ("createApiKey", "name", "5", "5"),
    ],
)
def test_text_becomes_what_the_api_takes(operation: str, option: str, text: Any, value: Any) -> None:
    assert parsed(operation, option, text) == value


@pytest.mark.parametrize(
    ("operation", "option", "text"),
    [
        ("updateSessionLimits", "max-cost", "5.001"),
        ("updateSessionLimits", "max-cost", "five"),
        ("updateSessionLimits", "max-cost", "Infinity/day"),
        ("updateSessionLimits", "max-cost", "NaN"),
        ("updateSessionLimits", "max-cost", "{"),
        ("updateSessionLimits", "max-agents", "two"),
        ("updateSessionLimits", "thresholds", ["high"]),
        ("recordUsage", "usage", ["inputTokens"]),
        ("createRateCard", "metrics", ["inputTokens=3/many"]),
        ("recordUsageBatch", "events", "nonsense"),
    ],
)
def test_text_that_does_not_fit_names_its_option(operation: str, option: str, text: Any) -> None:
    with pytest.raises(FieldError, match=f"^--{option}: "):
        parsed(operation, option, text)


@pytest.mark.parametrize(("text", "says"), [("two", "must be a whole number, and is two"), ("", "a whole number")])
def test_a_number_that_is_none_is_named_in_words(text: str, says: str) -> None:
    with pytest.raises(FieldError, match=says):
        parsed("updateSessionLimits", "max-agents", text)


def test_an_option_cannot_change_what_is_no_object() -> None:
    arguments = ["sessions", "create", "--user-id", "ada", "--body", '{"limits": 5}', "--max-agents", "3"]
    result = CliRunner().invoke(app, arguments, env=SETTINGS)
    assert (result.exit_code, "limits must be an object" in result.output) == (2, True)


@pytest.mark.parametrize("url", ["127.0.0.1:3000", "localhost", "ftp://127.0.0.1"])
@pytest.mark.parametrize("command", [("project", "show"), ("import", "claude-code", ".")])
def test_an_address_that_is_no_url_is_wrong_use(url: str, command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*command], env={**SETTINGS, "METERING_URL": url})
    assert (result.exit_code, "METERING_URL" in result.output) == (2, True)


@pytest.mark.parametrize("key", ["mk_b\u00e4d", "mk_\nbad"])
@pytest.mark.parametrize("command", [("project", "show"), ("import", "claude-code", ".")])
def test_a_key_that_no_header_can_have_is_wrong_use_and_not_shown(key: str, command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*command], env={**SETTINGS, "METERING_API_KEY": key})
    assert (result.exit_code, "METERING_API_KEY" in result.output) == (2, True)
    assert key not in result.output
