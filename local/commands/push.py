"""`metering export stripe --push`: the lines of an export, to Stripe."""

import os
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from local.billing.errors import KeyRefusedError, RefusedError
from local.billing.outcomes import TROUBLE, VERDICTS, Outcome, by_group
from local.billing.pushing import groups_of, push, read_lines
from local.client import Json
from local.commands.service import FAILED, INTERRUPTED, OUT_OF_REACH, WRONG_USE, fail

if TYPE_CHECKING:
    from local.billing.account import Account

KEY_VARIABLE: Final = "STRIPE_API_KEY"
MOST_SHOWN: Final = 20
NOTHING_TWICE: Final = "Run it again: what is at Stripe is found there and not sent twice."


class Pushing(NamedTuple):
    """How an export is to be pushed."""

    account: "Account | None"
    """None: a dry run without a key, which does not look at what is there."""
    dry_run: bool
    live: bool


def prepare(*, yes: bool, live: bool, url: str | None) -> Pushing:
    """What is needed to push, checked before anything is exported."""
    key = os.environ.get(KEY_VARIABLE, "")
    if not key and not yes:
        return Pushing(None, dry_run=True, live=live)
    if not key:
        raise fail(f"the environment variable {KEY_VARIABLE} has no key", WRONG_USE)
    if find_spec("stripe") is None:
        raise fail("--push needs the package stripe: pip install stripe", WRONG_USE)
    from local.billing.account import Account, check_key  # noqa: PLC0415 - needs the optional package

    try:
        check_key(key, live=live)
    except KeyRefusedError as error:
        raise fail(f"{KEY_VARIABLE}: {error}", WRONG_USE) from None
    if live and url:
        raise fail("--live goes to Stripe and to no other address", WRONG_USE)
    return Pushing(Account(key, url), dry_run=not yes, live=live)


def push_export(pushing: Pushing, path: Path) -> list[Outcome]:
    """Sends the lines of a file, or looks at what would be sent."""
    groups = groups_of(read_lines(path))
    what = "comparing with Stripe" if pushing.dry_run else "pushing to Stripe"
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("customers"))
    outcomes: list[Outcome] = []
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            for found in progress.track(push(pushing.account, groups, dry_run=pushing.dry_run), total=len(groups)):
                outcomes += found
    except RefusedError as error:
        raise fail(f"Stripe refuses the key: {error}", OUT_OF_REACH) from None
    except KeyboardInterrupt:
        raise fail(f"Interrupted. {NOTHING_TWICE}", INTERRUPTED) from None
    return outcomes


def summary_of(pushing: Pushing, outcomes: Sequence[Outcome]) -> Json:
    """The outcomes as JSON: counts, sums by customer, and what somebody has to look at."""
    counts = Counter(outcome.verdict for outcome in outcomes)
    groups = by_group(outcomes).items()
    return {
        "dryRun": pushing.dry_run,
        "compared": pushing.account is not None,
        "live": pushing.live,
        **{verdict: counts[verdict] for verdict in VERDICTS},
        "customers": [
            {"customer": name, "lines": group.verdicts.total(), "amount": f"{group.amount:f}"} for name, group in groups
        ],
        "trouble": [_told(outcome) for outcome in outcomes if outcome.verdict in TROUBLE],
    }


def _told(outcome: Outcome) -> dict[str, Any]:
    return {**outcome._asdict(), "amount": f"{outcome.amount:f}"}


def tell_pushed(pushing: Pushing, outcomes: Sequence[Outcome]) -> None:
    table = Table("customer", *VERDICTS, "amount", box=None)
    for name, group in by_group(outcomes).items():
        table.add_row(name, *(str(group.verdicts[verdict] or "") for verdict in VERDICTS), f"{group.amount:f}")
    Console().print(table)
    trouble = [outcome for outcome in outcomes if outcome.verdict in TROUBLE]
    for outcome in trouble[:MOST_SHOWN]:
        typer.echo(f"{outcome.verdict}: {outcome.group}, {outcome.line}, {outcome.amount:f}: {outcome.reason}")
    if len(trouble) > MOST_SHOWN:
        typer.echo(f"and {len(trouble) - MOST_SHOWN} more; --json lists all of them")
    typer.echo(_ending(pushing, Counter(outcome.verdict for outcome in outcomes)))


def _ending(pushing: Pushing, counts: Counter[Any]) -> str:
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict]) or "nothing to bill"
    if not pushing.dry_run:
        return f"Pushed to Stripe ({'live' if pushing.live else 'test'}): {told}."
    compared = "" if pushing.account else f" {KEY_VARIABLE} has no key, so nobody looked at what is at Stripe."
    return f"Dry run: {told}. Nothing was sent; --yes sends what is new.{compared}"


def exit_after(outcomes: Sequence[Outcome]) -> None:
    """Ends the command with what somebody has to look at."""
    if any(outcome.verdict in TROUBLE for outcome in outcomes):
        raise typer.Exit(FAILED)
