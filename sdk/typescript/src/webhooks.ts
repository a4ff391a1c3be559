/** Webhooks as Standard Webhooks signs them, told from what others send. */
import { WebhookVerificationError } from "./errors.js";
import { subtle } from "./webcrypto.js";

/** What a webhook tells of. */
export interface WebhookEvent {
    /** Such as `session.limit_reached`. */
    readonly type: string;
    readonly timestamp: string;
    readonly data: Readonly<Record<string, unknown>>;
}

export interface VerifyOptions {
    /** How far the sender's clock and this one may be apart, either way; 300. */
    readonly toleranceSeconds?: number;
    /** The time to compare with. */
    readonly now?: Date;
}

type HeaderValues = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

const TOLERANCE_SECONDS = 300;
const SECRET_PREFIX = "whsec_";
const VERSION = "v1,";

/**
 * The event of a webhook that is genuine and no older than five minutes; a WebhookVerificationError for any other.
 *
 * `body` is the request's body as it came, not parsed and written anew. Delivery is at least once: the header
 * `webhook-id` is the same on every attempt. Give all secrets that are in use while one is being replaced.
 */
export async function verifyWebhook(
    secret: string | readonly string[],
    headers: HeaderValues,
    body: string | Uint8Array,
    options: VerifyOptions = {},
): Promise<WebhookEvent> {
    const id = header(headers, "webhook-id");
    const timestamp = header(headers, "webhook-timestamp");
    const signatures = header(headers, "webhook-signature").split(" ");
    checkTime(timestamp, options);
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    const signed = Uint8Array.from([...new TextEncoder().encode(`${id}.${timestamp}.`), ...bytes]);
    if (!(await isSigned([secret].flat(), signatures, signed))) {
        throw new WebhookVerificationError("no signature is of a known secret");
    }
    return parsed(new TextDecoder().decode(bytes));
}

function header(headers: HeaderValues, name: string): string {
    const value = headers instanceof Headers ? headers.get(name) : anyCase(headers, name);
    if (!value) throw new WebhookVerificationError(`there is no header ${name}`);
    return value;
}

function anyCase(headers: Exclude<HeaderValues, Headers>, name: string): string | undefined {
    const value = Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];
    return typeof value === "string" ? value : value?.[0];
}

function checkTime(timestamp: string, { toleranceSeconds = TOLERANCE_SECONDS, now = new Date() }: VerifyOptions): void {
    if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookVerificationError("webhook-timestamp is no time");
    const apart = Math.floor(now.getTime() / 1000) - Number(timestamp);
    if (Math.abs(apart) > toleranceSeconds) {
        throw new WebhookVerificationError(
            `it was signed ${apart} seconds ago, which is not within ${toleranceSeconds}`,
        );
    }
}

/** Whether any signature is of any secret. WebCrypto compares in constant time. */
async function isSigned(
    secrets: readonly string[],
    signatures: readonly string[],
    signed: Uint8Array,
): Promise<boolean> {
    const crypto = await subtle();
    const given = signatures
        .filter((one) => one.startsWith(VERSION))
        .map((one) => fromBase64(one.slice(VERSION.length)));
    let found = false;
    for (const secret of secrets) {
        const raw = fromBase64(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret);
        if (!raw?.length) throw new WebhookVerificationError("the secret is not base 64");
        const key = await crypto.importKey("raw", raw as BufferSource, { name: "HMAC", hash: "SHA-256" }, false, [
            "verify",
        ]);
        for (const signature of given) {
            if (signature && (await crypto.verify("HMAC", key, signature as BufferSource, signed as BufferSource)))
                found = true;
        }
    }
    return found;
}

function fromBase64(text: string): Uint8Array | undefined {
    try {
        return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    } catch {
        return undefined;
    }
}

function parsed(text: string): WebhookEvent {
    let event: unknown;
    try {
        event = JSON.parse(text);
    } catch {
        event = undefined;
    }
    if (typeof event !== "object" || event === null || typeof (event as WebhookEvent).type !== "string") {
        throw new WebhookVerificationError("the body is no event");
    }
    return event as WebhookEvent;
}
