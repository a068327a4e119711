"""The moderators' desk as pages, an author's own decisions with the appeal, and public figures. Complete without
JavaScript: each step is a form.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from aiohttp import web

from moderation.queue import Decision, Ruling, State, can_appeal, fits
from moderation.watched import Watch
from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from server.people.model import Persona
from server.review.api import Desk
from server.review.model import MAX_NOTE, Category, Decisive, Item, Phase
from server.review.waiting import HOME, OWN
from server.review.words import MAX_TYPED
from server.web.paging import next_cursor, place_of
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

_ON_A_PAGE = 30
_Chosen = TypeVar("_Chosen", bound=StrEnum)


class Found(Protocol):
    """A topic that the reader may read."""

    @property
    def topic(self) -> Any: ...


class ForumFrame(Protocol):
    """The frame of the forum's pages, as far as these stand on it."""

    site: Site

    def context(self, visit: Visit, **more: Any) -> Mapping[str, Any]: ...
    async def topic(self, visit: Visit) -> Found: ...
    def post_id(self, visit: Visit, topic: Any) -> str: ...


class ReviewPages:
    """The pages.

    Args:
        forum: the frame, and how texts are shown.
        desk: the services.
    """

    def __init__(self, forum: ForumFrame, desk: Desk) -> None:
        self._forum = forum
        self._site = forum.site
        self._desk = desk

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._list))
        app.router.add_get(f"{HOME}/kata", shown(self._words))
        app.router.add_post(f"{HOME}/kata", posted(self._change_word))
        app.router.add_get(f"{HOME}/statistik", shown(self._figures))
        app.router.add_get(OWN, shown(self._own))
        app.router.add_get(f"{OWN}/{{id}}", shown(self._own))
        app.router.add_post(f"{OWN}/{{id}}", posted(self._appeal))
        app.router.add_get(f"{HOME}/{{id}}", shown(self._open))
        app.router.add_post(f"{HOME}/{{id}}", posted(self._act))
        app.router.add_get("/forum/t/{number}/p/{seq}/lapor", shown(self._flag_form))
        app.router.add_post("/forum/t/{number}/p/{seq}/lapor", posted(self._flag))

    # --- the desk --------------------------------------------------------------------------------------------------

    async def _list(self, visit: Visit) -> Page:
        actor = visit.require_access(Access.MODERATOR)
        asked = visit.request.query.get("daftar", "")
        phase = Phase(asked) if asked in set(Phase) else Phase.WAITING
        before = place_of(visit.request.query.get("sebelum") or None)
        found = await self._desk.service.newest(actor, phase, before_id=before, limit=_ON_A_PAGE + 1)
        items = [item for item in found[:_ON_A_PAGE] if self._desk.service.is_for(actor, item)]
        context = self._context(
            visit,
            phase=phase.value,
            phases=[one.value for one in Phase],
            rows=list(zip(items, await self._desk.service.subjects(items), strict=True)),
            people=await self._people([item.case.author_id for item in items]),
            older=next_cursor([item.id for item in found], _ON_A_PAGE),
        )
        return Page("review/list.html", context)

    async def _open(self, visit: Visit) -> Page:
        return await self._item_page(visit, None)

    async def _item_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.MODERATOR)
        opened = await self._desk.service.open(actor, visit.part["id"])
        item, case = opened.item, opened.item.case
        others = {report.reporter_id for report in opened.reports}
        now = self._desk.clock()
        taken = case.claim is not None and case.claim.by != actor.account_id and case.claim.until > now
        own = actor.account_id in case.reporters
        appealed = case.state is State.APPEALED
        own_decision = case.decided is not None and case.decided.by == actor.account_id
        context = self._context(
            visit,
            item=item,
            subject=opened.subject,
            reports=opened.reports,
            earlier=opened.earlier,
            people=await self._people([case.author_id, *others]),
            decisions=[one.value for one in Decision if fits(case, one)],
            rulings=[one.value for one in Ruling],
            taken=taken,
            mine=case.claim is not None and case.claim.by == actor.account_id and not taken,
            decides=item.phase is Phase.WAITING and not own and not taken,
            rules=appealed and not own and not own_decision,
            own=own or (appealed and own_decision),
            note_text=visit.form.typed("note"),
            new_text=visit.form.typed("text"),
            chosen=visit.form.word("decision"),
            refusal=refusal,
        )
        return Page("review/item.html", context, refusal.status if refusal else 200)

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require_access(Access.MODERATOR)
        try:
            path = await self._done(visit, actor)
        except (NotFound, NotPermitted):
            raise
        except DomainError as error:
            return await self._item_page(visit, self._site.refusal(visit, error))
        return self._site.to(path)

    async def _done(self, visit: Visit, actor: Actor) -> str:
        form, item_id, service = visit.form, visit.part["id"], self._desk.service
        match form.word("act"):
            case "claim":
                await service.claim(actor, item_id)
                return f"{HOME}/{item_id}"
            case "release":
                await service.release(actor, item_id)
            case "decide":
                said = Decisive(
                    category=_chosen(Category, form.word("category"), "category"),
                    note=form.text("note"),
                    days=form.number("days"),
                    text=form.text("text") if form.typed("text") else None,
                    revision=form.number("revision"),
                )
                await service.decide(actor, item_id, _chosen(Decision, form.word("decision"), "decision"), said)
            case "rule":
                ruling = _chosen(Ruling, form.word("ruling"), "ruling")
                await service.rule(actor, item_id, ruling, form.text("note"))
            case _:
                raise InvalidInput(fields={"act": "not_allowed"})
        return HOME

    # --- watched words, figures ------------------------------------------------------------------------------------

    async def _words(self, visit: Visit) -> Page:
        return self._word_page(visit, None)

    def _word_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        visit.require_access(Access.CURATOR)
        context = self._context(
            visit,
            entries=self._desk.words.entries,
            watches=[one.value for one in Watch],
            longest_word=MAX_TYPED,
            word_text=visit.form.typed("word"),
            refusal=refusal,
        )
        return Page("review/words.html", context, refusal.status if refusal else 200)

    async def _change_word(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require_access(Access.CURATOR)
        try:
            if visit.form.is_on("remove"):
                await self._desk.words.remove(actor, visit.form.text("word"))
            else:
                action = _chosen(Watch, visit.form.word("action"), "action")
                await self._desk.words.set(actor, visit.form.text("word"), action)
        except DomainError as error:
            return self._word_page(visit, self._site.refusal(visit, error))
        return self._site.to(f"{HOME}/kata")

    async def _figures(self, visit: Visit) -> Page:
        figures = self._desk.figures
        context = self._context(visit, figures=await figures.read(), smallest=figures.smallest)
        return Page("review/figures.html", context, canonical=f"{HOME}/statistik")

    # --- authors ---------------------------------------------------------------------------------------------------

    async def _own(self, visit: Visit) -> Page:
        return await self._own_page(visit, None)

    async def _own_page(self, visit: Visit, refusal: Refusal | None) -> Page:
        actor = visit.require_access(Access.MEMBER)
        service, one = self._desk.service, visit.part.get("id", "")
        if one:
            found: Sequence[Item] = [await service.own(actor, one)]
        else:
            before = place_of(visit.request.query.get("sebelum") or None)
            found = await service.mine(actor, before_id=before, limit=_ON_A_PAGE + 1)
        items = list(found[:_ON_A_PAGE])
        within, now = timedelta(days=service.policy.appeal_days), self._desk.clock()
        context = self._context(
            visit,
            rows=list(zip(items, await service.subjects(items), strict=True)),
            appealable={item.id for item in items if can_appeal(item.case, now, within)},
            standing=await self._desk.sanctions.of(actor.account_id),
            older=next_cursor([item.id for item in found], _ON_A_PAGE),
            one=one,
            appealing=one if refusal else "",
            appeal_text=visit.form.typed("text"),
            refusal=refusal,
        )
        return Page("review/own.html", context, refusal.status if refusal else 200)

    async def _appeal(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require_access(Access.MEMBER)
        try:
            await self._desk.service.appeal(actor, visit.part["id"], visit.form.text("text"))
        except NotFound:
            raise
        except DomainError as error:
            return await self._own_page(visit, self._site.refusal(visit, error))
        return self._site.to(OWN)

    # --- reporting -------------------------------------------------------------------------------------------------

    async def _flag_form(self, visit: Visit) -> Page:
        return await self._flag_page(visit, None)

    async def _flag_page(self, visit: Visit, refusal: Refusal | None, *, done: bool = False) -> Page:
        visit.require_access(Access.MEMBER)
        row = await self._forum.topic(visit)
        context = self._context(
            visit,
            back=f"/forum/t/{row.topic.number}/{row.topic.slug}",
            topic=row.topic,
            done=done,
            note_text=visit.form.typed("note"),
            refusal=refusal,
        )
        return Page("review/flag.html", context, refusal.status if refusal else 200)

    async def _flag(self, visit: Visit) -> Page:
        actor = visit.require_access(Access.MEMBER)
        row = await self._forum.topic(visit)
        of_post = self._forum.post_id(visit, row.topic)
        try:
            reason = _chosen(Category, visit.form.word("reason"), "reason")
            await self._desk.flagging.report(actor, "post", of_post, reason, visit.form.text("note"))
        except NotFound:
            raise
        except DomainError as error:
            return await self._flag_page(visit, self._site.refusal(visit, error))
        return await self._flag_page(visit, None, done=True)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _people(self, account_ids: Sequence[str]) -> Mapping[str, Persona]:
        return await self._desk.people.personas(sorted(set(account_ids)))

    def _context(self, visit: Visit, **more: Any) -> Mapping[str, Any]:
        is_moderator = visit.actor is not None and can_call(Access.MODERATOR, visit.actor.role)
        is_curator = visit.actor is not None and can_call(Access.CURATOR, visit.actor.role)
        categories = [one.value for one in Category]
        return self._forum.context(
            visit,
            is_moderator=is_moderator,
            is_curator=is_curator,
            categories=categories,
            longest_note=MAX_NOTE,
            **more,
        )


def _chosen(kind: type[_Chosen], word: str, field: str) -> _Chosen:
    """Give the member of an enumeration that a form offered.

    Raises:
        InvalidInput: it is none.
    """
    if word not in {one.value for one in kind}:
        raise InvalidInput(fields={field: "required"})
    return kind(word)
