"""Use cases of people in the community: who they are shown as, what they may do, what they say of themselves.

Everybody has a handle, made when it is first needed. Names and addresses of accounts are never shown by this part.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from moderation.trust import Deed, level_of, period_of
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.background import Background
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unavailable
from server.kernel.ports import Clock, Directory, EventSink, Limiter, SpanFinder
from server.kernel.screening import WordsAboutOneself
from server.kernel.text import Numbering, RawText
from server.people.counting import Counted, Tally
from server.people.handles import is_reserved, new_handle, normal_handle, spoken_forms
from server.people.model import (
    MAX_BIO,
    Bio,
    PeopleRules,
    Persona,
    PersonaChanged,
    Profile,
    Standing,
    persona_of,
    require_change,
    standing_of,
)

logger = logging.getLogger("amanah.people")

_CACHED = 20_000
_TRIES = 8
_WRITE_EVERY_S = 5.0


class PeopleStore(Protocol):
    """Where profiles and handles are kept; `people.store` says what each does."""

    async def find(self, account_ids: Sequence[str]) -> list[Profile]: ...
    async def holder(self, handle: str) -> str | None: ...
    async def claim(self, handle: str, account_id: str, now: datetime) -> bool: ...
    async def give_up(self, handle: str, account_id: str, until: datetime | None) -> None: ...
    async def insert(self, profile: Profile) -> bool: ...
    async def set_handle(self, account_id: str, handle: str, at: datetime) -> None: ...
    async def set_bio(self, account_id: str, bio: Bio | None) -> None: ...
    async def set_level(self, account_id: str, level: int, at: datetime) -> None: ...
    async def set_until(self, account_id: str, field: str, until: datetime | None) -> None: ...
    async def add(self, counted: Sequence[Counted], period: int, oldest: int) -> None: ...
    async def handles_of(self, account_id: str) -> list[str]: ...
    async def bury(self, account_id: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Changed:
    """One's own profile after a change, and the name of the account."""

    profile: Profile
    persona: Persona
    display_name: str = field(repr=False)


class Naming(Protocol):
    """Changes the name of an account."""

    async def require_name(self, display_name: str) -> str:
        """Give a display name as it is kept. Raises `InvalidInput`."""
        ...

    async def rename(self, actor: Actor, display_name: str) -> str: ...


