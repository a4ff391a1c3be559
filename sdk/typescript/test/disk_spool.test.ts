import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { DiskSpool } from "../src/node/index.js";
import { problem, standIn, type Reply, type Seen, type StandIn } from "./stand_in.js";

const EVENT = { service: "claude_code", usage: { inputTokens: 1 } };
const NOBODY = "http://127.0.0.1:2"; // a port that nobody listens on, and that fetch does not forbid

function folderOf(t: TestContext): string {
    const folder = mkdtempSync(join(tmpdir(), "spool-"));
    t.after(() => rmSync(folder, { recursive: true }));
    return folder;
}

function recorded(seen: Seen): Reply {
    const results = seen.body.events.map((_: unknown, index: number) => ({ index, status: "recorded" }));
    return { body: { results, recorded: results.length, duplicates: 0, errors: 0 } };
}

const keysOf = ({ seen }: StandIn): string[] =>
    seen.flatMap(({ body }) => body.events.map((one: any) => one.idempotencyKey));
const segments = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith(".events.jsonl"));

interface Child {
    readonly process: ChildProcess;
    /** The keys of what it recorded, once there are so many. */
    keys(many: number): Promise<string[]>;
}

function child(t: TestContext, ...args: string[]): Child {
    const script = fileURLToPath(new URL("./recording_child.js", import.meta.url));
    const started = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    t.after(() => started.kill("SIGKILL"));
    const lines = createInterface(started.stdout!)[Symbol.asyncIterator]();
    return {
        process: started,
        keys: async (many) => {
            const keys = [];
            while (keys.length < many) keys.push((await lines.next()).value as string);
            return keys;
        },
    };
}

async function killed(one: Child): Promise<void> {
    one.process.kill("SIGKILL");
    await once(one.process, "exit");
}

test("what the service has leaves the disk", async (t) => {
    const folder = folderOf(t);
    const service = await standIn(t, recorded);
    const recorder = service.client().recorder({ spool: new DiskSpool(folder) });
    recorder.record(EVENT);
    assert.equal(segments(folder).length, 1);
    await recorder.close();
    assert.deepEqual(readdirSync(folder), []);
});

test("events of a process that was killed are sent by the next one, with their keys and times", async (t) => {
    const folder = folderOf(t);
    const first = child(t, NOBODY, folder, "1200");
    const keys = await first.keys(1200);
    await killed(first);
    const [line = ""] = readFileSync(join(folder, segments(folder).sort()[0]!), "utf8").split("\n");
    const service = await standIn(t, recorded);
    await service
        .client()
        .recorder({ spool: new DiskSpool(folder) })
        .close();
    assert.deepEqual(keysOf(service).sort(), [...keys].sort());
    const sent = service.seen.flatMap(({ body }) => body.events);
    assert.deepEqual(
        sent.find((event) => event.idempotencyKey === JSON.parse(line).idempotencyKey),
        JSON.parse(line),
    );
    assert.deepEqual(segments(folder), []);
});

test("a line that was cut off was never accepted, and is left out", async (t) => {
    const folder = folderOf(t);
    const first = child(t, NOBODY, folder, "3");
    const keys = await first.keys(3);
    await killed(first);
    appendFileSync(join(folder, segments(folder)[0]!), '{"idempotencyKey":"evt_cut","service":"claude_');
    const service = await standIn(t, recorded);
    await service
        .client()
        .recorder({ spool: new DiskSpool(folder) })
        .close();
    assert.deepEqual(keysOf(service), keys);
    assert.deepEqual(readdirSync(folder), []);
});

test("a line in the middle that cannot be read is kept apart, and the others are sent", async (t) => {
    const folder = folderOf(t);
    const first = child(t, NOBODY, folder, "2");
    const keys = await first.keys(2);
    await killed(first);
    const path = join(folder, segments(folder)[0]!);
    const [one, two] = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, `${one}\n\u0000\u0000\n${two}\n`);
    const service = await standIn(t, recorded);
    await service
        .client()
        .recorder({ spool: new DiskSpool(folder) })
        .close();
    assert.deepEqual(keysOf(service), keys);
    assert.equal(JSON.parse(readFileSync(join(folder, "rejected.jsonl"), "utf8")).problem.code, "unreadable");
});

