"""The commands end with the exit codes that their help states, and print what can be read."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from local.catalogue import files
from local.catalogue.files import Change
from local.cli import app
from local.client import Client
from local.commands import imports, rates
from metering.aws.items import card_to_item
from metering.catalogue.price_lists import Entry
from metering.domain.money import PICO
from metering.domain.rates import MetricRate, RateCard
from metering.flows import import_catalogue
from tests.unit.fake_service import Service
from tests.unit.rates_table import create_rates_table

SAMPLES = Path(__file__).parents[1] / "data" / "claude-code"
CARD = RateCard("default", "provider:a", "m", "2020-01-01", {"inputTokens": MetricRate(PICO, 10**6, "modelTokens")})
TABLE = "meter-UsageCostRates"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service that the commands reach, with a key in the environment."""
    service = Service()
    client = partial(
        Client, transport=httpx.MockTransport(service.answer), sleep=service.sleep, clock=lambda: service.asleep
    )
    for commands in (imports, rates):
        monkeypatch.setattr(commands, "Client", client)
    monkeypatch.setenv("METERING_API_KEY", "mk_key")
    return service


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.csv"
    file.write_text("at,n\n2026-01-01 00:00:00,3\n2026-01-01 00:00:01,4\n")
    return file


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def _import_csv(file: Path, *more: str) -> Result:
    columns = ("--column", "occurredAt=at", "--column", "usage.inputTokens=n", "--set", "service=opencode")
    return _run("import", "csv", str(file), *columns, *more)


# ---------------------------------------------------------------------------- import


def test_a_csv_file_that_is_recorded_whole_ends_with_0(service: Service, rows: Path) -> None:
    result = _import_csv(rows, "--set", "modelId=m", "--json")

    assert result.exit_code == 0
    assert not result.stderr
    assert json.loads(result.stdout) == {
        "recorded": 2,
        "duplicates": 0,
        "differing": 0,
        "unrated": 0,
        "errors": 0,
        "malformed": 0,
        "notices": {},
        "costUsd": "7",
        "models": [{"service": "opencode", "modelId": "m", "events": 2, "costUsd": "7"}],
        "details": [],
    }
    assert len(service.records) == 2


def test_a_cost_is_written_without_trailing_zeros(service: Service, rows: Path) -> None:
    rows.write_text("at,n\n2026-01-01 00:00:00,0.250\n2026-01-01 00:00:01,0.250\n")

    assert json.loads(_import_csv(rows, "--json").stdout)["costUsd"] == "0.5"
    assert "0.50" not in _import_csv(rows).stdout
    assert len(service.records) == 2


def test_the_summary_is_a_table_for_people(service: Service, rows: Path) -> None:
    result = _import_csv(rows, "--set", "modelId=m")

    assert "2  recorded" in result.stdout
    assert "opencode" in result.stdout
    assert service.records


def test_the_key_and_the_address_come_from_options_too(service: Service, rows: Path) -> None:
    _import_csv(rows, "--key", "mk_other", "--url", "http://elsewhere")

    assert service.requests[0].headers["authorization"] == "Bearer mk_other"
    assert service.requests[0].url.host == "elsewhere"


