"""README.md and docs/ as tests read them: fenced blocks, the commands in them, and the requests that these make."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from metering.http.openapi import openapi_document
from metering.http.operation import Operation
from metering.http.operations import OPERATIONS
from tests.template import ROOT

README = ROOT / "README.md"
TOUR = (README, ROOT / "docs/guide.md")
"""What is read in this order: the guide's lines go on from the README's."""
DOCUMENTS = [README, *sorted((ROOT / "docs").glob("*.md"))]
PACKAGE = ROOT / "layers/metering/python/metering"
OPENAPI: dict[str, Any] = openapi_document()

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_AGAINST_THE_LOCAL_CLOUD = ("make", "sam", "aws", "git")


class Block(NamedTuple):
    """A fenced block: its language, and its text."""

    language: str
    text: str

    def commands(self) -> Iterator[list[str]]:
        """The words of each command of a shell's block, comments left out."""
        pending = ""
        for line in self.text.splitlines(keepends=True):
            pending += line
            if line.endswith("\\\n"):
                continue
            try:
                words = shlex.split(pending.replace("\\\n", " "), comments=True)
            except ValueError:  # a quotation goes on in the next line
                continue
            pending = ""
            if words:
                yield words

    @property
    def runs_locally(self) -> bool:
        """Whether it can be run as it is while the local cloud serves."""
        others = {word for words in self.commands() for word in words} & set(_NOT_AGAINST_THE_LOCAL_CLOUD)
        return self.language == "bash" and not others


def blocks(*documents: Path) -> list[Block]:
    """The blocks of these documents, or of the tour, in order."""
    return [Block(*found) for document in documents or TOUR for found in _FENCE.findall(document.read_text())]


def prose(document: Path) -> str:
    """What is left without the fenced blocks."""
    return _FENCE.sub("", document.read_text())


def anchors(document: Path) -> set[str]:
    """What a link to a heading of a document may end with, as GitHub makes it of the heading."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


class Request(NamedTuple):
    """A request that a line of the tour makes."""

    method: str
    path: str
    query: list[str]
    body: str | None

    @property
    def operation(self) -> Operation | None:
        return next((one for one in OPERATIONS if one.method == self.method and _fits(one.path, self.path)), None)


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path) is not None


def requests(block: Block) -> Iterator[Request]:
    """What `curl` and the tour's `api` ask for in a block."""
    for words in block.commands():
        if words[0] not in {"curl", "api"}:
            continue
        options = dict(pairwise(words))
        address, _, query = words[2 if words[0] == "curl" else 1].partition("?")
        body = options.get("-d")
        method = options.get("-X", "POST" if body else "GET")
        names = [pair.partition("=")[0] for pair in query.split("&") if pair]
        yield Request(method, address.removeprefix("$METERING_URL"), names, body)


def body_schema(operation: Operation) -> dict[str, Any]:
    """The schema of an operation's body, with the components that it names."""
    described = OPENAPI["paths"][operation.path][operation.method.lower()]
    schema: dict[str, Any] = described["requestBody"]["content"]["application/json"]["schema"]
    return {**schema, "components": OPENAPI["components"]}
