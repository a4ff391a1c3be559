// Generated from the service's OpenAPI document by scripts/generate.mjs; `make sdk` writes it anew.

import type { operations } from "./openapi.js";

export interface Route {
  readonly method: string;
  readonly path: string;
  /** Whether it takes an `Idempotency-Key` header. */
  readonly idempotencyKey: boolean;
  /** Whether sending it again after a lost answer does no harm. */
  readonly repeatable: boolean;
}

export const ROUTES = {
  recordUsage: { method: "POST", path: "/v1/callbacks/usage.computeCostAndRecord", idempotencyKey: true, repeatable: true },
  recordUsageBatch: { method: "POST", path: "/v1/callbacks/usage.computeCostAndRecord/batch", idempotencyKey: false, repeatable: true },
  listRecords: { method: "GET", path: "/v1/usage/records", idempotencyKey: false, repeatable: true },
  getRecord: { method: "GET", path: "/v1/usage/records/{recordId}", idempotencyKey: false, repeatable: true },
  getRunUsage: { method: "GET", path: "/v1/runs/{runId}/usage", idempotencyKey: false, repeatable: true },
  createRateCard: { method: "POST", path: "/v1/rates", idempotencyKey: false, repeatable: true },
  listRateCards: { method: "GET", path: "/v1/rates", idempotencyKey: false, repeatable: true },
  resolveRateCard: { method: "GET", path: "/v1/rates/resolve", idempotencyKey: false, repeatable: true },
  createProject: { method: "POST", path: "/v1/projects", idempotencyKey: false, repeatable: false },
  getProject: { method: "GET", path: "/v1/project", idempotencyKey: false, repeatable: true },
  changeProject: { method: "PATCH", path: "/v1/project", idempotencyKey: false, repeatable: true },
  listMembers: { method: "GET", path: "/v1/project/members", idempotencyKey: false, repeatable: true },
  getMember: { method: "GET", path: "/v1/project/members/{userId}", idempotencyKey: false, repeatable: true },
  putMember: { method: "PUT", path: "/v1/project/members/{userId}", idempotencyKey: false, repeatable: true },
  removeMember: { method: "DELETE", path: "/v1/project/members/{userId}", idempotencyKey: false, repeatable: true },
  createApiKey: { method: "POST", path: "/v1/api-keys", idempotencyKey: false, repeatable: false },
  listApiKeys: { method: "GET", path: "/v1/api-keys", idempotencyKey: false, repeatable: true },
  revokeApiKey: { method: "DELETE", path: "/v1/api-keys/{keyId}", idempotencyKey: false, repeatable: true },
  describeSignIn: { method: "GET", path: "/v1/sign-in", idempotencyKey: false, repeatable: true },
  signIn: { method: "POST", path: "/v1/sign-in", idempotencyKey: false, repeatable: false },
  listAuditEntries: { method: "GET", path: "/v1/audit", idempotencyKey: false, repeatable: true },
  explainRecord: { method: "GET", path: "/v1/usage/records/{recordId}/explain", idempotencyKey: false, repeatable: true },
  voidRecord: { method: "POST", path: "/v1/usage/records/{recordId}/void", idempotencyKey: false, repeatable: true },
  startRerating: { method: "POST", path: "/v1/usage/rerate", idempotencyKey: true, repeatable: true },
  getRerating: { method: "GET", path: "/v1/usage/rerate/{jobId}", idempotencyKey: false, repeatable: true },
  createWebhook: { method: "POST", path: "/v1/webhooks", idempotencyKey: true, repeatable: true },
  listWebhooks: { method: "GET", path: "/v1/webhooks", idempotencyKey: false, repeatable: true },
  getWebhook: { method: "GET", path: "/v1/webhooks/{webhookId}", idempotencyKey: false, repeatable: true },
  deleteWebhook: { method: "DELETE", path: "/v1/webhooks/{webhookId}", idempotencyKey: false, repeatable: true },
  rotateWebhookSecret: { method: "POST", path: "/v1/webhooks/{webhookId}/rotate-secret", idempotencyKey: true, repeatable: true },
  listWebhookDeliveries: { method: "GET", path: "/v1/webhooks/{webhookId}/deliveries", idempotencyKey: false, repeatable: true },
  retryWebhookDelivery: { method: "POST", path: "/v1/webhooks/{webhookId}/deliveries/{deliveryId}/retry", idempotencyKey: false, repeatable: true },
  testWebhook: { method: "POST", path: "/v1/webhooks/{webhookId}/test", idempotencyKey: false, repeatable: true },
  createSession: { method: "POST", path: "/v1/sessions", idempotencyKey: true, repeatable: true },
  listSessions: { method: "GET", path: "/v1/sessions", idempotencyKey: false, repeatable: true },
  getSession: { method: "GET", path: "/v1/sessions/{sessionId}", idempotencyKey: false, repeatable: true },
  getSessionUsage: { method: "GET", path: "/v1/sessions/{sessionId}/usage", idempotencyKey: false, repeatable: true },
  getSessionLimits: { method: "GET", path: "/v1/sessions/{sessionId}/limits", idempotencyKey: false, repeatable: true },
  updateSessionLimits: { method: "PATCH", path: "/v1/sessions/{sessionId}/limits", idempotencyKey: false, repeatable: true },
  pauseSession: { method: "POST", path: "/v1/sessions/{sessionId}/pause", idempotencyKey: false, repeatable: true },
  resumeSession: { method: "POST", path: "/v1/sessions/{sessionId}/resume", idempotencyKey: false, repeatable: true },
  getProjectStanding: { method: "GET", path: "/v1/project/standing", idempotencyKey: false, repeatable: true },
  pauseProject: { method: "POST", path: "/v1/project/pause", idempotencyKey: false, repeatable: true },
  resumeProject: { method: "POST", path: "/v1/project/resume", idempotencyKey: false, repeatable: true },
  openHold: { method: "POST", path: "/v1/sessions/{sessionId}/holds", idempotencyKey: true, repeatable: true },
  listHolds: { method: "GET", path: "/v1/sessions/{sessionId}/holds", idempotencyKey: false, repeatable: true },
  extendHold: { method: "PUT", path: "/v1/sessions/{sessionId}/holds/{holdId}", idempotencyKey: false, repeatable: true },
  releaseHold: { method: "DELETE", path: "/v1/sessions/{sessionId}/holds/{holdId}", idempotencyKey: false, repeatable: true },
  startAgent: { method: "POST", path: "/v1/sessions/{sessionId}/agents", idempotencyKey: false, repeatable: true },
  listAgents: { method: "GET", path: "/v1/sessions/{sessionId}/agents", idempotencyKey: false, repeatable: true },
  beatAgent: { method: "PUT", path: "/v1/sessions/{sessionId}/agents/{agentId}", idempotencyKey: false, repeatable: true },
  endAgent: { method: "DELETE", path: "/v1/sessions/{sessionId}/agents/{agentId}", idempotencyKey: false, repeatable: true },
  putBudget: { method: "PUT", path: "/v1/budgets/{scope}", idempotencyKey: false, repeatable: true },
  getBudget: { method: "GET", path: "/v1/budgets/{scope}", idempotencyKey: false, repeatable: true },
  deleteBudget: { method: "DELETE", path: "/v1/budgets/{scope}", idempotencyKey: false, repeatable: true },
  listBudgets: { method: "GET", path: "/v1/budgets", idempotencyKey: false, repeatable: true },
  dailyUsage: { method: "GET", path: "/v1/usage/daily", idempotencyKey: false, repeatable: true },
  usageByService: { method: "GET", path: "/v1/usage/by-service", idempotencyKey: false, repeatable: true },
  usageByModel: { method: "GET", path: "/v1/usage/by-model", idempotencyKey: false, repeatable: true },
  usageByProvider: { method: "GET", path: "/v1/usage/by-provider", idempotencyKey: false, repeatable: true },
  usageByCategory: { method: "GET", path: "/v1/usage/by-category", idempotencyKey: false, repeatable: true },
  usageByUser: { method: "GET", path: "/v1/usage/by-user", idempotencyKey: false, repeatable: true },
  usageBySession: { method: "GET", path: "/v1/usage/by-session", idempotencyKey: false, repeatable: true },
  usageByPersona: { method: "GET", path: "/v1/usage/by-persona", idempotencyKey: false, repeatable: true },
  usageByTool: { method: "GET", path: "/v1/usage/by-tool", idempotencyKey: false, repeatable: true },
  usageByStepType: { method: "GET", path: "/v1/usage/by-step-type", idempotencyKey: false, repeatable: true },
  usageSummary: { method: "GET", path: "/v1/usage/summary", idempotencyKey: false, repeatable: true },
  listRuns: { method: "GET", path: "/v1/runs", idempotencyKey: false, repeatable: true },
  createExport: { method: "POST", path: "/v1/exports", idempotencyKey: true, repeatable: true },
  listExports: { method: "GET", path: "/v1/exports", idempotencyKey: false, repeatable: true },
  getExport: { method: "GET", path: "/v1/exports/{exportId}", idempotencyKey: false, repeatable: true },
  putStripeCustomer: { method: "PUT", path: "/v1/stripe-customers/{userId}", idempotencyKey: false, repeatable: true },
  getStripeCustomer: { method: "GET", path: "/v1/stripe-customers/{userId}", idempotencyKey: false, repeatable: true },
  deleteStripeCustomer: { method: "DELETE", path: "/v1/stripe-customers/{userId}", idempotencyKey: false, repeatable: true },
  getHealth: { method: "GET", path: "/healthz", idempotencyKey: false, repeatable: true },
  getOpenApi: { method: "GET", path: "/openapi.json", idempotencyKey: false, repeatable: true },
} as const satisfies Record<keyof operations, Route>;

/** The codes of problems that the service answers with. */
export type ProblemCode =
  | "already_exists"
  | "forbidden"
  | "hold_closed"
  | "idempotency_conflict"
  | "invalid_request"
  | "last_owner"
  | "limit_reached"
  | "malformed_request"
  | "not_found"
  | "not_voidable"
  | "session_paused"
  | "still_over_limit"
  | "throttled"
  | "too_large"
  | "unauthenticated"
  | "unavailable"
  | "unrated";
