/** WebCrypto, which Node.js 18 has in a module only; its name is a variable, so that bundlers do not look for it. */
const NODE_CRYPTO = "node:crypto";

export async function subtle(): Promise<SubtleCrypto> {
    return globalThis.crypto?.subtle ?? ((await import(NODE_CRYPTO)) as { webcrypto: Crypto }).webcrypto.subtle;
}
