"""Writes the parts of the client that follow from the service's own description, so that they agree with it.

`models.py` has the answers, `inputs.py` the parts of requests, `operations.py` the operations and
`_async/resources.py` their methods; `_sync` is `_async` without the waiting. Run `make sdk` after the API has changed.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from metering.http.openapi import openapi_document

Json = dict[str, Any]
PACKAGE: Final = Path(__file__).parent / "src/metering_client"
CONFIG: Final = Path(__file__).parents[2] / "pyproject.toml"
DECIMALS: Final = r"^-?[0-9]+(\.[0-9]{1,12})?$"

METHODS: Final[dict[str, tuple[str, str]]] = {
    "recordUsage": ("usage", "record"),
    "recordUsageBatch": ("usage", "_record_batch"),
    "dailyUsage": ("usage", "daily"),
    "usageByService": ("usage", "by_service"),
    "usageByModel": ("usage", "by_model"),
    "usageByProvider": ("usage", "by_provider"),
    "usageByCategory": ("usage", "by_category"),
    "usageByUser": ("usage", "by_user"),
    "usageBySession": ("usage", "by_session"),
    "usageByPersona": ("usage", "by_persona"),
    "usageByTool": ("usage", "by_tool"),
    "usageByStepType": ("usage", "by_step_type"),
    "usageSummary": ("usage", "summary"),
    "listRecords": ("usage", "records"),
    "getRecord": ("usage", "get_record"),
    "explainRecord": ("usage", "explain"),
    "voidRecord": ("usage", "void"),
    "startRerating": ("usage", "rerate"),
    "getRerating": ("usage", "get_rerating"),
    "listRuns": ("usage", "runs"),
    "getRunUsage": ("usage", "run"),
    "createRateCard": ("rates", "create"),
    "listRateCards": ("rates", "list"),
    "resolveRateCard": ("rates", "resolve"),
    "createSession": ("sessions", "_create"),
    "listSessions": ("sessions", "list"),
    "getSession": ("sessions", "get"),
    "getSessionUsage": ("sessions", "usage"),
    "getSessionLimits": ("sessions", "limits"),
    "updateSessionLimits": ("sessions", "update_limits"),
    "pauseSession": ("sessions", "pause"),
    "resumeSession": ("sessions", "resume"),
    "openHold": ("holds", "open"),
    "listHolds": ("holds", "list"),
    "extendHold": ("holds", "extend"),
    "releaseHold": ("holds", "release"),
    "startAgent": ("agents", "start"),
    "listAgents": ("agents", "list"),
    "beatAgent": ("agents", "beat"),
    "endAgent": ("agents", "end"),
    "putBudget": ("budgets", "set"),
    "getBudget": ("budgets", "get"),
    "listBudgets": ("budgets", "list"),
    "deleteBudget": ("budgets", "delete"),
    "createExport": ("exports", "create"),
    "getExport": ("exports", "get"),
    "listExports": ("exports", "list"),
    "putStripeCustomer": ("stripe_customers", "set"),
    "getStripeCustomer": ("stripe_customers", "get"),
    "deleteStripeCustomer": ("stripe_customers", "delete"),
    "createWebhook": ("webhooks", "create"),
    "listWebhooks": ("webhooks", "list"),
    "getWebhook": ("webhooks", "get"),
    "deleteWebhook": ("webhooks", "delete"),
    "rotateWebhookSecret": ("webhooks", "rotate_secret"),
    "listWebhookDeliveries": ("webhooks", "deliveries"),
    "retryWebhookDelivery": ("webhooks", "retry_delivery"),
    "testWebhook": ("webhooks", "test"),
    "createProject": ("projects", "create"),
    "getProject": ("project", "get"),
    "changeProject": ("project", "change"),
    "getProjectStanding": ("project", "standing"),
    "pauseProject": ("project", "pause"),
    "resumeProject": ("project", "resume"),
    "listMembers": ("members", "list"),
    "getMember": ("members", "get"),
    "putMember": ("members", "set"),
    "removeMember": ("members", "remove"),
    "listAuditEntries": ("audit", "list"),
    "createApiKey": ("api_keys", "create"),
    "listApiKeys": ("api_keys", "list"),
    "revokeApiKey": ("api_keys", "revoke"),
    "getHealth": ("service", "health"),
    "getOpenApi": ("service", "openapi"),
    "describeSignIn": ("sign_in", "describe"),
    "signIn": ("sign_in", "exchange"),
}
"""Where each operation is called: `client.<resource>.<method>`, those of the service itself at the client.

