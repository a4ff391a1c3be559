"""Answers as tables."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.client import Json

MOST_COLUMNS: Final = 8
PIPED_WIDTH: Final = 240
"""Characters of a line that nobody's window limits."""
_OF_LISTS: Final = frozenset({"items", "nextCursor", "total", "period", "asOf", "final"})
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_NUMBERS: Final = ("Usd", "records", "unrated", "limit", "used", "remaining", "held")


def show(answer: Json, columns: Sequence[str]) -> None:
    """Prints an answer: a list as a table, anything else as names and values, with its own lists below."""
    console = Console()
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    if not answer:
        console.print("Done.")
        return
    items = answer.get("items")
    if isinstance(items, list):
        rest = {name: value for name, value in answer.items() if name not in _OF_LISTS}
        if rest:
            _show_values(console, rest)
        _show_list(console, items, columns)
        _show_total(console, answer)
    else:
        _show_values(console, answer)


def _show_total(console: Console, answer: Json) -> None:
    match answer.get("total"):
        case {"costUsd": str(cost), "records": int(records)}:
            console.print(Text(f"In total {cost} USD, {records:,} records."))
    if answer.get("nextCursor"):
        console.print(Text("There are more: --all shows them."))


def _show_list(console: Console, items: Sequence[Json], columns: Sequence[str]) -> None:
    if not items:
        console.print("There is nothing.")
        return
    wanted = columns or list(_plain_names(items[0]))[:MOST_COLUMNS]
    there = [column for column in wanted if any(_at(item, column) is not None for item in items)]
    table = Table(box=None, padding=(0, 2), header_style="bold")
    for column in there:
        table.add_column(column, justify="right" if column.endswith(_NUMBERS) else "left", overflow="fold")
    for item in items:
        table.add_row(*(Text(_said(_at(item, column))) for column in there))
    console.print(table)


def _plain_names(item: Json) -> Iterator[str]:
    return (name for name, value in item.items() if not isinstance(value, list | dict) and f"{name}Usd" not in item)


def _at(item: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    for name in path.split("."):
        item = item.get(name) if isinstance(item, dict) else None
    return item


def _show_values(console: Console, answer: Json) -> None:
    table = Table(box=None, padding=(0, 2), show_header=False)
    lists = {}
    for name, value in _flat(answer):
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lists[name] = value
        elif not (value is None and "." in name):
            table.add_row(Text(name, "bold"), Text(_said(value)))
    console.print(table)
    for name, items in lists.items():
        console.print(Text(f"\n{name}", "bold"))
        _show_list(console, items, ())


def _flat(tree: Json, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if f"{name}Usd" in tree:  # the exact figure beside it says more
            continue
        if isinstance(value, dict) and value and not _is_money(value):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _is_money(value: Json) -> bool:
    return value.keys() == {"amount", "currency"}


def _said(value: Any) -> str:  # noqa: ANN401 - JSON
    if value in (None, [], {}):
        return "–"
    match value:
        case str() if _INSTANT.fullmatch(value):
            return f"{value[:10]} {value[11:19]}"
        case bool():
            return "yes" if value else "no"
        case dict():
            named = (f"{name}={_said(inner)}" for name, inner in value.items())
            return f"{value['amount']:,} cents" if _is_money(value) else _joined(named)
        case list():
            return _joined(map(_said, value))
    return str(value)


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)
