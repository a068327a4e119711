"""Splitting and merging topics: posts become new posts of another topic, and leave a trace that leads there.

A piece of work is written down before it begins and each of its steps may be repeated, so that what a crash interrupts
is brought to its end at the next start. Placeholders get numbers of the new topic: equal values of the moved posts
stay equal, but are not recognised as those that were typed in the new topic itself. Contacts that their writers
publish (`contacts`) are, for there the value is known: they stay marked where the permission stands for the new topic's
category. What a moderator took out stays out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from nlp.placeholders import PLACEHOLDER, format_placeholder
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.admission import Admission, show
from server.forum.consequences import Consequences
from server.forum.contacts import PostContacts
from server.forum.events import PostHidden, TopicChanged
from server.forum.keys import client_key
from server.forum.model import Post, PostState, Topic, TopicState, can_curate, require
from server.forum.topics import Topics, path_of
from server.forum.trail import MOVED, post_entry
from server.forum.writing import Draft, TopicWriter
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, EventSink
from server.kernel.text import Hidden, RawText, RedactedTemplate, template_of

MOST_AT_ONCE = 200
MOST_MERGED = 2_000
_GROUP = 50


@dataclass(frozen=True, slots=True)
class Move:
    """Posts on their way to another topic.

    Attributes:
        id: of the work.
        by: account that asked for it.
        source: topic that they stand in.
        target: topic that they come to.
        seqs: which; empty for all, which ends the source.
    """

    id: str
    by: str
    source: str
    target: str
    seqs: tuple[int, ...]


class MoveStore(Protocol):
    """What is needed of the store of posts."""

    async def begin_move(self, move: Move) -> None: ...
    async def end_move(self, move_id: str) -> None: ...
    async def moves(self) -> list[Move]: ...
    async def posts(self, topic_id: str, seqs: Iterable[int]) -> list[Post]: ...
    async def take_over(self, of_post: str, new_id: str) -> None: ...
    async def change_post(
        self, post: Post, fields: Mapping[str, Any], *, gone: Sequence[str] = (), rises: bool = True
    ) -> Post | None: ...


class TopicStore(Protocol):
    """What is needed of the store of topics."""

    async def find_topic(self, topic_id: str) -> Topic | None: ...
    async def count(self, topic_id: str, *, replies: int = 0, likes: int = 0) -> None: ...


class Moving:
    """Moves posts between topics."""

    def __init__(
        self,
        posts: MoveStore,
        store: TopicStore,
        topics: Topics,
        writer: TopicWriter,
        admission: Admission,
        contacts: PostContacts,
        consequences: Consequences,
        audit: AuditTrail,
        sink: EventSink,
        clock: Clock,
    ) -> None:
        self._posts = posts
        self._store = store
        self._topics = topics
        self._writer = writer
        self._admission = admission
        self._contacts = contacts
        self._consequences = consequences
        self._audit = audit
        self._sink = sink
        self._clock = clock

    async def start(self) -> None:
        """Bring to its end what a crash interrupted.

        Raises:
            Unavailable: the store does not answer.
        """
        for move in await self._posts.moves():
            await self._carry_out(move)

    async def split(
        self, actor: Actor, topic_id: str, seqs: Sequence[int], title: RawText, *, category_id: str | None = None
    ) -> Topic:
        """Move some answers of a topic into a new one.

        Raises:
            NotFound: no topic or category that the actor may read.
            NotPermitted: the actor is no curator.
            InvalidInput: there are no such answers, or the title is refused.
            RedactionUnavailable: see the gate.
        """
        source, category = await self._topics.require_readable(actor, topic_id)
        require(can_curate(actor))
        if category_id is not None:
            category = await self._topics.category_for(actor, category_id)
        chosen = sorted(set(seqs))
        found = await self._posts.posts(topic_id, chosen)
        movable = [post.seq for post in found if post.state is PostState.PUBLISHED]
        if not chosen or chosen[0] == 1 or movable != chosen or len(chosen) > MOST_AT_ONCE:
            raise InvalidInput(fields={"seqs": "unknown"})
        target_id = new_id()
        template = await self._admission.title(actor, title, target_id)
        target = await self._topics.lay_out(target_id, category, found[0].author_id, template)
        entry = AuditEntry(
            "forum:topic:split", actor.account_id, (source.id, target.id), self._clock(), {"posts": len(chosen)}
        )
        async with self._audit.promises.around([entry]):
            await self._carry_out(await self._begun(actor, source.id, target.id, tuple(chosen)))
        return await self._get(target.id)

    async def merge(self, actor: Actor, topic_id: str, into_id: str) -> Topic:
        """Move all posts of a topic to the end of another; its address leads there from then on.

        Raises:
            NotFound: no topics that the actor may read.
            NotPermitted: the actor is no curator.
            InvalidInput: it is the same topic, or it is too long.
            Conflict: one of them was merged already.
        """
        source, _ = await self._topics.require_readable(actor, topic_id)
        require(can_curate(actor))
        target, _ = await self._topics.require_readable(actor, into_id)
        if source.id == target.id or source.last_seq > MOST_MERGED:
            raise InvalidInput(fields={"into_id": "out_of_range"})
        if not source.state is target.state is TopicState.PUBLISHED:
            raise Conflict
        entry = AuditEntry(
            "forum:topic:merged", actor.account_id, (source.id, target.id), self._clock(), {"posts": source.last_seq}
        )
        async with self._audit.promises.around([entry]):
            await self._carry_out(await self._begun(actor, source.id, target.id, ()))
        return await self._get(target.id)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _begun(self, actor: Actor, source: str, target: str, seqs: tuple[int, ...]) -> Move:
        move = Move(new_id(), actor.account_id, source, target, seqs)
        await self._posts.begin_move(move)
        return move

    async def _carry_out(self, move: Move) -> None:
        source = await self._get(move.source)
        if not move.seqs and source.state is not TopicState.MOVED:
            # First the address, so that nobody writes into a topic that is being emptied.
            source = await self._writer.change(
                source.id,
                lambda _: {"state": TopicState.MOVED.value, "moved_to": move.target},
                gone=("pinned_in", "due"),
            )
            self._consequences.count(source.category_id, topics=-1, posts=-(source.replies + 1))
        carried = _Carried()
        seqs = move.seqs or tuple(range(1, source.last_seq + 1))
        for start in range(0, len(seqs), _GROUP):
            for post in await self._posts.posts(move.source, seqs[start : start + _GROUP]):
                await self._move_post(source, move, post, carried)
        await self._posts.end_move(move.id)
        await self._sink.publish(
            [TopicChanged(await self._get(move.source)), TopicChanged(await self._get(move.target))]
        )

    async def _move_post(self, source: Topic, move: Move, post: Post, carried: "_Carried") -> None:
        if post.state is PostState.MOVED and post.moved_to is not None and post.moved_to.startswith(f"{move.target}."):
            carried.places[post.seq] = int(post.moved_to.rpartition(".")[2])
            return
        if post.state is not PostState.PUBLISHED:
            return
        target = await self._get(move.target)
        contacts = await self._contacts_there(post, target)
        carried.renamed.update(contacts)
        draft = Draft(
            author_id=post.author_id,
            key=client_key(move.target, post.id),
            template=template_with(post, carried.renamed),
            render=partial(show, path_of(target)),
            at=post.created_at,
            reply_to=carried.places.get(post.reply_to or 0),
            mentions=post.mentions,
            wiki=post.wiki,
            told=True,
            contacts=frozenset(contacts.values()),
            contacts_closed=post.contacts_closed,
        )
        written = await self._writer.append(move.target, draft, lambda _: None)
        carried.places[post.seq] = written.post.seq
        await self._audit.append([post_entry(self._audit, written.post, MOVED, move.by, self._clock())])
        await self._posts.take_over(post.id, written.post.id)
        # The mark goes with the text: where it stood nothing is shown, and nothing is to be taken out.
        moved = await self._posts.change_post(
            post,
            {"state": PostState.MOVED.value, "moved_to": written.post.id},
            gone=("contacts", "contacts_closed"),
            rises=False,
        )
        if moved is None:
            raise Conflict
        likes = sum(post.reactions.values())
        await self._store.count(move.target, likes=likes)
        await self._store.count(move.source, replies=-int(post.seq > 1), likes=-likes)
        self._consequences.count(target.category_id, topics=int(written.post.seq == 1), posts=1)
        if move.seqs:
            self._consequences.count(source.category_id, posts=-1)
        self._consequences.draw(moved)
        self._consequences.draw(written.post)
        await self._sink.publish([PostHidden(source, moved)])

    async def _contacts_there(self, post: Post, target: Topic) -> Mapping[Hidden, Hidden]:
        if not post.contacts:
            return {}
        return await self._contacts.elsewhere(post, await self._topics.category(target.category_id), target.id)

    async def _get(self, topic_id: str) -> Topic:
        topic = await self._store.find_topic(topic_id)
        if topic is None:
            raise NotFound
        return topic


@dataclass(frozen=True, slots=True)
class _Carried:
    """What a piece of work has moved so far.

    Attributes:
        places: `seq` where a post stood -> `seq` where it stands now.
        renamed: what stands for a published contact where it stood -> where it stands now; the same in quotes of it.
    """

    places: dict[int, int] = field(default_factory=dict)
    renamed: dict[Hidden, Hidden] = field(default_factory=dict)


def template_with(post: Post, renamed: Mapping[Hidden, Hidden] | None = None) -> RedactedTemplate:
    """Give a stored text with holes again where its placeholders are.

    Args:
        post: as it is stored.
        renamed: holes that something else is to stand in.
    """
    others = renamed or {}
    meant = {format_placeholder(hidden.label, number): hidden for hidden, number in post.hidden}
    parts: list[Any] = []
    position = 0
    text = post.text.value
    for found in PLACEHOLDER.finditer(text):
        hidden = meant.get(found[0])
        if hidden is not None:
            parts += [text[position : found.start()], others.get(hidden, hidden)]
            position = found.end()
    parts.append(text[position:])
    return template_of(parts)
