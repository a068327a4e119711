"""How every browser test looks at a page: what axe finds wrong, whether it fits, a picture of it, and the way in."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Frame, Page, Route, expect

_AXE = (Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js").read_text()
# Not `innerWidth`: a phone's grows with what is too wide for it.
_TOO_WIDE = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const all = [...document.body.querySelectorAll("*")];
  const wide = all.filter((one) => one.getBoundingClientRect().right > root.clientWidth);
  return ["the page", ...wide.map((one) => one.cloneNode(false).outerHTML)];
}"""
_SHOTS = os.environ.get("AMANAH_TEST_SCREENSHOTS")

Look = dict[str, int | bool]
# Arguments of `new_page`: an office screen, and a cheap phone at night.
LOOKS = (
    pytest.param({"width": 1366}, id="desktop"),
    pytest.param({"width": 360, "height": 740, "dark": True, "touch": True}, id="phone-dark"),
)


def faults(frame: Page | Frame) -> list[str]:
    """What axe finds wrong, best practices included, and content that is wider than the window."""
    # What is looked for may be there before the rest of the page and its styles are.
    frame.wait_for_load_state("load")
    frame.evaluate(_AXE)
    results = frame.evaluate("axe.run(document, { iframes: false })")
    found = [f"{item['id']}: {node['html']}" for item in results["violations"] for node in item["nodes"]]
    return found + [f"wider than the window: {tag}" for tag in frame.evaluate(_TOO_WIDE)]


def sideways(page: Page, selector: str) -> list[str]:
    """Which of the elements that a selector names have to be moved sideways to be seen whole; there must be some."""
    found = page.locator(selector)
    expect(found.first).to_be_visible()
    wide = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.cloneNode(false).outerHTML)"
    return [str(one) for one in found.evaluate_all(wide)]


def picture(page: Page, name: str) -> None:
    """Take a picture of the whole page into the folder that `AMANAH_TEST_SCREENSHOTS` names; nothing without it."""
    if _SHOTS:
        page.screenshot(path=Path(_SHOTS) / f"{name}.png", full_page=True)


def enter(page: Page, who: tuple[str, str], path: str) -> None:
    """Sign in on the site's page, with address and password, and arrive at a path, where its scripts have begun."""
    page.goto(f"/masuk?next={quote(path)}")
    page.get_by_label("Alamat surel").fill(who[0])
    page.get_by_label("Kata sandi").fill(who[1])
    page.get_by_role("main").get_by_role("button", name="Masuk").click()
    expect(page).to_have_url(_ending(path))
    page.wait_for_load_state("domcontentloaded")


@contextmanager
def held_back(page: Page, pattern: str) -> Iterator[None]:
    """Keep what a page asks for under an address from it: on a slow line it comes after what is done meanwhile."""
    held: list[Route] = []
    page.route(pattern, lambda route: held.append(route))
    with page.expect_request(pattern):
        yield
    for route in held:
        route.continue_()
    page.unroute(pattern)


def never(page: Page, wait_ms: int) -> None:
    """Let nothing happen on a page after this wait: what goes by itself stays, however slow the machine is."""
    page.evaluate(
        """wait => {
          const real = setTimeout;
          setTimeout = (run, ms, ...more) => (ms === wait ? 0 : real(run, ms, ...more));
        }""",
        wait_ms,
    )


def authenticator(page: Page) -> None:
    """Give the browser an authenticator for passkeys, with somebody who always says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def _ending(path: str) -> re.Pattern[str]:
    return re.compile(rf"^https?://[^/]+{re.escape(path)}$")
