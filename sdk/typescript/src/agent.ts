/** Agents: a slot of a session, kept by a heartbeat that also tells when to stop. */
import {
    AgentPausedError,
    ApiError,
    MeteringError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
    UnreachableError,
} from "./errors.js";
import { pause, type Transport } from "./transport.js";

export interface AgentOptions {
    /** How long the slot is kept without a heartbeat, 1 to 86,400; 300. */
    readonly leaseSeconds?: number;
    /** Between two heartbeats, which is how soon a pause is learnt of: 15, or a third of a shorter lease. */
    readonly heartbeatSeconds?: number;
    /** Counts against a budget of this run, too. */
    readonly runId?: string;
    readonly signal?: AbortSignal;
}

/** What `work` knows of the agent that it runs as. */
export interface Agent {
    readonly agentId: string;
    /** Aborted when the agent is paused; hand it to `fetch`, to clients of models, to child processes. */
    readonly signal: AbortSignal;
    /** Throw the AgentPausedError of an agent that is paused: between two steps of work that takes no signal. */
    throwIfPaused(): void;
}

const LEASE_SECONDS = 300;
const HEARTBEAT_SECONDS = 15;

export async function runAgent<T>(
    transport: Transport,
    sessionId: string,
    agentId: string,
    work: (agent: Agent) => Promise<T> | T,
    options: AgentOptions = {},
): Promise<T> {
    const running = new RunningAgent(transport, sessionId, agentId, options);
    await running.start();
    try {
        return await running.whileRunning(work);
    } finally {
        await running.end();
    }
}

class RunningAgent {
    readonly #transport: Transport;
    readonly #path: { readonly sessionId: string; readonly agentId: string };
    readonly #options: AgentOptions;
    readonly #leaseSeconds: number;
    readonly #stopped = new AbortController();
    readonly #ended = new AbortController();
    #beating: Promise<void> = Promise.resolve();

    constructor(transport: Transport, sessionId: string, agentId: string, options: AgentOptions) {
        this.#transport = transport;
        this.#path = { sessionId, agentId };
        this.#options = options;
        this.#leaseSeconds = options.leaseSeconds ?? LEASE_SECONDS;
    }

    async start(): Promise<void> {
        const { runId, signal } = this.#options;
        const { sessionId, agentId } = this.#path;
        const body = { agentId, leaseSeconds: this.#leaseSeconds, ...(runId === undefined ? {} : { runId }) };
        await this.#transport.call("startAgent", { path: { sessionId }, body }, { signal });
    }

    async whileRunning<T>(work: (agent: Agent) => Promise<T> | T): Promise<T> {
        const { signal } = this.#stopped;
        const outside = this.#options.signal;
        const stop = (): void => this.#stopped.abort(outside?.reason);
        outside?.addEventListener("abort", stop, { once: true });
        this.#beating = this.#beat();
        try {
            const agentId = this.#path.agentId;
            const result = await work({ agentId, signal, throwIfPaused: () => signal.throwIfAborted() });
            if (signal.reason instanceof MeteringError) throw signal.reason;
            return result;
        } catch (error) {
            // What the abort broke off says less than why it was broken off.
            throw signal.reason instanceof MeteringError ? signal.reason : error;
        } finally {
            outside?.removeEventListener("abort", stop);
        }
    }

    /** Free the slot. A failure changes nothing of what the work came to: the lease runs out by itself. */
    async end(): Promise<void> {
        this.#ended.abort();
        await this.#beating;
        try {
            await this.#transport.call("endAgent", { path: this.#path });
        } catch (error) {
            if (!(error instanceof ApiError || error instanceof UnreachableError)) throw error;
        }
    }

    /** Heartbeats until the end, or until one says to stop. One that does not get through is followed by the next. */
    async #beat(): Promise<void> {
        const { signal } = this.#ended;
        const seconds = this.#options.heartbeatSeconds ?? Math.min(HEARTBEAT_SECONDS, this.#leaseSeconds / 3);
        while (!signal.aborted) {
            try {
                await pause(seconds * 1000, signal);
                await this.#beatOnce(signal);
            } catch (error) {
                if (signal.aborted || passes(error)) continue;
                return this.#stopped.abort(error);
            }
        }
    }

    async #beatOnce(signal: AbortSignal): Promise<void> {
        const body = { leaseSeconds: this.#leaseSeconds };
        try {
            const { status } = await this.#transport.call("beatAgent", { path: this.#path, body }, { signal });
            if (status === "paused") throw new AgentPausedError(this.#path.agentId);
        } catch (error) {
            if (!(error instanceof NotFoundError)) throw error;
            await this.start(); // the lease ran out while no heartbeat got through: a free slot, or the reason why not
        }
    }
}

function passes(error: unknown): boolean {
    return error instanceof UnreachableError || error instanceof ThrottledError || error instanceof UnavailableError;
}
