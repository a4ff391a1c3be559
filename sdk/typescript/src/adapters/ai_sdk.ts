import { UnknownUsageError } from "../errors.js";
import { count, metrics, part, usageOf, type TokenMetrics } from "./counts.js";

/**
 * The `usage` of Vercel's AI SDK, from version 6 on, whose input includes cached tokens for every provider. Before, that
 * depended on the provider and cache writes were not told, so that an older usage is refused: give the provider's own.
 */
export function fromAiSdk(usage: object): TokenMetrics {
    const given = usageOf("the AI SDK's", usage, [["inputTokens", "outputTokens"]]);
    const details = part(given, "inputTokenDetails");
    if (!details) {
        throw new UnknownUsageError("AI SDK 5 and older do not say which input was cached: give the provider's usage");
    }
    const cached = count(details, "cacheReadTokens");
    const writes = count(details, "cacheWriteTokens");
    // Anthropic's own usage says which writes were for an hour.
    const longWrites = count(part(part(given, "raw") ?? {}, "cache_creation"), "ephemeral_1h_input_tokens");
    return metrics({
        inputTokens: count(given, "inputTokens") - cached - writes,
        cachedInputTokens: cached,
        cacheWriteTokens: writes - longWrites,
        cacheWrite1hTokens: longWrites,
        outputTokens: count(given, "outputTokens"),
    });
}