A method whose name begins with an underscore is called by one that is written by hand, without it.
"""

UNREPEATABLE: Final = frozenset({"createProject", "createApiKey", "signIn", "retryWebhookDelivery", "testWebhook"})
"""Operations that do their work once more when they are sent once more, and that no key makes one request."""

NULL_REMOVES: Final = frozenset({"updateSessionLimits"})
"""Operations for which null says something, so that what is not named is left out instead."""

HAND_WRITTEN: Final = frozenset({"agents.py", "connections.py"})
"""A heartbeat is a thread in one and a task in the other, and connections belong to a process or to an event loop."""


def files() -> dict[Path, str]:
    """Everything that is generated, by its path."""
    document = openapi_document()
    asynchronous = {path.name: path.read_text() for path in (PACKAGE / "_async").glob("*.py")}
    asynchronous["resources.py"] = formatted(_resources(document))
    synchronous = {name: formatted(to_sync(text)) for name, text in asynchronous.items() if name not in HAND_WRITTEN}
    return {
        PACKAGE / "models.py": formatted(_models(document)),
        PACKAGE / "inputs.py": formatted(_inputs(document)),
        PACKAGE / "operations.py": formatted(_operations(document)),
        PACKAGE / "_async/resources.py": asynchronous["resources.py"],
        **{PACKAGE / "_sync" / name: text for name, text in synchronous.items()},
    }


def formatted(text: str) -> str:
    """The text as ruff leaves it: imports in order, unused ones gone, lines broken."""
    for arguments in (["check", "--select", "F401,I,UP028", "--fix", "--unsafe-fixes"], ["format"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--quiet", "--config", str(CONFIG)]
        command += ["--stdin-filename", str(PACKAGE / "generated.py"), "-"]
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return text


# ---------------------------------------------------------------------------- Operations


def described(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Method, path and description of each operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _constant(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def _snake(name: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return f"{snake}_" if snake in {"from", "as"} else snake


def _answer(operation: Json) -> str:
    """The type of an operation's successful answers, which all have the same one."""
    [kind] = {
        _answer_hint(answer["content"]["application/json"]["schema"]) if "content" in answer else "None"
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    }
    return kind


def _operations(document: Json) -> str:
    lines = []
    for method, path, operation in described(document):
        name, answer = operation["operationId"], _answer(operation)
        model = {"None": "type(None)"}.get(answer, answer)
        flags = {"public": not operation["security"], "keyed": _is_keyed(operation)}
        words = "".join(f", {flag}=True" for flag, is_set in flags.items() if is_set)
        words += ", repeatable=False" if name in UNREPEATABLE else ""
        lines.append(f'{_constant(name)}: Final = Operation("{name}", "{method}", "{path}", {model}{words})')
    constants = "\n".join(lines)
    names = "\n".join(f"{_constant(operation['operationId'])}," for _, _, operation in described(document))
    return f'''"""Every operation of the API. Generated by generate.py."""

from typing import Any, Final

from metering_client import models
from metering_client._operation import Operation

{constants}

OPERATIONS: Final[tuple[Operation[Any], ...]] = (
{names}
)
'''


def _is_keyed(operation: Json) -> bool:
    return _has_key_header(operation) and operation["operationId"] != "recordUsage"


