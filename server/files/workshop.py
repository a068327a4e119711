"""Has files cleaned in processes of their own, few at a time and each under a deadline. Believes them little."""

from typing import Any, Final

from server.attachments.remaking import is_bare
from server.files.kinds import marked_family_of
from server.files.model import ENDINGS, MIB, REASONS, Cleaned, Family, Refused
from server.worker_process import WorkerProcess

DEADLINE_S: Final = 40.0
_MOST_OUT: Final = 80 * MIB


class Workshop:
    """Cleans files.

    Args:
        deadline_s: seconds that one file may take; the process is ended then.
    """

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        self._worker = WorkerProcess("server.files.worker", deadline_s=deadline_s, most_out=_MOST_OUT)

    async def clean(self, data: bytes) -> Cleaned:
        """Give what is left of a file.

        Raises:
            Refused: it can't be taken.
        """
        said = await self._worker.work(data)
        if said is None:
            raise Refused("file_too_complex")
        answer, rest = said
        if "reason" in answer:
            reason = str(answer["reason"])
            raise Refused(reason if reason in REASONS else "file_damaged")
        return _cleaned(answer, rest)


def _cleaned(answer: dict[str, Any], rest: bytes) -> Cleaned:
    try:
        media_type = str(answer["media_type"])
        kept, small, text = (int(length) for length in answer["lengths"])
        picture = answer["picture"]
        cleaned = Cleaned(
            media_type,
            rest[:kept],
            picture=(int(picture[0]), int(picture[1])) if picture else None,
            small=rest[kept : kept + small],
            text=rest[kept + small : kept + small + text].decode("utf-8", "replace"),
            unread=bool(answer["unread"]),
        )
    except (KeyError, TypeError, ValueError, IndexError):
        raise Refused("file_damaged") from None
    if min(kept, small, text) < 0 or kept + small + text != len(rest) or not _is_what_it_says(cleaned):
        raise Refused("file_damaged")
    return cleaned


def _is_what_it_says(cleaned: Cleaned) -> bool:
    """Whether what came back begins like what it is said to be: a worker that was taken over could say anything."""
    if cleaned.media_type not in ENDINGS:
        return False
    if cleaned.media_type == "image/webp":
        return cleaned.picture is not None and is_bare(cleaned.data) and is_bare(cleaned.small)
    if cleaned.media_type.startswith("text/"):
        return not cleaned.data and bool(cleaned.text)
    expected = Family.PDF if cleaned.media_type == "application/pdf" else Family.OFFICE
    return marked_family_of(cleaned.data) is expected
