import { count, list, metrics, part, usageOf, type Fields, type TokenMetrics } from "./counts.js";

/**
 * The `usage` of an Anthropic message, whose input tokens are those that no cache was involved in. Searches of its web
 * tool are `webSearches`. What compactions of the context took is added, since the totals leave it out; what advisors took
 * is not, since it has another model's prices: `fromAnthropicAdvisors`.
 */
export function fromAnthropic(usage: object): TokenMetrics {
    const given = usageOfAnthropic(usage);
    return metrics(summed([given, ...iterations(given, "compaction")]));
}

/** What advisors took in a message, by their models: each is to be recorded by itself, with its model. */
export function fromAnthropicAdvisors(usage: object): Readonly<Record<string, TokenMetrics>> {
    const found = new Map<string, Fields[]>();
    for (const advice of iterations(usageOfAnthropic(usage), "advisor_message")) {
        const model = String(advice["model"]);
        found.set(model, [...(found.get(model) ?? []), advice]);
    }
    return Object.fromEntries([...found].map(([model, parts]) => [model, metrics(summed(parts))]));
}

function usageOfAnthropic(usage: object): Fields {
    return usageOf("Anthropic's", usage, [["input_tokens"], ["output_tokens"]], ["total_tokens"]);
}

function iterations(given: Fields, type: string): readonly Fields[] {
    return list(given, "iterations").filter((one) => one["type"] === type);
}

function summed(parts: readonly Fields[]): TokenMetrics {
    const total: Record<string, number> = {};
    for (const one of parts) {
        for (const [name, quantity] of Object.entries(metricsOf(one))) total[name] = (total[name] ?? 0) + quantity;
    }
    return total;
}

/** `cache_creation` tells writes for 5 minutes from those for an hour; without it all are for 5 minutes. */
function metricsOf(given: Fields): TokenMetrics {
    const split = part(given, "cache_creation");
    const longWrites = count(split, "ephemeral_1h_input_tokens");
    const told = count(split, "ephemeral_5m_input_tokens") + longWrites;
    return {
        inputTokens: count(given, "input_tokens"),
        cachedInputTokens: count(given, "cache_read_input_tokens"),
        cacheWriteTokens: Math.max(count(given, "cache_creation_input_tokens"), told) - longWrites,
        cacheWrite1hTokens: longWrites,
        outputTokens: count(given, "output_tokens"),
        webSearches: count(part(given, "server_tool_use"), "web_search_requests"),
    };
}
