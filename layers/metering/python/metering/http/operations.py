"""Every operation of the API: its route, who may call it, what goes in, what comes out.

Dispatch validates by this table and the OpenAPI document is written from it, so that neither can tell anything else.
"""

from types import MappingProxyType
from typing import Final

from metering.domain import errors
from metering.domain.accounts import ADMINS, OWNERS, PLATFORM, READERS, RECORDERS
from metering.domain.usage import UsageEvent
from metering.http import schemas
from metering.http import schemas_projects as projects
from metering.http import schemas_rates as rates
from metering.http.correction_operations import CORRECTION_OPERATIONS
from metering.http.export_operations import EXPORT_OPERATIONS
from metering.http.operation import Operation
from metering.http.session_operations import SESSION_OPERATIONS
from metering.http.view_operations import VIEW_OPERATIONS
from metering.http.webhook_operations import WEBHOOK_OPERATIONS

_MEMBER: Final = "/v1/project/members/{userId}"
_CALLBACK: Final = "/v1/callbacks/usage.computeCostAndRecord"

OPERATIONS: Final = (
    Operation(
        f"POST {_CALLBACK}",
        "recordUsage",
        "Compute what one use of a service costs and record it exactly once",
        {201: schemas.RecordedAnswer, 200: schemas.RecordedAnswer},
        RECORDERS,
        body=UsageEvent,
        errors=(errors.NotFoundError, errors.IdempotencyConflictError, errors.HoldClosedError),
        idempotency_header=True,
        work=True,
    ),
    Operation(
        f"POST {_CALLBACK}/batch",
        "recordUsageBatch",
        "Record up to 500 events, each judged by itself",
        {200: schemas.BatchAnswer},
        RECORDERS,
        body=schemas.BatchRequest,
        document_body=schemas.BatchDocument,
        work=True,
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
        {201: rates.RateCardAnswer, 200: rates.RateCardAnswer},
        ADMINS | PLATFORM,
        body=rates.RateCardRequest,
        errors=(errors.AlreadyExistsError,),
        tag="rates",
    ),
    Operation(
        "GET /v1/rates",
        "listRateCards",
        "The project's cards and the defaults",
        {200: rates.RatesAnswer},
        READERS | PLATFORM,
        query=rates.RatesQuery,
        errors=(errors.MalformedRequestError,),
        tag="rates",
    ),
    Operation(
        "GET /v1/rates/resolve",
        "resolveRateCard",
        "Which card prices an event, and why",
        {200: rates.ResolveAnswer},
        RECORDERS | PLATFORM,
        query=rates.ResolveQuery,
        tag="rates",
    ),
    Operation(
        "POST /v1/projects",
        "createProject",
        "A new project with its owner's key",
        {201: projects.NewProjectAnswer},
        PLATFORM,
        body=projects.ProjectRequest,
        errors=(errors.AlreadyExistsError,),
        tag="projects",
    ),
    Operation(
        "GET /v1/project",
        "getProject",
        "The key's project",
        {200: projects.ProjectAnswer},
        RECORDERS,
        errors=(errors.NotFoundError,),
        tag="projects",
    ),
    Operation(
        "PATCH /v1/project",
        "changeProject",
        "Change the project's name, pricing mode, markup or number of record partitions",
        {200: projects.ProjectAnswer},
        OWNERS,
        body=projects.ProjectPatch,
        errors=(errors.NotFoundError,),
        tag="projects",
    ),
    Operation(
        "GET /v1/project/members",
        "listMembers",
        "The project's members and their roles",
        {200: projects.MembersAnswer},
        READERS,
        query=schemas.PageQuery,
        errors=(errors.MalformedRequestError,),
        tag="projects",
    ),
    Operation(
        f"GET {_MEMBER}",
        "getMember",
        "A member of the project and the role",
        {200: projects.MemberAnswer},
        READERS,
        errors=(errors.NotFoundError,),
        tag="projects",
    ),
    Operation(
        f"PUT {_MEMBER}",
        "putMember",
        "Give a person a role in the project",
        {200: projects.MemberAnswer, 201: projects.MemberAnswer},
        OWNERS,
        body=projects.MemberRequest,
        errors=(errors.LastOwnerError,),
        tag="projects",
    ),
    Operation(
        f"DELETE {_MEMBER}",
        "removeMember",
        "Remove a member; the last owner stays",
        {204: None},
        OWNERS,
        errors=(errors.NotFoundError, errors.LastOwnerError),
        tag="projects",
    ),
    Operation(
        "POST /v1/api-keys",
        "createApiKey",
        "A new key with a role, of the project or of a member; it is shown once",
        {201: projects.NewKeyAnswer},
        ADMINS,
        body=projects.KeyRequest,
        tag="projects",
    ),
    Operation(
        "GET /v1/api-keys",
        "listApiKeys",
        "The project's keys, without their secrets",
        {200: projects.KeysAnswer},
        ADMINS,
        query=schemas.PageQuery,
        errors=(errors.MalformedRequestError,),
        tag="projects",
    ),
    Operation(
        "DELETE /v1/api-keys/{keyId}",
        "revokeApiKey",
        "Revoke a key; it is refused everywhere within a minute. An owner's is revoked by another key of an owner",
        {204: None},
        ADMINS,
        errors=(errors.NotFoundError, errors.LastOwnerError),
        tag="projects",
    ),
    Operation(
        "GET /v1/sign-in",
        "describeSignIn",
        "Whether people may sign in, and with which identity provider",
        {200: projects.SignInDescription},
        None,
        tag="sign-in",
    ),
    Operation(
        "POST /v1/sign-in",
        "signIn",
        "A key of a member's own for a token of the identity provider; it ends by itself",
        {201: projects.SignInAnswer},
        None,
        body=projects.SignInRequest,
        errors=(errors.UnauthenticatedError, errors.ForbiddenError, errors.NotFoundError),
        token=True,
        tag="sign-in",
    ),
    Operation(
        "GET /v1/audit",
        "listAuditEntries",
        "Who changed what, the newest first; the platform's own log with its admin key",
        {200: projects.AuditAnswer},
        ADMINS | PLATFORM,
        query=projects.AuditQuery,
        errors=(errors.MalformedRequestError,),
        tag="projects",
    ),
    *CORRECTION_OPERATIONS,
    *WEBHOOK_OPERATIONS,
    *SESSION_OPERATIONS,
    *VIEW_OPERATIONS,
    *EXPORT_OPERATIONS,
    Operation(
        "GET /healthz", "getHealth", "Whether the service is up", {200: schemas.HealthAnswer}, None, tag="service"
    ),
    Operation("GET /openapi.json", "getOpenApi", "This document", {200: None}, None, tag="service"),
)

BY_ROUTE: Final = MappingProxyType({operation.route: operation for operation in OPERATIONS})

PAGES: Final = ("GET /", "GET /dashboard/{proxy+}")
"""What is served beside the API, without a key: the dashboard, which asks the API for all that it shows."""
