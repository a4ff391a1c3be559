"""The operations of webhooks."""

from typing import Final

from metering.domain import errors
from metering.domain.accounts import ADMINS
from metering.http import schemas_webhooks as schemas
from metering.http.operation import Operation
from metering.http.schemas import PageQuery

_WEBHOOK: Final = "/v1/webhooks/{webhookId}"

WEBHOOK_OPERATIONS: Final = (
    Operation(
        "POST /v1/webhooks",
        "createWebhook",
        "Have events sent to a URL, signed as Standard Webhooks describes; the secret is shown once",
        {201: schemas.WebhookSecretAnswer, 200: schemas.WebhookSecretAnswer},
        ADMINS,
        body=schemas.WebhookRequest,
        errors=(errors.IdempotencyConflictError,),
        idempotency_header=True,
        tag="webhooks",
    ),
    Operation(
        "GET /v1/webhooks",
        "listWebhooks",
        "The project's webhooks, without their secrets",
        {200: schemas.WebhooksAnswer},
        ADMINS,
        query=PageQuery,
        errors=(errors.MalformedRequestError,),
        tag="webhooks",
    ),
    Operation(
        f"GET {_WEBHOOK}",
        "getWebhook",
        "One webhook, without its secret",
        {200: schemas.WebhookAnswer},
        ADMINS,
        errors=(errors.NotFoundError,),
        tag="webhooks",
    ),
    Operation(
        f"DELETE {_WEBHOOK}",
        "deleteWebhook",
        "Remove a webhook; what is still to be delivered to it is not",
        {204: None},
        ADMINS,
        errors=(errors.NotFoundError,),
        tag="webhooks",
    ),
    Operation(
        f"POST {_WEBHOOK}/rotate-secret",
        "rotateWebhookSecret",
        "A new secret; the old one signs beside it for another 24 hours",
        {200: schemas.WebhookSecretAnswer},
        ADMINS,
        errors=(errors.NotFoundError, errors.InvalidRequestError),
        idempotency_header=True,
        tag="webhooks",
    ),
    Operation(
        f"GET {_WEBHOOK}/deliveries",
        "listWebhookDeliveries",
        "What was sent to a webhook, and every attempt, for 90 days",
        {200: schemas.DeliveriesAnswer},
        ADMINS,
        query=PageQuery,
        errors=(errors.NotFoundError, errors.MalformedRequestError),
        tag="webhooks",
    ),
    Operation(
        f"POST {_WEBHOOK}/deliveries/{{deliveryId}}/retry",
        "retryWebhookDelivery",
        "Try a delivery again at once, however it ended, its schedule begun anew",
        {202: schemas.DeliveryAnswer},
        ADMINS,
        errors=(errors.NotFoundError,),
        tag="webhooks",
    ),
    Operation(
        f"POST {_WEBHOOK}/test",
        "testWebhook",
        "Send an event of the type `webhook.test` to one webhook",
        {202: schemas.DeliveryAnswer},
        ADMINS,
        errors=(errors.NotFoundError,),
        tag="webhooks",
    ),
)
