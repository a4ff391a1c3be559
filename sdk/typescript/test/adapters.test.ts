import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as metering from "../src/index.js";

interface Case {
    readonly name: string;
    readonly adapter: keyof typeof ADAPTERS;
    readonly usage: object;
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

for (const { name, adapter, usage, metrics, refused } of CASES) {
    test(name, () => {
        const read = ADAPTERS[adapter];
        if (refused) assert.throws(() => read(usage), metering.UnknownUsageError);
        else assert.deepEqual(read(usage), metrics);
    });
}

test("every adapter has cases", () => {
    assert.deepEqual(new Set(CASES.map(({ adapter }) => adapter)), new Set(Object.keys(ADAPTERS)));
});