class People:
    """People in the community.

    Args:
        store: where they are kept.
        directory: knows what role an account has.
        naming: changes an account's own name.
        intake: the gate, for what people say of themselves.
        finder: looks at handles, so that no name and no number passes as one.
        sink: hears of changes.
        audit: the audit trail.
        limiter: rate limits.
        clock: the time.
        rules: what the operator has set.
    """

    def __init__(
        self,
        store: PeopleStore,
        directory: Directory,
        naming: Naming,
        intake: Intake,
        finder: SpanFinder,
        sink: EventSink,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
        rules: PeopleRules,
    ) -> None:
        self._store = store
        self._directory = directory
        self._naming = naming
        self._intake = intake
        self._finder = finder
        self._sink = sink
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self.rules = rules
        self._screening: WordsAboutOneself | None = None
        self._profiles: dict[str, Profile] = {}
        self._by_handle: dict[str, str] = {}
        self._turn = asyncio.Lock()
        self._tally = Tally()
        self._writer = Background()

    async def start(self) -> None:
        """Begin to write what is counted."""
        self._writer.start(self._write_now_and_then(), name="people")

    async def close(self) -> None:
        """Write what was counted, and end."""
        await self._writer.stop()
        await self.settle()

    # --- as others see them ----------------------------------------------------------------------------------------

    async def personas(self, account_ids: Iterable[str]) -> dict[str, Persona]:
        """Give how accounts are shown, by id; those that don't exist are absent. Makes handles where there are none."""
        ids = list(dict.fromkeys(account_ids))
        actors = await self._directory.actors(ids)
        profiles = await self._ensure([account_id for account_id in ids if account_id in actors])
        now = self._clock()
        return {key: persona_of(profile, actors[key].role, now) for key, profile in profiles.items()}

    async def handles(self, account_ids: Iterable[str]) -> list[str]:
        """Give the handles of those who have one. Makes none: who was never seen can't be taken for."""
        return [profile.handle for profile in await self._store.find(list(account_ids))]

    async def standing(self, actor: Actor) -> Standing:
        """Give what somebody may do here for now. Counts as being here today."""
        profile = await self._of(actor.account_id)
        self.seen(actor.account_id)
        return standing_of(await self._judged(profile), actor.role, self.rules.trust, self._clock())

    async def may_write(self, account_id: str) -> bool:
        """Say whether somebody may write at this moment; nothing counts as their being here."""
        found = await self._directory.actors([account_id])
        if account_id not in found:
            return False
        now = self._clock()
        return standing_of(await self._of(account_id), found[account_id].role, self.rules.trust, now).may_write(now)

    async def profile(self, actor: Actor) -> tuple[Profile, Persona]:
        """Give the actor's own profile.

        Raises:
            RateLimited: the actor reads more than anybody can.
        """
        await self._limiter.spend("reading", actor.account_id)
        profile = await self._judged(await self._of(actor.account_id))
        return profile, persona_of(profile, actor.role, self._clock())

    async def get(self, handle: str) -> tuple[Profile, Persona]:
        """Give the profile under a handle, in whatever case it is written.

        Raises:
            NotFound: nobody has it; those who had it once are not told of.
        """
        account_id = await self.find(handle)
        if account_id is None:
            raise NotFound
        role = (await self._directory.actors([account_id]))[account_id].role
        profile = await self._judged(await self._of(account_id))
        return profile, persona_of(profile, role, self._clock())

    async def find(self, handle: str) -> str | None:
        """Give the account that has a handle, or None."""
        try:
            wanted = normal_handle(handle)
        except InvalidInput:
            return None
        account_id = self._by_handle.get(wanted) or await self._store.holder(wanted)
        if account_id is None or not await self._directory.actors([account_id]):
            return None
        return account_id if (await self._of(account_id)).handle == wanted else None

    async def accounts_of(self, handles: Sequence[str]) -> dict[str, str]:
        """Give handle in lower case -> account id of those handles that there are."""
        wanted = dict.fromkeys(handle.lower() for handle in handles)
        found = {handle: await self.find(handle) for handle in wanted}
        return {handle: account_id for handle, account_id in found.items() if account_id is not None}

    def screen_with(self, screening: WordsAboutOneself) -> None:
        """Say who looks at what people say of themselves; once, before anybody may say something."""
        self._screening = screening

    def now(self) -> datetime:
        """Give the present moment, by which what is shown was worked out."""
        return self._clock()

    # --- what they change themselves -------------------------------------------------------------------------------

    async def change(
        self, actor: Actor, *, handle: str | None = None, bio: RawText | None = None, display_name: str | None = None
    ) -> Changed:
        """Change one's own handle, words about oneself and name; all that is given, or nothing.

        Args:
            actor: who.
            handle: the new one.
            bio: Markdown; an empty one takes away what was there. Watched words and scams are not taken.
            display_name: of the account, as support sees it.

        Raises:
            InvalidInput: something can't be had; `fields` says what and why.
            NotPermitted: they are silenced or suspended, and it would be seen by others. Taking words away is theirs.
            Conflict: the handle, or one that looks like it, is somebody else's.
            RateLimited: too often; a handle for days.
            RedactionUnavailable: nothing was changed.
        """
        await self._limiter.spend("profile", actor.account_id)
        before = await self._of(actor.account_id)
        speaks = handle is not None or (bio is not None and len(bio) > 0)
        now = self._clock()
        if speaks and not standing_of(before, actor.role, self.rules.trust, now).may_write(now):
            raise NotPermitted(fields={"account": "silenced"})
        words = await self._admit(actor, bio) if bio is not None and len(bio) else None
        if display_name is not None:
            await self._naming.require_name(display_name)
        if handle is not None:
            before = await self._take(before, await self._acceptable(handle))
        if bio is not None:
            await self._store.set_bio(actor.account_id, words)
            before = replace(before, bio=words)
        self._keep(before)
        name = actor.display_name if display_name is None else await self._naming.rename(actor, display_name)
        await self._audit.append([self._entry("people:profile:changed", actor.account_id, actor.account_id)])
        await self._sink.publish([PersonaChanged(actor.account_id)])
        return Changed(before, persona_of(before, actor.role, self._clock()), name)

    async def _admit(self, actor: Actor, bio: RawText) -> Bio:
        template = await self._intake.admit(
            bio, scope=f"bio/{actor.account_id}", field="bio", max_length=MAX_BIO, sender=actor.account_id
        )
        numbered = template.fill(Numbering())
        if self._screening is None:
            raise Unavailable
        if not await self._screening.can_stand(actor, numbered.text, len(numbered.redactions)):
            raise InvalidInput(fields={"bio": "not_for_publication"})
        return Bio(numbered.text, numbered.redactions)

    async def _acceptable(self, typed: str) -> str:
        handle = normal_handle(typed)
        if is_reserved(handle, self.rules.company):
            raise InvalidInput(fields={"handle": "reserved_handle"})
        for form in spoken_forms(handle):
            if await self._finder.find(form):
                raise InvalidInput(fields={"handle": "identifier_in_handle"})
        return handle

    async def _take(self, before: Profile, handle: str) -> Profile:
        """Change a handle; the one before stays nobody's for a while."""
        if handle == before.handle:
            return before
        now = self._clock()
        require_change(before, self.rules, now)
        async with self._turn:
            if not await self._store.claim(handle, before.account_id, now):
                raise Conflict(fields={"handle": "taken"})
            await self._store.set_handle(before.account_id, handle, now)
            await self._store.give_up(before.handle, before.account_id, now + self.rules.handle_kept)
            # Where both look alike they are one entry, which must not end.
            await self._store.claim(handle, before.account_id, now)
        self._by_handle.pop(before.handle, None)
        await self._audit.append([self._entry("people:handle:changed", before.account_id, before.account_id)])
        return replace(before, handle=handle, handle_changed_at=now)

    # --- what moderators decide ------------------------------------------------------------------------------------

    async def silence(self, account_id: str, until: datetime | None) -> None:
        """Let somebody write nothing until a moment; None ends it. Whoever calls has checked and recorded it."""
        await self._set_until(account_id, "silenced_until", until)

    async def suspend(self, account_id: str, until: datetime | None) -> None:
        """Keep somebody out of the community until a moment; None ends it. Likewise."""
        await self._set_until(account_id, "suspended_until", until)

    async def _set_until(self, account_id: str, field: str, until: datetime | None) -> None:
        profile = await self._of(account_id)
        await self._store.set_until(account_id, field, until)
        if field == "silenced_until":
            self._keep(replace(profile, silenced_until=until))
        else:
            self._keep(replace(profile, suspended_until=until))
        await self._judged(await self._of(account_id))
        await self._sink.publish([PersonaChanged(account_id)])

    # --- what is counted -------------------------------------------------------------------------------------------

    def count(self, account_id: str, deed: Deed, count: int = 1) -> None:
        """Count something that somebody did, or that was done to what they wrote; written together with others'."""
        self._tally.add(account_id, deed, count)

    def seen(self, account_id: str) -> None:
        """Count somebody as having been here today."""
        self._tally.visit(account_id, self._clock().toordinal())

    async def settle(self) -> None:
        """Write what was counted, and see who has another level now.

        Raises:
            Unavailable: it was not written, and waits on.
        """
        counted = self._tally.take()
        if not counted:
            return
        ids = [item.account_id for item in counted]
        now = self._clock()
        period = period_of(now)
        try:
            await self._ensure(ids)
            await self._store.add(counted, period, period - self.rules.trust.recent_periods + 1)
        except BaseException:
            self._tally.put_back(counted)
            raise
        for profile in await self._store.find(ids):
            self._keep(profile)
            await self._judged(profile)

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_WRITE_EVERY_S)
            try:
                await self.settle()
            except Exception as error:
                logger.warning("counting of deeds is behind: %s", type(error).__name__)

    # --- who goes --------------------------------------------------------------------------------------------------

    async def known(self, account_id: str) -> Profile | None:
        """Give a profile where there is one; makes none."""
        found = await self._store.find([account_id])
        return found[0] if found else None

    async def handles_of(self, account_id: str) -> Sequence[str]:
        """Give the handles that somebody has, and had lately."""
        return await self._store.handles_of(account_id)

    async def forget(self, account_id: str) -> int:
        """Erase somebody; give how many handles are nobody's for ever now. Safe to repeat.

        Raises:
            Unavailable: it is not known what was done; do it again.
        """
        self._tally.drop(account_id)
        async with self._turn:
            count = await self._store.bury(account_id)
            known = self._profiles.pop(account_id, None)
            for handle in [handle for handle, whose in self._by_handle.items() if whose == account_id]:
                del self._by_handle[handle]
        if known is not None or count:
            await self._sink.publish([PersonaChanged(account_id)])
        return count

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _judged(self, profile: Profile) -> Profile:
        """Work the level out anew: it may also have changed because time has passed."""
        now = self._clock()
        level = level_of(profile.record(self.rules.trust, now), self.rules.trust, now)
        if level == profile.level:
            return profile
        await self._store.set_level(profile.account_id, level, now)
        entry = self._entry("people:level:changed", "system", profile.account_id, level=level, before=profile.level)
        await self._audit.append([entry])
        changed = replace(profile, level=level, level_since=now)
        self._keep(changed)
        await self._sink.publish([PersonaChanged(profile.account_id)])
        return changed

    async def _of(self, account_id: str) -> Profile:
        return (await self._ensure([account_id]))[account_id]

    async def _ensure(self, account_ids: Sequence[str]) -> Mapping[str, Profile]:
        """Give profiles; whoever has none gets one."""
        found = {key: self._profiles[key] for key in account_ids if key in self._profiles}
        missing = [account_id for account_id in account_ids if account_id not in found]
        if missing:
            async with self._turn:
                found |= {profile.account_id: profile for profile in await self._store.find(missing)}
                for account_id in missing:
                    if account_id not in found:
                        found[account_id] = await self._make(account_id)
                    self._keep(found[account_id])
        return found

    async def _make(self, account_id: str) -> Profile:
        now = self._clock()
        for _ in range(_TRIES):
            handle = new_handle()
            if not await self._store.claim(handle, account_id, now):
                continue
            profile = Profile(account_id, handle, now)
            if await self._store.insert(profile):
                return profile
            # Another process was quicker.
            await self._store.give_up(handle, account_id, None)
            return (await self._store.find([account_id]))[0]
        raise Conflict(fields={"handle": "taken"})

    def _keep(self, profile: Profile) -> None:
        if len(self._profiles) >= _CACHED and profile.account_id not in self._profiles:
            oldest = self._profiles.pop(next(iter(self._profiles)))
            self._by_handle.pop(oldest.handle, None)
        self._profiles[profile.account_id] = profile
        self._by_handle[profile.handle] = profile.account_id

    def _entry(self, action: str, by: str, account_id: str, **counts: int) -> AuditEntry:
        return AuditEntry(action=action, actor_id=by, objects=(account_id,), at=self._clock(), counts=counts)
