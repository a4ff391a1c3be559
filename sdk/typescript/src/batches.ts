/** Many events in requests as large as the service takes, each event judged by itself. */
import type { Schemas } from "./schema.js";
import { backoff, pause, type CallOptions, type Transport } from "./transport.js";

export const MOST_EVENTS = 500;
/** Bytes of JSON that a request may have. */
export const MOST_BYTES = 256 * 1024;
/** What a request has around its events: `{"events":[]}`. */
const AROUND = 13;
/** How often an event is sent that the service could not record just now. */
const MOST_ATTEMPTS = 6;
const MAY_PASS = new Set(["throttled", "unavailable"]);

type Event = Schemas["UsageEvent"];
type Result = Schemas["BatchResult"];

/** Bytes that an event takes in a request, its comma included. */
export function bytesOf(line: string): number {
    return new TextEncoder().encode(line).length + 1;
}

/** Whether so many events of so many bytes, commas included, fit into one request. */
export function fits(events: number, bytes: number): boolean {
    return events <= MOST_EVENTS && bytes + AROUND <= MOST_BYTES;
}

/** The events, in their order, as batches that fit into a request each. An event that is too large is a batch alone. */
export function* inBatches(events: Iterable<Event>): Generator<Event[]> {
    let batch: Event[] = [];
    let bytes = 0;
    for (const event of events) {
        const more = bytesOf(JSON.stringify(event));
        if (batch.length > 0 && !fits(batch.length + 1, bytes + more)) {
            yield batch;
            [batch, bytes] = [[], 0];
        }
        batch.push(event);
        bytes += more;
    }
    if (batch.length > 0) yield batch;
}

/**
 * The results of one batch, in its order. Events that could not be recorded just now are sent again; whose last result
 * still says so could not be recorded at all.
 */
export async function sendBatch(
    transport: Transport,
    events: readonly Event[],
    options: CallOptions = {},
): Promise<Result[]> {
    const results: Result[] = [];
    let waiting = events.map((_, index) => index);
    for (let tried = 1; waiting.length > 0; tried++) {
        const answer = await transport.call(
            "recordUsageBatch",
            { body: { events: waiting.map((at) => events[at]!) } },
            options,
        );
        for (const result of answer.results)
            results[waiting[result.index]!] = { ...result, index: waiting[result.index]! };
        waiting = waiting.filter((at) => mayPass(results[at]));
        if (tried === MOST_ATTEMPTS) break;
        if (waiting.length > 0) await pause(backoff(tried), options.signal);
    }
    return results;
}

/** Whether the service says of an event that it may record it later. */
export function mayPass(result: Result | undefined): boolean {
    return result?.status === "error" && MAY_PASS.has(result.error?.code ?? "");
}
