// Generated from the service's OpenAPI document by scripts/generate.mjs; `make sdk` writes it anew.

export interface components {
    schemas: {
        readonly AgentAnswer: {
            /** @description Unique in its session; starting the same one again answers 200. */
            readonly agentId: string;
            /** @enum {string} */
            readonly status: "running" | "paused";
            /** Format: date-time */
            readonly startedAt: string;
            /**
             * Format: date-time
             * @description From when on it no longer holds.
             */
            readonly expiresAt: string;
        };
        readonly AgentRequest: {
            /** @description Unique in its session; starting the same one again answers 200. */
            readonly agentId: string;
            /**
             * @description After which the agent's slot is free again unless a heartbeat has come.
             * @default 300
             */
            readonly leaseSeconds?: number;
            /** @description The run that it belongs to. */
            readonly runId?: string | null;
        };
        readonly AgentsAnswer: {
            readonly items: readonly components["schemas"]["AgentAnswer"][];
            /** @description Gives the next page; null at the end. */
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
            /** @description How long it took, in milliseconds. */
            readonly durationMs: number;
            readonly statusCode: number | null;
            readonly error: string | null;
            readonly answer: string;
        };
        readonly AuditAnswer: {
            /** @description The range that was used, half-open. */
            readonly period: components["schemas"]["PeriodAnswer"];
            readonly items: readonly components["schemas"]["AuditEntry"][];
            /** @description Gives the next page; null at the end. */
            readonly nextCursor: string | null;
        };
        readonly AuditEntry: {
            readonly auditId: string;
            /** Format: date-time */
            readonly at: string;
            /** @description The operation's name, such as `putMember`. */
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
            /** @description Whose usage it is. */
            readonly userId: string | null;
            /**
             * @description `ingest`, `member`, `admin` or `owner`.
             * @enum {string}
             */
            readonly role: "ingest" | "member" | "admin" | "owner" | "platform";
            readonly requestId: string;
            readonly sourceIp: string;
        };
        readonly BatchAnswer: {
            readonly results: readonly components["schemas"]["BatchResult"][];
            readonly recorded: number;
            readonly duplicates: number;
            /** @description Every fault, with the path to its field. */
            readonly errors: number;
        };
        /** @description `BatchRequest` as the OpenAPI document shows it; an event that does not fit spoils none of the others. */
        readonly BatchDocument: {
            /** @description 1 to 500 events, each judged by itself. */
            readonly events: readonly components["schemas"]["UsageEvent"][];
        };
        readonly BatchResult: {
            /** @description The event's place in the batch. */
            readonly index: number;
            /** @enum {string} */
            readonly status: "recorded" | "duplicate" | "error";
            /** @description Of the usage record; a hash of its idempotency key. */
            readonly recordId?: string | null;
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd?: string | null;
            readonly error?: components["schemas"]["Problem"] | null;
        };
        readonly BeatRequest: {
            /**
             * @description After which the agent's slot is free again unless a heartbeat has come.
             * @default 300
             */
            readonly leaseSeconds?: number;
        };
        /** @description The period of the same length before. */
        readonly BeforeAnswer: {
            /** @description The range that was used, half-open. */
            readonly period: components["schemas"]["PeriodAnswer"];
            /** @description The sum of all items, exactly. */
            readonly total: components["schemas"]["Figures"];
        };
        readonly BudgetAnswer: {
            /** @description `user:<id>`, `run:<id>` or `project`. */
            readonly scope: string;
            /** @enum {string} */
            readonly status: "active" | "limit_reached";
            /** @description Limits that are passed, by name. */
            readonly breached: readonly string[];
            /** @description By dimension; what is left out has no limit. */
            readonly limits: components["schemas"]["StandingAnswer"];
            /** @description Quantity by metric, 1 to 20 of them; metrics are disjoint. */
            readonly usage: components["schemas"]["SessionUsageAnswer"];
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
        };
        readonly BudgetRequest: {
            /** @description By dimension; what is left out has no limit. */
            readonly limits: components["schemas"]["LimitsRequest"];
        };
        readonly BudgetsAnswer: {
            readonly items: readonly components["schemas"]["BudgetAnswer"][];
            /** @description Gives the next page; null at the end. */
            readonly nextCursor: string | null;
        };
        readonly ByAnswer: {
            /** @description The range that was used, half-open. */
            readonly period: components["schemas"]["PeriodAnswer"];
            /**
             * Format: date-time
             * @description The instant up to which the answer is complete.
             */
            readonly asOf: string;
            /** @description Whether every day of the period is closed. */
            readonly final: boolean;
            /** @description The sum of all items, exactly. */
            readonly total: components["schemas"]["Figures"];
            readonly items: readonly components["schemas"]["KeyedFigures"][];
            /** @description Gives the next page; null at the end. */
            readonly nextCursor: string | null;
        };
        /** @description What is more or less than before, in itself and in percent of what was before; null where that was nothing. */
        readonly ChangeAnswer: {
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            readonly costPercent: string | null;
            /** @description What the pricing mode bills, rounded to cents. */
            readonly billed: components["schemas"]["Money"];
            /** @description What the pricing mode bills, exactly, in USD. */
            readonly billedUsd: string;
            readonly billedPercent: string | null;
            /** @description Usage that stands: not taken back, and not the corrections themselves. */
            readonly records: number;
            readonly recordsPercent: string | null;
        };
        /** @description One link of the chain: what it adds to the cost, and why. */
        readonly CorrectionAnswer: {
            /** @description Of the usage record; a hash of its idempotency key. */
            readonly recordId: string;
            /** @enum {string} */
            readonly kind: "void" | "adjust";
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            /** Format: date-time */
            readonly at: string;
            /** @description For people. */
            readonly reason?: string | null;
            /** @description The card that priced it. */
            readonly rateId?: string | null;
            readonly jobId?: string | null;
            /** @description A line for each metric. */
            readonly lines: readonly components["schemas"]["ExplainedLineAnswer"][];
        };
        /** @description Whole cents per period; weeks begin on Monday, `total` is the session's whole life. */
        readonly CostLimit: {
            /** @description In cents. */
            readonly amount: number;
            /**
             * @description Always `usd`.
             * @default usd
             * @constant
             */
            readonly currency?: "usd";
            /**
             * @description After which what is used begins anew, in UTC; weeks begin on Monday; `total` never ends.
             * @default total
             * @enum {string}
             */
            readonly period?: "hour" | "day" | "week" | "month" | "total";
        };
        readonly CostLimitAnswer: {
            readonly amount: number;
            /**
             * @description Always `usd`.
             * @constant
             */
            readonly currency: "usd";
            /**
             * @description The range that was used, half-open.
             * @enum {string}
             */
            readonly period: "hour" | "day" | "week" | "month" | "total";
        };
        /** @description A cost limit and where it stands, in the current period. */
        readonly CostStanding: {
            /** @description Items of a page; in a dimension, what may be used. */
            readonly limit: components["schemas"]["Money"];
            /** @description What may be used, in USD. */
            readonly limitUsd: string;
            /** @description In the current period. */
            readonly used: components["schemas"]["Money"];
            /** @description In the current period, in USD. */
            readonly usedUsd: string;
            /** @description Reserved by holds that are open. */
            readonly held: components["schemas"]["Money"];
            /** @description Reserved by holds that are open, in USD. */
            readonly heldUsd: string;
            /** @description What is neither used nor held. */
            readonly remaining: components["schemas"]["Money"];
            /** @description What is neither used nor held, in USD. */
            readonly remainingUsd: string;
            /**
             * @description The range that was used, half-open.
             * @enum {string}
             */
            readonly period: "hour" | "day" | "week" | "month" | "total";
            /** @description When the period ends and what is used begins anew. */
            readonly resetsAt: string | null;
        };
        /** @description A limit of agents, minutes or calls and where it stands. */
        readonly CountStanding: {
            /** @description Items of a page; in a dimension, what may be used. */
            readonly limit: number;
            /** @description In the current period. */
            readonly used: number;
            /** @description Reserved by holds that are open. */
            readonly held: number;
            /** @description What is neither used nor held. */
            readonly remaining: number;
        };
        readonly CustomerAnswer: {
            /** @description Whose usage it is. */
            readonly userId: string;
            /** @description Stripe's id, `cus_…`. */
            readonly customerId: string;
        };
        readonly CustomerBody: {
            /** @description Stripe's id, `cus_…`. */
            readonly customerId: string;
        };
        readonly DailyAnswer: {
            /** @description The range that was used, half-open. */
            readonly period: components["schemas"]["PeriodAnswer"];
            /**
             * Format: date-time
             * @description The instant up to which the answer is complete.
             */
            readonly asOf: string;
            /** @description Whether every day of the period is closed. */
            readonly final: boolean;
            /** @description The sum of all items, exactly. */
            readonly total: components["schemas"]["Figures"];
            readonly items: readonly components["schemas"]["SlotFigures"][];
        };
        readonly DeliveriesAnswer: {
            readonly items: readonly components["schemas"]["DeliveryAnswer"][];
            /** @description Gives the next page; null at the end. */
            readonly nextCursor: string | null;
        };
        readonly DeliveryAnswer: {
            readonly deliveryId: string;
            readonly eventId: string;
            readonly type: string;
            /** @enum {string} */
            readonly status: "pending" | "succeeded" | "failed";
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
            readonly nextAttemptAt: string | null;
            /** @description Attempts to deliver it, each with its answer. */
            readonly attempts: readonly components["schemas"]["AttemptAnswer"][];
        };
        /** @description Either `costUsd`, or usage that is priced as a callback's would be. */
        readonly EstimateRequest: {
            /** @description What it may cost at most, in USD. */
            readonly costUsd?: (number | string) | null;
            /** @description Such as `claude_code`; any name with a rate card of its own or of its provider. */
            readonly service?: string | null;
            /** @description Who made the model; without it, the service's own, or the prefix of `modelId`. */
            readonly provider?: string | null;
            /** @description As the provider names it; the provider may stand before it, `anthropic/…`. */
            readonly modelId?: string | null;
            /** @description What may be used, priced by the card in force now. */
            readonly usage?: {
                readonly [key: string]: number | string;
            } | null;
        };
        /** @description A record's own lines and its corrections add up to `costUsd`, which is what stands now. */
        readonly ExplainAnswer: {
            /** @description Of the usage record; a hash of its idempotency key. */
            readonly recordId: string;
            readonly corrects: string | null;
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            /** @description A line for each metric. */
            readonly lines: readonly components["schemas"]["ExplainedLineAnswer"][];
            /** @description Records that correct this one, the oldest first. */
            readonly corrections: readonly components["schemas"]["CorrectionAnswer"][];
        };
        readonly ExplainedLineAnswer: {
            /** @description Such as `inputTokens`; rate cards may name any. */
            readonly metric: string;
            /** @description Exactly; a plain decimal. */
            readonly quantity: string;
            /** @description In USD, for the quantity `per`. */
            readonly priceUsd: string | null;
            /** @description The quantity that the price is for. */
            readonly per: string | null;
            /** @description The tier that priced it. */
            readonly tierAboveInputTokens?: number | null;
            /** @description The card that priced it. */
            readonly rateId: string | null;
            /** @description From when on the card holds: a date's midnight UTC, or an instant. */
            readonly effectiveFrom: string | null;
            /** @description How the cost came about, in plain figures. */
            readonly arithmetic: string | null;
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string | null;
        };
        readonly ExportAnswer: {
            readonly exportId: string;
            /** @enum {string} */
            readonly status: "queued" | "running" | "ready" | "failed";
            /**
             * @description csv, json, stripe, focus or parquet.
             * @enum {string}
             */
            readonly format: "csv" | "json" | "stripe" | "focus" | "parquet";
            /** @description The range that was used, half-open. */
            readonly period: components["schemas"]["PeriodAnswer"];
            /** @description What to tell apart. */
            readonly groupBy: ("session" | "user" | "provider" | "day" | "service" | "model") | null;
            readonly progress: components["schemas"]["ExportProgress"];
            readonly files: readonly components["schemas"]["ExportFile"][];
            /** @description The sum of all items, exactly. */
            readonly total: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            /** @description What the pricing mode bills, rounded to cents. */
            readonly billed: components["schemas"]["Money"];
            /** @description What the pricing mode bills, exactly, in USD. */
            readonly billedUsd: string;
            /** @description On top of what is billed, in invoice items: 100 is one percent. */
            readonly markupBasisPoints: number;
            readonly skipped: readonly components["schemas"]["SkippedUser"][];
            readonly error: string | null;
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
            /**
             * Format: date-time
             * @description From when on it no longer holds.
             */
            readonly expiresAt: string;
        };
        readonly ExportBody: {
            /**
             * @description csv, json, stripe, focus or parquet.
             * @enum {string}
             */
            readonly format: "csv" | "json" | "stripe" | "focus" | "parquet";
            /** @description The days, both of them in. */
            readonly period: components["schemas"]["ExportPeriod"];
            /** @description One row a group instead of one a record; csv and json only. */
            readonly groupBy?: ("session" | "user" | "provider" | "day" | "service" | "model") | null;
            /** @description Of the format. */
            readonly options?: components["schemas"]["ExportOptions"] | null;
        };
        readonly ExportFile: {
            /** @description For people. */
            readonly name: string;
            /** @enum {string} */
            readonly kind: "data" | "manifest";
            /** @description https to a public address; a presigned link in exports. */
            readonly url: string;
            /** @description Of the file. */
            readonly bytes: number;
            /** @description Of the file, in hex. */
            readonly sha256: string;
            /** @description Without a heading. */
            readonly rows: number;
        };
        readonly ExportOptions: {
            /**
             * @description What stripe exports have: invoice items in cents, or meter events with quantities.
             * @default invoice_items
             * @enum {string}
             */
            readonly as?: "invoice_items" | "meter_events";
            /**
             * @description For json: one object a line instead of one document.
             * @default false
             */
            readonly lines?: boolean;
            /** @description User to Stripe customer, for this export alone. */
            readonly customers?: {
                readonly [key: string]: string;
            } | null;
            /** @description On top of what is billed, in invoice items: 100 is one percent. */
            readonly markupBasisPoints?: number | null;
            /**
             * @description FOCUS' ProviderName and InvoiceIssuerName.
             * @default Meterstone
             */
            readonly platform?: string;
        };
        /** @description Dates, both inclusive. */
        readonly ExportPeriod: {
            /**
             * Format: date
             * @description The first instant, which is in.
             */
            readonly start: string;
            /**
             * Format: date
             * @description The end; as a date of an export it is in, in answers it is the first instant that is not.
             */
            readonly end: string;
        };
        /** @description In days. */
        readonly ExportProgress: {
            readonly done: number;
            /** @description The sum of all items, exactly. */
            readonly total: number;
        };
        readonly ExportStarted: {
            readonly exportId: string;
            /** @enum {string} */
            readonly status: "queued" | "running" | "ready" | "failed";
        };
        readonly ExportsAnswer: {
            readonly items: readonly components["schemas"]["ExportAnswer"][];
            /** @description Gives the next page; null at the end. */
            readonly nextCursor: string | null;
        };
        readonly FaultAnswer: {
            readonly path: string;
            readonly message: string;
        };
        /** @description Sums over records. `unrated` counts the records that have a metric without a rate. */
        readonly Figures: {
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            /** @description What the pricing mode bills, rounded to cents. */
            readonly billed: components["schemas"]["Money"];
            /** @description What the pricing mode bills, exactly, in USD. */
            readonly billedUsd: string;
            /** @description Usage that stands: not taken back, and not the corrections themselves. */
            readonly records: number;
            /** @description Records with at least one metric that has no rate. */
            readonly unrated: number;
            /** @description Quantities by metric. */
            readonly metrics: {
                readonly [key: string]: string;
            };
        };
        readonly HealthAnswer: {
            /** @constant */
            readonly status: "ok";
        };
        readonly HoldAnswer: {
            /** @description Unique in its session; a callback that names it settles it, whatever the real cost was. */
            readonly holdId: string;
            /** @description Reserved by holds that are open, in USD. */
            readonly heldUsd: string;
            /**
             * Format: date-time
             * @description From when on it no longer holds.
             */
            readonly expiresAt: string;
            /** @description What is neither used nor held. */
            readonly remaining: components["schemas"]["StandingAnswer"];
        };
        readonly HoldExtendedAnswer: {
            /** @description Unique in its session; a callback that names it settles it, whatever the real cost was. */
            readonly holdId: string;
            /** @description Reserved by holds that are open, in USD. */
            readonly heldUsd: string;
            /**
             * Format: date-time
             * @description From when on it no longer holds.
             */
            readonly expiresAt: string;
        };
        readonly HoldPatch: {
            /** @description After which the hold's room is free again. */
            readonly ttlSeconds: number;
        };
        readonly HoldRequest: {
            /** @description Unique in its session; a callback that names it settles it, whatever the real cost was. */
            readonly holdId?: string | null;
            /** @description What is about to be used: `costUsd`, or `service`, `modelId` and `usage`. */
            readonly estimate: components["schemas"]["EstimateRequest"];
            /**
             * @description After which the hold's room is free again.
             * @default 600
             */
            readonly ttlSeconds?: number;
            /** @description The run that it belongs to. */
            readonly runId?: string | null;
        };
        readonly HoldsAnswer: {
            readonly items: readonly components["schemas"]["OpenHoldAnswer"][];
            /** @description Gives the next page; null at the end. */
            readonly nextCursor: string | null;
        };
        readonly KeyAnswer: {
            readonly keyId: string;
            /** @description For people. */
            readonly name: string;
            /**
             * @description `ingest`, `member`, `admin` or `owner`.
             * @enum {string}
             */
            readonly role: "ingest" | "member" | "admin" | "owner";
            /** @description Whose usage it is. */
            readonly userId: string | null;
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
            /** @description From when on it no longer holds. */
            readonly expiresAt: string | null;
            readonly lastUsedAt: string | null;
        };
        readonly KeyRequest: {
            /** @description For people: what the key is for. */
            readonly name: string;
            /**
             * @description What the key may do; nobody gives more than the own role.
             * @enum {string}
             */
            readonly role: "ingest" | "member" | "admin" | "owner";
            /** @description A member to whom the key is bound: it may no more than the member may. */
            readonly userId?: string | null;
            /** @description After which the key is refused; without it, never. */
            readonly expiresInSeconds?: number | null;
        };
        readonly KeyedFigures: {
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            /** @description What the pricing mode bills, rounded to cents. */
            readonly billed: components["schemas"]["Money"];
            /** @description What the pricing mode bills, exactly, in USD. */
            readonly billedUsd: string;
            /** @description Usage that stands: not taken back, and not the corrections themselves. */
            readonly records: number;
            /** @description Records with at least one metric that has no rate. */
            readonly unrated: number;
            /** @description Quantities by metric. */
            readonly metrics: {
                readonly [key: string]: string;
            };
            /** @description The group's value; null where events named none. */
            readonly key: string | null;
        };
        readonly KeysAnswer: {
            readonly items: readonly components["schemas"]["KeyAnswer"][];
            /** @description Gives the next page; null at the end. */
            readonly nextCursor: string | null;
        };
        readonly LimitsAnswer: {
            /** @description What may be spent in a period. */
            readonly maxCost: components["schemas"]["CostLimitAnswer"] | null;
            /** @description Agents that may run at once. */
            readonly maxAgents: number | null;
            /** @description Wall-clock minutes of compute. */
            readonly maxComputeMinutes: number | null;
            /** @description Events with model tokens. */
            readonly maxModelCalls: number | null;
            /**
             * @description Whether usage without a rate pauses a session that has `maxCost`.
             * @enum {string}
             */
            readonly onUnrated: "pause" | "allow";
            /** @description Percent of a limit at which `…threshold_reached` is sent; 50, 80 and 100 unless it is said. */
            readonly thresholds: readonly number[];
        };
        /** @description Only what is named is set or changed; null removes a limit. */
        readonly LimitsRequest: {
            /** @description What may be spent in a period. */
            readonly maxCost?: components["schemas"]["CostLimit"] | null;
            /** @description Agents that may run at once. */
            readonly maxAgents?: number | null;
            /** @description Wall-clock minutes of compute. */
            readonly maxComputeMinutes?: number | null;
            /** @description Events with model tokens. */
            readonly maxModelCalls?: number | null;
            /**
             * @description Whether usage without a rate pauses a session that has `maxCost`.
             * @default pause
             */
            readonly onUnrated?: ("pause" | "allow") | null;
            /** @description Percent of a limit at which `…threshold_reached` is sent; 50, 80 and 100 unless it is said. */
            readonly thresholds?: readonly number[] | null;
        };
        readonly LineAnswer: {
            /** @description Such as `inputTokens`; rate cards may name any. */
            readonly metric: string;
            /** @description `compute`, `modelTokens`, `storage` or `orchestration`. */
            readonly category: ("compute" | "modelTokens" | "storage" | "orchestration") | null;
            /** @description Exactly; a plain decimal. */
            readonly quantity: string;
            /** @description In USD, for the quantity `per`. */
            readonly priceUsd: string | null;
            /** @description The quantity that the price is for. */
            readonly per: string | null;
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string | null;
            /** @description Whether the project's pricing mode bills it. */
            readonly billable: boolean;
            /** @description The card that priced it. */
            readonly rateId: string | null;
        };
        readonly ListedSession: {
            /** @description The session that it counts towards. */
            readonly sessionId: string;
            /** @description Whose usage it is. */
            readonly userId: string;
            /** @enum {string} */
            readonly status: "active" | "paused";
            /** @description For people. */
            readonly reason: string | null;
            /** @description Limits that are passed, by name. */
            readonly breached: readonly string[];
            /** @description By dimension; what is left out has no limit. */
            readonly limits: components["schemas"]["LimitsAnswer"];
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
            /** @description Limits, holds and agents of each session as well. */
            readonly standing?: components["schemas"]["StandingAnswer"] | null;
            /** @description Quantity by metric, 1 to 20 of them; metrics are disjoint. */
            readonly usage?: components["schemas"]["SessionUsageAnswer"] | null;
        };
        readonly LookedAt: {
            /**
             * @description `user:<id>`, `run:<id>` or `project`.
             * @enum {string}
             */
            readonly scope: "default" | "project";
            readonly owner: string;
            /** @description As the provider names it; the provider may stand before it, `anthropic/…`. */
            readonly modelId: string;
            /** @description For people. */
            readonly reason: string;
            /** @description The card that priced it. */
            readonly rateId: string | null;
        };
        readonly MemberAnswer: {
            /** @description Whose usage it is. */
            readonly userId: string;
            /**
             * @description `ingest`, `member`, `admin` or `owner`.
             * @enum {string}
             */
            readonly role: "ingest" | "member" | "admin" | "owner";
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
        };
        readonly MemberRequest: {
            /**
             * @description What the member may do.
             * @enum {string}
             */
            readonly role: "ingest" | "member" | "admin" | "owner";
        };
        readonly MembersAnswer: {
            readonly items: readonly components["schemas"]["MemberAnswer"][];
            /** @description Gives the next page; null at the end. */
            readonly nextCursor: string | null;
        };
        readonly MetricRateAnswer: {
            /** @description In USD, for the quantity `per`. */
            readonly priceUsd: string;
            /** @description The quantity that the price is for. */
            readonly per: number;
            /**
             * @description `compute`, `modelTokens`, `storage` or `orchestration`.
             * @enum {string}
             */
            readonly category: "compute" | "modelTokens" | "storage" | "orchestration";
            /** @description Other prices for events with much input. */
            readonly tiers?: readonly components["schemas"]["TierAnswer"][] | null;
        };
        readonly MetricRateRequest: {
            /** @description In USD, for the quantity `per`. USD; at most 12 decimals and at most 10^9. */
            readonly priceUsd: number | string;
            /**
             * @description The quantity that the price is for.
             * @default 1
             */
            readonly per?: number;
            /** @description `compute`, `modelTokens`, `storage` or `orchestration`. */
            readonly category?: ("compute" | "modelTokens" | "storage" | "orchestration") | null;
            /** @description Other prices for events with much input. */
            readonly tiers?: readonly components["schemas"]["TierRequest"][] | null;
        };
        /** @description Integer cents, rounded once, half to even, from the exact figure beside it. */
        readonly Money: {
            readonly amount: number;
            /**
             * @description Always `usd`.
             * @constant
             */
            readonly currency: "usd";
        };
        /** @description Whose cost has changed, and by how much. */
        readonly MoverAnswer: {
            /** @description The group's value; null where events named none. */
            readonly key: string;
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            readonly before: components["schemas"]["Money"];
            readonly beforeUsd: string;
            readonly change: components["schemas"]["Money"];
            readonly changeUsd: string;
            /** @description Of the limit. */
            readonly percent: string | null;
        };
        /** @description The five largest changes up and down against the period before. */
        readonly MoversAnswer: {
            readonly up: readonly components["schemas"]["MoverAnswer"][];
            readonly down: readonly components["schemas"]["MoverAnswer"][];
        };
        readonly NewKeyAnswer: {
            readonly keyId: string;
            /** @description For people. */
            readonly name: string;
            /**
             * @description `ingest`, `member`, `admin` or `owner`.
             * @enum {string}
             */
            readonly role: "ingest" | "member" | "admin" | "owner";
            /** @description Whose usage it is. */
            readonly userId: string | null;
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
            /** @description From when on it no longer holds. */
            readonly expiresAt: string | null;
            readonly lastUsedAt: string | null;
            /** @description Shown this once; only its hash is kept. */
            readonly apiKey: string;
        };
        readonly NewProjectAnswer: {
            /** @description Of the project. */
            readonly projectId: string;
            /** @description For people. */
            readonly name: string;
            /**
             * @description What is billed: `managed` everything, `byok` all but model tokens, `byoi` orchestration alone.
             * @enum {string}
             */
            readonly pricingMode: "managed" | "byok" | "byoi";
            /** @description Partitions of the project's records, a thousand writes a second each; can only grow. */
            readonly recordShards: number;
            /** @description On top of what is billed, in invoice items: 100 is one percent. */
            readonly markupBasisPoints: number;
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
            /** @description Shown this once; only its hash is kept. */
            readonly apiKey: string;
        };
        readonly OpenHoldAnswer: {
            /** @description Unique in its session; a callback that names it settles it, whatever the real cost was. */
            readonly holdId: string;
            /** @description Reserved by holds that are open, in USD. */
            readonly heldUsd: string;
            /**
             * Format: date-time
             * @description From when on it no longer holds.
             */
            readonly expiresAt: string;
            readonly heldModelCalls: number;
            readonly heldComputeMinutes: number;
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
        };
        readonly OwnStandingAnswer: {
            /** @enum {string} */
            readonly status: "active" | "paused";
            /**
             * @description `ingest`, `member`, `admin` or `owner`.
             * @enum {string}
             */
            readonly role: "ingest" | "member" | "admin" | "owner";
        };
        readonly PauseRequest: {
            /** @description For people; stands in the event. */
            readonly reason?: string | null;
        };
        /** @description The half-open range that was used. */
        readonly PeriodAnswer: {
            /**
             * Format: date-time
             * @description The first instant, which is in.
             */
            readonly start: string;
            /**
             * Format: date-time
             * @description The end; as a date of an export it is in, in answers it is the first instant that is not.
             */
            readonly end: string;
        };
        /** @description RFC 9457; some codes carry further members. */
        readonly Problem: {
            readonly type: string;
            readonly title: string;
            readonly status: number;
            /** @description For people: what is wrong, in a sentence. */
            readonly detail: string;
            readonly code: string;
            /** @description Every fault, with the path to its field. */
            readonly errors?: readonly components["schemas"]["FaultAnswer"][] | null;
        } & {
            readonly [key: string]: unknown;
        };
        readonly ProjectAnswer: {
            /** @description Of the project. */
            readonly projectId: string;
            /** @description For people. */
            readonly name: string;
            /**
             * @description What is billed: `managed` everything, `byok` all but model tokens, `byoi` orchestration alone.
             * @enum {string}
             */
            readonly pricingMode: "managed" | "byok" | "byoi";
            /** @description Partitions of the project's records, a thousand writes a second each; can only grow. */
            readonly recordShards: number;
            /** @description On top of what is billed, in invoice items: 100 is one percent. */
            readonly markupBasisPoints: number;
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
        };
        readonly ProjectPatch: {
            /** @description For people. */
            readonly name?: string | null;
            /** @description What is billed: `managed` everything, `byok` all but model tokens, `byoi` orchestration alone. */
            readonly pricingMode?: ("managed" | "byok" | "byoi") | null;
            /** @description Partitions of the project's records, a thousand writes a second each; can only grow. */
            readonly recordShards?: number | null;
            /** @description On top of what is billed, in invoice items: 100 is one percent. */
            readonly markupBasisPoints?: number | null;
        };
        readonly ProjectRequest: {
            /** @description Of the project. */
            readonly projectId?: string | null;
            /** @description For people. */
            readonly name: string;
            /** @description The person who is the project's first owner. */
            readonly ownerId: string;
            /**
             * @description What is billed: `managed` everything, `byok` all but model tokens, `byoi` orchestration alone.
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
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"] | null;
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string | null;
        };
        readonly RateCardAnswer: {
            /** @description The card that priced it. */
            readonly rateId: string;
            /**
             * @description `user:<id>`, `run:<id>` or `project`.
             * @enum {string}
             */
            readonly scope: "default" | "project";
            /** @description Such as `claude_code`; any name with a rate card of its own or of its provider. */
            readonly service?: string | null;
            /** @description Who made the model; without it, the service's own, or the prefix of `modelId`. */
            readonly provider?: string | null;
            /** @description As the provider names it; the provider may stand before it, `anthropic/…`. */
            readonly modelId: string;
            /** @description From when on the card holds: a date's midnight UTC, or an instant. */
            readonly effectiveFrom: string;
            /** @description Quantities by metric. */
            readonly metrics: {
                readonly [key: string]: components["schemas"]["MetricRateAnswer"];
            };
        };
        /** @description One card holds all metrics of one model, or of any (`*`), of one owner: a service or a provider. */
        readonly RateCardRequest: {
            /** @description Such as `claude_code`; any name with a rate card of its own or of its provider. */
            readonly service?: string | null;
            /** @description Who made the model; without it, the service's own, or the prefix of `modelId`. */
            readonly provider?: string | null;
            /**
             * @description A model, or `*` for any.
             * @default *
             */
            readonly modelId?: string;
            /** @description From when on the card holds: a date's midnight UTC, or an instant. A date means its midnight, UTC. */
            readonly effectiveFrom: string;
            /** @description Price by metric; a metric that is not here is unrated. */
            readonly metrics: {
                readonly [key: string]: components["schemas"]["MetricRateRequest"];
            };
        };
        readonly RatesAnswer: {
            readonly items: readonly components["schemas"]["RateCardAnswer"][];
            /** @description Gives the next page; null at the end. */
            readonly nextCursor: string | null;
        };
        /** @description A usage record: the event as it was sent, and what became of it. */
        readonly RecordAnswer: {
            /** @description Of the usage record; a hash of its idempotency key. */
            readonly recordId: string;
            /** @description Counts once for ever, however often it is sent; with another payload it is a conflict. */
            readonly idempotencyKey: string;
            /**
             * Format: date-time
             * @description When it happened, RFC 3339; without it, when it was received.
             */
            readonly occurredAt: string;
            /**
             * Format: date-time
             * @description When the service took it.
             */
            readonly receivedAt: string;
            /**
             * Format: date
             * @description The day in UTC.
             */
            readonly date: string;
            /** @description Such as `claude_code`; any name with a rate card of its own or of its provider. */
            readonly service: string;
            /** @description Who made the model; without it, the service's own, or the prefix of `modelId`. */
            readonly provider: string | null;
            /** @description As the provider names it; the provider may stand before it, `anthropic/…`. */
            readonly modelId: string | null;
            /** @description The tool that used it. */
            readonly toolId: string | null;
            /** @description Quantity by metric, 1 to 20 of them; metrics are disjoint. */
            readonly usage: {
                readonly [key: string]: number | string;
            };
            /** @description The run that it belongs to. */
            readonly runId: string | null;
            /** @description The sandbox that it ran in. */
            readonly sandboxId: string | null;
            /** @description The session that it counts towards. */
            readonly sessionId: string | null;
            /** @description Whose usage it is. */
            readonly userId: string | null;
            /** @description The agent's persona. */
            readonly personaId: string | null;
            /** @description What the step does, such as `designer`. */
            readonly stepType: string | null;
            /** @description The step's number in its run. */
            readonly stepIndex: number | null;
            /** @description How long it took, in milliseconds. */
            readonly durationMs: number | null;
            /** @description Unique in its session; a callback that names it settles it, whatever the real cost was. */
            readonly holdId: string | null;
            /** @description Kept with the record: at most 20, of 64 and 256 characters. */
            readonly tags: {
                readonly [key: string]: string;
            };
            /**
             * @description What is billed: `managed` everything, `byok` all but model tokens, `byoi` orchestration alone.
             * @enum {string}
             */
            readonly pricingMode: "managed" | "byok" | "byoi";
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            /** @description A line for each metric. */
            readonly lines: readonly components["schemas"]["LineAnswer"][];
            /** @description Metrics that no rate was found for. */
            readonly unratedMetrics: readonly string[];
            /** @description The record that this one takes back. */
            readonly voids: string | null;
            /** @description The record whose price this one changes. */
            readonly adjusts: string | null;
            /** @description For people. */
            readonly reason: string | null;
            /** @description The record that took this one back. */
            readonly voidedBy: string | null;
            /** @description Records that have changed this one's price since. */
            readonly adjustedBy: readonly string[];
        };
        readonly RecordedAnswer: {
            /** @enum {string} */
            readonly status: "recorded" | "duplicate";
            /** @description Of the usage record; a hash of its idempotency key. */
            readonly recordId: string;
            /**
             * Format: date
             * @description The day in UTC.
             */
            readonly date: string;
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            /** @description A line for each metric. */
            readonly lines: readonly components["schemas"]["LineAnswer"][];
            /** @description Metrics that no rate was found for. */
            readonly unratedMetrics: readonly string[];
            readonly session: components["schemas"]["SessionStanding"] | null;
        };
        readonly RecordsAnswer: {
            /** @description The range that was used, half-open. */
            readonly period: components["schemas"]["PeriodAnswer"] | null;
            readonly items: readonly components["schemas"]["RecordAnswer"][];
            /** @description Gives the next page; null at the end. */
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
            /** @description The range that was used, half-open. */
            readonly period: components["schemas"]["PeriodAnswer"];
            /** @description Such as `claude_code`; any name with a rate card of its own or of its provider. */
            readonly service: string | null;
            /** @description As the provider names it; the provider may stand before it, `anthropic/…`. */
            readonly modelId: string | null;
            /**
             * @description Usage without a rate, or all.
             * @enum {string}
             */
            readonly only: "unrated" | "all";
            readonly recordsSeen: number;
            readonly recordsChanged: number;
            readonly recordsFailed: number;
            readonly costUsdBefore: string;
            readonly costUsdAfter: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
            readonly finishedAt: string | null;
        };
        readonly RerateRequest: {
            /**
             * Format: date
             * @description The first day, UTC.
             */
            readonly from: string;
            /**
             * Format: date
             * @description The last day, UTC, which is in.
             */
            readonly to: string;
            /** @description Such as `claude_code`; any name with a rate card of its own or of its provider. */
            readonly service?: string | null;
            /** @description As the provider names it; the provider may stand before it, `anthropic/…`. */
            readonly modelId?: string | null;
            /**
             * @description Usage without a rate, or all.
             * @default unrated
             * @enum {string}
             */
            readonly only?: "unrated" | "all";
            /**
             * @description Shows the difference and writes nothing.
             * @default false
             */
            readonly dryRun?: boolean;
        };
        readonly ResolveAnswer: {
            readonly card: components["schemas"]["RateCardAnswer"] | null;
            /** @description For people. */
            readonly reason: string;
            readonly lookedAt: readonly components["schemas"]["LookedAt"][];
        };
        readonly RunAnswer: {
            /** @description The run that it belongs to. */
            readonly runId: string;
            /** @description The sum of all items, exactly. */
            readonly total: components["schemas"]["Figures"];
            /** @description The same figures for each model. */
            readonly models: readonly components["schemas"]["KeyedFigures"][];
            /** @description The same figures for each step. */
            readonly steps: readonly components["schemas"]["StepFigures"][];
        };
        readonly RunRow: {
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            /** @description What the pricing mode bills, rounded to cents. */
            readonly billed: components["schemas"]["Money"];
            /** @description What the pricing mode bills, exactly, in USD. */
            readonly billedUsd: string;
            /** @description Usage that stands: not taken back, and not the corrections themselves. */
            readonly records: number;
            /** @description Records with at least one metric that has no rate. */
            readonly unrated: number;
            /** @description Quantities by metric. */
            readonly metrics: {
                readonly [key: string]: string;
            };
            /** @description The run that it belongs to. */
            readonly runId: string;
            /** @description How long it took, in milliseconds. */
            readonly durationMs: number;
            /** Format: date-time */
            readonly lastAt: string;
        };
        readonly RunsAnswer: {
            /** @description The range that was used, half-open. */
            readonly period: components["schemas"]["PeriodAnswer"];
            /**
             * Format: date-time
             * @description The instant up to which the answer is complete.
             */
            readonly asOf: string;
            /** @description Whether every day of the period is closed. */
            readonly final: boolean;
            /** @description The sum of all items, exactly. */
            readonly total: components["schemas"]["Figures"];
            readonly items: readonly components["schemas"]["RunRow"][];
            /** @description Gives the next page; null at the end. */
            readonly nextCursor: string | null;
        };
        readonly SessionAnswer: {
            /** @description The session that it counts towards. */
            readonly sessionId: string;
            /** @description Whose usage it is. */
            readonly userId: string;
            /** @enum {string} */
            readonly status: "active" | "paused";
            /** @description For people. */
            readonly reason: string | null;
            /** @description Limits that are passed, by name. */
            readonly breached: readonly string[];
            /** @description By dimension; what is left out has no limit. */
            readonly limits: components["schemas"]["LimitsAnswer"];
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
        };
        readonly SessionRequest: {
            /** @description Whose usage it is. */
            readonly userId: string;
            /** @description The session that it counts towards. */
            readonly sessionId?: string | null;
            /** @description By dimension; what is left out has no limit. */
            readonly limits?: components["schemas"]["LimitsRequest"] | null;
            /**
             * @description Answers with the user's active session, if there is one.
             * @default false
             */
            readonly reuse?: boolean;
        };
        readonly SessionStanding: {
            /** @description The session that it counts towards. */
            readonly sessionId: string;
            /** @enum {string} */
            readonly status: "active" | "paused";
            /** @description Limits that are passed, by name. */
            readonly breached: readonly string[];
        };
        /** @description What a session has used since its beginning, up to date with the last answered callback. */
        readonly SessionUsageAnswer: {
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            /** @description Wall-clock minutes of compute. */
            readonly computeMinutes: number;
            readonly computeSeconds: string;
            /** @description Agents whose leases run. */
            readonly activeAgents: number;
            /** @description Events with model tokens. */
            readonly modelCalls: number;
            readonly inputTokens: number;
            readonly outputTokens: number;
            readonly storageGbHours: number;
            readonly orchestrationEvents: number;
            /** @description Usage that stands: not taken back, and not the corrections themselves. */
            readonly records: number;
            /** @description Records with at least one metric that has no rate. */
            readonly unrated: number;
        };
        readonly SessionsAnswer: {
            readonly items: readonly components["schemas"]["ListedSession"][];
            /** @description Gives the next page; null at the end. */
            readonly nextCursor: string | null;
        };
        readonly SignInAnswer: {
            readonly keyId: string;
            /** @description For people. */
            readonly name: string;
            /**
             * @description `ingest`, `member`, `admin` or `owner`.
             * @enum {string}
             */
            readonly role: "ingest" | "member" | "admin" | "owner";
            /** @description Whose usage it is. */
            readonly userId: string | null;
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
            /** @description From when on it no longer holds. */
            readonly expiresAt: string | null;
            readonly lastUsedAt: string | null;
            /** @description Shown this once; only its hash is kept. */
            readonly apiKey: string;
            /** @description Of the project. */
            readonly projectId: string;
        };
        /** @description Where to sign in, by OpenID Connect's authorization code flow with PKCE; nulls where only keys are taken. */
        readonly SignInDescription: {
            readonly enabled: boolean;
            /** @description The identity provider. */
            readonly issuer: string | null;
            readonly clientId: string | null;
        };
        readonly SignInRequest: {
            /** @description Of the project. */
            readonly projectId: string;
        };
        /**
         * @description Usage that is billable and not billed: the user has no Stripe customer, or the events named no user; or it is
         *     older than Stripe takes meter events.
         */
        readonly SkippedUser: {
            /** @description Whose usage it is. */
            readonly userId: string | null;
            /**
             * @description For people.
             * @enum {string}
             */
            readonly reason: "no_customer" | "older_than_35_days";
            /** @description What the pricing mode bills, rounded to cents. */
            readonly billed: components["schemas"]["Money"];
            /** @description What the pricing mode bills, exactly, in USD. */
            readonly billedUsd: string;
        };
        readonly SlotFigures: {
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            /** @description What the pricing mode bills, rounded to cents. */
            readonly billed: components["schemas"]["Money"];
            /** @description What the pricing mode bills, exactly, in USD. */
            readonly billedUsd: string;
            /** @description Usage that stands: not taken back, and not the corrections themselves. */
            readonly records: number;
            /** @description Records with at least one metric that has no rate. */
            readonly unrated: number;
            /** @description Quantities by metric. */
            readonly metrics: {
                readonly [key: string]: string;
            };
            /**
             * Format: date
             * @description The day in UTC.
             */
            readonly date: string;
            /** @description The hour's start, UTC. */
            readonly hour?: string | null;
            /** @description The same figures for each value of what is grouped by. */
            readonly groups?: readonly components["schemas"]["KeyedFigures"][] | null;
            readonly others?: components["schemas"]["Figures"] | null;
        };
        readonly StandingAnswer: {
            /** @description What may be spent in a period. */
            readonly maxCost: components["schemas"]["CostStanding"] | null;
            /** @description Agents that may run at once. */
            readonly maxAgents: components["schemas"]["CountStanding"] | null;
            /** @description Wall-clock minutes of compute. */
            readonly maxComputeMinutes: components["schemas"]["CountStanding"] | null;
            /** @description Events with model tokens. */
            readonly maxModelCalls: components["schemas"]["CountStanding"] | null;
            /**
             * @description Whether usage without a rate pauses a session that has `maxCost`.
             * @enum {string}
             */
            readonly onUnrated: "pause" | "allow";
            /** @description Percent of a limit at which `…threshold_reached` is sent; 50, 80 and 100 unless it is said. */
            readonly thresholds: readonly number[];
        };
        readonly StandoutAnswer: {
            /**
             * Format: date
             * @description The day in UTC.
             */
            readonly date: string;
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
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
            /** @description Integer cents, rounded once, half to even. */
            readonly cost: components["schemas"]["Money"];
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
            /** @description What the pricing mode bills, rounded to cents. */
            readonly billed: components["schemas"]["Money"];
            /** @description What the pricing mode bills, exactly, in USD. */
            readonly billedUsd: string;
            /** @description Usage that stands: not taken back, and not the corrections themselves. */
            readonly records: number;
            /** @description Records with at least one metric that has no rate. */
            readonly unrated: number;
            /** @description Quantities by metric. */
            readonly metrics: {
                readonly [key: string]: string;
            };
            /** @description The step's number in its run. */
            readonly stepIndex: number | null;
            /** @description What the step does, such as `designer`. */
            readonly stepType: string | null;
            /** @description How long it took, in milliseconds. */
            readonly durationMs: number;
        };
        readonly SummaryAnswer: {
            /** @description The range that was used, half-open. */
            readonly period: components["schemas"]["PeriodAnswer"];
            /**
             * Format: date-time
             * @description The instant up to which the answer is complete.
             */
            readonly asOf: string;
            /** @description Whether every day of the period is closed. */
            readonly final: boolean;
            /** @description The sum of all items, exactly. */
            readonly total: components["schemas"]["Figures"];
            readonly items: readonly components["schemas"]["SlotFigures"][];
            readonly before: components["schemas"]["BeforeAnswer"];
            readonly change: components["schemas"]["ChangeAnswer"];
            readonly projection: components["schemas"]["ProjectionAnswer"];
            readonly movers: components["schemas"]["AllMoversAnswer"];
            readonly standouts: components["schemas"]["StandoutsAnswer"];
        };
        readonly TierAnswer: {
            /** @description The threshold: strictly more input than this, cached included, takes the tier's price. */
            readonly aboveInputTokens: number;
            /** @description In USD, for the quantity `per`. */
            readonly priceUsd: string;
        };
        readonly TierRequest: {
            /** @description The threshold: strictly more input than this, cached included, takes the tier's price. */
            readonly aboveInputTokens: number;
            /** @description For all of the event's quantity, once its input is above the threshold. USD; at most 12 decimals and at most 10^9. */
            readonly priceUsd: number | string;
        };
        /** @description One use of a service, as it is sent to `usage.computeCostAndRecord`. */
        readonly UsageEvent: {
            /** @description Counts once for ever, however often it is sent; with another payload it is a conflict. */
            readonly idempotencyKey: string;
            /** @description When it happened, RFC 3339; without it, when it was received. */
            readonly occurredAt?: string | null;
            /** @description Such as `claude_code`; any name with a rate card of its own or of its provider. */
            readonly service: string;
            /** @description Who made the model; without it, the service's own, or the prefix of `modelId`. */
            readonly provider?: string | null;
            /** @description As the provider names it; the provider may stand before it, `anthropic/…`. */
            readonly modelId?: string | null;
            /** @description The tool that used it. */
            readonly toolId?: string | null;
            /** @description Quantity by metric, 1 to 20 of them; metrics are disjoint. */
            readonly usage: {
                readonly [key: string]: number | string;
            };
            /** @description The run that it belongs to. */
            readonly runId?: string | null;
            /** @description The sandbox that it ran in. */
            readonly sandboxId?: string | null;
            /** @description The session that it counts towards. */
            readonly sessionId?: string | null;
            /** @description Whose usage it is. */
            readonly userId?: string | null;
            /** @description The agent's persona. */
            readonly personaId?: string | null;
            /** @description What the step does, such as `designer`. */
            readonly stepType?: string | null;
            /** @description The step's number in its run. */
            readonly stepIndex?: number | null;
            /** @description How long it took, in milliseconds. */
            readonly durationMs?: number | null;
            /** @description Unique in its session; a callback that names it settles it, whatever the real cost was. */
            readonly holdId?: string | null;
            /** @description Kept with the record: at most 20, of 64 and 256 characters. */
            readonly tags?: {
                readonly [key: string]: string;
            } | null;
        };
        readonly VoidAnswer: {
            /** @description Of the usage record; a hash of its idempotency key. */
            readonly recordId: string;
            /** @description The record that this one takes back. */
            readonly voids: string;
            /** @description Exactly, in USD; a plain decimal. */
            readonly costUsd: string;
        };
        readonly VoidRequest: {
            /** @description For people; stands in the compensating record. */
            readonly reason: string;
        };
        readonly WebhookAnswer: {
            /** @description Of the endpoint. */
            readonly webhookId: string;
            /** @description https to a public address; a presigned link in exports. */
            readonly url: string;
            /** @description Types of events that are sent; `*` is all of them. */
            readonly events: readonly string[];
            /** @enum {string} */
            readonly status: "enabled" | "disabled";
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
        };
        /** @description Where to send which events; `*` stands for every event, those of later versions too. */
        readonly WebhookRequest: {
            /** @description https to a public address; a presigned link in exports. */
            readonly url: string;
            /** @description Types of events to send, such as `session.limit_reached`; `*` is all of them. */
            readonly events: readonly ("session.limit_reached" | "session.threshold_reached" | "session.paused" | "session.resumed" | "budget.limit_reached" | "budget.threshold_reached" | "usage.day_closed" | "export.ready" | "export.failed" | "*")[];
        };
        readonly WebhookSecretAnswer: {
            /** @description Of the endpoint. */
            readonly webhookId: string;
            /** @description https to a public address; a presigned link in exports. */
            readonly url: string;
            readonly events: readonly string[];
            /** @enum {string} */
            readonly status: "enabled" | "disabled";
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly createdAt: string;
            /** @description Signs every webhook; shown this once. */
            readonly secret: string | null;
        };
        readonly WebhooksAnswer: {
            readonly items: readonly components["schemas"]["WebhookAnswer"][];
            /** @description Gives the next page; null at the end. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
                readonly cursor?: string;
                /** @description The run that it belongs to. */
                readonly runId?: string;
                /** @description The session that it counts towards. */
                readonly sessionId?: string;
                /** @description Such as `claude_code`; any name with a rate card of its own or of its provider. */
                readonly service?: string;
                /** @description As the provider names it; the provider may stand before it, `anthropic/…`. */
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
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
                readonly cursor?: string;
                /** @description Such as `claude_code`; any name with a rate card of its own or of its provider. */
                readonly service?: string;
                /** @description Who made the model; without it, the service's own, or the prefix of `modelId`. */
                readonly provider?: string;
                /** @description As the provider names it; the provider may stand before it, `anthropic/…`. */
                readonly modelId?: string;
                /** @description Only cards that are in force then: an instant, or a date's midnight UTC. */
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
                /** @description Such as `claude_code`; any name with a rate card of its own or of its provider. */
                readonly service: string;
                /** @description Who made the model; without it, the service's own, or the prefix of `modelId`. */
                readonly provider?: string;
                /** @description As the provider names it; the provider may stand before it, `anthropic/…`. */
                readonly modelId?: string;
                /** @description When the usage happened; now, if it is not said. */
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
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
                readonly cursor?: string;
                /** @description A key's id, or the member's it is bound to. */
                readonly actor?: string;
                /** @description The operation's name, such as `putMember`. */
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
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
                readonly cursor?: string;
                /** @description Only sessions of this user. */
                readonly userId?: string;
                /** @description Limits, holds and agents of each session as well. */
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
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description Answers whether it would be granted, and holds nothing. */
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
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description What to tell apart. */
                readonly groupBy?: "service" | "model" | "provider" | "category" | "user" | "session" | "persona" | "tool" | "stepType";
                /** @description Hours for up to 14 days. */
                readonly granularity?: "day" | "hour";
                /** @description Only so many groups are told apart, the most expensive; `others` has the sum of the rest. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
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
                /** @description The first day, UTC. */
                readonly from?: string;
                /** @description The last day, UTC, which is in. */
                readonly to?: string;
                /** @description The most expensive first, or the latest. */
                readonly sort?: "cost" | "recent";
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
                /** @description Items of a page; in a dimension, what may be used. */
                readonly limit?: number;
                /** @description `nextCursor` of the page before. */
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
