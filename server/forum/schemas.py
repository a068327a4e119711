"""Categories, topics and posts as they are given out, for HTTP and Socket.IO alike. `commands` has what comes in."""

from collections.abc import Sequence

from nlp.labels import Label
from server.forum.model import Audience, Category, Post, PostState, TopicState
from server.forum.polls import PollView
from server.forum.reading import PostView, TopicPage, TopicRights, TopicRow
from server.forum.topics import path_of
from server.kernel.actor import Role
from server.kernel.text import Redaction
from server.kernel.wire import Moment, Schema
from server.people.model import Persona


class RedactionView(Schema):
    """One hidden identifier."""

    placeholder: str
    label: Label


class PersonaOut(Schema):
    """Who wrote something. `badge`: the role of staff, null for others."""

    handle: str
    avatar: str
    badge: Role | None
    level: int
    path: str


class CategoryOut(Schema):
    """A category."""

    id: str
    slug: str
    name: str
    description: str
    readers: Audience
    writers: Audience
    contact_allowed: bool
    position: int
    archived: bool
    topics: int
    posts: int


class CategoryReply(Schema):
    """One category."""

    category: CategoryOut


class CategoryList(Schema):
    """The categories that the caller may read, in order."""

    items: list[CategoryOut]


class TopicOut(Schema):
    """A topic. `read_seq` and `unread` are null where nobody is signed in or never opened it."""

    id: str
    number: int
    path: str
    category_id: str
    title: str
    title_redactions: list[RedactionView]
    author: PersonaOut | None
    last_author: PersonaOut | None
    created_at: Moment
    active_at: Moment
    state: TopicState
    publish_at: Moment | None
    last_seq: int
    replies: int
    likes: int
    tags: list[str]
    pinned: bool
    locked: bool
    archived: bool
    accepted_seq: int | None
    moved_to: str | None
    read_seq: int | None
    unread: int | None


class TopicRightsOut(Schema):
    """What the caller may do with a topic."""

    reply: bool
    edit: bool
    accept: bool
    curate: bool
    mark: bool


class PostRightsOut(Schema):
    """What the caller may do with a post."""

    edit: bool
    withdraw: bool
    react: bool
    flag: bool


class PollOptionOut(Schema):
    """Something that can be chosen, and how many chose it."""

    text: str
    votes: int


class PollOut(Schema):
    """A poll. `mine`: the places, from 0, of what the caller chose."""

    options: list[PollOptionOut]
    multiple: bool
    closes_at: Moment | None
    closed: bool
    voters: int
    mine: list[int]
    may_vote: bool
    may_close: bool


class ContactOut(Schema):
    """A contact that its writer publishes in a post, with a signed permission: what stands behind a placeholder."""

    placeholder: str
    label: Label
    value: str


class PostOut(Schema):
    """A post. Where its text is not to be seen, `text` and `html` are null and a trace of it stays.

    `contacts`: what its writer permits to be shown in the place of placeholders at this moment. Keep none of it: it may
    be withdrawn the moment after. News over the socket never carry any.
    """

    id: str
    topic_id: str
    seq: int
    author: PersonaOut | None
    text: str | None
    html: str | None
    redactions: list[RedactionView]
    contacts: list[ContactOut]
    created_at: Moment
    edited_at: Moment | None
    revision: int
    state: PostState
    reply_to: int | None
    reactions: dict[str, int]
    mine: list[str]
    bookmarked: bool
    accepted: bool
    wiki: bool
    poll: PollOut | None
    moved_to: str | None
    rights: PostRightsOut


class TopicReply(Schema):
    """One topic, and what the caller may do with it."""

    topic: TopicOut
    rights: TopicRightsOut


class TopicPosted(Schema):
    """A topic and its first post."""

    topic: TopicOut
    post: PostOut


class TopicsPage(Schema):
    """Some topics, those last written in first; `next_cursor` is null at the end."""

    items: list[TopicOut]
    next_cursor: str | None


class PostReply(Schema):
    """One post."""

    post: PostOut


class PostsPage(Schema):
    """Some posts of a topic, ascending by `seq`; `last_seq` is the topic's."""

    topic: TopicOut
    rights: TopicRightsOut
    items: list[PostOut]
    last_seq: int
    following: bool


