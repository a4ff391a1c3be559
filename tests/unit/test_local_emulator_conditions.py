"""What the local cloud's emulator makes of a condition is what ministack makes of it."""

from itertools import product
from typing import Any

import pytest

from local.emulator import conditions

ITEMS: list[dict[str, Any]] = [
    {},
    {"kind": {"S": "b"}, "size_of": {"N": "2"}, "parts": {"L": [{"S": "a"}]}},
    {"kind": {"S": "abc"}, "size_of": {"N": "2.0"}, "others": {"NULL": True}},
    {"kind": {"N": "1"}, "size_of": {"N": "10"}},
    {"kind": {"B": "YWJj"}, "size_of": {"S": "10"}},
]
VALUES = {
    ":a": {"S": "a"},
    ":b": {"S": "b"},
    ":two": {"N": "2"},
    ":ten": {"N": "1E1"},
    ":bytes": {"B": "YWI="},
}
NAMES = {"#kind": "kind", "#size": "size_of"}
USUAL = [
    "kind = :b",
    "#kind <> :b",
    "#kind = :b AND #size = :two",
    "kind = :b and size_of >= :two",
    "kind < :b",
    "size_of <= :two AND size_of > :unknown",
    "#unknown = :b",
    "attribute_exists(#kind)",
    "attribute_not_exists(#kind) AND attribute_not_exists(absent)",
    "ATTRIBUTE_NOT_EXISTS(parts)",
    "begins_with(kind, :a)",
    "#size = :ten AND begins_with(kind, :b)",
    "attribute_exists(kind) AND kind = :b AND #size <= :ten",
]
OF_KEYS = ["#kind = :b AND #size BETWEEN :two AND :ten", "kind BETWEEN :a AND :b AND size_of = :two"]
OTHERS = [
    "",
    "NOT kind = :b",
    "kind = :b OR size_of = :two",
    "(kind = :b) AND size_of = :two",
    "size(kind) > :two",
    "contains(kind, :a)",
    "parts[0] = :a",
    "kind IN (:a, :b)",
    "kind = others",
    ":b = kind",
]
WRONG = [
    "kind = = :b",
    "kind = :b AND",
    "((kind = :b))",
    "kind",
    "size = :two",
    "status = :b",
    "begins_with(kind)",
    "a ? b",
]


def outcome(judge: Any, expression: str, item: dict[str, Any], slot: str) -> object:
    try:
        return bool(judge(expression, item, VALUES, NAMES, slot=slot))
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("slot", ["ConditionExpression", "FilterExpression", "KeyConditionExpression"])
@pytest.mark.parametrize("expression", [*USUAL, *OF_KEYS, *OTHERS, *WRONG])
def test_a_condition_comes_to_the_same(expression: str, slot: str) -> None:
    for item in ITEMS * 2:  # the second time it has been read
        expected = outcome(conditions.evaluate.__wrapped__, expression, item, slot)  # type: ignore[attr-defined]  # of wraps
        assert outcome(conditions.evaluate, expression, item, slot) == expected


@pytest.mark.parametrize(
    ("expression", "slot"), [*product(USUAL, ["FilterExpression"]), (OF_KEYS[0], "KeyConditionExpression")]
)
def test_a_usual_condition_is_read_once(monkeypatch: pytest.MonkeyPatch, expression: str, slot: str) -> None:
    monkeypatch.setattr(conditions, "_evaluate", None)
    assert outcome(conditions.evaluate, expression, ITEMS[1], slot) in {True, False}
