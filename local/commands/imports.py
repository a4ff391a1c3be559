"""`metering import`: usage that has been recorded elsewhere."""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from local.client import Client
from local.commands.service import (
    DEFAULT_URL,
    FAILED,
    INTERRUPTED,
    WRONG_USE,
    AsJson,
    Key,
    Url,
    fail,
    service_errors,
)
from local.imports.claude_code import NotATranscriptError, Transcripts
from local.imports.csv_rows import CsvError, CsvFile
from local.imports.events import Event, Fault, FieldError, check_field, set_fields
from local.imports.sending import Importer, OnConflict, StoppedError, Summary

app = typer.Typer(no_args_is_help=True, help="Import usage that was recorded elsewhere. Safe to repeat, and to cut short.")

NOTHING_TWICE: Final = "Run the same command again to go on: what is recorded is recognised, and counted once."


class Source(Protocol):
    """Input that knows how much of it has been read."""

    bytes_total: int
    bytes_read: int

    def events(self) -> Iterator[Event | Fault]: ...


Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="A field that all events have, such as userId=ada or tags.team=x."),
]
Column = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="FIELD=COLUMN", help="The column that has a field, such as occurredAt=TIMESTAMP."),
]
KeyColumn = Annotated[
    str | None, typer.Option(help="The column whose value is the event's idempotency key, as it is.", metavar="COLUMN")
]
Name = Annotated[
    str, typer.Option(help="What the keys of rows without a key column begin with; by default the file's name.")
]
Delimiter = Annotated[str, typer.Option(help="What stands between cells.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file with a header, UTF-8.")]
TranscriptPath = Annotated[
    Path, typer.Argument(exists=True, help="A transcript, a project's folder, or Claude Code's own, such as ~/.claude.")
]


@app.command("claude-code")
def import_claude_code(
    path: TranscriptPath,
    *,
    key: Key,
    url: Url = DEFAULT_URL,
    fixed: Set = None,
    as_json: AsJson = False,
) -> None:
    """Import the model calls of Claude Code's transcripts, each once.

    The run of a call is its session. A call that is still streaming is left for the next import. Calls that resumed
    and forked sessions have copied are not counted again.

    Examples:

        metering import claude-code ~/.claude --set userId=ada

        metering import claude-code ~/.claude/projects/-home-ada-shop --json

    Exit codes: 0 all is recorded · 1 the service refused some events · 2 wrong use · 3 the service is out of reach ·
    130 interrupted.
    """
    values = _pairs(fixed, "--set")
    try:
        transcripts = Transcripts(path.expanduser(), datetime.now(UTC))
    except NotATranscriptError as error:
        raise fail(str(error), WRONG_USE) from None
    summary = _import(_With(transcripts, values), Client(url, key), "differs", as_json=as_json)
    if summary.errors:
        raise typer.Exit(FAILED)


@app.command("csv")
def import_csv(  # noqa: PLR0913 - they are the command's options
    file: File,
    *,
    key: Key,
    url: Url = DEFAULT_URL,
    columns: Column = None,
    fixed: Set = None,
    key_column: KeyColumn = None,
    name: Name = "",
    delimiter: Delimiter = ",",
    as_json: AsJson = False,
) -> None:
    """Import the rows of a CSV file, each as one event.

    Fields are the API's: occurredAt, service, provider, modelId, runId, userId, usage.<metric>, tags.<tag> and so on.
    A time without a zone is UTC.

    Without --key-column a row's key is csv/<name>/<its number>. So a file may grow at its end and be imported again.
    If rows were moved or edited in between, the import stops at the first that differs. Another file of the same name
    needs a --name of its own; the same file under a new name needs the old one.

    Example:

        metering import csv trace.csv --column occurredAt=TIMESTAMP --column usage.inputTokens=ContextTokens
        --column usage.outputTokens=GeneratedTokens --set service=opencode --set modelId=openai/gpt-4o

    Exit codes: 0 all is recorded · 1 some rows are no events, or refused · 2 wrong use · 3 the service is out of reach
    · 130 interrupted.
    """
    try:
        source = CsvFile(file, _pairs(columns, "--column"), _pairs(fixed, "--set"), key_column, name, delimiter)
    except CsvError as error:
        raise fail(str(error), WRONG_USE) from None
    summary = _import(source, Client(url, key), "error" if key_column else "stop", as_json=as_json)
    if summary.errors or summary.malformed:
        raise typer.Exit(FAILED)


def _pairs(options: Sequence[str] | None, option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in options or ():
        name, separator, value = text.partition("=")
        try:
            check_field(name)
        except FieldError as error:
            raise fail(f"{option} {text}: {error}", WRONG_USE) from None
        if not separator or not value or name in pairs:
            raise fail(f"{option} {text}: say FIELD=VALUE, once a field", WRONG_USE)
        pairs[name] = value
    return pairs
