"""Conditions of the usual form are read once, and not again for every item: comparisons and tests joined by AND.

A query of DynamoDB's asks an index; ministack asks its condition of every item that has the partition's key, and reads
the expression anew for each. What a comparison comes to is still ministack's to say, and so is every other condition.
"""

import contextlib
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any, Final, NamedTuple, TypeAlias

from ministack.services import dynamodb

Token: TypeAlias = tuple[str, str]
Part: TypeAlias = Callable[[Any, Mapping[str, Any], Mapping[str, str]], bool]
"""Whether an item fulfils it, with the values and the names that a request gives to placeholders."""

PARSED: Final = 1024  # expressions
_KEY: Final = "KeyConditionExpression"
_compare = dynamodb._compare_ddb  # noqa: SLF001 - these have no public names
_evaluate = dynamodb._evaluate_condition  # noqa: SLF001
_COMPARISONS: Final = frozenset({"EQ", "NE", "LT", "GT", "LE", "GE"})
_WORDS: Final = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN"})
_FUNCTIONS: Final = frozenset({"attribute_exists", "attribute_not_exists", "begins_with"})


@wraps(_evaluate)
def evaluate(expression: Any, item: Any, values: Any, names: Any, slot: str = "ConditionExpression") -> Any:  # noqa: ANN401 - it stands in for ministack's own
    """What ministack's own function answers, for conditions of the usual form without reading them again."""
    parts = _parts(expression, slot) if type(expression) is str else None
    if parts is not None and values is not None and names is not None:
        with contextlib.suppress(ValueError):  # ministack shall say what is wrong
            return all([part(item, values, names) for part in parts])  # noqa: C419 - all of them may be wrong
    return _evaluate(expression, item, values, names, slot=slot)


class _Read(NamedTuple):
    part: Part
    after: int


@lru_cache(PARSED)
def _parts(expression: str, slot: str) -> tuple[Part, ...] | None:
    """What an item has to fulfil, or None where the condition has another form, or is wrong."""
    try:
        tokens = [token for token in dynamodb._tokenize(expression) if token[0] != "EOF"]  # noqa: SLF001
    except ValueError:
        return None
    if not tokens or _is_wrong(expression, tokens, slot):
        return None
    kinds, found, place = [*map(_kind, tokens)], list[Part](), 0
    while read := _read(tokens, kinds, place):
        found.append(read.part)
        if read.after == len(tokens):
            # A query's bounds are checked once, by the query; those of other conditions whenever they are asked.
            return tuple(found) if slot == _KEY or "BETWEEN" not in kinds else None
        if kinds[read.after] != "AND":
            return None
        place = read.after + 1
    return None


def _is_wrong(expression: str, tokens: list[Token], slot: str) -> bool:
    return bool(
        dynamodb._check_redundant_parens(tokens, slot)  # noqa: SLF001
        or dynamodb._check_reserved_keyword_usage(tokens)  # noqa: SLF001
        or dynamodb._condition_syntax_error(expression, slot)  # noqa: SLF001
    )


def _kind(token: Token) -> str:
    kind, text = token
    if kind in _COMPARISONS:
        return "compare"
    if kind == "VALUE_REF":
        return "value"
    if kind == "IDENT" and text.upper() in _WORDS:
        return text.upper()
    if kind == "IDENT" and text.lower() in _FUNCTIONS:
        return text.lower()
    return "name" if kind in {"IDENT", "NAME_REF"} else kind


def _read(tokens: list[Token], kinds: list[str], place: int) -> _Read | None:
    """The part that begins there, and where it ends."""
    for form, make in _FORMS.items():
        after = place + len(form)
        if tuple(kinds[place:after]) == form:
            return _Read(make(tokens[place:after]), after)
    return None


def _comparison(name: Token, operator: str, value: str) -> Part:
    attribute = name[1]
    return lambda item, values, names: _compare(
        _get(item, names.get(attribute, attribute)), operator, values.get(value)
    )


def _between(name: Token, low: str, high: str) -> Part:
    attribute = name[1]

    def holds(item: Any, values: Mapping[str, Any], names: Mapping[str, str]) -> bool:  # noqa: ANN401 - an item
        found = _get(item, names.get(attribute, attribute))
        return bool(_compare(values.get(low), "<=", found) and _compare(found, "<=", values.get(high)))

    return holds


def _existence(name: Token, *, wanted: bool) -> Part:
    attribute = name[1]
    return lambda item, _, names: (_get(item, names.get(attribute, attribute)) is not None) is wanted


def _as_ministack(tokens: list[Token]) -> Part:
    return lambda item, values, names: dynamodb._ExprEval(tokens, item, values, names).evaluate()  # noqa: SLF001


def _get(item: Any, attribute: str) -> Any:  # noqa: ANN401 - an item, or none
    return item.get(attribute) if item else None


_FORMS: Final[dict[tuple[str, ...], Callable[[list[Token]], Part]]] = {
    ("name", "compare", "value"): lambda tokens: _comparison(tokens[0], tokens[1][1], tokens[2][1]),
    ("name", "BETWEEN", "value", "AND", "value"): lambda tokens: _between(tokens[0], tokens[2][1], tokens[4][1]),
    ("attribute_exists", "LPAREN", "name", "RPAREN"): lambda tokens: _existence(tokens[2], wanted=True),
    ("attribute_not_exists", "LPAREN", "name", "RPAREN"): lambda tokens: _existence(tokens[2], wanted=False),
    ("begins_with", "LPAREN", "name", "COMMA", "value", "RPAREN"): _as_ministack,
}
