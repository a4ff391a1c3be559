// The sessions of the project or of one user, live; and the emergency stop.

import { html, useState } from "../vendor/htm-preact.js";
import { useAccess } from "../core/access.js";
import { get, post } from "../core/api.js";
import { useData } from "../core/data.js";
import { go, link, set, useRoute } from "../core/route.js";
import { Count, Status } from "../parts/figures.js";
import { Dialog, Field } from "../parts/dialog.js";
import { Fullest, breachedText } from "../parts/limits.js";
import { Card, Page } from "../parts/page.js";
import { Empty, Failed, Loaded, useAttempt } from "../parts/states.js";
import { Table } from "../parts/table.js";

const LIVE_SECONDS = 5;
const AT_ONCE = 50;

export function Sessions() {
  const user = useRoute().params.get("user");
  const [pages, widen] = useState(1);
  const sessions = useData((signal) => listed(user, pages, signal), [user, pages], { every: LIVE_SECONDS });
  const standing = useData((signal) => get("/v1/project/standing", {}, signal), [], { every: LIVE_SECONDS });
  const find = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const session = form.get("session").trim();
    if (session) go(link(["sessions", session]));
    else set({ user: form.get("user").trim() });
  };
  return html`
    <${Page} title="Sessions" note="Live: looked at again every ${LIVE_SECONDS} seconds." actions=${html`<${Stop} standing=${standing} />`}>
      ${standing.data?.status === "paused" && html`<p class="banner" role="status">The emergency stop is on: no hold and no agent is granted, and agents learn it with their next heartbeat.</p>`}
      <${Card} title="Sessions" aside=${null}>
        <form class="filters" role="search" onSubmit=${find}>
          <label class="inline"><span>User</span><input name="user" defaultValue=${user ?? ""} key=${user} /></label>
          <label class="inline"><span>Session</span><input name="session" /></label>
          <button class="button">Find</button>
          ${user && html`<button type="button" class="button quiet" onClick=${() => set({ user: null })}>Clear</button>`}
        </form>
        <${Loaded} state=${sessions} lines=${8}>${(found) => found.items.length === 0
          ? html`<${Empty} title=${user ? "This user has no session." : "There is no session yet."}>A session holds a user's agents to limits.<//>`
          : html`<${SessionTable} sessions=${found.items} more=${found.nextCursor !== null && (() => widen(pages + 1))} />`}<//>
      <//>
    <//>`;
}

async function listed(user, pages, signal) {
  const items = [];
  let nextCursor = null;
  for (let page = 0; page < pages; page += 1) {
    const answer = await get("/v1/sessions", { userId: user, standing: "true", limit: AT_ONCE, cursor: nextCursor }, signal);
    items.push(...answer.items);
    nextCursor = answer.nextCursor;
    if (nextCursor === null) break;
  }
  return { items, nextCursor };
}

function SessionTable({ sessions, more }) {
  const columns = [
    { name: "session", label: "Session", kind: "text", value: (row) => row.sessionId, show: (row) => html`<div><a href=${link(["sessions", row.sessionId])}>${row.sessionId}</a></div><div class="narrow"><${Fullest} limits=${row.standing} /></div>` },
    { name: "user", label: "User", kind: "text", wide: true, value: (row) => row.userId },
    { name: "status", label: "Status", kind: "text", value: (row) => row.status, show: (row) => html`<${Status} value=${row.status} />${row.breached.length > 0 && html` <span class="faint">${breachedText(row.breached)}</span>`}` },
    { name: "limit", label: "Fullest limit", kind: "text", wide: true, still: true, value: () => "", show: (row) => html`<${Fullest} limits=${row.standing} />` },
    { name: "agents", label: "Agents", kind: "count", wide: true, value: (row) => row.usage.activeAgents, show: (row) => html`<${Count} value=${row.usage.activeAgents} />` },
    { name: "cost", label: "Cost", kind: "usd", value: (row) => row.usage.costUsd },
    { name: "created", label: "Begun", kind: "time", wide: true, value: (row) => row.createdAt },
  ];
  return html`<${Table} name="sessions" caption="Sessions" columns=${columns} rows=${sessions.map((session) => ({ ...session, id: session.sessionId }))} more=${more} />`;
}

function Stop({ standing }) {
  const access = useAccess();
  const [asks, ask] = useState(false);
  const [error, attempt] = useAttempt();
  if (!access.mayAdminister || !standing.data) return null;
  const resume = () => attempt(async () => {
    await post("/v1/project/resume");
    standing.reload();
  });
  if (standing.data.status === "paused") return html`
    ${error && html`<${Failed} error=${error} />`}
    <button type="button" class="button primary" onClick=${resume}>End the emergency stop</button>`;
  return html`
    <button type="button" class="button danger" onClick=${() => ask(true)}>Stop everything</button>
    ${asks && html`<${Dialog} title="Stop every session?" action="Stop everything" danger close=${() => ask(false)}
      act=${async (form) => { await post("/v1/project/pause", { reason: form.get("reason").trim() || null }); standing.reload(); }}>
      <p>No hold and no agent is granted in any session of the project, until somebody ends the stop. Usage is still recorded.</p>
      <${Field} label="Reason"><input name="reason" maxlength="200" /><//>
    <//>`}`;
}
