// Signed in or not; the frame around every view; which view an address means.

import { html, useEffect, useErrorBoundary, useState } from "./vendor/htm-preact.js";
import { Access, accessOf, useAccess } from "./core/access.js";
import * as api from "./core/api.js";
import { useData } from "./core/data.js";
import * as key from "./core/key.js";
import { link, useRoute } from "./core/route.js";
import { takeAnswer } from "./core/sign_in.js";
import { Empty, Failed, Loading } from "./parts/states.js";
import { Budgets } from "./views/budgets.js";
import { Costs } from "./views/costs.js";
import { Day } from "./views/day.js";
import { Exports } from "./views/exports.js";
import { Record } from "./views/record.js";
import { Records } from "./views/records.js";
import { Run } from "./views/run.js";
import { Runs } from "./views/runs.js";
import { Session } from "./views/session.js";
import { Sessions } from "./views/sessions.js";
import { SignIn } from "./views/sign_in.js";
import { Unrated } from "./views/unrated.js";
import { Webhook } from "./views/webhook.js";
import { Webhooks } from "./views/webhooks.js";

const isReader = (access) => access.mayRead;
const isAdmin = (access) => access.mayAdminister;
const anyone = () => true;

/** Path, name in the menu, who may see it, the view of the list, the view of one of it. */
const SECTIONS = [
  ["costs", "Costs", isReader, Costs],
  ["runs", "Runs", isReader, Runs, Run],
  ["records", "Records", isReader, Records, Record],
  ["sessions", "Sessions", anyone, Sessions, Session],
  ["budgets", "Budgets", anyone, Budgets],
  ["unrated", "Unrated", isReader, Unrated],
  ["exports", "Exports", isReader, Exports],
  ["webhooks", "Webhooks", isAdmin, Webhooks, Webhook],
  ["day", null, isReader, null, Day],
];

export function App() {
  const [signedIn, show] = useState(key.read() !== null);
  const [reason, say] = useState("");
  const [answer, forget] = useState(takeAnswer); // of an identity provider, whose first use is its last
  useEffect(() => {
    forget(null);
    const listen = (event) => {
      say(event.detail);
      show(false);
    };
    addEventListener("signedout", listen);
    return () => removeEventListener("signedout", listen);
  }, []);
  return signedIn ? html`<${SignedIn} />` : html`<${SignIn} reason=${reason} answer=${answer} done=${() => show(true)} />`;
}

export const askAccess = async (as, signal) => {
  const ask = (path) => api.call("GET", path, { as, signal });
  const [project, standing] = await Promise.all([ask("/v1/project"), ask("/v1/project/standing")]);
  return accessOf(project, standing);
};

function SignedIn() {
  const { data, error, reload } = useData((signal) => askAccess(undefined, signal), []);
  if (data) return html`<${Access.Provider} value=${data}><${Frame} /><//>`;
  return html`<main class="alone">${error ? html`<${Failed} error=${error} retry=${reload} /><${SignOut} />` : html`<${Loading} />`}</main>`;
}

const SignOut = () => html`<button type="button" class="button quiet" onClick=${() => key.forget()}>Sign out</button>`;

function Frame() {
  const access = useAccess();
  const { path } = useRoute();
  const sections = SECTIONS.filter(([, , may]) => may(access));
  const [name = sections[0][0], id] = path;
  const section = sections.find(([known]) => known === name);
  const View = section && (id === undefined ? section[3] : section[4]);
  const place = path.join("/");

  useEffect(() => {
    document.title = `${[id, section?.[1]].filter(Boolean).join(" · ") || "Costs"} · ${access.project.name} · Meterstone`;
    if (place) document.querySelector("main h1")?.focus({ preventScroll: false });
    scrollTo(0, 0);
  }, [place]);

  return html`
    <a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); document.querySelector("main h1")?.focus(); }}>Skip to content</a>
    <header class="side">
      <p class="brand"><${Mark} /> Meterstone <span class="mine">${access.project.name}</span></p>
      <nav aria-label="Sections">
        <ul>${sections.filter(([, label]) => label).map(([known, label]) => html`
          <li><a href=${link([known])} aria-current=${known === (name === "day" ? "costs" : name) ? "page" : undefined}>${label}</a></li>`)}</ul>
      </nav>
      <div class="who">
        <p><strong>${access.project.name}</strong><code>${access.project.projectId}</code><span>${access.role} · times are UTC</span></p>
        <div><button type="button" class="button quiet" onClick=${() => dispatchEvent(new Event("themetoggle"))}>Light / dark</button><${SignOut} /></div>
      </div>
    </header>
    <main id="main">
      ${View ? html`<${Guarded} key=${`${name}/${id ?? ""}`}><${View} id=${id} /><//>` : html`<h1 tabindex="-1" class="unseen">Not found</h1><${Empty} title="There is no such page, or this key may not see it."><a href=${link([])}>To the start</a><//>`}
    </main>`;
}

const Mark = () => html`<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M3 17V9M8 17V3M13 17V11M18 17V6" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" /></svg>`;

/** A view that breaks says so, and leaves the menu alone. */
function Guarded({ children }) {
  const [error, reset] = useErrorBoundary();
  return error ? html`<h1 tabindex="-1" class="unseen">Failed</h1><${Failed} error=${{ message: error.message, faults: [] }} retry=${reset} />` : children;
}
