"""Every payload through every text field of the forum; then the pages are opened in Chromium, and nothing may run.

The content policy would stop most scripts even if one got into a page. So a breach of the policy counts as a script
that ran, and so does a page in whose document there is anything to run.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import orjson
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from server.markup.cleaning import TAGS
from tests.e2e.conftest import Server
from tests.security.xss_payloads import ALL

_AT_ONCE = 4
_TAGS = sorted(TAGS | {"ins", "del"})
"""What texts may hold, and what a comparison of two marks in them."""

_TITLE, _NAME, _DESCRIPTION, _QUERY = 120, 60, 300, 100
_TRAP = """
for (const name of ["alert", "confirm", "prompt", "print"])
  Object.defineProperty(window, name, { value: () => { trapped(name); return null; } });
document.addEventListener("securitypolicyviolation", (event) => trapped("policy " + event.violatedDirective));
document.addEventListener("click", (event) => event.preventDefault(), true);
"""
_LOOK = """
(tags) => {
  const faults = [];
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || name === "srcdoc" || name === "style") faults.push(`${element.localName} ${name}`);
      if (/^\\s*(javascript|data|vbscript):/i.test(value) && ["href", "src", "action", "formaction"].includes(name))
        faults.push(`${element.localName} ${name}`);
    }
    if (element.localName === "script" && !element.src && element.type !== "application/ld+json") faults.push("script");
    if (["iframe", "object", "embed", "base", "math"].includes(element.localName)) faults.push(element.localName);
    if (element.closest(".prose") && !element.matches(".prose") && !tags.includes(element.localName))
      faults.push(`${element.localName} in a text`);
  }
  for (const data of document.querySelectorAll('script[type="application/ld+json"]')) JSON.parse(data.textContent);
  const kinds = ["mouseover", "mouseenter", "pointerenter", "focus", "focusin", "blur", "load", "error", "toggle",
    "animationstart", "beforeinput", "click"];
  for (const element of document.querySelectorAll(".prose, .prose *, h1, h1 *, h2 *, .tag"))
    for (const kind of kinds) element.dispatchEvent(new Event(kind, { bubbles: true, cancelable: true }));
  return faults;
}
"""


class Api:
    """The HTTP interface as somebody of the demo."""

    def __init__(self, server: Server, role: str) -> None:
        self.url = server.url
        self.email, self.password = server.sign_ins[role]
        self.token = ""
        status, data = self.call("POST", "/sessions", {"email": self.email, "password": self.password})
        assert status == HTTPStatus.CREATED, data
        self.token = data["token"]

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send a request; give the status, and `data` of a success or `error`."""
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        data = None if body is None else orjson.dumps(body)
        request = Request(f"{self.url}/api/v1{path}", data, headers, method=method)
        try:
            with urlopen(request, timeout=60) as answer:
                return answer.status, orjson.loads(answer.read())["data"]
        except HTTPError as refusal:
            return refusal.code, orjson.loads(refusal.read()).get("error")


@dataclass
class Planted:
    """What was typed into the forum, and where it is to be seen.

    Attributes:
        api: who typed it.
        paths: pages.
        taken: field -> how many payloads were taken in it.
        plain: a topic and its post without any.
    """

    api: Api
    plain: dict[str, Any] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, status: int, payloads: int) -> None:
        """Count what was taken; anything but a plain refusal is a fault."""
        assert status in {200, 201, 400}, (name, status)
        self.taken[name] = self.taken.get(name, 0) + (payloads if status < HTTPStatus.BAD_REQUEST else 0)


def _packed(longest: int) -> Iterator[tuple[str, int]]:
    """All payloads in texts of a length at most, with how many each holds."""
    text, held = "", 0
    for payload in (payload.replace("\n", " ")[:longest] for payload in ALL):
        if held and len(text) + 1 + len(payload) > longest:
            yield text, held
            text, held = "", 0
        text, held = f"{text} {payload}" if held else payload, held + 1
    yield text, held


def _plant_topics(planted: Planted, category_id: str, texts: Sequence[str]) -> None:
    titles = list(_packed(_TITLE))
    each = -(-len(texts) // len(titles))
    bodies = [texts[start : start + each] for start in range(0, len(texts), each)]

    def begin(place: int) -> None:
        title, held = titles[place]
        mine = bodies[place] if place < len(bodies) else ("kata",)
        body: dict[str, Any] = {"category_id": category_id, "title": title, "text": mine[0]}
        body["poll"] = {"options": [title, titles[place - 1][0]]}
        status, data = planted.api.call("POST", "/forum/topics", body)
        planted.count("title", status, held)
        if status != HTTPStatus.CREATED:
            body = {"category_id": category_id, "title": f"Judul {place}", "text": mine[0]}
            status, data = planted.api.call("POST", "/forum/topics", body)
        planted.count("text", status, 1)
        if status != HTTPStatus.CREATED:
            _, data = planted.api.call("POST", "/forum/topics", {**body, "text": "kata"})
        topic = data["topic"]
        planted.paths.append(topic["path"])
        for payload in mine[1:]:
            status, _ = planted.api.call("POST", f"/forum/topics/{topic['id']}/posts", {"text": payload})
            planted.count("text", status, 1)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(begin, range(len(titles))))


