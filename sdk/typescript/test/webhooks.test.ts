import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { verifyWebhook, WebhookVerificationError } from "../src/index.js";

// Made by the `standardwebhooks` package for Python: Webhook(SECRET).sign("evt_1", 2026-11-24T10:00:00Z, BODY).
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"type":"session.limit_reached","timestamp":"2026-11-24T10:00:00Z","data":{"sessionId":"ses_ü"}}';
const AT = new Date("2026-11-24T10:00:00Z");
const SIGNATURE = "v1,o39TJKopxnl0rXPDXXp3NvVJkcAqFp1ikN6yEeWdqOQ=";
const OTHER = `whsec_${Buffer.from("another secret of some length").toString("base64")}`;

function headers(signature = SIGNATURE, at = AT): Record<string, string> {
    const timestamp = String(at.getTime() / 1000);
    return { "webhook-id": "evt_1", "webhook-timestamp": timestamp, "webhook-signature": signature };
}

const refused = (given: Parameters<typeof verifyWebhook>): Promise<void> =>
    assert.rejects(verifyWebhook(...given), WebhookVerificationError);

test("a webhook that Python's package signed is genuine", async () => {
    const event = await verifyWebhook(SECRET, headers(), BODY, { now: AT });
    assert.deepEqual([event.type, event.data], ["session.limit_reached", { sessionId: "ses_ü" }]);
});

test("a webhook that npm's package signs is genuine, as text, as bytes and with Headers", async () => {
    const signature = new Webhook(OTHER).sign("evt_1", AT, BODY);
    await verifyWebhook(OTHER, headers(signature), BODY, { now: AT });
    await verifyWebhook(OTHER, headers(signature), new TextEncoder().encode(BODY), { now: AT });
    await verifyWebhook(OTHER, new Headers(headers(signature)), BODY, { now: AT });
});

test("what npm's package verifies of ours is the same", () => {
    const now = new Date(Math.floor(Date.now() / 1000) * 1000);
    const signature = new Webhook(SECRET).sign("evt_1", now, BODY);
    assert.ok(new Webhook(SECRET).verify(BODY, headers(signature, now)));
});

test("one of several signatures, and one of several secrets, is enough", async () => {
    const other = new Webhook(OTHER).sign("evt_1", AT, BODY);
    await verifyWebhook(SECRET, headers(`${other} ${SIGNATURE}`), BODY, { now: AT });
    await verifyWebhook([OTHER, SECRET], headers(), BODY, { now: AT });
    await verifyWebhook(SECRET, headers(`v1a,AAAA v1,!!! ${SIGNATURE}`), BODY, { now: AT });
});

test("what was changed on the way is refused", async () => {
    await refused([SECRET, headers(), `${BODY} `, { now: AT }]);
    await refused([SECRET, { ...headers(), "webhook-id": "evt_2" }, BODY, { now: AT }]);
    await refused([SECRET, headers(SIGNATURE, new Date(AT.getTime() + 1000)), BODY, { now: AT }]);
    await refused([OTHER, headers(), BODY, { now: AT }]);
    await refused([SECRET, headers(SIGNATURE.replace("v1,", "v2,")), BODY, { now: AT }]);
    await refused([SECRET, headers(SIGNATURE.slice(0, -5)), BODY, { now: AT }]);
});

test("five minutes are tolerated either way, and no second more", async () => {
    const at = (seconds: number): Date => new Date(AT.getTime() + seconds * 1000);
    for (const seconds of [-300, 300]) await verifyWebhook(SECRET, headers(), BODY, { now: at(seconds) });
    for (const seconds of [-301, 301]) await refused([SECRET, headers(), BODY, { now: at(seconds) }]);
    await verifyWebhook(SECRET, headers(), BODY, { now: at(301), toleranceSeconds: 600 });
});

test("what is missing or malformed is refused", async () => {
    for (const name of Object.keys(headers())) await refused([SECRET, { ...headers(), [name]: undefined }, BODY]);
    await refused([SECRET, { ...headers(), "webhook-timestamp": "now" }, BODY]);
    await refused(["whsec_", headers(), BODY, { now: AT }]);
    const signed = new Webhook(SECRET).sign("evt_1", AT, "[]");
    await refused([SECRET, headers(signed), "[]", { now: AT }]);
});

test("names of headers may have any case", async () => {
    const upper = Object.fromEntries(Object.entries(headers()).map(([name, value]) => [name.toUpperCase(), [value]]));
    await verifyWebhook(SECRET, upper, BODY, { now: AT });
});
