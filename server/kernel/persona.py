"""How somebody appears in public, and what they have earned. Pure; `server.people` works both out."""

from dataclasses import dataclass
from datetime import datetime

from server.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody as everybody may see them: under a handle, never under the name of their account.

    Attributes:
        account_id: whose.
        handle: unique, lower case; begins every address of theirs.
        avatar_path: where their picture is, from the root of the site.
        role: so that staff can be told from customers.
        level: of trust, 0 to 4.
        suspended: whether they are kept out for now.
    """

    account_id: str
    handle: str
    avatar_path: str = ""
    role: Role = Role.CUSTOMER
    level: int = 0
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody's conduct lets them do in public, beside their role.

    Attributes:
        level: of trust, 0 to 4.
        links: whether links in what they write are live.
        images: whether they may show images.
        flags: whether they may report something.
        wiki: whether they may change wiki posts of others.
        silenced_until: until when they may only read.
        suspended_until: until when they are kept out.
    """

    level: int = 0
    links: bool = True
    images: bool = True
    flags: bool = True
    wiki: bool = False
    silenced_until: datetime | None = None
    suspended_until: datetime | None = None

    def may_write(self, now: datetime) -> bool:
        """Whether they are neither silenced nor suspended."""
        return all(until is None or until <= now for until in (self.silenced_until, self.suspended_until))
