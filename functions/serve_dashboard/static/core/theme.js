// Not a module, so that it runs before the page is first painted: the scheme that was chosen, or the system's.
(() => {
  const KEPT = "metering.theme";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function show() {
    const chosen = localStorage.getItem(KEPT);
    root.dataset.theme = chosen ?? (dark.matches ? "dark" : "light");
    dispatchEvent(new Event("themechange"));
  }

  addEventListener("themetoggle", () => {
    const next = root.dataset.theme === "dark" ? "light" : "dark";
    const systems = dark.matches ? "dark" : "light";
    if (next === systems) localStorage.removeItem(KEPT); // follows the system again
    else localStorage.setItem(KEPT, next);
    show();
  });
  dark.addEventListener("change", show);
  show();
})();
