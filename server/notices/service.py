"""Use cases of notices: tell people, list what one was told, say what was read and how one wants to be told.

Letters and pushes say that something happened and where to look, never what. Digests are `notices.digests`' affair.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, EventSink, Limiter
from server.notices.model import (
    DEFAULTS,
    DIGESTS,
    LOCKED,
    WAVES,
    Choice,
    Desk,
    Kind,
    Notice,
    NoticeMade,
    NoticesRead,
    Pace,
    group_of,
    joined,
)
from server.notices.ports import DeskStore, NoticeStore, Postman, Pusher
from server.notices.schedule import next_due
from server.notices.sections import kinds_for
from server.notices.unsubscribing import PATHS, Stop, StopTokens

LIST_PATH = "/pemberitahuan"
"""The page of one's notices, in both languages."""

_ACCESS_PATHS = {"id": "/akun#access", "en": "/account#access"}
_OWN = "conversation"
"""What notices of openings are about for the person; for the privacy officers they are about the opening."""

_OFFICE_PATH = "/desk"
_LETTERS: Mapping[Kind, str] = {Kind.CHAT_ANSWER: "chat_answer"}
"""Kinds with a letter of their own; it leads to the thing itself."""

_REMEMBERED = 50_000

Place = Callable[[str], Awaitable[str | None]]
"""Gives the address of something by its id, or None where it is to be seen no more."""


