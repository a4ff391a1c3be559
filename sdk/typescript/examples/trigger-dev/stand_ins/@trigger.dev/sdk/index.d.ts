// As much of @trigger.dev/sdk 4.8 as the example and the README need. The package itself is 90 MB with what it depends
// on, too much to fetch for the types of one function.
export interface TaskRunContext {
    readonly run: { readonly id: string };
    readonly attempt: { readonly number: number };
}

export interface TaskOptions<Payload, Output> {
    readonly id: string;
    readonly catchError?: (params: {
        readonly ctx: TaskRunContext;
        readonly payload: Payload;
        readonly error: unknown;
    }) => { skipRetrying?: boolean | undefined } | undefined;
    readonly run: (
        payload: Payload,
        params: { readonly ctx: TaskRunContext; readonly signal: AbortSignal },
    ) => Promise<Output>;
}

export interface Task<Payload, Output> {
    readonly id: string;
    /** Of the stand-in alone: what a worker would run. */
    readonly options: TaskOptions<Payload, Output>;
}

export declare function task<Payload, Output>(options: TaskOptions<Payload, Output>): Task<Payload, Output>;
export declare class AbortTaskRunError extends Error {}
