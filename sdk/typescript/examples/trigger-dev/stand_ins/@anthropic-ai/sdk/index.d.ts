// As much of @anthropic-ai/sdk 1.13 as the example and the README need, so that tests can run them without a model.
export interface Usage {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly cache_creation_input_tokens: number | null;
    readonly cache_read_input_tokens: number | null;
}

export interface Message {
    readonly id: string;
    readonly model: string;
    readonly content: readonly ({ readonly type: "text"; readonly text: string } | { readonly type: "thinking" })[];
    readonly usage: Usage;
}

export interface MessageParams {
    readonly model: string;
    readonly max_tokens: number;
    readonly messages: readonly { readonly role: "user" | "assistant"; readonly content: string }[];
}

export default class Anthropic {
    readonly messages: { create(params: MessageParams, options?: { readonly signal?: AbortSignal }): Promise<Message> };
}
