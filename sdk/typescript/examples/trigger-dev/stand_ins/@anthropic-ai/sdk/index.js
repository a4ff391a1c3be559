import { randomUUID } from "node:crypto";

// A model that answers at once, and always as much.
export default class Anthropic {
    messages = {
        create: async ({ model, messages }, { signal } = {}) => {
            signal?.throwIfAborted();
            return {
                id: `msg_${randomUUID()}`,
                model,
                content: [{ type: "text", text: `Designed: ${messages[0].content}` }],
                usage: {
                    input_tokens: 1200,
                    output_tokens: 340,
                    cache_read_input_tokens: 30000,
                    cache_creation_input_tokens: 0,
                },
            };
        },
    };
}
