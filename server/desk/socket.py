"""The desk's events on the wire: to agents, as much as each sees, and counts to each for themselves."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from server.chat.model import View
from server.desk.agents import AgentChanged
from server.desk.api import CaseWriter
from server.desk.asking import CustomerAsked
from server.desk.door import Door
from server.desk.joining_api import ask_out
from server.desk.lists import Lists
from server.desk.model import CaseChanged, NoteWritten, Row
from server.desk.notes import Notes
from server.desk.schemas import DeskCaseNews, DeskCounts, NoteReply
from server.desk.views import agent_out, case_out, note_out
from server.kernel.access import Access, can_call
from server.kernel.actor import Actor
from server.kernel.background import Background
from server.kernel.ports import Clock
from server.realtime.events import AGENTS_ROOM, Emission, account_room
from server.realtime.fanout import Fanout
from server.realtime.sockets import Sockets

logger = logging.getLogger("amanah.desk")

_EVERY_S: Final = 1.0


class DeskSocket:
    """Tells the desk.

    Args:
        door: knows who may read what.
        lists: counts.
        sockets: who is there.
        version: gives a number that is another where counts may be.
        clock: the time.
    """

    def __init__(
        self,
        door: Door,
        lists: Lists,
        notes: Notes,
        writer: CaseWriter,
        sockets: Sockets,
        version: Callable[[], int],
        clock: Clock,
    ) -> None:
        self._door = door
        self._lists = lists
        self._notes = notes
        self._writer = writer
        self._sockets = sockets
        self._version = version
        self._clock = clock
        self._told: dict[str, dict[str, int]] = {}
        self._background = Background()

    def translate(self, fanout: Fanout) -> None:
        """Say how the desk's events look on the wire."""
        fanout.translate(CaseChanged, self._case_changed)
        fanout.translate(NoteWritten, self._note_written)
        fanout.translate(AgentChanged, self._agent_changed)
        fanout.translate(CustomerAsked, self._customer_asked)

    def start(self) -> None:
        """Begin to tell counts."""
        self._background.start(self._count(), name="desk-counts")

    async def close(self) -> None:
        """End."""
        await self._background.stop()

    async def _case_changed(self, event: CaseChanged) -> Sequence[Emission]:
        """Those who may read the conversation get all of it, the other agents what a row shows."""
        row, now = event.row, self._clock()
        full = DeskCaseNews(case=case_out(row.case, now, reads=True)).model_dump(mode="json")
        some = DeskCaseNews(case=case_out(row.case, now, reads=False)).model_dump(mode="json")
        readers = await self._readers(row)
        told = [Emission(account_room(who), "desk:case", full) for who in sorted(readers)]
        return [*told, Emission(AGENTS_ROOM, "desk:case", some, skip_accounts=readers)]

    async def _note_written(self, event: NoteWritten) -> Sequence[Emission]:
        authors = await self._notes.authors([event.note])
        data = NoteReply(note=note_out(event.note, authors)).model_dump(mode="json")
        return [Emission(account_room(who), "desk:note", data) for who in sorted(await self._readers(event.row))]

    async def _agent_changed(self, event: AgentChanged) -> Sequence[Emission]:
        data = {"agent": agent_out(event.agent).model_dump(mode="json")}
        return (Emission(AGENTS_ROOM, "desk:agent", data),)

    async def _customer_asked(self, event: CustomerAsked) -> Sequence[Emission]:
        data = {"ask": ask_out(event.ask).model_dump(mode="json")}
        return (Emission(account_room(event.customer_id), "desk:asked", data),)

    async def _readers(self, row: Row) -> frozenset[str]:
        """Staff who take part, as they are now."""
        conversation = row.conversation
        people = await self._door.people([conversation])
        return frozenset(
            who
            for who, actor in people.items()
            if actor.is_staff and self._door.view(actor, conversation) is not View.ROW
        )

    async def _count(self) -> None:
        """Tell everybody who is there their counts, where these are others than they were last told."""
        seen = -1
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                version = self._version()
                present = self._present()
                if version == seen and set(present) <= self._told.keys():
                    continue
                seen = version
                self._told = {who: counts for who, counts in self._told.items() if who in present}
                for who, actor in present.items():
                    counts = self._lists.counts(actor)
                    if self._told.get(who) != counts:
                        self._told[who] = counts
                        news = DeskCounts(counts=counts).model_dump(mode="json")
                        await self._sockets.emit(Emission(account_room(who), "desk:counts", news))
            except Exception as error:
                logger.error("telling counts failed: %s", type(error).__name__)

    def _present(self) -> dict[str, Actor]:
        return {
            member.actor.account_id: member.actor
            for member in self._sockets.members(AGENTS_ROOM)
            if can_call(Access.DESK, member.actor.role)
        }
