/** The types of the OpenAPI document, by operation. */
import type { components, operations } from "./generated/openapi.js";

export type Schemas = components["schemas"];
export type OperationId = keyof operations;

type JsonOf<Content> = Content extends { content: { "application/json": infer Body } } ? Body : undefined;
type Parameters<K extends OperationId, Place extends "path" | "query"> = NonNullable<
    operations[K]["parameters"][Place]
>;
type Responses<K extends OperationId> = operations[K]["responses"];

/** What an operation answers; undefined where it answers nothing. */
export type Answer<K extends OperationId> = JsonOf<Responses<K>[keyof Responses<K>]>;

export type Query<K extends OperationId> = Parameters<K, "query">;

/** The body that an operation takes. */
export type Body<K extends OperationId> = operations[K] extends { requestBody?: infer Given }
    ? JsonOf<NonNullable<Given>>
    : undefined;

/** What a request of an operation consists of. */
export type RequestOf<K extends OperationId> = ([Parameters<K, "path">] extends [never]
    ? { readonly path?: never }
    : { readonly path: Parameters<K, "path"> }) & {
    readonly query?: Query<K> | undefined;
    readonly body?: Body<K> | undefined;
};
