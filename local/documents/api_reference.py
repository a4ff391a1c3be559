"""`python -m local.documents.api_reference` writes docs/api.md from the OpenAPI document.

A page for readers: each operation with who may call it, what goes in and what comes out, and each object once. Bounds
and errors are those that requests are validated by, since the OpenAPI document is.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from metering.http.openapi import openapi_document

Json = dict[str, Any]

PAGE: Final = Path(__file__).parents[2] / "docs/api.md"
TITLES: Final = {
    "usage": "Usage",
    "rates": "Rates",
    "sessions": "Sessions",
    "holds": "Holds",
    "agents": "Agents",
    "budgets": "Budgets",
    "views": "Views",
    "exports": "Exports",
    "webhooks": "Webhooks",
    "projects": "Projects, members, keys",
    "service": "The service",
}
"""Sections in the order of reading; tags that have none of their own come after."""
EVERYWHERE: Final = ("401", "403", "413", "429", "503")
"""Answers that nearly every operation may give."""
_BOUNDS: Final = {
    ("minimum", "maximum"): "",
    ("minLength", "maxLength"): " characters",
    ("minItems", "maxItems"): " items",
    ("minProperties", "maxProperties"): " names",
}
_INTRODUCTION: Final = """# API reference

Written from the service's own OpenAPI document (`GET /openapi.json`, {version}) by
`python -m local.documents.api_reference`; a test holds it current. Conventions, errors and meanings are in
[README.md](../README.md) and [decisions.md](decisions.md).

Requests carry `Authorization: Bearer <api key>`, bodies are JSON in camelCase, and unknown fields are refused. Every
operation may also answer 401 `unauthenticated`, 403 `forbidden`, 413 `too_large`, 429 `throttled` and 503
`unavailable`, the latter two with `Retry-After`; errors are `application/problem+json` with a stable `code`.
"""


def page() -> str:
    """The page's text."""
    document = openapi_document()
    parts = [_INTRODUCTION.format(version=document["info"]["version"])]
    sections = _by_tag(document)
    for tag in [*TITLES, *sorted(sections.keys() - TITLES.keys())]:
        if tag in sections:
            parts.append(f"\n## {TITLES.get(tag, tag.capitalize())}\n")
            parts.extend(_operation(route, described) for route, described in sections[tag])
    parts.append("\n## Objects\n")
    parts.extend(_object(name, schema) for name, schema in sorted(document["components"]["schemas"].items()))
    return "".join(parts)


def _by_tag(document: Json) -> dict[str, list[tuple[str, Json]]]:
    found: dict[str, list[tuple[str, Json]]] = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            found.setdefault(described["tags"][0], []).append((f"{method.upper()} {path}", described))
    return found


def _operation(route: str, described: Json) -> str:
    lines = [f"\n### `{route}`\n", f"{described['summary']}. {described.get('description', 'No key is needed.')}\n"]
    parameters = [_parameter(one) for one in described["parameters"] if one["in"] != "path"]
    if parameters:
        lines += ["| parameter | | | |", "|---|---|---|---|", *parameters, ""]
    if "requestBody" in described:
        lines.append(f"Body: {_type(_content(described['requestBody']))}.\n")
    lines.append(f"{' '.join(_answers(described['responses']))}\n")
    return "\n".join(lines)


def _content(described: Json) -> Json:
    """The schema of a body or an answer; an answer may be something else than JSON."""
    [content] = described["content"].values()
    schema: Json = content.get("schema", {})
    return schema


def _parameter(parameter: Json) -> str:
    needed = "required" if parameter["required"] else ""
    where = " (header)" if parameter["in"] == "header" else ""
    schema, about = parameter["schema"], parameter.get("description", "")
    return f"| `{parameter['name']}`{where} | {_type(schema)} | {needed or _notes(schema)} | {about} |"


def _answers(responses: Json) -> Iterator[str]:
    successes = {status: answer for status, answer in responses.items() if status < "400"}
    for status, answer in sorted(successes.items(), reverse=True):
        yield f"{status}: {_type(_content(answer)) if answer.get('content') else 'no body'}."
    codes = [
        f"{status} {', '.join(re.findall(r'`[a-z_]+`', answer['description']))}"
        for status, answer in sorted(responses.items())
        if status >= "400" and status not in EVERYWHERE
    ]
    if codes:
        yield f"Errors: {' · '.join(codes)}."


def _object(name: str, schema: Json) -> str:
    lines = [f"\n### {name}\n"]
    if "properties" not in schema:
        return "\n".join([*lines, f"{_type(schema)}.\n"])
    required = schema.get("required", [])
    lines += ["| field | | | |", "|---|---|---|---|"]
    for field, part in schema["properties"].items():
        needed = "required" if field in required else _notes(part)
        lines.append(f"| `{field}` | {_type(part)} | {needed} | {part.get('description', '')} |")
    return "\n".join([*lines, ""])


def _type(schema: Json) -> str:
    """A schema in words, with its bounds."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return " or ".join(dict.fromkeys(map(_type, options)))
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    return ", ".join([_shape(schema), *_bounds(schema)])


def _shape(schema: Json) -> str:
    kind: str = schema.get("type", "any JSON")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    inner = schema.get("additionalProperties")
    if kind == "object" and isinstance(inner, dict):
        return f"object of name to {_type(inner)}"
    if kind == "null":
        return "`null`"
    return str(schema.get("format", kind)) if kind == "string" else kind


def _bounds(schema: Json) -> Iterator[str]:
    for (lowest, highest), unit in _BOUNDS.items():
        least, most = schema.get(lowest), schema.get(highest)
        if least is not None and most is not None:
            yield f"{least:,} to {most:,}{unit}" if least != most else f"{least:,}{unit}"
        elif most is not None or least is not None:
            yield f"at most {most:,}{unit}" if most is not None else f"at least {least:,}{unit}"


def _notes(schema: Json) -> str:
    default = schema.get("default")
    return "" if default is None or isinstance(default, dict | list) else f"default `{_json(default)}`"


def _json(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page())
