/**
 * The client against a running service: METERING_URL, and METERING_ADMIN_KEY, which makes the projects that it needs.
 *
 * Its last test asks that every operation was called and answered.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import * as metering from "../../src/index.js";
import { ROUTES } from "../../src/generated/routes.js";
import { DiskSpool } from "../../src/node/index.js";

const URL_OF_SERVICE = process.env["METERING_URL"]!;
const ADMIN_KEY = process.env["METERING_ADMIN_KEY"]!;
const DAY = "2026-11-20";
const RANGE = { from: DAY, to: DAY };
const EVENT = {
    idempotencyKey: "call_1",
    service: "claude_code",
    modelId: "claude-sonnet-4-5",
    usage: { inputTokens: 1200, cachedInputTokens: 30000, outputTokens: 340 },
    occurredAt: `${DAY}T10:00:00Z`,
    runId: "run_1",
    stepIndex: 1,
    stepType: "designer",
    userId: "ada",
};
const COST = "0.0177";
const OPUS = { service: "claude_code", modelId: "claude-opus-4-5" };
const DAILY = { amount: 500, currency: "usd", period: "day" } as const;
/** It takes an identity provider's token, which the local service has none of. */
const NOT_HERE = ["signIn"];

const answered = new Set<string>();

/** Keeps which operations were answered as they should be. */
const watching: typeof fetch = async (request, init) => {
    const response = await fetch(request, init);
    const { pathname } = new URL(String(request));
    for (const [operation, { method, path }] of Object.entries(ROUTES)) {
        const pattern = new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+")}$`);
        if (response.ok && method === init?.method && pattern.test(pathname)) answered.add(operation);
    }
    return response;
};

function clientWith(apiKey: string, other: typeof fetch = watching): metering.MeteringClient {
    return new metering.MeteringClient({ url: URL_OF_SERVICE, apiKey, fetch: other });
}

let key: string;
let client: metering.MeteringClient;

before(async () => {
    const made = await clientWith(ADMIN_KEY).projects.create({
        name: "TypeScript",
        ownerId: "owner",
        pricingMode: "managed",
    });
    key = made.apiKey;
    client = clientWith(key);
});

/** What `look` answers, as soon as that is something. */
async function eventually<T>(look: () => Promise<T | undefined | false>): Promise<T> {
    for (const until = Date.now() + 120_000; ; await new Promise((soon) => setTimeout(soon, 100))) {
        const found = await look();
        if (found) return found;
        assert.ok(Date.now() < until, "not within two minutes");
    }
}

test("usage is recorded once, priced, listed and explained", async () => {
    const recorded = await client.usage.record(EVENT);
    assert.deepEqual([recorded.status, recorded.costUsd, recorded.date], ["recorded", COST, DAY]);
    assert.equal((await client.usage.record(EVENT)).status, "duplicate");
    await assert.rejects(client.usage.record({ ...EVENT, userId: "bob" }), metering.IdempotencyConflictError);
    const read = await client.usage.getRecord(recorded.recordId);
    assert.equal(read.usage["cachedInputTokens"], 30000);
    assert.equal((await client.usage.explain(recorded.recordId)).costUsd, COST);
    assert.equal((await client.usage.run("run_1")).total.costUsd, COST);
});

test("a batch is judged event by event", async () => {
    const answer = await client.usage.recordBatch([
        { ...EVENT, idempotencyKey: "call_2", usage: { outputTokens: "10.5" } },
        { ...EVENT, idempotencyKey: "call_3", sessionId: "nowhere" },
        EVENT,
    ]);
    assert.deepEqual([answer.recorded, answer.duplicates, answer.errors], [1, 1, 1]);
    assert.equal(answer.results[1]!.error!.code, "not_found");
    const records = [];
    for await (const record of metering.everyItem((page) => client.usage.records({ ...RANGE, limit: 1, ...page }))) {
        records.push(record);
    }
    assert.equal(records.length, 2);
});

test("an answer that is lost is asked for again, and nothing counts twice", async () => {
    let lost = false;
    const losing: typeof fetch = async (...request) => {
        const response = await watching(...request);
        if (lost) return response;
        lost = true;
        throw new TypeError("fetch failed");
    };
    const session = await client.sessions.create("lossy");
    const answer = await clientWith(key, losing)
        .sessions.withId(session.sessionId)
        .record({ ...OPUS, usage: { outputTokens: 1 } });
    assert.equal(answer.status, "duplicate");
    assert.equal((await session.usage()).records, 1);
});

