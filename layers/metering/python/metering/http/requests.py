"""What an HTTP API hands to a function, read strictly: caller, body, query."""

import base64
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from metering.domain.accounts import ADMIN_ROLE, Role
from metering.domain.errors import (
    Fault,
    ForbiddenError,
    InvalidRequestError,
    MalformedRequestError,
    NotFoundError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)
from metering.domain.rating import PricingMode

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MOST_BODY_BYTES: Final = 256 * 1024
_MOST_ID_CHARACTERS: Final = 210
"""Ids have up to 200, and a scope's kind before them; of four bytes each they still fit into a sort key."""
M = TypeVar("M", bound=BaseModel)
Event = Mapping[str, Any]
_MODES: Final = get_args(PricingMode)


class Caller(NamedTuple):
    """Who calls, as the authorizer found it."""

    project: str
    role: Role
    key_id: str
    mode: PricingMode = "managed"
    shards: int = 1
    user_id: str | None = None
    """The member whom the key is bound to."""


def caller_of(event: Event) -> Caller:
    """The caller of a request.

    Raises:
        UnauthenticatedError: the authorizer does not know the key.
        UnavailableError: it could not find out.
    """
    context = event["requestContext"].get("authorizer", {}).get("lambda") or {}
    if "unavailable" in context:
        raise UnavailableError(context["unavailable"])
    if "role" not in context:
        raise UnauthenticatedError(context.get("denied") or "send `Authorization: Bearer <api key>`")
    return Caller(
        context["projectId"],
        context["role"],
        context["keyId"],
        context["pricingMode"],
        int(context["shards"]),
        context.get("userId"),
    )


def claims_of(event: Event) -> Mapping[str, Any]:
    """The claims of the token that the gateway's JWT authorizer has verified.

    Raises:
        UnauthenticatedError: the request did not come through it.
    """
    claims: Mapping[str, Any] = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims") or {}
    if not claims:
        raise UnauthenticatedError("send `Authorization: Bearer <token of the identity provider>`")
    return claims


def require(caller: Caller, roles: frozenset[Role]) -> None:
    """Refuses a caller without one of `roles`.

    Raises:
        ForbiddenError: the caller has another role.
    """
    if caller.role not in roles:
        whose = "the platform's admin key" if caller.role == ADMIN_ROLE else f"a key with the role {caller.role}"
        raise ForbiddenError(f"this needs {' or '.join(sorted(roles))}, and the request came with {whose}")


def path_of(event: Event) -> Mapping[str, str]:
    """The values of the path's parameters.

    Raises:
        NotFoundError: one is longer than any id, or cannot be printed.
    """
    values: Mapping[str, str] = event.get("pathParameters") or {}
    for name, value in values.items():
        if len(value) > _MOST_ID_CHARACTERS or not value.isprintable():
            raise NotFoundError(f"no {name} is like this one")
    return values


def json_body(event: Event) -> Any:  # noqa: ANN401  # JSON
    """The body of a request, its fractions as Decimal.

    Raises:
        TooLargeError: over 256 KiB.
        MalformedRequestError: not JSON, not UTF-8, or an object names a field twice.
    """
    body: str | bytes = event.get("body") or ""
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body)
    if len(body) > MOST_BODY_BYTES or (not isinstance(body, bytes) and _is_large(body)):
        raise TooLargeError(f"the body is over {MOST_BODY_BYTES} bytes")
    try:
        return _decode(body.decode() if isinstance(body, bytes) else body)
    except RecursionError:
        raise MalformedRequestError("the body is nested too deeply") from None
    except InvalidOperation:
        raise MalformedRequestError("the body has a number whose exponent nothing can hold") from None
    except ValueError as error:
        raise MalformedRequestError(f"the body is not JSON: {error}") from None


def _is_large(body: str) -> bool:
    # A character is at most four bytes, so most bodies need no encoding to be told small.
    return len(body) * 4 > MOST_BODY_BYTES and len(body.encode(errors="surrogatepass")) > MOST_BODY_BYTES


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _object(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(fields)
    if len(found) < len(fields):
        # Readers of JSON differ in which of the two they take, so a figure that stands twice is not to be trusted.
        raise ValueError("an object names one of its fields twice")
    return found


_decode: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Decimal, parse_constant=_refuse_constant
).decode


def parse(model: type[M], value: Any) -> M:  # noqa: ANN401  # JSON
    """`value` as a model.

    Raises:
        InvalidRequestError: it does not fit; every fault is listed.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid(error) from None


def parse_query(model: type[M], event: Event) -> M:
    """The query parameters as a model.

    Raises:
        InvalidRequestError: one is unknown, missing or of the wrong form.
    """
    return parse(model, event.get("queryStringParameters") or {})


def invalid(error: ValidationError) -> InvalidRequestError:
    """A validation's faults as the error that callers see."""
    faults = [
        Fault(".".join(str(part) for part in fault["loc"] if part != "[key]"), _message(fault))
        for fault in error.errors(include_url=False, include_input=False)
    ]
    first = faults[0]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return InvalidRequestError(f"{first.path}: {first.message}{more}" if first.path else first.message, faults=faults)


# pydantic speaks of dictionaries and extra inputs; callers send JSON.
_MESSAGES: Final = {
    "missing": "is needed",
    "extra_forbidden": "is not a field of this request",
    "string_type": "must be a string",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "int_type": "must be an integer",
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "list_type": "must be a list",
    "too_short": "must not be empty",
    "too_long": "must have at most {max_length} entries",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "literal_error": "must be {expected}",
}


def _message(fault: "ErrorDetails") -> str:
    message = _MESSAGES.get(fault["type"])
    return message.format(**fault.get("ctx", {})) if message else fault["msg"].removeprefix("Value error, ")
