"""The answer to a route that the API does not have."""

import re
from typing import NoReturn

from metering.domain.errors import MethodNotAllowedError, NotFoundError
from metering.http.operations import OPERATIONS, PAGES

_PARAMETER = re.compile(r"\\\{\w+(\\\+)?\\\}")


def refuse_unknown_route(method: str, path: str) -> NoReturn:
    """Says that there is no such path, or which methods it has.

    Raises:
        NotFoundError: no operation has this path, or the one that has it needs a parameter that is not set.
        MethodNotAllowedError: others have.
    """
    routes = [*(operation.route for operation in OPERATIONS), *PAGES]
    known = (route.partition(" ") for route in routes)
    allowed = sorted(allows for allows, _, pattern in known if _pattern(pattern).fullmatch(path))
    if allowed and method not in allowed:
        raise MethodNotAllowedError(f"{path} has no {method}; it has {', '.join(allowed)}", allowed=allowed)
    raise NotFoundError(f"there is no {path}")


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_PARAMETER.sub(lambda found: ".+" if found[1] else "[^/]+", re.escape(path)))
