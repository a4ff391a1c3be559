"""What each operation is called on the command line, how to show its answer, and examples that a test runs in order.

In examples `$NAME` is what an earlier answer has given: the test puts it there, and a reader their own.
"""

from typing import Final, NamedTuple


class Shown(NamedTuple):
    """An operation as a command."""

    group: str
    name: str
    examples: tuple[str, ...]
    columns: tuple[str, ...] = ()
    """Of a list: dotted paths into its items; by default whatever they have that is no list and no object."""


GROUPS: Final = {
    "project": "The project: its settings, its emergency stop; with the admin key, new ones.",
    "members": "People of the project and their roles.",
    "keys": "API keys of the project and of its members.",
    "audit": "Who changed what.",
    "sign-in": "Keys for members who come from an identity provider.",
    "sessions": "Sessions, their limits, what they have used.",
    "holds": "Room that is reserved for usage to come.",
    "agents": "Agents of a session and their leases.",
    "budgets": "Limits of a user, a run or the project.",
    "usage": "Record usage, and views of it.",
    "runs": "Runs and what they have cost.",
    "records": "Usage records: look, explain, take back.",
    "rerate": "Price usage anew.",
    "rates": "Rate cards: the catalogue, and those that a service has.",
    "exports": "Exports in S3; `metering export` fetches one and checks it.",
    "stripe-customers": "Whom a user's usage is billed to.",
    "webhooks": "Endpoints that events are sent to, and every delivery.",
    "service": "The service itself.",
}

_FIGURES: Final = ("key", "costUsd", "billedUsd", "records", "unrated")
_RANGE: Final = "--from 2026-11-01 --to 2026-11-30"


def _by(dimension: str) -> Shown:
    return Shown("usage", f"by-{dimension}", (f"metering usage by-{dimension} {_RANGE}",), _FIGURES)


