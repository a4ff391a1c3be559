/** A process that records events until it is killed or done: URL, folder, how many, and what it does then. */
import { MeteringClient } from "../src/index.js";
import { DiskSpool } from "../src/node/index.js";

const [url = "", folder = "", events = "0", then = "hang"] = process.argv.slice(2);
const client = new MeteringClient({ url, apiKey: "mk_test", retries: 0 });
const spool = folder ? { spool: new DiskSpool(folder) } : {};
const recorder = client.recorder({ flushMs: 60_000, ...spool });
for (let number = 0; number < Number(events); number++) {
    const key = recorder.record({ service: "claude_code", usage: { inputTokens: 1 } });
    process.stdout.write(`${key}\n`);
}
if (then === "hang") setInterval(() => undefined, 1000);
