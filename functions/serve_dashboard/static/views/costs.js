// What was spent over time, by whom or on what.

import { html, useMemo } from "../vendor/htm-preact.js";
import { all, get } from "../core/api.js";
import { useData } from "../core/data.js";
import { approximate, pico, plain } from "../core/exact.js";
import { daysBetween } from "../core/range.js";
import { link, set, useRoute } from "../core/route.js";
import { axisCount, axisUsd, count, dayName, hour, longDay, named, shortUsd } from "../core/text.js";
import { Chart, MOST_SERIES, swatch } from "../parts/chart.js";
import { Change, Concern, Count, Money } from "../parts/figures.js";
import { Card, Page, RangePicker, Tiles, inRange, useRange } from "../parts/page.js";
import { Empty, Loaded } from "../parts/states.js";
import { Table } from "../parts/table.js";

const GROUPS = [
  ["model", "Model"], ["service", "Service"], ["provider", "Provider"], ["category", "Category"], ["user", "User"],
  ["session", "Session"], ["persona", "Persona"], ["tool", "Tool"], ["stepType", "Step type"],
];
const PATHS = { stepType: "by-step-type" };
const FIGURES = [["costUsd", "Cost"], ["billedUsd", "Billed"], ["records", "Records"]];
const HOURLY_DAYS = 2; // a range of so few days is drawn by the hour

export function Costs() {
  const range = useRange();
  const { params } = useRoute();
  const by = groupOf(params);
  const figure = known(FIGURES, params.get("figure"));
  const query = { from: range.from, to: range.to };
  const granularity = daysBetween(range.from, range.to) <= HOURLY_DAYS ? "hour" : "day";
  const daily = useData((signal) => get("/v1/usage/daily", { ...query, granularity, groupBy: by, top: MOST_SERIES }, signal), [query, by]);
  const groups = useData((signal) => all(`/v1/usage/${PATHS[by] ?? `by-${by}`}`, query, signal), [query, by]);
  const summary = useData((signal) => get("/v1/usage/summary", query, signal), [query]);
  return html`
    <${Page} title="Costs" actions=${html`<${RangePicker} />`}>
      <${Loaded} state=${daily} lines=${8}>${(data) => html`
        <${Headline} data=${data} summary=${summary.data} range=${range} />
        <${Card} title="Cost over time" aside=${html`<${Pickers} by=${by} figure=${figure} />`}>
          ${data.total.records === 0
            ? html`<${Empty} title="Nothing was used in this range."><span>Send a first callback, or choose other days.</span><//>`
            : html`<${Over} data=${data} by=${by} figure=${figure} />`}
        <//>
        <${Card} title=${`By ${labelOf(by)}`}>
          <${Loaded} state=${groups}>${(found) => html`<${Groups} found=${found} by=${by} range=${range} />`}<//>
        <//>
        ${granularity === "day" && html`<${Card} title="By day"><${Days} data=${data} by=${by} summary=${summary.data} /><//>`}
      `}<//>
    <//>`;
}

export const groupOf = (params) => known(GROUPS, params.get("by"));
const known = (options, wanted) => (options.some(([name]) => name === wanted) ? wanted : options[0][0]);
const labelOf = (by) => GROUPS.find(([name]) => name === by)[1].toLowerCase();

/** Chooses what figures are grouped by; the address keeps it. */
export const GroupPicker = ({ by }) => html`
  <label class="inline">by <select aria-label="Group by" value=${by} onChange=${(event) => set({ by: event.target.value })}>
    ${GROUPS.map(([name, text]) => html`<option value=${name} selected=${name === by}>${text}</option>`)}</select></label>`;

const Pickers = ({ by, figure }) => html`
  <${GroupPicker} by=${by} />
  <select aria-label="Figure" value=${figure} onChange=${(event) => set({ figure: event.target.value })}>
    ${FIGURES.map(([name, text]) => html`<option value=${name} selected=${name === figure}>${text}</option>`)}</select>`;

const beforeText = (days) => (days === 1 ? "the day before" : `the ${days} days before`);

const Headline = ({ data, summary, range }) => html`
  <${Tiles} tiles=${[
    ["Cost", html`<${Money} exact=${data.total.costUsd} />`, summary && html`<${Change} percent=${summary.change.costPercent} before=${beforeText(daysBetween(range.from, range.to))} />`],
    ["Billed", html`<${Money} exact=${data.total.billedUsd} />`],
    ["Records", html`<${Count} value=${data.total.records} />`],
    ["Unrated", html`<${Count} value=${data.total.unrated} />`, data.total.unrated > 0 && html`<a href=${inRange(["unrated"], range)}>Add a rate</a>`],
    summary?.projection.costUsd && ["This month, projected", html`<${Money} exact=${summary.projection.costUsd} />`, html`<${Money} exact=${summary.projection.soFarUsd} /> so far`],
  ]} />
  <p class="note as-of">${data.final ? "Every day in it is closed." : "Days that are not closed yet may still grow."}</p>`;

