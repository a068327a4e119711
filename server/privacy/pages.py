"""Consent as pages, complete without JavaScript: choosing, receipts, guardians, and figures for privacy officers.

No dark patterns: each purpose is one choice with two buttons of one look, off until somebody says yes; taking back is
one tap in the same place; nothing is asked twice, and nothing else waits behind an answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from aiohttp import web

from server.kernel.access import Access, can_call
from server.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from server.privacy.guardians import PLACE, Asked, Guardianship, Guardianships, Ward
from server.privacy.model import ARTICLE, PURPOSES, Basis, Choice, is_asked_again
from server.privacy.purposes import PurposeText
from server.privacy.service import PrivacyService
from server.privacy.uses import USES
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

HOME: Final = "/privasi/persetujuan"
OFFICE: Final = "/petugas/persetujuan"
_NO_STORE: Final[Mapping[str, str]] = {"Cache-Control": "no-store"}
_SECRET: Final[Mapping[str, str]] = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer", **_NO_STORE}
_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Shown:
    """A purpose as its person sees it.

    Attributes:
        name: of the purpose.
        words: what is shown before choosing.
        version: of that text.
        needs_consent: whether it is off until somebody says yes.
        choice: the standing one, or None.
        again: whether there was a yes to a former text.
        guardian: what the guardian chose; None where none did, or none has to.
        stands: whether the use is allowed now.
    """

    name: str
    words: PurposeText
    version: int
    needs_consent: bool
    choice: Choice | None
    again: bool
    guardian: Choice | None
    stands: bool


class ConsentPages:
    """The pages.

    Args:
        site: the frame.
        privacy: choices and receipts.
        guardianships: of people who can't agree alone.
        smallest: people without whom no figure is shown.
    """

    def __init__(self, site: Site, privacy: PrivacyService, guardianships: Guardianships, smallest: int) -> None:
        self._site = site
        self._privacy = privacy
        self._ledger = privacy.ledger
        self._guardianships = guardianships
        self._smallest = smallest

    def attach(self, app: web.Application) -> None:
        """Add the routes; what has a word of its own comes before numbers."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._home))
        app.router.add_post(HOME, posted(self._choose))
        app.router.add_post(f"{HOME}/wali", posted(self._declare))
        app.router.add_get(f"{HOME}/{{number:[1-9][0-9]{{0,8}}}}", shown(self._receipt))
        app.router.add_get(f"{PLACE}/{{token:[A-Za-z0-9_-]{{16,64}}}}", shown(self._guardian))
        app.router.add_post(f"{PLACE}/{{token:[A-Za-z0-9_-]{{16,64}}}}", posted(self._answer))
        app.router.add_get(OFFICE, shown(self._figures))

    # --- the person ------------------------------------------------------------------------------------------------

    async def _home(self, visit: Visit) -> Page:
        return await self._page(visit, None)

    async def _choose(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form = visit.require(), visit.form
        answer = form.word("answer")
        try:
            if answer not in {_YES, _NO}:
                raise InvalidInput(fields={"answer": "required"})
            await self._privacy.choose(actor, form.word("purpose"), answer == _YES, visit.locale)
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{HOME}#{form.word('purpose')}")

    async def _declare(self, visit: Visit) -> Page | web.StreamResponse:
        actor, form = visit.require(), visit.form
        if not can_call(Access.MEMBER, actor.role):
            raise NotPermitted
        try:
            ward = Ward.GUARDED if form.word("ward") == Ward.GUARDED.value else Ward.MINOR
            year, month = form.number("year"), form.number("month")
            born = date(year, month, 1) if year and month and year <= 9999 and month <= 12 else None
            await self._guardianships.declare(actor, ward, born, form.secret("guardian"), visit.locale)
        except DomainError as error:
            return await self._page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{HOME}#wali")

    async def _page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require()
        guardianship = await self._guardianships.of(actor.account_id)
        history = await self._privacy.history(actor)
        context = {
            "home": HOME,
            "purposes": await self._shown(visit, guardianship),
            "legal": [(name, use.basis.value, ARTICLE[use.basis]) for name, use in USES.items() if use.purpose is None],
            "history": [(one, self._title(one.purpose, visit.locale)) for one in history],
            "guardianship": guardianship,
            "months": range(1, 13),
            "member": can_call(Access.MEMBER, actor.role),
            "refusal": refusal,
        }
        return Page("privacy/consents.html", context, refusal.status if refusal else 200, headers=_NO_STORE)

    async def _shown(self, visit: Visit, guardianship: Guardianship | None) -> Sequence[Shown]:
        actor, texts = visit.require(), self._ledger.texts
        choices = await self._ledger.standing(actor.account_id)
        asked = {one.purpose: one for one in await self._guardianships.asked(guardianship)} if guardianship else {}
        return [
            Shown(
                name=name,
                words=texts.present(name).words[visit.locale],
                version=rule.version,
                needs_consent=rule.basis is Basis.CONSENT,
                choice=choices.get(name),
                again=is_asked_again(name, choices.values()),
                guardian=asked[name].guardians if name in asked else None,
                stands=await self._ledger.stands(actor.account_id, name),
            )
            for name, rule in PURPOSES.items()
        ]

    async def _receipt(self, visit: Visit) -> Page:
        receipt = await self._privacy.receipt(visit.require(), int(visit.part["number"]))
        words = receipt.shown.words.get(receipt.choice.locale or visit.locale) if receipt.shown else None
        context = {
            "receipt": receipt,
            "shown": words,
            "title": self._title(receipt.choice.purpose, visit.locale),
            "home": HOME,
        }
        return Page("privacy/receipt.html", context, headers=_NO_STORE)

    def _title(self, purpose: str, locale: str) -> str:
        return self._ledger.texts.present(purpose).words[locale].title if purpose in PURPOSES else purpose

    # --- the guardian ----------------------------------------------------------------------------------------------

    async def _guardian(self, visit: Visit) -> Page:
        return await self._guardian_page(visit, None)

    async def _guardian_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        found, asked = await self._guardianships.by_token(visit.part["token"])
        context = {
            "guardianship": found,
            "asked": [(one, self._words(one, visit.locale)) for one in asked],
            "address": visit.request.rel_url.raw_path,
            "released": False,
            "refusal": refusal,
        }
        return Page("privacy/guardian.html", context, refusal.status if refusal else 200, headers=_SECRET)

    async def _answer(self, visit: Visit) -> Page | web.StreamResponse:
        token, form = visit.part["token"], visit.form
        answer = form.word("answer")
        try:
            if answer == "release":
                await self._guardianships.release(token)
                return Page("privacy/guardian.html", {"released": True}, headers=_SECRET)
            if answer not in {_YES, _NO}:
                raise InvalidInput(fields={"answer": "required"})
            await self._guardianships.answer(token, form.word("purpose"), visit.locale, granted=answer == _YES)
        except NotFound:
            raise
        except DomainError as error:
            return await self._guardian_page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{PLACE}/{token}")

    def _words(self, asked: Asked, locale: str) -> PurposeText:
        return self._ledger.texts.present(asked.purpose).words[locale]

    # --- officers --------------------------------------------------------------------------------------------------

    async def _figures(self, visit: Visit) -> Page:
        actor = visit.require()
        if not (can_call(Access.PRIVACY_OFFICER, actor.role) or can_call(Access.ADMIN, actor.role)):
            raise NotPermitted
        figures = await self._ledger.figures()
        context = {
            "rows": [
                (self._title(name, visit.locale), PURPOSES[name], ARTICLE[PURPOSES[name].basis], one)
                for name, one in figures.items()
            ],
            "smallest": self._smallest,
            "legal": [
                (name, use.basis.value, ARTICLE[use.basis], use.where)
                for name, use in USES.items()
                if use.purpose is None
            ],
        }
        return Page("privacy/figures.html", context, headers=_NO_STORE)
