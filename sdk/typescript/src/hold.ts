/** Holds: room under the limits, taken before something expensive. */
import { ApiError, HoldClosedError, NotFoundError, UnreachableError } from "./errors.js";
import { eventBody, type Metrics, type UsageEvent } from "./events.js";
import { newId } from "./ids.js";
import type { Answer, Schemas } from "./schema.js";
import type { CallOptions, Transport } from "./transport.js";

/** A decimal string of USD, or usage that is priced as a callback's is. */
export type Estimate =
    | string
    | { readonly costUsd: string }
    | { readonly service: string; readonly provider?: string; readonly modelId?: string; readonly usage: Metrics };

export interface HoldOptions {
    readonly holdId?: string;
    /** After which the room comes back by itself; 600. */
    readonly ttlSeconds?: number;
    /** Counts against a budget of this run, too. */
    readonly runId?: string;
    readonly signal?: AbortSignal;
}

/** `unknown`: a callback was sent that no answer came to, so that a retry of it may still settle the hold. */
type State = "open" | "closed" | "unknown";

/** Room that is taken until a record settles it, it is released or it expires. */
export class Hold {
    readonly holdId: string;
    /** What is held, in USD. */
    readonly heldUsd: string;
    readonly #transport: Transport;
    readonly #sessionId: string;
    #state: State = "open";
    /** The idempotency key of the record that settled it. */
    #settledBy: string | undefined;
    #expiresAt: string;

    constructor(transport: Transport, sessionId: string, answer: Schemas["HoldAnswer"]) {
        this.#transport = transport;
        this.#sessionId = sessionId;
        this.holdId = answer.holdId;
        this.heldUsd = answer.heldUsd;
        this.#expiresAt = answer.expiresAt;
    }

    /** When the room comes back by itself, unless it is extended. */
    get expiresAt(): string {
        return this.#expiresAt;
    }

    /** Whether it is neither settled nor released, as far as is known here. */
    get open(): boolean {
        return this.#state === "open";
    }

    /**
     * Record usage of the session; the first record settles the hold, whatever it costs, and further ones stand alone.
     * The one that settled it is the same payload, and so a duplicate, when it is made again.
     */
    async record(event: UsageEvent, options?: CallOptions): Promise<Answer<"recordUsage">> {
        const body = { ...eventBody(event), sessionId: this.#sessionId };
        if (this.#state === "closed" && body.idempotencyKey !== this.#settledBy) {
            return this.#transport.call("recordUsage", { body }, options);
        }
        try {
            const answer = await this.#transport.call(
                "recordUsage",
                { body: { ...body, holdId: this.holdId } },
                options,
            );
            this.#state = "closed";
            this.#settledBy = body.idempotencyKey;
            return answer;
        } catch (error) {
            if (!(error instanceof ApiError)) this.#state = "unknown";
            throw error;
        }
    }

    /** Move its end to so many seconds from now. */
    async extend(ttlSeconds: number, options?: CallOptions): Promise<void> {
        const answer = await this.#transport.call("extendHold", { path: this.#path, body: { ttlSeconds } }, options);
        this.#expiresAt = answer.expiresAt;
    }

    /** Give its room back; nothing happens where it is settled, released or expired already. */
    async release(options?: CallOptions): Promise<void> {
        try {
            await this.#transport.call("releaseHold", { path: this.#path }, options);
        } catch (error) {
            if (!(error instanceof HoldClosedError || error instanceof NotFoundError)) throw error;
        }
        this.#state = "closed";
    }

    get #path(): { sessionId: string; holdId: string } {
        return { sessionId: this.#sessionId, holdId: this.holdId };
    }
}

export function estimateBody(estimate: Estimate): Schemas["EstimateRequest"] {
    if (typeof estimate === "string") return { costUsd: estimate };
    if (typeof estimate !== "object") throw new TypeError(`not an estimate: ${String(estimate)}; USD are a string`);
    if ("costUsd" in estimate) return estimate;
    return { ...estimate, usage: eventBody({ service: estimate.service, usage: estimate.usage }).usage };
}

export async function openHold(
    transport: Transport,
    sessionId: string,
    estimate: Estimate,
    { signal, holdId = newId("hold"), ...rest }: HoldOptions = {},
): Promise<Hold> {
    const body = { holdId, estimate: estimateBody(estimate), ...rest };
    return new Hold(transport, sessionId, await transport.call("openHold", { path: { sessionId }, body }, { signal }));
}

export async function withHold<T>(
    transport: Transport,
    sessionId: string,
    estimate: Estimate,
    work: (hold: Hold) => Promise<T> | T,
    options?: HoldOptions,
): Promise<T> {
    const hold = await openHold(transport, sessionId, estimate, options);
    try {
        return await work(hold);
    } finally {
        if (hold.open) await releaseQuietly(hold);
    }
}

/** What `work` returned or threw matters more than a release that fails: the room comes back by itself. */
async function releaseQuietly(hold: Hold): Promise<void> {
    try {
        await hold.release();
    } catch (error) {
        if (!(error instanceof ApiError || error instanceof UnreachableError)) throw error;
    }
}
