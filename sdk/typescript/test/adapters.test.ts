import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as metering from "../src/index.js";

interface Case {
    readonly name: string;
    readonly adapter: keyof typeof ADAPTERS;
    readonly usage: object;
    readonly modalities?: readonly metering.Modality[];
    readonly metrics?: Record<string, number>;
    readonly refused?: true;
}

const ADAPTERS = {
    anthropic: metering.fromAnthropic,
    openai: metering.fromOpenAI,
    google: metering.fromGoogle,
    opentelemetry: metering.fromOpenTelemetry,
    ai_sdk: metering.fromAiSdk,
};
// Both clients are held to the same cases.
const CASES = JSON.parse(readFileSync(new URL("../../../adapter_cases.json", import.meta.url), "utf8")) as Case[];

for (const { name, adapter, usage, modalities, metrics, refused } of CASES) {
    test(name, () => {
        const read = ADAPTERS[adapter];
        const options = modalities ? { modalities } : {};
        if (refused) assert.throws(() => read(usage, options), metering.UnknownUsageError);
        else assert.deepEqual(read(usage, options), metrics);
    });
}

test("every adapter has cases", () => {
    assert.deepEqual(new Set(CASES.map(({ adapter }) => adapter)), new Set(Object.keys(ADAPTERS)));
});

test("what advisors took is told by their models", () => {
    const iterations = [
        { type: "advisor_message", model: "claude-opus-4-5", input_tokens: 30, output_tokens: 3 },
        { type: "compaction", input_tokens: 5000, output_tokens: 700 },
        { type: "advisor_message", model: "claude-opus-4-5", input_tokens: 12, output_tokens: 4 },
    ];
    assert.deepEqual(metering.fromAnthropicAdvisors({ input_tokens: 100, output_tokens: 10, iterations }), {
        "claude-opus-4-5": { inputTokens: 42, outputTokens: 7 },
    });
});

for (const [name, read] of Object.entries(ADAPTERS)) {
    test(`what is no object is no usage of ${name}`, () => {
        for (const usage of [undefined, null, 5, "usage"]) {
            assert.throws(() => read(usage as never), metering.UnknownUsageError);
        }
    });
}
