/**
 * A fresh id, unique beyond doubt. It is no secret, so that Node.js 18, which has no `crypto` without a flag, gets one
 * that is made of the time and of `Math.random`, whose state is random in every process.
 */
export function newId(prefix: string): string {
    const random =
        globalThis.crypto?.randomUUID?.().replaceAll("-", "") ?? `${Date.now().toString(36)}${chance()}${chance()}`;
    return `${prefix}_${random}`;
}

function chance(): string {
    return Math.random().toString(36).slice(2).padEnd(11, "0");
}
