// One run: what its models and its steps cost, and the records of a step.

import { html } from "../vendor/htm-preact.js";
import { all, get, id as escaped } from "../core/api.js";
import { useData } from "../core/data.js";
import { changed, link, useRoute } from "../core/route.js";
import { duration, named } from "../core/text.js";
import { Concern, Count, Money } from "../parts/figures.js";
import { Card, Page, Tiles } from "../parts/page.js";
import { Empty, Loaded } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { RecordTable } from "./records.js";

const MOST_PAGES = 5; // of a thousand records each

/** How a step is named in the address. */
const stepName = (step) => `${step.stepIndex ?? "-"}/${step.stepType ?? "-"}`;
const stepLabel = (step) => [step.stepIndex === null ? null : `Step ${step.stepIndex}`, step.stepType].filter((part) => part !== null).join(" · ") || "No step";

export function Run({ id }) {
  const step = useRoute().params.get("step");
  const run = useData((signal) => get(`/v1/runs/${escaped(id)}/usage`, {}, signal), [id]);
  return html`
    <${Page} title=${id} trail=${[["Runs", link(["runs"])]]} note="Up to date with the last answered callback.">
      <${Loaded} state=${run} lines=${8}>${(data) => html`
        <${Tiles} tiles=${[
          ["Cost", html`<${Money} exact=${data.total.costUsd} />`],
          ["Billed", html`<${Money} exact=${data.total.billedUsd} />`],
          ["Records", html`<${Count} value=${data.total.records} />`],
          ["Unrated", html`<${Count} value=${data.total.unrated} />`],
        ]} />
        <${Card} title="Steps"><${Steps} steps=${data.steps} chosen=${step} /><//>
        ${step !== null && html`<${StepRecords} run=${id} step=${step} label=${labelOf(data.steps, step)} />`}
        <${Card} title="Models"><${Models} models=${data.models} /><//>
      `}<//>
    <//>`;
}

const labelOf = (steps, name) => {
  const found = steps.find((step) => stepName(step) === name);
  return found ? stepLabel(found) : "a step";
};

function Steps({ steps, chosen }) {
  const columns = [
    {
      name: "step", label: "Step", kind: "order", value: (row) => row.stepIndex ?? -1,
      show: (row) => html`<a href=${changed({ step: row.id === chosen ? null : row.id })} aria-expanded=${row.id === chosen}>${stepLabel(row)}</a>`,
    },
    { name: "cost", label: "Cost", kind: "usd", value: (row) => row.costUsd },
    { name: "records", label: "Records", kind: "count", wide: true, value: (row) => row.records },
    { name: "unrated", label: "Unrated", kind: "count", wide: true, value: (row) => row.unrated, show: (row) => html`<${Concern} value=${row.unrated} />` },
    { name: "duration", label: "Duration", kind: "count", wide: true, value: (row) => row.durationMs, show: (row) => duration(row.durationMs) },
  ];
  return html`<${Table} name="steps" caption="Cost by step" columns=${columns} rows=${steps.map((step) => ({ ...step, id: stepName(step) }))} sort="step" />`;
}

function StepRecords({ run, step, label }) {
  const records = useData((signal) => all("/v1/usage/records", { runId: run }, signal, MOST_PAGES), [run]);
  return html`
    <${Card} title=${`Records of ${label}`} aside=${html`<a href=${changed({ step: null })}>Close</a>`}>
      <${Loaded} state=${records}>${(found) => {
        const those = found.items.filter((record) => stepName(record) === step);
        return those.length === 0 ? html`<${Empty} title="No record of this step." />` : html`<${RecordTable} records=${those} />`;
      }}<//>
    <//>`;
}

function Models({ models }) {
  const columns = [
    { name: "model", label: "Model", kind: "text", value: (row) => named(row.key) },
    { name: "cost", label: "Cost", kind: "usd", value: (row) => row.costUsd },
    { name: "records", label: "Records", kind: "count", wide: true, value: (row) => row.records },
    { name: "unrated", label: "Unrated", kind: "count", wide: true, value: (row) => row.unrated, show: (row) => html`<${Concern} value=${row.unrated} />` },
  ];
  return html`<${Table} name="models" caption="Cost by model" columns=${columns} rows=${models.map((model) => ({ ...model, id: model.key ?? "" }))} sort="-cost" />`;
}
