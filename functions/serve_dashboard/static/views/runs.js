// The runs of a range.

import { html } from "../vendor/htm-preact.js";
import { all } from "../core/api.js";
import { useData } from "../core/data.js";
import { link, go } from "../core/route.js";
import { duration } from "../core/text.js";
import { Concern, Count, Money } from "../parts/figures.js";
import { Card, Page, RangePicker, Tiles, useRange } from "../parts/page.js";
import { Empty, Loaded } from "../parts/states.js";
import { Table } from "../parts/table.js";

const MOST_PAGES = 3; // of a thousand runs each

export const useRuns = (range, sort) =>
  useData((signal) => all("/v1/runs", { from: range.from, to: range.to, sort }, signal, MOST_PAGES), [range.from, range.to, sort]);

export function Runs() {
  const range = useRange();
  const runs = useRuns(range, "cost");
  const find = (event) => {
    event.preventDefault();
    const run = new FormData(event.target).get("run").trim();
    if (run) go(link(["runs", run]));
  };
  return html`
    <${Page} title="Runs" actions=${html`<${RangePicker} />`}>
      <${Loaded} state=${runs} lines=${8}>${(found) => html`
        <${Tiles} tiles=${[
          ["Cost of runs", html`<${Money} exact=${found.total.costUsd} />`],
          ["Runs", html`<${Count} value=${found.items.length} />${found.more && "+"}`],
          ["Records", html`<${Count} value=${found.total.records} />`],
        ]} />
        <${Card} title="Runs" aside=${html`<form class="inline" role="search" onSubmit=${find}><input name="run" placeholder="Run id" aria-label="Run id" /> <button class="button">Open</button></form>`}>
          ${found.items.length === 0 ? html`<${Empty} title="No run in this range.">Usage belongs to a run if its callback names one.<//>` : html`<${RunTable} runs=${found.items} />`}
          ${found.more && html`<p class="note">These are the ${found.items.length} most expensive. Choose fewer days to see the others.</p>`}
        <//>`}<//>
    <//>`;
}

export function RunTable({ runs }) {
  const columns = [
    { name: "run", label: "Run", kind: "text", value: (row) => row.runId, show: (row) => html`<a href=${link(["runs", row.runId])}>${row.runId}</a>` },
    { name: "cost", label: "Cost", kind: "usd", value: (row) => row.costUsd },
    { name: "records", label: "Records", kind: "count", wide: true, value: (row) => row.records },
    { name: "unrated", label: "Unrated", kind: "count", wide: true, value: (row) => row.unrated, show: (row) => html`<${Concern} value=${row.unrated} />` },
    { name: "duration", label: "Duration", kind: "count", wide: true, value: (row) => row.durationMs, show: (row) => duration(row.durationMs) },
    { name: "last", label: "Last usage", kind: "time", value: (row) => row.lastAt },
  ];
  return html`<${Table} name="runs" caption="Runs" columns=${columns} rows=${runs.map((run) => ({ ...run, id: run.runId }))} sort="-cost" />`;
}
