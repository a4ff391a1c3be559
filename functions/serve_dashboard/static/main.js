import { html, render } from "./vendor/htm-preact.js";
import { App } from "./app.js";

const root = document.getElementById("app");
root.replaceChildren();
render(html`<${App} />`, root);
