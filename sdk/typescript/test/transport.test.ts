import assert from "node:assert/strict";
import { test } from "node:test";
import * as errors from "../src/index.js";
import { inOrder, problem, standIn, type Reply } from "./stand_in.js";

const EVENT = { service: "claude_code", usage: { inputTokens: 1 } };
const RECORDED = { status: 201, body: { status: "recorded", costUsd: "0.1" } };

const PASSING: readonly (readonly [string, Reply])[] = [
    ["a 429", problem(429, "throttled")],
    ["a 502 of something on the way", { status: 502, body: "<html>" }],
    ["a 503", problem(503, "unavailable")],
    ["a 504", { status: 504 }],
    ["a lost connection", "cut"],
    ["a time-out", "hang"],
];

for (const [what, reply] of PASSING) {
    test(`${what} is followed by the same request again`, async (t) => {
        const service = await standIn(t, inOrder(reply, RECORDED));
        const answer = await service.client({ timeoutMs: 300 }).usage.record(EVENT);
        assert.equal(answer.costUsd, "0.1");
        assert.equal(service.seen.length, 2);
        assert.equal(service.seen[0]!.text, service.seen[1]!.text);
        assert.ok(service.seen[0]!.body.idempotencyKey);
    });
}

for (const status of [400, 401, 402, 403, 404, 409, 413, 422, 500]) {
    test(`a ${status} is not tried again`, async (t) => {
        const service = await standIn(t, () => problem(status, "limit_reached"));
        await assert.rejects(service.client().usage.record(EVENT), errors.ApiError);
        assert.equal(service.seen.length, 1);
    });
}

test("a key in the header stays the same in every attempt, and is another one for another request", async (t) => {
    const service = await standIn(t, (_, before) =>
        before === 0 ? "cut" : { status: 202, body: { exportId: "exp_1" } },
    );
    const client = service.client();
    const period = { start: "2026-11-01", end: "2026-11-02" };
    await client.exports.create({ format: "csv", period });
    await client.exports.create({ format: "csv", period });
    await client.exports.create({ format: "csv", period }, { idempotencyKey: "mine" });
    const keys = service.seen.map(({ headers }) => headers["idempotency-key"]);
    assert.equal(keys[0], keys[1]);
    assert.notEqual(keys[1], keys[2]);
    assert.equal(keys[3], "mine");
});

test("attempts end after so many retries, with what the last one was told", async (t) => {
    const service = await standIn(t, () => problem(503, "unavailable"));
    await assert.rejects(service.client({ retries: 2 }).health(), errors.UnavailableError);
    assert.equal(service.seen.length, 3);
});

test("what cannot be reached says so, and why", async (t) => {
    const service = await standIn(t, () => "cut");
    await assert.rejects(service.client({ retries: 0 }).health(), (error: Error) => {
        assert.ok(error instanceof errors.UnreachableError);
        assert.match(error.message, /healthz cannot be reached: .+/);
        return true;
    });
});

test("Retry-After is waited for", async (t) => {
    const service = await standIn(
        t,
        inOrder({ ...problem(429, "throttled"), headers: { "retry-after": "1" } }, RECORDED),
    );
    const started = Date.now();
    await service.client().usage.record(EVENT);
    assert.ok(Date.now() - started >= 995);
});

test("a service that asks for more patience than a minute is not waited for", async (t) => {
    const service = await standIn(t, () => ({ ...problem(503, "unavailable"), headers: { "retry-after": "61" } }));
    await assert.rejects(service.client().health(), errors.UnavailableError);
    assert.equal(service.seen.length, 1);
});

test("what would make a second thing is repeated only where certainly nothing was made", async (t) => {
    const made = { status: 201, body: { keyId: "key_1", apiKey: "mk_1" } };
    const refused = await standIn(t, inOrder(problem(503, "unavailable"), made));
    assert.equal((await refused.client().apiKeys.create({ name: "ci", role: "ingest" })).keyId, "key_1");
    const lost = await standIn(t, () => "cut");
    await assert.rejects(lost.client().apiKeys.create({ name: "ci", role: "ingest" }), errors.UnreachableError);
    assert.equal(lost.seen.length, 1);
});

test("what was deleted without our hearing of it is deleted", async (t) => {
    const service = await standIn(t, inOrder("cut", problem(404, "not_found")));
    await service.client().budgets.delete("user:ada");
    const absent = await standIn(t, () => problem(404, "not_found"));
    await assert.rejects(absent.client().budgets.delete("user:ada"), errors.NotFoundError);
});

test("a caller's signal ends the request and the waiting", async (t) => {
    const service = await standIn(t, () => "hang");
    const signal = AbortSignal.timeout(50);
    await assert.rejects(service.client().health({ signal }), { name: "TimeoutError" });
    const busy = await standIn(t, () => ({ ...problem(503, "unavailable"), headers: { "retry-after": "30" } }));
    await assert.rejects(busy.client().health({ signal: AbortSignal.timeout(50) }), { name: "TimeoutError" });
    await assert.rejects(service.client().health({ signal }), { name: "TimeoutError" });
    assert.equal(service.seen.length, 1);
});

