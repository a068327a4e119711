"""Images that come with forms, for browsers without JavaScript. Taken in like those over the API."""

from dataclasses import replace

from server.attachments.service import Attachments
from server.kernel.errors import InvalidInput
from server.kernel.ports import Limiter
from server.kernel.sharing import spend_of_network
from server.web.site.visit import Visit

_IMAGE, _ALT, _CONFIRMED, _ATTACH = "image", "image_alt", "image_confirmed", "attach"


class ImageForms:
    """Takes them in.

    Args:
        attachments: takes images in.
        limiter: holds networks to their limits.
        most: bytes of an image.
    """

    def __init__(self, attachments: Attachments, limiter: Limiter, most: int) -> None:
        self._attachments = attachments
        self._limiter = limiter
        self.most = most

    def only_attaches(self, visit: Visit) -> bool:
        """Whether the form is to be shown again with the image, and not to be sent on yet."""
        return visit.form.is_on(_ATTACH)

    async def taken(self, visit: Visit, *, confidential: bool = False) -> Visit:
        """Give the visit with the image that came with its form at the end of the text.

        Args:
            visit: it.
            confidential: whether the text is, or may be, for those alone who handle it.

        Raises:
            NotAuthenticated: nobody is signed in.
            NotPermitted, InvalidInput, RateLimited: see `Attachments.add`; the fields are those of the form.
        """
        actor = visit.require()
        image = visit.form.file(_IMAGE)
        if not image:
            if self.only_attaches(visit):
                raise InvalidInput(fields={_IMAGE: "required"})
            return visit
        await spend_of_network(
            self._limiter, "attachment_network", network=visit.caller.network, account_id=actor.account_id
        )
        try:
            attachment = await self._attachments.add(
                actor, image, confirmed=visit.form.is_on(_CONFIRMED), confidential=confidential
            )
        except InvalidInput as error:
            fields = {_CONFIRMED if name == "confirmed" else _IMAGE: reason for name, reason in error.fields.items()}
            raise InvalidInput(fields=fields) from None
        return replace(visit, form=visit.form.with_image("text", _ALT, attachment.markdown_path, attachment.small_path))