CATALOGUE: Final = {
    "getProject": Shown("project", "show", ("metering project show",)),
    "changeProject": Shown("project", "change", ('metering project change --name "Shop agents"',)),
    "createProject": Shown(
        "project",
        "create",
        ('METERING_API_KEY=$ADMIN_KEY metering project create --name "Shop" --owner-id ada --pricing-mode managed',),
    ),
    "pauseProject": Shown("project", "pause", ('metering project pause --reason "runaway agents"',)),
    "getProjectStanding": Shown("project", "standing", ("metering project standing",)),
    "resumeProject": Shown("project", "resume", ("metering project resume",)),
    "putMember": Shown("members", "set", ("metering members set bob --role admin",)),
    "listMembers": Shown("members", "list", ("metering members list",)),
    "getMember": Shown("members", "show", ("metering members show bob",)),
    "createApiKey": Shown(
        "keys",
        "create",
        (
            "metering keys create --name ci --role ingest",
            "metering keys create --name bob --role admin --user-id bob --expires-in-seconds 86400",
        ),
    ),
    "listApiKeys": Shown(
        "keys",
        "list",
        ("metering keys list",),
        ("keyId", "name", "role", "userId", "createdAt", "expiresAt", "lastUsedAt"),
    ),
    "revokeApiKey": Shown("keys", "revoke", ("metering keys revoke $KEY_ID",)),
    "removeMember": Shown("members", "remove", ("metering members remove bob",)),
    "listAuditEntries": Shown(
        "audit",
        "list",
        ("metering audit list --action createApiKey", "metering audit list --actor bob --json"),
        ("at", "action", "target", "change", "keyId", "userId", "role"),
    ),
    "describeSignIn": Shown("sign-in", "show", ("metering sign-in show",)),
    "signIn": Shown(
        "sign-in", "exchange", ("METERING_API_KEY=$ID_TOKEN metering sign-in exchange --project-id $PROJECT_ID",)
    ),
    "createSession": Shown(
        "sessions",
        "create",
        (
            "metering sessions create --user-id ada --session-id ses_1 --max-cost 5.00/day --max-agents 2",
            "metering sessions create --user-id ada --reuse",
        ),
    ),
    "listSessions": Shown(
        "sessions",
        "list",
        ("metering sessions list", "metering sessions list --user-id ada --json"),
        ("sessionId", "userId", "status", "breached", "createdAt"),
    ),
    "getSession": Shown("sessions", "show", ("metering sessions show ses_1",)),
    "getSessionUsage": Shown("sessions", "usage", ("metering sessions usage ses_1",)),
    "getSessionLimits": Shown("sessions", "limits", ("metering sessions limits ses_1",)),
    "updateSessionLimits": Shown(
        "sessions",
        "set-limits",
        (
            "metering sessions set-limits ses_1 --max-cost 20.00/month --max-model-calls 500",
            "metering sessions set-limits ses_1 --max-agents null",
        ),
    ),
    "pauseSession": Shown("sessions", "pause", ('metering sessions pause ses_1 --reason "looks stuck"',)),
    "resumeSession": Shown("sessions", "resume", ("metering sessions resume ses_1",)),
    "openHold": Shown(
        "holds",
        "open",
        (
            "metering holds open ses_1 --hold-id hold_1 --cost-usd 0.25",
            "metering holds open ses_1 --dry-run --service codex --model-id gpt-5 --usage inputTokens=5000",
        ),
    ),
    "listHolds": Shown("holds", "list", ("metering holds list ses_1",)),
    "extendHold": Shown("holds", "extend", ("metering holds extend ses_1 hold_1 --ttl-seconds 900",)),
    "releaseHold": Shown("holds", "release", ("metering holds release ses_1 hold_1",)),
    "startAgent": Shown("agents", "start", ("metering agents start ses_1 --agent-id designer_1",)),
    "listAgents": Shown("agents", "list", ("metering agents list ses_1",)),
    "beatAgent": Shown("agents", "beat", ("metering agents beat ses_1 designer_1",)),
    "endAgent": Shown("agents", "end", ("metering agents end ses_1 designer_1",)),
    "putBudget": Shown("budgets", "set", ("metering budgets set user:ada --max-cost 200.00/month --thresholds 80",)),
    "listBudgets": Shown("budgets", "list", ("metering budgets list",), ("scope", "status", "limits.maxCost.limitUsd")),
    "getBudget": Shown("budgets", "show", ("metering budgets show user:ada",)),
    "deleteBudget": Shown("budgets", "remove", ("metering budgets remove user:ada",)),
    "recordUsage": Shown(
        "usage",
        "record",
        (
            (
                "metering usage record --idempotency-key call_1 --service claude_code --model-id claude-sonnet-4-5"
                " --usage inputTokens=1200 --usage outputTokens=340 --run-id run_1 --user-id ada"
            ),
        ),
    ),
    "recordUsageBatch": Shown(
        "usage",
        "record-batch",
        (
            (
                'metering usage record-batch --body \'{"events": [{"idempotencyKey": "call_2", "service": "e2b",'
                ' "usage": {"vcpuSeconds": 60}, "runId": "run_1"}]}\''
            ),
        ),
    ),
    "dailyUsage": Shown(
        "usage",
        "daily",
        (f"metering usage daily {_RANGE}", "metering usage daily --group-by model --json"),
        ("date", "hour", "costUsd", "billedUsd", "records", "unrated"),
    ),
    "usageByService": _by("service"),
    "usageByModel": _by("model"),
    "usageByProvider": _by("provider"),
    "usageByCategory": _by("category"),
    "usageByUser": _by("user"),
    "usageBySession": _by("session"),
    "usageByPersona": _by("persona"),
    "usageByTool": _by("tool"),
    "usageByStepType": _by("step-type"),
    "usageSummary": Shown("usage", "summary", (f"metering usage summary {_RANGE}",)),
    "listRuns": Shown(
        "runs", "list", ("metering runs list --sort recent",), ("runId", "costUsd", "billedUsd", "records", "unrated")
    ),
    "getRunUsage": Shown("runs", "show", ("metering runs show run_1",)),
    "listRecords": Shown(
        "records",
        "list",
        ("metering records list --run-id run_1", "metering records list --service claude_code --limit 20 --json"),
        ("recordId", "occurredAt", "service", "modelId", "userId", "runId", "costUsd"),
    ),
    "getRecord": Shown("records", "show", ("metering records show $RECORD_ID",)),
    "explainRecord": Shown("records", "explain", ("metering records explain $RECORD_ID",)),
    "voidRecord": Shown("records", "void", ('metering records void $RECORD_ID --reason "a test"',)),
    "startRerating": Shown("rerate", "start", (f"metering rerate start {_RANGE} --only unrated --dry-run --wait",)),
    "getRerating": Shown("rerate", "show", ("metering rerate show $JOB_ID",)),
    "createRateCard": Shown(
        "rates",
        "add",
        (
            (
                "metering rates add --provider anthropic --model-id our-model --effective-from 2026-01-01"
                " --metrics inputTokens=3/1000000 --metrics outputTokens=15/1000000"
            ),
        ),
    ),
    "listRateCards": Shown(
        "rates", "list", ("metering rates list --provider anthropic --limit 5",), ("rateId", "scope", "effectiveFrom")
    ),
    "resolveRateCard": Shown(
        "rates", "resolve", ("metering rates resolve --service claude_code --model-id claude-sonnet-4-5",)
    ),
    "createExport": Shown(
        "exports",
        "start",
        (
            "metering exports start --format csv --start 2026-11-01 --end 2026-11-30 --group-by user --wait",
            "metering exports start --format stripe --start 2026-11-01 --end 2026-11-30 --markup-basis-points 1000",
        ),
    ),
    "getExport": Shown("exports", "show", ("metering exports show $EXPORT_ID",)),
    "listExports": Shown(
        "exports", "list", ("metering exports list",), ("exportId", "format", "status", "createdAt", "costUsd")
    ),
    "putStripeCustomer": Shown(
        "stripe-customers", "set", ("metering stripe-customers set ada --customer-id cus_NffrFeUfNV2Hib",)
    ),
    "getStripeCustomer": Shown("stripe-customers", "show", ("metering stripe-customers show ada",)),
    "deleteStripeCustomer": Shown("stripe-customers", "remove", ("metering stripe-customers remove ada",)),
    "createWebhook": Shown(
        "webhooks",
        "create",
        (
            (
                "metering webhooks create --endpoint http://127.0.0.1:8000/hook"
                " --events session.limit_reached --events export.ready"
            ),
        ),
    ),
    "listWebhooks": Shown("webhooks", "list", ("metering webhooks list",), ("webhookId", "url", "events", "enabled")),
    "getWebhook": Shown("webhooks", "show", ("metering webhooks show $WEBHOOK_ID",)),
    "testWebhook": Shown("webhooks", "test", ("metering webhooks test $WEBHOOK_ID",)),
    "listWebhookDeliveries": Shown(
        "webhooks",
        "deliveries",
        ("metering webhooks deliveries $WEBHOOK_ID",),
        ("deliveryId", "type", "status", "createdAt"),
    ),
    "retryWebhookDelivery": Shown("webhooks", "retry", ("metering webhooks retry $WEBHOOK_ID $DELIVERY_ID",)),
    "rotateWebhookSecret": Shown("webhooks", "rotate-secret", ("metering webhooks rotate-secret $WEBHOOK_ID",)),
    "deleteWebhook": Shown("webhooks", "remove", ("metering webhooks remove $WEBHOOK_ID",)),
    "getHealth": Shown("service", "health", ("metering service health",)),
    "getOpenApi": Shown("service", "openapi", ("metering service openapi --json",)),
}


class Followed(NamedTuple):
    """How something that takes a while is followed: by another operation, until it has one of these statuses."""

    route: str
    name: str
    over: frozenset[str]


FOLLOWED: Final = {
    "startRerating": Followed("/v1/usage/rerate/{jobId}", "jobId", frozenset({"completed", "failed"})),
    "createExport": Followed("/v1/exports/{exportId}", "exportId", frozenset({"ready", "failed"})),
}
