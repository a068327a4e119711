"""Use cases of telling what article 46 asks for: the authority, and the people whom an incident concerns.

Letters go out one by one in the background (`incidents.watch`); here it is said that they may.
"""

from dataclasses import replace
from datetime import datetime

from server.incidents.book import Book
from server.incidents.model import Incident, Telling
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput


class Informing:
    """Telling.

    Args:
        book: of incidents.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

    async def authority(self, actor: Actor, incident_id: str, revision: int) -> Incident:
        """Write down that the authority was written to; the letter itself leaves by the officer's own ways.

        Raises:
            NotPermitted, NotFound: see `get`.
            Conflict: it was before, somebody else was quicker, or it has ended.
        """

        def make(one: Incident, now: datetime) -> Incident:
            if one.authority_at is not None:
                raise Conflict
            return replace(one, authority_at=now)

        return await self._book.change(actor, incident_id, revision, make, "authority_told", "incidents:authority:told")

    async def people(self, actor: Actor, incident_id: str, revision: int) -> Incident:
        """Begin to tell the affected: by letter, and on a page of their own. In a drill nobody is.

        Raises:
            NotPermitted, NotFound: see `get`.
            InvalidInput: nobody decided that they have to be, nobody was found, or it is not said what was done.
            Conflict: it has begun, somebody else was quicker, or it has ended.
        """

        def make(one: Incident, now: datetime) -> Incident:
            missing = {
                "notifiable": one.notifiable is not True,
                "people": not one.people,
                "measures": one.measures is None,
                "data": not one.data,
            }
            lacking = {name: "required" for name, lacks in missing.items() if lacks}
            if lacking:
                raise InvalidInput(fields=lacking)
            if one.people_at is not None:
                raise Conflict
            telling = Telling.DONE if one.drill else Telling.GOING_ON
            return replace(one, people_at=now, telling=telling)

        return await self._book.change(actor, incident_id, revision, make, "people_told", "incidents:people:telling")
