// A table that sorts. How it is sorted is kept in the address, under the table's name.

import { html, useState } from "../vendor/htm-preact.js";
import { compare, pico } from "../core/exact.js";
import { set, useRoute } from "../core/route.js";
import { Count, Time, Usd } from "./figures.js";

const STEP = 100;
const LONG = 24; // characters; longer names are broken where their column has no room

/** Kinds of columns: how a value is shown, and by what it is sorted. */
const KINDS = {
  text: { show: (value) => value, by: (value) => String(value ?? "").toLowerCase() },
  usd: { show: (value) => html`<${Usd} exact=${value} />`, by: (value) => (value === null ? -1n : pico(value)), figure: true },
  count: { show: (value) => html`<${Count} value=${value} />`, by: (value) => pico(String(value)), figure: true },
  order: { show: (value) => value, by: (value) => value },
  time: { show: (value) => html`<${Time} at=${value} />`, by: (value) => value ?? "", figure: false },
};

/**
 * columns: [{name, label, kind, value(row), show?(row), wide?, still?}]; the first heads its row.
 * `wide` ones are left out on a phone, `still` ones do not sort, the label of `unseen` ones is only heard.
 * `sort`: "-cost" sorts by `cost`, the largest first. `detail` stands below the row with its `id`: {id, content}.
 */
export function Table({ name, caption, columns, rows, sort = "", total, more, detail }) {
  const { params } = useRoute();
  const [shown, show] = useState(STEP);
  const wanted = params.get(name) ?? sort;
  const [by, down] = wanted.startsWith("-") ? [wanted.slice(1), true] : [wanted, false];
  const sorted = sortedBy(rows, columns.find((column) => column.name === by), down);
  return html`
    <div class="table-frame">
      <table>
        <caption class="unseen">${caption}</caption>
        <thead><tr>${columns.map((column) => html`<${Heading} table=${name} column=${column} by=${by} down=${down} />`)}</tr></thead>
        <tbody>${sorted.slice(0, shown).flatMap((row) => [
          html`<tr key=${row.id}>${columns.map((column, place) => cell(column, row, place))}</tr>`,
          row.id === detail?.id && html`<tr key="detail" class="detail"><td colspan=${columns.length}>${detail.content}</td></tr>`,
        ])}</tbody>
        ${total && html`<tfoot><tr>${columns.map((column, place) => cell(column, total, place))}</tr></tfoot>`}
      </table>
    </div>
    ${sorted.length > shown && html`<button type="button" class="button more" onClick=${() => show(shown + STEP)}>Show ${Math.min(STEP, sorted.length - shown)} more of ${sorted.length}</button>`}
    ${sorted.length <= shown && more && html`<button type="button" class="button more" onClick=${more}>Load more</button>`}`;
}

function Heading({ table, column, by, down }) {
  const current = by === column.name;
  const downwards = current ? !down : KINDS[column.kind].figure || column.kind === "time"; // the largest first
  const turn = () => set({ [table]: `${downwards ? "-" : ""}${column.name}` });
  const order = current ? (down ? "descending" : "ascending") : undefined;
  return html`
    <th scope="col" class=${classOf(column)} aria-sort=${order}>
      ${column.still ? html`<span class=${column.unseen ? "unseen" : ""}>${column.label}</span>` : html`
        <button type="button" class="sort" onClick=${turn}>${column.label}<i aria-hidden="true">${current ? (down ? "↓" : "↑") : ""}</i></button>`}
    </th>`;
}

const classOf = (column) => `${KINDS[column.kind].figure ? "figure" : ""} ${column.wide ? "wide" : ""}`;

function cell(column, row, place) {
  const value = column.value(row);
  const content = column.show ? column.show(row) : KINDS[column.kind].show(value);
  const shown = String(value ?? "").length > LONG && column.kind === "text" ? html`<div class="long">${content}</div>` : content;
  return place === 0
    ? html`<th scope="row" class=${classOf(column)}>${shown}</th>`
    : html`<td class=${classOf(column)}>${shown}</td>`;
}

function sortedBy(rows, column, down) {
  if (!column) return rows;
  const { by } = KINDS[column.kind];
  const sign = down ? -1 : 1;
  const keyed = rows.map((row) => [by(column.value(row)), row]);
  return keyed.sort((one, other) => sign * compare(one[0], other[0])).map(([, row]) => row);
}