@pytest.mark.parametrize("code", ["invalid_request", "idempotency_conflict"])
def test_a_row_that_is_refused_ends_with_1(service: Service, rows: Path, code: str) -> None:
    service.refused["csv/rows.csv/2"] = [code]

    result = _import_csv(rows, "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["errors"] == 1


def test_a_row_that_is_no_event_ends_with_1(service: Service, rows: Path) -> None:
    rows.write_text(rows.read_text() + "noon,5\n")

    result = _import_csv(rows, "--json")

    assert result.exit_code == 1
    assert (json.loads(result.stdout)["recorded"], json.loads(result.stdout)["malformed"]) == (2, 1)
    assert len(service.records) == 2


@pytest.mark.parametrize(
    "options",
    [
        ("--column", "userId=nobody"),
        ("--column", "nonsense=n"),
        ("--column", "userId"),
        ("--set", "userId="),
        ("--set", "idempotencyKey=all-the-same"),
        ("--set", "stepIndex=three"),
        ("--set", "service=twice"),
        ("--key-column", "nobody"),
    ],
)
def test_wrong_use_ends_with_2_and_sends_nothing(service: Service, rows: Path, options: tuple[str, str]) -> None:
    result = _import_csv(rows, *options)

    assert result.exit_code == 2
    assert result.stderr
    assert not service.requests


def test_no_key_ends_with_2(rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("METERING_API_KEY", raising=False)

    assert _import_csv(rows).exit_code == 2


def test_a_service_out_of_reach_ends_with_3_and_says_how_to_go_on(service: Service, rows: Path) -> None:
    service.failures = [httpx.ConnectError("refused")] * 1000

    result = _import_csv(rows, "--json")

    assert result.exit_code == 3
    assert "Run the same command again" in result.stderr
    assert json.loads(result.stdout)["unrated"] is None


def test_a_key_that_is_not_valid_ends_with_3(service: Service, rows: Path) -> None:
    service.failures = [lambda _: httpx.Response(401, json={"code": "unauthenticated", "detail": "no"})]

    assert _import_csv(rows).exit_code == 3


def test_ctrl_c_ends_with_130_after_the_summary(service: Service, rows: Path) -> None:
    def interrupt(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    service.failures = [interrupt]

    result = _import_csv(rows, "--json")

    assert result.exit_code == 130
    assert json.loads(result.stdout)["recorded"] == 0


def test_transcripts_are_imported_whole_and_odd_lines_are_told(service: Service) -> None:
    result = _run("import", "claude-code", str(SAMPLES), "--set", "userId=ada", "--json")

    summary = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (summary["recorded"], summary["malformed"], len(summary["details"])) == (7, 3, 3)
    assert {record["userId"] for record in service.records.values()} == {"ada"}


def test_a_folder_without_transcripts_ends_with_2(service: Service, tmp_path: Path) -> None:
    assert _run("import", "claude-code", str(tmp_path)).exit_code == 2
    assert not service.requests


# ---------------------------------------------------------------------------- rates


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A table of rates, and a catalogue of one card."""
    monkeypatch.setattr(import_catalogue, "read_catalogue", lambda: [Entry(CARD, "source", None)])
    with mock_aws():
        client = boto3.client("dynamodb")
        create_rates_table(client, TABLE)
        yield client


@pytest.mark.usefixtures("table")
def test_the_catalogue_goes_into_a_stacks_table_once() -> None:
    first, second = _run("rates", "import", "--stack", "meter"), _run("rates", "import", "--table", TABLE)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "a " in first.stdout
    assert [cell.strip() for cell in second.stdout.splitlines()[-2].split("│")[1:-1]] == ["all", "0", "1", "0"]


def test_a_dry_run_names_what_is_new_and_writes_nothing(table: Any) -> None:
    result = _run("rates", "import", "--stack", "meter", "--dry-run")

    assert result.exit_code == 0
    assert CARD.rate_id in result.stdout
    assert not table.scan(TableName=TABLE)["Items"]


def test_a_card_with_other_prices_ends_with_1_and_is_named(table: Any) -> None:
    other = RateCard(CARD.scope, CARD.owner, CARD.model, CARD.effective_from, {})
    table.put_item(TableName=TABLE, Item=card_to_item(other, "2026-11-24T10:00:00.000000Z"))

    result = _run("rates", "import", "--stack", "meter")

    assert result.exit_code == 1
    assert f"{CARD.rate_id} is there with other prices: inputTokens" in result.stdout


@pytest.mark.parametrize(
    ("options", "code"), [((), 2), (("--stack", "meter", "--table", TABLE), 2), (("--table", "elsewhere"), 3)]
)
@pytest.mark.usefixtures("table")
def test_a_table_that_is_not_said_or_not_there(options: tuple[str, ...], code: int) -> None:
    assert _run("rates", "import", *options).exit_code == code


def _page(*cards: dict[str, Any], cursor: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"items": cards, "nextCursor": cursor})


ANSWER = {
    "rateId": "default/provider:e2b/*@2020-01-01",
    "metrics": {
        "vcpuSeconds": {
            "priceUsd": "0.000014",
            "per": 1,
            "tiers": [{"aboveInputTokens": 200000, "priceUsd": "0.00002"}],
        }
    },
}


def test_the_cards_of_a_service_are_its_own_and_its_providers_page_by_page(service: Service) -> None:
    service.failures = [lambda _: _page(), lambda _: _page(ANSWER, cursor="next"), lambda _: _page(ANSWER)]

    result = _run("rates", "show", "--service", "e2b", "--at", "2026-11-24", "--json")

    assert json.loads(result.stdout) == [ANSWER, ANSWER]
    asked = [dict(request.url.params) for request in service.requests]
    assert asked == [
        {"at": "2026-11-24", "limit": "1000", "service": "e2b"},
        {"at": "2026-11-24", "limit": "1000", "provider": "e2b"},
        {"at": "2026-11-24", "limit": "1000", "provider": "e2b", "cursor": "next"},
    ]


def test_cards_are_shown_with_their_tiers(service: Service) -> None:
    service.failures = [lambda _: _page(ANSWER)]

    result = _run("rates", "show")

    for text in ("default/provider:e2b/*@2020-01-01", "vcpuSeconds", "0.000014", "200,000", "0.00002"):
        assert text in result.stdout


@pytest.mark.parametrize(("status", "code"), [(400, 2), (422, 2), (401, 3), (500, 3)])
def test_a_refused_question_ends_with_what_is_to_be_done(service: Service, status: int, code: int) -> None:
    service.failures = [lambda _: httpx.Response(status, json={"code": "some", "detail": "so it is"})]

    result = _run("rates", "show")

    assert result.exit_code == code
    assert "so it is" in result.stderr


def test_a_build_tells_what_it_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    change = Change(added=[f"card {number}" for number in range(21)], changed=["card x"], removed=[])
    monkeypatch.setattr(files, "write_price_lists", lambda _: change)

    result = _run("rates", "build")

    assert result.exit_code == 0
    assert "21 added:" in result.stdout
    assert "and 1 more" in result.stdout
    assert "from a new date" in result.stdout
