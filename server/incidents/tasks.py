"""Use cases of the tasks of an incident: what is to be done, by whom, until when."""

from dataclasses import replace
from datetime import datetime

from server.incidents.book import Book, require_officer
from server.incidents.model import MAX_TITLE, MOST_TASKS, Incident, Task
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.text import RawText


class Tasks:
    """Tasks.

    Args:
        book: of incidents.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

    async def add(
        self, actor: Actor, incident_id: str, revision: int, text: RawText, owner_id: str, due_at: datetime
    ) -> Incident:
        """Add a task.

        Raises:
            NotPermitted, NotFound: see `get`.
            InvalidInput, RedactionUnavailable: see the gate; or there are too many.
            Conflict: somebody else was quicker, or it has ended.
        """
        require_officer(actor)
        words = await self._book.admit(actor, incident_id, "task", text, MAX_TITLE * 2)

        def make(one: Incident, _: datetime) -> Incident:
            if len(one.tasks) >= MOST_TASKS:
                raise InvalidInput(fields={"task": "too_many"})
            return replace(one, tasks=(*one.tasks, Task(len(one.tasks) + 1, words, owner_id, due_at)))

        return await self._book.change(actor, incident_id, revision, make, "task_added", "incidents:task:added")

    async def finish(self, actor: Actor, incident_id: str, revision: int, number: int) -> Incident:
        """Say that a task is done.

        Raises:
            NotPermitted, NotFound: see `get`; or there is no such task.
            Conflict: it was done, somebody else was quicker, or it has ended.
        """

        def make(one: Incident, now: datetime) -> Incident:
            mine = next((task for task in one.tasks if task.number == number), None)
            if mine is None:
                raise NotFound
            if mine.done_at is not None:
                raise Conflict
            tasks = [replace(task, done_at=now) if task.number == number else task for task in one.tasks]
            return replace(one, tasks=tuple(tasks))

        return await self._book.change(actor, incident_id, revision, make, "task_done", "incidents:task:done")
