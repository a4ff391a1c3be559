"""Whether the command line would take an invocation, without running it."""

from typing import Any

import typer

from local.cli import app


def accept(arguments: list[str]) -> None:
    """Takes a command apart as it would be before it runs; a wrong name or option raises click's error."""
    if arguments in (["--install-completion"], ["--help"]):
        return  # these are done at once, and not before the command runs
    command: Any = typer.main.get_command(app)
    context, rest, name = None, arguments, "metering"
    while hasattr(command, "resolve_command"):
        context = command.make_context(name, list(rest), parent=context)
        given = [*context._protected_args, *context.args]  # noqa: SLF001  # click's own group reads them so
        name, command, rest = command.resolve_command(context, given)
    if rest:  # the command alone is named in prose, without the arguments it needs
        command.make_context(name, list(rest), parent=context)
