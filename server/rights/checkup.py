"""The check of one's own settings (promise A6): what is set, whether something should be mended, and how.

Asks the services that know, and keeps nothing. Each point stands alone: where one can't be told, the others are.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput
from server.kernel.fresh import FreshWindow
from server.kernel.ports import Clock

OLD_SESSION: Final = timedelta(days=14)
"""Unused for so long, a session is most likely on a device that nobody thinks of any more."""
OLD_CONSENT: Final = timedelta(days=365)
OLD_DRAFT: Final = timedelta(days=14)
FEW_CODES: Final = 3
_LATELY: Final = timedelta(days=30)
_LOOKS: Final = 50


class State(StrEnum):
    """How a point stands."""

    GOOD = "good"
    KNOW = "know"
    """Nothing is wrong; it is good to know."""
    MEND = "mend"


class Act(StrEnum):
    """What one tap mends."""

    END_SESSIONS = "end_sessions"
    DROP_DRAFTS = "drop_drafts"


@dataclass(frozen=True, slots=True)
class Point:
    """One setting.

    Attributes:
        name: its words are in the catalogues: `checkup.<name>`, `.why`, and `.<says>`.
        state: how it stands.
        says: which sentence is true of it.
        counts: figures in that sentence.
        lines: what it is about, by name of a word in the catalogues, each with a moment.
        act: what one tap mends; None where a page has to be opened.
    """

    name: str
    state: State
    says: str
    counts: Mapping[str, int] = field(default_factory=dict)
    lines: Sequence[tuple[str, datetime]] = ()
    act: Act | None = None


class Proofs(Protocol):
    """Second factors."""

    async def __call__(self, actor: Actor) -> tuple[bool, int | None]:
        """Say whether there is one, and how many recovery codes are left; None where there are none to have."""
        ...


class SeenSession(Protocol):
    """A session."""

    @property
    def id(self) -> str: ...
    @property
    def seen_at(self) -> datetime: ...


class Sessions(Protocol):
    """One's sessions."""

    async def of_account(self, account_id: str) -> Sequence[SeenSession]: ...


class MadeChoice(Protocol):
    """A choice about a purpose."""

    @property
    def granted(self) -> bool: ...
    @property
    def at(self) -> datetime: ...


class Look(Protocol):
    """Somebody saw something of a person's."""

    @property
    def action(self) -> str: ...
    @property
    def last_at(self) -> datetime: ...
    @property
    def count(self) -> int: ...


class Looks(Protocol):
    """The access log."""

    async def of_person(self, actor: Actor, *, before_id: str | None, limit: int) -> Sequence[Look]: ...


class SavedDraft(Protocol):
    """A draft."""

    @property
    def place(self) -> str: ...
    @property
    def saved_at(self) -> datetime: ...


