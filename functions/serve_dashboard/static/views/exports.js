// Exports: how far they are, and their files.

import { html, useState } from "../vendor/htm-preact.js";
import { useAccess } from "../core/access.js";
import { get, post, unique } from "../core/api.js";
import { useData } from "../core/data.js";
import { shift } from "../core/range.js";
import { bytes, count, dayName } from "../core/text.js";
import { Money, Status, Time } from "../parts/figures.js";
import { Choice, Dialog, Field } from "../parts/dialog.js";
import { Page, useRange } from "../parts/page.js";
import { Empty, Loaded } from "../parts/states.js";

const BUSY_SECONDS = 1;
const LINK_SECONDS = 300; // links to files are made anew before they run out
const FORMATS = [["csv", "CSV"], ["json", "JSON"], ["stripe", "Stripe invoice items"], ["focus", "FOCUS 1.2"], ["parquet", "Parquet, every line"]];
const GROUPS = [["", "records"], ["day", "sums by day"], ["user", "sums by user"], ["session", "sums by session"], ["provider", "sums by provider"], ["service", "sums by service"], ["model", "sums by model"]];
const GROUPED = ["csv", "json"];

const isBusy = (one) => one.status === "queued" || one.status === "running";

export function Exports() {
  const access = useAccess();
  const [open, show] = useState(false);
  const [pace, change] = useState(BUSY_SECONDS);
  const list = useData(async (signal) => {
    const found = await get("/v1/exports", { limit: 50 }, signal);
    change(found.items.some(isBusy) ? BUSY_SECONDS : LINK_SECONDS);
    return found;
  }, [], { every: pace });
  return html`
    <${Page} title="Exports" note="Files of a range, checked by a manifest with checksums and exact sums."
      actions=${access.mayAdminister && html`<button type="button" class="button primary" onClick=${() => show(true)}>New export</button>`}>
      <${Loaded} state=${list}>${(found) => found.items.length === 0
        ? html`<${Empty} title="There is no export yet." />`
        : html`<div class="exports">${found.items.map((one) => html`<${Export} key=${one.exportId} one=${one} />`)}</div>
            ${found.nextCursor !== null && html`<p class="note">These are the newest 50.</p>`}`}<//>
      ${open && html`<${NewExport} close=${() => show(false)} reload=${list.reload} />`}
    <//>`;
}

const nameOf = (format) => FORMATS.find(([name]) => name === format)?.[1] ?? format;

function Export({ one }) {
  const last = shift(one.period.end.slice(0, 10), -1);
  const days = `${dayName(one.period.start)} – ${dayName(last)} ${last.slice(0, 4)}`;
  const { done, total } = one.progress;
  return html`
    <section class="card" aria-label=${`Export ${one.exportId}`}>
      <header><h2>${nameOf(one.format)}${one.groupBy ? `, by ${one.groupBy}` : ""}</h2><div class="aside"><${Status} value=${one.status} /></div></header>
      <p class="note">${days} · asked for <${Time} at=${one.createdAt} />${one.status === "ready" ? html` · kept until <${Time} at=${one.expiresAt} />` : ""}</p>
      ${isBusy(one) && html`<label class="progress"><span>${done} of ${total} days</span><progress max=${total} value=${done}></progress></label>`}
      ${one.status === "failed" && html`<p class="problem">${one.error}</p>`}
      ${one.status === "ready" && html`
        <p>Cost <${Money} exact=${one.costUsd} />, billed <${Money} exact=${one.billedUsd} /></p>
        <ul class="files">${one.files.map((file) => html`
          <li><a class="button" href=${file.url} download rel="noreferrer">Download<span class="unseen"> ${file.name}</span></a>
            <span class="name">${file.name}</span> <span class="faint">${bytes(file.bytes)}, ${count(file.rows)} ${file.rows === 1 ? "row" : "rows"}</span>
            <code class="sum" title="SHA-256">${file.sha256}</code></li>`)}</ul>
        ${one.skipped.length > 0 && html`<p class="note">${count(one.skipped.length)} users are left out, with reasons in the manifest.</p>`}`}
    </section>`;
}

function NewExport({ close, reload }) {
  const range = useRange();
  const [format, choose] = useState("csv");
  const [once] = useState(unique);
  const start = async (form) => {
    const groupBy = form.get("groupBy");
    await post("/v1/exports", { format, period: { start: form.get("start"), end: form.get("end") }, ...(groupBy ? { groupBy } : {}) }, once);
    reload();
  };
  return html`
    <${Dialog} title="New export" action="Start" close=${close} act=${start}>
      <${Choice} label="Format" name="format" options=${FORMATS} value=${format} onChange=${choose} />
      ${GROUPED.includes(format) && html`<${Choice} label="Rows" name="groupBy" options=${GROUPS} value="" />`}
      <div class="pair">
        <${Field} label="From"><input type="date" name="start" required defaultValue=${range.from} /><//>
        <${Field} label="To"><input type="date" name="end" required defaultValue=${range.to} /><//>
      </div>
    <//>`;
}
