import { count, metrics, rest, usageWith, type Fields, type TokenMetrics } from "./counts.js";

const USAGE = "gen_ai.usage.";
// The names of the semantic conventions, and those that they, or instrumentations, had before.
const INPUT = ["input_tokens", "prompt_tokens"];
const OUTPUT = ["output_tokens", "completion_tokens"];
const READ = ["cache_read.input_tokens", "cache_read_input_tokens"];
const WRITTEN = ["cache_creation.input_tokens", "cache_creation_input_tokens"];

/**
 * The attributes of a span or event of OpenTelemetry's generative AI conventions, whose input tokens include those read
 * from and written to a cache.
 */
export function fromOpenTelemetry(attributes: object): TokenMetrics {
    const names = [...INPUT, ...OUTPUT].map((name) => USAGE + name);
    const given = usageWith(attributes, names, "of OpenTelemetry");
    const cached = firstCount(given, READ);
    const writes = firstCount(given, WRITTEN);
    return metrics({
        inputTokens: rest(firstCount(given, INPUT), cached, writes),
        cachedInputTokens: cached,
        cacheWriteTokens: writes,
        outputTokens: firstCount(given, OUTPUT),
    });
}

function firstCount(given: Fields, names: readonly string[]): number {
    return count(given, names.map((name) => USAGE + name).find((name) => name in given) ?? "");
}
