/**
 * What the client throws.
 *
 *     MeteringError
 *     ├── UnreachableError            no usable answer came, all retries included
 *     ├── ApiError                    the service refused; one class a code of its problems, below
 *     ├── UnexpectedAnswerError       the answer is not JSON
 *     ├── ExportFailedError           the service could not write an export, or not in the time it was given
 *     ├── ExportDamagedError          a file of an export is not what the service wrote
 *     ├── UnknownUsageError           a usage object has none of the shapes that an adapter knows
 *     └── WebhookVerificationError    a webhook is not from this service, or too old
 */
import type { ProblemCode } from "./generated/routes.js";
import type { Schemas } from "./schema.js";

export class MeteringError extends Error {
    constructor(message: string, options?: ErrorOptions) {
        super(message, options);
        this.name = new.target.name;
    }
}

/** Nothing is known of what the service did with the request; `cause` is the last failure. */
export class UnreachableError extends MeteringError {}

/** Another service's answer, or that of something on the way to this one. */
export class UnexpectedAnswerError extends MeteringError {}

export class ExportFailedError extends MeteringError {}

export class ExportDamagedError extends MeteringError {}

/** A usage object has none of the shapes that its adapter knows, or its figures contradict each other. */
export class UnknownUsageError extends MeteringError {}

/** The signature, the time or the form of a webhook is not right: do not act on it. */
export class WebhookVerificationError extends MeteringError {}

/** A problem document (RFC 9457); codes of their own have further members. */
export type Problem = Pick<Schemas["Problem"], "status" | "detail" | "code"> & { readonly [member: string]: unknown };

/** The service understood and refused. */
export class ApiError extends MeteringError {
    readonly problem: Problem;

    constructor(problem: Problem, options?: ErrorOptions) {
        super(`${problem.status} ${problem.code}: ${problem.detail}`, options);
        this.problem = problem;
    }

    get code(): string {
        return this.problem.code;
    }

    get status(): number {
        return this.problem.status;
    }

    get detail(): string {
        return this.problem.detail;
    }

    protected text(member: string): string | undefined {
        const value = this.problem[member];
        return typeof value === "string" ? value : undefined;
    }
}

export class MalformedRequestError extends ApiError {}
export class UnauthenticatedError extends ApiError {}
export class ForbiddenError extends ApiError {}
export class NotFoundError extends ApiError {}
export class IdempotencyConflictError extends ApiError {}
export class AlreadyExistsError extends ApiError {}
export class SessionPausedError extends ApiError {}

/** An agent's heartbeat says that its session, a budget or the project is paused. */
export class AgentPausedError extends SessionPausedError {
    constructor(agentId: string) {
        super({ status: 409, code: "session_paused", detail: `the agent ${agentId} is paused` });
    }
}

export class HoldClosedError extends ApiError {}
export class NotVoidableError extends ApiError {}
export class LastOwnerError extends ApiError {}
export class UnratedError extends ApiError {}
export class TooLargeError extends ApiError {}
export class ThrottledError extends ApiError {}
export class UnavailableError extends ApiError {}

/** A limit has no room. Waiting does not help, so this is never tried again. */
export class LimitReachedError extends ApiError {
    /** Such as `maxCost`. */
    get dimension(): string | undefined {
        return this.text("dimension");
    }

    /** Whose limit it is: `session:…`, `user:…`, `run:…` or `project`. */
    get scope(): string | undefined {
        return this.text("scope");
    }

    /** The limit as a decimal string, as are the figures below: of `maxCost` in USD, else minutes or a count. */
    get limit(): string | undefined {
        return this.#figure("limit");
    }

    get used(): string | undefined {
        return this.#figure("used");
    }

    get held(): string | undefined {
        return this.#figure("held");
    }

    get remaining(): string | undefined {
        return this.#figure("remaining");
    }

    #figure(name: string): string | undefined {
        const figure = this.problem[`${name}Usd`] ?? this.problem[name];
        return figure === undefined ? undefined : String(figure);
    }

    /** What is left under a limit of cost, as a decimal string. */
    get remainingUsd(): string | undefined {
        return this.text("remainingUsd");
    }
}

export class StillOverLimitError extends ApiError {
    /** The dimensions that are still passed. */
    get breached(): readonly string[] {
        return (this.problem["breached"] as readonly string[] | undefined) ?? [];
    }
}

export class InvalidRequestError extends ApiError {
    /** Everything that is wrong, each with its place. */
    get errors(): readonly Schemas["FaultAnswer"][] {
        return (this.problem["errors"] as readonly Schemas["FaultAnswer"][] | undefined) ?? [];
    }
}

const CLASS_OF: Record<ProblemCode, new (problem: Problem) => ApiError> = {
    malformed_request: MalformedRequestError,
    unauthenticated: UnauthenticatedError,
    forbidden: ForbiddenError,
    not_found: NotFoundError,
    idempotency_conflict: IdempotencyConflictError,
    already_exists: AlreadyExistsError,
    session_paused: SessionPausedError,
    still_over_limit: StillOverLimitError,
    hold_closed: HoldClosedError,
    not_voidable: NotVoidableError,
    limit_reached: LimitReachedError,
    last_owner: LastOwnerError,
    unrated: UnratedError,
    too_large: TooLargeError,
    invalid_request: InvalidRequestError,
    throttled: ThrottledError,
    unavailable: UnavailableError,
};

// The gateway answers some requests itself, with a body of its own.
const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    413: "too_large",
    429: "throttled",
    502: "unavailable",
    503: "unavailable",
    504: "unavailable",
};

/** The error of an answer's status and body, whatever the body is. */
export function errorOf(status: number, body: unknown): ApiError {
    const problem = problemOf(status, body);
    const found = (CLASS_OF as Record<string, new (problem: Problem) => ApiError>)[problem.code] ?? ApiError;
    return new found(problem);
}

function problemOf(status: number, body: unknown): Problem {
    const members = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
    if (typeof members["code"] === "string" && typeof members["detail"] === "string") {
        return { ...members, status, code: members["code"], detail: members["detail"] };
    }
    const said = typeof members["message"] === "string" ? members["message"] : `the answer has the status ${status}`;
    return { status, code: CODE_OF_STATUS[status] ?? "unknown", detail: said };
}
