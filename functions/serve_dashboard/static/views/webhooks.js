// Webhook endpoints.

import { html, useState } from "../vendor/htm-preact.js";
import { all, post, unique } from "../core/api.js";
import { useData } from "../core/data.js";
import { link } from "../core/route.js";
import { Status } from "../parts/figures.js";
import { Dialog, Field } from "../parts/dialog.js";
import { Card, Page } from "../parts/page.js";
import { Empty, Loaded } from "../parts/states.js";
import { Table } from "../parts/table.js";

const EVENTS = [
  "session.limit_reached", "session.threshold_reached", "budget.limit_reached", "budget.threshold_reached", "session.paused",
  "session.resumed", "usage.day_closed", "export.ready", "export.failed",
];

export function Webhooks() {
  const [open, show] = useState(false);
  const [made, say] = useState(null);
  const webhooks = useData((signal) => all("/v1/webhooks", {}, signal), []);
  return html`
    <${Page} title="Webhooks" note="Where events are sent, signed as Standard Webhooks describes."
      actions=${html`<button type="button" class="button primary" onClick=${() => show(true)}>New webhook</button>`}>
      <${Card} title="Endpoints">
        <${Loaded} state=${webhooks}>${(found) => found.items.length === 0
          ? html`<${Empty} title="There is no webhook yet." />`
          : html`<${Endpoints} webhooks=${found.items} />`}<//>
      <//>
      ${open && html`<${NewWebhook} close=${() => show(false)} done=${(webhook) => { say(webhook); webhooks.reload(); }} />`}
      ${made && html`<${Secret} secret=${made.secret} close=${() => say(null)} />`}
    <//>`;
}

function Endpoints({ webhooks }) {
  const columns = [
    { name: "url", label: "URL", kind: "text", value: (row) => row.url, show: (row) => html`<a href=${link(["webhooks", row.webhookId])}>${row.url}</a>` },
    { name: "status", label: "Status", kind: "text", value: (row) => row.status, show: (row) => html`<${Status} value=${row.status} />` },
    { name: "events", label: "Events", kind: "text", wide: true, still: true, value: (row) => row.events.join(), show: (row) => (row.events.includes("*") ? "every event" : row.events.join(", ")) },
    { name: "created", label: "Made", kind: "time", wide: true, value: (row) => row.createdAt },
  ];
  return html`<${Table} name="webhooks" caption="Webhooks" columns=${columns} rows=${webhooks.map((one) => ({ ...one, id: one.webhookId }))} sort="url" />`;
}

function NewWebhook({ close, done }) {
  const [once] = useState(unique);
  const create = async (form) => {
    const events = form.getAll("event");
    done(await post("/v1/webhooks", { url: form.get("url").trim(), events: events.length > 0 ? events : ["*"] }, once));
  };
  return html`
    <${Dialog} title="New webhook" action="Create" close=${close} act=${create}>
      <${Field} label="URL" hint="https, to a public address"><input name="url" type="url" required maxlength="2000" placeholder="https://" /><//>
      <fieldset class="choices"><legend>Events (none chosen: every event)</legend>
        ${EVENTS.map((event) => html`<label><input type="checkbox" name="event" value=${event} /> <span>${event}</span></label>`)}
      </fieldset>
    <//>`;
}

/** A secret, which is shown once. */
export const Secret = ({ secret, close }) => html`
  <${Dialog} title="The webhook's secret" close=${close}>
    <p>${secret ? "Your receiver verifies signatures by it. It is shown once, here." : "It was shown before, and is not shown again."}</p>
    ${secret && html`<p class="secret"><code>${secret}</code><button type="button" class="button" onClick=${() => navigator.clipboard.writeText(secret)}>Copy</button></p>`}
  <//>`;