test("every fault of a request is listed", async () => {
    await assert.rejects(
        client.usage.record({ service: "no spaces", usage: {} }),
        (error: metering.InvalidRequestError) => {
            assert.deepEqual(error.errors.map(({ path }) => path).sort(), ["service", "usage"]);
            return true;
        },
    );
});

test("usage is corrected", async () => {
    const { recordId } = await client.usage.record({ ...EVENT, idempotencyKey: "wrong" });
    assert.equal((await client.usage.void(recordId, "a test")).costUsd, `-${COST}`);
    const { jobId } = await client.usage.rerate({ ...RANGE, only: "unrated", dryRun: true });
    const job = await eventually(async () => {
        const found = await client.usage.getRerating(jobId);
        return !["queued", "running"].includes(found.status) && found;
    });
    assert.equal(job.recordsChanged, 0);
});

test("rates are made, listed and resolved", async () => {
    const metrics = { vcpuSeconds: { priceUsd: "0.00002", per: 1 } };
    const card = await client.rates.create({ service: "my_sandbox", effectiveFrom: "2026-01-01", metrics });
    assert.equal((await client.rates.list({ service: "my_sandbox" })).items[0]!.rateId, card.rateId);
    assert.equal((await client.rates.resolve({ service: "my_sandbox" })).card!.rateId, card.rateId);
    const dearer = { vcpuSeconds: { priceUsd: "0.00003", per: 1 } };
    const again = client.rates.create({ service: "my_sandbox", effectiveFrom: "2026-01-01", metrics: dearer });
    await assert.rejects(again, metering.AlreadyExistsError);
});

test("a session has limits, which holds keep", async () => {
    const session = await client.sessions.forUser("ada", { limits: { maxCost: DAILY, maxAgents: 1 } });
    assert.equal((await client.sessions.forUser("ada")).sessionId, session.sessionId);
    assert.equal((await session.get()).userId, "ada");
    assert.equal((await client.sessions.list({ userId: "ada" })).items.length, 1);

    await session.hold("4", async (hold) => {
        await hold.extend(60);
        assert.equal((await session.holds()).items[0]!.holdId, hold.holdId);
        await assert.rejects(session.checkHold("1.01"), metering.LimitReachedError);
        await session.checkHold("1");
        const answer = await hold.record({ ...OPUS, usage: { inputTokens: 60000, outputTokens: 40000 } });
        assert.equal(answer.costUsd, "1.3");
    });
    const limits = await session.limits();
    assert.deepEqual([limits.maxCost!.heldUsd, limits.maxCost!.remainingUsd], ["0", "3.7"]);
    assert.equal((await session.usage()).costUsd, "1.3");

    await assert.rejects(session.openHold("3.71"), (error: metering.LimitReachedError) => {
        assert.deepEqual(
            [error.dimension, error.scope, error.remainingUsd],
            ["maxCost", `session:${session.sessionId}`, "3.7"],
        );
        return true;
    });
});

test("a hold whose function throws is released, and one that is released cannot be settled", async () => {
    const session = await client.sessions.create("holder", { limits: { maxCost: DAILY } });
    const fault = new Error("the model is down");
    await assert.rejects(
        session.hold("5", () => Promise.reject(fault)),
        fault,
    );
    const hold = await session.openHold({ ...OPUS, usage: { outputTokens: 1000 } });
    assert.equal(hold.heldUsd, "0.025");
    await hold.release();
    await hold.release();
    const settled = client.usage.record({
        ...OPUS,
        usage: { outputTokens: 1 },
        sessionId: session.sessionId,
        holdId: hold.holdId,
    });
    await assert.rejects(settled, metering.HoldClosedError);
    assert.equal((await session.limits()).maxCost!.heldUsd, "0");
});

