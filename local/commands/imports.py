"""`metering import`: usage that has been recorded elsewhere."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from local.client import Client, ClientError
from local.commands.service import (
    DEFAULT_URL,
    FAILED,
    INTERRUPTED,
    OUT_OF_REACH,
    WRONG_USE,
    AsJson,
    Key,
    Url,
    fail,
)
from local.imports.claude_code import NotATranscriptError, Transcripts
from local.imports.csv_rows import CsvError, CsvFile
from local.imports.events import Event, Fault, FieldError, check_field, set_field
from local.imports.sending import Importer, OnConflict, StoppedError, Summary, in_usd

app = typer.Typer(
    no_args_is_help=True, help="Import usage that was recorded elsewhere. Safe to repeat, and to cut short."
)

NOTHING_TWICE: Final = "Run the same command again to go on: what is recorded is recognised, and counted once."


class Source(Protocol):
    """Input that knows how much of it has been read."""

    bytes_total: int
    bytes_read: int
    notices: Counter[str]

    def events(self) -> Iterator[Event | Fault]: ...


Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="FIELD=VALUE", help="A field that all events have, such as userId=ada or tags.team=x."
    ),
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

    For example:

        metering import claude-code ~/.claude --set userId=ada

        metering import claude-code ~/.claude/projects/-home-ada-shop --json

    Exit codes: 0 all is recorded · 1 the service refused some events · 2 wrong use · 3 the service is out of reach ·
    130 interrupted.
    """
    try:
        transcripts = Transcripts(path, datetime.now(UTC), _pairs(fixed, "--set"))
    except NotATranscriptError as error:
        raise fail(str(error), WRONG_USE) from None
    summary = _import(transcripts, Client(url, key), "differs", as_json=as_json)
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

    For example:

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
            if option == "--set":
                set_field({}, name, value)
        except FieldError as error:
            raise fail(f"{option} {text}: {error}", WRONG_USE) from None
        if not separator or not value or name in pairs:
            raise fail(f"{option} {text}: say FIELD=VALUE, once a field", WRONG_USE)
        pairs[name] = value
    return pairs


def _import(source: Source, client: Client, on_conflict: OnConflict, *, as_json: bool) -> Summary:
    """Sends all events of the source and prints the summary, however it ends."""
    importer = Importer(client, on_conflict)
    ending: tuple[str, int] | None = None
    try:
        _send_all(importer, source, client)
    except KeyboardInterrupt:
        ending = f"Interrupted. {NOTHING_TWICE}", INTERRUPTED
    except (StoppedError, CsvError) as error:
        ending = f"Stopped: {error}", FAILED
    except ClientError as error:
        ending = f"{error}. {NOTHING_TWICE}", OUT_OF_REACH
    importer.summary.notices = source.notices
    _print_summary(importer.summary, as_json=as_json)
    if ending:
        raise fail(*ending)
    return importer.summary


def _send_all(importer: Importer, source: Source, client: Client) -> None:
    with client, _progress() as progress:
        bar = progress.add_task("", total=source.bytes_total)
        for summary in importer.send(source.events()):
            progress.update(bar, completed=source.bytes_read, description=f"{summary.events:,} events")
        importer.finish()


def _progress() -> Progress:
    """A progress bar on stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _print_summary(summary: Summary, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(summary.to_json(), indent=2))
        return
    counts = Table.grid(padding=(0, 2))
    counts.add_column(justify="right")
    for count, meaning in _counts(summary):
        counts.add_row("?" if count is None else f"{count:,}", meaning)
    costs = Table("service", "model", "events", "cost USD")
    for column in costs.columns[2:]:
        column.justify = "right"
    for (service, model), (events, cost) in sorted(summary.models.items(), key=lambda item: -item[1].cost):
        costs.add_row(service, model or "", f"{events:,}", in_usd(cost))
    costs.add_section()
    costs.add_row("all", "", f"{summary.events:,}", in_usd(summary.cost))
    Console().print(counts, costs, sep="\n")
    for detail in summary.details:
        sys.stderr.write(f"{detail}\n")


def _counts(summary: Summary) -> list[tuple[int | None, str]]:
    always = [
        (summary.recorded, "recorded"),
        (summary.duplicates, "duplicates, recorded before"),
        (summary.unrated, "unrated: they use a metric that has no rate"),
        (summary.errors, "errors"),
    ]
    sometimes = [
        (summary.differing, "recorded before with other details, which stand"),
        (summary.malformed, "places of the input that are no event"),
        *((count, meaning) for meaning, count in summary.notices.items()),
    ]
    return [*always, *((count, meaning) for count, meaning in sometimes if count)]
