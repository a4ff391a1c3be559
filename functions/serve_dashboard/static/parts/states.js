// What stands where there is nothing to show: not yet, nothing at all, or refused.

import { html, useState } from "../vendor/htm-preact.js";

export const Loading = ({ lines = 4 }) => html`
  <div class="loading" role="status" aria-label="Loading">
    ${Array.from({ length: lines }, (_, line) => html`<span class=${`bone bone-${line % 3}`}></span>`)}
  </div>`;

export const Empty = ({ title, children }) => html`
  <div class="empty">
    <p class="empty-title">${title}</p>
    ${children && html`<p>${children}</p>`}
  </div>`;

export const Failed = ({ error, retry }) => html`
  <div class="failed" role="alert">
    <p><strong>${titleOf(error)}</strong> ${error.message}</p>
    <${Faults} faults=${error.faults} />
    ${retry && html`<button type="button" class="button" onClick=${retry}>Try again</button>`}
  </div>`;

/** [what went wrong with the last attempt, what makes one]: an attempt at `act` raises nothing. */
export function useAttempt() {
  const [error, fail] = useState(null);
  const attempt = async (act) => {
    fail(null);
    try {
      await act();
    } catch (problem) {
      fail(problem);
    }
  };
  return [error, attempt];
}

export const Faults = ({ faults = [] }) =>
  faults.length > 0 && html`<ul class="faults">${faults.map((fault) => html`<li><code>${fault.path}</code> ${fault.message}</li>`)}</ul>`;

function titleOf(error) {
  if (error.status === 403) return "This key may not see this:";
  if (error.status === 404) return "Not found:";
  return error.status ? "The service refused:" : "Something went wrong:";
}

/** `children(data)` once there is data; what was there stays under a failure. */
export function Loaded({ state, lines, children }) {
  const { data, error, loading, reload } = state;
  if (data === null) return error ? html`<${Failed} error=${error} retry=${reload} />` : html`<${Loading} lines=${lines} />`;
  return html`
    ${error && html`<${Failed} error=${error} retry=${reload} />`}
    <div class="loaded" aria-busy=${loading}>${children(data)}</div>`;
}
