"""Categories, topics and posts, and the pure rules about who may do what with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeGuard

from server.kernel.access import Rule
from server.kernel.actor import STAFF_ROLES, Actor, Role
from server.kernel.errors import NotFound, NotPermitted
from server.kernel.text import Hidden, RedactedText, Redaction
from server.markup.html import SafeHtml

POSTS_A_PAGE = 20


class Audience(StrEnum):
    """Whom something in a category is for."""

    EVERYBODY = "everybody"
    """Also who is not signed in, and search engines."""
    MEMBERS = "members"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Category:
    """A place for topics.

    Attributes:
        id: opaque id.
        slug: its name in addresses; unique.
        name: what it is called; written by staff, through the gate.
        description: one or two sentences.
        readers: who may read what is in it.
        writers: who may begin topics and answer in it.
        contact_allowed: whether writers may publish their own contact with a signed permission (promise T1).
        position: its place among the categories.
        archived: nothing new is taken in.
        topics: how many it has.
        posts: how many posts they have.
    """

    id: str
    slug: str
    name: RedactedText
    description: RedactedText
    readers: Audience = Audience.EVERYBODY
    writers: Audience = Audience.MEMBERS
    contact_allowed: bool = False
    position: int = 0
    archived: bool = False
    topics: int = 0
    posts: int = 0


class TopicState(StrEnum):
    """Whether a topic is to be seen."""

    SCHEDULED = "scheduled"
    """Not yet: at its `publish_at`."""
    HELD = "held"
    """Its first post waits for a moderator."""
    PUBLISHED = "published"
    HIDDEN = "hidden"
    """A moderator took it away; its author and moderators see it."""
    MOVED = "moved"
    """Merged into another; its address leads there."""


class PostState(StrEnum):
    """Whether a post is to be seen."""

    HELD = "held"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    REJECTED = "rejected"
    """Was held and never published."""
    WITHDRAWN = "withdrawn"
    """Taken back by its author; a trace stays in its place."""
    MOVED = "moved"
    """Stands in another topic now."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic without its posts.

    Attributes:
        id: opaque id; also the scope in which hidden values are numbered.
        number: dense from 1 over all topics; its address.
        category_id: where it stands.
        slug: of the title; only for the eyes.
        title: what it is about.
        redactions: the placeholders in the title.
        author_id: who began it.
        created_at: aware, UTC.
        state: whether it is to be seen.
        publish_at: when a scheduled topic is to appear.
        bump: number of the last published post over all topics; lists are read in windows of it.
        active_at: when that was.
        last_author_id: who wrote the last published post.
        last_seq: the last post's `seq`.
        replies: published posts but the first.
        likes: reactions to all its posts.
        tags: sorted, lower case.
        pinned: stands above the others of its category.
        locked: takes no answers.
        archived: nothing in it changes any more.
        accepted_seq: the post that solved it, or None.
        moved_to: the topic that it was merged into.
        revision: rises with each change, for caches.
    """

    id: str
    number: int
    category_id: str
    slug: str
    title: RedactedText
    redactions: tuple[Redaction, ...]
    author_id: str
    created_at: datetime
    state: TopicState
    bump: int
    active_at: datetime
    last_author_id: str
    last_seq: int = 0
    replies: int = 0
    likes: int = 0
    tags: tuple[str, ...] = ()
    pinned: bool = False
    locked: bool = False
    archived: bool = False
    accepted_seq: int | None = None
    publish_at: datetime | None = None
    moved_to: str | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    """One post, durable and redacted.

    Attributes:
        topic_id: where it stands.
        seq: its place there; 1 is what the topic began with.
        author_id: who wrote it.
        text: Markdown, redacted.
        hidden: each placeholder's digest and number, from which the numbering can be rebuilt.
        redactions: the placeholders in it.
        html: `text` as it is shown.
        created_at: aware, UTC.
        state: whether it is to be seen.
        reply_to: `seq` of the post that it answers, or None.
        edited_at: when it was last changed, or None.
        revision: how often it was changed.
        reactions: kind -> how many.
        wiki: trusted members may change it too.
        mentions: accounts whose handles stand in it.
        quotes: `seq` of the posts that it quotes.
        poll: whether something is asked in it.
        editor_id: who wrote the text as it is now, where that is not its author.
        moved_to: id of the post that it became in another topic.
        contacts: those of its placeholders for which its writer had signed when they wrote it (`contacts`).
        contacts_closed: whether a moderator took its contacts out.
    """

    topic_id: str
    seq: int
    author_id: str
    text: RedactedText
    hidden: tuple[tuple[Hidden, int], ...]
    redactions: tuple[Redaction, ...]
    html: SafeHtml
    created_at: datetime
    state: PostState
    reply_to: int | None = None
    edited_at: datetime | None = None
    revision: int = 0
    reactions: Mapping[str, int] = field(default_factory=dict)
    wiki: bool = False
    mentions: tuple[str, ...] = ()
    quotes: tuple[int, ...] = ()
    poll: bool = False
    editor_id: str | None = None
    moved_to: str | None = None
    contacts: tuple[str, ...] = ()
    contacts_closed: bool = False

    @property
    def id(self) -> str:
        """Opaque to clients; unique."""
        return post_id(self.topic_id, self.seq)


def post_id(topic_id: str, seq: int) -> str:
    """Give the id of the post at a place."""
    return f"{topic_id}.{seq}"


def place_of(of_post: str) -> tuple[str, int]:
    """Give topic and `seq` of a post's id.

    Raises:
        NotFound: it is none.
    """
    topic_id, dot, seq = of_post.rpartition(".")
    if not dot or not seq.isascii() or not seq.isdigit() or len(seq) > 9:
        raise NotFound
    return topic_id, int(seq)


class Action(StrEnum):
    """What somebody may want to do."""

    READ = "read"
    POST = "post"
    """Begin a topic in a category, or answer in a topic."""
    REACT = "react"
    EDIT = "edit"
    """Change a post's text, or take it back."""
    RETITLE = "retitle"
    """Change a topic's title and tags."""
    READ_POST = "read_post"
    WITHDRAW = "withdraw"
    """Take a post of one's own back."""
    VOTE = "vote"
    """In the poll under a post."""
    CLOSE_POLL = "close_poll"
    MARK_POST = "mark_post"
    """Keep a post."""
    ACCEPT = "accept"
    """Say which post solved a topic."""
    CURATE = "curate"
    """Pin, lock, move, split, merge, archive."""
    CLOSE_CONTACTS = "close_contacts"
    """Take a contact out of a post that its writer published in it, or let it in again."""
    MANAGE = "manage"
    """Make and change categories."""


