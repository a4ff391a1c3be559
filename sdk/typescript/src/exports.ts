/** Exports, fetched and checked: hashes, and where rows have amounts, that these add up to what the service says. */
import { ExportDamagedError, ExportFailedError } from "./errors.js";
import { fromPico, sumOf, toPico } from "./money.js";
import { csvColumn } from "./csv.js";
import type { Answer, Body, Query, Schemas } from "./schema.js";
import { pause, type CallOptions, type Transport } from "./transport.js";
import { subtle } from "./webcrypto.js";

export type ExportRequest = Body<"createExport">;

export interface ExportOptions extends CallOptions {
    /** What was asked for, which tells whether Stripe's rows can be added up; `client.usage.export` knows it. */
    readonly request?: ExportRequest;
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
    /** Whether its rows were added up: all but Parquet's, quantities, and what has a markup. */
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
        const data = files.find(({ kind }) => kind === "data");
        if (!data) throw new ExportDamagedError(`the export ${exportId} has no data`);
        return { export: ready, files, data, sumChecked: addsUp(ready, data, options.request) };
    }
}

export async function exportUsage(
    transport: Transport,
    request: ExportRequest,
    options: ExportOptions = {},
): Promise<Export> {
    const exports = new Exports(transport);
    const { exportId } = await exports.create(request, options);
    return exports.fetch(exportId, { ...options, request });
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
function addsUp(found: Schemas["ExportAnswer"], data: ExportedFile, request: ExportRequest | undefined): boolean {
    const amounts = amountsOf(found.format, data, request);
    if (!amounts) return false;
    const wanted = found.format === "stripe" ? found.billedUsd : found.costUsd;
    const skipped = found.format === "stripe" ? found.skipped.map(({ billedUsd }) => billedUsd) : [];
    const sum = sumOf([...amounts, ...skipped]);
    if (toPico(sum) !== toPico(wanted)) {
        throw new ExportDamagedError(
            `the rows of ${data.name} add up to ${sum} USD, and not to ${fromPico(toPico(wanted))}`,
        );
    }
    return true;
}

function amountsOf(
    format: string,
    { bytes }: ExportedFile,
    request: ExportRequest | undefined,
): readonly string[] | undefined {
    if (format === "parquet" || (format === "stripe" && !hasCosts(request))) return undefined;
    const text = new TextDecoder().decode(bytes);
    if (format === "csv") return csvColumn(text, "costUsd");
    if (format === "focus") return csvColumn(text, "BilledCost");
    const rows = jsonRows(text);
    if (format === "json") return rows.map((row) => String(row["costUsd"]));
    return rows.map((row) => (row["metadata"] as { cost_usd: string }).cost_usd);
}

/** Whether Stripe's rows say what their usage costs: not quantities, and nothing that was marked up. */
function hasCosts(request: ExportRequest | undefined): boolean {
    return request !== undefined && request.options?.as !== "meter_events" && !request.options?.markupBasisPoints;
}

/** Rows of a document, which has each in a line of its own, or of JSON Lines. */
function jsonRows(text: string): readonly Record<string, unknown>[] {
    const lines = text.split("\n").map((line) => line.replace(/,$/, ""));
    return lines
        .filter((line) => line && line !== "]}" && !line.startsWith('{"export":'))
        .map((line) => JSON.parse(line));
}
