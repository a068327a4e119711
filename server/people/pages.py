"""Somebody's page in the forum, for everybody; on one's own, the forms that change it. And pictures, as files."""

from hashlib import sha256

from aiohttp import web

from moderation.trust import Deed
from server.kernel.errors import DomainError
from server.markup import MarkupRules, SafeHtml, render
from server.people.avatar import avatar_svg
from server.people.handles import LONGEST
from server.people.model import MAX_BIO, Profile, next_change, profile_path
from server.people.service import People
from server.web.site.frame import Site
from server.web.site.visit import Page, Visit

_KEPT = "public, max-age=86400"
"""A day: a handle that was given up shows its picture for so long at most."""

_CHANGE = "/forum/profil"


class PicturePages:
    """Pictures.

    Args:
        people: knows whose handle it is.
    """

    def __init__(self, people: People) -> None:
        self._people = people

    def attach(self, app: web.Application) -> None:
        """Add the route."""
        app.router.add_get("/forum/u/{handle:[A-Za-z0-9-]{1,64}}/avatar.svg", self._picture)

    async def _picture(self, request: web.Request) -> web.Response:
        handle = request.match_info["handle"].lower()
        if await self._people.find(handle) is None:
            raise web.HTTPNotFound
        body = avatar_svg(handle).encode()
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        headers = {"Cache-Control": _KEPT, "ETag": tag}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="image/svg+xml", charset="utf-8", headers=headers)


class ProfilePages:
    """Profiles.

    Args:
        site: the frame.
        people: people in the community.
    """

    def __init__(self, site: Site, people: People) -> None:
        self._site = site
        self._people = people

    def attach(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/forum/u/{handle:[A-Za-z0-9-]{1,64}}", self._site.shown(self._show))
        app.router.add_get(_CHANGE, self._site.shown(self._form))
        app.router.add_post(_CHANGE, self._site.posted(self._change))

    async def _show(self, visit: Visit) -> Page | web.StreamResponse:
        profile, persona = await self._people.get(visit.part["handle"])
        if visit.part["handle"] != profile.handle:
            return self._site.to(persona.path, status=301)
        is_own = visit.actor is not None and visit.actor.account_id == profile.account_id
        context = {
            "profile": profile,
            "persona": persona,
            "level": self._site.text(visit.locale, f"person.level.{persona.level}"),
            "bio": _bio(profile, links=persona.level > 0),
            "posts": profile.totals.get(Deed.WRITTEN, 0),
            "accepted": profile.totals.get(Deed.ACCEPTED, 0),
            "likes": profile.totals.get(Deed.LIKES_RECEIVED, 0),
            "change": _CHANGE if is_own else "",
        }
        # Pages of people say little: search engines need not find them (no canonical address, `noindex`).
        return Page("people/profile.html", context)

    async def _form(self, visit: Visit) -> Page:
        profile, _ = await self._people.profile(visit.require())
        return self._filled(visit, profile)

    async def _change(self, visit: Visit) -> Page | web.StreamResponse:
        actor = visit.require()
        profile, _ = await self._people.profile(actor)
        handle = visit.form.secret("handle").strip()
        wanted = handle if handle and handle.lower() != profile.handle else None
        try:
            changed = await self._people.change(actor, handle=wanted, bio=visit.form.text("bio"))
        except DomainError as error:
            return self._filled(visit, profile, error)
        return self._site.to(profile_path(changed.profile.handle))

    def _filled(self, visit: Visit, profile: Profile, error: DomainError | None = None) -> Page:
        refusal = self._site.refusal(visit, error) if error else None
        context = {
            "handle": profile.handle,
            "change_at": next_change(profile, self._people.rules, self._people.now()),
            "bio": visit.form.typed("bio") if error else (profile.bio.text.value if profile.bio else ""),
            "longest": LONGEST,
            "longest_bio": MAX_BIO,
            "action": _CHANGE,
            "back": profile_path(profile.handle),
            "refusal": refusal,
        }
        return Page("people/change.html", context, refusal.status if refusal else 200)


def _bio(profile: Profile, *, links: bool) -> SafeHtml | None:
    return render(profile.bio.text, rules=MarkupRules(links=links, images=False)) if profile.bio else None
