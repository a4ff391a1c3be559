// One record: who and what it belongs to, and line by line why it costs what it costs.

import { html } from "../vendor/htm-preact.js";
import { get, id as escaped } from "../core/api.js";
import { useData } from "../core/data.js";
import { link } from "../core/route.js";
import { grouped } from "../core/text.js";
import { Money, Time, Usd } from "../parts/figures.js";
import { Card, Page, Tiles } from "../parts/page.js";
import { Loaded } from "../parts/states.js";
import { Table } from "../parts/table.js";

export function Record({ id }) {
  const state = useData(async (signal) => {
    const path = `/v1/usage/records/${escaped(id)}`;
    const [record, explained] = await Promise.all([get(path, {}, signal), get(`${path}/explain`, {}, signal)]);
    return { record, explained };
  }, [id]);
  return html`
    <${Page} title=${id} trail=${trailOf(state.data?.record)}>
      <${Loaded} state=${state} lines=${8}>${({ record, explained }) => html`
        <${Tiles} tiles=${[
          ["Stands at", html`<${Money} exact=${explained.costUsd} />`, explained.costUsd !== record.costUsd && html`recorded at <${Money} exact=${record.costUsd} />`],
          ["Occurred", html`<${Time} at=${record.occurredAt} />`],
          ["Service", record.service],
          record.modelId && ["Model", record.modelId],
        ]} />
        <${Card} title="Why it costs this"><${Lines} name="lines" lines=${explained.lines} /><//>
        ${explained.corrections.map((correction) => html`<${Correction} correction=${correction} />`)}
        <${Card} title="The record"><${Facts} record=${record} /><//>
      `}<//>
    <//>`;
}

const trailOf = (record) =>
  record?.runId
    ? [["Runs", link(["runs"])], [record.runId, link(["runs", record.runId], { step: `${record.stepIndex ?? "-"}/${record.stepType ?? "-"}` })]]
    : [["Records", link(["records"])]];

function Lines({ name, lines }) {
  const columns = [
    { name: "metric", label: "Metric", kind: "text", value: (row) => row.metric, show: (row) => html`${row.metric}<code class="narrow">${row.arithmetic ?? "no rate"}</code><code class="narrow">${row.rateId}</code>` },
    { name: "quantity", label: "Quantity", kind: "count", value: (row) => row.quantity },
    { name: "price", label: "Price", kind: "text", wide: true, still: true, value: (row) => row.priceUsd, show: priceOf },
    { name: "how", label: "Arithmetic", kind: "text", wide: true, still: true, value: (row) => row.arithmetic, show: (row) => (row.arithmetic ? html`<code>${row.arithmetic}</code>` : "no rate for this metric") },
    { name: "card", label: "Rate card", kind: "text", wide: true, still: true, value: (row) => row.rateId, show: (row) => row.rateId && html`<code class="card-id">${row.rateId}</code>` },
    { name: "cost", label: "Cost", kind: "usd", value: (row) => row.costUsd },
  ];
  return html`<${Table} name=${name} caption="Lines" columns=${columns} rows=${lines.map((line) => ({ ...line, id: line.metric }))} />`;
}

function priceOf(line) {
  if (line.priceUsd === null) return "–";
  const tier = line.tierAboveInputTokens === undefined || line.tierAboveInputTokens === null ? "" : ` above ${grouped(line.tierAboveInputTokens)} input tokens`;
  return `$${line.priceUsd}${line.per === "1" ? "" : ` per ${grouped(line.per)}`}${tier}`;
}

const Correction = ({ correction }) => html`
  <${Card} title=${correction.kind === "void" ? "Taken back" : "Priced anew"} aside=${html`<${Time} at=${correction.at} />`}>
    <p class="note"><a href=${link(["records", correction.recordId])}>${correction.recordId}</a>${correction.reason && ` – ${correction.reason}`}: <${Usd} exact=${correction.costUsd} /></p>
    <${Lines} name=${`lines-${correction.recordId}`} lines=${correction.lines} />
  <//>`;

const LINKS = {
  runId: (value) => link(["runs", value]),
  sessionId: (value) => link(["sessions", value]),
  voids: (value) => link(["records", value]),
  adjusts: (value) => link(["records", value]),
};
const FACTS = [
  ["idempotencyKey", "Idempotency key"], ["occurredAt", "Occurred"], ["receivedAt", "Received"], ["service", "Service"], ["provider", "Provider"],
  ["modelId", "Model"], ["toolId", "Tool"], ["userId", "User"], ["personaId", "Persona"], ["sessionId", "Session"], ["runId", "Run"],
  ["stepIndex", "Step"], ["stepType", "Step type"], ["sandboxId", "Sandbox"], ["durationMs", "Duration, ms"], ["holdId", "Hold"],
  ["pricingMode", "Pricing mode"], ["reason", "Reason"], ["voids", "Takes back"], ["adjusts", "Corrects"],
];

const Facts = ({ record }) => html`
  <dl class="facts">
    ${FACTS.filter(([name]) => record[name] !== null).map(([name, label]) => html`
      <div><dt>${label}</dt><dd>${LINKS[name] ? html`<a href=${LINKS[name](record[name])}>${record[name]}</a>` : String(record[name])}</dd></div>`)}
    ${Object.entries(record.tags).map(([name, value]) => html`<div><dt>Tag ${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
