"""Answers as tables."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.client import Json

MOST_COLUMNS: Final = 8
_NUMBERS: Final = ("Usd", "records", "unrated", "limit", "used", "remaining", "held")


def show(answer: Json, columns: Sequence[str]) -> None:
    """Prints an answer: a list as a table, anything else as names and values, with its own lists below."""
    console = Console()
    if not answer:
        console.print("Done.")
        return
    items = answer.get("items")
    if isinstance(items, list):
        _show_list(console, items, columns)
    else:
        _show_values(console, answer)
    if isinstance(answer.get("total"), dict):
        console.print(Text(f"In total {answer['total']['costUsd']} USD, {answer['total']['records']:,} records."))
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
    return (name for name, value in item.items() if not isinstance(value, list | dict))


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
        elif name != "total":
            table.add_row(Text(name, "bold"), Text(_said(value)))
    console.print(table)
    for name, items in lists.items():
        console.print(Text(f"\n{name}", "bold"))
        _show_list(console, items, ())


def _flat(tree: Json, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict) and value and not _is_money(value):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _is_money(value: Json) -> bool:
    return value.keys() == {"amount", "currency"}


def _said(value: Any) -> str:  # noqa: ANN401 - JSON
    match value:
        case None | [] | {}:
            return "–"
        case bool():
            return "yes" if value else "no"
        case dict() if _is_money(value):
            return f"{value['amount']:,} cents"
        case dict():
            return _joined(f"{name}={_said(inner)}" for name, inner in value.items())
        case list():
            return _joined(map(_said, value))
    return str(value)


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)