class Notices:
    """What people are told.

    Args:
        store: notices.
        desks: what is unread and how people want to be told.
        sink: hears what happened.
        postman: writes letters; None where there is no mail.
        pusher: wakes devices.
        tokens: signs the links that stop letters.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: NoticeStore,
        desks: DeskStore,
        sink: EventSink,
        postman: Postman | None,
        pusher: Pusher,
        tokens: StopTokens,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._desks = desks
        self._sink = sink
        self._postman = postman
        self._pusher = pusher
        self._tokens = tokens
        self._stopped: dict[Kind, Callable[[str], Awaitable[None]]] = {}
        self._limiter = limiter
        self._clock = clock
        self._turn = asyncio.Lock()
        self._unread: dict[str, int] = {}
        self._places: dict[str, Place] = {}

    def lead(self, object_type: str, place: Place) -> None:
        """Say where things of a kind are to be seen."""
        self._places[object_type] = place

    # --- telling ---------------------------------------------------------------------------------------------------

    async def tell(self, account_ids: Sequence[str], kind: Kind, object_type: str, object_id: str) -> None:
        """Tell some accounts, each the way they want. Durable on return; who is there has heard of it.

        Several of one kind about one thing are one notice as long as they are unread, and what is told again is not
        told twice. Of a wave (`WAVES`) only the first wakes anybody.

        Raises:
            Unavailable: nobody was told, or it is not known who.
        """
        ids = list(dict.fromkeys(account_ids))
        if not ids:
            return
        async with self._turn:
            desks = await self._desks.desks(ids)
            made = await self._made(ids, desks, kind, object_type, object_id)
            shown = [item for item in made if desks[item[0].account_id].choice(kind).in_app]
            if shown:
                await self._store.insert([notice for notice, _ in shown])
                await self._store.delete([earlier.id for _, earlier in shown if earlier])
            unread = {notice.account_id: 0 if earlier else 1 for notice, earlier in shown}
            quiet = _quiet(made, desks, kind)
            waiting = await self._write([notice for notice, _ in made], desks, kind, quiet)
            await self._desks.add(unread, waiting)
            self._forget(ids)
        told = [notice.account_id for notice, _ in made]
        self._pusher.push([who for who in told if desks[who].choice(kind).push and who not in quiet])
        await self._sink.publish(
            [NoticeMade(notice, desks[notice.account_id].unread + unread[notice.account_id]) for notice, _ in shown]
        )

    async def _made(
        self, ids: Sequence[str], desks: Mapping[str, Desk], kind: Kind, object_type: str, object_id: str
    ) -> list[tuple[Notice, Notice | None]]:
        """For each account the notice, and the earlier one in whose place it stands; none where it was told before."""
        at = self._clock()
        group = group_of(kind, object_type, object_id)
        earlier: dict[str, Notice] = {}
        stale: list[str] = []
        for notice in sorted(await self._store.open_ones(group, ids) if group else [], key=lambda item: item.id):
            if desks[notice.account_id].is_read(notice):
                stale.append(notice.id)
            else:
                earlier[notice.account_id] = notice
        if stale:
            await self._store.close(stale)
        made: list[tuple[Notice, Notice | None]] = []
        for account_id in ids:
            notice = Notice(new_id(), account_id, kind, object_type, object_id, at)
            before = earlier.get(account_id)
            both = joined(before, notice) if before else notice
            if both is not None:
                made.append((both, before))
        return made

    async def _write(
        self, notices: Sequence[Notice], desks: Mapping[str, Desk], kind: Kind, quiet: frozenset[str]
    ) -> dict[str, tuple[Pace, datetime]]:
        """Send the letters that are wanted at once, but to those in `quiet`; give what waits for a digest."""
        waiting: dict[str, tuple[Pace, datetime]] = {}
        if self._postman is None:
            return waiting
        now = self._clock()
        paces = {notice.account_id: desks[notice.account_id].choice(kind).mail for notice in notices}
        paces |= {who: Pace.DAILY for who, pace in paces.items() if pace is Pace.IMMEDIATE and who in quiet}
        wanted = [notice for notice in notices if paces[notice.account_id] is Pace.IMMEDIATE]
        sent = await self._send(wanted, kind) if wanted else frozenset[str]()
        for account_id, pace in paces.items():
            if pace is Pace.IMMEDIATE:
                # Who gets a great many letters gets the rest once a day.
                later = Pace.OFF if account_id in sent or kind in LOCKED else Pace.DAILY
            else:
                later = pace
            if later in DIGESTS:
                waiting[account_id] = (later, next_due(later, account_id, now))
        return waiting

    async def _send(self, notices: Sequence[Notice], kind: Kind) -> frozenset[str]:
        """Write to those who want it at once, all of one thing; give to whom a letter was sent."""
        if self._postman is None:
            return frozenset()
        about = notices[0]
        of_own = kind is Kind.BREAK_GLASS_OPENED and about.object_type == _OWN
        letter = "break_glass_opened" if of_own else _LETTERS.get(kind, "notice")
        path = await self._path(kind, about)

        def links(account_id: str, locale: str) -> Mapping[str, str]:
            if of_own or kind not in LOCKED:
                return self._links(account_id, kind, path)(locale)
            return _to_the_office(locale)

        ids = [notice.account_id for notice in notices]
        return await self._postman.write_all(ids, letter, links, limited=kind not in LOCKED)

    def stop_path(self, account_id: str, kind: Kind, locale: str) -> str:
        """Give the page that stops letters of a kind with one tap, without signing in."""
        return f"{PATHS[locale]}?t={self._tokens.token(Stop(account_id, kind))}"

    def on_stopped(self, kind: Kind, callback: Callable[[str], Awaitable[None]]) -> None:
        """Ask to be told of accounts that stop letters of a kind by such a page."""
        self._stopped[kind] = callback

    async def _path(self, kind: Kind, notice: Notice) -> str:
        """Where a letter leads: one of its own to the thing itself, every other to the list."""
        place = self._places.get(notice.object_type) if kind in _LETTERS else None
        return (await place(notice.object_id) if place is not None else None) or LIST_PATH

    def _links(self, account_id: str, what: Kind | Pace, path: str = LIST_PATH) -> Callable[[str], Mapping[str, str]]:
        def links(locale: str) -> Mapping[str, str]:
            if what in LOCKED:
                return {"link": _ACCESS_PATHS[locale]}
            token = self._tokens.token(Stop(account_id, what))
            return {"link": path, "unsubscribe": f"{PATHS[locale]}?t={token}"}

        return links

    def links_of_digest(self, account_id: str, pace: Pace) -> Callable[[str], Mapping[str, str]]:
        """Give the links that stand in a digest."""
        return self._links(account_id, pace)

    # --- reading ---------------------------------------------------------------------------------------------------

    async def list(self, actor: Actor, *, before_id: str | None, limit: int) -> Sequence[Notice]:
        """Give what the actor was told, newest first.

        Raises:
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        found = await self._store.newest(actor.account_id, before_id, limit)
        desk = await self._desk(actor)
        return [replace(notice, read=desk.is_read(notice)) for notice in found]

    async def unread(self, actor: Actor) -> int:
        """Give how many the actor has not seen; from memory where nothing has changed, for every page asks."""
        known = self._unread.get(actor.account_id)
        if known is None:
            async with self._turn:
                known = (await self._desk(actor)).unread
                if len(self._unread) >= _REMEMBERED:
                    self._unread.clear()
                self._unread[actor.account_id] = known
        return known

    async def mark_read(self, actor: Actor, notice_id: str) -> int:
        """Count one as seen; give how many are left.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        notice = await self._find(actor, notice_id)
        async with self._turn:
            desk = await self._desk(actor)
            if not desk.is_read(notice) and await self._store.set_read(notice.id):
                await self._desks.add({actor.account_id: -1}, {})
                self._forget([actor.account_id])
                desk = replace(desk, unread=max(0, desk.unread - 1))
        await self._sink.publish([NoticesRead(actor.account_id, desk.unread)])
        return desk.unread

    async def mark_all_read(self, actor: Actor) -> None:
        """Count all as seen; a digest that waits is not sent then."""
        async with self._turn:
            newest = await self._store.newest(actor.account_id, None, 1)
            if newest:
                await self._desks.read_all(actor.account_id, newest[0].id)
            self._forget([actor.account_id])
        await self._sink.publish([NoticesRead(actor.account_id, 0)])

    async def settle(self, account_id: str, kind: Kind, object_type: str, object_id: str) -> None:
        """Count as seen what an account was told of something, because it has seen the thing itself.

        Raises:
            Unavailable: it is not known to be done; repeating is harmless.
        """
        async with self._turn:
            desk = (await self._desks.desks([account_id]))[account_id]
            found = await self._store.open_ones(group_of(kind, object_type, object_id), [account_id])
            unread = [notice.id for notice in found if not desk.is_read(notice)]
            seen = [notice_id for notice_id in unread if await self._store.set_read(notice_id)]
            if not seen:
                return
            await self._desks.add({account_id: -len(seen)}, {})
            self._forget([account_id])
        await self._sink.publish([NoticesRead(account_id, max(0, desk.unread - len(seen)))])

    async def withdraw(self, account_ids: Sequence[str], object_type: str, object_id: str, since: datetime) -> int:
        """Remove what some accounts were told of a thing that is no more; give how many notices. Safe to repeat.

        Args:
            account_ids: who may have been told.
            object_type: what sort of thing.
            object_id: which.
            since: when it came to be; nobody was told of it before.

        Raises:
            Unavailable: it is not known to be done; do it again.
        """
        gone = 0
        for account_id in account_ids:
            async with self._turn:
                found = await self._store.about(account_id, object_type, object_id, since)
                if not found:
                    continue
                desk = (await self._desks.desks([account_id]))[account_id]
                unread = sum(not desk.is_read(notice) for notice in found)
                await self._store.delete([notice.id for notice in found])
                if unread:
                    await self._desks.add({account_id: -unread}, {})
                self._forget([account_id])
            gone += len(found)
            if unread:
                await self._sink.publish([NoticesRead(account_id, max(0, desk.unread - unread))])
        return gone

    async def open(self, actor: Actor, notice_id: str) -> str:
        """Count one as seen and give where it leads.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        notice = await self._find(actor, notice_id)
        await self.mark_read(actor, notice_id)
        place = self._places.get(notice.object_type)
        return (await place(notice.object_id) if place else None) or LIST_PATH

    def forget(self, account_id: str) -> None:
        """Forget what is remembered of an account, because it goes."""
        self._forget([account_id])

    def _forget(self, account_ids: Sequence[str]) -> None:
        for account_id in account_ids:
            self._unread.pop(account_id, None)

    async def _find(self, actor: Actor, notice_id: str) -> Notice:
        notice = await self._store.find(notice_id)
        if notice is None or notice.account_id != actor.account_id:
            raise NotFound
        return notice

    async def _desk(self, actor: Actor) -> Desk:
        return (await self._desks.desks([actor.account_id]))[actor.account_id]

    # --- how one is told -------------------------------------------------------------------------------------------

    async def choices(self, actor: Actor) -> dict[Kind, Choice]:
        """Give how the actor is told of each kind that concerns them; those of one section stand side by side."""
        desk = await self._desk(actor)
        return {kind: desk.choice(kind) for kind in kinds_for(staff=actor.is_staff)}

    async def choose(
        self,
        actor: Actor,
        kind: Kind,
        *,
        in_app: bool | None = None,
        mail: Pace | None = None,
        push: bool | None = None,
    ) -> dict[Kind, Choice]:
        """Change how the actor is told of a kind; what is None stays.

        Raises:
            InvalidInput: of this one is told anyway.
            RateLimited: too often.
        """
        desk = await self._desk(actor)
        before = desk.choice(kind)
        chosen = Choice(
            before.in_app if in_app is None else in_app, mail or before.mail, before.push if push is None else push
        )
        return await self.choose_all(actor, {kind: chosen})

    async def choose_all(self, actor: Actor, chosen: Mapping[Kind, Choice]) -> dict[Kind, Choice]:
        """Change how the actor is told of several kinds.

        Raises:
            InvalidInput: of one of them is told anyway.
            RateLimited: too often.
        """
        await self._limiter.spend("choice", actor.account_id)
        for kind, choice in chosen.items():
            if kind in LOCKED and (not choice.in_app or choice.mail is not DEFAULTS[kind].mail):
                raise InvalidInput(fields={"kind": "always_told"})
        async with self._turn:
            await self._desks.choose(actor.account_id, chosen)
        return await self.choices(actor)

    def stops(self, token: str) -> Kind | Pace | None:
        """Say what a link would stop, or None where it is none of ours."""
        stop = self._tokens.read(token)
        return stop.what if stop else None

    async def stop(self, token: str) -> bool:
        """Send no more letters of what a link names; False where it is none of ours. Repeating is harmless."""
        stop = self._tokens.read(token)
        if stop is None:
            return False
        async with self._turn:
            desk = (await self._desks.desks([stop.account_id]))[stop.account_id]
            stopped = {
                kind: replace(desk.choice(kind), mail=Pace.OFF)
                for kind in DEFAULTS
                if kind not in LOCKED and stop.what in (kind, desk.choice(kind).mail)
            }
            await self._desks.choose(stop.account_id, stopped)
        if isinstance(stop.what, Kind) and stop.what in self._stopped:
            await self._stopped[stop.what](stop.account_id)
        return True


def _quiet(made: Sequence[tuple[Notice, Notice | None]], desks: Mapping[str, Desk], kind: Kind) -> frozenset[str]:
    """Whom a notice does not wake: it belongs to a wave of which they have been told, or they keep no list of it."""
    if kind not in WAVES:
        return frozenset()
    return frozenset(
        notice.account_id for notice, earlier in made if earlier or not desks[notice.account_id].choice(kind).in_app
    )


def _to_the_office(_locale: str) -> Mapping[str, str]:
    return {"link": _OFFICE_PATH}
