"""A command for every operation of the API, made from the table that the service itself validates by."""

import inspect
import json
import secrets
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple
from urllib.parse import quote

import typer

from local.client import Client, ClientError, Json, RefusedError
from local.commands.api.catalogue import CATALOGUE, FOLLOWED, GROUPS, Shown
from local.commands.api.display import show
from local.commands.api.fields import Field, FieldError, fields_of
from local.commands.service import DEFAULT_URL, FAILED, OUT_OF_REACH, WRONG_USE, AsJson, Key, Url, fail
from metering.http.operation import Operation
from metering.http.operations import OPERATIONS

EXIT_CODES: Final = (
    "Exit codes: 0 done · 1 the service refuses, or what was waited for failed · 2 wrong use · 3 the service is out of"
    " reach."
)
LOOK_AGAIN_SECONDS: Final = 1.0
_REPEATABLE: Final = frozenset({"GET", "PUT", "DELETE", "PATCH"})
_BAD_REQUEST, _UNFIT, _FAULTS = 400, 422, 500

Body = Annotated[
    str | None,
    typer.Option(
        "--body", metavar="JSON", help="The body as JSON, or @FILE, or - for stdin; options change fields of it."
    ),
]
All = Annotated[bool, typer.Option("--all", help="Every page of the list, not the first alone.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it is over, and show what it came to.")]
IdempotencyKey = Annotated[
    str | None,
    typer.Option(
        "--idempotency-key", metavar="KEY", help="The same key again is the same request; by default a new one."
    ),
]


class Given(NamedTuple):
    """What was typed: fields that have a value, and what is not a field of the API."""

    fields: Mapping[Field, Any]
    body: str | None
    idempotency_key: str | None
    wait: bool
    every_page: bool


