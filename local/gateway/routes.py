"""Which route takes a request: one of its method and path, else of any method, else a greedy one, else $default."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from local.template.blueprint import Route

_VARIABLE = re.compile(r"\{(\w+)(\+?)\}")
DEFAULT = "$default"


class RouteTable:
    def __init__(self, routes: Iterable[Route]) -> None:
        by_path: dict[str, dict[str, Route]] = {}
        for route in routes:
            by_path.setdefault(route.path, {})[route.method] = route
        self._default = by_path.pop(DEFAULT, {}).get("ANY")
        self._plain = {path: methods for path, methods in by_path.items() if "{" not in path}
        variable = sorted(by_path.keys() - self._plain.keys(), key=_generality)
        self._variable = [(_pattern(path), by_path[path]) for path in variable]

    def find(self, method: str, path: str) -> tuple[Route | None, dict[str, str]]:
        """The route, and the values of its path's variables. `path` as it was sent, not yet decoded."""
        route = _of_method(self._plain.get(path, {}), method)
        if route:
            return route, {}
        for pattern, methods in self._variable:
            match = pattern.fullmatch(path)
            if match and (route := _of_method(methods, method)):
                return route, {name: unquote(value) for name, value in match.groupdict().items()}
        return self._default, {}


def _of_method(methods: dict[str, Route], method: str) -> Route | None:
    return methods.get(method) or methods.get("ANY")


def _generality(path: str) -> tuple[bool, list[bool], str]:
    """Greedy paths come last; among the others the one that names more of its first segments."""
    return "+}" in path, ["{" in segment for segment in path.split("/")], path


def _pattern(path: str) -> re.Pattern[str]:
    text, end = "", 0
    for variable in _VARIABLE.finditer(path):
        text += re.escape(path[end : variable.start()])
        text += f"(?P<{variable[1]}>{'.+' if variable[2] else '[^/]+'})"
        end = variable.end()
    return re.compile(text + re.escape(path[end:]))
