// Usage that has no rate, and a rate for it.

import { html, useState } from "../vendor/htm-preact.js";
import { useAccess } from "../core/access.js";
import { get, post, unique } from "../core/api.js";
import { useData } from "../core/data.js";
import { pico, plain } from "../core/exact.js";
import { count, instant, named } from "../core/text.js";
import { Money } from "../parts/figures.js";
import { Choice, Dialog, Field } from "../parts/dialog.js";
import { Card, Page, RangePicker, inRange, useRange } from "../parts/page.js";
import { Empty, Loaded } from "../parts/states.js";
import { Table } from "../parts/table.js";

const MOST_PAGES = 20; // of a thousand records, for each service
const POLL_SECONDS = 0.7;
const PER = [["1", "1"], ["1000", "1,000"], ["1000000", "1,000,000"]];
const CATEGORIES = [["modelTokens", "model tokens"], ["compute", "compute"], ["storage", "storage"], ["orchestration", "orchestration"]];

export function Unrated() {
  const range = useRange();
  const access = useAccess();
  const [chosen, choose] = useState(null);
  const found = useData((signal) => findUnrated(range, signal), [range.from, range.to]);
  return html`
    <${Page} title="Unrated usage" note="Usage that no rate card prices. It is kept, and priced once there is a rate." actions=${html`<${RangePicker} />`}>
      <${Card} title="Without a rate">
        <${Loaded} state=${found} lines=${6}>${(data) => data.groups.length === 0
          ? html`<${Empty} title="Everything in this range has a rate.">${data.total > 0 && `The statistics still count ${count(data.total)}; they follow within minutes.`}<//>`
          : html`<${Groups} groups=${data.groups} range=${range} choose=${access.mayAdminister && choose} />${!data.whole && html`<p class="note">There may be more: of each service ${count(MOST_PAGES * 1000)} records were looked at.</p>`}`}<//>
      <//>
      ${chosen && html`<${AddRate} group=${chosen} range=${range} close=${() => choose(null)} reload=${found.reload} />`}
    <//>`;
}

/** Looks through the records of the services that the statistics name, until all that is unrated is found. */
async function findUnrated(range, signal) {
  const query = { from: range.from, to: range.to };
  const services = await get("/v1/usage/by-service", query, signal);
  const groups = new Map();
  const wholes = await Promise.all(
    services.items.filter((item) => item.unrated > 0 && item.key !== null).map((item) => scan({ ...query, service: item.key }, item.unrated, groups, signal)),
  );
  return { groups: [...groups.values()], total: services.total.unrated, whole: wholes.every(Boolean) };
}

async function scan(query, expected, groups, signal) {
  let cursor = null;
  let seen = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await get("/v1/usage/records", { ...query, limit: 1000, cursor }, signal);
    for (const record of answer.items.filter(isUnrated)) {
      add(groups, record);
      seen += 1;
    }
    cursor = answer.nextCursor;
    if (cursor === null || seen >= expected) return true;
  }
  return false;
}

const isUnrated = (record) => record.unratedMetrics.length > 0 && !record.voidedBy && !record.voids && !record.adjusts && record.adjustedBy.length === 0;

function add(groups, record) {
  const id = JSON.stringify([record.service, record.provider, record.modelId]);
  const group = groups.get(id) ?? { id, service: record.service, provider: record.provider, modelId: record.modelId, records: 0, metrics: new Map(), first: record.occurredAt };
  group.records += 1;
  group.first = record.occurredAt < group.first ? record.occurredAt : group.first;
  for (const line of record.lines.filter((one) => one.costUsd === null)) group.metrics.set(line.metric, (group.metrics.get(line.metric) ?? 0n) + pico(line.quantity));
  groups.set(id, group);
}

function Groups({ groups, range, choose }) {
  const columns = [
    { name: "service", label: "Service", kind: "text", value: (row) => row.service, show: (row) => html`<div><a href=${inRange(["records"], range, { service: row.service, modelId: row.modelId })}>${row.service}</a></div><div class="narrow">${row.modelId}</div>` },
    { name: "model", label: "Model", kind: "text", wide: true, value: (row) => named(row.modelId) },
    { name: "metrics", label: "Metrics", kind: "text", wide: true, still: true, value: () => "", show: (row) => [...row.metrics].map(([metric, quantity]) => html`<span class="metric"><code>${metric}</code> ${count(plain(quantity))}</span>`) },
    { name: "records", label: "Records", kind: "count", value: (row) => row.records },
    { name: "first", label: "First", kind: "time", wide: true, value: (row) => row.first },
    ...(choose ? [{ name: "act", label: "Actions", kind: "text", still: true, unseen: true, value: () => "", show: (row) => html`<button type="button" class="button" onClick=${() => choose(row)}>Add a rate<span class="unseen"> for ${row.service} ${row.modelId}</span></button>` }] : []),
  ];
  return html`<${Table} name="unrated" caption="Usage without a rate" columns=${columns} rows=${groups} sort="-records" />`;
}

