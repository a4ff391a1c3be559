import { count, metrics, part, rest, usageWith, type TokenMetrics } from "./counts.js";

/**
 * The `usage` of an Anthropic message. `input_tokens` are those that no cache was involved in; `cache_creation` tells
 * 5-minute from 1-hour writes, and what it leaves of `cache_creation_input_tokens` was written for 5 minutes.
 */
export function fromAnthropic(usage: object): TokenMetrics {
    const given = usageWith(usage, ["input_tokens", "output_tokens"], "of an Anthropic message");
    const split = part(given, "cache_creation");
    const longWrites = count(split, "ephemeral_1h_input_tokens");
    const shortWrites = count(split, "ephemeral_5m_input_tokens");
    const writes = Math.max(count(given, "cache_creation_input_tokens"), shortWrites + longWrites);
    return metrics({
        inputTokens: count(given, "input_tokens"),
        cachedInputTokens: count(given, "cache_read_input_tokens"),
        cacheWriteTokens: rest(writes, longWrites),
        cacheWrite1hTokens: longWrites,
        outputTokens: count(given, "output_tokens"),
        webSearches: count(part(given, "server_tool_use"), "web_search_requests"),
    });
}
