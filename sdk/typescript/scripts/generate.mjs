/**
 * Writes src/generated from the service's OpenAPI document, which it reads from standard input.
 *
 * `--check` writes nothing and ends with code 1 if a file would change.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const FOLDER = fileURLToPath(new URL("../src/generated/", import.meta.url));
const NOTE = "// Generated from the service's OpenAPI document by scripts/generate.mjs; `make sdk` writes it anew.\n\n";
// Requests that make something anew each time, although they have no idempotency key.
const NOT_REPEATABLE = new Set(["createProject", "createApiKey", "signIn"]);

/** The document without what types do not need: problems, which errors.ts knows, and titles that repeat names. */
function reduced(document) {
    return JSON.parse(JSON.stringify(document), (name, value) => {
        if (name === "responses") {
            return Object.fromEntries(Object.entries(value).filter(([status]) => status.startsWith("2")));
        }
        if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
        if (value.default === null) delete value.default;
        if (typeof value.title === "string" && name !== "info") delete value.title;
        return value;
    });
}

async function types(document) {
    const nodes = await openapiTS(reduced(document), { immutable: true, defaultNonNullable: false });
    const kept = nodes.filter((node) => ["components", "operations"].includes(node.name?.text));
    return `${NOTE}${astToString(kept)}`;
}

function* described(document) {
    for (const [path, methods] of Object.entries(document.paths)) {
        for (const [method, operation] of Object.entries(methods)) {
            yield { path, method: method.toUpperCase(), operation };
        }
    }
}

function routes(document) {
    const lines = [...described(document)].map(({ path, method, operation }) => {
        const idempotencyKey = operation.parameters.some(({ name }) => name === "Idempotency-Key");
        const repeatable = !NOT_REPEATABLE.has(operation.operationId);
        return `  ${operation.operationId}: { method: "${method}", path: "${path}", idempotencyKey: ${idempotencyKey}, repeatable: ${repeatable} },`;
    });
    const codes = [...described(document)].flatMap(({ operation }) =>
        Object.entries(operation.responses)
            .filter(([status]) => status >= "400")
            .flatMap(([, { description }]) => [...description.matchAll(/`(\w+)`/g)].map(([, code]) => code)),
    );
    return [
        NOTE,
        'import type { operations } from "./openapi.js";\n\n',
        "export interface Route {\n",
        "  readonly method: string;\n",
        "  readonly path: string;\n",
        "  /** Whether it takes an `Idempotency-Key` header. */\n",
        "  readonly idempotencyKey: boolean;\n",
        "  /** Whether sending it again after a lost answer does no harm. */\n",
        "  readonly repeatable: boolean;\n",
        "}\n\n",
        "export const ROUTES = {\n",
        lines.join("\n"),
        "\n} as const satisfies Record<keyof operations, Route>;\n\n",
        "/** The codes of problems that the service answers with. */\n",
        `export type ProblemCode =\n${[...new Set(codes)]
            .sort()
            .map((code) => `  | "${code}"`)
            .join("\n")};\n`,
    ].join("");
}

let given = "";
for await (const chunk of process.stdin) given += chunk;
const document = JSON.parse(given);
const wanted = { "openapi.ts": await types(document), "routes.ts": routes(document) };
const changed = Object.entries(wanted).filter(
    ([name, text]) => !existsSync(FOLDER + name) || readFileSync(FOLDER + name, "utf8") !== text,
);
if (process.argv.includes("--check")) {
    for (const [name] of changed) console.error(`src/generated/${name} is not of this document: make sdk`);
    process.exitCode = changed.length ? 1 : 0;
} else {
    mkdirSync(FOLDER, { recursive: true });
    for (const [name, text] of changed) writeFileSync(FOLDER + name, text);
}
