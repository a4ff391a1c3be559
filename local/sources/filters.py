"""Lambda's filter patterns, as far as they are for streams and queues.

A pattern is an object like the record, with a list of what may stand in each place:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

import json
import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Json: TypeAlias = Any
Pattern: TypeAlias = Mapping[str, Json]

_MISSING = object()
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def matches_any(patterns: tuple[Pattern, ...], record: Mapping[str, Json]) -> bool:
    """Whether the record fits one of the patterns; without a pattern every record does."""
    return not patterns or any(matches(pattern, record) for pattern in patterns)


def with_parsed_body(message: Mapping[str, Json]) -> Mapping[str, Json]:
    """A queue's message as patterns see it: a body of JSON is parsed."""
    try:
        return {**message, "body": json.loads(message["body"])}
    except json.JSONDecodeError:
        return message


def matches(pattern: Pattern, value: Json) -> bool:
    if not isinstance(value, dict):
        value = {}
    return all(_place_matches(key, wanted, value) for key, wanted in pattern.items())


def _place_matches(key: str, wanted: Json, value: Mapping[str, Json]) -> bool:
    if key == "$or":
        return any(matches(pattern, value) for pattern in wanted)
    found = value.get(key, _MISSING)
    if isinstance(wanted, dict):
        return matches(wanted, found)
    values = found if isinstance(found, list) else [found]
    return any(_rule_matches(rule, each) for rule in wanted for each in values)


def _rule_matches(rule: Json, value: Json) -> bool:
    if not isinstance(rule, dict):
        return value is not _MISSING and value == rule and isinstance(value, bool) == isinstance(rule, bool)
    ((name, operand),) = rule.items()
    if name == "exists":
        return operand is (value is not _MISSING)
    return value is not _MISSING and _RULES[name](operand, value)


def _anything_but(operand: Json, value: Json) -> bool:
    if isinstance(operand, dict):
        return not _rule_matches(operand, value)
    return value not in (operand if isinstance(operand, list) else [operand])


def _prefix(operand: Json, value: Json) -> bool:
    return isinstance(value, str) and value.startswith(tuple(operand) if isinstance(operand, list) else operand)


def _suffix(operand: Json, value: Json) -> bool:
    return isinstance(value, str) and value.endswith(tuple(operand) if isinstance(operand, list) else operand)


def _equals_ignore_case(operand: Json, value: Json) -> bool:
    return isinstance(value, str) and value.casefold() == operand.casefold()


def _numeric(operand: list[Json], value: Json) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    conditions = zip(operand[::2], operand[1::2], strict=True)
    return all(_COMPARISONS[name](value, bound) for name, bound in conditions)


_RULES: dict[str, Callable[[Json, Json], bool]] = {
    "anything-but": _anything_but,
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "numeric": _numeric,
}