_CURATORS = frozenset({Role.MODERATOR})
_MANAGERS = frozenset({Role.ADMIN, Role.MODERATOR})


def is_member(actor: Actor | None) -> TypeGuard[Actor]:
    """Whether somebody has an account of their own. Only who has writes, changes and marks anything."""
    return actor is not None and actor.role is not Role.VISITOR


def belongs(actor: Actor | None, audience: Audience) -> bool:
    """Whether somebody, or a reader who is not signed in, is of an audience."""
    if audience is Audience.EVERYBODY:
        return True
    if actor is None:
        return False
    return actor.is_staff if audience is Audience.STAFF else actor.role is not Role.VISITOR


def can_read(actor: Actor | None, category: Category, topic: Topic | None = None) -> bool:
    """Whether a topic, or a category's list, may be read.

    What is held, hidden or scheduled is for its author and for moderators.
    """
    if not belongs(actor, category.readers):
        return False
    if topic is None or topic.state in {TopicState.PUBLISHED, TopicState.MOVED}:
        return True
    return actor is not None and (actor.role in _CURATORS or actor.account_id == topic.author_id)


def can_see(actor: Actor | None, post: Post) -> bool:
    """Whether a post's text may be seen by somebody who may read its topic."""
    if post.state is PostState.PUBLISHED:
        return True
    return actor is not None and (actor.role in _CURATORS or actor.account_id == post.author_id)


def can_post(actor: Actor | None, category: Category, topic: Topic | None = None) -> bool:
    """Whether somebody may begin a topic in a category, or answer in a topic of it."""
    if not is_member(actor) or category.archived or not belongs(actor, category.writers):
        return False
    if not can_read(actor, category, topic):
        return False
    if topic is None:
        return True
    return topic.state is TopicState.PUBLISHED and not topic.archived and (not topic.locked or can_curate(actor))


