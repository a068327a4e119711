"""Polls, drafts and what is unread, over HTTP."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from server.forum.drafts import Draft, Drafts
from server.forum.lists import TopicLists
from server.forum.model import Action, rule
from server.forum.polls import MOST_OPTIONS, Polls
from server.forum.schemas import PollOut, RedactionView, TopicsPage, poll_out, redactions_out, topic_out
from server.kernel.cursors import number_cursor, number_place
from server.kernel.text import RawText
from server.kernel.wire import Empty, Moment, Schema, TypedSubject, TypedText
from server.web.endpoint import Access, Call, Endpoint

_ROOT = "/api/v1/forum"
Place = Annotated[str, Field(pattern=r"^(?:new|[0-9a-z]{24})$")]


class Vote(Schema):
    """The places, from 0, of what is chosen; empty to take the vote back."""

    options: Annotated[list[Annotated[int, Field(ge=0, lt=MOST_OPTIONS)]], Field(max_length=MOST_OPTIONS)]


class PollReply(Schema):
    """One poll."""

    poll: PollOut


class DraftIn(Schema):
    """A draft to keep: for a `new` topic, or for an answer in the topic with this id."""

    place: Place
    title: TypedSubject | None = None
    text: TypedText


class DraftPlace(Schema):
    """Which draft."""

    place: Place


class DraftOut(Schema):
    """A draft. Its placeholders stand for the same when its author sends them on; what they stand for is gone."""

    place: str
    title: str
    text: str
    redactions: list[RedactionView]
    saved_at: Moment


class DraftReply(Schema):
    """One draft."""

    draft: DraftOut


class DraftList(Schema):
    """The caller's drafts, newest first."""

    items: list[DraftOut]


class UnreadQuery(Schema):
    """Which part of the list."""

    cursor: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 30


def draft_out(draft: Draft) -> DraftOut:
    """Give the wire form of a draft."""
    return DraftOut(
        place=draft.place,
        title=draft.title.value,
        text=draft.text.value,
        redactions=redactions_out(draft.redactions),
        saved_at=draft.saved_at,
    )


def endpoints(lists: TopicLists, polls: Polls, drafts: Drafts) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def vote(call: Call) -> PollReply:
        body: Vote = call.body
        return PollReply(poll=poll_out(await polls.vote(call.actor, call.path["id"], body.options)))

    async def close(call: Call) -> PollReply:
        return PollReply(poll=poll_out(await polls.close(call.actor, call.path["id"])))

    async def save(call: Call) -> DraftReply:
        body: DraftIn = call.body
        return DraftReply(
            draft=draft_out(await drafts.save(call.actor, body.place, body.title or RawText(""), body.text))
        )

    async def list_drafts(call: Call) -> DraftList:
        return DraftList(items=[draft_out(draft) for draft in await drafts.list(call.actor)])

    async def remove(call: Call) -> Empty:
        query: DraftPlace = call.query
        await drafts.remove(call.actor, query.place)
        return Empty()

    async def unread(call: Call) -> TopicsPage:
        query: UnreadQuery = call.query
        found = await lists.unread(call.actor, before=number_place(query.cursor), limit=query.limit)
        return TopicsPage(items=[topic_out(row) for row in found.items], next_cursor=number_cursor(found.next_bump))

    member = Access.MEMBER
    one = f"{_ROOT}/posts/{{id}}/poll"
    return (
        Endpoint(
            "PUT",
            f"{one}/vote",
            "Vote, or change one's vote",
            vote,
            PollReply,
            member,
            body=Vote,
            rule=rule(Action.VOTE),
        ),
        Endpoint("POST", f"{one}/close", "End a poll", close, PollReply, member, rule=rule(Action.CLOSE_POLL)),
        Endpoint("PUT", "/api/v1/me/drafts", "Keep a draft, redacted", save, DraftReply, member, body=DraftIn),
        Endpoint("GET", "/api/v1/me/drafts", "The caller's drafts", list_drafts, DraftList, member),
        Endpoint("DELETE", "/api/v1/me/drafts", "Forget a draft", remove, Empty, member, query=DraftPlace),
        Endpoint(
            "GET",
            "/api/v1/me/unread",
            "Topics that the caller has read and that have new posts, those last written in first",
            unread,
            TopicsPage,
            member,
            query=UnreadQuery,
        ),
    )
