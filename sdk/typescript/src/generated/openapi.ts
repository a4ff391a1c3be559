// Generated from the service's OpenAPI document by scripts/generate.mjs; `make sdk` writes it anew.

export interface components {
    schemas: {
        readonly AgentAnswer: {
            readonly agentId: string;
            /** @enum {string} */
            readonly status: "running" | "paused";
            /** Format: date-time */
            readonly startedAt: string;
            /** Format: date-time */
            readonly expiresAt: string;
        };
        readonly AgentRequest: {
            readonly agentId: string;
            /** @default 300 */
            readonly leaseSeconds?: number;
            readonly runId?: string | null;
        };
        readonly AgentsAnswer: {
            readonly items: readonly components["schemas"]["AgentAnswer"][];
            readonly nextCursor: string | null;
        };
        readonly AllMoversAnswer: {
            readonly model: components["schemas"]["MoversAnswer"];
            readonly user: components["schemas"]["MoversAnswer"];
            readonly run: components["schemas"]["MoversAnswer"];
        };
        /** @description One attempt; it has either the status that the receiver answered or the error that there was instead. */
        readonly AttemptAnswer: {
            /** Format: date-time */
            readonly at: string;
            readonly durationMs: number;
            readonly statusCode: number | null;
            readonly error: string | null;
            readonly answer: string;
        };
        readonly AuditAnswer: {
            readonly period: components["schemas"]["PeriodAnswer"];
            readonly items: readonly components["schemas"]["AuditEntry"][];
            readonly nextCursor: string | null;
        };
        readonly AuditEntry: {
            readonly auditId: string;
            /** Format: date-time */
            readonly at: string;
            readonly action: string;
            readonly target: {
                readonly [key: string]: string;
            };
            readonly change: {
                readonly [key: string]: unknown;
            } | null;
            readonly before: {
                readonly [key: string]: unknown;
            } | null;
            readonly keyId: string;
            readonly userId: string | null;
            /** @enum {string} */
            readonly role: "ingest" | "member" | "admin" | "owner" | "platform";
            readonly requestId: string;
            readonly sourceIp: string;
        };
        readonly BatchAnswer: {
            readonly results: readonly components["schemas"]["BatchResult"][];
            readonly recorded: number;
            readonly duplicates: number;
            readonly errors: number;
        };
        /** @description `BatchRequest` as the OpenAPI document shows it; an event that does not fit spoils none of the others. */
        readonly BatchDocument: {
            readonly events: readonly components["schemas"]["UsageEvent"][];
        };
        readonly BatchResult: {
            readonly index: number;
            /** @enum {string} */
            readonly status: "recorded" | "duplicate" | "error";
            readonly recordId?: string | null;
            readonly costUsd?: string | null;
            readonly error?: components["schemas"]["Problem"] | null;
        };
        readonly BeatRequest: {
            /** @default 300 */
            readonly leaseSeconds?: number;
        };
        /** @description The period of the same length before. */
        readonly BeforeAnswer: {
            readonly period: components["schemas"]["PeriodAnswer"];
            readonly total: components["schemas"]["Figures"];
        };
        readonly BudgetAnswer: {
            readonly scope: string;
            /** @enum {string} */
            readonly status: "active" | "limit_reached";
            readonly breached: readonly string[];
            readonly limits: components["schemas"]["StandingAnswer"];
            readonly usage: components["schemas"]["SessionUsageAnswer"];
            /** Format: date-time */
            readonly createdAt: string;
        };
        readonly BudgetRequest: {
            readonly limits: components["schemas"]["LimitsRequest"];
        };
        readonly BudgetsAnswer: {
            readonly items: readonly components["schemas"]["BudgetAnswer"][];
            readonly nextCursor: string | null;
        };
        readonly ByAnswer: {
            readonly period: components["schemas"]["PeriodAnswer"];
            /** Format: date-time */
            readonly asOf: string;
            readonly final: boolean;
            readonly total: components["schemas"]["Figures"];
            readonly items: readonly components["schemas"]["KeyedFigures"][];
            readonly nextCursor: string | null;
        };
        /** @description What is more or less than before, in itself and in percent of what was before; null where that was nothing. */
        readonly ChangeAnswer: {
            readonly cost: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly costPercent: string | null;
            readonly billed: components["schemas"]["Money"];
            readonly billedUsd: string;
            readonly billedPercent: string | null;
            readonly records: number;
            readonly recordsPercent: string | null;
        };
        /** @description One link of the chain: what it adds to the cost, and why. */
        readonly CorrectionAnswer: {
            readonly recordId: string;
            /** @enum {string} */
            readonly kind: "void" | "adjust";
            readonly costUsd: string;
            /** Format: date-time */
            readonly at: string;
            readonly reason?: string | null;
            readonly rateId?: string | null;
            readonly jobId?: string | null;
            readonly lines: readonly components["schemas"]["ExplainedLineAnswer"][];
        };
        /** @description Whole cents per period; weeks begin on Monday, `total` is the session's whole life. */
        readonly CostLimit: {
            readonly amount: number;
            /**
             * @default usd
             * @constant
             */
            readonly currency?: "usd";
            /**
             * @default total
             * @enum {string}
             */
            readonly period?: "hour" | "day" | "week" | "month" | "total";
        };
        readonly CostLimitAnswer: {
            readonly amount: number;
            /** @constant */
            readonly currency: "usd";
            /** @enum {string} */
            readonly period: "hour" | "day" | "week" | "month" | "total";
        };
        /** @description A cost limit and where it stands, in the current period. */
        readonly CostStanding: {
            readonly limit: components["schemas"]["Money"];
            readonly limitUsd: string;
            readonly used: components["schemas"]["Money"];
            readonly usedUsd: string;
            readonly held: components["schemas"]["Money"];
            readonly heldUsd: string;
            readonly remaining: components["schemas"]["Money"];
            readonly remainingUsd: string;
            /** @enum {string} */
            readonly period: "hour" | "day" | "week" | "month" | "total";
            readonly resetsAt: string | null;
        };
        /** @description A limit of agents, minutes or calls and where it stands. */
        readonly CountStanding: {
            readonly limit: number;
            readonly used: number;
            readonly held: number;
            readonly remaining: number;
        };
        readonly CustomerAnswer: {
            readonly userId: string;
            readonly customerId: string;
        };
        readonly CustomerBody: {
            readonly customerId: string;
        };
        readonly DailyAnswer: {
            readonly period: components["schemas"]["PeriodAnswer"];
            /** Format: date-time */
            readonly asOf: string;
            readonly final: boolean;
            readonly total: components["schemas"]["Figures"];
            readonly items: readonly components["schemas"]["SlotFigures"][];
        };
        readonly DeliveriesAnswer: {
            readonly items: readonly components["schemas"]["DeliveryAnswer"][];
            readonly nextCursor: string | null;
        };
        readonly DeliveryAnswer: {
            readonly deliveryId: string;
            readonly eventId: string;
            readonly type: string;
            /** @enum {string} */
            readonly status: "pending" | "succeeded" | "failed";
            /** Format: date-time */
            readonly createdAt: string;
            readonly nextAttemptAt: string | null;
            readonly attempts: readonly components["schemas"]["AttemptAnswer"][];
        };
        /** @description Either `costUsd`, or usage that is priced as a callback's would be. */
        readonly EstimateRequest: {
            readonly costUsd?: (number | string) | null;
            readonly service?: string | null;
            readonly provider?: string | null;
            readonly modelId?: string | null;
            readonly usage?: {
                readonly [key: string]: number | string;
            } | null;
        };
        /** @description A record's own lines and its corrections add up to `costUsd`, which is what stands now. */
        readonly ExplainAnswer: {
            readonly recordId: string;
            readonly corrects: string | null;
            readonly costUsd: string;
            readonly lines: readonly components["schemas"]["ExplainedLineAnswer"][];
            readonly corrections: readonly components["schemas"]["CorrectionAnswer"][];
        };
        readonly ExplainedLineAnswer: {
            readonly metric: string;
            readonly quantity: string;
            readonly priceUsd: string | null;
            readonly per: string | null;
            readonly tierAboveInputTokens?: number | null;
            readonly rateId: string | null;
            readonly effectiveFrom: string | null;
            readonly arithmetic: string | null;
            readonly costUsd: string | null;
        };
        readonly ExportAnswer: {
            readonly exportId: string;
            /** @enum {string} */
            readonly status: "queued" | "running" | "ready" | "failed";
            /** @enum {string} */
            readonly format: "csv" | "json" | "stripe" | "focus" | "parquet";
            readonly period: components["schemas"]["PeriodAnswer"];
            readonly groupBy: ("session" | "user" | "provider" | "day" | "service" | "model") | null;
            readonly progress: components["schemas"]["ExportProgress"];
            readonly files: readonly components["schemas"]["ExportFile"][];
            readonly total: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly billed: components["schemas"]["Money"];
            readonly billedUsd: string;
            readonly markupBasisPoints: number;
            readonly skipped: readonly components["schemas"]["SkippedUser"][];
            readonly error: string | null;
            /** Format: date-time */
            readonly createdAt: string;
            /** Format: date-time */
            readonly expiresAt: string;
        };
        readonly ExportBody: {
            /** @enum {string} */
            readonly format: "csv" | "json" | "stripe" | "focus" | "parquet";
            readonly period: components["schemas"]["ExportPeriod"];
            readonly groupBy?: ("session" | "user" | "provider" | "day" | "service" | "model") | null;
            readonly options?: components["schemas"]["ExportOptions"] | null;
        };
        readonly ExportFile: {
            readonly name: string;
            /** @enum {string} */
            readonly kind: "data" | "manifest";
            readonly url: string;
            readonly bytes: number;
            readonly sha256: string;
            readonly rows: number;
        };
        readonly ExportOptions: {
            /**
             * @default invoice_items
             * @enum {string}
             */
            readonly as?: "invoice_items" | "meter_events";
            /** @default false */
            readonly lines?: boolean;
            readonly customers?: {
                readonly [key: string]: string;
            } | null;
            readonly markupBasisPoints?: number | null;
            /** @default Meterstone */
            readonly platform?: string;
        };
        /** @description Dates, both inclusive. */
        readonly ExportPeriod: {
            /** Format: date */
            readonly start: string;
            /** Format: date */
            readonly end: string;
        };
        /** @description In days. */
        readonly ExportProgress: {
            readonly done: number;
            readonly total: number;
        };
        readonly ExportStarted: {
            readonly exportId: string;
            /** @enum {string} */
            readonly status: "queued" | "running" | "ready" | "failed";
        };
        readonly ExportsAnswer: {
            readonly items: readonly components["schemas"]["ExportAnswer"][];
            readonly nextCursor: string | null;
        };
        readonly FaultAnswer: {
            readonly path: string;
            readonly message: string;
        };
        /** @description Sums over records. `unrated` counts the records that have a metric without a rate. */
        readonly Figures: {
            readonly cost: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly billed: components["schemas"]["Money"];
            readonly billedUsd: string;
            readonly records: number;
            readonly unrated: number;
            readonly metrics: {
                readonly [key: string]: string;
            };
        };
        readonly HealthAnswer: {
            /** @constant */
            readonly status: "ok";
        };
        readonly HoldAnswer: {
            readonly holdId: string;
            readonly heldUsd: string;
            /** Format: date-time */
            readonly expiresAt: string;
            readonly remaining: components["schemas"]["StandingAnswer"];
        };
        readonly HoldExtendedAnswer: {
            readonly holdId: string;
            readonly heldUsd: string;
            /** Format: date-time */
            readonly expiresAt: string;
        };
        readonly HoldPatch: {
            readonly ttlSeconds: number;
        };
        readonly HoldRequest: {
            readonly holdId?: string | null;
            readonly estimate: components["schemas"]["EstimateRequest"];
            /** @default 600 */
            readonly ttlSeconds?: number;
            readonly runId?: string | null;
        };
        readonly HoldsAnswer: {
            readonly items: readonly components["schemas"]["OpenHoldAnswer"][];
            readonly nextCursor: string | null;
        };
        readonly KeyAnswer: {
            readonly keyId: string;
            readonly name: string;
            /** @enum {string} */
            readonly role: "ingest" | "member" | "admin" | "owner";
            readonly userId: string | null;
            /** Format: date-time */
            readonly createdAt: string;
            readonly expiresAt: string | null;
            readonly lastUsedAt: string | null;
        };
        readonly KeyRequest: {
            readonly name: string;
            /** @enum {string} */
            readonly role: "ingest" | "member" | "admin" | "owner";
            readonly userId?: string | null;
            readonly expiresInSeconds?: number | null;
        };
        readonly KeyedFigures: {
            readonly cost: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly billed: components["schemas"]["Money"];
            readonly billedUsd: string;
            readonly records: number;
            readonly unrated: number;
            readonly metrics: {
                readonly [key: string]: string;
            };
            readonly key: string | null;
        };
        readonly KeysAnswer: {
            readonly items: readonly components["schemas"]["KeyAnswer"][];
            readonly nextCursor: string | null;
        };
        readonly LimitsAnswer: {
            readonly maxCost: components["schemas"]["CostLimitAnswer"] | null;
            readonly maxAgents: number | null;
            readonly maxComputeMinutes: number | null;
            readonly maxModelCalls: number | null;
            /** @enum {string} */
            readonly onUnrated: "pause" | "allow";
            readonly thresholds: readonly number[];
        };
        /** @description Only what is named is set or changed; null removes a limit. */
        readonly LimitsRequest: {
            readonly maxCost?: components["schemas"]["CostLimit"] | null;
            readonly maxAgents?: number | null;
            readonly maxComputeMinutes?: number | null;
            readonly maxModelCalls?: number | null;
            /**
             * @default pause
             * @enum {string}
             */
            readonly onUnrated?: "pause" | "allow";
            readonly thresholds?: readonly number[] | null;
        };
        readonly LineAnswer: {
            readonly metric: string;
            readonly category: ("compute" | "modelTokens" | "storage" | "orchestration") | null;
            readonly quantity: string;
            readonly priceUsd: string | null;
            readonly per: string | null;
            readonly costUsd: string | null;
            readonly billable: boolean;
            readonly rateId: string | null;
        };
        readonly ListedSession: {
            readonly sessionId: string;
            readonly userId: string;
            /** @enum {string} */
            readonly status: "active" | "paused";
            readonly reason: string | null;
            readonly breached: readonly string[];
            readonly limits: components["schemas"]["LimitsAnswer"];
            /** Format: date-time */
            readonly createdAt: string;
            readonly standing?: components["schemas"]["StandingAnswer"] | null;
            readonly usage?: components["schemas"]["SessionUsageAnswer"] | null;
        };
        readonly LookedAt: {
            /** @enum {string} */
            readonly scope: "default" | "project";
            readonly owner: string;
            readonly modelId: string;
            readonly reason: string;
            readonly rateId: string | null;
        };
        readonly MemberAnswer: {
            readonly userId: string;
            /** @enum {string} */
            readonly role: "ingest" | "member" | "admin" | "owner";
            /** Format: date-time */
            readonly createdAt: string;
        };
        readonly MemberRequest: {
            /** @enum {string} */
            readonly role: "ingest" | "member" | "admin" | "owner";
        };
        readonly MembersAnswer: {
            readonly items: readonly components["schemas"]["MemberAnswer"][];
            readonly nextCursor: string | null;
        };
        readonly MetricRateAnswer: {
            readonly priceUsd: string;
            readonly per: number;
            /** @enum {string} */
            readonly category: "compute" | "modelTokens" | "storage" | "orchestration";
            readonly tiers?: readonly components["schemas"]["TierAnswer"][] | null;
        };
        readonly MetricRateRequest: {
            /** @description USD; at most 12 decimals and at most 10^9. */
            readonly priceUsd: number | string;
            /** @default 1 */
            readonly per?: number;
            readonly category?: ("compute" | "modelTokens" | "storage" | "orchestration") | null;
            readonly tiers?: readonly components["schemas"]["TierRequest"][] | null;
        };
        /** @description Integer cents, rounded once, half to even, from the exact figure beside it. */
        readonly Money: {
            readonly amount: number;
            /** @constant */
            readonly currency: "usd";
        };
        /** @description Whose cost has changed, and by how much. */
        readonly MoverAnswer: {
            readonly key: string;
            readonly cost: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly before: components["schemas"]["Money"];
            readonly beforeUsd: string;
            readonly change: components["schemas"]["Money"];
            readonly changeUsd: string;
            readonly percent: string | null;
        };
        /** @description The five largest changes up and down against the period before. */
        readonly MoversAnswer: {
            readonly up: readonly components["schemas"]["MoverAnswer"][];
            readonly down: readonly components["schemas"]["MoverAnswer"][];
        };
        readonly NewKeyAnswer: {
            readonly keyId: string;
            readonly name: string;
            /** @enum {string} */
            readonly role: "ingest" | "member" | "admin" | "owner";
            readonly userId: string | null;
            /** Format: date-time */
            readonly createdAt: string;
            readonly expiresAt: string | null;
            readonly lastUsedAt: string | null;
            readonly apiKey: string;
        };
        readonly NewProjectAnswer: {
            readonly projectId: string;
            readonly name: string;
            /** @enum {string} */
            readonly pricingMode: "managed" | "byok" | "byoi";
            readonly recordShards: number;
            readonly markupBasisPoints: number;
            /** Format: date-time */
            readonly createdAt: string;
            readonly apiKey: string;
        };
        readonly OpenHoldAnswer: {
            readonly holdId: string;
            readonly heldUsd: string;
            /** Format: date-time */
            readonly expiresAt: string;
            readonly heldModelCalls: number;
            readonly heldComputeMinutes: number;
            /** Format: date-time */
            readonly createdAt: string;
        };
        readonly OwnStandingAnswer: {
            /** @enum {string} */
            readonly status: "active" | "paused";
            /** @enum {string} */
            readonly role: "ingest" | "member" | "admin" | "owner";
        };
        readonly PauseRequest: {
            readonly reason?: string | null;
        };
        /** @description The half-open range that was used. */
        readonly PeriodAnswer: {
            /** Format: date-time */
            readonly start: string;
            /** Format: date-time */
            readonly end: string;
        };
        /** @description RFC 9457; some codes carry further members. */
        readonly Problem: {
            readonly type: string;
            readonly title: string;
            readonly status: number;
            readonly detail: string;
            readonly code: string;
            readonly errors?: readonly components["schemas"]["FaultAnswer"][] | null;
        } & {
            readonly [key: string]: unknown;
        };
        readonly ProjectAnswer: {
            readonly projectId: string;
            readonly name: string;
            /** @enum {string} */
            readonly pricingMode: "managed" | "byok" | "byoi";
            readonly recordShards: number;
            readonly markupBasisPoints: number;
            /** Format: date-time */
            readonly createdAt: string;
        };
        readonly ProjectPatch: {
            readonly name?: string | null;
            readonly pricingMode?: ("managed" | "byok" | "byoi") | null;
            readonly recordShards?: number | null;
            readonly markupBasisPoints?: number | null;
        };
        readonly ProjectRequest: {
            readonly projectId?: string | null;
            readonly name: string;
            readonly ownerId: string;
            /**
             * @default managed
             * @enum {string}
             */
            readonly pricingMode?: "managed" | "byok" | "byoi";
        };
        readonly ProjectStandingAnswer: {
            /** @enum {string} */
            readonly status: "active" | "paused";
        };
        /** @description What the current month comes to; null while there is no full day to go by. */
        readonly ProjectionAnswer: {
            readonly method: string;
            readonly month: string;
            readonly soFar: components["schemas"]["Money"];
            readonly soFarUsd: string;
            readonly basisDays: number;
            readonly perDay: components["schemas"]["Money"] | null;
            readonly perDayUsd: string | null;
            readonly cost: components["schemas"]["Money"] | null;
            readonly costUsd: string | null;
        };
        readonly RateCardAnswer: {
            readonly rateId: string;
            /** @enum {string} */
            readonly scope: "default" | "project";
            readonly service?: string | null;
            readonly provider?: string | null;
            readonly modelId: string;
            readonly effectiveFrom: string;
            readonly metrics: {
                readonly [key: string]: components["schemas"]["MetricRateAnswer"];
            };
        };
        /** @description One card holds all metrics of one model, or of any (`*`), of one owner: a service or a provider. */
        readonly RateCardRequest: {
            readonly service?: string | null;
            readonly provider?: string | null;
            /** @default * */
            readonly modelId?: string;
            /** @description A date means its midnight, UTC. */
            readonly effectiveFrom: string;
            readonly metrics: {
                readonly [key: string]: components["schemas"]["MetricRateRequest"];
            };
        };
        readonly RatesAnswer: {
            readonly items: readonly components["schemas"]["RateCardAnswer"][];
            readonly nextCursor: string | null;
        };
        /** @description A usage record: the event as it was sent, and what became of it. */
        readonly RecordAnswer: {
            readonly recordId: string;
            readonly idempotencyKey: string;
            /** Format: date-time */
            readonly occurredAt: string;
            /** Format: date-time */
            readonly receivedAt: string;
            /** Format: date */
            readonly date: string;
            readonly service: string;
            readonly provider: string | null;
            readonly modelId: string | null;
            readonly toolId: string | null;
            readonly usage: {
                readonly [key: string]: number | string;
            };
            readonly runId: string | null;
            readonly sandboxId: string | null;
            readonly sessionId: string | null;
            readonly userId: string | null;
            readonly personaId: string | null;
            readonly stepType: string | null;
            readonly stepIndex: number | null;
            readonly durationMs: number | null;
            readonly holdId: string | null;
            readonly tags: {
                readonly [key: string]: string;
            };
            /** @enum {string} */
            readonly pricingMode: "managed" | "byok" | "byoi";
            readonly cost: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly lines: readonly components["schemas"]["LineAnswer"][];
            readonly unratedMetrics: readonly string[];
            readonly voids: string | null;
            readonly adjusts: string | null;
            readonly reason: string | null;
            readonly voidedBy: string | null;
            readonly adjustedBy: readonly string[];
        };
        readonly RecordedAnswer: {
            /** @enum {string} */
            readonly status: "recorded" | "duplicate";
            readonly recordId: string;
            /** Format: date */
            readonly date: string;
            readonly cost: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly lines: readonly components["schemas"]["LineAnswer"][];
            readonly unratedMetrics: readonly string[];
            readonly session: components["schemas"]["SessionStanding"] | null;
        };
        readonly RecordsAnswer: {
            readonly period: components["schemas"]["PeriodAnswer"] | null;
            readonly items: readonly components["schemas"]["RecordAnswer"][];
            readonly nextCursor: string | null;
        };
        readonly RerateAnswer: {
            readonly jobId: string;
            /** @enum {string} */
            readonly status: "queued" | "running" | "completed" | "failed";
        };
        /** @description How far a re-rating has come. A failed one stands still; a new one of the same range goes on where it ended. */
        readonly RerateJobAnswer: {
            readonly jobId: string;
            /** @enum {string} */
            readonly status: "queued" | "running" | "completed" | "failed";
            readonly dryRun: boolean;
            readonly period: components["schemas"]["PeriodAnswer"];
            readonly service: string | null;
            readonly modelId: string | null;
            /** @enum {string} */
            readonly only: "unrated" | "all";
            readonly recordsSeen: number;
            readonly recordsChanged: number;
            readonly recordsFailed: number;
            readonly costUsdBefore: string;
            readonly costUsdAfter: string;
            /** Format: date-time */
            readonly createdAt: string;
            readonly finishedAt: string | null;
        };
        readonly RerateRequest: {
            /** Format: date */
            readonly from: string;
            /** Format: date */
            readonly to: string;
            readonly service?: string | null;
            readonly modelId?: string | null;
            /**
             * @default unrated
             * @enum {string}
             */
            readonly only?: "unrated" | "all";
            /** @default false */
            readonly dryRun?: boolean;
        };
        readonly ResolveAnswer: {
            readonly card: components["schemas"]["RateCardAnswer"] | null;
            readonly reason: string;
            readonly lookedAt: readonly components["schemas"]["LookedAt"][];
        };
        readonly RunAnswer: {
            readonly runId: string;
            readonly total: components["schemas"]["Figures"];
            readonly models: readonly components["schemas"]["KeyedFigures"][];
            readonly steps: readonly components["schemas"]["StepFigures"][];
        };
        readonly RunRow: {
            readonly cost: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly billed: components["schemas"]["Money"];
            readonly billedUsd: string;
            readonly records: number;
            readonly unrated: number;
            readonly metrics: {
                readonly [key: string]: string;
            };
            readonly runId: string;
            readonly durationMs: number;
            /** Format: date-time */
            readonly lastAt: string;
        };
        readonly RunsAnswer: {
            readonly period: components["schemas"]["PeriodAnswer"];
            /** Format: date-time */
            readonly asOf: string;
            readonly final: boolean;
            readonly total: components["schemas"]["Figures"];
            readonly items: readonly components["schemas"]["RunRow"][];
            readonly nextCursor: string | null;
        };
        readonly SessionAnswer: {
            readonly sessionId: string;
            readonly userId: string;
            /** @enum {string} */
            readonly status: "active" | "paused";
            readonly reason: string | null;
            readonly breached: readonly string[];
            readonly limits: components["schemas"]["LimitsAnswer"];
            /** Format: date-time */
            readonly createdAt: string;
        };
        readonly SessionRequest: {
            readonly userId: string;
            readonly sessionId?: string | null;
            readonly limits?: components["schemas"]["LimitsRequest"] | null;
            /** @default false */
            readonly reuse?: boolean;
        };
        readonly SessionStanding: {
            readonly sessionId: string;
            /** @enum {string} */
            readonly status: "active" | "paused";
            readonly breached: readonly string[];
        };
        /** @description What a session has used since its beginning, up to date with the last answered callback. */
        readonly SessionUsageAnswer: {
            readonly cost: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly computeMinutes: number;
            readonly computeSeconds: string;
            readonly activeAgents: number;
            readonly modelCalls: number;
            readonly inputTokens: number;
            readonly outputTokens: number;
            readonly storageGbHours: number;
            readonly orchestrationEvents: number;
            readonly records: number;
            readonly unrated: number;
        };
        readonly SessionsAnswer: {
            readonly items: readonly components["schemas"]["ListedSession"][];
            readonly nextCursor: string | null;
        };
        readonly SignInAnswer: {
            readonly keyId: string;
            readonly name: string;
            /** @enum {string} */
            readonly role: "ingest" | "member" | "admin" | "owner";
            readonly userId: string | null;
            /** Format: date-time */
            readonly createdAt: string;
            readonly expiresAt: string | null;
            readonly lastUsedAt: string | null;
            readonly apiKey: string;
            readonly projectId: string;
        };
        /** @description Where to sign in, by OpenID Connect's authorization code flow with PKCE; nulls where only keys are taken. */
        readonly SignInDescription: {
            readonly enabled: boolean;
            readonly issuer: string | null;
            readonly clientId: string | null;
        };
        readonly SignInRequest: {
            readonly projectId: string;
        };
        /**
         * @description Usage that is billable and not billed: the user has no Stripe customer, or the events named no user; or it is
         *     older than Stripe takes meter events.
         */
        readonly SkippedUser: {
            readonly userId: string | null;
            /** @enum {string} */
            readonly reason: "no_customer" | "older_than_35_days";
            readonly billed: components["schemas"]["Money"];
            readonly billedUsd: string;
        };
        readonly SlotFigures: {
            readonly cost: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly billed: components["schemas"]["Money"];
            readonly billedUsd: string;
            readonly records: number;
            readonly unrated: number;
            readonly metrics: {
                readonly [key: string]: string;
            };
            /** Format: date */
            readonly date: string;
            readonly hour?: string | null;
            readonly groups?: readonly components["schemas"]["KeyedFigures"][] | null;
            readonly others?: components["schemas"]["Figures"] | null;
        };
        readonly StandingAnswer: {
            readonly maxCost: components["schemas"]["CostStanding"] | null;
            readonly maxAgents: components["schemas"]["CountStanding"] | null;
            readonly maxComputeMinutes: components["schemas"]["CountStanding"] | null;
            readonly maxModelCalls: components["schemas"]["CountStanding"] | null;
            /** @enum {string} */
            readonly onUnrated: "pause" | "allow";
            readonly thresholds: readonly number[];
        };
        readonly StandoutAnswer: {
            /** Format: date */
            readonly date: string;
            readonly cost: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly score: string;
        };
        readonly StandoutsAnswer: {
            readonly method: string;
            readonly sampleDays: number;
            readonly median: components["schemas"]["Money"];
            readonly medianUsd: string;
            readonly days: readonly components["schemas"]["StandoutAnswer"][];
        };
        readonly StepFigures: {
            readonly cost: components["schemas"]["Money"];
            readonly costUsd: string;
            readonly billed: components["schemas"]["Money"];
            readonly billedUsd: string;
            readonly records: number;
            readonly unrated: number;
            readonly metrics: {
                readonly [key: string]: string;
            };
            readonly stepIndex: number | null;
            readonly stepType: string | null;
            readonly durationMs: number;
        };
        readonly SummaryAnswer: {
            readonly period: components["schemas"]["PeriodAnswer"];
            /** Format: date-time */
            readonly asOf: string;
            readonly final: boolean;
            readonly total: components["schemas"]["Figures"];
            readonly items: readonly components["schemas"]["SlotFigures"][];
            readonly before: components["schemas"]["BeforeAnswer"];
            readonly change: components["schemas"]["ChangeAnswer"];
            readonly projection: components["schemas"]["ProjectionAnswer"];
            readonly movers: components["schemas"]["AllMoversAnswer"];
            readonly standouts: components["schemas"]["StandoutsAnswer"];
        };
        readonly TierAnswer: {
            readonly aboveInputTokens: number;
            readonly priceUsd: string;
        };
        readonly TierRequest: {
            readonly aboveInputTokens: number;
            /** @description USD; at most 12 decimals and at most 10^9. */
            readonly priceUsd: number | string;
        };
        /** @description One use of a service, as it is sent to `usage.computeCostAndRecord`. */
        readonly UsageEvent: {
            readonly idempotencyKey: string;
            readonly occurredAt?: string | null;
            readonly service: string;
            readonly provider?: string | null;
            readonly modelId?: string | null;
            readonly toolId?: string | null;
            readonly usage: {
                readonly [key: string]: number | string;
            };
            readonly runId?: string | null;
            readonly sandboxId?: string | null;
            readonly sessionId?: string | null;
            readonly userId?: string | null;
            readonly personaId?: string | null;
            readonly stepType?: string | null;
            readonly stepIndex?: number | null;
            readonly durationMs?: number | null;
            readonly holdId?: string | null;
            readonly tags?: {
                readonly [key: string]: string;
            } | null;
        };
        readonly VoidAnswer: {
            readonly recordId: string;
            readonly voids: string;
            readonly costUsd: string;
        };
        readonly VoidRequest: {
            readonly reason: string;
        };
        readonly WebhookAnswer: {
            readonly webhookId: string;
            readonly url: string;
            readonly events: readonly string[];
            /** @enum {string} */
            readonly status: "enabled" | "disabled";
            /** Format: date-time */
            readonly createdAt: string;
        };
        /** @description Where to send which events; `*` stands for every event, those of later versions too. */
        readonly WebhookRequest: {
            readonly url: string;
            readonly events: readonly (("session.limit_reached" | "session.threshold_reached" | "session.paused" | "session.resumed" | "budget.limit_reached" | "budget.threshold_reached" | "usage.day_closed" | "export.ready" | "export.failed") | "*")[];
        };
        readonly WebhookSecretAnswer: {
            readonly webhookId: string;
            readonly url: string;
            readonly events: readonly string[];
            /** @enum {string} */
            readonly status: "enabled" | "disabled";
            /** Format: date-time */
            readonly createdAt: string;
            readonly secret: string | null;
        };
        readonly WebhooksAnswer: {
            readonly items: readonly components["schemas"]["WebhookAnswer"][];
            readonly nextCursor: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export interface operations {
    readonly recordUsage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Serves instead of the body's `idempotencyKey`. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["UsageEvent"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RecordedAnswer"];
                };
            };
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RecordedAnswer"];
                };
            };
        };
    };
    readonly recordUsageBatch: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["BatchDocument"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BatchAnswer"];
                };
            };
        };
    };
    readonly listRecords: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly limit?: number;
                readonly cursor?: string;
                readonly runId?: string;
                readonly sessionId?: string;
                readonly service?: string;
                readonly modelId?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RecordsAnswer"];
                };
            };
        };
    };
    readonly getRecord: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly recordId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RecordAnswer"];
                };
            };
        };
    };
    readonly getRunUsage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly runId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RunAnswer"];
                };
            };
        };
    };
    readonly listRateCards: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                readonly cursor?: string;
                readonly service?: string;
                readonly provider?: string;
                readonly modelId?: string;
                readonly at?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RatesAnswer"];
                };
            };
        };
    };
    readonly createRateCard: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["RateCardRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RateCardAnswer"];
                };
            };
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RateCardAnswer"];
                };
            };
        };
    };
    readonly resolveRateCard: {
        readonly parameters: {
            readonly query: {
                readonly service: string;
                readonly provider?: string;
                readonly modelId?: string;
                readonly at?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ResolveAnswer"];
                };
            };
        };
    };
    readonly createProject: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ProjectRequest"];
            };
        };
        readonly responses: {
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NewProjectAnswer"];
                };
            };
        };
    };
    readonly getProject: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ProjectAnswer"];
                };
            };
        };
    };
    readonly changeProject: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ProjectPatch"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ProjectAnswer"];
                };
            };
        };
    };
    readonly listMembers: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MembersAnswer"];
                };
            };
        };
    };
    readonly getMember: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly userId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MemberAnswer"];
                };
            };
        };
    };
    readonly putMember: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly userId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["MemberRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MemberAnswer"];
                };
            };
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MemberAnswer"];
                };
            };
        };
    };
    readonly removeMember: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly userId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description No Content */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly listApiKeys: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["KeysAnswer"];
                };
            };
        };
    };
    readonly createApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["KeyRequest"];
            };
        };
        readonly responses: {
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NewKeyAnswer"];
                };
            };
        };
    };
    readonly revokeApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly keyId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description No Content */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly describeSignIn: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SignInDescription"];
                };
            };
        };
    };
    readonly signIn: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignInRequest"];
            };
        };
        readonly responses: {
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SignInAnswer"];
                };
            };
        };
    };
    readonly listAuditEntries: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly limit?: number;
                readonly cursor?: string;
                readonly actor?: string;
                readonly action?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AuditAnswer"];
                };
            };
        };
    };
    readonly explainRecord: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly recordId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExplainAnswer"];
                };
            };
        };
    };
    readonly voidRecord: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly recordId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["VoidRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["VoidAnswer"];
                };
            };
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["VoidAnswer"];
                };
            };
        };
    };
    readonly startRerating: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A retry with the same key is the same request. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["RerateRequest"];
            };
        };
        readonly responses: {
            /** @description Accepted */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RerateAnswer"];
                };
            };
        };
    };
    readonly getRerating: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly jobId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RerateJobAnswer"];
                };
            };
        };
    };
    readonly listWebhooks: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhooksAnswer"];
                };
            };
        };
    };
    readonly createWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A retry with the same key is the same request. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["WebhookRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookSecretAnswer"];
                };
            };
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookSecretAnswer"];
                };
            };
        };
    };
    readonly getWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly webhookId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookAnswer"];
                };
            };
        };
    };
    readonly deleteWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly webhookId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description No Content */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly rotateWebhookSecret: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A retry with the same key is the same request. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                readonly webhookId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookSecretAnswer"];
                };
            };
        };
    };
    readonly listWebhookDeliveries: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly webhookId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeliveriesAnswer"];
                };
            };
        };
    };
    readonly retryWebhookDelivery: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly webhookId: string;
                readonly deliveryId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Accepted */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeliveryAnswer"];
                };
            };
        };
    };
    readonly testWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly webhookId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Accepted */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeliveryAnswer"];
                };
            };
        };
    };
    readonly listSessions: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                readonly cursor?: string;
                readonly userId?: string;
                readonly standing?: "true" | "false";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionsAnswer"];
                };
            };
        };
    };
    readonly createSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A retry with the same key is the same request. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SessionRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionAnswer"];
                };
            };
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionAnswer"];
                };
            };
        };
    };
    readonly getSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionAnswer"];
                };
            };
        };
    };
    readonly getSessionUsage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionUsageAnswer"];
                };
            };
        };
    };
    readonly getSessionLimits: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StandingAnswer"];
                };
            };
        };
    };
    readonly updateSessionLimits: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["LimitsRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["StandingAnswer"];
                };
            };
        };
    };
    readonly pauseSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["PauseRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionAnswer"];
                };
            };
        };
    };
    readonly resumeSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionAnswer"];
                };
            };
        };
    };
    readonly getProjectStanding: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OwnStandingAnswer"];
                };
            };
        };
    };
    readonly pauseProject: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["PauseRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ProjectStandingAnswer"];
                };
            };
        };
    };
    readonly resumeProject: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ProjectStandingAnswer"];
                };
            };
        };
    };
    readonly listHolds: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["HoldsAnswer"];
                };
            };
        };
    };
    readonly openHold: {
        readonly parameters: {
            readonly query?: {
                readonly dryRun?: "true" | "false";
            };
            readonly header?: {
                /** @description A retry with the same key is the same request. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                readonly sessionId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["HoldRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["HoldAnswer"];
                };
            };
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["HoldAnswer"];
                };
            };
        };
    };
    readonly extendHold: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
                readonly holdId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["HoldPatch"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["HoldExtendedAnswer"];
                };
            };
        };
    };
    readonly releaseHold: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
                readonly holdId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description No Content */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly listAgents: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AgentsAnswer"];
                };
            };
        };
    };
    readonly startAgent: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AgentRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AgentAnswer"];
                };
            };
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AgentAnswer"];
                };
            };
        };
    };
    readonly beatAgent: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
                readonly agentId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": components["schemas"]["BeatRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AgentAnswer"];
                };
            };
        };
    };
    readonly endAgent: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly sessionId: string;
                readonly agentId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description No Content */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly getBudget: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly scope: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BudgetAnswer"];
                };
            };
        };
    };
    readonly putBudget: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly scope: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["BudgetRequest"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BudgetAnswer"];
                };
            };
            /** @description Created */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BudgetAnswer"];
                };
            };
        };
    };
    readonly deleteBudget: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly scope: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description No Content */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly listBudgets: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BudgetsAnswer"];
                };
            };
        };
    };
    readonly dailyUsage: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly groupBy?: "service" | "model" | "provider" | "category" | "user" | "session" | "persona" | "tool" | "stepType";
                readonly granularity?: "day" | "hour";
                readonly top?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DailyAnswer"];
                };
            };
        };
    };
    readonly usageByService: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ByAnswer"];
                };
            };
        };
    };
    readonly usageByModel: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ByAnswer"];
                };
            };
        };
    };
    readonly usageByProvider: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ByAnswer"];
                };
            };
        };
    };
    readonly usageByCategory: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ByAnswer"];
                };
            };
        };
    };
    readonly usageByUser: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ByAnswer"];
                };
            };
        };
    };
    readonly usageBySession: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ByAnswer"];
                };
            };
        };
    };
    readonly usageByPersona: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ByAnswer"];
                };
            };
        };
    };
    readonly usageByTool: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ByAnswer"];
                };
            };
        };
    };
    readonly usageByStepType: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ByAnswer"];
                };
            };
        };
    };
    readonly usageSummary: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SummaryAnswer"];
                };
            };
        };
    };
    readonly listRuns: {
        readonly parameters: {
            readonly query?: {
                readonly from?: string;
                readonly to?: string;
                readonly sort?: "cost" | "recent";
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RunsAnswer"];
                };
            };
        };
    };
    readonly listExports: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExportsAnswer"];
                };
            };
        };
    };
    readonly createExport: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A retry with the same key is the same request. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ExportBody"];
            };
        };
        readonly responses: {
            /** @description Accepted */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExportStarted"];
                };
            };
        };
    };
    readonly getExport: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly exportId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExportAnswer"];
                };
            };
        };
    };
    readonly getStripeCustomer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly userId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CustomerAnswer"];
                };
            };
        };
    };
    readonly putStripeCustomer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly userId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CustomerBody"];
            };
        };
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CustomerAnswer"];
                };
            };
        };
    };
    readonly deleteStripeCustomer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly userId: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description No Content */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly getHealth: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["HealthAnswer"];
                };
            };
        };
    };
    readonly getOpenApi: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description OK */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": Record<string, never>;
                };
            };
        };
    };
}
