import assert from "node:assert/strict";
import { test } from "node:test";
import { MemorySpool, UnavailableError, UnsentEventsError, type Rejected } from "../src/index.js";
import { problem, standIn, type Answered, type Reply, type Seen, type StandIn } from "./stand_in.js";

const EVENT = { service: "claude_code", usage: { inputTokens: 1 } };

/** The answer to a batch, each of its events as `judge` says. */
function judged(seen: Seen, judge: (key: string) => object = () => ({ status: "recorded" })): Answered {
    const results = seen.body.events.map((event: any, index: number) => ({ index, ...judge(event.idempotencyKey) }));
    return { body: { results, recorded: results.length, duplicates: 0, errors: 0 } };
}

const failed = (code: string): object => ({ status: "error", error: { code, detail: "because", status: 422 } });
const keysOf = ({ seen }: StandIn): string[] =>
    seen.flatMap(({ body }) => body.events.map((one: any) => one.idempotencyKey));

test("events are sent together, each with a key and the time at which it was given", async (t) => {
    const service = await standIn(t, (seen) => judged(seen));
    const recorder = service.client().recorder();
    const before = new Date().toISOString();
    const keys = [
        recorder.record(EVENT),
        recorder.record({ ...EVENT, idempotencyKey: "mine", occurredAt: "2026-01-01T00:00:00Z" }),
    ];
    await recorder.close();
    assert.equal(service.seen.length, 1);
    const [first, second] = service.seen[0]!.body.events;
    assert.deepEqual([first.idempotencyKey, second.idempotencyKey], keys);
    assert.equal(second.idempotencyKey, "mine");
    assert.equal(second.occurredAt, "2026-01-01T00:00:00Z");
    assert.ok(before <= first.occurredAt && first.occurredAt <= new Date().toISOString());
});

test("a full batch is sent at once, the rest after a while", async (t) => {
    let sent = (): void => undefined;
    const all = new Promise<void>((resolve) => (sent = resolve));
    const sizes: number[] = [];
    const service = await standIn(t, (seen) => {
        sizes.push(seen.body.events.length);
        if (sizes.reduce((sum, size) => sum + size) === 501) sent();
        return judged(seen);
    });
    const recorder = service.client().recorder({ flushMs: 50 });
    const awake = setInterval(() => undefined, 1000); // the recorder's own timer does not keep a process alive
    for (let number = 0; number < 501; number++) recorder.record(EVENT);
    await all;
    clearInterval(awake);
    assert.deepEqual(sizes, [500, 1]);
    await recorder.close();
    assert.equal(service.seen.length, 2);
});

test("no request is larger than the service takes", async (t) => {
    const service = await standIn(t, (seen) => judged(seen));
    const recorder = service.client().recorder();
    const tags = Object.fromEntries(Array.from({ length: 20 }, (_, number) => [`tag${number}`, "ü".repeat(256)]));
    for (let number = 0; number < 60; number++) recorder.record({ ...EVENT, tags });
    await recorder.close();
    assert.ok(service.seen.length > 1);
    for (const { text } of service.seen) assert.ok(Buffer.byteLength(text) <= 256 * 1024);
    assert.equal(new Set(keysOf(service)).size, 60);
});

test("an event too large for any request is refused at once", async (t) => {
    const service = await standIn(t, (seen) => judged(seen));
    const recorder = service.client().recorder();
    assert.throws(() => recorder.record({ ...EVENT, runId: "x".repeat(256 * 1024) }), RangeError);
    await recorder.close();
    assert.equal(service.seen.length, 0);
});

test("events that cannot be recorded just now are sent again, and those alone", async (t) => {
    let first = true;
    const service = await standIn(t, (seen) => {
        const answer = judged(seen, (key) => (first && key === "b" ? failed("throttled") : { status: "recorded" }));
        first = false;
        return answer;
    });
    const recorder = service.client().recorder();
    for (const idempotencyKey of ["a", "b", "c"]) recorder.record({ ...EVENT, idempotencyKey });
    await recorder.close();
    assert.deepEqual(keysOf(service), ["a", "b", "c", "b"]);
});

test("events that are refused for good are told of, and spoil none of the others", async (t) => {
    const service = await standIn(t, (seen) =>
        judged(seen, (key) => (key === "bad" ? failed("invalid_request") : { status: "recorded" })),
    );
    const rejected: Rejected[] = [];
    const recorder = service.client().recorder({ onRejected: (one) => rejected.push(one) });
    for (const idempotencyKey of ["good", "bad"]) recorder.record({ ...EVENT, idempotencyKey });
    await recorder.close();
    assert.deepEqual(
        rejected.map(({ event, problem: { code } }) => [(event as any).idempotencyKey, code]),
        [["bad", "invalid_request"]],
    );
    assert.equal(service.seen.length, 1);
});

