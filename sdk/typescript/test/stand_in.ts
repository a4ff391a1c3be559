/** A stand-in for the service: answers as a test says, and keeps what it was asked. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { MeteringClient, type ClientOptions } from "../src/index.js";

export interface Seen {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingMessage["headers"];
    readonly text: string;
    readonly body: any;
}

export interface Answered {
    readonly status?: number;
    readonly headers?: Record<string, string>;
    readonly body?: unknown;
}

/** `cut`: the connection is lost before an answer; `hang`: none comes. */
export type Reply = Answered | "cut" | "hang";

export interface StandIn {
    readonly url: string;
    readonly seen: Seen[];
    client(options?: ClientOptions): MeteringClient;
}

/** Serves until the test ends. `reply` is given a request, and how many came before it. */
export async function standIn(test: TestContext, reply: (seen: Seen, before: number) => Reply): Promise<StandIn> {
    const seen: Seen[] = [];
    const server = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const text = Buffer.concat(chunks).toString();
        const { method = "", url = "", headers } = request;
        const one = { method, path: url, headers, text, body: text ? JSON.parse(text) : undefined };
        seen.push(one);
        const answer = reply(one, seen.length - 1);
        if (answer === "cut") request.socket.destroy();
        if (typeof answer === "string") return;
        const { status = 200, body, headers: more = {} } = answer;
        const content = body instanceof Uint8Array ? body : body === undefined ? "" : JSON.stringify(body);
        response.writeHead(status, { "content-type": "application/json", ...more }).end(content);
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    test.after(() => {
        server.closeAllConnections();
        server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
        url,
        seen,
        client: (options) => new MeteringClient({ url, apiKey: "mk_test", timeoutMs: 5_000, ...options }),
    };
}

/** A problem as the service writes one. */
export function problem(status: number, code: string, more: object = {}): Answered {
    return {
        status,
        headers: { "content-type": "application/problem+json" },
        body: { type: `urn:metering:error:${code}`, title: code, status, detail: "because", code, ...more },
    };
}

/** Answers in their order; the last one for all further requests. */
export function inOrder(...replies: readonly Reply[]): (seen: Seen, before: number) => Reply {
    return (_, before) => replies[Math.min(before, replies.length - 1)]!;
}
