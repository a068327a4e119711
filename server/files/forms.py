"""Files that come with the forms of feedback, for browsers without JavaScript. Taken in like those over the API.

What a form has brought waits under its sender's account; where nobody is to know them, under the secret that the form
itself carries from page to page (`client_id`).
"""

from typing import Final

from server.feedback.file_forms import Brought
from server.files.circles import NEW_FEEDBACK
from server.files.model import LEAST_SECRET, Uploader, known, unknown
from server.files.names import is_of_a_paper, words_of
from server.files.service import FileService
from server.kernel.attached import MOST_WITH_A_MESSAGE, Attached
from server.kernel.errors import InvalidInput
from server.kernel.text import RawText
from server.web.site.visit import Visit

_FILE, _SEALED, _ADD, _DROP, _IDS, _SECRET = "file", "file_sealed", "add_file", "drop_file", "files", "client_id"
_NOBODY: Final = unknown("", "")


class FileForms:
    """Takes them in; `feedback.file_forms.FileForms` says what each does.

    Args:
        files: takes files in.
        most: bytes of the largest file.
    """

    def __init__(self, files: FileService, most: int) -> None:
        self._files = files
        self._most = most

    @property
    def most(self) -> int:
        """Bytes of the largest file."""
        return self._most

    def only_adds(self, visit: Visit) -> bool:
        """Whether the form is to be shown again with its files."""
        return visit.form.is_on(_ADD) or visit.form.is_on(_DROP)

    async def brought(self, visit: Visit, *, unknown: bool = False) -> Brought:
        """Take in what came with a form.

        Raises:
            RateLimited, RedactionUnavailable, Unavailable: nothing was taken.
        """
        by = _uploader(visit, anonymous=unknown)
        ids = [file_id for file_id in visit.form.words(_IDS) if file_id != visit.form.word(_DROP)]
        waiting = await self._files.find_waiting(by.id, ids[:MOST_WITH_A_MESSAGE])
        data = visit.form.file(_FILE)
        if not data:
            missing = visit.form.is_on(_ADD)
            return Brought(waiting, InvalidInput(fields={_FILE: "required"}) if missing else None)
        if len(waiting) >= MOST_WITH_A_MESSAGE:
            return Brought(waiting, InvalidInput(fields={_FILE: "too_many"}))
        try:
            return Brought((*waiting, await self._add(visit, by, data)))
        except InvalidInput as error:
            return Brought(waiting, error)

    async def _add(self, visit: Visit, by: Uploader, data: bytes) -> Attached:
        if by == _NOBODY:
            raise InvalidInput(fields={_FILE: "unknown_file"})
        await self._files.require_room(by)
        words = words_of(visit.form.file_name(_FILE))
        return await self._files.add(
            by,
            NEW_FEEDBACK,
            data,
            words=RawText(words),
            of_a_paper=is_of_a_paper(words),
            sealed=visit.form.is_on(_SEALED),
        )


def _uploader(visit: Visit, *, anonymous: bool) -> Uploader:
    if visit.actor is not None and not anonymous:
        return known(visit.actor)
    secret = visit.form.word(_SECRET)
    # Without a secret nobody has a name, and nobody's file waits.
    return unknown(secret, visit.caller.network) if len(secret) >= LEAST_SECRET else _NOBODY
