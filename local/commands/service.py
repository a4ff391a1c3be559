"""What commands that talk to the service have in common: how they reach it, and how they end."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import httpx
import typer
from botocore.exceptions import BotoCoreError
from botocore.exceptions import ClientError as AwsError

from local.client import ClientError, RefusedError
from metering.domain.errors import UnavailableError

FAILED: Final = 1
WRONG_USE: Final = 2
OUT_OF_REACH: Final = 3
INTERRUPTED: Final = 130


def _url_of(text: str) -> str:
    """An address as it was given.

    Raises:
        typer.BadParameter: it is no URL.
    """
    url = text.strip()
    if not url.startswith(("http://", "https://")):
        raise typer.BadParameter(f"{url!r} is no URL that begins with https:// or http://")
    return url


def _key_of(text: str) -> str:
    """A key as it was given, which no message shows.

    Raises:
        typer.BadParameter: it has characters that a header cannot have.
    """
    key = text.strip()
    if not (key.isascii() and key.isprintable()):
        raise typer.BadParameter("it has characters that no API key has")
    return key


Url = Annotated[
    str,
    typer.Option(
        envvar="METERING_URL",
        help="Where the service is; by default the local cloud.",
        show_default=False,
        callback=_url_of,
    ),
]
DEFAULT_URL: Final = "http://127.0.0.1:3000"
Key = Annotated[
    str,
    typer.Option(envvar="METERING_API_KEY", help="An API key of the project.", show_default=False, callback=_key_of),
]
EndpointUrl = Annotated[str | None, typer.Option(help="Another address than AWS's own.")]
Region = Annotated[str | None, typer.Option(help="The AWS region; by default the environment's.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def fail(message: str, code: int) -> typer.Exit:
    """Prints a sentence to stderr; the caller raises what this returns."""
    sys.stderr.write(f"{message}\n")
    return typer.Exit(code)


@contextmanager
def service_errors() -> Iterator[None]:
    """Ends the command when the service finds fault with what was asked for, refuses it, or cannot be reached."""
    try:
        yield
    except RefusedError as error:
        faulty = error.status in {httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY}
        raise fail(str(error), WRONG_USE if faulty else OUT_OF_REACH) from None
    except ClientError as error:
        raise fail(str(error), OUT_OF_REACH) from None


@contextmanager
def aws_errors() -> Iterator[None]:
    """Ends the command when AWS refuses or cannot be reached."""
    try:
        yield
    except (BotoCoreError, AwsError, UnavailableError) as error:
        raise fail(str(error), OUT_OF_REACH) from None
