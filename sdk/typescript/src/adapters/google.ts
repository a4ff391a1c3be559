import { UnknownUsageError } from "../errors.js";
import {
    count,
    inputMetrics,
    list,
    metrics,
    outputMetrics,
    usageOf,
    type Fields,
    type Kinds,
    type Modality,
    type ModalityOptions,
    type TokenMetrics,
} from "./counts.js";

/** Pages of documents are read as pictures. */
const SHOWN_AS: Readonly<Record<string, Modality>> = {
    AUDIO: "audio",
    IMAGE: "image",
    DOCUMENT: "image",
    VIDEO: "video",
};

/**
 * The `usageMetadata` of Google's Gemini and Live APIs and of Vertex AI. `promptTokenCount` includes what was read from
 * the cache; prompts of tools are input beside it, and thoughts are output beside the candidates.
 */
export function fromGoogle(usageMetadata: object, { modalities = [] }: ModalityOptions = {}): TokenMetrics {
    const given = usageOf("Google's", usageMetadata, [["promptTokenCount", "totalTokenCount"]]);
    const answered = (given["candidatesTokenCount"] ?? undefined) !== undefined ? "candidates" : "response";
    const asked = count(given, "promptTokenCount") + count(given, "toolUsePromptTokenCount");
    const made = count(given, `${answered}TokenCount`) + count(given, "thoughtsTokenCount");
    if (count(given, "totalTokenCount") > 0 && asked + made === 0) {
        throw new UnknownUsageError("this usage of Google's has a total, and not what it is the total of");
    }
    const kinds = (...names: readonly string[]): Kinds =>
        Object.fromEntries(modalities.map((kind) => [kind, tokensOf(given, names, kind)]));
    return metrics({
        ...inputMetrics(
            asked,
            count(given, "cachedContentTokenCount"),
            0,
            kinds("promptTokensDetails", "toolUsePromptTokensDetails"),
            kinds("cacheTokensDetails"),
        ),
        ...outputMetrics(made, kinds(`${answered}TokensDetails`)),
    });
}

/** How many tokens of the lists are of a kind. */
function tokensOf(given: Fields, names: readonly string[], kind: Modality): number {
    const details = names.flatMap((name) => list(given, name));
    const found = details.filter((detail) => SHOWN_AS[String(detail["modality"])] === kind);
    return found.reduce((total, detail) => total + count(detail, "tokenCount"), 0);
}
