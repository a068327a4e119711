"""The page on which people lay the permission for a contact of their own before themselves. Works without JavaScript.

They read and sign it on its own page (`pages`), like every other.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from server.forum.showing import Showing
from server.kernel.errors import DomainError
from server.publication.contacts import OwnContacts
from server.publication.model import LIFETIMES, MAX_CONTACT, MOST_CONTACTS
from server.publication.pages import OWN, naming
from server.web.catalogue import LOCALES
from server.web.site.forms import local_path
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

PATH: Final = f"{OWN}/kontak"
_NO_STORE: Final[Mapping[str, str]] = {"Cache-Control": "no-store"}


class ContactPages:
    """The page.

    Args:
        site: the frame.
        contacts: contacts of one's own.
    """

    def __init__(self, site: Site, contacts: OwnContacts) -> None:
        self._site = site
        self._contacts = contacts
        self._showing = {locale: Showing(naming(site, locale)) for locale in LOCALES}

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(PATH, self._site.shown(self._show, query=("kategori", "kembali")))
        app.router.add_post(PATH, self._site.posted(self._ask))

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _ask(self, visit: Visit) -> Page | web.StreamResponse:
        form = visit.form
        try:
            asked = await self._contacts.ask(
                visit.require(),
                form.word("place"),
                form.text("contact"),
                form.secret("contact"),
                form.number("days") or 0,
            )
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        back = local_path(form.secret("kembali"), "")
        query = f"?{urlencode({'kembali': back})}" if back else ""
        return self._site.to(f"{OWN}/{asked.id}{query}")

    async def _page(self, visit: Visit, refusal: Refusal | None) -> Page:
        query = visit.request.query
        places = await self._contacts.places(visit.require())
        slug = query.get("kategori", "")
        named = next((one.id for one in places if one.slug == slug), "")
        context = {
            "places": places,
            "chosen": visit.form.word("place") or named,
            "contact_text": visit.form.typed("contact"),
            "lifetimes": LIFETIMES,
            "longest": MAX_CONTACT,
            "most": MOST_CONTACTS,
            "back": local_path(visit.form.secret("kembali") or query.get("kembali", ""), ""),
            "show": self._showing[visit.locale],
            "own": OWN,
            "action": PATH,
            "refusal": refusal,
        }
        return Page("publication/contact.html", context, refusal.status if refusal else 200, headers=_NO_STORE)
