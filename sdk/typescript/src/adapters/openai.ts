import { count, metrics, part, rest, usageWith, type Fields, type TokenMetrics } from "./counts.js";

/**
 * The `usage` of OpenAI's chat completions or responses, and of services that answer alike. Input includes what was
 * read from and written to the cache, and audio; output includes reasoning, and audio.
 */
export function fromOpenAI(usage: object): TokenMetrics {
    const given = usageWith(usage, ["prompt_tokens", "input_tokens"], "of OpenAI");
    const chat = "prompt_tokens" in given;
    const input = count(given, chat ? "prompt_tokens" : "input_tokens");
    const output = count(given, chat ? "completion_tokens" : "output_tokens");
    const inside = part(given, chat ? "prompt_tokens_details" : "input_tokens_details");
    const outside = part(given, chat ? "completion_tokens_details" : "output_tokens_details");
    const outputAudio = count(outside, "audio_tokens");
    return metrics({
        ...inputMetrics(input, inside),
        outputTokens: rest(output, outputAudio),
        outputAudioTokens: outputAudio,
    });
}

function inputMetrics(input: number, details: Fields | undefined): TokenMetrics {
    const cached = count(details, "cached_tokens");
    const writes = count(details, "cache_write_tokens");
    const audio = count(details, "audio_tokens");
    // Cached tokens are not told apart: they are of the text as far as there is any.
    const cachedAudio = Math.max(0, cached - rest(input, audio, writes));
    return {
        inputTokens: rest(input, writes, cached, audio - cachedAudio),
        cachedInputTokens: cached - cachedAudio,
        cacheWriteTokens: writes,
        inputAudioTokens: rest(audio, cachedAudio),
        cachedInputAudioTokens: cachedAudio,
    };
}
