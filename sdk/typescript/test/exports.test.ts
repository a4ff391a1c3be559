import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test, type TestContext } from "node:test";
import { ExportDamagedError, ExportFailedError, type Export } from "../src/index.js";
import { standIn, type Answered, type StandIn } from "./stand_in.js";

const PERIOD = { start: "2026-11-01", end: "2026-11-02" };
const CSV = "recordId,costUsd\r\nrec_1,0.1\r\nrec_2,0.2\r\n";
const JSON_DOCUMENT = '{"export":{"exportId":"exp_1"},"items":[\n{"costUsd":"0.1"},\n{"costUsd":"0.2"}\n]}\n';
const STRIPE = [
    { customer: "cus_1", amount: 10, metadata: { cost_usd: "0.1" } },
    { customer: "cus_2", amount: 15, metadata: { cost_usd: "0.15" } },
]
    .map(
        (item) => `${JSON.stringify(item)}
`,
    )
    .join("");

interface Written {
    readonly format?: string;
    readonly data?: string;
    readonly answer?: object;
    readonly manifest?: object;
    readonly sha256?: string;
    /** What the export says before it is ready. */
    readonly before?: readonly string[];
}

/** A service with an export whose file's rows cost 0.3 USD. */
async function exporting(t: TestContext, written: Written): Promise<StandIn> {
    const { format = "csv", data = CSV, answer, manifest = {}, sha256, before = [] } = written;
    const statuses = [...before];
    const contents = { data: Buffer.from(data), manifest: Buffer.from(JSON.stringify(manifest)) };
    const service: StandIn = await standIn(t, ({ path, method }): Answered => {
        if (method === "POST") return { status: 202, body: { exportId: "exp_1", status: "queued" } };
        if (path.startsWith("/bucket/")) return { body: contents[path.slice(8).split("?")[0] as "data"] };
        const files = Object.entries(contents).map(([kind, bytes]) => {
            const digest = createHash("sha256").update(bytes).digest("hex");
            const url = `${service.url}/bucket/${kind}?signature=s`;
            return { name: `${kind}.${format}`, kind, url, rows: 2, bytes: bytes.length, sha256: sha256 ?? digest };
        });
        const status = statuses.shift() ?? "ready";
        const figures = { costUsd: "0.3", billedUsd: "0.3", skipped: [], error: "no room" };
        return { body: { exportId: "exp_1", status, format, files, ...figures, ...answer } };
    });
    return service;
}

async function fetched(t: TestContext, written: Written): Promise<Export> {
    const service = await exporting(t, written);
    const format = (written.format ?? "csv") as "csv";
    return service.client().usage.export({ format, period: PERIOD });
}

test("an export is waited for, fetched and checked", async (t) => {
    const service = await exporting(t, { before: ["queued", "running"] });
    const found = await service.client().usage.export({ format: "csv", period: PERIOD });
    assert.equal(new TextDecoder().decode(found.data.bytes), CSV);
    assert.deepEqual([found.sumChecked, found.export.costUsd, found.data.rows], [true, "0.3", 2]);
    const link = service.seen.find(({ path }) => path.startsWith("/bucket/"));
    assert.equal(link!.headers.authorization, undefined);
});

test("the rows of every format with amounts are added up", async (t) => {
    assert.ok((await fetched(t, { format: "json", data: JSON_DOCUMENT })).sumChecked);
    assert.ok((await fetched(t, { format: "json", data: '{"costUsd":"0.3"}\n' })).sumChecked);
    assert.ok((await fetched(t, { format: "focus", data: "BilledCost\r\n0.3\r\n" })).sumChecked);
});

test("invoice items are added up exactly, in cents, and with what was left out", async (t) => {
    const written = {
        format: "stripe",
        data: STRIPE,
        answer: { skipped: [{ billedUsd: "0.05" }] },
        manifest: { invoicedUsd: "0.25", invoiced: { amount: 25 }, markupBasisPoints: 0 },
    };
    assert.ok((await fetched(t, written)).sumChecked);
    const wrong = [{ invoicedUsd: "0.26" }, { invoiced: { amount: 26 } }];
    for (const one of wrong) {
        await assert.rejects(fetched(t, { ...written, manifest: { ...written.manifest, ...one } }), ExportDamagedError);
    }
    await assert.rejects(fetched(t, { ...written, answer: {} }), ExportDamagedError);
    const marked = { ...written, answer: {}, manifest: { ...written.manifest, markupBasisPoints: 100 } };
    assert.ok((await fetched(t, marked)).sumChecked);
});

test("what has no amounts of its own is not added up, and says so", async (t) => {
    assert.equal((await fetched(t, { format: "parquet", data: "PAR1" })).sumChecked, false);
    assert.equal((await fetched(t, { format: "stripe", data: STRIPE })).sumChecked, false);
});

test("a damaged file is refused", async (t) => {
    await assert.rejects(fetched(t, { sha256: "0".repeat(64) }), ExportDamagedError);
});

test("rows that add up to something else are refused, however little it is", async (t) => {
    await assert.rejects(
        fetched(t, { answer: { costUsd: "0.300000000001" } }),
        /add up to 0.3, and not to 0.300000000001/,
    );
});

test("an export that fails says why", async (t) => {
    await assert.rejects(fetched(t, { before: ["failed"] }), (error: Error) => {
        assert.ok(error instanceof ExportFailedError);
        assert.match(error.message, /no room/);
        return true;
    });
});

test("an export that takes too long is given up", async (t) => {
    const service = await exporting(t, { before: ["queued", "queued"] });
    const waiting = service.client().usage.export({ format: "csv", period: PERIOD }, { timeoutMs: 100 });
    await assert.rejects(waiting, ExportFailedError);
});

test("the service's pages are walked through to their end", async (t) => {
    const { everyItem } = await import("../src/index.js");
    const service = await standIn(t, ({ path }) => ({
        body: path.includes("cursor=two") ? { items: [3], nextCursor: null } : { items: [1, 2], nextCursor: "two" },
    }));
    const client = service.client();
    const found = [];
    for await (const item of everyItem((page) => client.usage.runs({ from: "2026-11-01", ...page }))) found.push(item);
    assert.deepEqual(found, [1, 2, 3]);
    assert.equal(service.seen[1]!.path, "/v1/runs?from=2026-11-01&cursor=two");
});
