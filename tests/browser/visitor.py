"""Somebody who looks at the dashboard in a browser, and what went wrong meanwhile."""

from dataclasses import dataclass, field
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

PHONE = 390
DESKTOP = 1280
HEIGHT = 860
PATIENCE = 30_000
"""Milliseconds that a busy machine may take."""
REFUSED = "Failed to load resource: the server responded with a status of "
"""What the browser notes of an answer of 4xx or 5xx; the page shows it, and tests look there."""

HURRY = "{ const wait = setTimeout; window.setTimeout = (act, after) => wait(act, after / %d); }"

expect.set_options(timeout=PATIENCE)


@dataclass
class Visitor:
    """A tab of a browser; what tabs share is the cache, and what `leave` removes."""

    context: BrowserContext
    url: str
    scheme: Literal["light", "dark"] = "light"
    width: int = DESKTOP
    haste: int = 1
    """How many times as fast as usual the page waits until it looks again."""
    faults: list[str] = field(default_factory=list)
    """Errors, warnings and violations of the policy, as the console had them, and requests to other origins."""
    others: tuple[str, ...] = ()
    """Origins that the page may ask beside its own."""

    def __post_init__(self) -> None:
        self.pages: list[Page] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        page = self.context.new_page()
        self.pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.emulate_media(color_scheme=self.scheme)
        page.set_viewport_size({"width": self.width, "height": HEIGHT})
        if self.haste != 1:
            page.add_init_script(HURRY % self.haste)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._follow)
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(REFUSED):
            self.faults.append(message.text)

    def _follow(self, request: Request) -> None:
        known = tuple(f"{origin}/" for origin in (self.url, *self.others))
        if not request.url.startswith(known) and not request.is_navigation_request():
            self.faults.append(f"a request left for {request.url}")

    def leave(self) -> None:
        """Closes the tabs; nothing of them is left."""
        self.page.goto(f"{self.url}/healthz")
        self.page.evaluate("localStorage.clear()")
        for page in self.pages:
            page.close()

    # ------------------------------------------------------------ where

    def open(self, place: str = "") -> "Visitor":
        """Goes to a place, such as `#/costs?by=user`."""
        self.page.goto(f"{self.url}/{place}")
        return self

    def signed_in(self, key: str, place: str = "#/costs") -> "Visitor":
        """Opens a place with a key that the tab has already."""
        self.page.add_init_script(f"sessionStorage.setItem('metering.key', '{key}')")
        self.open(place).settled()
        expect(self.page.get_by_role("navigation", name="Sections")).to_be_visible()
        return self

    def sign_in(self, key: str) -> None:
        self.page.get_by_label("API key").fill(key)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def settled(self) -> None:
        """Waits until the page has a heading, and nothing loads."""
        expect(self.page.locator("h1").first).to_be_attached()
        expect(self.page.locator(".loading, [aria-busy=true]")).to_have_count(0)

    # ------------------------------------------------------------ what

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def row(self, text: str) -> Locator:
        return self.page.get_by_role("row").filter(has_text=text)

    def card(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name)

    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def tile(self, name: str) -> Locator:
        """The figure under a name at the head of a page."""
        return self.page.locator(".tiles > div").filter(has=self.page.get_by_text(name, exact=True)).locator("dd").first

    def exact(self, where: Locator) -> str | None:
        """The exact figure behind one that is shown."""
        return where.locator("data").first.get_attribute("value")

    def column(self, table: str, place: int) -> list[str]:
        """The texts of a table's column."""
        return self.page.get_by_role("table", name=table).locator(f"tbody tr > :nth-child({place})").all_inner_texts()

    def violations(self) -> list[str]:
        """What axe finds to be hard to use with a keyboard, a screen reader or weak eyes."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("axe.run({resultTypes: ['violations'], iframes: false})")
        return [
            f"{one['id']}: {node['html']} {node.get('failureSummary', '')}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth")) - self.width

    def turn(self, scheme: Literal["light", "dark"], width: int = DESKTOP) -> None:
        """To another scheme of the system's, or a screen of another width."""
        self.page.emulate_media(color_scheme=scheme)
        self.width = width
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        expect(self.page.locator("html")).to_have_attribute("data-theme", scheme)
