// Stacked bars over time, drawn by uPlot. What they show stands in a table below them as well.

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import uPlot from "../vendor/uPlot.esm.js";
import { go } from "../core/route.js";

const HEIGHT = 260;
export const MOST_SERIES = 8;

/**
 * slots: [{at, label, href?}] in order of time, evenly apart.
 * series: [{label, values, texts}], the largest first; `values` are numbers for drawing, `texts` what is read.
 * totals: the text of each slot's sum. `axis` writes a value at the axis.
 */
export function Chart({ name, slots, series, totals, axis }) {
  const frame = useRef(null);
  const plot = useRef(null);
  const [at, point] = useState(null);
  const [theme, turn] = useState(0);

  useEffect(() => {
    const listen = () => turn((before) => before + 1);
    addEventListener("themechange", listen);
    return () => removeEventListener("themechange", listen);
  }, []);

  useEffect(() => {
    const drawn = draw(frame.current, { slots, series, axis, point });
    plot.current = drawn;
    const watcher = new ResizeObserver(([entry]) => drawn.setSize({ width: Math.floor(entry.contentRect.width), height: HEIGHT }));
    watcher.observe(frame.current);
    return () => {
      watcher.disconnect();
      drawn.destroy();
    };
  }, [slots, series, theme]);

  const move = (place) => {
    const next = Math.max(0, Math.min(slots.length - 1, place));
    const left = plot.current.valToPos(slots[next].at, "x");
    plot.current.setCursor({ left, top: 10 });
    point(next);
  };
  const press = (event) => {
    const place = at ?? (event.key === "ArrowLeft" ? slots.length : -1);
    const steps = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: slots.length - 1 };
    if (event.key in steps) move(steps[event.key]);
    else if (event.key === "Enter" && at !== null && slots[at].href) go(slots[at].href);
    else if (event.key === "Escape") point(null);
    else return;
    event.preventDefault();
  };
  const open = () => at !== null && slots[at].href && go(slots[at].href);

  return html`
    <figure class="chart" aria-label=${name}>
      <div class=${`chart-frame ${slots[0]?.href ? "opens" : ""}`} tabindex="0" role="group" aria-roledescription="chart"
        aria-label=${`${name}. Arrow keys move along it${slots[0]?.href ? ", Enter opens" : ""}.`}
        onKeyDown=${press} onClick=${open} onMouseLeave=${() => point(null)} onBlur=${() => point(null)}>
        <div ref=${frame} aria-hidden="true"></div>
        ${at !== null && slots[at] && html`<${Tip} slot=${slots[at]} series=${series} place=${at} total=${totals[at]} right=${at < slots.length / 2} />`}
      </div>
      <p class="unseen" aria-live="polite">${at !== null && slots[at] ? spoken(slots[at], series, at, totals[at]) : ""}</p>
    </figure>`;
}

const spoken = (slot, series, place, total) =>
  [`${slot.label}: ${total}`, ...series.filter((one) => one.values[place] > 0).map((one) => `${one.label} ${one.texts[place]}`)].join(", ");

const Tip = ({ slot, series, place, total, right }) => html`
  <div class=${`tip ${right ? "right" : "left"}`} aria-hidden="true">
    <p class="tip-title"><span>${slot.label}</span><strong>${total}</strong></p>
    ${series.map((one, index) => one.values[place] > 0 && html`
      <p><i class=${`swatch ${swatch(one, index)}`}></i><span>${one.label}</span><b>${one.texts[place]}</b></p>`)}
  </div>`;

export const swatch = (series, index) => (series.other ? "other" : `series-${index}`);

function draw(frame, { slots, series, axis, point }) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const times = slots.map((slot) => slot.at);
  const half = times.length > 1 ? (times[1] - times[0]) / 2 : 43_200;
  const sums = stacked(series, times.length);
  const bars = uPlot.paths.bars({ size: [0.82, 64], radius: 0 });
  const font = `12px ${style.getPropertyValue("--font")}`;
  const lines = { stroke: colour("--text-faint"), font, ticks: { show: false } };
  const options = {
    width: Math.max(frame.clientWidth, 200),
    height: HEIGHT,
    padding: [12, 8, 0, 0],
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    cursor: { points: { show: false }, y: false, drag: { x: false, y: false } },
    scales: {
      x: { range: () => [times[0] - half, times.at(-1) + half] },
      y: { range: (_, __, top) => [0, top > 0 ? top * 1.05 : 1] },
    },
    axes: [
      { ...lines, grid: { show: false }, values: (_, splits) => labels(splits, half * 2), space: 64, size: 32 },
      { ...lines, grid: { stroke: colour("--line"), width: 1 }, values: (_, splits) => splits.map(axis), size: 60 },
    ],
    series: [
      {},
      // The highest sums are drawn first, and lower ones over them.
      ...sums.map((_, place) => series.length - 1 - place).map((index) => ({
        paths: bars,
        points: { show: false },
        fill: colour(series[index].other ? "--series-other" : `--series-${index}`),
        stroke: colour("--surface"),
        width: times.length > 120 ? 0 : 0.5,
      })),
    ],
    hooks: { setCursor: [(plot) => plot.cursor.event && point(plot.cursor.idx ?? null)] },
  };
  return new uPlot(options, [times, ...sums.reverse()], frame);
}

/** Each series' values with those below it. */
function stacked(series, length) {
  const below = new Float64Array(length);
  return series.map(({ values }) => {
    values.forEach((value, slot) => { below[slot] += value; });
    return Array.from(below, (sum) => sum || null); // of nothing, not even an edge is drawn
  });
}

const MONTH = new Intl.DateTimeFormat("en-US", { month: "short", year: "2-digit", timeZone: "UTC" });
const DAY = new Intl.DateTimeFormat("en-US", { day: "numeric", month: "short", timeZone: "UTC" });
const HOUR = new Intl.DateTimeFormat("en-US", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" });

function labels(splits, slot) {
  const apart = splits.length > 1 ? splits[1] - splits[0] : slot;
  const format = apart >= 28 * 86_400 ? MONTH : apart >= 86_400 || slot >= 86_400 ? DAY : HOUR;
  return splits.map((seconds) => (slot >= 86_400 && seconds % 86_400 ? "" : format.format(new Date(seconds * 1000))));
}
