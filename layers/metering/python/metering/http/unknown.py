"""The answer to a route that the API does not have."""

import re
from typing import NoReturn

from metering.domain.errors import MethodNotAllowedError, NotFoundError
from metering.http.operations import OPERATIONS

_PARAMETER = re.compile(r"\\\{\w+\\\}")


def refuse_unknown_route(method: str, path: str) -> NoReturn:
    """Says that there is no such path, or which methods it has.

    Raises:
        NotFoundError: no operation has this path.
        MethodNotAllowedError: others have.
    """
    allowed = sorted(operation.method for operation in OPERATIONS if _pattern(operation.path).fullmatch(path))
    if allowed:
        raise MethodNotAllowedError(f"{path} has no {method}; it has {', '.join(allowed)}", allowed=allowed)
    raise NotFoundError(f"there is no {path}")


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_PARAMETER.sub("[^/]+", re.escape(path)))
