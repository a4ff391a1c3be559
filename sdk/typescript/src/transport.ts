/**
 * Requests as `fetch` makes them, tried again where that may help and does no harm.
 *
 * Tried again are time-outs, lost connections, 429, 502, 503 and 504, with the same body and the same idempotency key,
 * so that the service recognises what it has already done. Never 402 or another refusal.
 */
import { ApiError, errorOf, UnexpectedAnswerError, UnreachableError } from "./errors.js";
import { ROUTES, type Route } from "./generated/routes.js";
import { newId } from "./ids.js";
import type { Answer, OperationId, RequestOf } from "./schema.js";

export interface CallOptions {
    /** Ends the request, and the waiting between its attempts. */
    readonly signal?: AbortSignal | undefined;
    /** Of operations that take one; otherwise a fresh one is made for the request and its retries. */
    readonly idempotencyKey?: string | undefined;
}

export interface TransportOptions {
    readonly url: string;
    readonly apiKey: string;
    readonly fetch: typeof fetch;
    /** Milliseconds that one attempt may take. */
    readonly timeoutMs: number;
    /** How often a request is tried again. */
    readonly retries: number;
}

/** Milliseconds before the first retry; doubled for each further one, up to `LONGEST_PAUSE`. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 8_000;
/** A service that asks to wait for longer than this many milliseconds is not waited for. */
const MOST_PATIENCE = 60_000;
const MAY_PASS = new Set([429, 502, 503, 504]);
/** Statuses that say for certain that nothing was done. */
const NOTHING_DONE = new Set([429, 503]);

interface Attempt {
    readonly url: string;
    readonly init: RequestInit;
    readonly route: Route;
    readonly signal: AbortSignal | undefined;
}

type Outcome =
    | { readonly done: unknown }
    | { readonly error: ApiError | UnreachableError; readonly again: boolean; readonly afterMs: number };

export class Transport {
    readonly #options: TransportOptions;

    constructor(options: TransportOptions) {
        this.#options = { ...options, url: options.url.replace(/\/+$/, "") };
    }

    /** The answer of an operation. Throws an ApiError when it is refused, an UnreachableError when none came. */
    async call<K extends OperationId>(
        operation: K,
        request: RequestOf<K>,
        options: CallOptions = {},
    ): Promise<Answer<K>> {
        const attempt = this.#prepare(ROUTES[operation], request, options);
        for (let tried = 1; ; tried++) {
            const outcome = await this.#try(attempt, tried);
            if ("done" in outcome) return outcome.done as Answer<K>;
            if (!outcome.again || tried > this.#options.retries || outcome.afterMs > MOST_PATIENCE) throw outcome.error;
            await pause(Math.max(outcome.afterMs, backoff(tried)), attempt.signal);
        }
    }

    /** The bytes at a presigned link, which is asked for without the key. */
    async download(url: string, signal?: AbortSignal): Promise<Uint8Array> {
        const attempt = { url, init: {}, route: ROUTES.getExport, signal };
        for (let tried = 1; ; tried++) {
            try {
                const { status, bytes } = await this.#fetch(attempt);
                if (status === 200) return bytes;
                throw errorOf(status, undefined);
            } catch (error) {
                signal?.throwIfAborted();
                const mayPass = !(error instanceof ApiError) || MAY_PASS.has(error.status);
                if (!mayPass) throw error;
                if (tried > this.#options.retries) throw unreachable(url, error);
            }
            await pause(backoff(tried), signal);
        }
    }

    #prepare(
        route: Route,
        request: { path?: object | undefined; query?: object | undefined; body?: unknown },
        options: CallOptions,
    ): Attempt {
        const headers: Record<string, string> = { authorization: `Bearer ${this.#options.apiKey}` };
        if (request.body !== undefined) headers["content-type"] = "application/json";
        if (route.idempotencyKey && !keyed(request.body))
            headers["idempotency-key"] = options.idempotencyKey ?? newId("key");
        return {
            url: `${this.#options.url}${filled(route.path, request.path)}${queryOf(request.query)}`,
            init: {
                method: route.method,
                headers,
                ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
            },
            route,
            signal: options.signal,
        };
    }

    async #try(attempt: Attempt, tried: number): Promise<Outcome> {
        let answer;
        try {
            answer = await this.#fetch(attempt);
        } catch (cause) {
            attempt.signal?.throwIfAborted();
            return { error: unreachable(attempt.url, cause), again: attempt.route.repeatable, afterMs: 0 };
        }
        const body = parsed(answer.bytes);
        if (answer.status < 300 && body !== NOT_JSON) return { done: body };
        if (answer.status < 400)
            throw new UnexpectedAnswerError(`${attempt.url} answers ${answer.status}, and not JSON`);
        const error = errorOf(answer.status, body);
        // What an earlier attempt removed, without our hearing of it, is gone.
        const removed =
            attempt.route.method === "DELETE" && tried > 1 && ["not_found", "hold_closed"].includes(error.code);
        if (removed) return { done: undefined };
        const again = MAY_PASS.has(answer.status) && (attempt.route.repeatable || NOTHING_DONE.has(answer.status));
        return { error, again, afterMs: answer.retryAfterMs };
    }

