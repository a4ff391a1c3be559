// Limits: where they stand, and the form that changes them.

import { html } from "../vendor/htm-preact.js";
import { fixed, pico, plain } from "../core/exact.js";
import { dimension, grouped, shortUsd } from "../core/text.js";
import { Meter, Time } from "./figures.js";
import { Choice, Field } from "./dialog.js";

const COUNTS = [["maxAgents", "Agents at once"], ["maxComputeMinutes", "Compute minutes"], ["maxModelCalls", "Model calls"]];
const PERIODS = [["hour", "an hour"], ["day", "a day"], ["week", "a week"], ["month", "a month"], ["total", "in total"]];
const PER = { hour: "per hour", day: "per day", week: "per week", month: "per month", total: "in total" };
const NO_LIMIT = "";

/** Every limit that is set, as figures that can be shown. */
export function standings(limits) {
  const found = [];
  const cost = limits.maxCost;
  if (cost) {
    found.push({
      name: "maxCost", limit: cost.limitUsd, used: cost.usedUsd, held: cost.heldUsd, remaining: cost.remainingUsd,
      show: shortUsd, period: PER[cost.period], resetsAt: cost.resetsAt,
    });
  }
  for (const [name] of COUNTS) {
    const one = limits[name];
    if (one) found.push({ name, limit: String(one.limit), used: String(one.used), held: String(one.held), remaining: String(one.remaining), show: grouped });
  }
  return found;
}

const summed = ({ show, used, limit, held }) => `${show(used)} of ${show(limit)}${pico(held) ? `, ${show(held)} held` : ""}`;

/** All limits, large. */
export function Standings({ limits }) {
  const found = standings(limits);
  if (found.length === 0) return html`<p class="note">No limit is set.</p>`;
  return html`<ul class="standings">${found.map((one) => html`
    <li>
      <p><strong>${dimension(one.name)}</strong> <span class="faint">${one.period ?? ""}</span>
        <span class="right">${one.show(one.used)} <span class="faint">of ${one.show(one.limit)}</span></span></p>
      <${Meter} ...${one} name=${`${dimension(one.name)} used`} text=${summed(one)} />
      <p class="faint">${pico(one.held) > 0n ? `${one.show(one.held)} held · ` : ""}${one.show(one.remaining)} left${one.resetsAt ? html` · resets <${Time} at=${one.resetsAt} relative />` : ""}</p>
    </li>`)}</ul>`;
}

/** The fullest limit, small. */
export function Fullest({ limits }) {
  const found = standings(limits);
  if (found.length === 0) return html`<span class="faint">no limit</span>`;
  const share = (one) => (one.limit === "0" ? 1 : Number(one.used) / Number(one.limit));
  const one = found.reduce((most, other) => (share(other) > share(most) ? other : most));
  return html`<div class="fullest"><${Meter} ...${one} name=${`${dimension(one.name)} used`} text=${summed(one)} /><span>${one.show(one.used)} <span class="faint">of ${one.show(one.limit)} ${one.name === "maxCost" ? one.period : dimension(one.name)}</span></span></div>`;
}

/** The fields of a form; empty ones are no limit. */
export const LimitFields = ({ limits }) => html`
  <div class="pair">
    <${Field} label="Cost, US dollars"><input name="maxCost" inputmode="decimal" pattern="\\d+(\\.\\d{1,2})?" title="Dollars, at most two decimals" placeholder="no limit" defaultValue=${limits?.maxCost ? dollars(limits.maxCost) : NO_LIMIT} /><//>
    <${Choice} label="Period" name="period" options=${PERIODS} value=${limits?.maxCost?.period ?? "total"} />
  </div>
  ${COUNTS.map(([name, label]) => html`<${Field} label=${label}><input name=${name} inputmode="decimal" pattern="\\d+(\\.\\d{1,12})?" title="A number" placeholder="no limit" defaultValue=${limits?.[name]?.limit ?? NO_LIMIT} /><//>`)}
  <${Choice} label="Usage without a rate" name="onUnrated" options=${[["pause", "pauses what has a cost limit"], ["allow", "is allowed"]]} value=${limits?.onUnrated ?? "pause"} />`;

const dollars = (cost) => fixed(pico(cost.limitUsd), 2);

/** The request that a form means. */
export function limitsOf(form) {
  const cost = form.get("maxCost").trim();
  const body = {
    maxCost: cost === NO_LIMIT ? null : { amount: Number(plain(pico(cost) * 100n)), currency: "usd", period: form.get("period") },
    onUnrated: form.get("onUnrated"),
  };
  for (const [name] of COUNTS) {
    const value = form.get(name).trim();
    body[name] = value === NO_LIMIT ? null : Number(value);
  }
  return body;
}

export const breachedText = (names) => names.map(dimension).join(", ");
