"""What readers get to see, for pages and API alike: rows of lists, pages of topics, and what they may do there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from moderation.trust import Power
from server.forum.contacts import ShownContact
from server.forum.model import (
    POSTS_A_PAGE,
    Category,
    Post,
    PostState,
    Topic,
    can_accept,
    can_curate,
    can_edit,
    can_post,
    can_react,
    can_see,
    is_member,
)
from server.forum.page_memory import KeptPosts
from server.forum.polls import PollView
from server.kernel.actor import Actor
from server.people.model import Persona, Standing


@dataclass(frozen=True, slots=True)
class OwnMarks:
    """What a reader has done with some posts of a topic.

    Attributes:
        reactions: `seq` -> the reader's own.
        bookmarked: `seq` of what they keep.
        following: whether they follow the topic.
    """

    reactions: Mapping[int, frozenset[str]] = field(default_factory=dict)
    bookmarked: frozenset[int] = frozenset()
    following: bool = False


NO_MARKS = OwnMarks()
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TopicRights:
    """What the reader may do with a topic."""

    reply: bool = False
    edit: bool = False
    accept: bool = False
    curate: bool = False
    mark: bool = False
    """Follow it, keep posts of it as bookmarks, be told where they stopped reading."""


@dataclass(frozen=True, slots=True)
class PostRights:
    """What the reader may do with a post."""

    edit: bool = False
    withdraw: bool = False
    react: bool = False
    flag: bool = False


@dataclass(frozen=True, slots=True)
class PostView:
    """A post as a reader sees it.

    Attributes:
        post: its text is for them only where `readable`.
        author: who wrote it; None where the account is gone, or the text is not for them.
        readable: whether its text is shown; otherwise a trace that something stood there.
        rights: what the reader may do.
        mine: the reader's own reactions.
        bookmarked: whether the reader keeps it.
        accepted: whether it solved the topic.
        poll: what is asked in it, or None.
        contacts: those of its writer that are shown in it at this moment.
    """

    post: Post
    author: Persona | None
    readable: bool
    rights: PostRights = field(default_factory=PostRights)
    mine: frozenset[str] = frozenset()
    bookmarked: bool = False
    accepted: bool = False
    poll: PollView | None = None
    contacts: tuple[ShownContact, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic in a list.

    Attributes:
        topic: without posts.
        category: where it stands.
        author: who began it; None where the account is gone.
        last_author: who wrote last.
        read_seq: up to where the reader has read; None where nobody is signed in or they never opened it.
    """

    topic: Topic
    category: Category
    author: Persona | None
    last_author: Persona | None
    read_seq: int | None = None

    @property
    def unread(self) -> int | None:
        """How many posts came since the reader was there; None where they never were."""
        return None if self.read_seq is None else max(0, self.topic.last_seq - self.read_seq)


@dataclass(frozen=True, slots=True)
class TopicList:
    """A piece of a list. `next_bump` is where the next one begins, or None at the end."""

    items: Sequence[TopicRow]
    next_bump: int | None


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A topic with some of its posts.

    Attributes:
        row: the topic.
        rights: what the reader may do.
        posts: ascending; what the reader may know of.
        page: which page, from 1.
        pages: how many there are.
        following: whether the reader follows it.
        kept: the posts as they are in memory, for all readers alike; None where they were read for this one.
    """

    row: TopicRow
    rights: TopicRights
    posts: Sequence[PostView]
    page: int
    pages: int
    following: bool = False
    kept: KeptPosts | None = None


def pages_of(topic: Topic) -> int:
    """Give how many pages a topic has."""
    return max(1, -(-topic.last_seq // POSTS_A_PAGE))


def page_with(seq: int) -> int:
    """Give the page on which a post stands."""
    return max(1, -(-seq // POSTS_A_PAGE))


def topic_rights(actor: Actor | None, category: Category, topic: Topic) -> TopicRights:
    """Say what somebody may do with a topic that they may read."""
    curates = can_curate(actor)
    own = is_member(actor) and actor.account_id == topic.author_id
    return TopicRights(
        reply=can_post(actor, category, topic),
        edit=curates or (own and not topic.archived and not topic.locked),
        accept=can_accept(actor, topic),
        curate=curates,
        mark=is_member(actor),
    )


def post_view(
    actor: Actor | None,
    standing: Standing | None,
    category: Category,
    topic: Topic,
    post: Post,
    people: Mapping[str, Persona],
    own_marks: OwnMarks = NO_MARKS,
    poll: PollView | None = None,
    contacts: tuple[ShownContact, ...] = (),
) -> PostView | None:
    """Give a post as somebody sees it, or None where they are not to know of it."""
    readable = can_see(actor, post)
    if not readable and post.state in {PostState.HELD, PostState.REJECTED}:
        return None
    member = is_member(actor)
    own = actor is not None and actor.account_id == post.author_id
    rights = PostRights(
        edit=can_edit(actor, topic, post, wiki_editor=standing is not None and standing.may(Power.WIKI)),
        withdraw=member and own and post.state in {PostState.PUBLISHED, PostState.HELD} and not topic.archived,
        react=can_react(actor, category, topic, post),
        flag=member and not own and readable and standing is not None and standing.may(Power.FLAG),
    )
    # Whose it was is taken out of sight with what it said.
    author = people.get(post.author_id) if readable else None
    return PostView(
        post,
        author,
        readable,
        rights,
        own_marks.reactions.get(post.seq, _NONE),
        post.seq in own_marks.bookmarked,
        readable and topic.accepted_seq == post.seq,
        poll,
        contacts if readable else (),
    )
