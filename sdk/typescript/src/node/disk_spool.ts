/**
 * Events on disk until the service has them: JSON Lines, one file as many events as a request takes.
 *
 * An event is written before `record` returns, so that what a process leaves behind when it is killed is complete but
 * for a last line that it did not finish; the next start takes it up. Files are
 * synchronized when they are sent for the first time, so that a loss of power may cost what came since. Several
 * processes of one machine may share a folder.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { appendFile, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { SegmentSize, type Rejected, type Segment, type Spool } from "../spool.js";
import { lives, newOwner, retire } from "./owner.js";

const REJECTED = "rejected.jsonl";
const NAME = /^(\d+-\d*-\d+-[0-9a-f-]{36})\.\d+\.events\.jsonl$/;
// Events name users and what they did.
const ONLY_ITS_USER = { folder: 0o700, file: 0o600 };

export class DiskSpool implements Spool {
    readonly durable = true;
    readonly #folder: string;
    readonly #owner = newOwner();
    #segments = 0;

    /** `folder` is made where there is none; it must be of a disk of this machine. */
    constructor(folder: string) {
        this.#folder = folder;
        mkdirSync(folder, { recursive: true, mode: ONLY_ITS_USER.folder });
    }

    newSegment(): Segment {
        return new DiskSegment(this.#nextPath(), this);
    }

    /** What processes left behind that live no more; each file is one process's, whoever comes first. */
    async leftovers(): Promise<readonly Segment[]> {
        const found: Segment[] = [];
        for (const name of (await readdir(this.#folder)).sort()) {
            const owner = NAME.exec(name)?.[1];
            if (owner === undefined || lives(owner)) continue;
            const path = this.#nextPath();
            if (await taken(join(this.#folder, name), path)) found.push(new DiskSegment(path, this));
        }
        return found;
    }

    async reject(rejected: readonly Rejected[]): Promise<void> {
        const lines = rejected.map((one) => `${JSON.stringify(one)}\n`).join("");
        await appendFile(join(this.#folder, REJECTED), lines, { mode: ONLY_ITS_USER.file });
    }

    close(): void {
        retire(this.#owner);
    }

    #nextPath(): string {
        this.#segments += 1;
        return join(this.#folder, `${this.#owner}.${this.#segments}.events.jsonl`);
    }
}

/** Whether a file could be made this process's own: another one may have been first. */
async function taken(from: string, to: string): Promise<boolean> {
    try {
        await rename(from, to);
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
        throw error;
    }
}

class DiskSegment implements Segment {
    readonly #path: string;
    readonly #spool: DiskSpool;
    readonly #size = new SegmentSize();
    #file: number | undefined;
    #told = false;

    constructor(path: string, spool: DiskSpool) {
        this.#path = path;
        this.#spool = spool;
    }

    hasRoomFor(line: string): boolean {
        return this.#size.hasRoomFor(line);
    }

    append(line: string): void {
        this.#file ??= openSync(this.#path, "a", ONLY_ITS_USER.file);
        writeAll(this.#file, Buffer.from(`${line}\n`));
        this.#size.add(line);
    }

    /** Complete lines. A last one that was cut off was never accepted; others that are no JSON are told of as rejected. */
    async lines(): Promise<readonly string[]> {
        this.#close();
        const lines = (await readFile(this.#path, "utf8")).split("\n");
        const last = lines.pop() ?? "";
        const broken = lines.filter((line) => !isJson(line));
        if (broken.length > 0 && !this.#told) await this.#spool.reject(broken.map(unreadable));
        this.#told = true;
        return [...lines, last].filter(isJson);
    }

    async remove(): Promise<void> {
        this.#close();
        await rm(this.#path, { force: true });
    }

    #close(): void {
        if (this.#file === undefined) return;
        fsyncSync(this.#file);
        closeSync(this.#file);
        this.#file = undefined;
    }
}

function writeAll(file: number, bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}

function isJson(line: string): boolean {
    try {
        return typeof JSON.parse(line) === "object";
    } catch {
        return false;
    }
}

function unreadable(line: string): Rejected {
    return { event: line, problem: { status: 422, code: "unreadable", detail: "the line is not JSON" } };
}
