/**
 * Records usage in the background: events are gathered, sent in batches, and kept until the service has them.
 *
 * Every event gets its idempotency key and its time when it is given, so that sending it again, by a later process too,
 * counts it once and at its hour.
 */
import { bytesOf, fits, mayPass, sendBatch } from "./batches.js";
import { ApiError, errorOf, MeteringError, type Problem } from "./errors.js";
import { eventBody, type UsageEvent } from "./events.js";
import type { Schemas } from "./schema.js";
import { MemorySpool, type Rejected, type Segment, type Spool } from "./spool.js";
import type { Transport } from "./transport.js";

export interface RecorderOptions {
    /** Milliseconds after which events are sent that do not fill a batch; 5,000. */
    readonly flushMs?: number;
    /** Where events are kept until the service has them; in memory, unless `metering-client/node` gives a `DiskSpool`. */
    readonly spool?: Spool;
    /** Told of events that the service refuses for good. */
    readonly onRejected?: (rejected: Rejected) => void;
    /** Told when sending fails; it is tried again. */
    readonly onError?: (error: unknown) => void;
}

export interface FlushOptions {
    /** Ends the sending; what is not sent stays. */
    readonly signal?: AbortSignal;
}

/** Events were given to a recorder that could not be sent and are kept nowhere else. */
export class UnsentEventsError extends MeteringError {
    readonly events: readonly unknown[];

    constructor(events: readonly unknown[], options?: ErrorOptions) {
        super(`${events.length} events are not sent`, options);
        this.events = events;
    }
}

const FLUSH_MS = 5_000;
/** After a failure the next attempt waits this many times as long as usual, then twice that, up to five minutes. */
const SLOWER = 2;
const LONGEST_WAIT = 300_000;

interface NodeProcess {
    once(event: "beforeExit", listener: () => void): void;
    off(event: "beforeExit", listener: () => void): void;
}

export class UsageRecorder {
    readonly #transport: Transport;
    readonly #options: RecorderOptions;
    readonly #spool: Spool;
    readonly #flushMs: number;
    readonly #atExit = (): void => void this.#sendAll().catch((error: unknown) => this.#tellOfLoss(error));
    #filling: Segment | undefined;
    #waiting: Segment[] = [];
    #sending: Promise<void> | undefined;
    #timer: ReturnType<typeof setTimeout> | undefined;
    #waitMs: number;
    #tookUp = false;
    #closed = false;