def can_react(actor: Actor | None, category: Category, topic: Topic, post: Post) -> bool:
    """Whether somebody may react to a post: not to their own."""
    if not is_member(actor) or topic.archived or not can_read(actor, category, topic):
        return False
    return post.state is PostState.PUBLISHED and post.author_id != actor.account_id


def can_edit(actor: Actor | None, topic: Topic, post: Post, *, wiki_editor: bool = False) -> bool:
    """Whether somebody may change a post.

    Args:
        actor: who.
        topic: where it stands.
        post: which.
        wiki_editor: whether their standing lets them change wiki posts of others.
    """
    if not is_member(actor) or topic.archived or post.state not in {PostState.PUBLISHED, PostState.HELD}:
        return False
    if actor.role in _CURATORS:
        return True
    if topic.locked:
        return False
    return actor.account_id == post.author_id or (post.wiki and wiki_editor and post.state is PostState.PUBLISHED)


def can_accept(actor: Actor | None, topic: Topic) -> bool:
    """Whether somebody may say which post solved the topic: who asked, and moderators."""
    if not is_member(actor) or topic.archived or topic.state is not TopicState.PUBLISHED:
        return False
    return actor.account_id == topic.author_id or actor.role in _CURATORS


def can_curate(actor: Actor | None) -> bool:
    """Whether somebody may pin, lock, move, split, merge and archive."""
    return actor is not None and actor.role in _CURATORS


def can_schedule(actor: Actor | None) -> bool:
    """Whether somebody may begin topics that appear later."""
    return actor is not None and actor.is_staff


def can_manage(actor: Actor | None) -> bool:
    """Whether somebody may make and change categories."""
    return actor is not None and actor.role in _MANAGERS


def require_read(actor: Actor | None, category: Category, topic: Topic | None = None) -> None:
    """Insist on `can_read`.

    Raises:
        NotFound: the same as for what does not exist.
    """
    if not can_read(actor, category, topic):
        raise NotFound


def require(allowed: bool) -> None:
    """Insist on something that the actor may know of.

    Raises:
        NotPermitted: it is not allowed.
    """
    if not allowed:
        raise NotPermitted


_MEMBERS = frozenset(Role) - {Role.VISITOR}
_RULES: Mapping[Action, Rule] = {
    Action.READ: Rule("topic", own=frozenset(Role), others=frozenset(Role)),
    Action.READ_POST: Rule("post", own=frozenset(Role), others=frozenset(Role)),
    Action.MARK_POST: Rule("post", own=_MEMBERS, others=_MEMBERS),
    Action.WITHDRAW: Rule("post", own=_MEMBERS, known=True),
    Action.VOTE: Rule("poll", own=_MEMBERS, others=_MEMBERS),
    Action.CLOSE_POLL: Rule("poll", own=_MEMBERS, others=_CURATORS, known=True),
    Action.RETITLE: Rule("topic", own=_MEMBERS, others=_CURATORS, known=True),
    Action.POST: Rule("topic", own=_MEMBERS, others=_MEMBERS),
    Action.REACT: Rule("post", own=frozenset(), others=_MEMBERS),
    Action.EDIT: Rule("post", own=_MEMBERS, others=_CURATORS, known=True),
    Action.ACCEPT: Rule("topic", own=_MEMBERS, others=_CURATORS, known=True),
    Action.CURATE: Rule("topic", own=_CURATORS, others=_CURATORS),
    Action.CLOSE_CONTACTS: Rule("post", own=_CURATORS, others=_CURATORS),
    Action.MANAGE: Rule("category", own=_MANAGERS, others=_MANAGERS),
}


def rule(action: Action) -> Rule:
    """Give the table's column for one action, as endpoints and events declare it."""
    return _RULES[action]


def roles_of(audience: Audience) -> frozenset[Role]:
    """Give the roles that belong to an audience."""
    if audience is Audience.EVERYBODY:
        return frozenset(Role)
    return STAFF_ROLES if audience is Audience.STAFF else _MEMBERS
