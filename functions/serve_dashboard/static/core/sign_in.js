// Signing in with the service's identity provider: OpenID Connect's authorization code flow with PKCE (RFC 7636).
// The browser goes to the provider and comes back with a code, for which this page gets an ID token, and for that a key.

import * as api from "./api.js";
import * as key from "./key.js";

const BEGUN = "metering.sign-in"; // what this tab has begun, until it comes back
const PROJECT = "metering.project"; // the project that somebody signed in to last, which is no secret
const SCOPE = "openid email";
const RANDOM_BYTES = 32;

/** {issuer, clientId, name}, or null where people have keys alone. */
export async function providerOf(signal) {
  const { enabled, issuer, clientId } = await api.get("/v1/sign-in", {}, signal);
  return enabled ? { issuer, clientId, name: new URL(issuer).host } : null;
}

export const lastProject = () => localStorage.getItem(PROJECT) ?? "";

/** Leaves for the provider. */
export async function begin(provider, project) {
  if (!crypto.subtle) throw new Error("A browser can sign in over https alone.");
  const { authorization_endpoint: endpoint } = await discover(provider);
  const begun = { project, place: location.hash, state: random(), nonce: random(), verifier: random() };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(begun.verifier));
  sessionStorage.setItem(BEGUN, JSON.stringify(begun));
  const address = new URL(endpoint);
  const asked = {
    response_type: "code", client_id: provider.clientId, redirect_uri: ownAddress(), scope: SCOPE,
    state: begun.state, nonce: begun.nonce, code_challenge: base64url(new Uint8Array(digest)), code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  location.assign(address);
}

/** What the provider sent the browser back with, if it did: {said, begun}. The address is again what it was before. */
export function takeAnswer() {
  const said = new URLSearchParams(location.search);
  if (!said.has("code") && !said.has("error")) return null;
  const begun = JSON.parse(sessionStorage.getItem(BEGUN));
  sessionStorage.removeItem(BEGUN);
  history.replaceState(null, "", `${location.pathname}${begun?.place ?? location.hash}`);
  return { said, begun };
}

/** Keeps a key for what the provider has answered. Raises an error with a sentence where there is none. */
export async function finish({ said, begun }, provider) {
  if (begun === null || said.get("state") !== begun.state || (said.get("iss") ?? provider.issuer) !== provider.issuer) {
    throw new Error("This tab did not begin the sign-in that the identity provider answered. Sign in again.");
  }
  if (said.has("error")) throw new Error(refusal(said.get("error_description") ?? said.get("error")));
  const token = await redeem(said.get("code"), begun.verifier, provider);
  if (claimsOf(token).nonce !== begun.nonce) throw new Error("The identity provider's token is of another sign-in. Sign in again.");
  const made = await exchange(token, begun.project);
  localStorage.setItem(PROJECT, begun.project);
  key.keep(made.apiKey);
}

async function exchange(token, project) {
  try {
    return await api.call("POST", "/v1/sign-in", { as: token, body: { projectId: project } });
  } catch (problem) {
    // The gateway, which says no more.
    if (problem.status === 401) throw new Error("The service does not accept the identity provider's token, which may have expired. Sign in again.");
    if (problem.status === 403) throw new Error(`Not signed in: ${problem.message}.`);
    throw problem;
  }
}

/** The ID token for a code. */
async function redeem(code, verifier, provider) {
  const { token_endpoint: endpoint } = await discover(provider);
  const form = new URLSearchParams({
    grant_type: "authorization_code", code, redirect_uri: ownAddress(), client_id: provider.clientId, code_verifier: verifier,
  });
  const response = await ask(endpoint, provider, { method: "POST", body: form });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(refusal(answer.error_description ?? answer.error ?? `it answered ${response.status}`));
  return answer.id_token;
}

async function discover(provider) {
  const response = await ask(`${provider.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, provider);
  const document = response.ok ? await response.json() : {};
  if (document.issuer !== provider.issuer) throw new Error(`${provider.name} does not describe itself as this service's identity provider.`);
  return document;
}

async function ask(address, provider, request = {}) {
  try {
    return await fetch(address, { ...request, credentials: "omit", redirect: "error", cache: "no-store" });
  } catch {
    const { origin, host } = new URL(address);
    const foreign = origin !== new URL(provider.issuer).origin;
    throw new Error(`${host} cannot be reached from this page.${foreign ? ` The deployment's parameter OidcTokenOrigin has to be ${origin}.` : ""}`);
  }
}

const refusal = (reason) => `The identity provider refused: ${reason}`;

/** Where the provider sends the browser back to, which has to be registered there. */
const ownAddress = () => new URL(".", document.baseURI).href;

/** What a token says. The service verifies it; here it is only looked at. */
function claimsOf(token) {
  try {
    const [, body] = token.split(".");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(body.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0))));
  } catch {
    throw new Error("The identity provider gave no ID token.");
  }
}

const random = () => base64url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
