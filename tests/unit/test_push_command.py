"""Flags, keys and the folder are looked at before anything is exported."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from local.cli import app
from local.commands.push import Pushing, push_export, summary_of, tell_pushed

DAYS = ("--from", "2026-11-20", "--to", "2026-11-20", "--url", "http://127.0.0.1:9", "--key", "mk_key")


@pytest.mark.parametrize(
    ("arguments", "key", "says"),
    [
        (("stripe", "--yes"), "sk_test_1", "are for --push"),
        (("stripe", "--live"), "sk_live_1", "are for --push"),
        (("csv", "--push"), "sk_test_1", "only the format stripe"),
        (("stripe", "--push", "--yes"), "", "STRIPE_API_KEY"),
        (("stripe", "--push"), "sk_live_1", "--live says that you mean it"),
        (("stripe", "--push", "--live"), "sk_test_1", "needs a live key"),
        (("stripe", "--push", "--live", "--stripe-url", "http://127.0.0.1:9"), "sk_live_1", "no other address"),
    ],
)
def test_wrong_use_ends_before_anything_is_exported(arguments: tuple[str, ...], key: str, says: str) -> None:
    done = CliRunner().invoke(app, ["export", *arguments, *DAYS], env={"STRIPE_API_KEY": key})
    assert done.exit_code == 2
    assert says in done.stderr
    assert not key or key not in done.output


def test_a_folder_that_cannot_be_made_ends_it_before_anything_is_exported(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    done = CliRunner().invoke(app, ["export", "csv", *DAYS, "--output", str(tmp_path / "taken" / "sub")])
    assert done.exit_code == 2
    assert done.stderr.startswith("--output: ")


def test_a_dry_run_without_a_key_says_that_nobody_looked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "items.jsonl"
    items = [
        {"customer": customer, "amount": amount, "description": "acme runs"}
        for customer, amount in [("cus_a", 5), ("cus_b", -7), ("cus_a", 100)]
    ]
    path.write_text("".join(f"{json.dumps(item)}\n" for item in items))
    pushing = Pushing(None, dry_run=True, live=False)
    outcomes = push_export(pushing, path)
    tell_pushed(pushing, outcomes)
    told = capsys.readouterr().out
    assert "1.05" in told
    assert "-0.07" in told
    assert "Dry run: 3 new. Nothing was sent" in told
    assert "nobody looked" in told
    assert summary_of(pushing, outcomes)["customers"] == [
        {"customer": "cus_a", "lines": 2, "amount": "1.05"},
        {"customer": "cus_b", "lines": 1, "amount": "-0.07"},
    ]
