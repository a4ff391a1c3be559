import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test, type TestContext } from "node:test";
import { ExportDamagedError, ExportFailedError, type Export, type ExportRequest } from "../src/index.js";
import { standIn, type Answered, type StandIn } from "./stand_in.js";

const PERIOD = { start: "2026-11-01", end: "2026-11-02" };
const CSV = "recordId,costUsd\r\nrec_1,0.1\r\nrec_2,0.2\r\n";
const JSON_DOCUMENT = '{"export":{"exportId":"exp_1"},"items":[\n{"costUsd":"0.1"},\n{"costUsd":"0.2"}\n]}\n';
const STRIPE =
    '{"customer":"cus_1","metadata":{"cost_usd":"0.1"}}\n{"customer":"cus_2","metadata":{"cost_usd":"0.15"}}\n';

interface Written {
    readonly format?: string;
    readonly data?: string;
    readonly answer?: object;
    readonly sha256?: string;
    /** What the export says before it is ready. */
    readonly before?: readonly string[];
}

/** A service with an export whose file's rows cost 0.3 USD. */
async function exporting(
    t: TestContext,
    { format = "csv", data = CSV, answer, sha256, before = [] }: Written,
): Promise<StandIn> {
    const statuses = [...before];
    const bytes = Buffer.from(data);
    const service: StandIn = await standIn(t, ({ path, method }): Answered => {
        if (method === "POST") return { status: 202, body: { exportId: "exp_1", status: "queued" } };
        if (path.startsWith("/bucket/")) return { body: bytes };
        const digest = sha256 ?? createHash("sha256").update(bytes).digest("hex");
        const file = { name: `data.${format}`, kind: "data", url: `${service.url}/bucket/data?signature=s`, rows: 2 };
        const files = [{ ...file, bytes: bytes.length, sha256: digest }];
        const status = statuses.shift() ?? "ready";
        const figures = { costUsd: "0.3", billedUsd: "0.3", skipped: [], error: "no room" };
        return { body: { exportId: "exp_1", status, format, files, ...figures, ...answer } };
    });
    return service;
}

async function fetched(t: TestContext, written: Written, request: Partial<ExportRequest> = {}): Promise<Export> {
    const service = await exporting(t, written);
    const format = (written.format ?? "csv") as "csv";
    return service.client().usage.export({ format, period: PERIOD, ...request });
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
    const skipped = { skipped: [{ billedUsd: "0.05" }] };
    assert.ok((await fetched(t, { format: "stripe", data: STRIPE, answer: skipped })).sumChecked);
});

test("what has no amounts of its own is not added up, and says so", async (t) => {
    assert.equal((await fetched(t, { format: "parquet", data: "PAR1" })).sumChecked, false);
    const marked = { format: "stripe", data: STRIPE };
    assert.equal((await fetched(t, marked, { options: { markupBasisPoints: 100 } })).sumChecked, false);
    assert.equal((await fetched(t, marked, { options: { as: "meter_events" } })).sumChecked, false);
});

test("a damaged file is refused", async (t) => {
    await assert.rejects(fetched(t, { sha256: "0".repeat(64) }), ExportDamagedError);
});

test("rows that add up to something else are refused, however little it is", async (t) => {
    await assert.rejects(
        fetched(t, { answer: { costUsd: "0.300000000001" } }),
        /add up to 0.3 USD, and not to 0.300000000001/,
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
