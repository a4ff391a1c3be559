import assert from "node:assert/strict";
import { test } from "node:test";
import { HoldClosedError, LimitReachedError, UnreachableError } from "../src/index.js";
import { problem, standIn, type Reply, type Seen } from "./stand_in.js";

const EVENT = { idempotencyKey: "call_1", service: "claude_code", usage: { inputTokens: 1 } };

/** A service that grants holds, and answers callbacks as `recorded` says. */
function holding(recorded: Reply = { status: 201, body: { costUsd: "0.1" } }): (seen: Seen) => Reply {
    return ({ method, path, body }) => {
        if (method === "DELETE") return { status: 204 };
        if (path.startsWith("/v1/callbacks/")) return recorded;
        return { status: 201, body: { holdId: body.holdId, heldUsd: "0.25", expiresAt: "2026-11-24T10:10:00Z" } };
    };
}

const asked = (seen: readonly Seen[]): string[] => seen.map(({ method, path }) => `${method} ${path}`);

test("the record of the callback settles the hold", async (t) => {
    const service = await standIn(t, holding());
    const session = service.client().sessions.withId("ses_1");
    const cost = await session.hold("0.25", async (hold) => (await hold.record(EVENT)).costUsd, { ttlSeconds: 60 });
    assert.equal(cost, "0.1");
    const [opened, recorded] = service.seen;
    assert.deepEqual(opened!.body, { holdId: opened!.body.holdId, estimate: { costUsd: "0.25" }, ttlSeconds: 60 });
    assert.deepEqual(recorded!.body, { ...EVENT, sessionId: "ses_1", holdId: opened!.body.holdId });
    assert.equal(service.seen.length, 2);
});

test("a second record is of the session and of no hold", async (t) => {
    const service = await standIn(t, holding());
    await service
        .client()
        .sessions.withId("ses_1")
        .hold("0.25", async (hold) => {
            await hold.record(EVENT);
            await hold.record({ ...EVENT, idempotencyKey: "call_2" });
        });
    assert.deepEqual(service.seen[2]!.body, { ...EVENT, idempotencyKey: "call_2", sessionId: "ses_1" });
});

test("the record that settled the hold is the same when it is made again", async (t) => {
    const service = await standIn(t, holding());
    const session = service.client().sessions.withId("ses_1");
    await session.hold("0.25", async (hold) => {
        await hold.record(EVENT);
        await hold.record({ ...EVENT, idempotencyKey: "call_2" });
        await hold.record(EVENT);
    });
    assert.equal(service.seen[1]!.text, service.seen[3]!.text);
    assert.ok(service.seen[3]!.body.holdId);
});

test("an estimate that is a number is refused before it is sent", async (t) => {
    const service = await standIn(t, holding());
    const session = service.client().sessions.withId("ses_1");
    await assert.rejects(
        session.hold(0.25 as never, () => 1),
        /not an estimate: 0.25/,
    );
    assert.equal(service.seen.length, 0);
});

test("a hold is released when its function records nothing", async (t) => {
    const service = await standIn(t, holding());
    await service
        .client()
        .sessions.withId("ses_1")
        .hold("0.25", () => "nothing", { holdId: "hold_1" });
    assert.deepEqual(asked(service.seen), ["POST /v1/sessions/ses_1/holds", "DELETE /v1/sessions/ses_1/holds/hold_1"]);
});

test("a hold is released when its function throws, which is thrown on", async (t) => {
    const service = await standIn(t, holding());
    const session = service.client().sessions.withId("ses_1");
    const fault = new Error("the model is down");
    await assert.rejects(
        session.hold("0.25", () => Promise.reject(fault)),
        fault,
    );
    assert.equal(service.seen[1]!.method, "DELETE");
});

test("a hold is released when its record is refused", async (t) => {
    const service = await standIn(t, holding(problem(422, "invalid_request")));
    const session = service.client().sessions.withId("ses_1");
    await assert.rejects(session.hold("0.25", (hold) => hold.record(EVENT)));
    assert.equal(service.seen[2]!.method, "DELETE");
});

test("a hold stays when nobody knows whether its record arrived, so that a retry can settle it", async (t) => {
    const service = await standIn(t, holding("cut"));
    const session = service.client({ retries: 0 }).sessions.withId("ses_1");
    await assert.rejects(
        session.hold("0.25", (hold) => hold.record(EVENT)),
        UnreachableError,
    );
    assert.equal(service.seen.length, 2);
});

test("a release that fails hides neither a result nor an error", async (t) => {
    const service = await standIn(t, (seen) => (seen.method === "DELETE" ? problem(500, "internal") : holding()(seen)));
    const session = service.client().sessions.withId("ses_1");
    assert.equal(await session.hold("0.25", () => 7), 7);
});

test("no room, no call of the function", async (t) => {
    const service = await standIn(t, () => problem(402, "limit_reached"));
    const session = service.client().sessions.withId("ses_1");
    let called = false;
    await assert.rejects(
        session.hold("0.25", () => (called = true)),
        LimitReachedError,
    );
    assert.deepEqual([called, service.seen.length], [false, 1]);
});

test("a hold that the caller opens is the caller's to settle, extend or release", async (t) => {
    const closed = problem(409, "hold_closed");
    const service = await standIn(t, (seen) =>
        seen.method === "PUT"
            ? { body: { expiresAt: "2026-11-24T11:00:00Z" } }
            : seen.method === "DELETE"
              ? closed
              : holding()(seen),
    );
    const estimate = { service: "claude_code", modelId: "claude-sonnet-4-5", usage: { outputTokens: 0.1 + 0.2 } };
    const hold = await service.client().sessions.withId("ses_1").openHold(estimate);
    assert.deepEqual(service.seen[0]!.body.estimate, { ...estimate, usage: { outputTokens: "0.3" } });
    assert.deepEqual([hold.heldUsd, hold.expiresAt, hold.open], ["0.25", "2026-11-24T10:10:00Z", true]);
    await hold.extend(3600);
    assert.equal(hold.expiresAt, "2026-11-24T11:00:00Z");
    await hold.release(); // it was settled elsewhere
    assert.equal(hold.open, false);
});

test("settling a hold that is closed is refused, and told", async (t) => {
    const service = await standIn(t, holding(problem(409, "hold_closed")));
    const hold = await service.client().sessions.withId("ses_1").openHold("0.25");
    await assert.rejects(hold.record(EVENT), HoldClosedError);
});