def make_group(group: str, *more: typer.Typer) -> typer.Typer:
    """The commands of a group's operations, and those of `more`, which are written by hand."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, help=GROUPS[group])
    app.callback()(_nothing)  # so that a single command is still one of a group
    for operation in OPERATIONS:
        shown = CATALOGUE[operation.name]
        if shown.group == group:
            app.command(shown.name, help=_help(operation, shown))(_command(operation, shown))
    for other in more:
        app.registered_commands += other.registered_commands
    return app


def _nothing() -> None:
    """A group does nothing by itself."""


def _help(operation: Operation, shown: Shown) -> str:
    roles = (
        f"For keys with the role {' or '.join(sorted(operation.roles))}." if operation.roles else "No key is needed."
    )
    if operation.token:
        roles = "The key is a token of the identity provider."
    examples = "\n\n".join(f"    {example}" for example in shown.examples)
    return f"{operation.summary}.\n\n{roles}\n\nFor example:\n\n{examples}\n\n{EXIT_CODES}"


def _command(operation: Operation, shown: Shown) -> Callable[..., None]:
    fields = fields_of(operation)
    parameters = [*map(_parameter, fields), *_parameters_besides(operation)]
    by_name = {field.parameter: field for field in fields}

    def run(**typed: Any) -> None:  # noqa: ANN401 - what the options are
        if not typed["key"] and (operation.roles is not None or operation.token):
            raise fail("an API key is needed: set METERING_API_KEY, or give --key", WRONG_USE)
        values = {field: typed[name] for name, field in by_name.items() if typed[name] not in (None, [], False)}
        given = Given(
            values,
            typed.get("body"),
            typed.get("idempotency_key"),
            wait=typed.get("wait", False),
            every_page=typed.get("every_page", False),
        )
        _run(operation, shown, given, Client(typed["url"], typed["key"]), as_json=typed["as_json"])

    signature = inspect.Signature(sorted(parameters, key=lambda one: one.kind))
    run.__signature__ = signature  # type: ignore[attr-defined]  # what typer reads
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def _parameter(field: Field) -> inspect.Parameter:
    if field.place == "path":
        metavar = field.option.replace("-", "_").upper()
        return _made(field.parameter, Annotated[str, typer.Argument(metavar=metavar, show_default=False)], ...)
    about = typer.Option(f"--{field.option}", metavar=_metavar(field), help=_about(field), show_default=False)
    if field.kind == "flag":
        return _made(field.parameter, Annotated[bool, about], default=False)
    if field.kind in {"list", "map"}:
        return _made(field.parameter, Annotated[list[str] | None, about], None)
    if field.choices:
        return _made(field.parameter, Annotated[Literal[field.choices] | None, about], None)
    return _made(field.parameter, Annotated[str | None, about], None)


def _made(name: str, annotation: Any, default: Any) -> inspect.Parameter:  # noqa: ANN401 - any type
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD if default is ... else inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(
        name, kind, annotation=annotation, default=inspect.Parameter.empty if default is ... else default
    )


def _metavar(field: Field) -> str | None:
    named = {"integer": "N", "map": "NAME=VALUE", "json": "JSON", "cost": "USD[/PERIOD]", "flag": None}
    return "|".join(field.choices) if field.choices else named.get(field.kind, "TEXT")


def _about(field: Field) -> str:
    described = str(field.schema.get("description", "")).replace("`", "").replace("\n", " ")
    sentences = ["Required." if field.required else "", described]
    if field.kind in {"list", "map"}:
        sentences.append("May be given several times.")
    if field.schema.get("default") not in (None, False):
        sentences.append(f"By default {field.schema['default']}.")
    return " ".join(filter(None, sentences))


def _parameters_besides(operation: Operation) -> list[inspect.Parameter]:
    found = [_made("url", Url, DEFAULT_URL), _made("as_json", AsJson, default=False)]
    found.append(_made("key", Key, ""))
    if operation.body is not None:
        found.append(_made("body", Body, None))
    if _takes_key(operation):
        found.append(_made("idempotency_key", IdempotencyKey, None))
    if operation.query is not None and "cursor" in operation.query.model_fields:
        found.append(_made("every_page", All, default=False))
    if operation.name in FOLLOWED:
        found.append(_made("wait", Wait, default=False))
    return found


def _takes_key(operation: Operation) -> bool:
    """Whether an idempotency key goes into a header: not where it is a field of the body."""
    in_body = operation.body is not None and "idempotency_key" in operation.body.model_fields
    return operation.idempotency_header and not in_body


# ---------------------------------------------------------------------------- running one


def _run(operation: Operation, shown: Shown, given: Given, client: Client, *, as_json: bool) -> None:
    try:
        with client:
            answer = _answer(operation, given, client)
    except FieldError as error:
        raise fail(str(error), WRONG_USE) from None
    except RefusedError as error:
        more = [line for line in [*error.faults, error.room] if line and line not in str(error)]
        raise fail("\n".join([str(error), *more]), _code_of(error.status)) from None
    except ClientError as error:
        raise fail(str(error), OUT_OF_REACH) from None
    if as_json:
        if answer:
            typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        show(answer, shown.columns)
    if answer.get("status") == "failed" and operation.name in FOLLOWED:
        raise typer.Exit(FAILED)


def _code_of(status: int) -> int:
    if status in {_BAD_REQUEST, _UNFIT}:
        return WRONG_USE
    return OUT_OF_REACH if status >= _FAULTS else FAILED


def _answer(operation: Operation, given: Given, client: Client) -> Json:
    path = operation.path
    for field in _of(given, "path"):
        path = path.replace(f"{{{field.path[0]}}}", quote(given.fields[field], safe=""))
    query = {field.path[0]: field.parse(given.fields[field]) for field in _of(given, "query")}
    key = given.idempotency_key or secrets.token_hex(16) if _takes_key(operation) else None
    repeatable = operation.method in _REPEATABLE or operation.idempotency_header
    body = _body(operation, given)

    def ask(page: Mapping[str, Any]) -> Json:
        request = client.build(operation.method, path, page, body, key)
        return client.send(request, repeatable=repeatable)

    answer = ask(query)
    while given.every_page and answer["nextCursor"] is not None:
        page = ask({**query, "cursor": answer["nextCursor"]})
        answer = {**page, "items": answer["items"] + page["items"]}
    return _follow(operation, client, answer) if given.wait else answer


def _follow(operation: Operation, client: Client, started: Json) -> Json:
    followed = FOLLOWED[operation.name]
    path = followed.route.replace(f"{{{followed.name}}}", quote(started[followed.name], safe=""))
    while (answer := client.get(path, {}))["status"] not in followed.over:
        time.sleep(LOOK_AGAIN_SECONDS)
    return answer


def _of(given: Given, place: str) -> list[Field]:
    return [field for field in given.fields if field.place == place]


def _body(operation: Operation, given: Given) -> Any:  # noqa: ANN401 - JSON
    """The body: what `--body` says, changed by the options.

    Raises:
        FieldError: it is not JSON, or a field that is needed is missing.
    """
    if operation.body is None:
        _check_needed(operation, given, {})
        return None
    body = _read(given.body) if given.body is not None else {}
    if not isinstance(body, dict):
        raise FieldError("--body: must be a JSON object")
    for field in _of(given, "body"):
        place = body
        for name in field.path[:-1]:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise FieldError(f"--body: {name} must be an object for --{field.option} to change it")
        place[field.path[-1]] = field.parse(given.fields[field])
    _check_needed(operation, given, body)
    return body if body or not operation.body_optional else None


def _check_needed(operation: Operation, given: Given, body: Json) -> None:
    needed = [field for field in fields_of(operation) if field.required and field not in given.fields]
    missing = [f"--{field.option}" for field in needed if field.path[0] not in body]
    if missing:
        raise FieldError(f"needs {', '.join(missing)}")


def _read(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        if text == "-":
            return json.load(sys.stdin)
        return json.loads(Path(text[1:]).read_text() if text.startswith("@") else text)
    except (OSError, ValueError) as error:
        raise FieldError(f"--body: {error}") from None


def words_of(example: str) -> Sequence[str]:
    """An example's words behind `metering`; variables before it are the reader's environment."""
    words = shlex.split(example)
    return words[words.index("metering") + 1 :]
