/** What the adapters have in common: reading counts, and metrics that overlap nowhere. */
import { UnknownUsageError } from "../errors.js";

/** Our metrics, each token in one of them. */
export type TokenMetrics = Readonly<Record<string, number>>;

/** A provider's object, whatever its type there says. */
export type Fields = Readonly<Record<string, unknown>>;

/** Kinds of tokens that may have a price of their own. */
export type Modality = "audio" | "image" | "video";

export interface ModalityOptions {
    /**
     * Kinds of tokens that get metrics of their own, such as `inputAudioTokens`. The others count as plain tokens: few
     * models have prices for them, and a metric that no rate card names is unrated.
     */
    readonly modalities?: readonly Modality[];
}

/** How many tokens are of each kind. */
export type Kinds = Readonly<Partial<Record<Modality, number>>>;

/** A count, 0 where there is none; an UnknownUsageError for what is no count. */
export function count(container: Fields | undefined, name: string): number {
    const value = container?.[name] ?? 0;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
        throw new UnknownUsageError(`${name} is no count: ${JSON.stringify(value)}`);
    }
    return value;
}

/** A part that is an object, or nothing. */
export function part(container: Fields, name: string): Fields | undefined {
    const value = container[name] ?? undefined;
    if (value !== undefined && typeof value !== "object") {
        throw new UnknownUsageError(`${name} is no object: ${JSON.stringify(value)}`);
    }
    return value as Fields | undefined;
}

/** A part that is a list of objects; an empty one where there is none. */
export function list(container: Fields, name: string): readonly Fields[] {
    const value = container[name] ?? [];
    if (!Array.isArray(value)) throw new UnknownUsageError(`${name} is no list: ${JSON.stringify(value)}`);
    return value as readonly Fields[];
}

/** The object itself, where it has one of the fields of each `needs`, and none of `without`, which are of others. */
export function usageOf(
    whose: string,
    usage: unknown,
    needs: readonly (readonly string[])[],
    without: readonly string[] = [],
): Fields {
    if (typeof usage !== "object" || usage === null) {
        throw new UnknownUsageError(`this is not ${whose} usage: ${String(usage)} is no object`);
    }
    const given = usage as Fields;
    const has = (name: string): boolean => given[name] !== undefined && given[name] !== null;
    const lacking = needs.find((names) => !names.some(has));
    if (lacking) throw new UnknownUsageError(`this is not ${whose} usage: it has no ${lacking.join(" or ")}`);
    const strange = without.find(has);
    if (strange) throw new UnknownUsageError(`this is not ${whose} usage: ${strange} is of another provider's`);
    return given;
}

/** Input whose total includes what was read from and written to a cache, and every kind of token. */
export function inputMetrics(
    total: number,
    cached: number,
    written: number,
    kinds: Kinds,
    cachedKinds: Kinds,
): TokenMetrics {
    const named = Object.entries(kinds).flatMap(([kind, all]) => {
        const ofCache = cachedKinds[kind as Modality] ?? 0;
        const name = `${capital(kind)}Tokens`;
        return [
            [`input${name}`, all - ofCache],
            [`cachedInput${name}`, ofCache],
        ] as const;
    });
    return {
        inputTokens: total - cached - written - sum(kinds) + sum(cachedKinds),
        cachedInputTokens: cached - sum(cachedKinds),
        cacheWriteTokens: written,
        ...Object.fromEntries(named),
    };
}

/** Output whose total includes every kind of token. */
export function outputMetrics(total: number, kinds: Kinds): TokenMetrics {
    const named = Object.entries(kinds).map(([kind, all]) => [`output${capital(kind)}Tokens`, all] as const);
    return { outputTokens: total - sum(kinds), ...Object.fromEntries(named) };
}

/** The metrics that are not zero; input and output stand in any case. */
export function metrics(all: TokenMetrics): TokenMetrics {
    const negative = Object.entries(all).find(([, quantity]) => quantity < 0);
    if (negative) throw new UnknownUsageError(`the parts are more than the whole: ${negative.join(" would be ")}`);
    const always = ["inputTokens", "outputTokens"];
    return Object.fromEntries(Object.entries(all).filter(([name, quantity]) => quantity || always.includes(name)));
}

function sum(kinds: Kinds): number {
    return Object.values(kinds).reduce((total, one) => total + one, 0);
}

function capital(word: string): string {
    return word.charAt(0).toUpperCase() + word.slice(1);
}
