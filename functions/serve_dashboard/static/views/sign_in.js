import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { askAccess } from "../app.js";
import * as key from "../core/key.js";
import { begin, finish, lastProject, providerOf } from "../core/sign_in.js";

const KEY = /^mk_[a-z0-9]{12}_[A-Za-z0-9_-]{43}$/;

/** `answer` is what an identity provider has sent the browser back with, or null. */
export function SignIn({ reason, answer, done }) {
  const [provider, know] = useState(null);
  const [problem, say] = useState(reason);
  const [wrongKey, mark] = useState(false);
  const [busy, work] = useState(answer !== null);

  /** Says what went wrong, if something does. */
  const attempt = async (act) => {
    work(true);
    say("");
    mark(false);
    try {
      await act();
    } catch (error) {
      if (error.name !== "AbortError") say(error.message);
    }
    work(false);
    if (key.read() !== null) done();
  };

  useEffect(() => {
    const abort = new AbortController();
    const look = async () => {
      const found = await providerOf(abort.signal);
      know(found);
      if (answer !== null && found !== null) await finish(answer, found);
    };
    // Without an answer of the provider's the page is for typing a key, whatever comes of this.
    if (answer === null) look().catch(() => {});
    else attempt(look);
    return () => abort.abort();
  }, []);

  const submitKey = (event) => {
    event.preventDefault();
    const text = new FormData(event.target).get("key").trim();
    attempt(async () => {
      const refused = await refusal(text);
      mark(refused !== "");
      say(refused);
    });
  };
  const submitProject = (event) => {
    event.preventDefault();
    const project = new FormData(event.target).get("project").trim();
    attempt(() => begin(provider, project));
  };

  return html`
    <main class="sign-in">
      <div>
        <h1>Meterstone</h1>
        <p class="note">Costs, sessions and limits of a project.</p>
        <p id="problem" class="problem" role="alert">${problem}</p>
        <form onSubmit=${submitKey} autocomplete="off">
          <label class="field"><span>API key</span>
            <input name="key" type="password" required autofocus autocomplete="off" spellcheck="false" placeholder="mk_…"
              aria-describedby="key-kept problem" aria-invalid=${wrongKey ? "true" : "false"} />
          </label>
          <button class="button primary" disabled=${busy}>${busy ? "Signing in…" : "Sign in"}</button>
        </form>
        ${provider && html`
          <form class="or" onSubmit=${submitProject} autocomplete="off">
            <label class="field"><span>Project id</span>
              <input name="project" required spellcheck="false" defaultValue=${lastProject()} />
            </label>
            <button class="button" disabled=${busy}>Sign in with ${provider.name}</button>
          </form>`}
        <p id="key-kept" class="note">${provider ? "A key, typed or from signing in," : "The key"} stays in this tab: it is sent to this service alone, and forgotten when the tab closes or you sign out.</p>
      </div>
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