test("a session over its limit is paused until the limit is raised", async () => {
    const session = await client.sessions.create("spender", { limits: { maxCost: { ...DAILY, amount: 1 } } });
    const answer = await session.record({ ...OPUS, usage: { outputTokens: 150000 } });
    assert.deepEqual(answer.session!.breached, ["maxCost"]);
    await assert.rejects(session.openHold("0.01"), metering.SessionPausedError);
    await assert.rejects(session.resume(), (error: metering.StillOverLimitError) => {
        assert.deepEqual(error.breached, ["maxCost"]);
        return true;
    });
    await session.updateLimits({ maxCost: { ...DAILY, amount: 1000 } });
    assert.equal((await session.resume()).status, "active");
});

test("an agent learns that it is paused", async () => {
    const session = await client.sessions.create("runner", { limits: { maxAgents: 1 } });
    const work = async ({ signal }: metering.Agent): Promise<void> => {
        assert.equal((await session.agents()).items.length, 1);
        await assert.rejects(
            session.agent("another", () => undefined),
            metering.LimitReachedError,
        );
        await session.pause("a test");
        if (!signal.aborted) await once(signal, "abort");
    };
    await assert.rejects(session.agent("designer", work, { heartbeatSeconds: 0.2 }), metering.AgentPausedError);
    assert.deepEqual((await session.agents()).items, []);
    await session.resume();
    assert.equal(await session.agent("designer", () => "done"), "done");
});

test("budgets limit a user across sessions", async () => {
    const limits = { maxCost: { ...DAILY, amount: 0 } };
    assert.equal((await client.budgets.set("user:poor", limits)).status, "active");
    const session = await client.sessions.create("poor");
    await assert.rejects(session.openHold("0.01"), (error: metering.LimitReachedError) => {
        assert.equal(error.scope, "user:poor");
        return true;
    });
    assert.equal((await client.budgets.get("user:poor")).scope, "user:poor");
    assert.equal((await client.budgets.list()).items.length, 1);
    await client.budgets.delete("user:poor");
    await assert.rejects(client.budgets.get("user:poor"), metering.NotFoundError);
});

test("views add up to what was recorded", async () => {
    const daily = await eventually(async () => {
        const found = await client.usage.daily({ ...RANGE, groupBy: "model" });
        return found.total.records === 2 && found.total.costUsd === metering.sumOf([COST, "0.0001575"]) && found;
    });
    assert.equal(daily.items[0]!.groups![0]!.key, "claude-sonnet-4-5");
    const views = [
        client.usage.byService(RANGE),
        client.usage.byModel(RANGE),
        client.usage.byProvider(RANGE),
        client.usage.byCategory(RANGE),
        client.usage.byUser(RANGE),
        client.usage.bySession(RANGE),
        client.usage.byPersona(RANGE),
        client.usage.byTool(RANGE),
        client.usage.byStepType(RANGE),
    ];
    for (const view of await Promise.all(views)) {
        assert.equal(metering.sumOf(view.items.map(({ costUsd }) => costUsd)), view.total.costUsd);
        assert.equal(view.total.costUsd, daily.total.costUsd);
    }
    assert.equal((await client.usage.summary(RANGE)).period.start, `${DAY}T00:00:00Z`);
    assert.equal((await client.usage.runs(RANGE)).items[0]!.runId, "run_1");
});

test("exports are fetched and add up", async () => {
    await client.stripeCustomers.set("ada", "cus_1");
    assert.equal((await client.stripeCustomers.get("ada")).customerId, "cus_1");
    const period = { start: DAY, end: DAY };
    for (const format of ["csv", "json", "focus", "stripe"] as const) {
        const found = await client.usage.export({ format, period });
        assert.equal(found.sumChecked, true);
        assert.equal(found.export.costUsd, "0.0178575");
    }
    const grouped = await client.usage.export({ format: "csv", period, groupBy: "user" });
    assert.match(new TextDecoder().decode(grouped.data.bytes), /ada/);
    assert.equal((await client.usage.export({ format: "parquet", period })).sumChecked, false);
    assert.ok((await client.exports.list()).items.length >= 6);
    await client.stripeCustomers.delete("ada");
});

interface Received {
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
}

