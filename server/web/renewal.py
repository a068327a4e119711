"""Keeps the session cookie alive as long as the session: a session lasts on with each use, so its cookie must too.

Without it a browser would drop the cookie a fixed time after signing in, however often somebody comes. Decides nothing
about sessions.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from aiohttp import hdrs, web

from server.kernel.actor import Role
from server.kernel.ports import Clock
from server.web.requests import SESSION_COOKIE, Origins, cookie_name, set_session_cookie, shown_by_cookie

_EVERY = timedelta(hours=1)
_REMEMBERED = 10_000


class CookieRenewal:
    """Sets the cookie anew with an answer to whoever showed it, at most once an hour for each session.

    Args:
        origins: which are ours.
        lifetime: how long a session of a role lasts after its last use.
        clock: the time.
    """

    def __init__(self, origins: Origins, lifetime: Callable[[Role], timedelta], clock: Clock) -> None:
        self._origins = origins
        self._lifetime = lifetime
        self._clock = clock
        self._renewed: OrderedDict[str, datetime] = OrderedDict()

    def attach(self, app: web.Application) -> None:
        """Look at every answer of an application."""
        app.on_response_prepare.append(self._renew)

    async def _renew(self, request: web.Request, response: web.StreamResponse) -> None:
        shown = shown_by_cookie(request)
        if shown is None:
            return
        secure = self._origins.is_secure(request)
        name = cookie_name(SESSION_COOKIE, secure=secure)
        # An answer that sets the cookie itself signs in or out: that one counts.
        if name in response.cookies:
            return
        token, actor = shown
        now, lifetime = self._clock(), self._lifetime(actor.role)
        last = self._renewed.get(actor.session_id)
        if last is not None and now - last < min(_EVERY, lifetime / 4):
            return
        self._renewed[actor.session_id] = now
        self._renewed.move_to_end(actor.session_id)
        if len(self._renewed) > _REMEMBERED:
            self._renewed.popitem(last=False)
        set_session_cookie(response, token, int(lifetime.total_seconds()), secure=secure)
        # The answer's cookies were written into its headers just before this is called.
        response.headers.add(hdrs.SET_COOKIE, response.cookies[name].output(header="").strip())
