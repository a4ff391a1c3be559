import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { AgentPausedError, ForbiddenError, LimitReachedError, SessionPausedError, type Agent } from "../src/index.js";
import { problem, standIn, type Reply, type Seen, type StandIn } from "./stand_in.js";

const OPTIONS = { heartbeatSeconds: 0.02 };

/** A service whose heartbeats are answered as `beat` says, by how many came before. */
function serving(beat: (before: number) => Reply): (seen: Seen) => Reply {
    let beats = 0;
    return ({ method }) => {
        if (method === "PUT") return beat(beats++);
        return method === "DELETE" ? { status: 204 } : { status: 201, body: { agentId: "a", status: "running" } };
    };
}

const status = (said: string): Reply => ({ body: { agentId: "a", status: said } });
const untilAborted = async ({ signal }: Agent): Promise<void> => void (signal.aborted || (await once(signal, "abort")));
const methods = ({ seen }: StandIn): string[] => seen.map(({ method }) => method);

test("an agent has a slot while its work runs, and gives it back", async (t) => {
    const service = await standIn(
        t,
        serving(() => status("running")),
    );
    const session = service.client().sessions.withId("ses_1");
    const result = await session.agent("a", ({ agentId }) => agentId, { leaseSeconds: 60, runId: "run_1" });
    assert.equal(result, "a");
    assert.deepEqual(service.seen[0]!.body, { agentId: "a", leaseSeconds: 60, runId: "run_1" });
    assert.deepEqual(methods(service), ["POST", "DELETE"]);
});

test("heartbeats go on in the background", async (t) => {
    let beats = 0;
    let enough = (): void => undefined;
    const three = new Promise<void>((resolve) => (enough = resolve));
    const service = await standIn(
        t,
        serving(() => (++beats === 3 && enough(), status("running"))),
    );
    await service
        .client()
        .sessions.withId("ses_1")
        .agent("a", () => three, OPTIONS);
    assert.deepEqual(methods(service).slice(0, 4), ["POST", "PUT", "PUT", "PUT"]);
    assert.equal(methods(service).at(-1), "DELETE");
});

test("a pause aborts the signal and is thrown", async (t) => {
    const service = await standIn(
        t,
        serving((before) => status(before < 1 ? "running" : "paused")),
    );
    const session = service.client().sessions.withId("ses_1");
    let reason: unknown;
    const work = async (agent: Agent): Promise<void> => {
        await untilAborted(agent);
        reason = agent.signal.reason;
        assert.throws(() => agent.throwIfPaused(), SessionPausedError);
    };
    await assert.rejects(session.agent("a", work, OPTIONS), SessionPausedError);
    assert.ok(reason instanceof AgentPausedError);
    assert.equal(methods(service).at(-1), "DELETE");
});

test("what the abort breaks off says why", async (t) => {
    const service = await standIn(
        t,
        serving(() => status("paused")),
    );
    const session = service.client().sessions.withId("ses_1");
    const work = async (agent: Agent): Promise<never> => {
        await untilAborted(agent);
        throw new DOMException("This operation was aborted", "AbortError");
    };
    await assert.rejects(session.agent("a", work, OPTIONS), SessionPausedError);
});

test("an error of the work is thrown on, and the slot given back", async (t) => {
    const service = await standIn(
        t,
        serving(() => status("running")),
    );
    const fault = new Error("the model is down");
    await assert.rejects(
        service
            .client()
            .sessions.withId("ses_1")
            .agent("a", () => Promise.reject(fault)),
        fault,
    );
    assert.equal(methods(service).at(-1), "DELETE");
});

test("a heartbeat that does not get through is followed by the next", async (t) => {
    const beats: Reply[] = ["cut", problem(503, "unavailable"), status("paused")];
    const service = await standIn(
        t,
        serving((before) => beats[before]!),
    );
    const session = service.client({ retries: 0 }).sessions.withId("ses_1");
    await assert.rejects(session.agent("a", untilAborted, OPTIONS), SessionPausedError);
    assert.deepEqual(methods(service), ["POST", "PUT", "PUT", "PUT", "DELETE"]);
});

test("an agent whose lease ran out takes a slot anew, or stops where there is none", async (t) => {
    let starts = 0;
    const service = await standIn(t, ({ method }) => {
        if (method === "PUT") return problem(404, "not_found");
        if (method === "DELETE") return { status: 204 };
        return ++starts <= 2 ? { status: 201, body: {} } : problem(402, "limit_reached", { dimension: "maxAgents" });
    });
    const session = service.client().sessions.withId("ses_1");
    await assert.rejects(session.agent("a", untilAborted, OPTIONS), LimitReachedError);
    assert.deepEqual(methods(service), ["POST", "PUT", "POST", "PUT", "POST", "DELETE"]);
});

test("an agent whose key is revoked stops", async (t) => {
    const service = await standIn(
        t,
        serving(() => problem(403, "forbidden")),
    );
    await assert.rejects(service.client().sessions.withId("ses_1").agent("a", untilAborted, OPTIONS), ForbiddenError);
});

test("no slot, no work", async (t) => {
    const service = await standIn(t, () => problem(409, "session_paused"));
    let called = false;
    const work = (): unknown => (called = true);
    await assert.rejects(service.client().sessions.withId("ses_1").agent("a", work), SessionPausedError);
    assert.deepEqual([called, methods(service)], [false, ["POST"]]);
});

test("the caller's signal reaches the work", async (t) => {
    const service = await standIn(
        t,
        serving(() => status("running")),
    );
    const session = service.client().sessions.withId("ses_1");
    const controller = new AbortController();
    const work = async (agent: Agent): Promise<unknown> => {
        controller.abort(new Error("enough"));
        await untilAborted(agent);
        return agent.signal.reason;
    };
    const reason = await session.agent("a", work, { signal: controller.signal });
    assert.equal((reason as Error).message, "enough");
});
