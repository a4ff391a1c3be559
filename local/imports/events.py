"""Events as importers read them: fields by name, and where in the input each event stands."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from metering.domain.usage import UsageEvent

USAGE: Final = "usage."
TAGS: Final = "tags."
INTEGERS: Final = frozenset({"stepIndex", "durationMs"})
FIELDS: Final = frozenset(
    each.alias
    for each in UsageEvent.model_fields.values()
    if each.alias and each.alias not in {"usage", "tags", "idempotencyKey"}
)
"""The fields of an event that can be set by name, beside its metrics and tags. Its key is the importer's."""

MOST_EVENTS: Final = 500
"""Events of one batch, by the API."""

MOST_BYTES: Final = 250_000
"""Bytes of one batch's events; the API takes bodies of 262,144."""


class Event(NamedTuple):
    """A usage event, and where it was read, for messages."""

    origin: str
    payload: dict[str, Any]


class Fault(NamedTuple):
    """A place of the input that is no event, and why."""

    origin: str
    reason: str


class FieldError(ValueError):
    """A name or a value that no event has."""


def check_field(name: str) -> None:
    """Raises `FieldError` where no event has a field of this name."""
    nested = any(name.startswith(prefix) and name != prefix for prefix in (USAGE, TAGS))
    if not nested and name not in FIELDS:
        raise FieldError(
            f"no event has a field {name!r}; there are {', '.join(sorted(FIELDS))}, usage.<metric>, tags.<tag>"
        )


def set_field(payload: dict[str, Any], name: str, text: str) -> None:
    """Sets a field, by a name that `check_field` accepts, from text.

    Raises:
        FieldError: the text is no integer where one is needed.
    """
    for prefix in (USAGE, TAGS):
        if name.startswith(prefix):
            payload.setdefault(prefix[:-1], {})[name.removeprefix(prefix)] = text
            return
    if name in INTEGERS:
        try:
            payload[name] = int(text)
        except ValueError:
            raise FieldError(f"{name} must be an integer, not {text!r}") from None
    else:
        payload[name] = text


def set_fields(payload: dict[str, Any], values: Mapping[str, str]) -> None:
    for name, text in values.items():
        set_field(payload, name, text)


@dataclass(slots=True)
class Batch:
    """Events that fit one request, each with its JSON, and the faults that were met on the way to them."""

    events: list[Event] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    size: int = 0

    def has_room_for(self, body: bytes) -> bool:
        """Whether one more event fits."""
        return len(self.events) < MOST_EVENTS and self.size + len(body) < MOST_BYTES

    def add(self, event: Event, body: bytes) -> None:
        self.events.append(event)
        self.bodies.append(body)
        self.size += len(body) + 1


def in_batches(items: Iterable[Event | Fault]) -> Iterator[Batch]:
    """The items in order, in as few batches as hold them."""
    batch = Batch()
    for item in items:
        if isinstance(item, Fault):
            batch.faults.append(item)
            continue
        body = json.dumps(item.payload, separators=(",", ":")).encode()
        if len(body) >= MOST_BYTES:
            batch.faults.append(Fault(item.origin, f"the event is over {MOST_BYTES:,} bytes"))
            continue
        if not batch.has_room_for(body):
            yield batch
            batch = Batch()
        batch.add(item, body)
    if batch.events or batch.faults:
        yield batch