test("webhooks are verified, with either secret while one is replaced", async (t) => {
    const received: Received[] = [];
    const receiver = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(204).end();
    });
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
    t.after(() => {
        receiver.closeAllConnections();
        receiver.close();
    });
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const next = (): Promise<Received> => eventually(() => Promise.resolve(received.shift()));

    const { webhookId, secret } = await client.webhooks.create({ url, events: ["session.paused"] });
    await client.webhooks.test(webhookId);
    const first = await next();
    assert.equal((await metering.verifyWebhook(secret!, first.headers, first.body)).type, "webhook.test");
    await assert.rejects(
        metering.verifyWebhook(secret!, first.headers, `${first.body} `),
        metering.WebhookVerificationError,
    );

    const rotated = await client.webhooks.rotateSecret(webhookId);
    const session = await client.sessions.create("hooked");
    await session.pause();
    const second = await next();
    for (const one of [secret!, rotated.secret!]) {
        const event = await metering.verifyWebhook(one, second.headers, second.body);
        assert.deepEqual([event.type, event.data["sessionId"]], ["session.paused", session.sessionId]);
    }

    const delivery = await eventually(async () => {
        const { items } = await client.webhooks.deliveries(webhookId);
        return items.length === 2 && items.find(({ type }) => type === "session.paused");
    });
    await client.webhooks.retryDelivery(webhookId, delivery.deliveryId);
    assert.equal((await next()).headers["webhook-id"], second.headers["webhook-id"]);
    assert.equal((await client.webhooks.get(webhookId)).url, url);
    assert.equal((await client.webhooks.list()).items.length, 1);
    await client.webhooks.delete(webhookId);
});

test("a recorder's events are all there once, whatever was sent twice", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "spool-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const session = await client.sessions.create("recorded");
    let answers = 0;
    const losing: typeof fetch = async (...request) => {
        const response = await watching(...request);
        if (++answers === 1) throw new TypeError("fetch failed"); // it has them, and nobody hears of it
        return response;
    };
    const options = { url: URL_OF_SERVICE, apiKey: key, retries: 0, fetch: losing };
    const first = new metering.MeteringClient(options).recorder({ spool: new DiskSpool(folder) });
    const event = { ...OPUS, usage: { outputTokens: 1 }, sessionId: session.sessionId };
    for (let number = 0; number < 600; number++) first.record(event);
    await first.close();
    const rejected: metering.Rejected[] = [];
    const second = client.recorder({ spool: new DiskSpool(folder), onRejected: (one) => rejected.push(one) });
    second.record({ ...event, sessionId: "nowhere" });
    await second.close();
    assert.deepEqual([(await session.usage()).records, (await session.usage()).costUsd], [600, "0.015"]);
    assert.deepEqual(
        rejected.map(({ problem }) => problem.code),
        ["not_found"],
    );
});

test("a project is managed", async () => {
    assert.equal((await client.project.get()).name, "TypeScript");
    assert.equal((await client.project.change({ name: "Renamed" })).name, "Renamed");
    assert.equal((await client.members.set("bob", "admin")).role, "admin");
    assert.equal((await client.members.get("bob")).userId, "bob");
    assert.ok((await client.members.list()).items.length >= 1);
    await client.members.remove("bob");
    await assert.rejects(client.members.remove("owner"), metering.LastOwnerError);

    const ingest = await client.apiKeys.create({ name: "task", role: "ingest" });
    await assert.rejects(clientWith(ingest.apiKey).usage.records(RANGE), metering.ForbiddenError);
    assert.ok((await client.apiKeys.list()).items.some(({ keyId }) => keyId === ingest.keyId));
    await client.apiKeys.revoke(ingest.keyId);
    await assert.rejects(clientWith("mk_none_none").project.get(), metering.UnauthenticatedError);

    assert.ok((await client.audit.list()).items.length > 0);
    assert.ok(await client.signIn.describe());
});

test("a project is stopped at once, and goes on", async () => {
    const session = await client.sessions.create("stopped");
    assert.equal((await client.project.pause("a test")).status, "paused");
    await eventually(async () => (await client.project.standing()).status === "paused");
    await eventually(() =>
        session.openHold("0.01").then(
            (hold) => hold.release().then(() => false),
            (error: unknown) => error instanceof metering.SessionPausedError,
        ),
    );
    assert.equal((await client.project.resume()).status, "active");
});

test("the service tells of itself", async () => {
    assert.equal((await client.health()).status, "ok");
    assert.equal((await client.openApi())["openapi"], "3.1.0");
});

test("every operation was called, and answered", () => {
    assert.deepEqual(
        Object.keys(ROUTES).filter((operation) => !answered.has(operation)),
        NOT_HERE,
    );
});
