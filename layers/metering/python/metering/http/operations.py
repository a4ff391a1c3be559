"""Every operation of the API: its route, who may call it, what goes in, what comes out.

Dispatch validates by this table and the OpenAPI document is written from it, so that neither can tell anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel

from metering.domain import errors
from metering.domain.accounts import ADMINS, OWNERS, PLATFORM, READERS, RECORDERS, Role
from metering.domain.usage import UsageEvent
from metering.http import schemas, schemas_webhooks

Error = type[errors.MeteringError]


@dataclass(frozen=True)
class Operation:
    """One method of one path. `roles` of None: anyone, without a key."""

    route: str
    name: str
    summary: str
    answers: Mapping[int, type[BaseModel] | None]
    roles: frozenset[Role] | None
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    errors: tuple[Error, ...] = ()
    document_body: type[BaseModel] | None = None
    """The body's schema for readers, where `body` leaves judging its parts to the flow."""
    idempotency_header: bool = False
    tag: str = "usage"
    media_type: str = field(default="application/json")

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.route.partition(" ")[2]


_CALLBACK: Final = "/v1/callbacks/usage.computeCostAndRecord"

OPERATIONS: Final = (
    Operation(
        f"POST {_CALLBACK}",
        "recordUsage",
        "Compute what one use of a service costs and record it exactly once",
        {201: schemas.RecordedAnswer, 200: schemas.RecordedAnswer},
        RECORDERS,
        body=UsageEvent,
        errors=(errors.NotFoundError, errors.IdempotencyConflictError),
        idempotency_header=True,
    ),
    Operation(
        f"POST {_CALLBACK}/batch",
        "recordUsageBatch",
        "Record up to 500 events, each judged by itself",
        {200: schemas.BatchAnswer},
        RECORDERS,
        body=schemas.BatchRequest,
        document_body=schemas.BatchDocument,
    ),
    Operation(
        "GET /v1/usage/records",
        "listRecords",
        "Usage records in order of time, or of step where a run is named",
        {200: schemas.RecordsAnswer},
        READERS,
        query=schemas.RecordsQuery,
        errors=(errors.MalformedRequestError,),
    ),
    Operation(
        "GET /v1/usage/records/{recordId}",
        "getRecord",
        "One usage record",
        {200: schemas.RecordAnswer},
        READERS,
        errors=(errors.NotFoundError,),
    ),
    Operation(
        "GET /v1/runs/{runId}/usage",
        "getRunUsage",
        "What a run has used, by model and by step, up to date with the last answered callback",
        {200: schemas.RunAnswer},
        READERS,
        errors=(errors.NotFoundError,),
    ),
    Operation(
        "POST /v1/rates",
        "createRateCard",
        "A new rate card; cards are never edited",
        {201: schemas.RateCardAnswer, 200: schemas.RateCardAnswer},
        ADMINS | PLATFORM,
        body=schemas.RateCardRequest,
        errors=(errors.AlreadyExistsError,),
        tag="rates",
    ),
    Operation(
        "GET /v1/rates",
        "listRateCards",
        "The project's cards and the defaults",
        {200: schemas.RatesAnswer},
        READERS | PLATFORM,
        query=schemas.RatesQuery,
        errors=(errors.MalformedRequestError,),
        tag="rates",
    ),
    Operation(
        "GET /v1/rates/resolve",
        "resolveRateCard",
        "Which card prices an event, and why",
        {200: schemas.ResolveAnswer},
        RECORDERS | PLATFORM,
        query=schemas.ResolveQuery,
        tag="rates",
    ),
    Operation(
        "POST /v1/projects",
        "createProject",
        "A new project with its owner's key",
        {201: schemas.NewProjectAnswer},
        PLATFORM,
        body=schemas.ProjectRequest,
        errors=(errors.AlreadyExistsError,),
        tag="projects",
    ),
    Operation(
        "GET /v1/project",
        "getProject",
        "The key's project",
        {200: schemas.ProjectAnswer},
        RECORDERS,
        errors=(errors.NotFoundError,),
        tag="projects",
    ),
    Operation(
        "PATCH /v1/project",
        "changeProject",
        "Change the project's name, pricing mode or number of record partitions",
        {200: schemas.ProjectAnswer},
        OWNERS,
        body=schemas.ProjectPatch,
        errors=(errors.NotFoundError,),
        tag="projects",
    ),
    Operation(
        "POST /v1/api-keys",
        "createApiKey",
        "A new key with a role; it is shown once",
        {201: schemas.NewKeyAnswer},
        ADMINS,
        body=schemas.KeyRequest,
        tag="projects",
    ),
    Operation(
        "GET /v1/api-keys",
        "listApiKeys",
        "The project's keys, without their secrets",
        {200: schemas.KeysAnswer},
        ADMINS,
        query=schemas.PageQuery,
        errors=(errors.MalformedRequestError,),
        tag="projects",
    ),
    Operation(
        "DELETE /v1/api-keys/{keyId}",
        "revokeApiKey",
        "Revoke a key; it is refused everywhere within a minute",
        {204: None},
        ADMINS,
        errors=(errors.NotFoundError,),
        tag="projects",
    ),
    Operation(
        "POST /v1/webhooks",
        "createWebhook",
        "Have events sent to a URL, signed as Standard Webhooks describes; the secret is shown once",
        {201: schemas_webhooks.WebhookSecretAnswer, 200: schemas_webhooks.WebhookSecretAnswer},
        ADMINS,
        body=schemas_webhooks.WebhookRequest,
        errors=(errors.IdempotencyConflictError,),
        idempotency_header=True,
        tag="webhooks",
    ),
    Operation(
        "GET /v1/webhooks",
        "listWebhooks",
        "The project's webhooks, without their secrets",
        {200: schemas_webhooks.WebhooksAnswer},
        ADMINS,
        query=schemas.PageQuery,
        errors=(errors.MalformedRequestError,),
        tag="webhooks",
    ),
    Operation(
        "GET /v1/webhooks/{webhookId}",
        "getWebhook",
        "One webhook, without its secret",
        {200: schemas_webhooks.WebhookAnswer},
        ADMINS,
        errors=(errors.NotFoundError,),
        tag="webhooks",
    ),
    Operation(
        "DELETE /v1/webhooks/{webhookId}",
        "deleteWebhook",
        "Remove a webhook; what is still to be delivered to it is not",
        {204: None},
        ADMINS,
        errors=(errors.NotFoundError,),
        tag="webhooks",
    ),
    Operation(
        "POST /v1/webhooks/{webhookId}/rotate-secret",
        "rotateWebhookSecret",
        "A new secret; the old one signs beside it for another 24 hours",
        {200: schemas_webhooks.WebhookSecretAnswer},
        ADMINS,
        errors=(errors.NotFoundError, errors.InvalidRequestError),
        idempotency_header=True,
        tag="webhooks",
    ),
    Operation(
        "GET /v1/webhooks/{webhookId}/deliveries",
        "listWebhookDeliveries",
        "What was sent to a webhook, and every attempt, for 90 days",
        {200: schemas_webhooks.DeliveriesAnswer},
        ADMINS,
        query=schemas.PageQuery,
        errors=(errors.NotFoundError, errors.MalformedRequestError),
        tag="webhooks",
    ),
    Operation(
        "POST /v1/webhooks/{webhookId}/deliveries/{deliveryId}/retry",
        "retryWebhookDelivery",
        "Try a delivery again at once, however it ended, its schedule begun anew",
        {202: schemas_webhooks.DeliveryAnswer},
        ADMINS,
        errors=(errors.NotFoundError,),
        tag="webhooks",
    ),
    Operation(
        "POST /v1/webhooks/{webhookId}/test",
        "testWebhook",
        "Send an event of the type `webhook.test` to one webhook",
        {202: schemas_webhooks.DeliveryAnswer},
        ADMINS,
        errors=(errors.NotFoundError,),
        tag="webhooks",
    ),
    Operation(
        "GET /healthz", "getHealth", "Whether the service is up", {200: schemas.HealthAnswer}, None, tag="service"
    ),
    Operation("GET /openapi.json", "getOpenApi", "This document", {200: None}, None, tag="service"),
)

BY_ROUTE: Final = MappingProxyType({operation.route: operation for operation in OPERATIONS})
