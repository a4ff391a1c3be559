// Usage records of a range, of one service, model, session or run where the address names it.

import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { get } from "../core/api.js";
import { useData } from "../core/data.js";
import { link, set, useRoute } from "../core/route.js";
import { named } from "../core/text.js";
import { Card, Page, RangePicker, useRange } from "../parts/page.js";
import { Empty, Failed, Loaded, useAttempt } from "../parts/states.js";
import { Table } from "../parts/table.js";

const FILTERS = [["service", "Service"], ["modelId", "Model"], ["sessionId", "Session"], ["runId", "Run"]];
const AT_ONCE = 200;

export function Records() {
  const range = useRange();
  const { params } = useRoute();
  const filters = Object.fromEntries(FILTERS.map(([name]) => [name, params.get(name)]));
  const query = { from: range.from, to: range.to, limit: AT_ONCE, ...filters };
  const first = useData((signal) => nextPage(query, null, signal), [query]);
  const choose = (event) => {
    event.preventDefault();
    set(Object.fromEntries(new FormData(event.target)));
  };
  return html`
    <${Page} title="Records" actions=${html`<${RangePicker} />`}>
      <${Card} title="Records" aside=${null}>
        <form class="filters" role="search" onSubmit=${choose}>
          ${FILTERS.map(([name, label]) => html`<label class="inline"><span>${label}</span><input name=${name} defaultValue=${filters[name] ?? ""} key=${filters[name]} /></label>`)}
          <button class="button">Filter</button>
          ${Object.values(filters).some(Boolean) && html`<button type="button" class="button quiet" onClick=${() => set(Object.fromEntries(FILTERS.map(([name]) => [name, null])))}>Clear</button>`}
        </form>
        <${Loaded} state=${first} lines=${8}>${(page) => html`<${Pages} key=${JSON.stringify(query)} first=${page} query=${query} />`}<//>
      <//>
    <//>`;
}

/** A page with records; where a filter leaves much to look through, pages come empty before it. */
async function nextPage(query, cursor, signal) {
  const page = await get("/v1/usage/records", { ...query, cursor }, signal);
  return page.items.length === 0 && page.nextCursor !== null ? nextPage(query, page.nextCursor, signal) : page;
}

function Pages({ first, query }) {
  const [pages, add] = useState([first]);
  const [error, attempt] = useAttempt();
  useEffect(() => add([first]), [first]);
  const records = pages.flatMap((page) => page.items);
  const cursor = pages.at(-1).nextCursor;
  const more = () => attempt(async () => {
    const page = await nextPage(query, cursor);
    add((before) => [...before, page]);
  });
  if (records.length === 0) return html`<${Empty} title="No record fits." />`;
  return html`<${RecordTable} records=${records} more=${cursor !== null && more} />${error && html`<${Failed} error=${error} retry=${more} />`}`;
}

export function RecordTable({ records, more }) {
  const columns = [
    { name: "at", label: "Time", kind: "time", value: (row) => row.occurredAt },
    { name: "record", label: "Record", kind: "text", value: (row) => [row.service, row.modelId].join(" "), show: (row) => html`<a href=${link(["records", row.recordId])}>${row.service}${row.modelId ? html` <span class="faint">${row.modelId}</span>` : ""}</a>` },
    { name: "cost", label: "Cost", kind: "usd", value: (row) => row.costUsd },
    { name: "user", label: "User", kind: "text", wide: true, value: (row) => named(row.userId) },
    { name: "what", label: "Kind", kind: "text", wide: true, value: kindOf, show: (row) => html`<span class=${kindOf(row) === "usage" ? "faint" : "tag"}>${kindOf(row)}</span>` },
  ];
  return html`<${Table} name="records" caption="Records" columns=${columns} rows=${records.map((record) => ({ ...record, id: record.recordId }))} more=${more} />`;
}

function kindOf(record) {
  if (record.voids) return "void";
  if (record.adjusts) return "adjustment";
  if (record.voidedBy) return "voided";
  if (record.unratedMetrics.length > 0 && record.adjustedBy.length === 0) return "unrated";
  return record.adjustedBy.length > 0 ? "adjusted" : "usage";
}
