"""Polls: a question under a topic, one vote a person, which they may change until it closes.

Who voted what is nobody's affair: only the counts are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.forum.model import Category, Post, PostState, Topic, can_curate, can_post, can_see, require
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.kernel.ports import Clock, Limiter
from server.kernel.text import RawText, RedactedTemplate, RedactedText
from server.people.model import Standing

FEWEST_OPTIONS, MOST_OPTIONS = 2, 10
MAX_OPTION = 120
MOST_VOTERS = 20_000
"""Votes stand in the poll's own record, so that a vote and its counts change together."""


@dataclass(frozen=True, slots=True)
class NewPoll:
    """A poll to put under a topic.

    Attributes:
        options: what can be chosen.
        multiple: whether several may be chosen.
        closes_at: until when; None for no end.
    """

    options: Sequence[RawText]
    multiple: bool = False
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll.

    Attributes:
        post_id: under which post.
        options: what can be chosen, redacted.
        multiple: whether several may be chosen.
        closes_at: until when; None for no end.
        counts: votes for each option.
        voters: how many people voted.
    """

    post_id: str
    options: tuple[RedactedText, ...]
    multiple: bool
    closes_at: datetime | None
    counts: tuple[int, ...]
    voters: int = 0

    def is_closed(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.closes_at is not None and self.closes_at <= now


@dataclass(frozen=True, slots=True)
class PollView:
    """A poll as a reader sees it.

    Attributes:
        poll: with its counts.
        closed: whether its time is over.
        mine: the places, from 0, of what the reader chose.
        may_vote: whether they may vote.
        may_close: whether they may close it.
    """

    poll: Poll
    closed: bool
    mine: tuple[int, ...] = ()
    may_vote: bool = False
    may_close: bool = False


class PollStore(Protocol):
    """What is needed of the store."""

    async def insert_poll(self, poll: Poll) -> None: ...
    async def polls(self, post_ids: Sequence[str], account_id: str) -> dict[str, tuple[Poll, tuple[int, ...]]]: ...
    async def vote(
        self, poll: Poll, account_id: str, before: Sequence[int], chosen: Sequence[int], now: datetime
    ) -> bool: ...
    async def close_poll(self, post_id: str, at: datetime) -> None: ...


class Standings(Protocol):
    """What people's conduct lets them do."""

    async def standing(self, actor: Actor) -> Standing: ...


class Readable(Protocol):
    """Where posts are found."""

    async def require_post(self, actor: Actor | None, of_post: str) -> tuple[Topic, Category, Post]: ...


async def admit_options(intake: Intake, actor: Actor, poll: NewPoll, scope: str) -> list[RedactedTemplate]:
    """Take the options of a new poll in.

    Raises:
        InvalidInput: too few, too many, or refused.
        RedactionUnavailable: see the gate.
    """
    if not FEWEST_OPTIONS <= len(poll.options) <= MOST_OPTIONS:
        raise InvalidInput(fields={"poll": "out_of_range"})
    return [
        await intake.admit(raw, scope=scope, field="poll", max_length=MAX_OPTION, sender=actor.account_id)
        for raw in poll.options
    ]


class PollReading:
    """Polls for whoever shows posts."""

    def __init__(self, store: PollStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of_posts(
        self, actor: Actor | None, category: Category, topic: Topic, posts: Sequence[Post]
    ) -> Mapping[str, PollView]:
        """Give the polls under some posts, at most 50, of a topic that the actor may read, by the posts' ids."""
        asked = [post.id for post in posts if post.poll and can_see(actor, post)]
        if not asked:
            return {}
        found = await self._store.polls(asked, actor.account_id if actor else "")
        now = self._clock()
        views: dict[str, PollView] = {}
        for post in posts:
            if post.id not in found:
                continue
            poll, mine = found[post.id]
            closed = poll.is_closed(now)
            own = actor is not None and actor.account_id == post.author_id
            views[post.id] = PollView(
                poll,
                closed,
                mine,
                may_vote=post.state is PostState.PUBLISHED
                and not closed
                and not topic.archived
                and can_post(actor, category),
                may_close=not closed and (own or can_curate(actor)),
            )
        return views


class Polls:
    """Polls and votes."""

    def __init__(
        self,
        store: PollStore,
        reading: PollReading,
        posts: Readable,
        people: Standings,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._people = people
        self._reading = reading
        self._posts = posts
        self._audit = audit
        self._limiter = limiter
        self._clock = clock

    async def get(self, actor: Actor | None, of_post: str) -> PollView:
        """Give the poll under a post.

        Raises:
            NotFound: no poll that the actor may see.
        """
        return (await self._get(actor, of_post))[3]

    async def vote(self, actor: Actor, of_post: str, chosen: Sequence[int]) -> PollView:
        """Vote, or change one's vote; with nothing chosen, take it back.

        Raises:
            NotFound: no poll that the actor may see.
            NotPermitted: the actor may not write there, or is silenced.
            InvalidInput: there are no such options, or only one may be chosen.
            Conflict: it is closed, or too many have voted.
            RateLimited: too many.
        """
        topic, category, post, before = await self._get(actor, of_post)
        await self._limiter.spend("forum_mark", actor.account_id)
        if not before.may_vote:
            require(can_post(actor, category) and not topic.archived)
            raise Conflict
        if not (await self._people.standing(actor)).may_write(self._clock()):
            raise NotPermitted(fields={"account": "silenced"})
        places = sorted(set(chosen))
        most = len(before.poll.options)
        if any(not 0 <= place < most for place in places) or (len(places) > 1 and not before.poll.multiple):
            raise InvalidInput(fields={"options": "out_of_range"})
        if tuple(places) == before.mine:
            return before
        if not await self._store.vote(before.poll, actor.account_id, before.mine, places, self._clock()):
            raise Conflict
        entry = AuditEntry(
            "forum:poll:voted", actor.account_id, (topic.id, post.id), self._clock(), {"options": len(places)}
        )
        await self._audit.append([entry])
        return await self.get(actor, of_post)

    async def close(self, actor: Actor, of_post: str) -> PollView:
        """End a poll now: its author and moderators may.

        Raises:
            NotFound: no poll that the actor may see.
            NotPermitted: the actor may not end it.
        """
        topic, _, post, view = await self._get(actor, of_post)
        if view.closed:
            return view
        require(view.may_close)
        now = self._clock()
        async with self._audit.promises.around(
            [AuditEntry("forum:poll:closed", actor.account_id, (topic.id, post.id), now)]
        ):
            await self._store.close_poll(post.id, now)
        return await self.get(actor, of_post)

    async def _get(self, actor: Actor | None, of_post: str) -> tuple[Topic, Category, Post, PollView]:
        topic, category, post = await self._posts.require_post(actor, of_post)
        views = await self._reading.of_posts(actor, category, topic, [post])
        if post.id not in views:
            raise NotFound
        return topic, category, post, views[post.id]
