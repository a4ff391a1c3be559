/** Where a recorder keeps events until the service has them. */
import { bytesOf, fits } from "./batches.js";
import type { Problem } from "./errors.js";

/** As many events as one request takes, in their order, each as a line of JSON. */
export interface Segment {
    /** Whether so large a line still goes into it. */
    hasRoomFor(line: string): boolean;
    append(line: string): void;
    lines(): Promise<readonly string[]>;
    /** The service has them. */
    remove(): Promise<void>;
}

/** An event that the service refuses for good, and why. */
export interface Rejected {
    readonly event: unknown;
    readonly problem: Problem;
}

export interface Spool {
    /** Whether what is not sent outlives the process. */
    readonly durable: boolean;
    newSegment(): Segment;
    /** What earlier processes left behind. */
    leftovers(): Promise<readonly Segment[]>;
    reject(rejected: readonly Rejected[]): Promise<void>;
    /** No recorder uses it any more; what it keeps is for the next one. */
    close(): void;
}

/** Counts what goes into a segment. */
export class SegmentSize {
    #events = 0;
    #bytes = 0;

    hasRoomFor(line: string): boolean {
        return fits(this.#events + 1, this.#bytes + bytesOf(line));
    }

    add(line: string): void {
        this.#events += 1;
        this.#bytes += bytesOf(line);
    }
}

/** Events in memory, which end with the process. `mostEvents` of them may wait; one more throws a RangeError. */
export class MemorySpool implements Spool {
    readonly durable = false;
    readonly #mostEvents: number;
    #events = 0;

    constructor({ mostEvents = 100_000 }: { readonly mostEvents?: number } = {}) {
        this.#mostEvents = mostEvents;
    }

    newSegment(): Segment {
        const size = new SegmentSize();
        const lines: string[] = [];
        return {
            hasRoomFor: (line) => size.hasRoomFor(line),
            append: (line) => {
                this.#count(1);
                size.add(line);
                lines.push(line);
            },
            lines: () => Promise.resolve(lines),
            remove: () => Promise.resolve(this.#count(-lines.length)),
        };
    }

    #count(more: number): void {
        const events = this.#events + more;
        if (events > this.#mostEvents)
            throw new RangeError(`${this.#events} events wait to be sent; there is no room for more`);
        this.#events = events;
    }

    leftovers(): Promise<readonly Segment[]> {
        return Promise.resolve([]);
    }

    reject(): Promise<void> {
        return Promise.resolve();
    }

    close(): void {
        // What it keeps is the recorder's to tell of.
    }
}
