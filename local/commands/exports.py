"""`metering export`: usage as files on this machine."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from local.client import Client, Json
from local.commands.service import (
    DEFAULT_URL,
    FAILED,
    OUT_OF_REACH,
    WRONG_USE,
    AsJson,
    Key,
    Url,
    fail,
    service_errors,
)
from local.exports import DamagedError, check_sum, fetch, follow, start
from metering.domain.exports import Format, GroupBy

app = typer.Typer()

FORMATS: Final = ", ".join(get_args(Format))
GROUPS: Final = ", ".join(get_args(GroupBy))
FETCH_SECONDS: Final = 60.0

FormatName = Annotated[str, typer.Argument(metavar="FORMAT", help=f"One of {FORMATS}.")]
First = Annotated[str, typer.Option("--from", metavar="DATE", help="The first day, UTC.")]
Last = Annotated[str, typer.Option("--to", metavar="DATE", help="The last day, which is in.")]
By = Annotated[str | None, typer.Option("--group-by", metavar="WHAT", help=f"Sums by {GROUPS}; csv and json only.")]
Option = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="NAME=VALUE", help="An option of the format; values are JSON or plain text."),
]
Folder = Annotated[Path, typer.Option("--output", file_okay=False, help="Where the files go.")]
Again = Annotated[
    str | None,
    typer.Option("--idempotency-key", metavar="KEY", help="Take up the export that was started with this key."),
]


@app.command()
def export(  # noqa: PLR0913 - they are the command's options
    export_format: FormatName,
    *,
    first: First,
    last: Last,
    key: Key,
    url: Url = DEFAULT_URL,
    group_by: By = None,
    option: Option = None,
    output: Folder = Path(),
    idempotency_key: Again = None,
    as_json: AsJson = False,
) -> None:
    """Export usage and fetch the files, checked: their checksums, and where rows have amounts, their sum.

    For example:

        metering export csv --from 2026-11-01 --to 2026-11-30 --group-by user

        metering export stripe --from 2026-11-01 --to 2026-11-30 --option markupBasisPoints=1000

    Exit codes: 0 the files are here · 1 the export failed, or a file is damaged · 2 wrong use · 3 the service refuses
    or is out of reach.
    """
    options = _options(option or [])
    body: Json = {"format": export_format, "period": {"start": first, "end": last}, "options": options}
    if group_by is not None:
        body["groupBy"] = group_by
    with service_errors(), Client(url, key) as client:
        export_id = start(client, body, idempotency_key or secrets.token_hex(16))
        done = _await(client, export_id)
    if done["status"] != "ready":
        raise fail(f"the export {export_id} failed: {done['error']}", FAILED)
    _tell(done, _fetch_all(done, options, output), as_json=as_json)


def _options(pairs: list[str]) -> Json:
    found: Json = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise fail(f"--option needs NAME=VALUE, and got {pair}", WRONG_USE)
        found[name] = _value(text)
    return found


def _value(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _await(client: Client, export_id: str) -> Json:
    columns = (TextColumn("exporting"), BarColumn(), MofNCompleteColumn(), TextColumn("days"))
    export: Json = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        for export in follow(client, export_id):
            days = export["progress"]
            progress.update(task, completed=days["done"], total=days["total"])
    return export


def _fetch_all(export: Json, options: Mapping[str, Any], folder: Path) -> Json:
    """Fetches the files; paths by kind, and whether the rows were added up."""
    found: Json = {}
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with httpx.Client(timeout=FETCH_SECONDS) as http:
            for file in export["files"]:
                path = folder / f"{export['exportId']}-{file['name']}"
                fetch(http, file, path)
                found[file["kind"]] = str(path)
        return {"files": found, "sumChecked": check_sum(export, options, Path(found["data"]))}
    except DamagedError as error:
        raise fail(str(error), FAILED) from None
    except httpx.HTTPError as error:
        raise fail(f"a file cannot be fetched: {error}", OUT_OF_REACH) from None


def _tell(export: Json, fetched: Json, *, as_json: bool) -> None:
    told = ("exportId", "format", "period", "total", "costUsd", "billed", "billedUsd", "skipped")
    if as_json:
        typer.echo(json.dumps({name: export[name] for name in told} | fetched, indent=2))
        return
    for kind, path in fetched["files"].items():
        typer.echo(f"{kind}: {path}")
    period = export["period"]
    typer.echo(f"From {period['start']} until {period['end']}: {export['costUsd']} USD, {export['billedUsd']} billed.")
    for one in export["skipped"]:
        typer.echo(f"left out: {one['userId'] or 'usage of no user'}, {one['billedUsd']} USD ({one['reason']})")
