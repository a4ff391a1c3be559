import {
    count,
    inputMetrics,
    metrics,
    outputMetrics,
    part,
    usageOf,
    type Fields,
    type Kinds,
    type ModalityOptions,
    type TokenMetrics,
} from "./counts.js";

const ANTHROPICS = ["cache_read_input_tokens", "cache_creation_input_tokens"];

/**
 * The `usage` of OpenAI's chat completions, responses, embeddings, images and realtime APIs, and of services that answer
 * like them. Input includes what was read from and written to the cache; output includes reasoning.
 */
export function fromOpenAI(usage: object, { modalities = [] }: ModalityOptions = {}): TokenMetrics {
    const given = usageOf("OpenAI's", usage, [["prompt_tokens", "input_tokens"]], ANTHROPICS);
    const [input, output] = "prompt_tokens" in given ? ["prompt", "completion"] : ["input", "output"];
    const read = details(given, input!);
    const written = details(given, output!);
    const kinds = (of: Fields | undefined): Kinds =>
        Object.fromEntries(modalities.map((kind) => [kind, count(of, `${kind}_tokens`)]));
    const total = count(given, `${input}_tokens`);
    const cached = count(read, "cached_tokens");
    // Writes may include what was read.
    const writes = Math.min(count(read, "cache_write_tokens"), Math.max(total - cached, 0));
    const ofCached = read && part(read, "cached_tokens_details");
    return metrics({
        ...inputMetrics(total, cached, writes, kinds(read), kinds(ofCached)),
        ...outputMetrics(count(given, `${output}_tokens`), kinds(written)),
    });
}

/** The realtime API has the singular. */
function details(given: Fields, name: string): Fields | undefined {
    return part(given, `${name}_tokens_details`) ?? part(given, `${name}_token_details`);
}
