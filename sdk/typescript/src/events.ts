/** Usage events as they are sent. */
import { newId } from "./ids.js";
import type { Schemas } from "./schema.js";

/** A quantity: a number, or a decimal string of at most 12 decimals where a number would not be exact. */
export type Quantity = number | string | bigint;
export type Metrics = Readonly<Record<string, Quantity>>;

/**
 * One use of a service. Without an `idempotencyKey` it gets a fresh one: the client's own retries then count once, but
 * whatever calls the client again counts again. A key made of what you record, such as the id of a model's answer,
 * counts once in both cases.
 */
export interface UsageEvent extends Omit<Schemas["UsageEvent"], "idempotencyKey" | "usage" | "occurredAt"> {
    readonly idempotencyKey?: string;
    readonly occurredAt?: string | Date | null;
    readonly usage: Metrics;
}

const DECIMALS = 12;
/** Numbers from here on are not written without an exponent; the service takes no quantity this large. */
const MOST = 1e21;

/** The event as it is sent, with a key, so that every sending of it is the same. */
export function eventBody(event: UsageEvent): Schemas["UsageEvent"] {
    const { idempotencyKey = newId("evt"), occurredAt, usage, ...rest } = event;
    return {
        idempotencyKey,
        ...rest,
        ...(occurredAt === undefined
            ? {}
            : { occurredAt: occurredAt instanceof Date ? occurredAt.toISOString() : occurredAt }),
        usage: Object.fromEntries(Object.entries(usage).map(([metric, quantity]) => [metric, quantityBody(quantity)])),
    };
}

/** Fractions as decimal strings rounded to 12 decimals: a sum such as 0.1 + 0.2 has more, which would be refused. */
function quantityBody(quantity: Quantity): number | string {
    if (typeof quantity === "bigint") return quantity.toString();
    if (typeof quantity === "string" || Number.isInteger(quantity)) return quantity;
    if (!Number.isFinite(quantity) || Math.abs(quantity) >= MOST) throw new TypeError(`not a quantity: ${quantity}`);
    return quantity.toFixed(DECIMALS).replace(/\.?0+$/, "");
}
