// One webhook: what was sent to it, attempt by attempt; test, new secret, removal.

import { html, useState } from "../vendor/htm-preact.js";
import { call, get, id as escaped, post, unique } from "../core/api.js";
import { useData } from "../core/data.js";
import { changed, go, link, useRoute } from "../core/route.js";
import { duration } from "../core/text.js";
import { Status, Time } from "../parts/figures.js";
import { Dialog } from "../parts/dialog.js";
import { Card, Page, Tiles } from "../parts/page.js";
import { Empty, Failed, Loaded, useAttempt } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { Secret } from "./webhooks.js";

const LIVE_SECONDS = 3;
const AT_ONCE = 100;

export function Webhook({ id }) {
  const path = `/v1/webhooks/${escaped(id)}`;
  const webhook = useData((signal) => get(path, {}, signal), [id]);
  const deliveries = useData((signal) => get(`${path}/deliveries`, { limit: AT_ONCE }, signal), [id], { every: LIVE_SECONDS });
  return html`
    <${Page} title=${webhook.data?.url ?? id} trail=${[["Webhooks", link(["webhooks"])]]}
      actions=${webhook.data && html`<${Actions} path=${path} reload=${deliveries.reload} />`}>
      <${Loaded} state=${webhook}>${(data) => html`
        <${Tiles} tiles=${[
          ["Status", html`<${Status} value=${data.status} />`, data.status === "disabled" && "it answered 410; remove it and make it again"],
          ["Events", data.events.includes("*") ? "every event" : data.events.length, !data.events.includes("*") && data.events.join(", ")],
          ["Made", html`<${Time} at=${data.createdAt} />`],
        ]} />`}<//>
      <${Card} title="Deliveries" aside=${html`<span class="faint">live</span>`}>
        <${Loaded} state=${deliveries}>${(found) => found.items.length === 0
          ? html`<${Empty} title="Nothing was sent yet.">Send a test event.<//>`
          : html`<${Deliveries} deliveries=${found.items} path=${path} reload=${deliveries.reload} />${found.nextCursor !== null && html`<p class="note">These are the newest ${found.items.length}.</p>`}`}<//>
      <//>
    <//>`;
}

function Actions({ path, reload }) {
  const [open, show] = useState("");
  const [secret, say] = useState(null);
  const [error, attempt] = useAttempt();
  const test = () => attempt(async () => {
    await post(`${path}/test`);
    reload();
  });
  const close = () => show("");
  return html`
    ${error && html`<${Failed} error=${error} />`}
    <button type="button" class="button" onClick=${test}>Send a test</button>
    <button type="button" class="button" onClick=${() => show("rotate")}>New secret</button>
    <button type="button" class="button danger" onClick=${() => show("remove")}>Remove</button>
    ${open === "rotate" && html`<${Dialog} title="Give it a new secret?" action="New secret" close=${close}
      act=${async () => say((await post(`${path}/rotate-secret`, undefined, unique())).secret)}>
      <p>For 24 hours both secrets sign, so that your receiver can change over.</p><//>`}
    ${open === "remove" && html`<${Dialog} title="Remove this webhook?" action="Remove" danger close=${close}
      act=${async () => { await call("DELETE", path); go(link(["webhooks"])); }}>
      <p>What is still to be delivered to it is not.</p><//>`}
    ${secret && html`<${Secret} secret=${secret} close=${() => say(null)} />`}`;
}

function Deliveries({ deliveries, path, reload }) {
  const chosen = useRoute().params.get("delivery");
  const [error, attempt] = useAttempt();
  const retry = (delivery) => attempt(async () => {
    await post(`${path}/deliveries/${escaped(delivery)}/retry`);
    reload();
  });
  const open = deliveries.find((one) => one.deliveryId === chosen);
  const columns = [
    { name: "type", label: "Event", kind: "text", value: (row) => row.type, show: (row) => html`<div><a href=${changed({ delivery: row.id === chosen ? null : row.id })} aria-expanded=${row.id === chosen}>${row.type}</a></div><div class="narrow"><${Time} at=${row.createdAt} /></div>` },
    { name: "status", label: "Status", kind: "text", value: (row) => row.status, show: (row) => html`<${Status} value=${row.status} />` },
    { name: "attempts", label: "Attempts", kind: "count", wide: true, value: (row) => row.attempts.length },
    { name: "created", label: "Made", kind: "time", wide: true, value: (row) => row.createdAt },
    { name: "next", label: "Next attempt", kind: "time", wide: true, value: (row) => row.nextAttemptAt, show: (row) => html`<${Time} at=${row.nextAttemptAt} relative />` },
    { name: "act", label: "Actions", kind: "text", still: true, unseen: true, value: () => "", show: (row) => html`<button type="button" class="button" onClick=${() => retry(row.deliveryId)}>Retry<span class="unseen"> ${row.type}</span></button>` },
  ];
  return html`
    ${error && html`<${Failed} error=${error} />`}
    <${Table} name="deliveries" caption="Deliveries" columns=${columns} rows=${deliveries.map((one) => ({ ...one, id: one.deliveryId }))} sort="-created"
      detail=${open && { id: chosen, content: html`<${Attempts} delivery=${open} />` }} />`;
}

function Attempts({ delivery }) {
  const columns = [
    { name: "at", label: "Time", kind: "time", value: (row) => row.at },
    { name: "came", label: "Answer", kind: "text", still: true, value: () => "", show: (row) => row.statusCode ?? row.error },
    { name: "took", label: "Took", kind: "count", wide: true, still: true, value: (row) => row.durationMs, show: (row) => duration(row.durationMs) },
    { name: "text", label: "What it said", kind: "text", wide: true, still: true, value: () => "", show: (row) => html`<code class="said">${row.answer}</code>` },
  ];
  return html`
    <div><h3>Attempts of <code>${delivery.eventId}</code></h3>
      ${delivery.attempts.length === 0
        ? html`<${Empty} title="No attempt yet." />`
        : html`<${Table} name="attempts" caption="Attempts" columns=${columns} rows=${delivery.attempts.map((attempt, place) => ({ ...attempt, id: place }))} />`}
    </div>`;
}