    /** One attempt, its body read, within the time that it may take. */
    async #fetch({ url, init, signal }: Attempt): Promise<{ status: number; bytes: Uint8Array; retryAfterMs: number }> {
        signal?.throwIfAborted();
        const controller = new AbortController();
        const stop = (): void => controller.abort(signal?.reason);
        const timeout = new Error(`no answer within ${this.#options.timeoutMs} ms`);
        const timer = setTimeout(() => controller.abort(timeout), this.#options.timeoutMs);
        signal?.addEventListener("abort", stop, { once: true });
        try {
            const response = await this.#options.fetch(url, { ...init, signal: controller.signal });
            const bytes = new Uint8Array(await response.arrayBuffer());
            return { status: response.status, bytes, retryAfterMs: retryAfter(response.headers.get("retry-after")) };
        } finally {
            clearTimeout(timer);
            signal?.removeEventListener("abort", stop);
        }
    }
}

const NOT_JSON = Symbol("not JSON");

function parsed(bytes: Uint8Array): unknown {
    if (bytes.length === 0) return undefined;
    try {
        return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
        return NOT_JSON;
    }
}

function keyed(body: unknown): boolean {
    return typeof body === "object" && body !== null && "idempotencyKey" in body;
}

function filled(path: string, values: object = {}): string {
    const given = values as Record<string, string>;
    return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(segment(name, given[name])));
}

/** A part of a path; `.` and `..` would be taken for steps through it. */
function segment(name: string, value: string | undefined): string {
    if (!value || value === "." || value === "..") throw new TypeError(`${name} is no id: ${JSON.stringify(value)}`);
    return value;
}

function queryOf(query: object = {}): string {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}

function unreachable(url: string, cause: unknown): UnreachableError {
    const reason = cause instanceof Error ? (cause.cause ?? cause) : cause;
    return new UnreachableError(`${url.split("?")[0]} cannot be reached: ${String(reason)}`, { cause });
}

/** Milliseconds that a Retry-After header asks for: seconds or a date; 0 where it says nothing. */
function retryAfter(header: string | null): number {
    if (!header) return 0;
    const waited = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
    return Number.isFinite(waited) ? Math.max(0, waited) : 0;
}

/** Milliseconds before the next attempt: half of it certain, half of it chance, so that clients do not come at once. */
export function backoff(tried: number): number {
    const most = Math.min(FIRST_PAUSE * 2 ** (tried - 1), LONGEST_PAUSE);
    return most / 2 + (Math.random() * most) / 2;
}

/** Resolves after so many milliseconds; rejects with the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = (): void => {
            clearTimeout(timer);
            reject(signal?.reason);
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", stop);
            resolve();
        }, ms);
        signal?.addEventListener("abort", stop, { once: true });
    });
}