test("a process that lives keeps what is its own", async (t) => {
    const folder = folderOf(t);
    const first = child(t, NOBODY, folder, "5");
    await first.keys(5);
    const service = await standIn(t, recorded);
    await service
        .client()
        .recorder({ spool: new DiskSpool(folder) })
        .close();
    assert.equal(service.seen.length, 0);
    assert.equal(segments(folder).length, 1);
    await killed(first);
});

test("while the service is away events are kept, and a recorder that is closed leaves them to the next", async (t) => {
    const folder = folderOf(t);
    const away = await standIn(t, () => problem(503, "unavailable"));
    const first = away.client({ retries: 0 }).recorder({ spool: new DiskSpool(folder) });
    const keys = [first.record(EVENT), first.record(EVENT)];
    await first.close();
    const service = await standIn(t, recorded);
    const second = service.client().recorder({ spool: new DiskSpool(folder) });
    keys.push(second.record(EVENT));
    await second.close();
    assert.deepEqual(keysOf(service).sort(), keys.sort());
    assert.deepEqual(readdirSync(folder), []);
});

test("an answer that was lost is asked for again, by the same keys", async (t) => {
    const folder = folderOf(t);
    const losing = await standIn(t, () => "cut"); // it recorded them, and nobody heard
    const first = losing.client({ retries: 0 }).recorder({ spool: new DiskSpool(folder) });
    first.record(EVENT);
    await first.close();
    const service = await standIn(t, recorded);
    await service
        .client()
        .recorder({ spool: new DiskSpool(folder) })
        .close();
    assert.deepEqual(service.seen[0]!.body, losing.seen[0]!.body);
});

test("two that start at once take up everything between them, and nothing twice", async (t) => {
    const folder = folderOf(t);
    const first = child(t, NOBODY, folder, "2000");
    const keys = await first.keys(2000);
    await killed(first);
    const service = await standIn(t, recorded);
    await Promise.all(
        [1, 2].map(() =>
            service
                .client()
                .recorder({ spool: new DiskSpool(folder) })
                .close(),
        ),
    );
    assert.deepEqual(keysOf(service).sort(), [...keys].sort());
});

test("events that are refused for good are kept apart, with the reason", async (t) => {
    const folder = folderOf(t);
    const error = { code: "not_found", detail: "no such session", status: 404 };
    const service = await standIn(t, () => ({ body: { results: [{ index: 0, status: "error", error }] } }));
    const recorder = service.client().recorder({ spool: new DiskSpool(folder) });
    const key = recorder.record(EVENT);
    await recorder.close();
    const { event, problem: told } = JSON.parse(readFileSync(join(folder, "rejected.jsonl"), "utf8"));
    assert.deepEqual([event.idempotencyKey, told.code], [key, "not_found"]);
    assert.deepEqual(segments(folder), []);
});

test("nobody else on the machine can read the events", async (t) => {
    const folder = join(folderOf(t), "made");
    const service = await standIn(t, recorded);
    const recorder = service.client().recorder({ spool: new DiskSpool(folder) });
    recorder.record(EVENT);
    assert.equal(statSync(folder).mode & 0o077, 0);
    assert.equal(statSync(join(folder, segments(folder)[0]!)).mode & 0o077, 0);
    await recorder.close();
});

test("a process that ends without closing sends what it has", async (t) => {
    const service = await standIn(t, recorded);
    const ending = child(t, service.url, "", "3", "end");
    const [code] = await once(ending.process, "exit");
    assert.equal(code, 0);
    assert.equal(keysOf(service).length, 3);
});

test("a process that ends while the service is away ends all the same, and says what is lost", async (t) => {
    const ending = child(t, NOBODY, "", "3", "end");
    let said = "";
    ending.process.stderr!.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const [code] = await once(ending.process, "close");
    assert.equal(code, 0);
    assert.match(said, /^metering-client: usage could not be sent, and is lost: .*cannot be reached/);
});