def _has_key_header(operation: Json) -> bool:
    return any(parameter["name"] == "Idempotency-Key" for parameter in operation["parameters"])


# ---------------------------------------------------------------------------- Types


def _is_null(schema: Json) -> bool:
    return schema == {"type": "null"}


def _name_of(reference: Json) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _options(schema: Json) -> list[Json]:
    return [option for option in schema.get("anyOf", []) if not _is_null(option)]


def _nullable(schema: Json) -> bool:
    return any(map(_is_null, schema.get("anyOf", [])))


def _is_literal(schema: Json) -> bool:
    return "enum" in schema or "const" in schema


def _literal(schemas: Iterable[Json]) -> str:
    values = [value for schema in schemas for value in (schema.get("enum") or [schema["const"]])]
    return f"Literal[{', '.join(json.dumps(value) for value in values)}]"


def _answer_hint(schema: Json) -> str:
    """The Python type of a part of an answer; a model stands in `models`."""
    if "$ref" in schema:
        return f"models.{_name_of(schema)}"
    if options := _options(schema):
        kind = _answer_hint(options[0]) if len(options) == 1 else "Decimal"
        return f"{kind} | None" if _nullable(schema) else kind
    return _literal([schema]) if _is_literal(schema) else _ANSWERS[schema["type"]](schema)


def _answer_object(schema: Json) -> str:
    values = schema.get("additionalProperties")
    return f"dict[str, {_answer_hint(values) if isinstance(values, dict) else 'Any'}]"


def _answer_string(schema: Json) -> str:
    if schema.get("pattern") == DECIMALS:
        return "Decimal"
    return {"date-time": "datetime", "date": "date"}.get(schema.get("format", ""), "str")


_ANSWERS: Final[Mapping[str, Callable[[Json], str]]] = {
    "array": lambda schema: f"list[{_answer_hint(schema['items'])}]",
    "object": _answer_object,
    "string": _answer_string,
    "integer": lambda _: "int",
    "boolean": lambda _: "bool",
    "number": lambda _: "Decimal",
}


def _input_hint(schema: Json, number: str = "Amount") -> str:
    """The Python type of a part of a request; parts of parts stand in `inputs`."""
    if "$ref" in schema:
        return f"inputs.{_name_of(schema)}"
    if options := _options(schema):
        return _input_options(options, number) + (" | None" if _nullable(schema) else "")
    return _literal([schema]) if _is_literal(schema) else _INPUTS[schema["type"]](schema, number)


def _input_options(options: list[Json], number: str) -> str:
    if len(options) == 1:
        return _input_hint(options[0], number)
    if any(option.get("type") == "number" for option in options):
        return f"inputs.{number}"
    return _literal(options) if all(map(_is_literal, options)) else "inputs.Instant"


def _input_object(schema: Json, _: str) -> str:
    [values] = schema.get("patternProperties", {}).values() or [schema["additionalProperties"]]
    return f"Mapping[str, {_input_hint(values, 'Quantity')}]"


def _input_string(schema: Json, _: str) -> str:
    return {"date-time": "inputs.Instant", "date": "inputs.Date"}.get(schema.get("format", ""), "str")


_INPUTS: Final[Mapping[str, Callable[[Json, str], str]]] = {
    "array": lambda schema, number: f"Sequence[{_input_hint(schema['items'], number)}]",
    "object": _input_object,
    "string": _input_string,
    "integer": lambda _, __: "int",
    "boolean": lambda _, __: "bool",
    "number": lambda _, number: f"inputs.{number}",
}


