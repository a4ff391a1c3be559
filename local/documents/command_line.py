"""docs/command-line.md, written from the commands themselves: `python -m local.documents.command_line`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from local.cli import HELP, load
from local.commands.local_cloud import PROJECT

REFERENCE: Final = PROJECT / "docs/command-line.md"
_EVERYWHERE: Final = frozenset({"--url", "--key", "--json", "--help"})
"""The introduction tells of these."""
_INTRODUCTION: Final = """# The command line

Written by `python -m local.documents.command_line` from the commands themselves, which say the same with `--help`.

`METERING_URL` says where the service is (by default the local cloud, `http://127.0.0.1:3000`), and `METERING_API_KEY`
has the key; no command needs to show it. Instead there are `--url` and `--key`. Commands that make projects or default
rate cards take the platform's admin key in its place.

- `--json` prints the API's own answer, whole and exact; without it a table for reading.
- Lists show their first page; `--limit` makes it longer, and `--all` fetches every page.
- Fields of a body are options, those of an object inside it as well; `--body` gives it whole, as JSON, `@FILE` or `-`
  for stdin. `null` as a value takes a setting away. A cost is in dollars with its period, `5.00/day`; a price is for so
  many, `3/1000000`.
- What may pass (a lost connection, 429, 503) is tried again for two minutes, or five seconds if nothing has answered
  yet. A change that has no idempotency key and whose answer was lost is not: the command says that it is not known.
- Colours are for terminals alone, and not where `NO_COLOR` is set.

| exit code | means |
|---|---|
| 0 | done |
| 1 | the service refuses (401, 402, 403, 404, 409), or what was waited for failed |
| 2 | wrong use: an option, or a field that does not fit (400, 422) |
| 3 | the service is out of reach; for commands that say so, also that it refuses |
| 130 | interrupted |

Completion for the shell that you are in, bash, zsh, fish or PowerShell, from the next shell on:

```bash
metering --install-completion
```
"""


def reference() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    for name, about in HELP.items():
        command = load(name)
        parts.append(f"## {name}\n\n{about}\n")
        inside = getattr(command, "commands", None)
        for title, each in (
            {f"{name} {sub}": one for sub, one in inside.items()}.items() if inside else [(name, command)]
        ):
            parts += _section(title, each)
    return "\n".join(parts)


def _section(title: str, command: Any) -> Iterator[str]:  # noqa: ANN401 - a command of click, which typer does not name
    arguments = [param.metavar or param.name.upper() for param in command.params if param.param_type_name == "argument"]
    yield f"### `metering {title}`\n"
    yield f"{_prose(command.help)}\n"
    if arguments:
        yield f"Arguments: {', '.join(f'`{argument}`' for argument in arguments)}.\n"
    options = [param for param in command.params if param.param_type_name == "option" and not param.hidden]
    rows = [_row(option) for option in options if not _EVERYWHERE & set(option.opts)]
    if rows:
        yield "\n".join(["| option | |", "|---|---|", *rows]) + "\n"


def _prose(text: str) -> str:
    """Help as Markdown: its indented lines are commands."""
    blocks = re.split(r"\n\s*\n", text.strip())
    written: list[str] = []
    for block in blocks:
        if re.match(r" {4}|metering ", block):
            line = f"{' '.join(part.strip() for part in block.splitlines())}\n```"
            if written and written[-1].endswith("```"):
                written[-1] = f"{written[-1].removesuffix('```')}{line}"
            else:
                written.append(f"```bash\n{line}")
        else:
            written.append(" ".join(part.strip() for part in block.splitlines()))
    return "\n\n".join(written)


def _row(option: Any) -> str:  # noqa: ANN401 - an option of click
    about = [option.help or ""]
    if option.envvar:
        about.append(f"By default `{option.envvar}` of the environment.")
    elif isinstance(option.default, int) and not isinstance(option.default, bool):
        about.append(f"By default {option.default}.")
    bar = "\\|"  # within a table
    metavar = f" {option.metavar}" if option.metavar else ""
    cells = (f"`{option.opts[0]}{metavar}`", " ".join(filter(None, about)))
    return f"| {' | '.join(cell.replace('|', bar) for cell in cells)} |"


def main() -> None:
    Path(REFERENCE).write_text(reference())


if __name__ == "__main__":
    main()
