// Budgets of the project, its users and its runs.

import { html, useState } from "../vendor/htm-preact.js";
import { useAccess } from "../core/access.js";
import { all, call, id as escaped } from "../core/api.js";
import { useData } from "../core/data.js";
import { Money, Status } from "../parts/figures.js";
import { Choice, Dialog, Field } from "../parts/dialog.js";
import { LimitFields, Standings, breachedText, limitsOf } from "../parts/limits.js";
import { Page } from "../parts/page.js";
import { Empty, Loaded } from "../parts/states.js";

const LIVE_SECONDS = 5;
const KINDS = [["user", "a user"], ["run", "a run"], ["project", "the whole project"]];

export function Budgets() {
  const access = useAccess();
  const [open, show] = useState(null);
  const budgets = useData((signal) => all("/v1/budgets", {}, signal), [], { every: LIVE_SECONDS });
  const close = () => show(null);
  return html`
    <${Page} title="Budgets" note="Limits on all usage of a user, a run or the project, counted from a budget's making on."
      actions=${access.mayLimit && html`<button type="button" class="button primary" onClick=${() => show({ kind: "new" })}>New budget</button>`}>
      <${Loaded} state=${budgets}>${(found) => found.items.length === 0
        ? html`<${Empty} title="There is no budget yet.">A budget holds all callbacks and holds of a user, a run or the project to limits.<//>`
        : html`<div class="cards">${found.items.map((budget) => html`<${Budget} key=${budget.scope} budget=${budget} show=${access.mayLimit && show} />`)}</div>`}<//>
      ${open && html`<${Change} open=${open} close=${close} reload=${budgets.reload} />`}
    <//>`;
}

const Budget = ({ budget, show }) => html`
  <section class="card" aria-label=${budget.scope}>
    <header><h2>${budget.scope}</h2><div class="aside"><${Status} value=${budget.status} /></div></header>
    ${budget.breached.length > 0 && html`<p class="banner">Over ${breachedText(budget.breached)}: holds and agents in this scope are refused.</p>`}
    <${Standings} limits=${budget.limits} />
    <p class="note"><${Money} exact=${budget.usage.costUsd} /> since it was made</p>
    ${show && html`<footer>
      <button type="button" class="button" aria-label=${`Change ${budget.scope}`} onClick=${() => show({ kind: "change", budget })}>Change</button>
      <button type="button" class="button quiet" aria-label=${`Remove ${budget.scope}`} onClick=${() => show({ kind: "remove", budget })}>Remove</button></footer>`}
  </section>`;

function Change({ open, close, reload }) {
  const [kind, choose] = useState("user");
  const { budget } = open;
  const then = (act) => async (form) => {
    await act(form);
    reload();
  };
  if (open.kind === "remove") {
    return html`<${Dialog} title=${`Remove the budget of ${budget.scope}?`} action="Remove" danger close=${close}
      act=${then(() => call("DELETE", `/v1/budgets/${escaped(budget.scope)}`))}><p>What it has counted is forgotten. Records and statistics stay.</p><//>`;
  }
  const scopeOf = (form) => budget?.scope ?? (kind === "project" ? "project" : `${kind}:${form.get("of").trim()}`);
  return html`
    <${Dialog} title=${budget ? `Change ${budget.scope}` : "New budget"} action="Save" close=${close}
      act=${then((form) => call("PUT", `/v1/budgets/${escaped(scopeOf(form))}`, { body: { limits: limitsOf(form) } }))}>
      ${!budget && html`<div class="pair">
        <${Choice} label="For" name="kind" options=${KINDS} value=${kind} onChange=${choose} />
        ${kind !== "project" && html`<${Field} label=${kind === "user" ? "User id" : "Run id"}><input name="of" required maxlength="200" /><//>`}
      </div>`}
      <${LimitFields} limits=${budget?.limits} />
    <//>`;
}