def referred(schemas: Json, roots: Iterable[str]) -> list[str]:
    """The names of the schemas that the roots come to, each after those that it refers to."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name not in found:
            for other in sorted(_names_in([schemas[name]])):
                visit(other)
            found.append(name)

    for root in sorted(roots):
        visit(root)
    return found


def _names_in(parts: Iterable[Json]) -> set[str]:
    return {name for part in parts for name in re.findall(r"#/components/schemas/(\w+)", str(part))}


def _models(document: Json) -> str:
    schemas = document["components"]["schemas"]
    answers = [
        answer
        for _, _, operation in described(document)
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    ]
    classes = "\n\n".join(_model(name, schemas[name]) for name in referred(schemas, _names_in(answers)))
    return f'''"""What the service answers, with Decimal and aware instants. Generated by generate.py.

Cents (`cost`, `billed`, …) are rounded once from the exact figure beside them (`cost_usd`, …); add up only exact ones.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

Date = date
"""For classes that have a field of this name."""

{classes}
'''


def _model(name: str, schema: Json) -> str:
    required = schema.get("required", [])
    lines = [_docstring(schema)]
    for field, part in schema["properties"].items():
        # A field may have its type's name, which would then stand for the field in what follows.
        hint = _answer_hint(part).replace("models.", "")
        # What may be null may be missing: an older service does not know of it.
        default = f" = {part.get('default')!r}" if field not in required or _nullable(part) else ""
        lines.append(f"{_snake(field)}: {_apart(hint, schema)}{default}")
    body = "\n".join(f"    {line}" for line in lines if line)
    return f"@dataclass(frozen=True, slots=True, kw_only=True)\nclass {name}:\n{body}\n"


def _docstring(schema: Json) -> str:
    text = schema.get("description", "")
    end = "\n    " if "\n" in text else ""
    return f'"""{text}{end}"""' if text else ""


def _apart(hint: str, schema: Json) -> str:
    return re.sub(r"\bdate\b", "Date", hint) if "date" in schema["properties"] else hint


def bodies(document: Json) -> dict[str, str]:
    """The name of the body of each operation that has one."""
    return {
        operation["operationId"]: _name_of(operation["requestBody"]["content"]["application/json"]["schema"])
        for _, _, operation in described(document)
        if "requestBody" in operation
    }


def _inputs(document: Json) -> str:
    schemas = document["components"]["schemas"]
    inner = _names_in(schemas[body]["properties"] for body in bodies(document).values())
    inner |= {bodies(document)[name] for name in NULL_REMOVES}
    classes = "\n\n".join(_input(name, schemas[name]) for name in referred(schemas, inner))
    classes += "\n\n" + _input("BufferedEvent", {**schemas["UsageEvent"], "required": ["service", "usage"]})
    return f'''"""The parts of requests, as dictionaries. Generated by generate.py.

A float is taken as a quantity of usage only, in its shortest decimal form and rounded to 12 decimals, half to even; as
money it is refused.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Required, TypedDict

Date = date | str
Instant = datetime | date | str
Amount = Decimal | int | str
Quantity = Amount | float

{classes}
'''


def _input(name: str, schema: Json) -> str:
    required = schema.get("required", [])
    lines = [_docstring(schema)]
    for field, part in schema["properties"].items():
        hint = _input_hint(part).replace("inputs.", "")
        lines.append(f"{_snake(field)}: {f'Required[{hint}]' if field in required else hint}")
    body = "\n".join(f"    {line}" for line in lines if line)
    return f"class {name}(TypedDict, total=False):\n{body}\n"


# ---------------------------------------------------------------------------- Methods


def _resources(document: Json) -> str:
    found: dict[str, list[str]] = {}
    for _, _, operation in described(document):
        resource, method = METHODS[operation["operationId"]]
        found.setdefault(resource, []).append(_method(method, operation, document["components"]["schemas"]))
    classes = "\n\n".join(_resource(name, methods) for name, methods in found.items())
    return f'''"""The operations as methods, by what they are about. Generated by generate.py."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Unpack

from metering_client import inputs, models, operations
from metering_client._async.transport import AsyncTransport
from metering_client._wire import given


