"""Erasures as pages for privacy officers, complete without JavaScript: what waits, for what, what failed, the proofs.

Never whose they are: a number stands for each. What an officer may do is let one that failed go on now.
"""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from server.kernel.access import Access
from server.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from server.kernel.ports import Clock
from server.rights.erasure import Erasures, Signed
from server.rights.erasure_api import REGISTERED, state_of
from server.rights.erasure_model import STEPS, Erasure
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

OFFICE: Final = "/petugas/penghapusan"
_REFERENCE: Final = "{reference:[0-9a-v]{24}}"
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class ErasureOfficePages:
    """The pages.

    Args:
        site: the frame.
        erasures: the use cases.
        clock: the time.
    """

    def __init__(self, site: Site, erasures: Erasures, clock: Clock) -> None:
        self._site = site
        self._erasures = erasures
        self._clock = clock

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        one = f"{OFFICE}/{_REFERENCE}"
        app.router.add_get(OFFICE, self._site.shown(self._list))
        app.router.add_get(one, self._site.shown(self._show))
        app.router.add_post(one, self._site.posted(self._act))
        app.router.add_get(f"{one}/bukti.txt", self._site.shown(self._proof))

    async def _list(self, visit: Visit) -> Page:
        visit.require_access(Access.PRIVACY_OFFICER)
        going, done = await self._erasures.register(REGISTERED)
        due_first = sorted(going, key=lambda one: (one.failed is None, one.due_at))
        context = {
            "going": [await self._shown(visit, one) for one in due_first],
            "done": done,
            "days": REGISTERED // timedelta(days=1),
            "cooling": self._erasures.rules.cooling.days,
        }
        return Page("rights/erasures.html", context, headers=_NO_STORE)

    async def _show(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _page(self, visit: Visit, refusal: Refusal | None) -> Page:
        officer = visit.require_access(Access.PRIVACY_OFFICER)
        found = await self._erasures.get(officer, visit.part["reference"])
        context: dict[str, Any] = {"refusal": refusal, "now": self._clock()}
        if isinstance(found, Signed):
            context |= {"one": {"reference": found.proof.reference, "state": "done"}, "proof": found}
            fates = found.proof.fates
        else:
            context |= {"one": await self._shown(visit, found), "proof": None}
            fates = found.fates
        context["fates"] = fates
        return Page("rights/erasures_one.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        officer, reference = visit.require_access(Access.PRIVACY_OFFICER), visit.part["reference"]
        try:
            if visit.form.word("act") != "run":
                raise InvalidInput(fields={"act": "not_allowed"})
            await self._erasures.run_again(officer, reference, visit.form.number("tries") or 0)
        except (NotFound, NotPermitted):
            raise
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{OFFICE}/{reference}")

    async def _proof(self, visit: Visit) -> web.StreamResponse:
        officer = visit.require_access(Access.PRIVACY_OFFICER)
        found = await self._erasures.get(officer, visit.part["reference"])
        if not isinstance(found, Signed):
            raise NotFound
        headers = {"Content-Disposition": f'attachment; filename="bukti-{found.proof.reference}.txt"', **_NO_STORE}
        return web.Response(body=written(found).encode(), content_type="text/plain", charset="utf-8", headers=headers)

    async def _shown(self, visit: Visit, erasure: Erasure) -> Mapping[str, Any]:
        failed = erasure.failed
        return {
            "reference": erasure.reference,
            "state": await state_of(self._erasures, erasure),
            "asked_at": erasure.asked_at,
            "due_at": erasure.due_at,
            "again": erasure.again,
            "failed": failed,
            "step": self._site.text(visit.locale, _step(failed.step)) if failed else "",
        }


def written(signed: Signed) -> str:
    """Give a proof as a file: the text that is signed, to the line of dashes, then the signature and its key."""
    signature, key = (base64.b64encode(part).decode() for part in (signed.signature, signed.public_key))
    return f"{signed.text}-----\nsignature: {signature}\npublic key: {key}\n"


def _step(name: str) -> str:
    return f"erasure.step.{name}" if name in STEPS else f"holding.{name}"
