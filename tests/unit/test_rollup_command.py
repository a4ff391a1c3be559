"""`metering rollup` asks for the hours and days that it is told to, and ends with the codes that its help states."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from local.cli import app
from local.client import Client
from local.commands import rollup
from metering.domain.days import hours_of

NOW = datetime(2026, 11, 24, 10, 59, 59, tzinfo=UTC)
STACK = ("--stack", "metering", "--project", "prj_a")


class Clock:
    def now(self, zone: Any) -> datetime:
        return NOW.astimezone(zone)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Ten in the morning, no key, no local cloud."""
    monkeypatch.setattr(rollup, "datetime", Clock())
    monkeypatch.delenv("METERING_API_KEY", raising=False)
    monkeypatch.delenv("METERING_URL", raising=False)
    return tmp_path


@pytest.fixture
def queue() -> Iterator[Any]:
    """The queue of a stack."""
    with mock_aws():
        sqs = boto3.client("sqs")
        attributes = {"FifoQueue": "true"}
        url = sqs.create_queue(QueueName="metering-Rollups.fifo", Attributes=attributes)["QueueUrl"]
        yield lambda: _received(sqs, url)


def _received(sqs: Any, url: str) -> list[tuple[str, str]]:
    """Project and slot of every message."""
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            body = json.loads(message["Body"])
            found.append((body["project"], body["slot"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def _run(first: str, last: str, *more: str) -> Result:
    return CliRunner().invoke(app, ["rollup", "--from", first, "--to", last, *more])


def test_the_hours_of_every_day_are_asked_for(queue: Any) -> None:
    done = _run("2026-11-21", "2026-11-22", *STACK)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "48 hours and 0 days" in done.stdout
    assert sorted(queue()) == [("prj_a", hour) for day in ("2026-11-21", "2026-11-22") for hour in hours_of(day)]


def test_days_are_closed_if_that_is_said(queue: Any) -> None:
    done = _run("2026-11-23", "2026-11-23", "--close", *STACK, "--project", "prj_b", "--json")
    assert json.loads(done.stdout) == {
        "projects": ["prj_a", "prj_b"],
        "period": {"start": "2026-11-23T00:00:00Z", "end": "2026-11-24T00:00:00Z"},
        "hours": 48,
        "days": 2,
    }
    days = {slot for slot in queue() if "T" not in slot[1]}
    assert days == {("prj_a", "2026-11-23"), ("prj_b", "2026-11-23")}


def test_hours_that_are_to_come_are_left_out(queue: Any) -> None:
    assert _run("2026-11-24", "2026-11-24", *STACK).exit_code == 0
    assert {slot for _, slot in queue()} == set(hours_of("2026-11-24")[:11])


def test_asking_twice_asks_again_and_does_no_harm(queue: Any) -> None:
    assert _run("2026-11-22", "2026-11-22", *STACK).exit_code == 0
    assert len(queue()) == 24
    assert _run("2026-11-22", "2026-11-22", *STACK).exit_code == 0


@pytest.mark.parametrize(
    ("first", "last", "more", "why"),
    [
        ("2026-11-22", "2026-11-21", STACK, "must not be after"),
        ("2025-11-22", "2026-11-23", STACK, "366 days"),
        ("2026-11-31", "2026-12-01", STACK, "a date that the calendar has"),
        ("yesterday", "2026-11-23", STACK, "a date such as"),
        ("2026-11-24", "2026-11-25", STACK, "still to come"),
        ("2026-11-24", "2026-11-24", (*STACK, "--close"), "is not over"),
        ("2026-11-22", "2026-11-22", ("--stack", "metering"), "say which --project"),
        ("2026-11-22", "2026-11-22", (), "say which --project"),
    ],
)
def test_wrong_use_ends_with_2_and_says_why(first: str, last: str, more: tuple[str, ...], why: str) -> None:
    done = _run(first, last, *more)
    assert (done.exit_code, done.stdout) == (2, "")
    assert why in done.stderr


def test_a_stack_that_is_not_there_is_out_of_reach() -> None:
    with mock_aws():
        done = _run("2026-11-22", "2026-11-22", *STACK)
    assert (done.exit_code, "NonExistentQueue" in done.stderr) == (3, True)


def test_a_local_cloud_that_is_not_there_is_out_of_reach(tmp_path: Path) -> None:
    done = _run("2026-11-22", "2026-11-22", "--project", "prj_a", "--state", str(tmp_path))
    assert (done.exit_code, "no local cloud" in done.stderr) == (3, True)


def test_the_project_is_that_of_the_key(queue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"projectId": "prj_of_key"})

    monkeypatch.setattr(rollup, "Client", partial(Client, transport=httpx.MockTransport(answer)))
    monkeypatch.setattr(rollup, "_local_queue", lambda _: rollup._queue(boto3.client("sqs"), "metering"))  # noqa: SLF001  # its address
    monkeypatch.setenv("METERING_API_KEY", "mk_key")
    assert _run("2026-11-22", "2026-11-22").exit_code == 0
    assert {project for project, _ in queue()} == {"prj_of_key"}
    [request] = asked
    assert (request.url.path, request.headers["authorization"]) == ("/v1/project", "Bearer mk_key")


def test_an_interruption_says_how_far_it_came(queue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    send_rollups, times = rollup.send_rollups, iter(range(2))

    def interrupted(*arguments: Any) -> None:
        if next(times) == 1:
            raise KeyboardInterrupt
        send_rollups(*arguments)

    monkeypatch.setattr(rollup, "send_rollups", interrupted)
    done = _run("2026-11-21", "2026-11-23", *STACK)
    assert done.exit_code == 130
    assert "24 hours and days" in done.stderr
    assert len(queue()) == 24
