"""Use cases of posts that are there: change, compare with what they were, take back, open to others."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Protocol

from moderation.trust import Power
from nlp.placeholders import PLACEHOLDER
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.admission import Admission, Admitted
from server.forum.consequences import Consequences
from server.forum.contacts import marks_of
from server.forum.diffs import Change, Piece, compare
from server.forum.events import PostEdited
from server.forum.model import Post, PostState, Topic, can_curate, can_edit, can_see, require
from server.forum.post_fields import contact_fields, text_fields
from server.forum.posts import Posts
from server.forum.restoring import held_in_post
from server.forum.states import PostStates
from server.forum.topics import path_of
from server.forum.trail import EDITED, post_entry
from server.forum.writing import TopicWriter
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ports import Clock, EventSink, Limiter
from server.kernel.text import RawText, RedactedText
from server.people.model import Persona, Standing

MOST_REVISIONS = 500
MOST_COMPARED = 30
"""Changes that a history shows, the newest."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A text that a post had.

    Attributes:
        post_id: of which.
        number: of the revision, from 0.
        editor_id: who wrote it.
        at: when.
        text: redacted.
        closed: whether it was never public, or was not when it was changed.
    """

    post_id: str
    number: int
    editor_id: str
    at: datetime
    text: RedactedText
    closed: bool = False


@dataclass(frozen=True, slots=True)
class RevisionView:
    """A change of a post, for readers.

    Attributes:
        number: of the revision that it made, from 1.
        editor: who made it.
        at: when.
        pieces: what changed; empty where that is for the author and moderators only.
    """

    number: int
    editor: Persona | None
    at: datetime
    pieces: Sequence[Piece]


class EditStore(Protocol):
    """What is needed of the store."""

    async def keep_revision(self, revision: Revision) -> None: ...
    async def revisions(self, post_id: str, first: int, count: int) -> list[Revision]: ...
    async def change_post(
        self, post: Post, fields: Mapping[str, Any], *, gone: Sequence[str] = (), rises: bool = True
    ) -> Post | None: ...
    async def find_post(self, topic_id: str, seq: int) -> Post | None: ...


class People(Protocol):
    """How people are shown, and what they may do."""

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]: ...
    async def standing(self, actor: Actor) -> Standing: ...


class Editing:
    """Changes of posts."""

    def __init__(
        self,
        store: EditStore,
        posts: Posts,
        states: PostStates,
        writer: TopicWriter,
        admission: Admission,
        consequences: Consequences,
        people: People,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._posts = posts
        self._states = states
        self._writer = writer
        self._admission = admission
        self._consequences = consequences
        self._people = people
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    async def edit(self, actor: Actor, of_post: str, text: RawText, *, revision: int | None = None) -> Post:
        """Change a post's text. It passes the gate again, with the numbers of its topic.

        Args:
            actor: who.
            of_post: which.
            text: the new text.
            revision: the one that the actor has seen; None to replace whatever is there.

        Raises:
            NotFound, NotPermitted: the actor may not.
            InvalidInput, RedactionUnavailable: see the gate.
            Conflict: somebody changed it meanwhile.
            RateLimited: too many.
        """
        topic, category, post = await self._posts.require_post(actor, of_post)
        standing = await self._people.standing(actor)
        require(can_edit(actor, topic, post, wiki_editor=standing.may(Power.WIKI)))
        await self._limiter.spend("forum_edit", actor.account_id)
        if (revision is not None and revision != post.revision) or post.revision >= MOST_REVISIONS:
            raise Conflict
        admitted = await self._admission.text(
            actor,
            text,
            topic_id=topic.id,
            topic_path=path_of(topic),
            category=category,
            edit=True,
            known=held_in_post(post),
        )
        return await self.write(actor.account_id, topic, post, admitted)

    async def require_own(self, actor: Actor, of_post: str) -> None:
        """Insist that the actor may change a post.

        Raises:
            NotFound, NotPermitted: they may not.
        """
        topic, _, post = await self._posts.require_post(actor, of_post)
        standing = await self._people.standing(actor)
        require(can_edit(actor, topic, post, wiki_editor=standing.may(Power.WIKI)))

    async def write(self, by: str, topic: Topic, post: Post, admitted: Admitted) -> Post:
        """Put an admitted text in the place of a post's; what it was is kept.

        Raises:
            InvalidInput: somebody else's post would have to wait for a moderator by it.
            Conflict: somebody changed it meanwhile.
        """
        holds = admitted.state is PostState.HELD and post.state is PostState.PUBLISHED
        if holds and by != post.author_id:
            raise InvalidInput(fields={"text": admitted.reasons[0] if admitted.reasons else "held"})
        now = self._clock()
        async with self._writer.turn(topic.id):
            numbered = await self._writer.number(topic.id, admitted.template)
            new = replace(
                post,
                text=numbered.text,
                hidden=numbered.hidden,
                redactions=numbered.redactions,
                html=admitted.render(numbered.text),
                mentions=admitted.mentions,
                quotes=admitted.quotes,
                # In words that somebody else put there it is no publication of theirs.
                contacts=marks_of(numbered.hidden, admitted.contacts) if by == post.author_id else (),
            )
            await self._store.keep_revision(_as_it_is(post))
            fields = {**text_fields(new), **contact_fields(new), "edited_at": now, "editor_id": by}
            gone = () if new.contacts else ("contacts",)
            if holds:
                fields |= {"state": PostState.HELD.value, "reasons": list(admitted.reasons)}
            told = replace(new, revision=post.revision + 1)
            entry = post_entry(self._audit, told, EDITED, by, now, held=int(holds))
            async with self._audit.promises.around([entry]):
                changed = await self._store.change_post(post, fields, gone=gone)
                if changed is None:
                    raise Conflict
        if holds:
            await self._states.follow(post, changed)
        else:
            self._consequences.draw(changed)
            await self._sink.publish([PostEdited(topic, changed, by)])
        return changed

    async def history(self, actor: Actor, of_post: str) -> Sequence[RevisionView]:
        """Give the newest changes of a post, newest first. Others are not shown again what was taken out of sight.

        Raises:
            NotFound: no post whose text the actor may see.
            RateLimited: too many.
        """
        _, _, post = await self._posts.require_post(actor, of_post)
        if not can_see(actor, post):
            raise NotFound
        await self._limiter.spend("forum_history", actor.account_id)
        kept = await self._store.revisions(post.id, max(0, post.revision - MOST_COMPARED), post.revision)
        texts = [*kept, _as_it_is(post)]
        people = await self._people.personas(sorted({item.editor_id for item in texts}))
        whole = actor.account_id == post.author_id or can_curate(actor)
        steps = [_Step(*pair, pieces) for pair, pieces in zip(pairwise(texts), await _compared(texts), strict=True)]
        open_from = 0 if whole else _open_from(steps, post.author_id, people)
        views: list[RevisionView] = []
        for step in steps:
            shown = whole or (step.older.number >= open_from and not step.older.closed and not step.newer.closed)
            newer = step.newer
            views.append(
                RevisionView(newer.number, people.get(newer.editor_id), newer.at, step.pieces if shown else ())
            )
        return views[::-1]

    async def withdraw(self, actor: Actor, of_post: str) -> Post:
        """Take a post of one's own back: others see that something stood there. A topic that nobody answered goes too.

        Raises:
            NotFound, NotPermitted: the actor may not.
            Conflict: it is not to be seen anyway, or its topic is archived.
        """
        topic, _, post = await self._posts.require_post(actor, of_post)
        require(actor.account_id == post.author_id and not topic.archived)
        return await self._states.change(
            actor.account_id,
            of_post,
            PostState.WITHDRAWN,
            before=frozenset({PostState.PUBLISHED, PostState.HELD}),
            action="forum:post:withdrawn",
        )

    async def open_to_all(self, actor: Actor, of_post: str, *, wiki: bool) -> Post:
        """Let trusted members change a post too, or no longer: its author and moderators may say so.

        Raises:
            NotFound, NotPermitted: the actor may not.
            Conflict: somebody changed it at the same moment.
        """
        topic, _, post = await self._posts.require_post(actor, of_post)
        require((actor.account_id == post.author_id or can_curate(actor)) and can_edit(actor, topic, post))
        entry = AuditEntry(
            "forum:post:opened", actor.account_id, (topic.id, post.id), self._clock(), {"wiki": int(wiki)}
        )
        async with self._audit.promises.around([entry]):
            changed = await self._store.change_post(post, {"wiki": wiki}, rises=False)
            if changed is None:
                raise Conflict
        self._consequences.draw(changed)
        await self._sink.publish([PostEdited(topic, changed, actor.account_id)])
        return changed


def _as_it_is(post: Post) -> Revision:
    editor = post.editor_id or post.author_id
    closed = post.state is not PostState.PUBLISHED
    return Revision(post.id, post.revision, editor, post.edited_at or post.created_at, post.text, closed)


@dataclass(frozen=True, slots=True)
class _Step:
    """A text, the next one, and what changed between them."""

    older: Revision
    newer: Revision
    pieces: Sequence[Piece]


async def _compared(texts: Sequence[Revision]) -> Sequence[Sequence[Piece]]:
    pairs = [(older.text.value, newer.text.value) for older, newer in pairwise(texts)]
    return await asyncio.to_thread(lambda: [compare(older, newer) for older, newer in pairs])


def _open_from(steps: Sequence[_Step], author_id: str, people: Mapping[str, Persona]) -> int:
    """Give the first revision that others may compare with.

    What a moderator wrote in the place of somebody else's words takes those words away, and so does a change by which
    words become a hidden value: what stood there before may be the very thing that was to be hidden.
    """
    first = 0
    for step in steps:
        editor = people.get(step.newer.editor_id)
        moderated = step.newer.editor_id != author_id and (editor is None or editor.role is Role.MODERATOR)
        if moderated or _hides(step.pieces):
            first = step.newer.number
    return first


def _hides(pieces: Sequence[Piece]) -> bool:
    return any(
        before.change is Change.REMOVED and after.change is Change.ADDED and PLACEHOLDER.search(after.text)
        for before, after in pairwise(pieces)
    )
