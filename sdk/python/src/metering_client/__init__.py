"""The client of Meterstone: usage metering, cost tracking and hard limits for platforms that run AI agents."""

from metering_client._async.agents import AsyncAgent
from metering_client._async.client import AsyncClient
from metering_client._async.sessions import AsyncHold, AsyncSession
from metering_client._exports import Exported
from metering_client._operation import Operation
from metering_client._sync.agents import Agent
from metering_client._sync.client import Client
from metering_client._sync.sessions import Hold, Session
from metering_client.adapters import from_anthropic, from_google, from_openai, from_otel
from metering_client.errors import (
    AgentLostError,
    AgentPausedError,
    AgentStoppedError,
    AlreadyExistsError,
    ApiError,
    ExportDamagedError,
    ExportFailedError,
    ForbiddenError,
    HoldClosedError,
    IdempotencyConflictError,
    InvalidRequestError,
    LastOwnerError,
    LimitReachedError,
    MalformedRequestError,
    MeteringError,
    MethodNotAllowedError,
    NotFoundError,
    NotVoidableError,
    SessionPausedError,
    StillOverLimitError,
    ThrottledError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnexpectedAnswerError,
    UnknownUsageError,
    UnratedError,
    UnreachableError,
    WebhookVerificationError,
)
from metering_client.recorder import Rejected, UsageRecorder
from metering_client.webhooks import WebhookEvent, verify_webhook

__all__ = [
    "Agent",
    "AgentLostError",
    "AgentPausedError",
    "AgentStoppedError",
    "AlreadyExistsError",
    "ApiError",
    "AsyncAgent",
    "AsyncClient",
    "AsyncHold",
    "AsyncSession",
    "Client",
    "ExportDamagedError",
    "ExportFailedError",
    "Exported",
    "ForbiddenError",
    "Hold",
    "HoldClosedError",
    "IdempotencyConflictError",
    "InvalidRequestError",
    "LastOwnerError",
    "LimitReachedError",
    "MalformedRequestError",
    "MeteringError",
    "MethodNotAllowedError",
    "NotFoundError",
    "NotVoidableError",
    "Operation",
    "Rejected",
    "Session",
    "SessionPausedError",
    "StillOverLimitError",
    "ThrottledError",
    "TooLargeError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnexpectedAnswerError",
    "UnknownUsageError",
    "UnratedError",
    "UnreachableError",
    "UsageRecorder",
    "WebhookEvent",
    "WebhookVerificationError",
    "from_anthropic",
    "from_google",
    "from_openai",
    "from_otel",
    "verify_webhook",
]