test("a batch that is refused as a whole is taken apart until what is wrong with it stands alone", async (t) => {
    const service = await standIn(t, (seen): Reply => {
        const bad = seen.body.events.some((one: any) => one.idempotencyKey === "e3");
        return bad ? problem(400, "malformed_request") : judged(seen);
    });
    const rejected: Rejected[] = [];
    const recorder = service.client().recorder({ onRejected: (one) => rejected.push(one) });
    for (let number = 0; number < 8; number++) recorder.record({ ...EVENT, idempotencyKey: `e${number}` });
    await recorder.close();
    assert.deepEqual(
        rejected.map(({ event }) => (event as any).idempotencyKey),
        ["e3"],
    );
});

test("while the service is away events stay, and go once it is back", async (t) => {
    let away = true;
    const service = await standIn(t, (seen) => (away ? problem(503, "unavailable") : judged(seen)));
    const recorder = service.client({ retries: 0 }).recorder({ flushMs: 60_000 });
    recorder.record({ ...EVENT, idempotencyKey: "a" });
    await assert.rejects(recorder.flush(), UnavailableError);
    recorder.record({ ...EVENT, idempotencyKey: "b" });
    away = false;
    await recorder.flush();
    assert.deepEqual(keysOf(service), ["a", "a", "b"]);
    await recorder.close();
});

test("the timer tries again by itself", async (t) => {
    const service = await standIn(t, (seen) =>
        service.seen.length < 3 ? problem(401, "unauthenticated") : judged(seen),
    );
    const errors: unknown[] = [];
    const recorder = service.client().recorder({ flushMs: 10, onError: (error) => errors.push(error) });
    recorder.record(EVENT);
    while (service.seen.length < 3) await new Promise((soon) => setTimeout(soon, 5));
    await recorder.close();
    assert.equal(errors.length, 2);
    assert.equal(service.seen.length, 3);
});

test("events in memory that cannot be sent at the end are handed back", async (t) => {
    const service = await standIn(t, () => problem(403, "forbidden"));
    const recorder = service.client().recorder();
    recorder.record({ ...EVENT, idempotencyKey: "a" });
    await assert.rejects(recorder.close(), (error: UnsentEventsError) => {
        assert.deepEqual(
            error.events.map((event: any) => event.idempotencyKey),
            ["a"],
        );
        return true;
    });
    assert.throws(() => recorder.record(EVENT), /closed/);
});

test("a signal ends the sending, and the events stay", async (t) => {
    const service = await standIn(t, () => "hang");
    const recorder = service.client().recorder();
    recorder.record(EVENT);
    await assert.rejects(recorder.close({ signal: AbortSignal.timeout(50) }), UnsentEventsError);
});

test("memory has room for so many events, and tells when it has not", async (t) => {
    const service = await standIn(t, (seen) => judged(seen));
    const recorder = service.client().recorder({ spool: new MemorySpool({ mostEvents: 2 }) });
    recorder.record(EVENT);
    recorder.record(EVENT);
    assert.throws(() => recorder.record(EVENT), RangeError);
    await recorder.flush();
    recorder.record(EVENT);
    await recorder.close();
    assert.equal(keysOf(service).length, 3);
});

test("recordBatch takes any number of events, and numbers the results through", async (t) => {
    const service = await standIn(t, (seen) =>
        judged(seen, (key) => (key === "e600" ? failed("not_found") : { status: "recorded" })),
    );
    const events = Array.from({ length: 700 }, (_, number) => ({ ...EVENT, idempotencyKey: `e${number}` }));
    const answer = await service.client().usage.recordBatch(events);
    assert.deepEqual([answer.recorded, answer.duplicates, answer.errors], [699, 0, 1]);
    assert.deepEqual(
        answer.results.map(({ index }) => index),
        events.map((_, index) => index),
    );
    assert.equal(answer.results[600]!.status, "error");
});

test("a listener that throws keeps no event from being sent, and rejects none twice", async (t) => {
    t.mock.method(console, "warn", () => undefined);
    const service = await standIn(t, (seen) => judged(seen, () => failed("not_found")));
    const told: string[] = [];
    const recorder = service.client().recorder({
        onRejected: ({ event }) => {
            told.push((event as { idempotencyKey: string }).idempotencyKey);
            throw new Error("the listener's own");
        },
    });
    const keys = [recorder.record(EVENT), recorder.record(EVENT)];
    await recorder.flush();
    await recorder.close();
    assert.deepEqual(told, keys);
    assert.equal(service.seen.length, 1);
});
