/** Exports, fetched and checked: hashes, and where rows have amounts, that these add up to what the service says. */
import { ExportDamagedError, ExportFailedError } from "./errors.js";
import { sumOf, toPico } from "./money.js";
import { csvColumn } from "./csv.js";
import type { Answer, Body, Query, Schemas } from "./schema.js";
import { pause, type CallOptions, type Transport } from "./transport.js";
import { subtle } from "./webcrypto.js";

export type ExportRequest = Body<"createExport">;

export interface ExportOptions extends CallOptions {
    /** Milliseconds that the service may take to write it; ten minutes. */
    readonly timeoutMs?: number;
}

export interface ExportedFile {
    readonly name: string;
    readonly kind: "data" | "manifest";
    readonly rows: number;
    readonly bytes: Uint8Array;
}

/** An export whose files are what the service wrote. */
export interface Export {
    readonly export: Schemas["ExportAnswer"];
    readonly files: readonly ExportedFile[];
    /** The file with the rows. */
    readonly data: ExportedFile;
    /** Whether its rows were added up: all but Parquet's and quantities. */
    readonly sumChecked: boolean;
}

const PATIENCE = 600_000;
/** Milliseconds between two looks at an export: a tenth more each time. */
const FIRST_LOOK = 250;
const LAST_LOOK = 10_000;

export class Exports {
    readonly #transport: Transport;

    constructor(transport: Transport) {
        this.#transport = transport;
    }

    /** Start an export; `client.usage.export` starts one, waits for it and fetches it. */
    create(request: ExportRequest, options?: CallOptions): Promise<Answer<"createExport">> {
        return this.#transport.call("createExport", { body: request }, options);
    }

    get(exportId: string, options?: CallOptions): Promise<Answer<"getExport">> {
        return this.#transport.call("getExport", { path: { exportId } }, options);
    }

    list(query: Query<"listExports"> = {}, options?: CallOptions): Promise<Answer<"listExports">> {
        return this.#transport.call("listExports", { query }, options);
    }

    /** Wait until an export is written, fetch its files and check them. */
    async fetch(exportId: string, options: ExportOptions = {}): Promise<Export> {
        const ready = await written(this.#transport, exportId, options);
        const files: ExportedFile[] = [];
        for (const file of ready.files) files.push(await fetched(this.#transport, file, options.signal));
        const [data, manifest] = (["data", "manifest"] as const).map((kind) =>
            files.find((file) => file.kind === kind),
        );
        if (!data || !manifest) throw new ExportDamagedError(`the export ${exportId} lacks a file`);
        return { export: ready, files, data, sumChecked: addsUp(ready, data, manifest) };
    }
}

export async function exportUsage(
    transport: Transport,
    request: ExportRequest,
    options: ExportOptions = {},
): Promise<Export> {
    const exports = new Exports(transport);
    const { exportId } = await exports.create(request, options);
    return exports.fetch(exportId, options);
}

async function written(
    transport: Transport,
    exportId: string,
    { signal, timeoutMs = PATIENCE }: ExportOptions,
): Promise<Schemas["ExportAnswer"]> {
    const until = Date.now() + timeoutMs;
    for (let wait = FIRST_LOOK; ; wait = Math.min(wait * 1.1, LAST_LOOK)) {
        const found = await transport.call("getExport", { path: { exportId } }, { signal });
        if (found.status === "ready") return found;
        if (found.status === "failed") throw new ExportFailedError(`the export ${exportId} failed: ${found.error}`);
        if (Date.now() + wait > until)
            throw new ExportFailedError(`the export ${exportId} is not ready in ${timeoutMs} ms`);
        await pause(wait, signal);
    }
}

async function fetched(
    transport: Transport,
    file: Schemas["ExportFile"],
    signal: AbortSignal | undefined,
): Promise<ExportedFile> {
    const bytes = await transport.download(file.url, signal);
    const digest = new Uint8Array(await (await subtle()).digest("SHA-256", bytes as BufferSource));
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (bytes.length !== file.bytes || sha256 !== file.sha256) {
        throw new ExportDamagedError(`${file.name} is damaged: its checksum is not the one of the export`);
    }
    return { name: file.name, kind: file.kind, rows: file.rows, bytes };
}

/** Whether the rows could be added up; throws where they add up to something else than the export says. */
function addsUp(found: Schemas["ExportAnswer"], data: ExportedFile, manifest: ExportedFile): boolean {
    const { name, bytes } = data;
    const text = new TextDecoder().decode(bytes);
    switch (found.format) {
        case "csv":
            return expect(name, csvColumn(text, "costUsd"), found.costUsd);
        case "focus":
            return expect(name, csvColumn(text, "BilledCost"), found.costUsd);
        case "json":
            return expect(name, rowsOf(text).map(costOf), found.costUsd);
        case "stripe":
            return itemsAddUp(
                found,
                name,
                rowsOf(text),
                JSON.parse(new TextDecoder().decode(manifest.bytes)) as Manifest,
            );
        case "parquet":
            return false;
    }
}

/** What the manifest of Stripe's invoice items says; of meter events, which are quantities, it says nothing here. */
interface Manifest {
    readonly invoicedUsd?: string;
    readonly invoiced: { readonly amount: number };
    readonly markupBasisPoints?: number;
}

/** Invoice items, exactly and in cents; without a markup, with what was left out they are what is billed. */
function itemsAddUp(found: Schemas["ExportAnswer"], name: string, rows: readonly Row[], manifest: Manifest): boolean {
    if (manifest.invoicedUsd === undefined) return false;
    const invoiced = rows.map((row) => (row["metadata"] as { cost_usd: string }).cost_usd);
    expect(name, invoiced, manifest.invoicedUsd);
    expect(
        `${name}, in cents,`,
        rows.map((row) => String(row["amount"])),
        String(manifest.invoiced.amount),
    );
    const skipped = found.skipped.map(({ billedUsd }) => billedUsd);
    return manifest.markupBasisPoints ? true : expect(name, [...invoiced, ...skipped], found.billedUsd);
}

function expect(name: string, amounts: readonly string[], wanted: string): true {
    const sum = sumOf(amounts);
    if (toPico(sum) === toPico(wanted)) return true;
    throw new ExportDamagedError(`the rows of ${name} add up to ${sum}, and not to ${wanted}`);
}

type Row = Readonly<Record<string, unknown>>;

const costOf = (row: Row): string => String(row["costUsd"]);

/** Rows of a document, which has each in a line of its own, or of JSON Lines. */
function rowsOf(text: string): readonly Row[] {
    const lines = text.split("\n").map((line) => line.replace(/,$/, ""));
    const rows = lines.filter((line) => line && line !== "]}" && !line.startsWith('{"export":'));
    return rows.map((line) => JSON.parse(line) as Row);
}
