/** Who a spooled file belongs to, and whether that one still lives: told by the file's name alone. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { threadId } from "node:worker_threads";

/** Owners of this thread that are in use. */
const LIVING = new Set<string>();

/** A new owner: process, the moment it started, thread, and chance. It lives until `retire` or the process's end. */
export function newOwner(): string {
    const owner = [process.pid, startOf(process.pid), threadId, randomUUID()].join("-");
    LIVING.add(owner);
    return owner;
}

export function retire(owner: string): void {
    LIVING.delete(owner);
}

export function lives(owner: string): boolean {
    const [pid, started, thread] = owner.split("-");
    const same = Number(pid) === process.pid && started === startOf(process.pid);
    if (same && Number(thread) === threadId) return LIVING.has(owner);
    return isRunning(Number(pid)) && started === startOf(Number(pid));
}

function isRunning(pid: number): boolean {
    try {
        return process.kill(pid, 0);
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}

/** When a process started, in Linux's clock ticks, since ids are given anew, in containers at once; elsewhere nothing. */
function startOf(pid: number): string {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
        return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    } catch {
        return "";
    }
}