def _plant_rest(planted: Planted) -> None:
    for text, held in _packed(_QUERY):
        planted.paths.append(f"/forum/cari?q={quote(text)}")
        planted.count("query", 200, held)
    for text, held in _packed(_DESCRIPTION):
        body = {"name": text[:_NAME], "slug": f"nama-{len(planted.paths)}-{held}", "description": text}
        status, data = planted.api.call("POST", "/forum/categories", body)
        planted.count("category", status, held)
        if status == HTTPStatus.CREATED:
            planted.paths.append(f"/forum/k/{data['category']['slug']}")


@pytest.fixture(scope="module")
def planted(server: Server) -> Planted:
    """A forum full of payloads."""
    planted = Planted(Api(server, "moderator"))
    _, data = planted.api.call("POST", "/forum/categories", {"name": "Uji", "slug": "uji-skrip", "description": "Uji."})
    category_id = data["category"]["id"]
    _plant_topics(planted, category_id, ALL)
    _plant_rest(planted)
    planted.paths += ["/forum", "/forum/k/uji-skrip"]
    body = {"category_id": category_id, "title": "Judul biasa", "text": "kata"}
    _, planted.plain = planted.api.call("POST", "/forum/topics", body)
    return planted


@dataclass
class Trap:
    """A browser in which everything is noted that runs and was not ours.

    Attributes:
        context: signed in.
        page: in it.
        fired: what ran, and where.
    """

    context: BrowserContext
    page: Page
    fired: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a page, look at it, touch all that is in it."""
        self.page.goto(path, wait_until="load")
        self.fired += [f"{fault} at {path[:80]}" for fault in self.page.evaluate(_LOOK, _TAGS)]


@pytest.fixture
def trap(browser: Browser, server: Server, planted: Planted) -> Iterator[Trap]:
    """A signed-in browser with a trap."""
    context = browser.new_context(base_url=server.url, locale="id-ID")
    trap = Trap(context, context.new_page())
    trap.page.on("dialog", lambda dialog: (trap.fired.append("dialog"), dialog.dismiss()))
    context.expose_binding("trapped", lambda source, what: trap.fired.append(f"{what} at {source['page'].url[:120]}"))
    context.add_init_script(_TRAP)
    answer = context.request.post(
        "/api/v1/sessions", data={"email": planted.api.email, "password": planted.api.password}
    )
    assert answer.status == HTTPStatus.CREATED
    yield trap
    context.close()


def test_the_trap_closes(trap: Trap) -> None:
    """Each way in which something could be noticed is."""
    trap.page.goto("/forum")
    trap.page.evaluate("alert(1)")
    trap.page.evaluate("""() => {
      const box = document.createElement("div");
      document.body.append(box);
      box.innerHTML = '<img src="data:," onerror="alert(1)"><a href="javascript:alert(1)">a</a>';
    }""")
    trap.page.wait_for_function("() => true")
    faults = trap.page.evaluate(_LOOK, _TAGS)
    assert {"img onerror", "a href"} <= set(faults)
    assert any(note.startswith("alert") for note in trap.fired)
    assert any(note.startswith("policy script-src") for note in trap.fired)


def test_most_payloads_were_taken(planted: Planted) -> None:
    """What is refused at the door proves nothing: of every field that takes texts, nearly all got in."""
    for name in ("title", "text", "category", "query"):
        assert planted.taken[name] >= len(ALL) * 0.8, planted.taken


def test_nothing_that_was_typed_runs(planted: Planted, trap: Trap) -> None:
    """On any page where it is shown, also when the mouse goes over it."""
    assert len(planted.paths) >= 200
    for path in planted.paths:
        trap.open(path)
    assert trap.fired == []


def test_nothing_runs_where_one_text_replaces_another(planted: Planted, trap: Trap, server: Server) -> None:
    """Of what there is one at a time: words about oneself, a draft, tags, a post and its history, a report's note."""
    api, reporter = planted.api, Api(server, "customer")
    topic, post = planted.plain["topic"], planted.plain["post"]
    _, mine = api.call("GET", "/me/profile")
    place = f"/forum/t/{topic['number']}/p/1"
    for text, held in _packed(900):
        planted.count("bio", api.call("PATCH", "/me/profile", {"bio": text})[0], held)
        draft = {"place": "new", "title": text[:_TITLE], "text": text}
        planted.count("draft", api.call("PUT", "/me/drafts", draft)[0], held)
        tags = [word[:40] for word in text.split()[:5]]
        planted.count("tags", api.call("PATCH", f"/forum/topics/{topic['id']}", {"tags": tags})[0], held)
        planted.count("edit", api.call("PATCH", f"/forum/posts/{post['id']}", {"text": text})[0], held)
        _, other = api.call("POST", f"/forum/topics/{topic['id']}/posts", {"text": "kata"})
        flag = {"target_type": "post", "target_id": other["post"]["id"], "reason": "other", "note": text}
        planted.count("flag", reporter.call("POST", "/flags", flag)[0], held)
        for path in (
            mine["profile"]["person"]["path"],
            "/forum/baru",
            topic["path"],
            f"{place}/riwayat",
            f"{place}/ubah",
        ):
            trap.open(path)
    trap.open("/moderasi")
    assert trap.fired == []
    for name in ("bio", "draft", "edit", "flag"):
        assert planted.taken[name] >= len(ALL) * 0.8, planted.taken
