/** The operations that need no more than their names. */
import type { Answer, Body, Query } from "./schema.js";
import type { CallOptions, Transport } from "./transport.js";

/** What the resources have in common: their way to the service. */
class Resource {
    protected readonly transport: Transport;

    constructor(transport: Transport) {
        this.transport = transport;
    }
}

/** Limits of a user (`user:<id>`), a run (`run:<id>`) or the `project`. */
export class Budgets extends Resource {
    set(scope: string, limits: Body<"putBudget">["limits"], options?: CallOptions): Promise<Answer<"putBudget">> {
        return this.transport.call("putBudget", { path: { scope }, body: { limits } }, options);
    }

    get(scope: string, options?: CallOptions): Promise<Answer<"getBudget">> {
        return this.transport.call("getBudget", { path: { scope } }, options);
    }

    list(query: Query<"listBudgets"> = {}, options?: CallOptions): Promise<Answer<"listBudgets">> {
        return this.transport.call("listBudgets", { query }, options);
    }

    delete(scope: string, options?: CallOptions): Promise<void> {
        return this.transport.call("deleteBudget", { path: { scope } }, options);
    }
}

/** Dated rate cards, which are never edited. */
export class Rates extends Resource {
    create(card: Body<"createRateCard">, options?: CallOptions): Promise<Answer<"createRateCard">> {
        return this.transport.call("createRateCard", { body: card }, options);
    }

    list(query: Query<"listRateCards"> = {}, options?: CallOptions): Promise<Answer<"listRateCards">> {
        return this.transport.call("listRateCards", { query }, options);
    }

    /** Which card prices an event, and why. */
    resolve(query: Query<"resolveRateCard">, options?: CallOptions): Promise<Answer<"resolveRateCard">> {
        return this.transport.call("resolveRateCard", { query }, options);
    }
}

/** Where events are sent to. `verifyWebhook` tells a receiver whether one is genuine. */
export class Webhooks extends Resource {
    /** The answer has the secret, and is the only one that does. */
    create(webhook: Body<"createWebhook">, options?: CallOptions): Promise<Answer<"createWebhook">> {
        return this.transport.call("createWebhook", { body: webhook }, options);
    }

    get(webhookId: string, options?: CallOptions): Promise<Answer<"getWebhook">> {
        return this.transport.call("getWebhook", { path: { webhookId } }, options);
    }

    list(query: Query<"listWebhooks"> = {}, options?: CallOptions): Promise<Answer<"listWebhooks">> {
        return this.transport.call("listWebhooks", { query }, options);
    }

    delete(webhookId: string, options?: CallOptions): Promise<void> {
        return this.transport.call("deleteWebhook", { path: { webhookId } }, options);
    }

    /** A new secret; the old one signs beside it for another 24 hours. */
    rotateSecret(webhookId: string, options?: CallOptions): Promise<Answer<"rotateWebhookSecret">> {
        return this.transport.call("rotateWebhookSecret", { path: { webhookId } }, options);
    }

    deliveries(
        webhookId: string,
        query: Query<"listWebhookDeliveries"> = {},
        options?: CallOptions,
    ): Promise<Answer<"listWebhookDeliveries">> {
        return this.transport.call("listWebhookDeliveries", { path: { webhookId }, query }, options);
    }

    retryDelivery(
        webhookId: string,
        deliveryId: string,
        options?: CallOptions,
    ): Promise<Answer<"retryWebhookDelivery">> {
        return this.transport.call("retryWebhookDelivery", { path: { webhookId, deliveryId } }, options);
    }

    /** Send it a `webhook.test`. */
    test(webhookId: string, options?: CallOptions): Promise<Answer<"testWebhook">> {
        return this.transport.call("testWebhook", { path: { webhookId } }, options);
    }
}

/** Which Stripe customer a user's usage is billed to. */
export class StripeCustomers extends Resource {
    set(userId: string, customerId: string, options?: CallOptions): Promise<Answer<"putStripeCustomer">> {
        return this.transport.call("putStripeCustomer", { path: { userId }, body: { customerId } }, options);
    }

    get(userId: string, options?: CallOptions): Promise<Answer<"getStripeCustomer">> {
        return this.transport.call("getStripeCustomer", { path: { userId } }, options);
    }

    delete(userId: string, options?: CallOptions): Promise<void> {
        return this.transport.call("deleteStripeCustomer", { path: { userId } }, options);
    }
}

/** The key's project. */
export class Project extends Resource {
    get(options?: CallOptions): Promise<Answer<"getProject">> {
        return this.transport.call("getProject", {}, options);
    }

    change(changes: Body<"changeProject">, options?: CallOptions): Promise<Answer<"changeProject">> {
        return this.transport.call("changeProject", { body: changes }, options);
    }

    standing(options?: CallOptions): Promise<Answer<"getProjectStanding">> {
        return this.transport.call("getProjectStanding", {}, options);
    }

    /** The emergency stop: no hold and no agent is granted in any session. */
    pause(reason?: string, options?: CallOptions): Promise<Answer<"pauseProject">> {
        return this.transport.call("pauseProject", { body: reason === undefined ? {} : { reason } }, options);
    }

    resume(options?: CallOptions): Promise<Answer<"resumeProject">> {
        return this.transport.call("resumeProject", {}, options);
    }
}

export class Members extends Resource {
    list(query: Query<"listMembers"> = {}, options?: CallOptions): Promise<Answer<"listMembers">> {
        return this.transport.call("listMembers", { query }, options);
    }

    get(userId: string, options?: CallOptions): Promise<Answer<"getMember">> {
        return this.transport.call("getMember", { path: { userId } }, options);
    }

    set(userId: string, role: Body<"putMember">["role"], options?: CallOptions): Promise<Answer<"putMember">> {
        return this.transport.call("putMember", { path: { userId }, body: { role } }, options);
    }

    remove(userId: string, options?: CallOptions): Promise<void> {
        return this.transport.call("removeMember", { path: { userId } }, options);
    }
}

export class ApiKeys extends Resource {
    /** The answer has the key, and is the only one that does. */
    create(key: Body<"createApiKey">, options?: CallOptions): Promise<Answer<"createApiKey">> {
        return this.transport.call("createApiKey", { body: key }, options);
    }

    list(query: Query<"listApiKeys"> = {}, options?: CallOptions): Promise<Answer<"listApiKeys">> {
        return this.transport.call("listApiKeys", { query }, options);
    }

    /** It is refused everywhere within a minute. */
    revoke(keyId: string, options?: CallOptions): Promise<void> {
        return this.transport.call("revokeApiKey", { path: { keyId } }, options);
    }
}

/** Signing in with the token of an identity provider, which then takes the place of the client's key. */
export class SignIn extends Resource {
    /** Whether the service takes such tokens, and whose. */
    describe(options?: CallOptions): Promise<Answer<"describeSignIn">> {
        return this.transport.call("describeSignIn", {}, options);
    }

    /** A key of the token's person in a project. */
    exchange(projectId: string, options?: CallOptions): Promise<Answer<"signIn">> {
        return this.transport.call("signIn", { body: { projectId } }, options);
    }
}

/** Who changed what. */
export class Audit extends Resource {
    list(query: Query<"listAuditEntries"> = {}, options?: CallOptions): Promise<Answer<"listAuditEntries">> {
        return this.transport.call("listAuditEntries", { query }, options);
    }
}

/** For the platform's admin key. */
export class Projects extends Resource {
    /** The answer has the owner's key, and is the only one that does. */
    create(project: Body<"createProject">, options?: CallOptions): Promise<Answer<"createProject">> {
        return this.transport.call("createProject", { body: project }, options);
    }
}
