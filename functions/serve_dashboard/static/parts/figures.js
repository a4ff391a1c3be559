// Figures as they stand in text and tables: aligned, with the exact one behind them.

import { html } from "../vendor/htm-preact.js";
import { fixed, pico } from "../core/exact.js";
import { away, exactUsd, grouped, instant, shortUsd } from "../core/text.js";

/** A cost in a column: four decimals, the last two of them faint, so that points stand below each other. */
export function Usd({ exact }) {
  if (exact === null) return html`<span class="faint">no rate</span>`;
  const value = pico(exact);
  const shown = fixed(value < 0n ? -value : value, 4);
  const tiny = value !== 0n && Number(shown) === 0;
  const text = tiny ? "0.0001" : shown;
  const sign = `${tiny ? "<" : ""}${value < 0n ? "−" : ""}`;
  return html`<data class="usd" value=${exact} title=${exactUsd(exact)}
    >${sign}${grouped(text.slice(0, -2))}<span class="faint">${text.slice(-2)}</span></data>`;
}

/** A cost in a sentence or a tile. */
export const Money = ({ exact }) => html`<data value=${exact} title=${exactUsd(exact)}>${shortUsd(exact)}</data>`;

export const Count = ({ value }) => html`<data value=${value}>${grouped(value)}</data>`;

/** A count that is a cause for concern unless it is zero. */
export const Concern = ({ value }) => (value === 0 ? html`<span class="faint">0</span>` : html`<span class="tag warns">${grouped(value)}</span>`);

/** A fraction with at most so many decimals, and the exact one behind it. */
export const Fraction = ({ value, decimals = 1 }) => html`<data value=${value} title=${grouped(value)}>${grouped(fixed(pico(String(value)), Number.isInteger(value) ? 0 : decimals))}</data>`;

/** A moment, and how far away it is where `relative`. */
export const Time = ({ at, relative = false }) =>
  at ? html`<time datetime=${at} title=${`${at.replace("T", " ").replace("Z", "")} UTC`}>${relative ? away(at) : instant(at)}</time>` : "–";

const MARKS = {
  active: "good", running: "good", ready: "good", succeeded: "good", enabled: "good", completed: "good",
  paused: "warn", queued: "calm", pending: "calm",
  limit_reached: "bad", failed: "bad", disabled: "bad",
};

/** A status: a word with a mark whose shape tells as much as its colour. */
export const Status = ({ value }) => html`<span class=${`status ${MARKS[value] ?? "calm"}`}><i aria-hidden="true"></i>${value.replaceAll("_", " ")}</span>`;

/** Change in percent against before, which is named. */
export function Change({ percent, before }) {
  if (percent === null) return html`nothing in ${before}`;
  const up = !percent.startsWith("-") && Number(percent) !== 0;
  const size = fixed(pico(percent.replace("-", "")), 1);
  const sign = Number(size) === 0 ? "±" : up ? "▲" : "▼";
  return html`<span class=${up ? "up" : "down"}><span aria-hidden="true">${sign}</span><span class="unseen">${up ? "up" : "down"}</span> ${size} %</span> against ${before}`;
}

/** How much of a limit is used, held and left. `name` is the limit's. */
export function Meter({ name, limit, used, held, text }) {
  const [whole, spent, kept] = [pico(limit), pico(used), pico(held)];
  const share = (value) => (whole === 0n ? 100 : Math.min(100, Number((value * 1000n) / whole) / 10));
  const taken = share(spent);
  const over = spent > whole;
  const level = over ? "over" : taken >= 80 ? "near" : "";
  return html`
    <div class="meter" role="meter" aria-label=${name} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${taken} aria-valuetext=${text}>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="100" height="6"></rect>
        <rect class=${`spent ${level}`} width=${taken} height="6"></rect>
        <rect class="held" x=${taken} width=${Math.min(share(kept), 100 - taken)} height="6"></rect>
      </svg>
    </div>`;
}
