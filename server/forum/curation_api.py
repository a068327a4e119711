"""Changing what is there, over HTTP: posts and their history, and what curators do with topics."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from server.forum.commands import Id, Seq
from server.forum.contact_desk import ContactDesk
from server.forum.curation import Curation
from server.forum.diffs import Change
from server.forum.editing import Editing
from server.forum.model import Action, Topic, rule
from server.forum.moving import MOST_AT_ONCE, Moving
from server.forum.posts import Posts
from server.forum.reading import topic_rights
from server.forum.schemas import PersonaOut, PostReply, TopicReply, persona_out, post_out, rights_out, topic_out
from server.forum.topics import Topics
from server.kernel.wire import Moment, Schema, TypedSubject, TypedText
from server.web.endpoint import Access, Call, Endpoint

_ROOT = "/api/v1/forum"


class PostChange(Schema):
    """A post's new text; `revision` is the one that the caller has seen. Or whether trusted members may change it."""

    text: TypedText | None = None
    revision: Annotated[int, Field(ge=0, le=10_000)] | None = None
    wiki: bool | None = None


class ContactsClosed(Schema):
    """Whether no contact of its writer is to be shown in a post, whatever they permit."""

    closed: bool


class PieceOut(Schema):
    """A piece of a comparison."""

    change: Change
    text: str


class RevisionOut(Schema):
    """A change of a post."""

    number: int
    editor: PersonaOut | None
    at: Moment
    pieces: list[PieceOut]


class RevisionList(Schema):
    """The changes of a post, newest first."""

    items: list[RevisionOut]


class TopicCuration(Schema):
    """What is to become of a topic; what is left out stays."""

    pinned: bool | None = None
    locked: bool | None = None
    archived: bool | None = None
    category_id: Id | None = None


class AcceptedAnswer(Schema):
    """Which post solved the topic; null for none."""

    seq: Seq | None


class TopicSplit(Schema):
    """Which answers become a topic of their own, and what it is called."""

    seqs: Annotated[list[Seq], Field(min_length=1, max_length=MOST_AT_ONCE)]
    title: TypedSubject
    category_id: Id | None = None


class TopicMerge(Schema):
    """The topic that another's posts are moved to."""

    into_id: Id


def endpoints(
    topics: Topics, posts: Posts, editing: Editing, curation: Curation, moving: Moving, contacts: ContactDesk
) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_of_posts(posts, editing, contacts), *_of_topics(topics, curation, moving))


def _of_posts(posts: Posts, editing: Editing, contacts: ContactDesk) -> Sequence[Endpoint]:
    async def shown(call: Call) -> PostReply:
        _, view = await posts.get(call.actor, call.path["id"])
        return PostReply(post=post_out(view))

    async def change(call: Call) -> PostReply:
        body: PostChange = call.body
        if body.text is not None:
            await editing.edit(call.actor, call.path["id"], body.text, revision=body.revision)
        if body.wiki is not None:
            await editing.open_to_all(call.actor, call.path["id"], wiki=body.wiki)
        if body.text is None and body.wiki is None:
            await editing.require_own(call.actor, call.path["id"])
        return await shown(call)

    async def withdraw(call: Call) -> PostReply:
        await editing.withdraw(call.actor, call.path["id"])
        return await shown(call)

    async def close_contacts(call: Call) -> PostReply:
        body: ContactsClosed = call.body
        await contacts.close(call.actor, call.path["id"], closed=body.closed)
        return await shown(call)

    async def history(call: Call) -> RevisionList:
        return RevisionList(
            items=[
                RevisionOut(
                    number=item.number,
                    editor=persona_out(item.editor),
                    at=item.at,
                    pieces=[PieceOut(change=piece.change, text=piece.text) for piece in item.pieces],
                )
                for item in await editing.history(call.actor, call.path["id"])
            ]
        )

    one = f"{_ROOT}/posts/{{id}}"
    member = Access.MEMBER
    return (
        Endpoint(
            "PATCH",
            one,
            "Change a post; it passes the gate again",
            change,
            PostReply,
            member,
            body=PostChange,
            rule=rule(Action.EDIT),
        ),
        Endpoint(
            "DELETE", one, "Take a post of one's own back", withdraw, PostReply, member, rule=rule(Action.WITHDRAW)
        ),
        Endpoint(
            "GET",
            f"{one}/revisions",
            "What was changed in a post, newest first",
            history,
            RevisionList,
            member,
            rule=rule(Action.MARK_POST),
        ),
        Endpoint(
            "PUT",
            f"{one}/contacts",
            "Take out of a post the contacts that its writer publishes in it, or let them in again",
            close_contacts,
            PostReply,
            Access.MODERATOR,
            body=ContactsClosed,
            rule=rule(Action.CLOSE_CONTACTS),
        ),
    )


def _of_topics(topics: Topics, curation: Curation, moving: Moving) -> Sequence[Endpoint]:
    async def shown(call: Call, topic: Topic) -> TopicReply:
        row = await topics.get(call.actor, topic.id)
        return TopicReply(topic=topic_out(row), rights=rights_out(topic_rights(call.actor, row.category, row.topic)))

    async def curate(call: Call) -> TopicReply:
        body: TopicCuration = call.body
        topic = await curation.set(
            call.actor, call.path["id"], pinned=body.pinned, locked=body.locked, archived=body.archived
        )
        if body.category_id is not None:
            topic = await curation.move(call.actor, topic.id, body.category_id)
        return await shown(call, topic)

    async def accept(call: Call) -> TopicReply:
        body: AcceptedAnswer = call.body
        return await shown(call, await curation.accept(call.actor, call.path["id"], body.seq))

    async def split(call: Call) -> TopicReply:
        body: TopicSplit = call.body
        new = await moving.split(call.actor, call.path["id"], body.seqs, body.title, category_id=body.category_id)
        return await shown(call, new)

    async def merge(call: Call) -> TopicReply:
        body: TopicMerge = call.body
        return await shown(call, await moving.merge(call.actor, call.path["id"], body.into_id))

    one = f"{_ROOT}/topics/{{id}}"
    curating = rule(Action.CURATE)
    return (
        Endpoint(
            "PATCH",
            f"{one}/curation",
            "Pin, lock, archive or move a topic",
            curate,
            TopicReply,
            Access.MODERATOR,
            body=TopicCuration,
            rule=curating,
        ),
        Endpoint(
            "PUT",
            f"{one}/accepted",
            "Say which answer solved a topic",
            accept,
            TopicReply,
            Access.MEMBER,
            body=AcceptedAnswer,
            rule=rule(Action.ACCEPT),
        ),
        Endpoint(
            "POST",
            f"{one}/split",
            "Move answers into a new topic",
            split,
            TopicReply,
            Access.MODERATOR,
            body=TopicSplit,
            status=201,
            rule=curating,
        ),
        Endpoint(
            "POST",
            f"{one}/merge",
            "Move all posts into another topic",
            merge,
            TopicReply,
            Access.MODERATOR,
            body=TopicMerge,
            rule=curating,
        ),
    )
