import Anthropic from "@anthropic-ai/sdk";
import { task } from "@trigger.dev/sdk";
import { fromAnthropic, LimitReachedError, MeteringClient, SessionPausedError, type Hold } from "metering-client";

const anthropic = new Anthropic();
const metering = new MeteringClient(); // METERING_URL and METERING_API_KEY

const FIVE_DOLLARS_A_DAY = { amount: 500, currency: "usd", period: "day" } as const;
const DEAREST_ANSWER = "0.25"; // USD

interface Payload {
    readonly userId: string;
    readonly prompts: readonly string[];
}

/** A page designed in steps, each a call of the model, until it is done or the user's money for today is. */
export const design = task({
    id: "design",
    run: async ({ userId, prompts }: Payload, { ctx, signal }) => {
        const session = await metering.sessions.forUser(userId, {
            limits: { maxCost: FIVE_DOLLARS_A_DAY, maxAgents: 2 },
        });
        const runId = ctx.run.id;

        // One of the user's two agents. When the session is paused, `agent.signal` breaks off whatever is under way.
        const agentId = `${runId}.${ctx.attempt.number}`;
        const steps = await session.agent(
            agentId,
            async (agent) => {
                const texts: string[] = [];
                for (const [stepIndex, prompt] of prompts.entries()) {
                    // Room for the dearest answer. Where there is none, nothing is asked and nothing is spent.
                    const work = (hold: Hold): Promise<string> =>
                        ask(prompt, { userId, runId, stepIndex }, hold, agent.signal);
                    texts.push(await session.hold(DEAREST_ANSWER, work, { runId }));
                }
                return texts;
            },
            { signal, runId },
        );

        // What the run itself costs, once, whichever attempt comes this far.
        await session.record({ idempotencyKey: runId, service: "trigger.dev", usage: { runs: 1 }, userId, runId });
        return steps;
    },
    // Trying again helps neither against a limit nor against a pause.
    catchError: ({ error }) =>
        error instanceof LimitReachedError || error instanceof SessionPausedError ? { skipRetrying: true } : undefined,
});

/** One call of the model; its usage settles the hold. */
async function ask(
    prompt: string,
    attribution: { readonly userId: string; readonly runId: string; readonly stepIndex: number },
    hold: Hold,
    signal: AbortSignal,
): Promise<string> {
    const started = Date.now();
    const message = await anthropic.messages.create(
        { model: "claude-sonnet-4-5", max_tokens: 8000, messages: [{ role: "user", content: prompt }] },
        { signal },
    );
    await hold.record({
        idempotencyKey: message.id, // the call's own id: however often this is sent, it counts once
        service: "design_task",
        provider: "anthropic",
        modelId: message.model,
        usage: fromAnthropic(message.usage),
        stepType: "designer",
        durationMs: Date.now() - started,
        ...attribution,
    });
    return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}
