"""`metering rollup`: statistics made anew by hand."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import boto3
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from local.client import Client
from local.commands.local_cloud import PROJECT as FOLDER
from local.commands.service import (
    DEFAULT_URL,
    INTERRUPTED,
    OUT_OF_REACH,
    WRONG_USE,
    AsJson,
    EndpointUrl,
    Region,
    Url,
    aws_errors,
    fail,
    service_errors,
)
from local.endpoint import Endpoint
from local.server import HOST
from metering.aws.rollup_queue import Rollup, RollupQueue, send_rollups
from metering.aws.transaction import Deadline
from metering.domain.days import hours_of
from metering.domain.periods import parse_date, period_of_dates, stored

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

app = typer.Typer()

QUEUE_OF_STACK: Final = "{}-Rollups.fifo"
LOCAL_STACK: Final = "meterstone"
"""As template.yaml and the local cloud name them."""
SECONDS: Final = 60.0
"""How long sending the messages of one day may take."""

First = Annotated[str, typer.Option("--from", help="The first day, a date.", metavar="DATE", show_default=False)]
Last = Annotated[str, typer.Option("--to", help="The last day, included.", metavar="DATE", show_default=False)]
Close = Annotated[bool, typer.Option("--close", help="Close the days too: sum each from its records, for good.")]
ProjectIds = Annotated[
    list[str] | None, typer.Option("--project", help="A project's id; by default that of the API key.", metavar="ID")
]
Stack = Annotated[str | None, typer.Option(help="The stack whose statistics they are; by default the local cloud's.")]
State = Annotated[Path, typer.Option("--state", help="The folder that keeps the local cloud's data.")]
OptionalKey = Annotated[
    str, typer.Option(envvar="METERING_API_KEY", help="An API key of the project.", show_default=False)
]


class Range(NamedTuple):
    """Days to be rolled up; hours that are still to come are left out."""

    days: list[str]
    now: str
    close: bool

    def slots(self, day: str) -> list[str]:
        """The hours of a day, then perhaps the day."""
        hours = [hour for hour in hours_of(day) if hour <= self.now[:13]]
        return [*hours, day] if self.close else hours


@app.command("rollup")
def roll_up_by_hand(  # noqa: PLR0913 - they are the command's options
    *,
    first: First,
    last: Last,
    close: Close = False,
    projects: ProjectIds = None,
    stack: Stack = None,
    endpoint_url: EndpointUrl = None,
    region: Region = None,
    state: State = FOLDER / ".metering",
    key: OptionalKey = "",
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Have statistics made anew from the records, hour by hour.

    That happens by itself whenever something is recorded. This is for after a repair, such as of a dead-letter queue.
    It sends messages to the queue of rollups, with your AWS credentials if it is a stack's, and does no harm however
    often it is done. Views follow as the queue is worked off.

    For example:

        metering rollup --from 2026-11-01 --to 2026-11-23 --close

        metering rollup --from 2026-11-24 --to 2026-11-24 --stack metering --project prj_shop --json

    Exit codes: 0 all is asked for · 2 wrong use · 3 the queue or the service is out of reach · 130 interrupted.
    """
    wanted = _range(first, last, close=close)
    if stack and not projects:
        raise fail("say which --project of the stack", WRONG_USE)
    names = projects or [_project_of(key, url)]
    with aws_errors():
        queue = _queue_of_stack(stack, endpoint_url, region) if stack else _local_queue(state)
        done = _send_all(queue, names, wanted)
    hours, days = (sum(("T" in slot) is is_hour for slot in done) for is_hour in (True, False))
    if as_json:
        period = period_of_dates(first, last).echo()
        typer.echo(json.dumps({"projects": names, "period": period, "hours": hours, "days": days}, indent=2))
    else:
        typer.echo(f"Asked for {hours:,} hours and {days:,} days. Views follow as the queue is worked off.")


def _range(first: str, last: str, *, close: bool) -> Range:
    now = stored(datetime.now(UTC))
    try:
        days = period_of_dates(parse_date(first), parse_date(last)).days()
    except ValueError as error:
        raise fail(f"--from {first} --to {last}: {error}", WRONG_USE) from None
    if last > now[:10]:
        raise fail(f"--to {last}: that day is still to come", WRONG_USE)
    if close and last == now[:10]:
        raise fail(f"--close: {last} is not over", WRONG_USE)
    return Range(days, now, close)


def _project_of(key: str, url: str) -> str:
    if not key:
        raise fail("say which --project, or have METERING_API_KEY say it", WRONG_USE)
    with service_errors(), Client(url, key) as client:
        name: str = client.get("/v1/project", {})["projectId"]
    return name


def _queue_of_stack(stack: str, endpoint_url: str | None, region: str | None) -> RollupQueue:
    return _queue(boto3.client("sqs", region_name=region, endpoint_url=endpoint_url), stack)


def _local_queue(state: Path) -> RollupQueue:
    note = state / "emulator/port"
    if not note.exists():
        raise fail(f"there is no local cloud in {state}; another: --state DIR, or --stack NAME", OUT_OF_REACH)
    return _queue(Endpoint(f"http://{HOST}:{note.read_text()}").client("sqs"), LOCAL_STACK)


def _queue(client: "SQSClient", stack: str) -> RollupQueue:
    url = client.get_queue_url(QueueName=QUEUE_OF_STACK.format(stack))["QueueUrl"]
    return RollupQueue(client, url, 1)  # of its own slots, so that nothing asked for before makes it a duplicate


def _send_all(queue: RollupQueue, projects: Sequence[str], wanted: Range) -> list[str]:
    done: list[str] = []
    try:
        for slots in _each_with_progress(projects, wanted):
            send_rollups(queue, slots, datetime.now(UTC), Deadline.within(SECONDS))
            done += [rollup.slot for rollup in slots]
    except KeyboardInterrupt:
        message = f"Interrupted: {len(done):,} hours and days are asked for. Doing all again does no harm."
        raise fail(message, INTERRUPTED) from None
    return done


def _each_with_progress(projects: Sequence[str], wanted: Range) -> Iterator[list[Rollup]]:
    """The rollups of each day, with a bar on stderr where that is a terminal."""
    console = Console(stderr=True)
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task("", total=len(projects) * len(wanted.days))
        for project in projects:
            for day in wanted.days:
                progress.update(bar, description=f"{project} {day}")
                yield [Rollup(project, slot) for slot in wanted.slots(day)]
                progress.advance(bar)