class AsyncResource:
    """A group of operations."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport


{classes}
'''


def class_of(resource: str) -> str:
    return "Async" + "".join(part.capitalize() for part in resource.split("_"))


def _resource(name: str, methods: list[str]) -> str:
    return f"class {class_of(name)}(AsyncResource):\n" + "\n\n".join(methods) + "\n"


def _method(method: str, operation: Json, schemas: Json) -> str:
    name = operation["operationId"]
    path = [parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"]
    query = [parameter for parameter in operation["parameters"] if parameter["in"] == "query"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    keyed = _is_keyed(operation)
    parameters = [*_body_parameters(name, body, schemas), *map(_query_parameter, query)]
    parameters.sort(key=lambda parameter: " = " in parameter)
    parameters += ["idempotency_key: str | None = None"] if keyed else []
    star = ["*"] if parameters and name not in NULL_REMOVES else []
    words = ", ".join(["self", *(f"{_snake(one)}: str" for one in path), *star, *parameters])
    arguments = [f"operations.{_constant(name)}"]
    arguments += [f"path={{{', '.join(f'{one!r}: {_snake(one)}' for one in path)}}}"] if path else []
    arguments += [f"query=given({_assigned(parameter['name'] for parameter in query)})"] if query else []
    if body:
        fields = f"given({_assigned(_schema(body, schemas)['properties'])})"
        arguments.append(f"body={'changes' if name in NULL_REMOVES else fields}")
    arguments += ["idempotency_key=idempotency_key"] if keyed else []
    return f'''    async def {method}({words}) -> {_answer(operation)}:
        """{_sentence(operation)}"""
        return await self._transport.request({", ".join(arguments)})
'''


def _sentence(operation: Json) -> str:
    roles = operation.get("description", "")
    return f"{operation['summary']}.\n\n        {roles}\n        " if roles else f"{operation['summary']}."


def _assigned(names: Iterable[str]) -> str:
    return ", ".join(f"{_snake(name)}={_snake(name)}" for name in names)


def _schema(reference: Json, schemas: Json) -> Json:
    found: Json = schemas[_name_of(reference)]
    return found


def _body_parameters(name: str, body: Json | None, schemas: Json) -> Iterator[str]:
    if body is None:
        return
    if name in NULL_REMOVES:
        yield f"**changes: Unpack[{_input_hint(body)}]"
        return
    schema = _schema(body, schemas)
    for field, part in schema["properties"].items():
        hint = _input_hint(part)
        if field in schema.get("required", []):
            yield f"{_snake(field)}: {hint}"
        else:
            yield f"{_snake(field)}: {hint.removesuffix(' | None')} | None = None"


def _query_parameter(parameter: Json) -> str:
    name, schema = parameter["name"], parameter["schema"]
    hint = "bool" if schema.get("enum") == ["true", "false"] else _input_hint(schema)
    return f"{_snake(name)}: {hint}" if parameter["required"] else f"{_snake(name)}: {hint} | None = None"


# ---------------------------------------------------------------------------- Without waiting

_WITHOUT_WAITING: Final[Mapping[str, str]] = {
    r"\bAsyncExitStack\b": "ExitStack",
    r"\bawait asyncio\.to_thread\((\w+), ": r"\1(",
    r"\bAsync(?=[A-Z])": "",
    r"\b_async\b": "_sync",
    r"\basync (?=def|with|for)": "",
    r"\bawait ": "",
    r"\b__aenter__\b": "__enter__",
    r"\b__aexit__\b": "__exit__",
    r"\baclose\b": "close",
    r"\baiter_bytes\b": "iter_bytes",
    r"\basyncio\b": "time",
    r"\bAwaitable\[((?:[^\[\]]|\[[^\[\]]*\])+)\]": r"\1",
}


def to_sync(text: str) -> str:
    """Asynchronous code as code that does the same and waits itself."""
    for asynchronous, synchronous in _WITHOUT_WAITING.items():
        text = re.sub(asynchronous, synchronous, text)
    return text


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text)
