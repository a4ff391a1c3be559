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
from local.commands.push import exit_after, prepare, push_export, summary_of, tell_pushed
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
TOLD: Final = (
    "exportId",
    "format",
    "period",
    "total",
    "costUsd",
    "billed",
    "billedUsd",
    "markupBasisPoints",
    "skipped",
)

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
Push = Annotated[bool, typer.Option("--push", help="Send the lines to Stripe; without --yes, say what would be sent.")]
Yes = Annotated[bool, typer.Option("--yes", help="With --push: really send them.")]
Live = Annotated[bool, typer.Option("--live", help="With --push: the key is a live one, and that is meant.")]
StripeUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="Another address than Stripe's own, such as stripe-mock's.")
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
    push: Push = False,
    yes: Yes = False,
    live: Live = False,
    stripe_url: StripeUrl = None,
    as_json: AsJson = False,
) -> None:
    """Export usage and fetch the files, checked: their checksums, and where rows have amounts, their sum.

    For example:

        metering export csv --from 2026-11-01 --to 2026-11-30 --group-by user

        metering export stripe --from 2026-11-01 --to 2026-11-30 --option markupBasisPoints=1000

        STRIPE_API_KEY=sk_test_… metering export stripe --from 2026-11-01 --to 2026-11-30 --push --yes

    Pushed twice, usage is billed once: what Stripe has already is found there. What it has with another amount is told
    and left alone.

    Exit codes: 0 the files are here, and with --push all is as it should be at Stripe · 1 the export failed, a file is
    damaged or cannot be kept, or lines differ from what Stripe has or could not be sent · 2 wrong use · 3 the service
    or Stripe refuses or is out of reach.
    """
    if (yes or live or stripe_url) and not push:
        raise fail("--yes, --live and --stripe-url are for --push", WRONG_USE)
    if push and export_format != "stripe":
        raise fail("only the format stripe is pushed", WRONG_USE)
    pushing = prepare(yes=yes, live=live, url=stripe_url) if push else None
    options = _options(option or [])
    body: Json = {"format": export_format, "period": {"start": first, "end": last}, "options": options}
    if group_by is not None:
        body["groupBy"] = group_by
    _make(output)
    with service_errors(), Client(url, key) as client:
        export_id = start(client, body, idempotency_key or secrets.token_hex(16))
        done = _await(client, export_id)
    if done["status"] != "ready":
        raise fail(f"the export {export_id} failed: {done['error']}", FAILED)
    fetched = _fetch_all(done, output)
    if not as_json:
        _tell(done, fetched)
    outcomes = push_export(pushing, Path(fetched["files"]["data"])) if pushing else []
    if as_json:
        told = {"push": summary_of(pushing, outcomes)} if pushing else {}
        typer.echo(json.dumps({name: done[name] for name in TOLD} | fetched | told, indent=2))
    elif pushing:
        tell_pushed(pushing, outcomes)
    exit_after(outcomes)


def _make(folder: Path) -> None:
    """Makes the folder, before anything is exported that could not be kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fail(f"--output: {error}", WRONG_USE) from None


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


def _fetch_all(export: Json, folder: Path) -> Json:
    """Fetches the files; paths by kind, whether the rows were added up, and the days that are not closed."""
    found: Json = {}
    try:
        with httpx.Client(timeout=FETCH_SECONDS) as http:
            for file in export["files"]:
                path = folder / f"{export['exportId']}-{file['name']}"
                fetch(http, file, path)
                found[file["kind"]] = str(path)
        return {"files": found, **_look_at(export, found)}
    except DamagedError as error:
        raise fail(str(error), FAILED) from None
    except httpx.HTTPError as error:
        raise fail(f"a file cannot be fetched: {error}", OUT_OF_REACH) from None
    except OSError as error:
        again = f"metering exports show {export['exportId']}"
        raise fail(f"a file cannot be kept: {error}; `{again}` has the links to fetch it elsewhere", FAILED) from None


def _look_at(export: Json, paths: Mapping[str, str]) -> Json:
    manifest = json.loads(Path(paths["manifest"]).read_text(encoding="utf-8"))
    open_days = [day["date"] for day in manifest["days"] if not day["final"]]
    return {"sumChecked": check_sum(export, manifest, Path(paths["data"])), "openDays": open_days}


def _tell(export: Json, fetched: Json) -> None:
    for kind, path in fetched["files"].items():
        typer.echo(f"{kind}: {path}")
    period = export["period"]
    typer.echo(f"From {period['start']} until {period['end']}: {export['costUsd']} USD, {export['billedUsd']} billed.")
    if export["markupBasisPoints"]:
        typer.echo(f"Invoice items have a markup of {export['markupBasisPoints']} basis points on top.")
    for one in export["skipped"]:
        typer.echo(f"left out: {one['userId'] or 'usage of no user'}, {one['billedUsd']} USD ({one['reason']})")
    if fetched["openDays"]:
        typer.echo(f"not closed yet, so that their usage may still change: {', '.join(fetched['openDays'])}")
