"""Functions of a blueprint, for tests that run none."""

from pathlib import Path
from typing import Any

from local.template.blueprint import Function


def function(name: str, **other: Any) -> Function:
    usual: dict[str, Any] = {
        "code": Path(),
        "handler": "app.handler",
        "environment": {},
        "timeout": 10,
        "memory": 128,
        "dead_letters": None,
        "retries": 2,
        "environments": 4,
    }
    return Function(name=name, **(usual | other))
