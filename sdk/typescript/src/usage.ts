import { inBatches, sendBatch } from "./batches.js";
import { eventBody, type UsageEvent } from "./events.js";
import { exportUsage, type Export, type ExportOptions, type ExportRequest } from "./exports.js";
import type { Answer, Body, OperationId, Query } from "./schema.js";
import type { CallOptions, Transport } from "./transport.js";

/** The operations that take nothing but a query. */
type View = Extract<OperationId, `usage${string}` | "dailyUsage" | "listRuns" | "listRecords">;

/** Recording usage, the views of it, and its corrections. Views of a range take `from` and `to`, both inclusive. */
export class Usage {
    readonly #transport: Transport;

    constructor(transport: Transport) {
        this.#transport = transport;
    }

    /** Price one use of a service and record it exactly once, however often it is sent. */
    record(event: UsageEvent, options?: CallOptions): Promise<Answer<"recordUsage">> {
        return this.#transport.call("recordUsage", { body: eventBody(event) }, options);
    }

    /**
     * Record any number of events, in as many requests as they need. Each is judged by itself: look at `errors`. Events
     * that the service could not record just now are sent again before this answers.
     */
    async recordBatch(events: Iterable<UsageEvent>, options?: CallOptions): Promise<Answer<"recordUsageBatch">> {
        const results: Answer<"recordUsageBatch">["results"][number][] = [];
        for (const batch of inBatches(Array.from(events, eventBody))) {
            const before = results.length;
            for (const result of await sendBatch(this.#transport, batch, options)) {
                results.push({ ...result, index: before + result.index });
            }
        }
        const count = (status: string): number => results.filter((result) => result.status === status).length;
        return { results, recorded: count("recorded"), duplicates: count("duplicate"), errors: count("error") };
    }

    records(query: Query<"listRecords"> = {}, options?: CallOptions): Promise<Answer<"listRecords">> {
        return this.#view("listRecords", query, options);
    }

    getRecord(recordId: string, options?: CallOptions): Promise<Answer<"getRecord">> {
        return this.#transport.call("getRecord", { path: { recordId } }, options);
    }

    /** Why a record costs what it costs. */
    explain(recordId: string, options?: CallOptions): Promise<Answer<"explainRecord">> {
        return this.#transport.call("explainRecord", { path: { recordId } }, options);
    }

    /** Take a record back by a compensating record. */
    void(recordId: string, reason: string, options?: CallOptions): Promise<Answer<"voidRecord">> {
        return this.#transport.call("voidRecord", { path: { recordId }, body: { reason } }, options);
    }

    /** Price the usage of a range anew by the cards of now, or with `dryRun` say what that would change. */
    rerate(body: Body<"startRerating">, options?: CallOptions): Promise<Answer<"startRerating">> {
        return this.#transport.call("startRerating", { body }, options);
    }

    getRerating(jobId: string, options?: CallOptions): Promise<Answer<"getRerating">> {
        return this.#transport.call("getRerating", { path: { jobId } }, options);
    }

    /** By day, or with `granularity` by hour, and with `groupBy` by a dimension beside it. */
    daily(query: Query<"dailyUsage"> = {}, options?: CallOptions): Promise<Answer<"dailyUsage">> {
        return this.#view("dailyUsage", query, options);
    }

    byService(query: Query<"usageByService"> = {}, options?: CallOptions): Promise<Answer<"usageByService">> {
        return this.#view("usageByService", query, options);
    }

    byModel(query: Query<"usageByModel"> = {}, options?: CallOptions): Promise<Answer<"usageByModel">> {
        return this.#view("usageByModel", query, options);
    }

    byProvider(query: Query<"usageByProvider"> = {}, options?: CallOptions): Promise<Answer<"usageByProvider">> {
        return this.#view("usageByProvider", query, options);
    }

    byCategory(query: Query<"usageByCategory"> = {}, options?: CallOptions): Promise<Answer<"usageByCategory">> {
        return this.#view("usageByCategory", query, options);
    }

    byUser(query: Query<"usageByUser"> = {}, options?: CallOptions): Promise<Answer<"usageByUser">> {
        return this.#view("usageByUser", query, options);
    }

    bySession(query: Query<"usageBySession"> = {}, options?: CallOptions): Promise<Answer<"usageBySession">> {
        return this.#view("usageBySession", query, options);
    }

    byPersona(query: Query<"usageByPersona"> = {}, options?: CallOptions): Promise<Answer<"usageByPersona">> {
        return this.#view("usageByPersona", query, options);
    }

    byTool(query: Query<"usageByTool"> = {}, options?: CallOptions): Promise<Answer<"usageByTool">> {
        return this.#view("usageByTool", query, options);
    }

    byStepType(query: Query<"usageByStepType"> = {}, options?: CallOptions): Promise<Answer<"usageByStepType">> {
        return this.#view("usageByStepType", query, options);
    }

    /** Change against the period before, projection, top movers, days that stand out. */
    summary(query: Query<"usageSummary"> = {}, options?: CallOptions): Promise<Answer<"usageSummary">> {
        return this.#view("usageSummary", query, options);
    }

    /** Runs, the most expensive or with `sort` the most recent first. */
    runs(query: Query<"listRuns"> = {}, options?: CallOptions): Promise<Answer<"listRuns">> {
        return this.#view("listRuns", query, options);
    }

    /** What a run has used, by model and by step, up to date with the last answered callback. */
    run(runId: string, options?: CallOptions): Promise<Answer<"getRunUsage">> {
        return this.#transport.call("getRunUsage", { path: { runId } }, options);
    }

    /** Export usage: waits until it is written, downloads its files, and checks their hashes and their sum. */
    export(request: ExportRequest, options?: ExportOptions): Promise<Export> {
        return exportUsage(this.#transport, request, options);
    }

    #view<K extends View>(view: K, query: Query<K>, options: CallOptions | undefined): Promise<Answer<K>> {
        return this.#transport.call(view, { query } as never, options);
    }
}
