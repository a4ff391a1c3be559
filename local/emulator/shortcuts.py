"""What ministack does for each item again is done once: the answers are the same, a query of many items twice as fast.

It parses a query's expressions for every item that it looks at, reads a number anew each time that it measures an item,
and copies items as if they could hold anything, on the one thread that serves everything else, too.
"""

import copy
import re
from collections.abc import Callable
from functools import lru_cache, wraps
from types import SimpleNamespace
from typing import Any, Final, TypeAlias, TypeVar

from ministack.services import dynamodb

from local.emulator import conditions

Item: TypeAlias = dict[str, Any]
T = TypeVar("T")

PARSED = 1024  # expressions
NUMBERS = 16_384
_LEAVES: Final = frozenset({str, bytes, bool, int, float, type(None)})
_PLAIN = re.compile(r"\s*#?\w+\s*(,\s*#?\w+\s*)*")  # names of whole attributes, no paths into them
_NAMES = "local:names"  # a request keeps them under this key

_project = dynamodb._apply_projection  # noqa: SLF001 - it has no public name


def install() -> None:
    """Take the place of ministack's own functions. To be called before the first request."""
    dynamodb._tokenize = lru_cache(PARSED)(dynamodb._tokenize)  # noqa: SLF001 - they have no public names
    dynamodb._condition_syntax_error = lru_cache(PARSED)(dynamodb._condition_syntax_error)  # noqa: SLF001
    dynamodb._apply_projection = _apply_projection  # noqa: SLF001
    dynamodb._evaluate_condition = conditions.evaluate  # noqa: SLF001
    for of_number in ("_number_error", "_number_size_bytes", "_ddb_canonicalize_number"):
        setattr(dynamodb, of_number, _remembered(getattr(dynamodb, of_number)))
    dynamodb.copy = SimpleNamespace(deepcopy=_copy_tree)


def copy_nothing() -> None:
    """From now on hand out ministack's state itself, not a copy. Nothing may change it afterwards."""
    vars(copy)["deepcopy"] = vars(dynamodb.copy)["deepcopy"] = _as_it_is


def _as_it_is(value: Any, _memo: Any = None) -> Any:  # noqa: ANN401 - it stands in for deepcopy
    return value


def _copy_tree(value: Any) -> Any:  # noqa: ANN401 - it stands in for deepcopy
    """A copy of plain JSON; what else there is, deepcopy copies."""
    kind = type(value)
    if kind is dict:
        return {name: part if type(part) is str else _copy_tree(part) for name, part in value.items()}
    if kind is list:
        return list(map(_copy_tree, value))
    return value if kind in _LEAVES else copy.deepcopy(value)


def _remembered(function: Callable[[Any], T]) -> Callable[[Any], T]:
    """The function, which is asked but once about a text."""
    of_text = lru_cache(NUMBERS)(function)

    @wraps(function)
    def answer(value: Any) -> T:  # noqa: ANN401 - a caller may send anything in place of a number
        return of_text(value) if type(value) is str else function(value)

    return answer


def _apply_projection(item: Item, request: Item) -> Item:
    """The attributes of an item that a request asks for. The first item has ministack check what is asked for."""
    names = request.get(_NAMES)
    if names:
        return {name: item[name] for name in names if name in item}
    projected: Item = _project(item, request)
    if names is None:
        request[_NAMES] = _plain_names(request)
    return projected


def _plain_names(request: Item) -> tuple[str, ...]:
    """The names of the attributes in a projection, or none if it is not made of names alone."""
    projection = request.get("ProjectionExpression") or ""
    if not _PLAIN.fullmatch(projection):
        return ()
    aliases = request.get("ExpressionAttributeNames", {})
    return tuple(aliases.get(name, name) for name in map(str.strip, projection.split(",")))