def persona_out(persona: Persona | None) -> PersonaOut | None:
    """Give the wire form of a persona."""
    if persona is None:
        return None
    return PersonaOut(
        handle=persona.handle, avatar=persona.avatar_path, badge=persona.badge, level=persona.level, path=persona.path
    )


def redactions_out(items: Sequence[Redaction]) -> list[RedactionView]:
    """Give the wire form of hidden identifiers."""
    return [RedactionView(placeholder=item.placeholder, label=item.label) for item in items]


def category_out(category: Category) -> CategoryOut:
    """Give the wire form of a category."""
    return CategoryOut(
        id=category.id,
        slug=category.slug,
        name=category.name.value,
        description=category.description.value,
        readers=category.readers,
        writers=category.writers,
        contact_allowed=category.contact_allowed,
        position=category.position,
        archived=category.archived,
        topics=category.topics,
        posts=category.posts,
    )


def topic_out(row: TopicRow) -> TopicOut:
    """Give the wire form of a topic."""
    topic = row.topic
    return TopicOut(
        id=topic.id,
        number=topic.number,
        path=path_of(topic),
        category_id=topic.category_id,
        title=topic.title.value,
        title_redactions=redactions_out(topic.redactions),
        author=persona_out(row.author),
        last_author=persona_out(row.last_author),
        created_at=topic.created_at,
        active_at=topic.active_at,
        state=topic.state,
        publish_at=topic.publish_at,
        last_seq=topic.last_seq,
        replies=topic.replies,
        likes=topic.likes,
        tags=list(topic.tags),
        pinned=topic.pinned,
        locked=topic.locked,
        archived=topic.archived,
        accepted_seq=topic.accepted_seq,
        moved_to=topic.moved_to,
        read_seq=row.read_seq,
        unread=row.unread,
    )


def rights_out(rights: TopicRights) -> TopicRightsOut:
    """Give the wire form of what may be done with a topic."""
    return TopicRightsOut(
        reply=rights.reply, edit=rights.edit, accept=rights.accept, curate=rights.curate, mark=rights.mark
    )


def post_out(view: PostView) -> PostOut:
    """Give the wire form of a post."""
    post: Post = view.post
    return PostOut(
        id=post.id,
        topic_id=post.topic_id,
        seq=post.seq,
        author=persona_out(view.author),
        text=post.text.value if view.readable else None,
        html=post.html.value if view.readable else None,
        redactions=redactions_out(post.redactions) if view.readable else [],
        contacts=[ContactOut(placeholder=one.placeholder, label=one.label, value=one.value) for one in view.contacts],
        created_at=post.created_at,
        edited_at=post.edited_at,
        revision=post.revision,
        state=post.state,
        reply_to=post.reply_to,
        reactions=dict(post.reactions) if view.readable else {},
        mine=sorted(view.mine),
        bookmarked=view.bookmarked,
        accepted=view.accepted,
        wiki=post.wiki,
        poll=poll_out(view.poll) if view.poll and view.readable else None,
        moved_to=post.moved_to,
        rights=PostRightsOut(
            edit=view.rights.edit, withdraw=view.rights.withdraw, react=view.rights.react, flag=view.rights.flag
        ),
    )


def poll_out(view: PollView) -> PollOut:
    """Give the wire form of a poll."""
    poll = view.poll
    return PollOut(
        options=[
            PollOptionOut(text=text.value, votes=votes) for text, votes in zip(poll.options, poll.counts, strict=True)
        ],
        multiple=poll.multiple,
        closes_at=poll.closes_at,
        closed=view.closed,
        voters=poll.voters,
        mine=list(view.mine),
        may_vote=view.may_vote,
        may_close=view.may_close,
    )


def page_out(page: TopicPage) -> PostsPage:
    """Give the wire form of some posts of a topic."""
    return PostsPage(
        topic=topic_out(page.row),
        rights=rights_out(page.rights),
        items=[post_out(view) for view in page.posts],
        last_seq=page.row.topic.last_seq,
        following=page.following,
    )
