"""Feedback over HTTP: give it, read the board, vote, follow, comment. Reading what is public needs no session."""

from collections.abc import Sequence

from server.feedback.comments import Comments
from server.feedback.desk import Desk
from server.feedback.giving import Giving, NewItem
from server.feedback.items import Items
from server.feedback.model import Action, rule
from server.feedback.reading import BoardPage, BoardQuery, ItemView
from server.feedback.schemas import BoardIn, BoardSearch, CommentIn, CommentsQuery, FollowIn, NewFeedback, SimilarTo
from server.feedback.shapes import (
    AreaList,
    CommentList,
    CommentReply,
    FeedbackGivenOut,
    FeedbackList,
    FeedbackOut,
    FeedbackPage,
    FeedbackReply,
    Roadmap,
    RoadmapColumn,
    SimilarFeedback,
)
from server.feedback.views import area_out, comment_out, item_out, row_out
from server.feedback.votes import Votes
from server.kernel.cursors import number_cursor, number_place
from server.kernel.wire import Empty
from server.web.endpoint import Access, Call, Endpoint, Reply

_ROOT = "/api/v1/feedback"
READING = "feedback_reading_network"


def endpoints(items: Items, giving: Giving, desk: Desk) -> Sequence[Endpoint]:
    """Declare the endpoints of lists and of giving."""

    async def board(call: Call) -> FeedbackPage:
        return _page(await items.board(call.signed_in, _query(call.query)))

    async def look_for(call: Call) -> FeedbackPage:
        body: BoardSearch = call.body
        terms = await items.search_terms(call.signed_in, body.text, network=call.network)
        return _page(await items.board(call.signed_in, _query(body, terms)))

    async def roadmap(call: Call) -> Roadmap:
        found = await items.roadmap()
        return Roadmap(
            columns=[
                RoadmapColumn(status=status, items=[row_out(row) for row in rows]) for status, rows in found.items()
            ]
        )

    async def give(call: Call) -> Reply:
        body: NewFeedback = call.body
        new = NewItem(
            kind=body.kind,
            title=body.title,
            text=body.text,
            visibility=body.visibility,
            anonymous=body.anonymous,
            area=body.area,
            tags=body.tags,
            page=body.page,
            client_id=body.client_id,
            file_ids=body.attachment_ids,
        )
        given = await giving.give(call.signed_in, new, network=call.network)
        sender = None if given.item.author_id is None else call.signed_in
        [view] = await items.views(sender, [given.item])
        shown = item_out(sender, view, sender=given.code is not None)
        return Reply(FeedbackGivenOut(feedback=shown, code=given.code), status=201 if given.is_new else 200)

    async def similar(call: Call) -> SimilarFeedback:
        body: SimilarTo = call.body
        found = await giving.similar(call.signed_in, body.text, network=call.network)
        return SimilarFeedback(items=[row_out(row) for row, _ in found])

    async def own(call: Call) -> FeedbackList:
        return FeedbackList(items=[_item(call, view) for view in await items.own(call.actor)], next_cursor=None)

    async def list_areas(call: Call) -> AreaList:
        return AreaList(items=[area_out(area) for area in await desk.areas()])

    return (
        Endpoint(
            "GET",
            _ROOT,
            "The board: public feedback by votes, trend or age",
            board,
            FeedbackPage,
            query=BoardIn,
            network_limit=READING,
            access=Access.PUBLIC,
            recognise=True,
        ),
        Endpoint(
            "POST",
            f"{_ROOT}/search",
            "Look for words on the board",
            look_for,
            FeedbackPage,
            body=BoardSearch,
            network_limit="search_network",
            access=Access.PUBLIC,
            recognise=True,
        ),
        Endpoint(
            "GET",
            f"{_ROOT}/roadmap",
            "Public feedback by status",
            roadmap,
            Roadmap,
            network_limit=READING,
            access=Access.PUBLIC,
            recognise=True,
        ),
        Endpoint(
            "GET",
            f"{_ROOT}/areas",
            "The product areas",
            list_areas,
            AreaList,
            network_limit=READING,
            access=Access.PUBLIC,
            recognise=True,
        ),
        Endpoint(
            "POST",
            _ROOT,
            "Give a suggestion, criticism, complaint or impression; without a session, too",
            give,
            FeedbackGivenOut,
            body=NewFeedback,
            status=201,
            other_status=200,
            network_limit="feedback_network",
            access=Access.PUBLIC,
            recognise=True,
        ),
        Endpoint(
            "POST",
            f"{_ROOT}/similar",
            "Public feedback like what is being typed",
            similar,
            SimilarFeedback,
            body=SimilarTo,
            network_limit="suggestion_network",
            access=Access.PUBLIC,
            recognise=True,
        ),
        Endpoint("GET", f"{_ROOT}/own", "What the caller sent under their account", own, FeedbackList),
    )


