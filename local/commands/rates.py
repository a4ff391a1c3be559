"""`metering rates`: the catalogue of default rate cards, and the cards that a service has."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import boto3
import typer
from rich.console import Console
from rich.table import Table

from local.client import Client, Json
from local.commands.service import (
    DEFAULT_URL,
    FAILED,
    OUT_OF_REACH,
    WRONG_USE,
    AsJson,
    EndpointUrl,
    Key,
    Region,
    Url,
    aws_errors,
    fail,
    service_errors,
)
from metering.domain.rates import PROVIDER_OF_SERVICE
from metering.flows.import_catalogue import Conflict, ImportResult, import_catalogue

app = typer.Typer(no_args_is_help=True, help="Rate cards: build the catalogue, import it, show what a service has.")

MOST_LISTED: Final = 20
TABLE_OF_STACK: Final = "{}-UsageCostRates"
"""As template.yaml names it."""

Stack = Annotated[str | None, typer.Option(help="The stack whose table of rates it is.")]
TableName = Annotated[str | None, typer.Option("--table", help="The table's name, instead of --stack.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Write nothing; show what is new, unchanged and conflicting.")]
Service = Annotated[str | None, typer.Option(help="Cards of a service, and of the provider that it stands for.")]
Provider = Annotated[str | None, typer.Option(help="Cards of a provider.")]
Model = Annotated[str | None, typer.Option(help="Cards of a model.")]
At = Annotated[str | None, typer.Option(help="Only cards in force at a date or an RFC 3339 time.")]


Query = dict[str, str | int | None]


@app.command()
def build() -> None:
    """Write the catalogue's files anew, from genai-prices and the services' price pages, and tell what changed.

    For those who develop the catalogue: it needs the development dependencies. Running the service does not.

    Exit codes: 0 written · 3 genai-prices is not installed.
    """
    try:
        from local.catalogue.files import build_price_lists, write_price_lists  # noqa: PLC0415 - for developers alone
    except ModuleNotFoundError as error:
        raise fail(f"{error.name} is not installed; it is a development dependency", OUT_OF_REACH) from None
    price_lists = build_price_lists()
    change = write_price_lists(price_lists)
    cards = sum(1 for price_list in price_lists for _ in price_list.entries())
    typer.echo(f"{cards:,} cards of {len(price_lists)} providers.")
    for what, rate_ids in change._asdict().items():
        _echo_some(what, rate_ids)
    if change.changed:
        typer.echo("A table keeps the cards that it has; there, a changed price needs a card from a new date.")


@app.command("import")
def import_into_table(
    *,
    stack: Stack = None,
    table: TableName = None,
    endpoint_url: EndpointUrl = None,
    region: Region = None,
    dry_run: DryRun = False,
) -> None:
    """Insert the catalogue's cards that a table does not have yet. Cards that are there are never edited.

    It uses your AWS credentials, and is safe to repeat or to cut short. The local cloud does it by itself.

    For example:

        metering rates import --stack metering --dry-run

        metering rates import --table metering-UsageCostRates --region eu-central-1

    Exit codes: 0 all cards are there · 1 some are there with other prices · 2 wrong use · 3 AWS refuses or is out of
    reach.
    """
    if bool(stack) == bool(table):
        raise fail("say either --stack or --table", WRONG_USE)
    with aws_errors():
        client = boto3.client("dynamodb", region_name=region, endpoint_url=endpoint_url)
        result = import_catalogue(client, table or TABLE_OF_STACK.format(stack), dry_run=dry_run)
    _echo_result(result, dry_run=dry_run)
    if result.conflicting:
        raise typer.Exit(FAILED)


def _echo_result(result: ImportResult, *, dry_run: bool) -> None:
    table = Table("provider", "new", "unchanged", "conflicting")
    new = Counter(card.owner for card in result.new)
    conflicting = Counter(conflict.card.owner for conflict in result.conflicting)
    for owner in sorted(new | conflicting):
        table.add_row(owner.partition(":")[2], f"{new[owner]:,}", "", f"{conflicting[owner]:,}")
    table.add_section()
    table.add_row("all", f"{result.inserted:,}", f"{result.unchanged:,}", f"{len(result.conflicting):,}")
    Console().print(table)
    for conflict in result.conflicting[:MOST_LISTED]:
        typer.echo(_conflict_in_words(conflict))
    if dry_run:
        _echo_some("would be inserted", [card.rate_id for card in result.new])


def _conflict_in_words(conflict: Conflict) -> str:
    metrics = conflict.card.metrics.keys() | conflict.existing.metrics.keys()
    differing = sorted(
        metric for metric in metrics if conflict.card.metrics.get(metric) != conflict.existing.metrics.get(metric)
    )
    return f"{conflict.card.rate_id} is there with other prices: {', '.join(differing)}"


def _echo_some(what: str, rate_ids: Sequence[str]) -> None:
    typer.echo(f"{len(rate_ids):,} {what}{':' if rate_ids else ''}")
    for rate_id in rate_ids[:MOST_LISTED]:
        typer.echo(f"  {rate_id}")
    if len(rate_ids) > MOST_LISTED:
        typer.echo(f"  and {len(rate_ids) - MOST_LISTED:,} more")


@app.command()
def show(  # noqa: PLR0913 - they are the command's options
    *,
    key: Key,
    url: Url = DEFAULT_URL,
    service: Service = None,
    provider: Provider = None,
    model: Model = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Show the rate cards of the project and the default ones.

    For example:

        metering rates show --provider anthropic --model claude-sonnet-4-5 --at 2026-11-24

        metering rates show --service e2b --json

    Exit codes: 0 shown · 2 wrong use · 3 the service refuses or is out of reach.
    """
    owners: list[Query] = [{"service": service}] if service else []
    if vendor := provider or PROVIDER_OF_SERVICE.get(service or ""):
        owners.append({"provider": vendor})
    which: Query = {"modelId": model, "at": at, "limit": 1000}
    with service_errors(), Client(url, key) as client:
        cards = [card for owner in owners or [{}] for card in _pages(client, which | owner)]
    if as_json:
        typer.echo(json.dumps(cards, indent=2))
        return
    for card in cards:
        Console().print(card["rateId"], _metric_table(card), sep="\n")
    typer.echo(f"Cards: {len(cards):,}")


def _pages(client: Client, query: Query) -> Iterator[Json]:
    cursor = None
    while True:
        page = client.get("/v1/rates", {**query, "cursor": cursor})
        yield from page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            return


def _metric_table(card: Json) -> Table:
    table = Table("metric", "above input tokens", "USD", "per", box=None, padding=(0, 2))
    for column in table.columns[1:]:
        column.justify = "right"
    for metric, rate in card["metrics"].items():
        per = f"{rate['per']:,}"
        table.add_row(metric, "", rate["priceUsd"], per)
        for tier in rate.get("tiers") or ():
            table.add_row("", f"{tier['aboveInputTokens']:,}", tier["priceUsd"], per)
    return table