class Drafts(Protocol):
    """Drafts that the server keeps."""

    async def list(self, actor: Actor) -> Sequence[SavedDraft]: ...
    async def remove(self, actor: Actor, place: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Known:
    """Who knows what.

    Attributes:
        proofs: second factors.
        sessions: sessions.
        end_session: ends one, and writes it into the trail.
        choices: consents, by purpose.
        looks: the access log.
        learnt: whether somebody has been through the lessons that are for them.
        letters: of how many kinds of news one is told by letter or on a device.
        guardian: whether somebody has a guardian who agrees too: None without one, else whether they have answered.
        about: whether there is a text about oneself on the public profile.
        permissions: how many written permissions stand, and how many wait for an answer.
        drafts: drafts.
    """

    proofs: Proofs
    sessions: Sessions
    end_session: Callable[[Actor, str], Awaitable[None]]
    choices: Callable[[str], Awaitable[Mapping[str, MadeChoice]]]
    looks: Looks
    learnt: Callable[[Actor], Awaitable[bool]]
    letters: Callable[[Actor], Awaitable[int]]
    guardian: Callable[[str], Awaitable[bool | None]]
    about: Callable[[str], Awaitable[bool]]
    permissions: Callable[[Actor], Awaitable[tuple[int, int]]]
    drafts: Drafts


class Checkup:
    """The check.

    Args:
        known: who knows what.
        freshness: how recent a sign-in must be for ending sessions.
        clock: the time.
    """

    def __init__(self, known: Known, freshness: FreshWindow, clock: Clock) -> None:
        self._known = known
        self._freshness = freshness
        self._clock = clock

    async def points(self, actor: Actor) -> Sequence[Point]:
        """Give all points, what should be mended first.

        Raises:
            Unavailable: the store does not answer.
        """
        found = [
            *await self._factors(actor),
            await self._sessions(actor),
            await self._consents(actor),
            await self._permissions(actor),
            await self._looked(actor),
            await self._course(actor),
            await self._letters(actor),
            *await self._guardian(actor),
            await self._profile(actor),
            await self._drafts(actor),
        ]
        return sorted(found, key=lambda point: point.state is not State.MEND)

    async def mend(self, actor: Actor, act: str) -> None:
        """Do what one tap mends. Done again, it does nothing.

        Raises:
            InvalidInput: there is no such thing to do.
            FreshSignInRequired: signed in too long ago.
            Unavailable: the store does not answer.
        """
        if act == Act.END_SESSIONS:
            self._freshness.require(actor)
            for session in await self._others(actor):
                await self._known.end_session(actor, session.id)
        elif act == Act.DROP_DRAFTS:
            for draft in await self._stale(actor):
                await self._known.drafts.remove(actor, draft.place)
        else:
            raise InvalidInput(fields={"act": "not_allowed"})

    async def _factors(self, actor: Actor) -> Sequence[Point]:
        there, codes = await self._known.proofs(actor)
        points = [Point("factor", State.GOOD if there else State.MEND, "there" if there else "none")]
        if codes is not None:
            state = State.GOOD if codes >= FEW_CODES else State.MEND
            points.append(Point("codes", state, "left", {"n": codes}))
        return points

    async def _sessions(self, actor: Actor) -> Point:
        others = await self._others(actor)
        since = self._clock() - OLD_SESSION
        old = sum(session.seen_at < since for session in others)
        if not others:
            return Point("sessions", State.GOOD, "alone")
        if not old:
            return Point("sessions", State.KNOW, "others", {"n": len(others)}, act=Act.END_SESSIONS)
        return Point("sessions", State.MEND, "old", {"n": len(others), "old": old}, act=Act.END_SESSIONS)

    async def _others(self, actor: Actor) -> Sequence[SeenSession]:
        found = await self._known.sessions.of_account(actor.account_id)
        return [session for session in found if session.id != actor.session_id]

    async def _consents(self, actor: Actor) -> Point:
        choices = await self._known.choices(actor.account_id)
        given = sorted(
            ((name, choice.at) for name, choice in choices.items() if choice.granted), key=lambda one: one[1]
        )
        if not given:
            return Point("consents", State.GOOD, "none")
        old = given[0][1] < self._clock() - OLD_CONSENT
        lines = [(f"purpose.{name}", at) for name, at in given]
        return Point("consents", State.MEND if old else State.KNOW, "old" if old else "stand", lines=lines)

    async def _permissions(self, actor: Actor) -> Point:
        stand, wait = await self._known.permissions(actor)
        if wait:
            return Point("permissions", State.MEND, "wait", {"n": wait})
        return Point("permissions", State.KNOW if stand else State.GOOD, "stand" if stand else "none", {"n": stand})

    async def _looked(self, actor: Actor) -> Point:
        since = self._clock() - _LATELY
        found = await self._known.looks.of_person(actor, before_id=None, limit=_LOOKS)
        lately = [look for look in found if look.last_at >= since]
        if not lately:
            return Point("looks", State.GOOD, "nobody")
        newest: dict[str, datetime] = {}
        for look in lately:
            newest[look.action] = max(look.last_at, newest.get(look.action, look.last_at))
        lines = [(f"look.{action}", at) for action, at in newest.items()]
        return Point("looks", State.KNOW, "some", {"n": sum(look.count for look in lately)}, lines)

    async def _course(self, actor: Actor) -> Point:
        learnt = await self._known.learnt(actor)
        return Point("course", State.GOOD if learnt else State.MEND, "done" if learnt else "due")

    async def _letters(self, actor: Actor) -> Point:
        return Point("letters", State.GOOD, "told", {"n": await self._known.letters(actor)})

    async def _guardian(self, actor: Actor) -> Sequence[Point]:
        answered = await self._known.guardian(actor.account_id)
        if answered is None:
            return ()
        return (Point("guardian", State.KNOW if answered else State.MEND, "answered" if answered else "waits"),)

    async def _profile(self, actor: Actor) -> Point:
        about = await self._known.about(actor.account_id)
        return Point("profile", State.KNOW if about else State.GOOD, "about" if about else "name")

    async def _drafts(self, actor: Actor) -> Point:
        stale = await self._stale(actor)
        if stale:
            return Point("drafts", State.MEND, "stale", {"n": len(stale)}, act=Act.DROP_DRAFTS)
        return Point("drafts", State.GOOD, "none")

    async def _stale(self, actor: Actor) -> Sequence[SavedDraft]:
        since = self._clock() - OLD_DRAFT
        return [draft for draft in await self._known.drafts.list(actor) if draft.saved_at < since]
