/** What the adapters have in common: reading counts, and metrics that overlap nowhere. */
import { UnknownUsageError } from "../errors.js";

/** Our metrics, each token in one of them. */
export type TokenMetrics = Readonly<Record<string, number>>;

/** A provider's object, whatever its type there says. */
export type Fields = Readonly<Record<string, unknown>>;

/** A count, 0 where there is none; an UnknownUsageError for what is no count. */
export function count(container: Fields | null | undefined, name: string): number {
    const value = container?.[name] ?? 0;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
        throw new UnknownUsageError(`${name} is no count: ${JSON.stringify(value)}`);
    }
    return value;
}

/** A part that is an object, or nothing. */
export function part(container: Fields, name: string): Fields | undefined {
    const value = container[name] ?? undefined;
    if (value !== undefined && (typeof value !== "object" || value === null)) {
        throw new UnknownUsageError(`${name} is no object: ${JSON.stringify(value)}`);
    }
    return value as Fields | undefined;
}

/** The object itself, which has one of these fields. */
export function usageWith(usage: unknown, names: readonly string[], of: string): Fields {
    if (typeof usage !== "object" || usage === null || !names.some((name) => name in usage)) {
        throw new UnknownUsageError(`this is no usage ${of}: it has none of ${names.join(", ")}`);
    }
    return usage as Fields;
}

/** What is left of a count once its parts have their own metric. */
export function rest(total: number, ...parts: readonly number[]): number {
    const left = parts.reduce((remaining, one) => remaining - one, total);
    if (left < 0) throw new UnknownUsageError(`the parts ${parts.join(" + ")} are more than their whole, ${total}`);
    return left;
}

/** The metrics without those of zero. A call that used nothing keeps one, since a record needs one. */
export function metrics(all: TokenMetrics): TokenMetrics {
    const used = Object.fromEntries(Object.entries(all).filter(([, quantity]) => quantity > 0));
    return Object.keys(used).length > 0 ? used : { inputTokens: 0 };
}
