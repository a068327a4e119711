"""Attacks on the pages of a running server: other sites' forms, other roles, guessed addresses, odd words in them.

The pages are read from the router itself, so that a new one is asked too.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from itertools import chain, product

import pytest
from aiohttp.web import AbstractResource

from server.app import build
from server.composition.parts import open_parts
from server.config import Settings
from tests.harness.browsing import Tab
from tests.harness.people import Person, World
from tests.harness.pledging import trained

_VARIABLE = re.compile(r"{[^{}]*(?:{[^{}]*}[^{}]*)*}")
_PROGRAMS = ("/api/", "/lampiran/", "/socket.io", "/assets", "/healthz", "/readyz", "/metrics")
_EVERYBODY = ("customer", "agent", "moderator", "admin", "privacy_officer")
_OFFICE = "/petugas"
_BY_ROLE: Mapping[str, frozenset[str]] = {
    "/petugas/pemantauan": frozenset({"admin", "privacy_officer"}),
    "/petugas/persetujuan": frozenset({"admin", "privacy_officer"}),
    "/petugas/izin": frozenset({"agent", "moderator", "admin", "privacy_officer"}),
    "/petugas/bantuan": frozenset({"agent", "moderator", "admin", "privacy_officer"}),
}
"""Whose the pages of staff are, where they are not privacy officers' alone."""

_REPORTING = ("admin", "/petugas/insiden")
"""Administrators report incidents there, and see none."""


_WITHOUT_SESSION = frozenset(
    {"/atur-ulang", "/reset-password", "/verifikasi", "/verify", "/berhenti-berlangganan", "/unsubscribe"}
)
"""Forms that look at no session: what they do rests on the token of a letter, which another site has not. Programs of
mail send the last two by themselves (RFC 8058)."""

_WORDS = ("1", "kata", "a" * 24, "a" * 32, "A" * 43, "0" * 24 + "A" * 32, "2026-11", "a" * 64)
"""What ids, numbers, words and tokens look like."""


@dataclass(frozen=True, slots=True)
class Route:
    """A page.

    Attributes:
        method: of HTTP.
        template: of its addresses.
        address: one of them, about something that is not there.
    """

    method: str
    template: str
    address: str


def _address(resource: AbstractResource) -> str:
    """Give an address that a resource answers."""
    template = resource.canonical
    pattern = resource.get_info().get("pattern")
    if pattern is None:
        return template
    pieces = _VARIABLE.split(template)
    for words in product(_WORDS, repeat=len(pieces) - 1):
        address = "".join(chain.from_iterable(zip(pieces, (*words, ""), strict=True)))
        if pattern.fullmatch(address):
            return address
    raise AssertionError(f"no word fits {template}")


@pytest.fixture(scope="module")
async def pages(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Route]]:
    """Each page that is not for programs."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("pages") / "data", redactor_workers=1)
    async with open_parts(settings) as parts:
        app = build(settings, parts)
        found = {
            Route(route.method, route.resource.canonical, _address(route.resource))
            for route in app.router.routes()
            if route.resource is not None and not route.resource.canonical.startswith(_PROGRAMS)
        }
        yield sorted(found, key=lambda route: (route.template, route.method))


def _tab(world: World, person: Person | None = None) -> Tab:
    return Tab(world.http.session, world.http.url, person.token if person else None)


async def test_forms_of_other_sites_change_nothing(world: World, pages: list[Route]) -> None:
    """With the session of who may do most, whatever the form says and wherever it claims to come from."""
    person = await trained(world, "admin")
    posts = [route for route in pages if route.method == "POST" and route.template not in _WITHOUT_SESSION]
    assert len(posts) > 60
    let_in: list[str] = []
    for route in posts:
        url = world.http.url + route.address
        for headers in ({}, {"Origin": "https://jahat.contoh"}, {"Origin": "null"}, {"Referer": world.http.url}):
            asked = {"Cookie": f"amanah_session={person.token}", "Accept": "text/html", **headers}
            async with world.http.session.post(url, data={"act": "x"}, headers=asked, allow_redirects=False) as answer:
                if answer.status != 403:
                    let_in.append(f"{route.template} {sorted(headers)} {answer.status}")
    assert not let_in, "\n".join(let_in)


async def test_pages_of_the_office_are_for_whom_they_are(world: World, pages: list[Route]) -> None:
    """Reading and writing; others learn nothing from the answer, not even whether there is such a thing."""
    offices = [route for route in pages if route.template.startswith(_OFFICE) and route.method != "HEAD"]
    assert len(offices) > 25
    wrong: list[str] = []
    for role in (None, *_EVERYBODY):
        tab = _tab(world, await world.person(role) if role else None)
        for route in offices:
            # A page of one thing belongs with the page of all.
            fitting = [begin for begin in _BY_ROLE if f"{route.template}/".startswith(f"{begin}/")]
            allowed = _BY_ROLE[fitting[0]] if fitting else frozenset({"privacy_officer"})
            if role in allowed or (role, route.template) == _REPORTING:
                continue
            path = route.address
            answer = await (tab.get(path) if route.method == "GET" else tab.submit(path, {"act": "x"}))
            refused = answer.status == 303 and "/masuk" in answer.headers["Location"] if role is None else False
            if not refused and answer.status not in {403, 404}:
                wrong.append(f"{role} {route.method} {route.template} {answer.status}")
    assert not wrong, "\n".join(wrong)


async def test_no_page_fails_on_what_nobody_expects(world: World, pages: list[Route]) -> None:
    """Odd words in addresses and queries are refused or found not to be; never a fault, never repeated raw."""
    person = await trained(world, "privacy_officer")
    odd = ("%00", "..%2f..%2fetc", "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E", "9" * 40, "%F0%9F%99%82", "a%0d%0ab")
    failed: list[str] = []
    for template in (route.template for route in pages if route.method == "GET" and "{" in route.template):
        for word in odd:
            path = _VARIABLE.sub(word, template)
            for tab in (_tab(world), _tab(world, person)):
                answer = await tab.get(f"{path}?q={word}&next={word}&kabar={word}&sesudah={word}&percakapan={word}")
                if answer.status >= 500 or b"<script>alert" in answer.body:
                    failed.append(f"{template} {word} {answer.status}")
    assert not failed, "\n".join(failed)
