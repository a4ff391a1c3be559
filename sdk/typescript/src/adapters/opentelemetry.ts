import { count, inputMetrics, metrics, usageOf, type TokenMetrics } from "./counts.js";

const USAGE = "gen_ai.usage.";

/**
 * The attributes of a span or event of OpenTelemetry's conventions for generative AI, whose input tokens include those
 * read from and written to a cache.
 */
export function fromOpenTelemetry(attributes: object): TokenMetrics {
    const needs = [`${USAGE}input_tokens`, `${USAGE}prompt_tokens`];
    const given = usageOf("OpenTelemetry's", attributes, [needs]);
    // The names of the conventions, and those that they had before.
    const [input, output] = needs[0]! in given ? ["input", "output"] : ["prompt", "completion"];
    return metrics({
        ...inputMetrics(
            count(given, `${USAGE}${input}_tokens`),
            count(given, `${USAGE}cache_read.input_tokens`),
            count(given, `${USAGE}cache_creation.input_tokens`),
            {},
            {},
        ),
        outputTokens: count(given, `${USAGE}${output}_tokens`),
    });
}
