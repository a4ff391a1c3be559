// One session, live: limits, holds, agents; pause, resume and other limits for those who may.

import { html, useState } from "../vendor/htm-preact.js";
import { useAccess } from "../core/access.js";
import { all, call, get, id as escaped, post } from "../core/api.js";
import { useData } from "../core/data.js";
import { link } from "../core/route.js";
import { grouped } from "../core/text.js";
import { Count, Fraction, Money, Status, Time } from "../parts/figures.js";
import { Dialog, Field } from "../parts/dialog.js";
import { LimitFields, Standings, breachedText, limitsOf } from "../parts/limits.js";
import { Card, Page, Tiles } from "../parts/page.js";
import { Empty, Failed, Loaded, useAttempt } from "../parts/states.js";
import { Table } from "../parts/table.js";

const LIVE_SECONDS = 3;

export function Session({ id }) {
  const path = `/v1/sessions/${escaped(id)}`;
  const state = useData(async (signal) => {
    const ask = (part) => get(`${path}${part}`, {}, signal);
    const [session, usage, limits, holds, agents] = await Promise.all([
      ask(""), ask("/usage"), ask("/limits"), all(`${path}/holds`, {}, signal), all(`${path}/agents`, {}, signal),
    ]);
    return { session, usage, limits, holds, agents };
  }, [id], { every: LIVE_SECONDS });
  return html`
    <${Page} title=${id} trail=${[["Sessions", link(["sessions"])]]}
      note=${state.data && html`Of ${state.data.session.userId}, begun <${Time} at=${state.data.session.createdAt} />. Live: looked at again every ${LIVE_SECONDS} seconds.`}
      actions=${state.data && html`<${Actions} path=${path} data=${state.data} reload=${state.reload} />`}>
      <${Loaded} state=${state} lines=${8}>${({ session, usage, limits, holds, agents }) => html`
        ${session.status === "paused" && html`<p class="banner" role="status">${pausedText(session)}</p>`}
        <${Tiles} tiles=${[
          ["Status", html`<${Status} value=${session.status} />`],
          ["Cost", html`<${Money} exact=${usage.costUsd} />`, html`<a href=${link(["records"], { range: "30d", sessionId: id })}>Records</a>`],
          ["Model calls", html`<${Count} value=${usage.modelCalls} />`, `${grouped(usage.inputTokens)} tokens in, ${grouped(usage.outputTokens)} out`],
          ["Compute minutes", html`<${Fraction} value=${usage.computeMinutes} />`],
          ["Unrated", html`<${Count} value=${usage.unrated} />`, `of ${grouped(usage.records)} records`],
        ]} />
        <div class="columns">
          <${Card} title="Limits" aside=${html`<span class="faint">told of at ${limits.thresholds.join(", ") || "no"} %</span>`}><${Standings} limits=${limits} /><//>
          <div>
            <${Card} title=${`Agents (${agents.items.length})`}><${Agents} agents=${agents.items} /><//>
            <${Card} title=${`Holds (${holds.items.length})`}><${Holds} holds=${holds.items} /><//>
          </div>
        </div>`}<//>
    <//>`;
}

function pausedText(session) {
  if (session.breached.length > 0) return `Paused by its limits: ${breachedText(session.breached)}.`;
  return `Paused: ${session.reason ?? "by hand"}.`;
}

function Actions({ path, data, reload }) {
  const access = useAccess();
  const [open, show] = useState("");
  const [error, attempt] = useAttempt();
  if (!access.mayLimit) return null;
  const close = () => show("");
  const done = (act) => async (form) => {
    await act(form);
    reload();
  };
  const resume = () => attempt(done(() => post(`${path}/resume`)));
  return html`
    ${error && html`<${Failed} error=${error} />`}
    <button type="button" class="button" onClick=${() => show("limits")}>Change limits</button>
    ${data.session.status === "paused"
      ? html`<button type="button" class="button primary" onClick=${resume}>Resume</button>`
      : html`<button type="button" class="button danger" onClick=${() => show("pause")}>Pause</button>`}
    ${open === "pause" && html`<${Dialog} title="Pause this session?" action="Pause" danger close=${close}
      act=${done((form) => post(`${path}/pause`, { reason: form.get("reason").trim() || null }))}>
      <p>No hold and no further agent is granted; running agents learn it with their next heartbeat. Usage is still recorded.</p>
      <${Field} label="Reason"><input name="reason" maxlength="200" /><//>
    <//>`}
    ${open === "limits" && html`<${Dialog} title="Change limits" action="Save" close=${close}
      act=${done((form) => call("PATCH", `${path}/limits`, { body: limitsOf(form) }))}>
      <p class="note">They hold from the next request on. An empty field is no limit.</p>
      <${LimitFields} limits=${data.limits} />
    <//>`}`;
}

function Agents({ agents }) {
  if (agents.length === 0) return html`<${Empty} title="No agent runs." />`;
  const columns = [
    { name: "agent", label: "Agent", kind: "text", value: (row) => row.agentId },
    { name: "status", label: "Status", kind: "text", value: (row) => row.status, show: (row) => html`<${Status} value=${row.status} />` },
    { name: "started", label: "Started", kind: "time", wide: true, value: (row) => row.startedAt, show: (row) => html`<${Time} at=${row.startedAt} relative />` },
    { name: "expires", label: "Lease ends", kind: "time", value: (row) => row.expiresAt, show: (row) => html`<${Time} at=${row.expiresAt} relative />` },
  ];
  return html`<${Table} name="agents" caption="Agents" columns=${columns} rows=${agents.map((agent) => ({ ...agent, id: agent.agentId }))} />`;
}

function Holds({ holds }) {
  if (holds.length === 0) return html`<${Empty} title="Nothing is held." />`;
  const columns = [
    { name: "hold", label: "Hold", kind: "text", value: (row) => row.holdId },
    { name: "held", label: "Held", kind: "usd", value: (row) => row.heldUsd },
    { name: "created", label: "Taken", kind: "time", wide: true, value: (row) => row.createdAt, show: (row) => html`<${Time} at=${row.createdAt} relative />` },
    { name: "expires", label: "Runs out", kind: "time", value: (row) => row.expiresAt, show: (row) => html`<${Time} at=${row.expiresAt} relative />` },
  ];
  return html`<${Table} name="holds" caption="Holds" columns=${columns} rows=${holds.map((hold) => ({ ...hold, id: hold.holdId }))} />`;
}