/** First the card, then what it would change, then the change. */
function AddRate({ group, range, close, reload }) {
  const [trial, show] = useState(null);
  const known = useData((signal) => get("/v1/rates/resolve", { service: group.service, provider: group.provider, modelId: group.modelId, at: group.first }, signal), [group.id]);
  const ask = { from: range.from, to: range.to, service: group.service, modelId: group.modelId ?? undefined, only: "unrated" };
  const finish = () => {
    reload();
    close();
  };

  if (trial) {
    return html`
      <${Dialog} title="Price what is there already?" action=${`Price ${count(trial.recordsChanged)} records`} close=${finish}
        act=${async () => { await rerate({ ...ask, dryRun: false }); reload(); }}>
        <p>The card is made, and prices usage from now on. By it, ${count(trial.recordsChanged)} of the ${count(trial.recordsSeen)} unrated records of these days get a price:
          their cost goes from <${Money} exact=${trial.costUsdBefore} /> to <${Money} exact=${trial.costUsdAfter} />.</p>
        <p class="note">Each is corrected by a linked record; nothing is overwritten.</p>
      <//>`;
  }
  return html`
    <${Dialog} title=${`A rate for ${group.modelId ?? group.service}`} action="Make the card" close=${close}
      act=${async (form) => { await post("/v1/rates", cardOf(form, group)); show(await rerate({ ...ask, dryRun: true })); return false; }}>
      <${Loaded} state=${known}>${(answer) => html`<${CardFields} group=${group} card=${answer.card} />`}<//>
    <//>`;
}

function CardFields({ group, card }) {
  const metrics = new Map([...Object.entries(card?.metrics ?? {}), ...[...group.metrics.keys()].map((metric) => [metric, null])]);
  const owners = [["service", `the service ${group.service}`], ...(group.provider ? [["provider", `the provider ${group.provider}`]] : [])];
  return html`
    <div class="pair">
      <${Choice} label="Card of" name="owner" options=${owners} value="service" />
      <${Choice} label="For" name="model" options=${[...(group.modelId ? [["this", group.modelId]] : []), ["*", "every model"]]} value=${group.modelId ? "this" : "*"} />
    </div>
    <${Field} label="From" hint=${`The first such usage was at ${instant(group.first)}.`}><input type="date" name="effectiveFrom" required defaultValue=${group.first.slice(0, 10)} /><//>
    ${card && html`<p class="note">The card <code>${card.rateId}</code> decides now. A new card decides for all of its metrics, so they stand here too.</p>`}
    <fieldset class="prices"><legend>Prices, US dollars</legend>
      ${[...metrics].map(([metric, rate]) => html`
        <div class="price" key=${metric}>
          <code>${metric}</code>
          <input name=${`price:${metric}`} aria-label=${`Price of ${metric}`} inputmode="decimal" required pattern="\\d{1,9}(\\.\\d{1,12})?" title="Dollars, at most 12 decimals" defaultValue=${rate?.priceUsd ?? ""} />
          <select name=${`per:${metric}`} aria-label=${`Unit of ${metric}`}>${perOptions(rate).map(([value, text]) => html`<option value=${value} selected=${String(rate?.per ?? defaultPer(metric)) === value}>per ${text}</option>`)}</select>
          <select name=${`category:${metric}`} aria-label=${`Category of ${metric}`}>${CATEGORIES.map(([value, text]) => html`<option value=${value} selected=${(rate?.category ?? defaultCategory(metric)) === value}>${text}</option>`)}</select>
        </div>`)}
    </fieldset>`;
}

const perOptions = (rate) => (rate && !PER.some(([value]) => value === String(rate.per)) ? [...PER, [String(rate.per), count(rate.per)]] : PER);
const defaultPer = (metric) => (/tokens$/i.test(metric) ? "1000000" : "1");
function defaultCategory(metric) {
  if (/tokens|search/i.test(metric)) return "modelTokens";
  if (/seconds|minutes/i.test(metric)) return "compute";
  return /gb/i.test(metric) ? "storage" : "orchestration";
}

function cardOf(form, group) {
  const metrics = {};
  for (const [name, value] of form) {
    const [kind, metric] = [name.slice(0, name.indexOf(":")), name.slice(name.indexOf(":") + 1)];
    if (kind !== "price") continue;
    metrics[metric] = { priceUsd: value.trim(), per: Number(form.get(`per:${metric}`)), category: form.get(`category:${metric}`) };
  }
  return {
    [form.get("owner")]: form.get("owner") === "service" ? group.service : group.provider,
    modelId: form.get("model") === "this" ? group.modelId : "*",
    effectiveFrom: form.get("effectiveFrom"),
    metrics,
  };
}

/** Starts a re-rating and waits for what comes of it. */
async function rerate(body) {
  const { jobId } = await post("/v1/usage/rerate", body, unique());
  for (;;) {
    const job = await get(`/v1/usage/rerate/${jobId}`);
    if (job.status === "failed") throw new Error("The re-rating failed; the service's log says why.");
    if (job.status === "completed") return job;
    await new Promise((resume) => setTimeout(resume, POLL_SECONDS * 1000));
  }
}
