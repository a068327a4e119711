"""The staff's page of one item: what was proposed, who has it, what is answered, noted, merged. One form, one step."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from server.feedback.changes import Change
from server.feedback.clocks import read
from server.feedback.comments import Comments
from server.feedback.desk import Desk
from server.feedback.desk_frame import DeskFrame
from server.feedback.file_forms import NOTHING_BROUGHT, Brought, FileForms
from server.feedback.handling import MAX_TOPIC, Handling
from server.feedback.items import Items
from server.feedback.merging import Merging
from server.feedback.model import Item, Priority, State, can_unmerge, why_apart
from server.feedback.page_frame import INBOX, number_of
from server.feedback.proposals import TASKS
from server.feedback.reading import ItemView
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from server.kernel.ports import Clock
from server.kernel.restraint import Restraints, Use
from server.kernel.text import RawText
from server.web.site.forms import NOTHING_TYPED, Form, Typed, local_path
from server.web.site.visit import Page, Refusal, Visit

_SAID: Final = {"tersimpan": "triage.said.saved"}
_MOST_COMMENTS: Final = 100
_TOPIC: Final = "topic"


@dataclass(frozen=True, slots=True)
class CaseServices:
    """What stands behind the page."""

    items: Items
    comments: Comments
    handling: Handling
    merging: Merging
    desk: Desk
    clock: Clock
    restraints: Restraints


class CasePages:
    """The page.

    Args:
        frame: what the staff's pages share.
        services: what stands behind it.
        files: takes in files that come with what is written.
    """

    def __init__(self, frame: DeskFrame, services: CaseServices, files: FileForms) -> None:
        self._frame = frame
        self._site = frame.site
        self._items = services.items
        self._comments = services.comments
        self._handling = services.handling
        self._merging = services.merging
        self._desk = services.desk
        self._clock = services.clock
        self._restraints = services.restraints
        self._files = files

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        address = INBOX + "/{number:[0-9]{1,9}}"
        app.router.add_get(address, self._site.shown(self._show))
        app.router.add_post(address, self._site.posted(self._act, most_file=self._files.most))

    async def _show(self, visit: Visit) -> Page:
        actor = self._frame.require(visit)
        view = await self._items.find(actor, number_of(visit))
        return await self._page(visit, actor, view, said=self._frame.said(visit, _SAID))

    async def _page(
        self,
        visit: Visit,
        actor: Actor,
        view: ItemView,
        refusal: Refusal | None = None,
        *,
        said: str = "",
        text: Typed = NOTHING_TYPED,
        brought: Brought = NOTHING_BROUGHT,
    ) -> Page:
        item = view.item
        options = await self._frame.options(visit)
        context = await self._frame.context(
            visit,
            case=True,
            view=view,
            comments=await self._comments.page_of(actor, item, limit=_MOST_COMMENTS),
            duplicates=await self._duplicates(actor, item),
            canned=await self._desk.canned(actor),
            canned_chosen=visit.form.word("canned"),
            choices=self._frame.choices(visit, options),
            move_options=[(state.value, self._frame.state_name(visit, state)) for state in view.moves],
            promises=_promises_of(item),
            longest_topic=MAX_TOPIC,
            topic_text=visit.form.typed("topic"),
            paused=item.clock is not None and read(item.clock).paused,
            may_unmerge=can_unmerge(item, self._clock()),
            client_id=visit.form.word("client_id") or secrets.token_hex(16),
            text=text,
            code_field="",
            most_file=self._files.most,
            brought=brought.files,
            said=said,
            refusal=refusal,
            by_person=self._by_person(item),
            **options,
        )
        return Page("feedback/handle.html", context, refusal.status if refusal else 200)

    def _by_person(self, item: Item) -> bool:
        """Whether its sender wants no machine to propose anything."""
        return item.author_id is not None and self._restraints.stands(item.author_id, Use.TRIAGE)

    async def _duplicates(self, actor: Actor, item: Item) -> Sequence[tuple[Item, float, str]]:
        """Give what is like it, how much, and why it can't be part of that; the reason is empty where it can."""
        found: list[tuple[Item, float, str]] = []
        for similar in item.proposal.duplicates if item.proposal else ():
            try:
                other = (await self._items.get(actor, similar.item_id)).item
            except NotFound:
                continue
            found.append((other, similar.likeness, why_apart(item, other)))
        return found

    # --- what is done ----------------------------------------------------------------------------------------------

    async def _act(self, visit: Visit) -> Page | web.StreamResponse:
        actor = self._frame.require(visit)
        view = await self._items.find(actor, number_of(visit))
        if visit.form.word("act") == "insert":
            return await self._page(visit, actor, view, text=await self._inserted(visit, actor))
        brought = NOTHING_BROUGHT
        try:
            brought = await self._files.brought(visit)
            if brought.refusal is not None:
                raise brought.refusal
            if self._files.only_adds(visit):
                return await self._page(visit, actor, view, text=visit.form.typed("text"), brought=brought)
            await self._done(visit, actor, view.item, brought)
        except (NotFound, NotPermitted):
            raise
        except DomainError as error:
            refusal = self._site.refusal(visit, error)
            return await self._page(visit, actor, view, refusal, text=visit.form.typed("text"), brought=brought)
        back = local_path(visit.form.secret("back"), "")
        return self._site.to(back or f"{INBOX}/{view.item.number}?kabar=tersimpan")

    async def _inserted(self, visit: Visit, actor: Actor) -> Typed:
        """What is in the field, with a canned answer; for browsers without scripts."""
        chosen = visit.form.word("canned")
        found = next((one for one in await self._desk.canned(actor) if one.id == chosen), None)
        return Typed(found.text.value) if found and not visit.form.typed("text") else visit.form.typed("text")

    async def _done(self, visit: Visit, actor: Actor, item: Item, brought: Brought) -> None:
        form, act = visit.form, visit.form.word("act")
        if brought.files and act not in {"comment", "note"}:
            # An official answer is for whoever reads the item, and a file is not.
            raise InvalidInput(fields={"file": "file_with_comments"})
        if act in {"accept", "correct"}:
            chosen, topic = _chosen(form, item) if act == "correct" else ({}, None)
            await self._handling.triage(actor, item.id, chosen, topic=topic)
        elif act in {"comment", "note"}:
            client_id = form.word("client_id") or None
            await self._comments.write(
                actor, item.id, form.text("text"), note=act == "note", client_id=client_id, file_ids=brought.ids
            )
        elif act in {"release", "reject"}:
            await self._handling.release(actor, item.id, shown=act == "release")
        elif act == "merge":
            into = await self._items.find(actor, form.number("into") or 0)
            await self._merging.merge(actor, item.id, into.item.id)
        elif act == "unmerge":
            await self._merging.unmerge(actor, item.id)
        else:
            await self._handling.change(actor, item.id, self._change(form, actor, act))

    @staticmethod
    def _change(form: Form, actor: Actor, act: str) -> Change:
        match act:
            case "move" if form.word("state") in set(State):
                return Change(state=State(form.word("state")))
            case "take":
                return Change(assignee_id=actor.account_id)
            case "assign":
                return Change(assignee_id=form.word("assignee"))
            case "set" if form.word("priority") in set(Priority):
                return Change(
                    priority=Priority(form.word("priority")), area=form.word("area"), tags=form.pieces("tags", ",")
                )
            case "respond":
                return Change(response=form.text("text"))
            case "publish":
                return Change(changelog=form.text("text"))
        raise InvalidInput(fields={"act": "not_allowed"})


def _promises_of(item: Item) -> list[tuple[str, str, datetime | None]]:
    """Give what was promised, whether it was kept (`open` where that is still to be seen), and when it was met."""
    hands = read(item.clock).hands if item.clock is not None else {}
    return [
        (aim.value, "open" if hand.met_at is None else "kept" if hand.kept else "missed", hand.met_at)
        for aim, hand in hands.items()
    ]


def _chosen(form: Form, item: Item) -> tuple[dict[str, str | None], RawText | None]:
    """Give what somebody of staff says that an item is, where it differs from what was proposed; and a typed topic."""
    guesses = item.proposal.guesses if item.proposal else {}
    asked = {task: form.word(task) or None for task in TASKS if task in guesses and task != _TOPIC}
    chosen = {task: value for task, value in asked.items() if value != guesses[task].value}
    proposed = (guesses[_TOPIC].value or "") if _TOPIC in guesses else ""
    # Unchanged is not sent through the gate again: placeholders in it are the server's, not typed ones.
    if form.secret(_TOPIC).strip() == proposed or _TOPIC not in guesses:
        return chosen, None
    return (chosen, form.text(_TOPIC)) if form.typed(_TOPIC) else ({**chosen, _TOPIC: None}, None)
