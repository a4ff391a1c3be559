import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTES } from "../src/generated/routes.js";
import type { MeteringClient, OperationId } from "../src/index.js";
import { standIn, type Answered } from "./stand_in.js";

type Call = (client: MeteringClient) => Promise<unknown>;

const EVENT = { idempotencyKey: "k", service: "s", usage: { inputTokens: 1 } };
const IDS = {
    recordId: "rec_1",
    runId: "run_1",
    userId: "ada",
    keyId: "key_1",
    jobId: "job_1",
    webhookId: "wh_1",
    deliveryId: "del_1",
    sessionId: "ses_1",
    holdId: "hold_1",
    agentId: "agent_1",
    scope: "project",
    exportId: "exp_1",
};
const HOLD: Answered = { body: { ...IDS, expiresAt: "2026-11-24T10:00:00Z", status: "running", results: [] } };

/** A call of each operation: the compiler asks for one that is missing, and the test for one that asks for another. */
const CALLS: Record<OperationId, Call> = {
    recordUsage: (client) => client.usage.record(EVENT),
    recordUsageBatch: (client) => client.usage.recordBatch([EVENT]),
    listRecords: (client) => client.usage.records(),
    getRecord: (client) => client.usage.getRecord("rec_1"),
    explainRecord: (client) => client.usage.explain("rec_1"),
    voidRecord: (client) => client.usage.void("rec_1", "a test"),
    startRerating: (client) => client.usage.rerate({ from: "2026-11-01", to: "2026-11-02", only: "all", dryRun: true }),
    getRerating: (client) => client.usage.getRerating("job_1"),
    getRunUsage: (client) => client.usage.run("run_1"),
    listRuns: (client) => client.usage.runs(),
    dailyUsage: (client) => client.usage.daily(),
    usageByService: (client) => client.usage.byService(),
    usageByModel: (client) => client.usage.byModel(),
    usageByProvider: (client) => client.usage.byProvider(),
    usageByCategory: (client) => client.usage.byCategory(),
    usageByUser: (client) => client.usage.byUser(),
    usageBySession: (client) => client.usage.bySession(),
    usageByPersona: (client) => client.usage.byPersona(),
    usageByTool: (client) => client.usage.byTool(),
    usageByStepType: (client) => client.usage.byStepType(),
    usageSummary: (client) => client.usage.summary(),
    createRateCard: (client) => client.rates.create({ service: "s", effectiveFrom: "2026-11-01", metrics: {} }),
    listRateCards: (client) => client.rates.list(),
    resolveRateCard: (client) => client.rates.resolve({ service: "s" }),
    createProject: (client) => client.projects.create({ name: "p", ownerId: "ada" }),
    getProject: (client) => client.project.get(),
    changeProject: (client) => client.project.change({ name: "q" }),
    getProjectStanding: (client) => client.project.standing(),
    pauseProject: (client) => client.project.pause("a test"),
    resumeProject: (client) => client.project.resume(),
    listMembers: (client) => client.members.list(),
    getMember: (client) => client.members.get("ada"),
    putMember: (client) => client.members.set("ada", "admin"),
    removeMember: (client) => client.members.remove("ada"),
    describeSignIn: (client) => client.signIn.describe(),
    signIn: (client) => client.signIn.exchange("prj_1"),
    listAuditEntries: (client) => client.audit.list({ action: "key.create" }),
    createApiKey: (client) => client.apiKeys.create({ name: "ci", role: "ingest" }),
    listApiKeys: (client) => client.apiKeys.list(),
    revokeApiKey: (client) => client.apiKeys.revoke("key_1"),
    createWebhook: (client) => client.webhooks.create({ url: "https://example.com", events: ["*"] }),
    listWebhooks: (client) => client.webhooks.list(),
    getWebhook: (client) => client.webhooks.get("wh_1"),
    deleteWebhook: (client) => client.webhooks.delete("wh_1"),
    rotateWebhookSecret: (client) => client.webhooks.rotateSecret("wh_1"),
    listWebhookDeliveries: (client) => client.webhooks.deliveries("wh_1"),
    retryWebhookDelivery: (client) => client.webhooks.retryDelivery("wh_1", "del_1"),
    testWebhook: (client) => client.webhooks.test("wh_1"),
    createSession: (client) => client.sessions.create("ada"),
    listSessions: (client) => client.sessions.list({ userId: "ada" }),
    getSession: (client) => client.sessions.withId("ses_1").get(),
    getSessionUsage: (client) => client.sessions.withId("ses_1").usage(),
    getSessionLimits: (client) => client.sessions.withId("ses_1").limits(),
    updateSessionLimits: (client) => client.sessions.withId("ses_1").updateLimits({ maxAgents: null }),
    pauseSession: (client) => client.sessions.withId("ses_1").pause(),
    resumeSession: (client) => client.sessions.withId("ses_1").resume(),
    openHold: (client) => client.sessions.withId("ses_1").checkHold("0.25"),
    listHolds: (client) => client.sessions.withId("ses_1").holds(),
    extendHold: (client) => client.sessions.withId("ses_1").hold("1", (hold) => hold.extend(60), { holdId: "hold_1" }),
    releaseHold: (client) => client.sessions.withId("ses_1").hold("1", () => 0, { holdId: "hold_1" }),
    startAgent: (client) => client.sessions.withId("ses_1").agent("agent_1", () => 0),
    beatAgent: (client) => {
        const work = (): Promise<void> => new Promise((done) => setTimeout(done, 100));
        return client.sessions.withId("ses_1").agent("agent_1", work, { heartbeatSeconds: 0.01 });
    },
    endAgent: (client) => client.sessions.withId("ses_1").agent("agent_1", () => 0),
    listAgents: (client) => client.sessions.withId("ses_1").agents(),
    putBudget: (client) => client.budgets.set("project", { maxAgents: 1 }),
    getBudget: (client) => client.budgets.get("project"),
    deleteBudget: (client) => client.budgets.delete("project"),
    listBudgets: (client) => client.budgets.list(),
    createExport: (client) =>
        client.exports.create({ format: "csv", period: { start: "2026-11-01", end: "2026-11-02" } }),
    getExport: (client) => client.exports.get("exp_1"),
    listExports: (client) => client.exports.list(),
    putStripeCustomer: (client) => client.stripeCustomers.set("ada", "cus_1"),
    getStripeCustomer: (client) => client.stripeCustomers.get("ada"),
    deleteStripeCustomer: (client) => client.stripeCustomers.delete("ada"),
    getHealth: (client) => client.health(),
    getOpenApi: (client) => client.openApi(),
};

for (const [operation, call] of Object.entries(CALLS)) {
    test(`${operation} has a method that asks for its route`, async (t) => {
        const service = await standIn(t, () => HOLD);
        await call(service.client());
        const { method, path } = ROUTES[operation as OperationId];
        const wanted = `${method} ${path.replace(/\{(\w+)\}/g, (_, name: string) => IDS[name as keyof typeof IDS])}`;
        const asked = service.seen.map((one) => `${one.method} ${one.path.split("?")[0]}`);
        assert.ok(asked.includes(wanted), `${wanted} is not among ${asked.join(", ")}`);
        assert.equal(service.seen[0]!.headers.authorization, "Bearer mk_test");
    });
}
