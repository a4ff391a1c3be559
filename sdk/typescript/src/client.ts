import { UsageRecorder, type RecorderOptions } from "./recorder.js";
import { Exports } from "./exports.js";
import {
    ApiKeys,
    Audit,
    Budgets,
    Members,
    Project,
    Projects,
    Rates,
    SignIn,
    StripeCustomers,
    Webhooks,
} from "./resources.js";
import type { Answer } from "./schema.js";
import { Sessions } from "./sessions.js";
import { Transport, type CallOptions } from "./transport.js";
import { Usage } from "./usage.js";

export interface ClientOptions {
    /** Where the service is; `METERING_URL` of the environment. */
    readonly url?: string;
    /** `METERING_API_KEY` of the environment. */
    readonly apiKey?: string;
    /** Milliseconds that one attempt of a request may take; 30,000. */
    readonly timeoutMs?: number;
    /** How often a request is tried again after a time-out, a lost connection, 429, 502, 503 or 504; 5. */
    readonly retries?: number;
    /** Another `fetch`, for tests, proxies or tracing. */
    readonly fetch?: typeof fetch;
}

/** Everything that the service does, with one key. It holds no connection of its own: there is nothing to close. */
export class MeteringClient {
    readonly usage: Usage;
    readonly sessions: Sessions;
    readonly budgets: Budgets;
    readonly rates: Rates;
    readonly exports: Exports;
    readonly stripeCustomers: StripeCustomers;
    readonly webhooks: Webhooks;
    readonly project: Project;
    readonly members: Members;
    readonly apiKeys: ApiKeys;
    readonly projects: Projects;
    readonly signIn: SignIn;
    readonly audit: Audit;
    readonly #transport: Transport;

    /** Throws a TypeError where the address is no URL, or the key is none that a header can have. */
    constructor(options: ClientOptions = {}) {
        const transport = new Transport({
            url: urlOf(options.url ?? fromEnvironment("METERING_URL")),
            apiKey: keyOf(options.apiKey ?? fromEnvironment("METERING_API_KEY")),
            timeoutMs: options.timeoutMs ?? 30_000,
            retries: options.retries ?? 5,
            fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
        });
        this.#transport = transport;
        this.usage = new Usage(transport);
        this.sessions = new Sessions(transport);
        this.budgets = new Budgets(transport);
        this.rates = new Rates(transport);
        this.exports = new Exports(transport);
        this.stripeCustomers = new StripeCustomers(transport);
        this.webhooks = new Webhooks(transport);
        this.project = new Project(transport);
        this.members = new Members(transport);
        this.apiKeys = new ApiKeys(transport);
        this.projects = new Projects(transport);
        this.signIn = new SignIn(transport);
        this.audit = new Audit(transport);
    }

    /** A recorder that gathers events and sends them in batches, in the background. Close it at the end. */
    recorder(options?: RecorderOptions): UsageRecorder {
        return new UsageRecorder(this.#transport, options);
    }

    /** Whether the service is up. */
    health(options?: CallOptions): Promise<Answer<"getHealth">> {
        return this.#transport.call("getHealth", {}, options);
    }

    /** The service's description of itself. */
    openApi(options?: CallOptions): Promise<Readonly<Record<string, unknown>>> {
        return this.#transport.call("getOpenApi", {}, options);
    }
}

function urlOf(text: string): string {
    const url = text.trim();
    if (!/^https?:\/\/./.test(url)) {
        throw new TypeError(
            `METERING_URL is ${JSON.stringify(url)}, and not a URL that begins with https:// or http://`,
        );
    }
    return url;
}

/** The key without spaces around it; no error shows it. */
function keyOf(text: string): string {
    const key = text.trim();
    if (!/^[\x20-\x7e]+$/.test(key))
        throw new TypeError("METERING_API_KEY is no API key: it has characters that none has");
    return key;
}

function fromEnvironment(name: string): string {
    const value = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
    if (!value) throw new TypeError(`there is no ${name} in the environment, and none was given`);
    return value;
}
