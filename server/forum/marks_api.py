"""What readers do with posts, over HTTP: reactions, bookmarks, and what they follow."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from server.forum.follows import Follows, Interest, Subject
from server.forum.marks import Bookmark, Marks
from server.forum.model import Action, rule
from server.forum.posts import Posts
from server.forum.reading import PostView, TopicRow
from server.forum.schemas import PostOut, PostReply, TopicOut, post_out, topic_out
from server.kernel.wire import Empty, Moment, Schema
from server.web.endpoint import Access, Call, Endpoint
from server.web.paging import PageQuery, next_cursor, place_of

_ROOT = "/api/v1/forum"


class ReactionIn(Schema):
    """How to react."""

    kind: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]


class ReactionQuery(Schema):
    """Which reaction to take back."""

    kind: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")] = "like"


class BookmarkOut(Schema):
    """A post that the caller keeps; null where it is no longer to be seen."""

    id: str
    post_id: str
    at: Moment
    topic: TopicOut | None
    post: PostOut | None


class BookmarkPage(Schema):
    """Some bookmarks, newest first; `next_cursor` is null at the end."""

    items: list[BookmarkOut]
    next_cursor: str | None


class FollowOut(Schema):
    """Something that the caller follows: the id of a topic or category, or a tag."""

    subject: Subject
    id: Annotated[str, Field(pattern=r"^[0-9a-z-]{1,40}$")]


class FollowList(Schema):
    """What the caller follows."""

    items: list[FollowOut]


def endpoints(marks: Marks, follows: Follows, posts: Posts) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_of_posts(marks, posts), *_of_readers(marks, follows, posts))


def _of_posts(marks: Marks, posts: Posts) -> Sequence[Endpoint]:
    async def shown(call: Call) -> PostReply:
        _, view = await posts.get(call.actor, call.path["id"])
        return PostReply(post=post_out(view))

    async def get_post(call: Call) -> PostReply:
        _, view = await posts.get(call.signed_in, call.path["id"])
        return PostReply(post=post_out(view))

    async def react(call: Call) -> PostReply:
        body: ReactionIn = call.body
        await marks.react(call.actor, call.path["id"], body.kind, given=True)
        return await shown(call)

    async def take_back(call: Call) -> PostReply:
        query: ReactionQuery = call.query
        await marks.react(call.actor, call.path["id"], query.kind, given=False)
        return await shown(call)

    async def keep(call: Call) -> Empty:
        await marks.bookmark(call.actor, call.path["id"], kept=True)
        return Empty()

    async def let_go(call: Call) -> Empty:
        await posts.require_post(call.actor, call.path["id"])
        await marks.bookmark(call.actor, call.path["id"], kept=False)
        return Empty()

    one = f"{_ROOT}/posts/{{id}}"
    member = Access.MEMBER
    return (
        Endpoint(
            "GET",
            one,
            "One post",
            get_post,
            PostReply,
            Access.PUBLIC,
            rule=rule(Action.READ_POST),
            recognise=True,
            network_limit="forum_reading_network",
        ),
        Endpoint(
            "PUT",
            f"{one}/reaction",
            "React to a post",
            react,
            PostReply,
            member,
            body=ReactionIn,
            rule=rule(Action.REACT),
        ),
        Endpoint(
            "DELETE",
            f"{one}/reaction",
            "Take a reaction back",
            take_back,
            PostReply,
            member,
            query=ReactionQuery,
            rule=rule(Action.REACT),
        ),
        Endpoint("PUT", f"{one}/bookmark", "Keep a post", keep, Empty, member, rule=rule(Action.MARK_POST)),
        Endpoint(
            "DELETE", f"{one}/bookmark", "Keep a post no more", let_go, Empty, member, rule=rule(Action.MARK_POST)
        ),
    )


def _bookmark(bookmark: Bookmark, kept: tuple[TopicRow, PostView] | None) -> BookmarkOut:
    row, view = kept or (None, None)
    return BookmarkOut(
        id=bookmark.id,
        post_id=bookmark.post_id,
        at=bookmark.at,
        topic=topic_out(row) if row else None,
        post=post_out(view) if view else None,
    )


def _of_readers(marks: Marks, follows: Follows, posts: Posts) -> Sequence[Endpoint]:
    async def list_bookmarks(call: Call) -> BookmarkPage:
        query: PageQuery = call.query
        found = await marks.bookmarks(call.actor, before_id=place_of(query.cursor), limit=query.limit + 1)
        some = found[: query.limit]
        kept = await posts.kept(call.actor, [bookmark.post_id for bookmark in some])
        items = [_bookmark(bookmark, kept.get(bookmark.post_id)) for bookmark in some]
        return BookmarkPage(items=items, next_cursor=next_cursor([item.id for item in found], query.limit))

    async def list_follows(call: Call) -> FollowList:
        return FollowList(
            items=[FollowOut(subject=subject, id=identity) for subject, identity in await follows.of(call.actor)]
        )

    async def follow(call: Call) -> Empty:
        body: FollowOut = call.body
        await follows.set(call.actor, body.subject, body.id, Interest.FOLLOW)
        return Empty()

    async def unfollow(call: Call) -> Empty:
        query: FollowOut = call.query
        await follows.set(call.actor, query.subject, query.id, Interest.NONE)
        return Empty()

    member = Access.MEMBER
    return (
        Endpoint(
            "GET",
            "/api/v1/me/bookmarks",
            "The posts that the caller keeps, newest first",
            list_bookmarks,
            BookmarkPage,
            member,
            query=PageQuery,
        ),
        Endpoint("GET", "/api/v1/me/follows", "What the caller follows", list_follows, FollowList, member),
        Endpoint(
            "PUT", "/api/v1/me/follows", "Follow a topic, a category or a tag", follow, Empty, member, body=FollowOut
        ),
        Endpoint(
            "DELETE",
            "/api/v1/me/follows",
            "Follow a topic, a category or a tag no more",
            unfollow,
            Empty,
            member,
            query=FollowOut,
        ),
    )
