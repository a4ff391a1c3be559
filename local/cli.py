"""The command line `metering`."""

import typer

from local.commands import local_cloud

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Meterstone on this machine.")
app.add_typer(local_cloud.app)


def main() -> None:
    app()
