"""Between Python and JSON: snake_case and camelCase, Decimal and plain strings, datetime and RFC 3339; no float."""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from metering_client.errors import UnexpectedAnswerError

T = TypeVar("T")

KEYED_BY_CALLERS: Final = frozenset({"usage", "metrics", "tags", "customers"})
"""Fields whose own fields are named by callers: metrics, tags, users. These names are sent as they are."""
_DECIMALS: Final = 12
_SMALLEST: Final = Decimal(1).scaleb(-_DECIMALS)


def given(**values: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """The values that are not None."""
    return {name: value for name, value in values.items() if value is not None}


# ---------------------------------------------------------------------------- To JSON


@cache
def camel(name: str) -> str:
    """`idempotency_key` as `idempotencyKey`, `from_` as `from`; what is in camelCase stays."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def encode(value: Any) -> Any:  # noqa: ANN401  # JSON
    """A value as JSON's own types.

    Raises:
        TypeError: a float where it could be money, or something that JSON has no form for.
    """
    if isinstance(value, Mapping):
        return {camel(name): _encode_field(camel(name), part) for name, part in value.items()}
    return _encode_plain(value)


def _encode_field(name: str, value: Any) -> Any:  # noqa: ANN401  # JSON
    if name in KEYED_BY_CALLERS and isinstance(value, Mapping):
        return {key: _encode_quantity(part) if name == "usage" else encode(part) for key, part in value.items()}
    return encode(value)


def _encode_quantity(value: Any) -> Any:  # noqa: ANN401  # whatever the caller counts in
    return plain(Decimal(repr(value)).quantize(_SMALLEST, ROUND_HALF_EVEN)) if type(value) is float else encode(value)


def _encode_plain(value: Any) -> Any:  # noqa: ANN401  # JSON
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [encode(part) for part in value]
    hint = ": use Decimal or a string, which lose nothing" if isinstance(value, float) else ""
    raise TypeError(f"{value!r} of {type(value).__name__} cannot be sent{hint}")


def plain(number: Decimal) -> str:
    """A decimal string without an exponent or needless zeros.

    Raises:
        TypeError: it is not a number.
    """
    if not number.is_finite():
        raise TypeError(f"{number} cannot be sent: it is not a number")
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC.

    Raises:
        TypeError: it has no time zone.
    """
    if moment.tzinfo is None:
        raise TypeError(f"{moment!r} cannot be sent: it has no time zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def dumps(value: Any) -> bytes:  # noqa: ANN401  # JSON
    """JSON as it is sent."""
    return json.dumps(encode(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


# ---------------------------------------------------------------------------- From JSON

Reader = Callable[[Any], Any]


def loads(text: str | bytes) -> Any:  # noqa: ANN401  # JSON
    """JSON, its fractions as Decimal."""
    return json.loads(text, parse_float=Decimal)


def read(kind: type[T], value: Any) -> T:  # noqa: ANN401  # JSON
    """A value of `kind` of JSON.

    Raises:
        UnexpectedAnswerError: the JSON does not fit.
    """
    try:
        found: T = _reader(cast("Hashable", kind))(value)
    except (TypeError, ValueError, ArithmeticError, KeyError) as error:
        raise UnexpectedAnswerError(f"the answer is no {kind.__name__}: {type(error).__name__}: {error}") from error
    return found


@cache
def _reader(kind: Any) -> Reader:  # noqa: ANN401  # a type or a form of types
    if is_dataclass(kind):
        return _object_reader(kind)
    if kind in _SCALARS:
        return _SCALARS[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin is list:
        part = _reader(parts[0])
        return lambda value: [part(one) for one in value]
    if origin is dict:
        part = _reader(parts[1])
        return lambda value: {key: part(one) for key, one in value.items()}
    if origin in {UnionType, Union} and NoneType in parts:
        [some] = [_reader(one) for one in parts if one is not NoneType]
        return lambda value: None if value is None else some(value)
    if origin is Literal:
        return _as_it_is
    raise TypeError(f"nothing reads {kind}")


def _object_reader(kind: Any) -> Reader:  # noqa: ANN401  # a dataclass
    hints = get_type_hints(kind)
    parts = [(field.name, camel(field.name), _reader(hints[field.name])) for field in fields(kind)]
    # What a newer service says beyond this is left out; what has a default may be missing.
    return lambda value: kind(**{name: part(value[wire]) for name, wire, part in parts if wire in value})


def _as_it_is(value: Any) -> Any:  # noqa: ANN401  # JSON
    return value


def _nothing(_: Any) -> None:  # noqa: ANN401  # JSON
    return None


def _exactly(kind: type) -> Reader:
    def checked(value: Any) -> Any:  # noqa: ANN401  # JSON
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}")
        return value

    return checked


_SCALARS: Final[Mapping[Any, Reader]] = {
    str: _exactly(str),
    int: _exactly(int),
    bool: _exactly(bool),
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Any: _as_it_is,
    NoneType: _nothing,
}