    constructor(transport: Transport, options: RecorderOptions = {}) {
        this.#transport = transport;
        this.#options = options;
        this.#spool = options.spool ?? new MemorySpool();
        this.#flushMs = this.#waitMs = options.flushMs ?? FLUSH_MS;
        nodeProcess()?.once("beforeExit", this.#atExit);
        if (this.#spool.durable) this.#schedule(0);
    }

    /**
     * Keep an event until the service has it; its idempotency key. It is sent soon, `flush` and `close` send it now.
     *
     * Throws a RangeError for an event that is too large to be sent at all.
     */
    record(event: UsageEvent): string {
        if (this.#closed) throw new MeteringError("the recorder is closed");
        const body = eventBody({ ...event, occurredAt: event.occurredAt ?? new Date() });
        const line = JSON.stringify(body);
        if (!fits(1, bytesOf(line))) throw new RangeError("an event must be smaller than 256 KiB");
        if (this.#filling && !this.#filling.hasRoomFor(line)) {
            this.#seal();
            if (this.#waitMs === this.#flushMs) this.#schedule(0); // the service is not away
        }
        this.#filling ??= this.#spool.newSegment();
        this.#filling.append(line);
        this.#schedule(this.#waitMs);
        return body.idempotencyKey;
    }

    /** Send what there is now. Throws what keeps it from being sent; the events stay. */
    flush(options: FlushOptions = {}): Promise<void> {
        return this.#sendAll(options.signal);
    }

    /**
     * Send what there is, and take nothing more. Where the service is away, a durable spool keeps the events for the next
     * start; without one an UnsentEventsError has them.
     */
    async close(options: FlushOptions = {}): Promise<void> {
        this.#closed = true;
        nodeProcess()?.off("beforeExit", this.#atExit);
        try {
            await this.#sendAll(options.signal);
        } catch (error) {
            told(this.#options.onError, error);
            if (!this.#spool.durable) throw new UnsentEventsError(await this.#unsent(), { cause: error });
        } finally {
            clearTimeout(this.#timer);
            this.#spool.close();
        }
    }

    /** At the end of a process nobody is left who could try again. */
    #tellOfLoss(error: unknown): void {
        if (this.#options.onError) told(this.#options.onError, error);
        else if (!this.#spool.durable) console.warn(`metering-client: usage could not be sent, and is lost: ${error}`);
    }

    async #unsent(): Promise<unknown[]> {
        const lines = await Promise.all(this.#waiting.map((segment) => segment.lines()));
        return lines.flat().map((line): unknown => JSON.parse(line));
    }

    #seal(): void {
        if (this.#filling) this.#waiting.push(this.#filling);
        this.#filling = undefined;
    }

    /** A timer that does not keep the process alive; at its end `beforeExit` sends what is left. */
    #schedule(ms: number): void {
        if (this.#timer !== undefined && ms > 0) return;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
            this.#timer = undefined;
            this.#sendAll().then(
                () => (this.#waitMs = this.#flushMs),
                (error: unknown) => this.#tryLater(error),
            );
        }, ms);
        (this.#timer as { unref?: () => void }).unref?.();
    }

    #tryLater(error: unknown): void {
        told(this.#options.onError, error);
        this.#waitMs = Math.min(Math.max(this.#waitMs, 1) * SLOWER, LONGEST_WAIT);
        if (!this.#closed) this.#schedule(this.#waitMs);
    }

    /** One sending at a time; whoever comes while it goes on waits for it, and sends what came meanwhile. */
    async #sendAll(signal?: AbortSignal): Promise<void> {
        while (this.#sending) await this.#sending.catch(() => undefined);
        this.#sending = this.#sendWaiting(signal);
        try {
            await this.#sending;
        } finally {
            this.#sending = undefined;
        }
    }

    async #sendWaiting(signal: AbortSignal | undefined): Promise<void> {
        if (!this.#tookUp) this.#waiting.unshift(...(await this.#spool.leftovers()));
        this.#tookUp = true;
        this.#seal();
        for (let segment = this.#waiting[0]; segment; segment = this.#waiting[0]) {
            await this.#sendSegment(segment, signal);
            this.#waiting.shift();
        }
    }

    /** Throws where some of it may be recorded later; the segment then stays as it is, since nothing counts twice. */
    async #sendSegment(segment: Segment, signal: AbortSignal | undefined): Promise<void> {
        const events = (await segment.lines()).map((line) => JSON.parse(line) as Schemas["UsageEvent"]);
        const rejected = await this.#send(events, signal);
        if (rejected.length > 0) await this.#spool.reject(rejected);
        for (const one of rejected) told(this.#options.onRejected, one);
        await segment.remove();
    }

    /** The events that are refused for good. */
    async #send(events: readonly Schemas["UsageEvent"][], signal: AbortSignal | undefined): Promise<Rejected[]> {
        if (events.length === 0) return [];
        let results;
        try {
            results = await sendBatch(this.#transport, events, { signal });
        } catch (error) {
            if (!refusesBody(error)) throw error;
            if (events.length === 1) return [{ event: events[0], problem: error.problem }];
            const half = Math.ceil(events.length / 2);
            return [
                ...(await this.#send(events.slice(0, half), signal)),
                ...(await this.#send(events.slice(half), signal)),
            ];
        }
        const later = results.find(mayPass);
        if (later) throw errorOf(503, later.error);
        return results.flatMap(({ index, error }) =>
            error ? [{ event: events[index], problem: error as Problem }] : [],
        );
    }
}

/** The caller's code, whose faults must neither keep events from being sent nor end the process. */
function told<T>(listener: ((what: T) => void) | undefined, what: T): void {
    try {
        listener?.(what);
    } catch (fault) {
        console.warn(`metering-client: a listener of the recorder failed: ${String(fault)}`);
    }
}

/** Whether it is something in the request that is refused, and not the key or the moment. */
function refusesBody(error: unknown): error is ApiError {
    return error instanceof ApiError && [400, 413, 422].includes(error.status);
}

function nodeProcess(): NodeProcess | undefined {
    const found = (globalThis as { process?: Partial<NodeProcess> }).process;
    return found?.once && found.off ? (found as NodeProcess) : undefined;
}
