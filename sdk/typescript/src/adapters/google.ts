import { UnknownUsageError } from "../errors.js";
import { count, metrics, rest, usageWith, type Fields, type TokenMetrics } from "./counts.js";

const ANY = ["promptTokenCount", "candidatesTokenCount", "responseTokenCount", "totalTokenCount"];

/**
 * The `usageMetadata` of Google's models. `promptTokenCount` includes what was read from the cache; prompts of tools are
 * input beside it, and thoughts are output beside the candidates. Audio, and images that were made, have prices of
 * their own, and so metrics of their own.
 */
export function fromGoogle(usageMetadata: object): TokenMetrics {
    const given = usageWith(usageMetadata, ANY, "of Google");
    const input = count(given, "promptTokenCount") + count(given, "toolUsePromptTokenCount");
    const cached = count(given, "cachedContentTokenCount");
    const audio =
        modality(given, "promptTokensDetails", "AUDIO") + modality(given, "toolUsePromptTokensDetails", "AUDIO");
    const cachedAudio = Math.max(modality(given, "cacheTokensDetails", "AUDIO"), cached - rest(input, audio));
    const answered = "candidatesTokenCount" in given ? "candidates" : "response";
    const outputAudio = modality(given, `${answered}TokensDetails`, "AUDIO");
    const outputImages = modality(given, `${answered}TokensDetails`, "IMAGE");
    const output = count(given, `${answered}TokenCount`) + count(given, "thoughtsTokenCount");
    return metrics({
        inputTokens: rest(input, cached, rest(audio, cachedAudio)),
        cachedInputTokens: rest(cached, cachedAudio),
        inputAudioTokens: rest(audio, cachedAudio),
        cachedInputAudioTokens: cachedAudio,
        outputTokens: rest(output, outputAudio, outputImages),
        outputAudioTokens: outputAudio,
        outputImageTokens: outputImages,
    });
}

/** How many tokens of a list of details are of a modality. */
function modality(given: Fields, name: string, wanted: string): number {
    const details = given[name] ?? [];
    if (!Array.isArray(details)) throw new UnknownUsageError(`${name} is no list: ${JSON.stringify(details)}`);
    const found = (details as Fields[]).filter((detail) => detail["modality"] === wanted);
    return found.reduce((sum, detail) => sum + count(detail, "tokenCount"), 0);
}
