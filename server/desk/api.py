"""The desk over HTTP: cases, views, notes."""

from collections.abc import Sequence
from typing import Final

from server.chat.model import Action, Status, rule
from server.desk.door import TRIAGE, Door
from server.desk.handling import BulkWish, CaseWish, Handling
from server.desk.lists import VIEW_RULE, Lists, Wish
from server.desk.model import Filter, Row
from server.desk.notes import Notes
from server.desk.schemas import (
    BulkChange,
    BulkFailure,
    CaseBulkReply,
    CaseChange,
    CasePage,
    CaseQuery,
    CaseReply,
    CaseViewList,
    CaseViewReply,
    NewNote,
    NewView,
    NoteList,
    NoteReply,
    Transfer,
    ViewChange,
    ViewFilter,
)
from server.desk.views import item_out, named, note_out, saved_out, view_out
from server.kernel.actor import Actor
from server.kernel.ports import Clock
from server.kernel.wire import Empty
from server.web.endpoint import Access, Call, Endpoint, Reply

ROOT: Final = "/api/v1/desk"
CASE: Final = f"{ROOT}/cases/{{id}}"


class CaseWriter:
    """Gives cases their wire form, as much as each receiver sees."""

    def __init__(self, door: Door, clock: Clock) -> None:
        self._door = door
        self._clock = clock

    async def reply(self, actor: Actor, row: Row) -> CaseReply:
        """Give one."""
        return CaseReply(item=(await self.page(actor, [row], None)).items[0])

    async def page(self, actor: Actor, rows: Sequence[Row], cursor: str | None) -> CasePage:
        """Give some."""
        people = await self._door.people(named(rows))
        now = self._clock()
        return CasePage(
            items=[
                item_out(row, people, self._door.view(actor, row.conversation), actor.account_id, now) for row in rows
            ],
            next_cursor=cursor,
        )


def endpoints(lists: Lists, handling: Handling, notes: Notes, writer: CaseWriter) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def views(call: Call) -> CaseViewList:
        found = await lists.views(call.actor)
        return CaseViewList(items=[view_out(item, call.actor.account_id) for item in found])

    async def keep_view(call: Call) -> Reply:
        body: NewView = call.body
        view = await lists.keep_view(call.actor, body.name, _filter(body.filter), shared=body.shared)
        return Reply(CaseViewReply(view=saved_out(view, None, call.actor.account_id)), status=201)

    async def change_view(call: Call) -> CaseViewReply:
        body: ViewChange = call.body
        view = await lists.change_view(call.actor, call.path["id"], body.name, shared=body.shared)
        return CaseViewReply(view=saved_out(view, None, call.actor.account_id))

    async def drop_view(call: Call) -> Empty:
        await lists.drop_view(call.actor, call.path["id"])
        return Empty()

    async def cases(call: Call) -> CasePage:
        query: CaseQuery = call.query
        wish = Wish(query.view, query.label, query.priority, query.sort, query.cursor, query.limit)
        page = await lists.page(call.actor, wish)
        return await writer.page(call.actor, page.rows, page.cursor)

    async def get(call: Call) -> CaseReply:
        return await writer.reply(call.actor, await handling.get(call.actor, call.path["id"]))

    async def change(call: Call) -> CaseReply:
        body: CaseChange = call.body
        wish = CaseWish(
            body.priority,
            None if body.labels is None else frozenset(body.labels),
            body.snoozed_until,
            wakes="snoozed_until" in body.model_fields_set,
        )
        return await writer.reply(call.actor, await handling.change(call.actor, call.path["id"], wish))

    async def bulk(call: Call) -> CaseBulkReply:
        body: BulkChange = call.body
        wish = BulkWish(body.action, body.agent_id, body.label, body.priority, body.snoozed_until)
        outcome = await handling.bulk(call.actor, body.ids, wish)
        return CaseBulkReply(
            done=outcome.done, failed=[BulkFailure(id=case_id, code=code) for case_id, code in outcome.failed]
        )

    async def list_notes(call: Call) -> NoteList:
        found = await notes.read(call.actor, call.path["id"])
        authors = await notes.authors(found)
        return NoteList(items=[note_out(note, authors) for note in found])

    async def write_note(call: Call) -> Reply:
        body: NewNote = call.body
        note = await notes.write(call.actor, call.path["id"], body.text)
        return Reply(NoteReply(note=note_out(note, {call.actor.account_id: call.actor})), status=201)

    async def transfer(call: Call) -> CaseReply:
        body: Transfer = call.body
        row = await handling.transfer(call.actor, call.path["id"], body.agent_id, body.note)
        return await writer.reply(call.actor, row)

    desk, views_path = Access.DESK, f"{ROOT}/views"
    return (
        Endpoint("GET", views_path, "The views with their counts", views, CaseViewList, desk),
        Endpoint("POST", views_path, "Keep a view", keep_view, CaseViewReply, desk, body=NewView, status=201),
        Endpoint(
            "PATCH",
            f"{views_path}/{{id}}",
            "Call a view of one's own otherwise, or share it",
            change_view,
            CaseViewReply,
            desk,
            body=ViewChange,
            rule=VIEW_RULE,
        ),
        Endpoint(
            "DELETE", f"{views_path}/{{id}}", "Remove a view of one's own", drop_view, Empty, desk, rule=VIEW_RULE
        ),
        Endpoint("GET", f"{ROOT}/cases", "The cases of a view", cases, CasePage, desk, query=CaseQuery),
        Endpoint("POST", f"{ROOT}/cases/bulk", "Do the same with many", bulk, CaseBulkReply, desk, body=BulkChange),
        Endpoint("GET", CASE, "One case", get, CaseReply, desk, rule=rule(Action.LIST)),
        Endpoint("PATCH", CASE, "Set priority, labels, snooze", change, CaseReply, desk, body=CaseChange, rule=TRIAGE),
        Endpoint("GET", f"{CASE}/notes", "The staff's notes", list_notes, NoteList, desk, rule=rule(Action.READ)),
        Endpoint(
            "POST",
            f"{CASE}/notes",
            "Write a note for the staff",
            write_note,
            NoteReply,
            desk,
            body=NewNote,
            status=201,
            rule=rule(Action.POST),
            network_limit="message_network",
        ),
        Endpoint(
            "POST",
            f"{CASE}/transfer",
            "Hand a conversation on, or back to the queue",
            transfer,
            CaseReply,
            desk,
            body=Transfer,
            rule=rule(Action.ASSIGN),
        ),
    )


def _filter(typed: ViewFilter) -> Filter:
    return Filter(
        None if typed.status is None else Status(typed.status),
        typed.assignee,
        typed.label,
        typed.priority,
        typed.waiting,
        typed.snoozed,
        typed.sort,
    )
