"""The operations of exports."""

from typing import Any, Final

from metering.domain import errors
from metering.domain.accounts import ADMINS, READERS
from metering.http import schemas_exports as schemas
from metering.http.operation import Operation
from metering.http.schemas import PageQuery

_CUSTOMER: Final = "/v1/stripe-customers/{userId}"


def _operation(route: str, name: str, summary: str, **rest: Any) -> Operation:  # noqa: ANN401  # Operation's own fields
    return Operation(route, name, summary, **{"tag": "exports", **rest})


EXPORT_OPERATIONS: Final = (
    _operation(
        "POST /v1/exports",
        "createExport",
        "Export usage to S3, as records, groups or Stripe invoice items",
        answers={202: schemas.ExportStarted},
        roles=ADMINS,
        body=schemas.ExportBody,
        errors=(errors.MalformedRequestError, errors.IdempotencyConflictError),
        idempotency_header=True,
    ),
    _operation(
        "GET /v1/exports/{exportId}",
        "getExport",
        "An export, how far it is, and links to its files",
        answers={200: schemas.ExportAnswer},
        roles=READERS,
        errors=(errors.NotFoundError,),
    ),
    _operation(
        "GET /v1/exports",
        "listExports",
        "The project's exports, the newest first",
        answers={200: schemas.ExportsAnswer},
        roles=READERS,
        query=PageQuery,
        errors=(errors.MalformedRequestError,),
    ),
    _operation(
        f"PUT {_CUSTOMER}",
        "putStripeCustomer",
        "Say which Stripe customer a user's usage is billed to",
        answers={200: schemas.CustomerAnswer},
        roles=ADMINS,
        body=schemas.CustomerBody,
    ),
    _operation(
        f"GET {_CUSTOMER}",
        "getStripeCustomer",
        "The Stripe customer of a user",
        answers={200: schemas.CustomerAnswer},
        roles=READERS,
        errors=(errors.NotFoundError,),
    ),
    _operation(
        f"DELETE {_CUSTOMER}",
        "deleteStripeCustomer",
        "Forget a user's Stripe customer",
        answers={204: None},
        roles=ADMINS,
        errors=(errors.NotFoundError,),
    ),
)
