// The API, as this page asks it.

import * as key from "./key.js";

const TRIES = 3;

/** What the service refused, or that it could not be asked (status 0). */
export class Problem extends Error {
  constructor(status, document = {}) {
    super(document.detail ?? document.message ?? `the service answered ${status}`);
    this.status = status;
    this.code = document.code ?? "";
    this.faults = document.errors ?? [];
    this.document = document;
  }
}

export async function call(method, path, { query, body, signal, once, as } = {}) {
  const url = new URL(path.replace(/^\//, ""), document.baseURI);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
  }
  const bearer = as ?? key.read();
  const headers = bearer === null ? {} : { Authorization: `Bearer ${bearer}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (once) headers["Idempotency-Key"] = once;
  const request = { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal, cache: "no-store" };
  return answerOf(await send(url, request, method === "GET" || once), as);
}

/** Tries again what may be repeated and is only throttled. */
async function send(url, request, repeatable) {
  for (let tried = 1; ; tried += 1) {
    const response = await reach(url, request);
    if (!repeatable || tried === TRIES || ![429, 503].includes(response.status)) return response;
    const seconds = Number(response.headers.get("Retry-After")) || 1;
    await new Promise((resume) => setTimeout(resume, seconds * 1000 * (0.5 + Math.random())));
  }
}

async function reach(url, request) {
  try {
    return await fetch(url, request);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { detail: "The service cannot be reached." });
  }
}

async function answerOf(response, as) {
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : null;
  const problem = new Problem(response.status, documentOf(text));
  if (response.status === 401 && as === undefined) key.forget("The key is no longer valid. Sign in again.");
  throw problem;
}

function documentOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

export const get = (path, query, signal) => call("GET", path, { query, signal });
export const post = (path, body, once) => call("POST", path, { body, once });

/** The items of a list, page after page, at most `most` pages; `more` says whether there are others. */
export async function all(path, query, signal, most = 10) {
  const items = [];
  let cursor = null;
  let first = null;
  for (let page = 0; page < most; page += 1) {
    const answer = await get(path, { limit: 1000, ...query, cursor }, signal);
    first ??= answer;
    items.push(...answer.items);
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  return { ...first, items, more: cursor !== null };
}

export const id = (text) => encodeURIComponent(text);
export const unique = () => crypto.randomUUID();
