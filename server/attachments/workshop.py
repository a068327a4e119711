"""Has images remade in processes of their own, few at a time and each under a deadline. Believes them little."""

from typing import Any, Final

from server.attachments.model import Picture
from server.attachments.remaking import is_bare
from server.kernel.errors import InvalidInput
from server.worker_process import WorkerProcess

DEADLINE_S: Final = 30.0
_MOST_OUT: Final = 64 * 1024 * 1024
"""Of both forms together: a moving image of 150 frames is the longest that there can be."""
_FORMS: Final = 2
_REASONS: Final = frozenset({"not_an_image", "too_large"})


class Workshop:
    """Remakes images.

    Args:
        deadline_s: seconds that one image may take; the process is ended then.
    """

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        self._worker = WorkerProcess("server.attachments.worker", deadline_s=deadline_s, most_out=_MOST_OUT)

    async def remake(self, data: bytes) -> tuple[Picture, Picture]:
        """Give the whole and the small form of an image.

        Raises:
            InvalidInput: it is none that can be taken; `fields` says why.
        """
        said = await self._worker.work(data)
        if said is None:
            raise _refused("too_complex")
        answer, rest = said
        if "forms" not in answer:
            reason = str(answer.get("reason"))
            raise _refused(reason if reason in _REASONS else "not_an_image")
        pictures = _pictures(answer, rest)
        if len(pictures) != _FORMS or not all(is_bare(picture.data) for picture in pictures):
            raise _refused("not_an_image")
        return pictures[0], pictures[1]


def _pictures(answer: dict[str, Any], rest: bytes) -> list[Picture]:
    """Cut what came back as it says; nothing where that can't be done, or anything would be left."""
    pictures: list[Picture] = []
    try:
        for width, height, length in answer["forms"]:
            size = int(length)
            if not 0 < size <= len(rest):
                return []
            pictures.append(Picture(rest[:size], int(width), int(height)))
            rest = rest[size:]
    except (TypeError, ValueError):
        return []
    return [] if rest else pictures


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(fields={"image": reason})
