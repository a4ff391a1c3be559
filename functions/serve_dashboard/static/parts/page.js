// What pages have in common: a heading, a range of days, tiles, cards.

import { html } from "../vendor/htm-preact.js";
import { RANGES, daysBetween, kept, rangeOf, shift, today } from "../core/range.js";
import { link, set, useRoute } from "../core/route.js";

export const Page = ({ title, trail = [], note, actions, children }) => html`
  <header class="page-head">
    <div>
      ${trail.length > 0 && html`<nav class="trail" aria-label="Where this is">${trail.map(([text, href]) => html`<a href=${href}>${text}</a>`)}</nav>`}
      <h1 tabindex="-1">${title}</h1>
      ${note && html`<p class="note">${note}</p>`}
    </div>
    ${actions && html`<div class="actions">${actions}</div>`}
  </header>
  ${children}`;

export const Card = ({ title, aside, children }) => html`
  <section class="card" aria-label=${title}>
    <header><h2>${title}</h2>${aside && html`<div class="aside">${aside}</div>`}</header>
    ${children}
  </section>`;

/** tiles: [label, value, below?]. */
export const Tiles = ({ tiles }) => html`
  <dl class="tiles">${tiles.filter(Boolean).map(([label, value, below]) => html`
    <div><dt>${label}</dt><dd>${value}</dd>${below && html`<dd class="below">${below}</dd>`}</div>`)}</dl>`;

export function useRange() {
  return rangeOf(useRoute().params);
}

export function RangePicker() {
  const range = useRange();
  const pick = (changes) => {
    const next = { from: range.from, to: range.to, ...changes };
    if (!next.from || !next.to) return;
    if (next.from > next.to) next[changes.from ? "to" : "from"] = changes.from ?? changes.to;
    if (daysBetween(next.from, next.to) > 366) next[changes.from ? "to" : "from"] = shift(changes.from ?? changes.to, changes.from ? 365 : -365);
    set({ ...next, range: null });
  };
  return html`
    <div class="range" role="group" aria-label="Range of days">
      <select aria-label="Range" value=${range.name} onChange=${(event) => event.target.value !== "custom" && set({ range: event.target.value, from: null, to: null })}>
        ${[...RANGES, ...(range.name === "custom" ? [["custom", "Custom"]] : [])].map(([name, text]) => html`<option value=${name} selected=${name === range.name}>${text}</option>`)}
      </select>
      <input type="date" aria-label="From" value=${range.from} max=${today()} onChange=${(event) => pick({ from: event.target.value })} />
      <span aria-hidden="true">–</span>
      <input type="date" aria-label="To" value=${range.to} max=${today()} onChange=${(event) => pick({ to: event.target.value })} />
    </div>`;
}

/** An address that keeps the range that is shown. */
export const inRange = (parts, range, params = {}) => link(parts, { ...kept(range), ...params });
