"""Opening a file of feedback from its page: with a session, for a stated purpose where it is sealed, or with a code.

Whoever is signed in is led to an address that works for them and for a short while (`showing`).
"""

from typing import Final

from aiohttp import web

from server.feedback.items import Items
from server.feedback.page_frame import CODE, HOME, number_of
from server.feedback.sending import FollowedUp, Sending
from server.files.circles import of_item
from server.files.pages import file_response
from server.files.showing import FileViews, Look
from server.kernel.disclosure import Purpose
from server.kernel.errors import InvalidInput, NotFound
from server.web.site.frame import Site
from server.web.site.visit import Visit

_LONGEST_CODE: Final = 60
_FILE: Final = "{file:[a-z0-9]{1,64}}"


class FeedbackFilePages:
    """The addresses.

    Args:
        site: what all pages share.
        views: shows files.
        items: knows who may read an item.
        sending: knows whose code leads where.
    """

    def __init__(self, site: Site, views: FileViews, items: Items, sending: Sending) -> None:
        self._site = site
        self._views = views
        self._items = items
        self._sending = sending

    def attach(self, app: web.Application) -> None:
        """Add the routes. Before those of an item, whose words could be any."""
        address = f"{HOME}/{{number:[0-9]{{1,9}}}}/berkas/{_FILE}"
        app.router.add_get(address, self._site.shown(self._open, query=("kecil",)))
        app.router.add_post(address, self._site.posted(self._unseal))
        app.router.add_post(f"{CODE}/berkas", self._site.posted(self._with_code))

    async def _open(self, visit: Visit) -> web.StreamResponse:
        return await self._led(visit, None, small="kecil" in visit.request.query)

    async def _unseal(self, visit: Visit) -> web.StreamResponse:
        word = visit.form.word("purpose")
        if word not in set(Purpose):
            raise InvalidInput(fields={"purpose": "required"})
        return await self._led(visit, Look(Purpose(word), visit.form.text("reason")), small=False)

    async def _led(self, visit: Visit, look: Look | None, *, small: bool) -> web.StreamResponse:
        actor = visit.require()
        item = (await self._items.find(actor, number_of(visit))).item
        shown = await self._views.links(actor, of_item(item.id), [visit.part["file"]], look)
        if not shown:
            raise NotFound
        return self._site.to(shown[0].small_address if small and shown[0].small_address else shown[0].address)

    async def _with_code(self, visit: Visit) -> web.StreamResponse:
        found = await self._sending.open(visit.form.secret("code")[:_LONGEST_CODE], network=visit.caller.network)
        wanted = visit.form.word("file")
        if wanted not in _ids_of(found):
            raise NotFound
        return file_response(*await self._views.content_of(of_item(found.view.item.id), wanted))


def _ids_of(found: FollowedUp) -> set[str]:
    """Give the files that the sender of an item may open: their own, and staff's answers."""
    ids = {file.id for file in found.view.item.files}
    return ids | {file.id for view in found.comments.views for file in view.files}
