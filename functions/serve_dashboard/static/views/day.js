// One day: its hours, its runs, and what belongs to no run.

import { html } from "../vendor/htm-preact.js";
import { get } from "../core/api.js";
import { useData } from "../core/data.js";
import { pico, plain, sum } from "../core/exact.js";
import { shift, today } from "../core/range.js";
import { link, useRoute } from "../core/route.js";
import { longDay } from "../core/text.js";
import { Count, Money } from "../parts/figures.js";
import { Card, Page, Tiles } from "../parts/page.js";
import { Empty, Loaded } from "../parts/states.js";
import { GroupPicker, Over, groupOf } from "./costs.js";
import { RunTable, useRuns } from "./runs.js";
import { MOST_SERIES } from "../parts/chart.js";

export function Day({ id: date }) {
  const { params } = useRoute();
  const by = groupOf(params);
  const range = { from: date, to: date };
  const hours = useData((signal) => get("/v1/usage/daily", { ...range, granularity: "hour", groupBy: by, top: MOST_SERIES }, signal), [date, by]);
  const runs = useRuns(range, "cost");
  const near = (days) => link(["day", shift(date, days)], { by });
  return html`
    <${Page} title=${longDay(date)} trail=${[["Costs", link(["costs"], { by })]]}
      actions=${html`<a class="button" href=${near(-1)}>Day before</a>${date < today() && html`<a class="button" href=${near(1)}>Day after</a>`}`}>
      <${Loaded} state=${hours} lines=${8}>${(data) => html`
        <${Tiles} tiles=${[
          ["Cost", html`<${Money} exact=${data.total.costUsd} />`, data.final ? "the day is closed" : "the day is not closed yet"],
          ["Billed", html`<${Money} exact=${data.total.billedUsd} />`],
          ["Records", html`<${Count} value=${data.total.records} />`],
          ["Unrated", html`<${Count} value=${data.total.unrated} />`],
        ]} />
        <${Card} title="Cost by hour" aside=${html`<${GroupPicker} by=${by} />`}>
          ${data.total.records === 0 ? html`<${Empty} title="Nothing was used on this day." />` : html`<${Over} data=${data} by=${by} figure="costUsd" />`}
        <//>
        <${Card} title="Runs of the day" aside=${html`<a href=${link(["records"], range)}>All records of the day</a>`}>
          <${Loaded} state=${runs}>${(found) => html`
            ${found.items.length === 0 ? html`<${Empty} title="No usage of this day names a run." />` : html`<${RunTable} runs=${found.items} />`}
            <${Outside} runs=${found} total=${data.total} range=${range} />`}<//>
        <//>`}<//>
    <//>`;
}

/** What of the day belongs to no run. */
function Outside({ runs, total, range }) {
  const rest = pico(total.costUsd) - sum(runs.items.map((run) => run.costUsd));
  if (rest === 0n || runs.more) return null;
  return html`<p class="note">Usage that names no run: <${Money} exact=${plain(rest)} />. <a href=${link(["records"], range)}>See the records</a></p>`;
}
