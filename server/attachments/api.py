"""Attaching images over HTTP."""

from collections.abc import Sequence

from server.attachments.model import Attachment
from server.attachments.service import Attachments
from server.kernel.wire import Schema
from server.web.endpoint import Access, Call, Endpoint, FileBody

_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")


class AttachmentQuery(Schema):
    """`confirmed`: the person has looked and says that it shows nobody who would not want it, and no number.

    `confidential`: it is for a text that is sent in confidence, a complaint: newcomers too may attach it there.
    """

    confirmed: bool = False
    confidential: bool = False


class AttachmentOut(Schema):
    """An image. `markdown_path` is what a text names it by: `![what it shows](markdown_path)`."""

    id: str
    path: str
    small_path: str
    markdown_path: str
    width: int
    height: int


class AttachmentReply(Schema):
    """An image."""

    attachment: AttachmentOut


def attachment_out(attachment: Attachment) -> AttachmentOut:
    """Give the wire form of an image."""
    width, height = attachment.full_size
    return AttachmentOut(
        id=attachment.id,
        path=attachment.path,
        small_path=attachment.small_path,
        markdown_path=attachment.markdown_path,
        width=width,
        height=height,
    )


def endpoints(service: Attachments, most_bytes: int) -> Sequence[Endpoint]:
    """Declare the endpoint.

    Args:
        service: takes images in.
        most_bytes: of a file.
    """

    async def attach(call: Call) -> AttachmentReply:
        query: AttachmentQuery = call.query
        added = await service.add(call.actor, call.file, confirmed=query.confirmed, confidential=query.confidential)
        return AttachmentReply(attachment=attachment_out(added))

    return (
        Endpoint(
            "POST",
            "/api/v1/attachments",
            "Attach an image: it is made anew from its pixels, and shown to others with the text that names it",
            attach,
            AttachmentReply,
            Access.MEMBER,
            query=AttachmentQuery,
            status=201,
            network_limit="attachment_network",
            file=FileBody(_TYPES, most_bytes),
        ),
    )
