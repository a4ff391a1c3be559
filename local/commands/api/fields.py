"""The options of an operation, from the schemas of its path, query and body; and how their text becomes JSON."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from metering.http.glossary import described
from metering.http.operation import Operation

Kind = Literal["text", "integer", "flag", "json", "map", "list", "cost"]
Schema = Mapping[str, Any]

_RENAMED: Final = {"url": "endpoint", "key": "key-id"}
"""What options of every command are called already."""
_PARAMETER = re.compile(r"\{(\w+)\+?\}")
_UPPER = re.compile(r"(?<!^)(?=[A-Z])")
_CENTS: Final = 100
_NOT_A_NUMBER: Final = Decimal("NaN")


class FieldError(Exception):
    """A value that does not fit its field; the message is for who typed it."""


@dataclass(frozen=True)
class Field:
    """One argument or option."""

    place: Literal["path", "query", "body"]
    path: tuple[str, ...]
    kind: Kind
    schema: Schema = field(compare=False)
    required: bool = False

    @property
    def parameter(self) -> str:
        """As a Python name, which no keyword is."""
        return f"field_{self.option.replace('-', '_')}"

    @property
    def option(self) -> str:
        name = _UPPER.sub("-", self.path[-1]).lower()
        return name if self.place == "path" else _RENAMED.get(name, name)

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(map(str, self.schema.get("enum", ())))

    def parse(self, text: Any) -> Any:  # noqa: ANN401 - JSON
        """The value as JSON; `null` is the word for none.

        Raises:
            FieldError: it does not fit.
        """
        try:
            if text in ("null", ["null"]) and self.place == "body":
                return None
            if self.kind == "flag" and self.place == "query":
                return "true"
            return _PARSERS[self.kind](self.schema, text)
        except (ValueError, FieldError) as error:
            raise FieldError(f"--{self.option}: {error}") from None


def _list_of(schema: Schema, texts: list[str]) -> list[Any]:
    integers = schema.get("items", {}).get("type") == "integer"
    return [_integer(text) if integers else text for text in texts]


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise FieldError(f"must be a whole number, and is {text}") from None


def _map_of(schema: Schema, pairs: list[str]) -> dict[str, Any]:
    [value] = schema.get("patternProperties", {"": schema.get("additionalProperties", {})}).values()
    found = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise FieldError(f"needs NAME=VALUE, and got {pair}")
        found[name] = _rate(text) if "per" in value.get("properties", {}) else text
    return found


def _rate(text: str) -> Any:  # noqa: ANN401 - JSON
    """A price as `3/1000000`, or the whole rate as JSON."""
    if text.startswith("{"):
        return json.loads(text)
    price, slash, per = text.partition("/")
    return {"priceUsd": price, "per": _integer(per)} if slash else {"priceUsd": price, "per": 1}


def _cost(_: Schema, text: str) -> dict[str, Any]:
    """A cost limit as `5.00` or `5.00/day`, in dollars, or as JSON."""
    if text.startswith("{"):
        found: dict[str, Any] = json.loads(text)
        return found
    dollars, _slash, period = text.partition("/")
    try:
        cents = Decimal(dollars) * _CENTS
    except InvalidOperation:
        cents = _NOT_A_NUMBER
    if not cents.is_finite() or cents != cents.to_integral_value():
        raise FieldError("is in dollars and whole cents, such as 5.00/day")
    return {"amount": int(cents), "currency": "usd", **({"period": period} if period else {})}


_PARSERS: Final[dict[Kind, Callable[[Schema, Any], Any]]] = {
    "text": lambda _, text: text,
    "integer": lambda _, text: _integer(text),
    "flag": lambda _, value: value,
    "json": lambda _, text: json.loads(text),
    "list": _list_of,
    "map": _map_of,
    "cost": _cost,
}


def fields_of(operation: Operation) -> list[Field]:
    """All of an operation's fields; an object's stand for themselves, one level deep."""
    text = {"type": "string"}
    found = [Field("path", (name,), "text", text, required=True) for name in _PARAMETER.findall(operation.path)]
    if operation.query is not None:
        found += _fields_in("query", operation.query.model_json_schema(by_alias=True), operation.name)
    body = operation.document_body or operation.body
    if body is not None:
        found += _fields_in("body", body.model_json_schema(by_alias=True), body.__name__)
    return found


def _fields_in(place: Literal["query", "body"], model: Schema, owner: str) -> Iterator[Field]:
    definitions = model.get("$defs", {})
    for name, declared in described(owner, model["properties"]).items():
        schema = _resolved(declared, definitions)
        required = name in model.get("required", ())
        kind = _kind(schema)
        if kind is not None:
            yield Field(place, (name,), kind, schema, required)
            continue
        for inner, declared_inside in described(schema["title"], schema["properties"]).items():
            nested = _resolved(declared_inside, definitions)
            needed = required and inner in schema.get("required", ())
            yield Field(place, (name, inner), _kind(nested) or "json", nested, needed)


def _resolved(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """The schema without null, references followed."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    kept = {name: value for name, value in schema.items() if name != "anyOf"}
    if len(options) == 1:
        return _resolved({**kept, **options[0]}, definitions)
    if "$ref" in kept:
        name = kept.pop("$ref").rpartition("/")[2]
        return _resolved({**definitions[name], **kept}, definitions)
    maps = schema.get("patternProperties")
    if maps:
        return {**schema, "patternProperties": {name: _resolved(one, definitions) for name, one in maps.items()}}
    return schema


def _kind(schema: Schema) -> Kind | None:
    """None: an object whose fields are options of their own."""
    kind = schema.get("type")
    if schema.get("enum") == ["true", "false"]:
        return "flag"
    if kind == "object" or "properties" in schema:
        inner = schema.get("properties", {})
        if "amount" in inner and "currency" in inner:
            return "cost"
        return None if inner else "map"
    if kind == "array":
        return "json" if "properties" in schema["items"] or "$ref" in schema["items"] else "list"
    kinds: dict[Any, Kind] = {"integer": "integer", "boolean": "flag"}
    return kinds.get(kind, "text")
