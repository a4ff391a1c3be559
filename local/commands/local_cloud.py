"""`metering local`: the service on this machine, with nothing but Python."""

import contextlib
import logging
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Annotated, NoReturn

import typer

from local.cloud import LocalCloud, Settings, run
from local.demo import show_demo
from local.errors import CloudError
from local.server import HOST, bind, port_of
from local.state import InUseError, State

PROJECT = Path(__file__).parents[2]
REFUSED = 2  # the exit code for what the caller has to change
FAILED = 1

app = typer.Typer()

Port = Annotated[
    int, typer.Option(min=0, max=65_535, help="Where to serve, on the loopback address alone; 0 takes any free port.")
]
Folder = Annotated[Path, typer.Option("--state", file_okay=False, help="The folder that keeps the data.")]
Ephemeral = Annotated[bool, typer.Option("--ephemeral", help="Keep nothing: begin empty, leave no data.")]
AdminKey = Annotated[str, typer.Option(help="The platform's admin key; without it one is made, once, and kept.")]
Demo = Annotated[bool, typer.Option("--demo", help="Make a demo project, send first callbacks, show what next.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show requests and what the functions log.")]
Parameter = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter", metavar="NAME=VALUE", help="A parameter of template.yaml, such as OidcIssuer=https://…"
    ),
]
TemplatePath = Annotated[Path, typer.Option(hidden=True)]


@app.command("local")
def serve_locally(  # noqa: PLR0913 - they are the command's options
    *,
    port: Port = 3000,
    folder: Folder = PROJECT / ".metering",
    ephemeral: Ephemeral = False,
    admin_key: AdminKey = "",
    demo: Demo = False,
    verbose: Verbose = False,
    parameter: Parameter = None,
    template: TemplatePath = PROJECT / "template.yaml",
) -> None:
    """Run the whole service on this machine. Prints one line when it is ready; Ctrl-C stops it and keeps the data."""
    parameters = _parameters(parameter or [], template)
    signal.signal(signal.SIGTERM, _leave)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    logging.getLogger("local").setLevel(logging.INFO if verbose else logging.ERROR)
    with _listener(port) as listener, _state(folder, ephemeral=ephemeral) as state:
        key = admin_key or state.admin_key()
        settings = Settings(template, key, ephemeral, verbose, parameters)
        try:
            run(LocalCloud(state, settings, _tell), listener, lambda: _announce(listener, state, settings, demo=demo))
        except CloudError as error:
            _fail(error)


def _parameters(pairs: list[str], template: Path) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            _refuse(f"--parameter needs NAME=VALUE, and got {pair}.")
    parameters = dict(pair.split("=", 1) for pair in pairs)
    known = _declared(template) if parameters else ()
    if unknown := [name for name in parameters if name not in known]:
        _refuse(f"{template.name} has no parameter {', '.join(unknown)}. It has {', '.join(known)}.")
    return parameters


def _declared(template: Path) -> tuple[str, ...]:
    from local.template.translate import declared_parameters  # noqa: PLC0415 - a second, for those who give some

    try:
        return declared_parameters(template)
    except CloudError as error:
        _fail(error)


def _leave(*_signal: object) -> NoReturn:
    sys.exit(0)


@contextlib.contextmanager
def _listener(port: int) -> Iterator[socket.socket]:
    try:
        listener = bind(port)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        _refuse(f"Port {port} of {HOST} cannot be had, {reason}. Stop what uses it, or choose another: --port N.")
    with listener:
        yield listener


@contextlib.contextmanager
def _state(folder: Path, *, ephemeral: bool) -> Iterator[State]:
    with contextlib.ExitStack() as stack:
        if ephemeral:
            temporary = tempfile.TemporaryDirectory(prefix="metering-", ignore_cleanup_errors=True)
            folder = Path(stack.enter_context(temporary))
        try:
            state = State(folder)
        except InUseError as error:
            _refuse(f"{error} Stop it, or choose another folder: --state DIR.")
        except OSError as error:
            _refuse(f"{folder} cannot keep the data: {error}. Choose another folder: --state DIR.")
        yield state


def _announce(listener: socket.socket, state: State, settings: Settings, *, demo: bool) -> None:
    url = f"http://{HOST}:{port_of(listener)}"
    typer.echo(f"metering local: ready on {url}")
    if demo:  # it asks the gateway, which shares its thread with the caller
        Thread(target=show_demo, args=(url, state, settings.admin_key, typer.echo), daemon=True).start()


def _tell(sentence: str) -> None:
    typer.echo(f"metering local: {sentence}", err=True)


def _refuse(sentence: str) -> NoReturn:
    _tell(sentence)
    raise typer.Exit(REFUSED)


def _fail(error: CloudError) -> NoReturn:
    _tell(str(error))
    raise typer.Exit(FAILED) from error
