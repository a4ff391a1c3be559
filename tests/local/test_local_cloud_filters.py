"""Filter patterns let through what Lambda's do."""

from typing import Any

import pytest

from local.sources.filters import matches, matches_any, with_parsed_body

RECORD = {
    "eventName": "INSERT",
    "dynamodb": {
        "Keys": {"entry": {"S": "event#1"}},
        "NewImage": {"status": {"S": "active"}, "tags": ["a", "b"], "n": 5},
    },
}


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ({}, True),
        ({"eventName": ["INSERT"]}, True),
        ({"eventName": ["MODIFY"]}, False),
        ({"eventName": ["MODIFY", "INSERT"]}, True),
        ({"dynamodb": {"Keys": {"entry": {"S": [{"prefix": "event#"}]}}}}, True),
        ({"dynamodb": {"Keys": {"entry": {"S": [{"prefix": "hold#"}]}}}}, False),
        ({"dynamodb": {"Keys": {"entry": {"S": [{"suffix": "#1"}]}}}}, True),
        ({"dynamodb": {"Keys": {"entry": {"S": [{"suffix": "#2"}]}}}}, False),
        ({"dynamodb": {"NewImage": {"status": {"S": [{"anything-but": ["paused"]}]}}}}, True),
        ({"dynamodb": {"NewImage": {"status": {"S": [{"anything-but": ["active"]}]}}}}, False),
        ({"dynamodb": {"NewImage": {"status": {"S": [{"anything-but": {"prefix": "act"}}]}}}}, False),
        ({"dynamodb": {"NewImage": {"other": {"S": [{"anything-but": ["active"]}]}}}}, False),
        ({"dynamodb": {"NewImage": {"status": {"S": [{"equals-ignore-case": "ACTIVE"}]}}}}, True),
        ({"dynamodb": {"NewImage": {"status": {"S": [{"exists": True}]}}}}, True),
        ({"dynamodb": {"NewImage": {"status": {"S": [{"exists": False}]}}}}, False),
        ({"dynamodb": {"OldImage": {"status": {"S": [{"exists": False}]}}}}, True),
        ({"dynamodb": {"NewImage": {"tags": ["b"]}}}, True),
        ({"dynamodb": {"NewImage": {"tags": ["c"]}}}, False),
        ({"dynamodb": {"NewImage": {"n": [{"numeric": [">", 4, "<=", 5]}]}}}, True),
        ({"dynamodb": {"NewImage": {"n": [{"numeric": [">", 5]}]}}}, False),
        ({"dynamodb": {"NewImage": {"status": {"S": [{"numeric": ["=", 5]}]}}}}, False),
        ({"$or": [{"eventName": ["REMOVE"]}, {"dynamodb": {"NewImage": {"n": [5]}}}]}, True),
        ({"$or": [{"eventName": ["REMOVE"]}, {"dynamodb": {"NewImage": {"n": [6]}}}]}, False),
    ],
)
def test_a_pattern_lets_through_what_it_describes(pattern: Any, *, fits: bool) -> None:
    assert matches(pattern, RECORD) is fits


def test_true_is_not_one() -> None:
    assert not matches({"n": [1]}, {"n": True})
    assert not matches({"n": [True]}, {"n": 1})


def test_one_of_several_patterns_is_enough_and_none_lets_everything_through() -> None:
    assert matches_any(({"eventName": ["REMOVE"]}, {"eventName": ["INSERT"]}), RECORD)
    assert matches_any((), RECORD)


def test_a_queue_pattern_sees_a_body_of_json() -> None:
    pattern = {"body": {"kind": ["hour"]}}
    assert matches(pattern, with_parsed_body({"body": '{"kind": "hour"}'}))
    assert not matches(pattern, with_parsed_body({"body": '{"kind": "day"}'}))
    assert not matches(pattern, with_parsed_body({"body": "no JSON"}))
