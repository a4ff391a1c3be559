import { html, useState } from "../vendor/htm-preact.js";
import { askAccess } from "../app.js";
import * as key from "../core/key.js";

const KEY = /^mk_[a-z0-9]{12}_[A-Za-z0-9_-]{43}$/;

export function SignIn({ reason, done }) {
  const [problem, say] = useState(reason);
  const [busy, work] = useState(false);

  async function submit(event) {
    event.preventDefault();
    const text = new FormData(event.target).get("key").trim();
    work(true);
    say(await refusal(text));
    work(false);
    if (key.read() !== null) done();
  }

  return html`
    <main class="sign-in">
      <form onSubmit=${submit} autocomplete="off">
        <h1>Meterstone</h1>
        <p class="note">Costs, sessions and limits of a project.</p>
        <label class="field"><span>API key</span>
          <input name="key" type="password" required autofocus autocomplete="off" spellcheck="false" placeholder="mk_…"
            aria-describedby="key-kept key-problem" aria-invalid=${problem ? "true" : "false"} />
        </label>
        <p id="key-problem" class="problem" role="alert">${problem}</p>
        <button class="button primary" disabled=${busy}>${busy ? "Signing in…" : "Sign in"}</button>
        <p id="key-kept" class="note">The key stays in this tab: it is sent to this service alone, and forgotten when the tab closes or you sign out.</p>
      </form>
    </main>`;
}

/** Keeps a key that is good; else says why it is not. */
async function refusal(text) {
  if (!KEY.test(text)) return "That is not an API key. A project's keys begin with mk_.";
  try {
    await askAccess(text);
  } catch (error) {
    return error.status === 401 ? "The service does not know this key." : error.message;
  }
  key.keep(text);
  return "";
}