test("the gateway's own refusals have the code of their status", async (t) => {
    const service = await standIn(t, () => ({ status: 401, body: { message: "Unauthorized" } }));
    await assert.rejects(service.client().health(), (error: errors.ApiError) => {
        assert.ok(error instanceof errors.UnauthenticatedError);
        assert.deepEqual([error.code, error.status, error.detail], ["unauthenticated", 401, "Unauthorized"]);
        return true;
    });
});

test("an unknown code is an error all the same", async (t) => {
    const service = await standIn(t, () => problem(418, "teapot"));
    await assert.rejects(service.client().health(), { name: "ApiError", code: "teapot", status: 418 });
});

test("an answer that is not JSON is no answer of this service", async (t) => {
    const service = await standIn(t, () => ({ body: new TextEncoder().encode("<html>") }));
    await assert.rejects(service.client().health(), errors.UnexpectedAnswerError);
});

test("a limit that is reached says which, whose and what is left", async (t) => {
    const shown = { dimension: "maxCost", scope: "session:ses_1", remainingUsd: "1", retryable: false };
    const service = await standIn(t, () => problem(402, "limit_reached", shown));
    await assert.rejects(service.client().sessions.withId("ses_1").openHold("2"), (error: errors.LimitReachedError) => {
        assert.ok(error instanceof errors.LimitReachedError);
        assert.deepEqual([error.dimension, error.scope, error.remainingUsd], ["maxCost", "session:ses_1", "1"]);
        return true;
    });
});

for (const [problemOf, figures] of [
    [
        { limit: { amount: 500, currency: "usd" }, limitUsd: "5", remaining: { amount: 1 }, remainingUsd: "0.01" },
        ["5", "0.01"],
    ],
    [{ limit: 3, used: 3, held: 0, remaining: 0 }, ["3", "0"]],
    [{}, [undefined, undefined]],
] as const) {
    test(`a limit's figures are strings: ${figures}`, async (t) => {
        const service = await standIn(t, () => problem(402, "limit_reached", problemOf));
        const opened = service.client().sessions.withId("ses_1").openHold("2");
        await assert.rejects(opened, (error: errors.LimitReachedError) => {
            assert.deepEqual([error.limit, error.remaining], figures);
            return true;
        });
    });
}

test("every fault of a request is told", async (t) => {
    const faults = [{ path: "usage.inputTokens", message: "must be at least 0" }];
    const service = await standIn(t, () => problem(422, "invalid_request", { errors: faults }));
    await assert.rejects(service.client().usage.record(EVENT), (error: errors.InvalidRequestError) => {
        assert.deepEqual(error.errors, faults);
        return true;
    });
});

test("ids are one part of the path, whatever is in them", async (t) => {
    const service = await standIn(t, () => ({ body: {} }));
    await service.client().budgets.get("user:a/b?c#d ü");
    assert.equal(service.seen[0]!.path, "/v1/budgets/user%3Aa%2Fb%3Fc%23d%20%C3%BC");
    for (const id of ["", ".", ".."]) await assert.rejects(service.client().usage.run(id), TypeError);
});

test("url and key come from the environment, where they are not given", () => {
    const { METERING_URL, METERING_API_KEY } = process.env;
    delete process.env["METERING_URL"];
    assert.throws(() => new errors.MeteringClient({ apiKey: "mk_1" }), /METERING_URL/);
    process.env["METERING_URL"] = "http://127.0.0.1:1";
    delete process.env["METERING_API_KEY"];
    assert.throws(() => new errors.MeteringClient(), /METERING_API_KEY/);
    Object.assign(process.env, { METERING_URL, METERING_API_KEY });
});

for (const url of ["127.0.0.1:3000", "localhost", "ftp://metering.test", "https://", ""]) {
    test(`an address such as "${url}" is refused at once`, () => {
        assert.throws(() => new errors.MeteringClient({ url, apiKey: "mk_test" }), /METERING_URL is .* not a URL/);
    });
}

for (const apiKey of ["mk_b\u00e4d", "mk_\nbad", ""]) {
    test(`a key such as ${JSON.stringify(apiKey)} is refused at once, and not shown`, () => {
        const refused = {
            name: "TypeError",
            message: "METERING_API_KEY is no API key: it has characters that none has",
        };
        assert.throws(() => new errors.MeteringClient({ url: "http://metering.test", apiKey }), refused);
    });
}

test("spaces around a setting are none of it", async (t) => {
    const service = await standIn(t, () => RECORDED);
    const client = service.client({ apiKey: " mk_test\n" });
    await client.usage.record(EVENT);
    assert.equal(service.seen[0]!.headers.authorization, "Bearer mk_test");
});
