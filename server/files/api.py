"""Files over HTTP: upload one for a conversation or feedback, take it back, ask for addresses that show it."""

from collections.abc import Sequence

from server.chat.model import Action, rule
from server.feedback.rights import Action as FeedbackAction
from server.feedback.rights import rule as feedback_rule
from server.files.circles import NEW_FEEDBACK, of_item
from server.files.model import known
from server.files.names import is_of_a_paper, words_of
from server.files.schemas import FileReply, LinkPage, LinkQuery, file_out, link_out, look_of
from server.files.service import FileService
from server.files.showing import FileViews
from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.text import RawText
from server.kernel.wire import Empty
from server.web.endpoint import Call, Endpoint
from server.web.uploads import UploadBody

_SEALED = "sealed"


def endpoints(files: FileService, views: FileViews, largest: int) -> Sequence[Endpoint]:
    """Declare the endpoints.

    Args:
        files: takes them in.
        views: shows them.
        largest: bytes of the largest that is taken.
    """

    async def upload(call: Call) -> FileReply:
        return await _taken(files, call, call.path["id"])

    async def withdraw(call: Call) -> Empty:
        await files.withdraw(call.actor, call.path["id"])
        return Empty()

    async def links(call: Call) -> LinkPage:
        return await _shown(views, call, call.path["id"])

    of_conversation = "/api/v1/conversations/{id}/attachments"
    return (
        Endpoint(
            "POST",
            of_conversation,
            "Upload a file for a message of a conversation: an image, PDF, office document or text",
            upload,
            FileReply,
            status=201,
            rule=rule(Action.POST),
            network_limit="file_network",
            upload=UploadBody(largest, flags=(_SEALED,)),
        ),
        Endpoint(
            "POST",
            f"{of_conversation}/links",
            "Addresses under which files of a conversation are shown, for some minutes and to the caller only",
            links,
            LinkPage,
            body=LinkQuery,
            rule=rule(Action.READ),
        ),
        Endpoint(
            "DELETE",
            "/api/v1/attachments/{id}",
            "Take back an upload that no message has yet",
            withdraw,
            Empty,
            rule=Rule("upload", own=frozenset(Role)),
        ),
    )


def feedback_endpoints(files: FileService, views: FileViews, largest: int) -> Sequence[Endpoint]:
    """Declare the endpoints of files of feedback.

    Args:
        files: takes them in.
        views: shows them.
        largest: bytes of the largest that is taken.
    """

    async def upload(call: Call) -> FileReply:
        return await _taken(files, call, NEW_FEEDBACK)

    async def links(call: Call) -> LinkPage:
        return await _shown(views, call, of_item(call.path["id"]))

    return (
        Endpoint(
            "POST",
            "/api/v1/feedback/attachments",
            "Upload a file for feedback, or for a comment, that is about to be sent: only its sender and staff see it",
            upload,
            FileReply,
            status=201,
            network_limit="file_network",
            upload=UploadBody(largest, flags=(_SEALED,)),
        ),
        Endpoint(
            "POST",
            "/api/v1/feedback/{id}/attachments/links",
            "Addresses under which those files of an item that the caller may open are shown to them, for some minutes",
            links,
            LinkPage,
            body=LinkQuery,
            rule=feedback_rule(FeedbackAction.READ),
        ),
    )


async def _taken(files: FileService, call: Call, circle_id: str) -> FileReply:
    await files.require_upload(call.actor, circle_id)
    received = await call.upload.receive()
    words = words_of(received.name)
    attached = await files.add(
        known(call.actor),
        circle_id,
        received.data,
        words=RawText(words),
        of_a_paper=is_of_a_paper(words),
        sealed=_SEALED in received.flags,
    )
    return FileReply(attachment=file_out(attached))


async def _shown(views: FileViews, call: Call, circle_id: str) -> LinkPage:
    body: LinkQuery = call.body
    shown = await views.links(call.actor, circle_id, body.ids, look_of(body.purpose, body.reason))
    return LinkPage(items=[link_out(item) for item in shown])
