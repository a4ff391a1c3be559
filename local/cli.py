"""The command line `metering`. What a command needs is imported when it is called, so that help is quick."""

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from local.commands.api.catalogue import GROUPS

BY_HAND: Final = {
    "local": ("local_cloud", "Run the whole service on this machine."),
    "export": ("exports", "Export usage and fetch the files, checked; or bill by them."),
    "import": ("imports", "Import usage that was recorded elsewhere."),
    "rollup": ("rollup", "Make statistics anew by hand."),
}
"""Commands and their modules. Those of the API's operations are in `local.commands.api`."""


def _by_hand(name: str) -> Any:  # noqa: ANN401 - a command of click, which typer does not name
    module, _ = BY_HAND[name]
    made: Any = typer.main.get_command(_parent(import_module(f"local.commands.{module}").app, name))
    return made.commands[name]


def _parent(app: typer.Typer, name: str) -> typer.Typer:
    parent = typer.Typer(add_completion=False)
    parent.callback()(root)
    parent.add_typer(app, name=None if len(app.registered_commands) == 1 else name)
    return parent


def _of_api(group: str) -> Any:  # noqa: ANN401 - as above
    make_group = import_module("local.commands.api.commands").make_group
    more = [import_module("local.commands.rates").app] if group == "rates" else []
    return typer.main.get_command(make_group(group, *more))


def load(name: str) -> Any:  # noqa: ANN401 - as above
    """A command with all that is in it."""
    command = _by_hand(name) if name in BY_HAND else _of_api(name)
    command.name = name
    return command


HELP: Final = {name: about for name, (_, about) in BY_HAND.items()} | GROUPS


class Lazy(TyperGroup):
    """Lists commands by their names and help, and makes one when it is called."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - typer's own
        super().__init__(**settings)
        for name, about in HELP.items():
            self.add_command(TyperCommand(name, help=about))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401 - click's
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else command, rest


app = typer.Typer(cls=Lazy, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def root() -> None:
    """Meterstone from the command line: the service on this machine, and everything that its API does.

    METERING_URL says where the service is, and METERING_API_KEY has the key, so that no command needs to show it.

    Exit codes: 0 done · 1 refused or failed · 2 wrong use · 3 the service is out of reach · 130 interrupted.
    """


def main() -> None:
    app()
