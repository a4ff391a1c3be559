"""Metrics are what Powertools would have written of them."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from metering.aws.telemetry import count, flush


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def without_time(document: dict[str, Any]) -> dict[str, Any]:
    assert abs(document["_aws"].pop("Timestamp") - 1.7e12) < 1e12
    return document


def test_a_document_says_what_powertools_would_say(capsys: pytest.CaptureFixture[str]) -> None:
    theirs = Metrics()
    for name, value in (("UsageRecorded", 3), ("UsageDuplicate", 1)):
        count(name, value)
        theirs.add_metric(name=name, unit=MetricUnit.Count, value=value)
    flush()
    theirs.flush_metrics()
    ours, expected = map(without_time, written(capsys))
    assert ours == {name: value[0] if isinstance(value, list) else value for name, value in expected.items()}


def test_counts_of_one_name_are_added_up_and_written_once(capsys: pytest.CaptureFixture[str]) -> None:
    count("UsageRecorded")
    count("UsageRecorded", 2)
    flush()
    flush()
    [document] = written(capsys)
    assert document["UsageRecorded"] == 3


def test_what_was_not_counted_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    count("UsageDuplicate", 0)
    flush()
    assert written(capsys) == []
