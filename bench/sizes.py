"""The size of an item by DynamoDB's published rules, which write units are counted from.

See "Item sizes and formats" in Amazon's developer guide: names and strings in UTF-8; a number about a byte for two
significant digits and one more, and one for the sign if it is negative; a document three bytes, and one for each of
its members.
"""

from collections.abc import Callable
from typing import Any

_OVERHEAD = 3


def item_size(item: dict[str, Any]) -> int:
    """Bytes of an item in wire form, its attributes' names among them."""
    return sum(_text_size(name) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    [(kind, content)] = value.items()
    if kind in _SCALARS:
        return _SCALARS[kind](content)
    if kind == "SS":
        return sum(map(_text_size, content))
    members = [_text_size(name) + _value_size(each) for name, each in content.items()] if kind == "M" else []
    members += [_value_size(each) for each in content] if kind == "L" else []
    return _OVERHEAD + len(members) + sum(members)


def _text_size(text: str) -> int:
    return len(text.encode())


def _number_size(text: str) -> int:
    digits = text.lstrip("-").strip("0") or "0"
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


_SCALARS: dict[str, Callable[[Any], int]] = {
    "S": _text_size,
    "N": _number_size,
    "B": len,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
}
