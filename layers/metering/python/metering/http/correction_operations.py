"""The operations that correct records, and explain them."""

from typing import Final

from metering.domain import errors
from metering.domain.accounts import ADMINS, READERS
from metering.http import schemas_corrections as schemas
from metering.http.operation import Operation

_RECORD: Final = "/v1/usage/records/{recordId}"

CORRECTION_OPERATIONS: Final = (
    Operation(
        f"GET {_RECORD}/explain",
        "explainRecord",
        "Why a record costs what it costs: cards, tiers, arithmetic and corrections",
        {200: schemas.ExplainAnswer},
        READERS,
        errors=(errors.NotFoundError,),
        tag="corrections",
    ),
    Operation(
        f"POST {_RECORD}/void",
        "voidRecord",
        "Take a record back by a compensating record; totals and meters follow",
        {201: schemas.VoidAnswer, 200: schemas.VoidAnswer},
        ADMINS,
        body=schemas.VoidRequest,
        errors=(errors.NotFoundError, errors.NotVoidableError),
        tag="corrections",
    ),
    Operation(
        "POST /v1/usage/rerate",
        "startRerating",
        "Price the usage of a range of dates anew by the cards as they are now, or say what that would change",
        {202: schemas.RerateAnswer},
        ADMINS,
        body=schemas.RerateRequest,
        errors=(errors.MalformedRequestError, errors.IdempotencyConflictError),
        idempotency_header=True,
        tag="corrections",
    ),
    Operation(
        "GET /v1/usage/rerate/{jobId}",
        "getRerating",
        "How far a re-rating has come, and what it came to",
        {200: schemas.RerateJobAnswer},
        ADMINS,
        errors=(errors.NotFoundError,),
        tag="corrections",
    ),
)