/** The chart and its legend. Groups beyond the largest are one: other. */
export function Over({ data, by, figure }) {
  const money = figure !== "records";
  // Kept, so that the chart is drawn again only when something of it has changed.
  const { slots, series, totals } = useMemo(() => {
    const text = (value) => (money ? shortUsd(value) : count(value));
    return {
      slots: data.items.map((item) => slotOf(item, by)),
      series: seriesOf(data.items, figure).map((one) => ({ ...one, texts: one.exact.map(text) })),
      totals: data.items.map((item) => text(item[figure])),
    };
  }, [data, by, figure]);
  return html`
    <${Chart} name=${`${FIGURES.find(([name]) => name === figure)[1]} by ${labelOf(by)}`} slots=${slots} series=${series} totals=${totals}
      axis=${money ? axisUsd : axisCount} />
    <ul class="legend">${series.map((one, index) => html`
      <li><i class=${`swatch ${swatch(one, index)}`} aria-hidden="true"></i><span class="name">${one.label}</span>
        ${money ? html`<${Money} exact=${one.total} />` : html`<${Count} value=${one.total} />`}</li>`)}</ul>`;
}

function slotOf(item, by) {
  if (item.hour) return { at: Date.parse(item.hour) / 1000, label: `${dayName(item.date)}, ${hour(item.hour)} UTC` };
  return { at: Date.parse(`${item.date}T00:00:00Z`) / 1000, label: longDay(item.date), href: link(["day", item.date], { by }) };
}

/** One series a group, the largest first, and one for all others. */
function seriesOf(items, figure) {
  const found = new Map();
  const others = { label: "other", other: true, exact: items.map((item) => String(item.others?.[figure] ?? 0)) };
  items.forEach((item, place) => {
    for (const group of item.groups ?? []) {
      if (!found.has(group.key)) found.set(group.key, { label: named(group.key), exact: Array(items.length).fill("0") });
      found.get(group.key).exact[place] = String(group[figure]);
    }
  });
  const all = [...found.values(), others].map((one) => {
    const total = one.exact.reduce((sum, value) => sum + pico(value), 0n);
    return { ...one, total: plain(total), size: total, values: one.exact.map(approximate) };
  });
  const largest = (one, other) => (one.size < other.size ? 1 : -1);
  return [...all.slice(0, -1).filter((one) => one.size !== 0n).sort(largest), ...all.slice(-1).filter((one) => one.size !== 0n)];
}

const LINKS = {
  user: (key) => link(["sessions"], { user: key }),
  session: (key) => link(["sessions", key]),
  service: (key, range) => inRange(["records"], range, { service: key }),
  model: (key, range) => inRange(["records"], range, { modelId: key }),
};

function Groups({ found, by, range }) {
  const total = pico(found.total.costUsd);
  const share = (row) => (total === 0n ? "0" : plain((pico(row.costUsd) * 100n * 10n ** 12n) / total));
  const rows = found.items.map((item) => ({ ...item, id: item.key ?? "", share: share(item) }));
  if (rows.length === 0) return html`<${Empty} title="Nothing to show." />`;
  const leads = LINKS[by];
  const columns = [
    { name: "key", label: GROUPS.find(([name]) => name === by)[1], kind: "text", value: (row) => named(row.key), show: (row) => (leads && row.key && row.id !== "total" ? html`<a href=${leads(row.key, range)}>${row.key}</a>` : named(row.key)) },
    { name: "cost", label: "Cost", kind: "usd", value: (row) => row.costUsd },
    { name: "share", label: "Share", kind: "count", value: (row) => row.share, show: (row) => `${Number(row.share).toFixed(1)} %` },
    { name: "billed", label: "Billed", kind: "usd", wide: true, value: (row) => row.billedUsd },
    { name: "records", label: "Records", kind: "count", wide: true, value: (row) => row.records },
    { name: "unrated", label: "Unrated", kind: "count", wide: true, value: (row) => row.unrated, show: (row) => html`<${Concern} value=${row.unrated} />` },
  ];
  return html`<${Table} name="groups" caption=${`Cost by ${labelOf(by)}`} columns=${columns} rows=${rows} sort="-cost"
    total=${{ ...found.total, id: "total", key: "Total", share: "100" }} />
    ${found.more && html`<p class="note">These are the ${rows.length} most expensive.</p>`}`;
}

function Days({ data, by, summary }) {
  const standouts = new Map((summary?.standouts.days ?? []).map((day) => [day.date, day]));
  const rows = data.items.filter((item) => item.records > 0 || item.costUsd !== "0").map((item) => ({ ...item, id: item.date }));
  if (rows.length === 0) return html`<${Empty} title="No day has usage." />`;
  const columns = [
    { name: "date", label: "Day", kind: "time", value: (row) => row.date, show: (row) => (row.id === "total" ? "Total" : html`<a href=${link(["day", row.date], { by })}>${longDay(row.date)}</a>`) },
    { name: "cost", label: "Cost", kind: "usd", value: (row) => row.costUsd },
    { name: "billed", label: "Billed", kind: "usd", wide: true, value: (row) => row.billedUsd },
    { name: "records", label: "Records", kind: "count", value: (row) => row.records },
    { name: "unrated", label: "Unrated", kind: "count", wide: true, value: (row) => row.unrated, show: (row) => html`<${Concern} value=${row.unrated} />` },
    ...(standouts.size > 0 ? [{ name: "note", label: "Stands out", kind: "text", wide: true, still: true, value: () => "", show: (row) => standouts.has(row.date) && html`<span class="tag">${standouts.get(row.date).score.startsWith("-") ? "less than usual" : "more than usual"}</span>` }] : []),
  ];
  return html`<${Table} name="days" caption="Cost by day" columns=${columns} rows=${rows} sort="-date" total=${{ ...data.total, id: "total", date: "" }} />`;
}