def item_endpoints(items: Items, votes: Votes, comments: Comments) -> Sequence[Endpoint]:
    """Declare the endpoints about one item."""

    async def get(call: Call) -> FeedbackReply:
        return FeedbackReply(feedback=_item(call, await items.get(call.signed_in, call.path["id"])))

    async def vote(call: Call) -> FeedbackReply:
        view = await votes.vote(call.actor, call.path["id"], given=True, network=call.network)
        return FeedbackReply(feedback=_item(call, view))

    async def retract(call: Call) -> FeedbackReply:
        view = await votes.vote(call.actor, call.path["id"], given=False, network=call.network)
        return FeedbackReply(feedback=_item(call, view))

    async def follow(call: Call) -> FeedbackReply:
        body: FollowIn = call.body
        view = await votes.follow(call.actor, call.path["id"], following=body.following)
        return FeedbackReply(feedback=_item(call, view))

    async def list_comments(call: Call) -> CommentList:
        query: CommentsQuery = call.query
        page = await comments.page(call.signed_in, call.path["id"], after_seq=query.after_seq, limit=query.limit)
        return CommentList(items=[comment_out(view) for view in page.views], next_seq=page.next_after)

    async def write(call: Call) -> Reply:
        body: CommentIn = call.body
        view, is_new = await comments.write(
            call.actor,
            call.path["id"],
            body.text,
            note=body.note,
            client_id=body.client_id,
            file_ids=body.attachment_ids,
        )
        return Reply(CommentReply(comment=comment_out(view)), status=201 if is_new else 200)

    async def unwrite(call: Call) -> Empty:
        await comments.withdraw(call.actor, call.path["id"], number(call.path["seq"]))
        return Empty()

    return (
        Endpoint(
            "GET",
            f"{_ROOT}/{{id}}",
            "One item: public ones are for everybody, private ones for sender and agents",
            get,
            FeedbackReply,
            rule=rule(Action.READ),
            network_limit=READING,
            access=Access.PUBLIC,
            recognise=True,
        ),
        Endpoint(
            "PUT",
            f"{_ROOT}/{{id}}/vote",
            "Vote for a suggestion",
            vote,
            FeedbackReply,
            Access.MEMBER,
            rule=rule(Action.VOTE),
        ),
        Endpoint(
            "DELETE",
            f"{_ROOT}/{{id}}/vote",
            "Take the vote back",
            retract,
            FeedbackReply,
            Access.MEMBER,
            rule=rule(Action.VOTE),
        ),
        Endpoint(
            "PUT",
            f"{_ROOT}/{{id}}/follow",
            "Follow an item, or no longer",
            follow,
            FeedbackReply,
            Access.MEMBER,
            body=FollowIn,
            rule=rule(Action.FOLLOW),
        ),
        Endpoint(
            "GET",
            f"{_ROOT}/{{id}}/comments",
            "Comments of an item; of a private one, what is written to and fro",
            list_comments,
            CommentList,
            query=CommentsQuery,
            rule=rule(Action.READ),
            network_limit=READING,
            access=Access.PUBLIC,
            recognise=True,
        ),
        Endpoint(
            "POST",
            f"{_ROOT}/{{id}}/comments",
            "Write under an item",
            write,
            CommentReply,
            body=CommentIn,
            status=201,
            other_status=200,
            rule=rule(Action.COMMENT),
            network_limit="feedback_comment_network",
        ),
        Endpoint(
            "DELETE",
            f"{_ROOT}/{{id}}/comments/{{seq}}",
            "Take back a comment of one's own",
            unwrite,
            Empty,
            rule=rule(Action.UNWRITE),
        ),
    )


def number(text: str) -> int:
    """Give a number of a path; one that is none is nobody's."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def _item(call: Call, view: ItemView) -> FeedbackOut:
    return item_out(call.signed_in, view)


def _query(query: BoardIn, terms: tuple[str, ...] = ()) -> BoardQuery:
    return BoardQuery(
        order=query.sort,
        statuses=frozenset({query.status} if query.status else ()),
        kind=query.kind,
        area=query.area,
        tag=query.tag,
        terms=terms,
        after=number_place(query.cursor) or 0,
        limit=query.limit,
    )


def _page(page: BoardPage) -> FeedbackPage:
    return FeedbackPage(
        items=[row_out(row, voted=row.id in page.voted) for row in page.rows],
        total=page.total,
        next_cursor=number_cursor(page.next_after),
    )
