import { runAgent, type Agent, type AgentOptions } from "./agent.js";
import { type UsageEvent, eventBody } from "./events.js";
import { estimateBody, openHold, withHold, type Estimate, type Hold, type HoldOptions } from "./hold.js";
import type { Answer, Body, Query, Schemas } from "./schema.js";
import type { CallOptions, Transport } from "./transport.js";

export interface SessionOptions extends Omit<Body<"createSession">, "userId"> {
    readonly signal?: AbortSignal;
    readonly idempotencyKey?: string;
}

/** Sessions: what a user may spend, and do at once. */
export class Sessions {
    readonly #transport: Transport;

    constructor(transport: Transport) {
        this.#transport = transport;
    }

    /** The user's active session, which keeps the limits that it has, or with `reuse: false` or without one a new one. */
    async forUser(userId: string, { reuse = true, ...options }: SessionOptions = {}): Promise<Session> {
        return this.create(userId, { reuse, ...options });
    }

    /** A new session. */
    async create(userId: string, { signal, idempotencyKey, ...wanted }: SessionOptions = {}): Promise<Session> {
        const body = { userId, ...wanted };
        const made = await this.#transport.call("createSession", { body }, { signal, idempotencyKey });
        return new Session(this.#transport, made.sessionId);
    }

    /** A session that is known to exist; nothing is asked of the service. */
    withId(sessionId: string): Session {
        return new Session(this.#transport, sessionId);
    }

    list(query: Query<"listSessions"> = {}, options?: CallOptions): Promise<Answer<"listSessions">> {
        return this.#transport.call("listSessions", { query }, options);
    }
}

/** One session. */
export class Session {
    readonly sessionId: string;
    readonly #transport: Transport;

    constructor(transport: Transport, sessionId: string) {
        this.#transport = transport;
        this.sessionId = sessionId;
    }

    get #path(): { sessionId: string } {
        return { sessionId: this.sessionId };
    }

    /** Its user, status and limits, as they are now. */
    get(options?: CallOptions): Promise<Schemas["SessionAnswer"]> {
        return this.#transport.call("getSession", { path: this.#path }, options);
    }

    /** What it has used, up to date with the last answered callback. */
    usage(options?: CallOptions): Promise<Answer<"getSessionUsage">> {
        return this.#transport.call("getSessionUsage", { path: this.#path }, options);
    }

    /** Its limits and where they stand: used, held, remaining. */
    limits(options?: CallOptions): Promise<Answer<"getSessionLimits">> {
        return this.#transport.call("getSessionLimits", { path: this.#path }, options);
    }

    /** Change the limits that are named; null removes one. They hold for the next request. */
    updateLimits(limits: Body<"updateSessionLimits">, options?: CallOptions): Promise<Answer<"updateSessionLimits">> {
        return this.#transport.call("updateSessionLimits", { path: this.#path, body: limits }, options);
    }

    pause(reason?: string, options?: CallOptions): Promise<Answer<"pauseSession">> {
        const body = reason === undefined ? {} : { reason };
        return this.#transport.call("pauseSession", { path: this.#path, body }, options);
    }

    /** Let its agents go on; a StillOverLimitError where a limit is still passed. */
    resume(options?: CallOptions): Promise<Answer<"resumeSession">> {
        return this.#transport.call("resumeSession", { path: this.#path }, options);
    }

    /** Record usage of this session. */
    record(event: UsageEvent, options?: CallOptions): Promise<Answer<"recordUsage">> {
        return this.#transport.call(
            "recordUsage",
            { body: { ...eventBody(event), sessionId: this.sessionId } },
            options,
        );
    }

    /**
     * Take room for what `work` is about to use: a decimal string of USD, or usage that is priced as a callback's is.
     * What `work` records with `hold.record` settles the hold. When it throws or records nothing, the hold is released.
     *
     * Throws a LimitReachedError when there is no room, a SessionPausedError when the session is paused; `work` is then
     * not called.
     */
    hold<T>(estimate: Estimate, work: (hold: Hold) => Promise<T> | T, options?: HoldOptions): Promise<T> {
        return withHold(this.#transport, this.sessionId, estimate, work, options);
    }

    /** Take room that the caller settles or releases; left alone, it comes back after `ttlSeconds`. */
    openHold(estimate: Estimate, options?: HoldOptions): Promise<Hold> {
        return openHold(this.#transport, this.sessionId, estimate, options);
    }

    /** Whether there would be room. Throws as `hold` does where there is none; nothing is held. */
    checkHold(estimate: Estimate, options?: CallOptions): Promise<Answer<"openHold">> {
        const body = { estimate: estimateBody(estimate) };
        return this.#transport.call("openHold", { path: this.#path, query: { dryRun: "true" }, body }, options);
    }

    holds(query: Query<"listHolds"> = {}, options?: CallOptions): Promise<Answer<"listHolds">> {
        return this.#transport.call("listHolds", { path: this.#path, query }, options);
    }

    /**
     * Run `work` as an agent of this session: it has a slot, which a heartbeat in the background keeps. When the session,
     * a budget or the project is paused, `agent.signal` is aborted with an AgentPausedError, which is thrown once `work`
     * has come to its end.
     *
     * Throws a LimitReachedError when no slot is free, a SessionPausedError when the session is paused; `work` is then not
     * called.
     */
    agent<T>(agentId: string, work: (agent: Agent) => Promise<T> | T, options?: AgentOptions): Promise<T> {
        return runAgent(this.#transport, this.sessionId, agentId, work, options);
    }

    agents(query: Query<"listAgents"> = {}, options?: CallOptions): Promise<Answer<"listAgents">> {
        return this.#transport.call("listAgents", { path: this.#path, query }, options);
    }
}
