"""Files that come with the forms of feedback, as its pages see whoever takes them in. `server.files.forms` fills it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.kernel.attached import Attached
from server.kernel.errors import InvalidInput
from server.web.site.visit import Visit


@dataclass(frozen=True, slots=True)
class Brought:
    """What came with a form.

    Attributes:
        files: those that wait for what is being written: new ones, and those that came with the form before.
        refusal: why the new one was not taken, or None; what was typed is not lost for that.
    """

    files: Sequence[Attached] = ()
    refusal: InvalidInput | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(file.id for file in self.files)


NOTHING_BROUGHT = Brought()


class FileForms(Protocol):
    """Takes files in that come with forms."""

    @property
    def most(self) -> int:
        """Bytes of the largest file."""
        ...

    def only_adds(self, visit: Visit) -> bool:
        """Whether the form is to be shown again with its files, and not to be sent on yet."""
        ...

    async def brought(self, visit: Visit, *, unknown: bool = False) -> Brought:
        """Take in what came with a form; `unknown`: whether nobody is to know whose it is.

        Raises:
            RateLimited, RedactionUnavailable, Unavailable: nothing was taken.
        """
        ...
