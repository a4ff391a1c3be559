// A dialog with a form, in the browser's own <dialog>: it keeps the focus and closes by Escape.

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { Faults } from "./states.js";

/** `act(form data)` does what the form is for; what it raises is shown, else `close` is called. */
export function Dialog({ title, action, danger = false, act, close, children }) {
  const box = useRef(null);
  const [busy, work] = useState(false);
  const [error, fail] = useState(null);

  useEffect(() => {
    const [before, opened] = [document.activeElement, box.current];
    opened.showModal();
    return () => {
      opened.close(); // or what is outside could not have the focus
      before?.focus?.();
    };
  }, []);

  async function submit(event) {
    event.preventDefault();
    work(true);
    fail(null);
    try {
      if ((await act(new FormData(event.target))) !== false) close();
    } catch (problem) {
      fail(problem);
    }
    work(false);
  }

  return html`
    <dialog ref=${box} aria-labelledby="dialog-title" onCancel=${(event) => { event.preventDefault(); close(); }}>
      <form onSubmit=${submit} autocomplete="off">
        <h2 id="dialog-title">${title}</h2>
        <div class="dialog-body">${children}</div>
        ${error && html`<div class="failed" role="alert"><p>${error.message}</p><${Faults} faults=${error.faults} /></div>`}
        <footer>
          <button type="button" class="button" onClick=${close}>${action ? "Cancel" : "Close"}</button>
          ${action && html`<button class=${`button ${danger ? "danger" : "primary"}`} disabled=${busy}>${busy ? "Working…" : action}</button>`}
        </footer>
      </form>
    </dialog>`;
}

export const Field = ({ label, hint, children }) => html`
  <label class="field"><span>${label}</span>${children}${hint && html`<small>${hint}</small>`}</label>`;

export const Choice = ({ label, name, options, value, hint, onChange }) => html`
  <${Field} label=${label} hint=${hint}>
    <select name=${name} value=${value} onChange=${onChange && ((event) => onChange(event.target.value))}>
      ${options.map(([key, text]) => html`<option value=${key} selected=${key === value}>${text}</option>`)}
    </select>
  <//>`;
