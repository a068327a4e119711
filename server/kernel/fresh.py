"""How recently somebody proved who they are. A session may last for weeks; what can't be undone asks for more. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from server.kernel.actor import Actor, Role
from server.kernel.errors import FreshSignInRequired
from server.kernel.ports import Clock


@dataclass(frozen=True, slots=True)
class FreshWindow:
    """How long a sign-in counts as recent.

    Attributes:
        window: how long.
        clock: the time.
    """

    window: timedelta
    clock: Clock

    def require(self, actor: Actor) -> None:
        """Insist that the actor proved who they are a short while ago.

        Visitors pass: they have nothing to prove it with but the session itself.

        Raises:
            FreshSignInRequired: too long ago; `POST /api/v1/sessions/current/confirm` helps.
        """
        if actor.role is Role.VISITOR:
            return
        # What lies ahead counts like what lies behind: after a clock that was set back it is no more recent than that.
        if actor.fresh_at is None or abs(self.clock() - actor.fresh_at) >= self.window:
            raise FreshSignInRequired
