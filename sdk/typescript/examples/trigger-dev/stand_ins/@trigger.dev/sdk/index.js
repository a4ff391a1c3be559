export const task = (options) => ({ id: options.id, options });
export class AbortTaskRunError extends Error {}
