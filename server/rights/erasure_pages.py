"""Erasure as pages, complete without JavaScript: what would go, asking for it, taking it back, and the proof.

The secret of a proof stands on one answer only; no address holds it.
"""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from server.kernel.access import Access
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, FreshSignInRequired, InvalidInput
from server.kernel.fresh import FreshWindow
from server.kernel.ports import Limiter
from server.rights.erasure import Erasures
from server.rights.erasure_api import proof_out, state_of
from server.web.site.frame import CONFIRM, Site
from server.web.site.visit import Page, Refusal, Visit

HOME: Final = "/privasi/hapus"
PROOF: Final = "/privasi/hapus/bukti"
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class ErasurePages:
    """The pages.

    Args:
        site: the frame.
        erasures: the use cases.
        freshness: how recent a sign-in must be.
        limiter: rate limits, for proofs.
    """

    def __init__(self, site: Site, erasures: Erasures, freshness: FreshWindow, limiter: Limiter) -> None:
        self._site = site
        self._erasures = erasures
        self._freshness = freshness
        self._limiter = limiter

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._show))
        app.router.add_post(HOME, posted(self._act))
        app.router.add_get(PROOF, shown(self._ask_proof))
        app.router.add_post(PROOF, posted(self._prove))

    # --- one's own -------------------------------------------------------------------------------------------------

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.CUSTOMER)
        erasure = await self._erasures.standing(actor)
        context: Mapping[str, Any] = {
            "erasure": erasure,
            "state": await state_of(self._erasures, erasure),
            "fates": await self._erasures.preview(actor),
            "cooling": self._erasures.rules.cooling.days,
            "confirm": f"{CONFIRM}?next={HOME}" if self._is_stale(actor) else "",
            "refusal": refusal,
        }
        return Page("rights/erasure.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    def _is_stale(self, actor: Actor) -> bool:
        try:
            self._freshness.require(actor)
        except FreshSignInRequired:
            return True
        return False

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require_access(Access.CUSTOMER)
        try:
            if visit.form.word("act") == "cancel":
                await self._erasures.cancel(actor)
                return self._site.to(HOME)
            if not visit.form.is_on("sure"):
                raise InvalidInput(fields={"sure": "required"})
            asked = await self._erasures.ask(actor)
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        context = {"erasure": asked.erasure, "secret": asked.secret, "reader": None, "known": False}
        return Page("rights/erasure_asked.html", context, headers=_NO_STORE)

    # --- proof -----------------------------------------------------------------------------------------------------

    async def _ask_proof(self, _: Visit) -> Page:
        return Page("rights/erasure_proof.html", {"proof": None}, headers=_NO_STORE)

    async def _prove(self, visit: Visit) -> Page:
        try:
            await self._limiter.spend("erasure_network", visit.caller.network)
            found = await proof_out(self._erasures, await self._erasures.proof(visit.form.secret("secret")))
        except DomainError as error:
            refusal = self._site.refusal(visit, error)
            return Page("rights/erasure_proof.html", {"proof": None, "refusal": refusal}, refusal.status)
        return Page("rights/erasure_proof.html", {"proof": found}, headers=_NO_STORE)
