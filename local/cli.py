"""The command line `metering`."""

import typer

from local.commands import exports, imports, local_cloud, rates, rollup

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Meterstone on this machine.", pretty_exceptions_enable=False
)
app.add_typer(local_cloud.app)
app.add_typer(rates.app, name="rates")
app.add_typer(imports.app, name="import")
app.add_typer(rollup.app)
app.add_typer(exports.app)


def main() -> None:
    app()
