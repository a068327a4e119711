"""People who can't agree alone: under 18, or under guardianship (UU No. 27/2022, articles 25 and 26).

Nothing is asked but what is needed: that it is so, the year and month of birth of who is under 18, so that it ends by
itself, and where the parent or guardian is reached. Both are sealed under the person's own key. A use that rests on
consent then needs both, the person's and the guardian's; each can withdraw alone, at any time.

Must not tell the guardian who the person is: whoever types somebody else's address could have us send them a name.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor
from server.kernel.contacts import email_of
from server.kernel.errors import InvalidInput, NotFound
from server.kernel.ports import Clock, Limiter, PersonSealer
from server.privacy.model import PURPOSES, Basis, Choice, Chooser, guardians, standing
from server.privacy.service import ConsentLedger
from server.sealed.personal import BIRTH_MONTH, GUARDIAN_EMAIL, Kept, PersonalValues

PLACE: Final = "/wali"
OF_AGE: Final = 18
_TOKEN_BYTES: Final = 24
_OLDEST: Final = 1900


class Ward(StrEnum):
    """Why somebody can't agree alone."""

    MINOR = "minor"
    GUARDED = "guarded"
    """An adult under guardianship, or whose disability asks for it (article 26)."""


@dataclass(frozen=True, slots=True)
class Guardianship:
    """That somebody can't agree alone.

    Attributes:
        account_id: who.
        ward: why.
        since: since when this guardian is named; what one before agreed to is nothing any more.
        month: first day of the month of birth; None for adults. Sealed where it is kept.
        address: where the guardian is reached. Sealed where it is kept.
        token_hash: SHA-256 of what the letter leads with.
        locale: of the letter.
        asked: whether a letter went out.
        answered_at: when the guardian last said something; None while they have not.
    """

    account_id: str
    ward: Ward
    since: datetime
    month: date | None = field(repr=False)
    address: str = field(repr=False)
    token_hash: str = field(repr=False)
    locale: str
    asked: bool = False
    answered_at: datetime | None = None

    def is_over(self, today: date) -> bool:
        """Whether the person is of age: from the month after the one of their birthday, for no day is asked."""
        return self.month is not None and today >= of_age(self.month)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a guardian is asked about one purpose.

    Attributes:
        purpose: name.
        own: what the person chose, or None.
        guardians: what the guardian chose, or None.
        stands: whether both agree to the present text.
    """

    purpose: str
    own: Choice | None
    guardians: Choice | None
    stands: bool


class GuardianStore(Protocol):
    """What is needed of `privacy.guardian_store`."""

    async def put(self, found: Guardianship, month: bytes | None, address: bytes) -> None: ...
    async def find(self, account_id: str) -> tuple[Guardianship, bytes | None, bytes] | None: ...
    async def find_by_token(self, token_hash: str) -> str | None: ...
    async def answered(self, account_id: str, at: datetime) -> None: ...
    async def everybody(self) -> list[str]: ...
    async def remove(self, account_id: str) -> bool: ...


Links = Callable[[str], Mapping[str, str]]
"""Gives for a language name -> path of ours."""


class GuardianPost(Protocol):
    """Writes to an address that belongs to no account."""

    async def write_to(self, address: str, letter: str, links: Links, *, about: str, locale: str) -> None: ...


def of_age(month: date) -> date:
    """Give the first day on which somebody who was born in a month is 18 whatever the day of birth was."""
    year, following = month.year + OF_AGE, month.month + 1
    return date(year + 1, 1, 1) if following > 12 else date(year, following, 1)


class Guardianships:
    """Guardianships.

    Args:
        store: where they are kept.
        ledger: of choices; the guardian's are in it too.
        sealer: seals month and address under the person's key.
        post: letters; None where no mail is set up, so that no guardian can be asked.
        address_of: gives the address of an account, where it has one.
        limiter: letters are limited.
        audit: the trail.
        clock: the time.
    """

    def __init__(
        self,
        store: GuardianStore,
        ledger: ConsentLedger,
        sealer: PersonSealer,
        post: GuardianPost | None,
        address_of: Callable[[str], Awaitable[str | None]],
        limiter: Limiter,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._values = PersonalValues(sealer)
        self._post = post
        self._address_of = address_of
        self._limiter = limiter
        self._audit = audit
        self._clock = clock

    # --- the person ------------------------------------------------------------------------------------------------

    async def of(self, account_id: str) -> Guardianship | None:
        """Give somebody's, which is over by itself when they are of age."""
        found = await self._store.find(account_id)
        if found is None:
            return None
        kept, month, address = found
        opened = replace(kept, month=await self._month(account_id, month), address=await self._opened(kept, address))
        if opened.is_over(self._clock().date()):
            await self._end(account_id, "privacy:guardianship:ended")
            return None
        return opened

    async def declare(self, actor: Actor, ward: Ward, month: date | None, address: str, locale: str) -> Guardianship:
        """Say that one can't agree alone, and ask the guardian. From now on nothing rests on one's own consent alone.

        Said again, it names another guardian; what the one before agreed to ends.

        Args:
            actor: who says it.
            ward: why.
            month: first day of the month of birth, of who is under 18; for others it is not looked at.
            address: where the guardian is reached.
            locale: language of the letter.

        Raises:
            InvalidInput: the month is not one of somebody under 18, or the address can't be one, or is their own.
            RateLimited: too many letters.
        """
        email = email_of(address)
        if email is None:
            raise InvalidInput(fields={"guardian": "invalid_email"})
        own = await self._address_of(actor.account_id)
        if own is not None and _mailbox(own) == _mailbox(email):
            raise InvalidInput(fields={"guardian": "own_address"})
        today = self._clock().date()
        if ward is Ward.MINOR and (month is None or month > today or month.year < _OLDEST or today >= of_age(month)):
            raise InvalidInput(fields={"month": "not_a_minor"})
        await self._limiter.spend("letter", f"{actor.account_id} guardian")
        token, born = secrets.token_urlsafe(_TOKEN_BYTES), month if ward is Ward.MINOR else None
        found = Guardianship(
            actor.account_id, ward, self._clock(), born, email, _hash(token), locale, self._post is not None
        )
        sealed = None
        if born is not None:
            sealed = await self._values.seal(BIRTH_MONTH, actor.account_id, f"{born:%Y-%m}")
        await self._store.put(found, sealed, await self._values.seal(GUARDIAN_EMAIL, actor.account_id, email))
        await self._ledger.changed(actor.account_id)
        await self._note("privacy:guardianship:declared", actor.account_id, actor.account_id)
        if self._post is not None:
            links = {"link": f"{PLACE}/{token}"}
            await self._post.write_to(email, "guardian", lambda _: links, about=actor.account_id, locale=locale)
        return found

    # --- the guardian ----------------------------------------------------------------------------------------------

    async def by_token(self, token: str) -> tuple[Guardianship, Sequence[Asked]]:
        """Give what a guardian is asked, to whoever has the letter.

        Raises:
            NotFound: there is no such letter, or no longer.
        """
        account_id = await self._store.find_by_token(_hash(token))
        found = await self.of(account_id) if account_id is not None else None
        if found is None:
            raise NotFound
        return found, await self.asked(found)

    async def asked(self, found: Guardianship) -> Sequence[Asked]:
        """Say how person and guardian stand with each purpose that needs consent."""
        choices = await self._ledger.history(found.account_id)
        own, theirs = standing(choices), guardians(choices, found.since)
        return [
            Asked(name, own.get(name), theirs.get(name), await self._ledger.stands(found.account_id, name))
            for name, rule in PURPOSES.items()
            if rule.basis is Basis.CONSENT
        ]

    async def answer(self, token: str, purpose: str, locale: str, *, granted: bool) -> None:
        """Add the guardian's choice. A no holds at once, whatever the person chose.

        Raises:
            NotFound: see `by_token`.
            InvalidInput: there is no such purpose that a guardian is asked about.
        """
        found, _ = await self.by_token(token)
        rule = PURPOSES.get(purpose)
        if rule is None or rule.basis is not Basis.CONSENT:
            raise InvalidInput(fields={"purpose": "not_allowed"})
        await self._limiter.spend("choice", found.account_id)
        await self._ledger.choose(found.account_id, purpose, granted, locale=locale, by=Chooser.GUARDIAN)
        await self._store.answered(found.account_id, self._clock())

    async def release(self, token: str) -> None:
        """End it, by the guardian: the person agrees alone from now on, and is asked anew.

        Raises:
            NotFound: see `by_token`.
        """
        found, _ = await self.by_token(token)
        await self._end(found.account_id, "privacy:guardianship:released")

    # --- time ------------------------------------------------------------------------------------------------------

    async def sweep(self) -> int:
        """End those whose person is of age; give how many."""
        ended = 0
        for account_id in await self._store.everybody():
            ended += await self.of(account_id) is None
        return ended

    async def _end(self, account_id: str, action: str) -> None:
        """What was agreed to under it ends with it: of age, one is asked anew, and the default is off."""
        own = standing(await self._ledger.history(account_id))
        for name, choice in own.items():
            if PURPOSES.get(name) and PURPOSES[name].basis is Basis.CONSENT and choice.granted:
                await self._ledger.choose(account_id, name, granted=False, by=Chooser.SYSTEM)
        if await self._store.remove(account_id):
            await self._ledger.changed(account_id)
            await self._note(action, "system", account_id)

    async def _month(self, account_id: str, sealed: bytes | None) -> date | None:
        kept = Kept(BIRTH_MONTH, account_id, sealed) if sealed is not None else None
        text = await self._values.open_text(kept) if kept is not None else None
        return date.fromisoformat(f"{text}-01") if text is not None else None

    async def _opened(self, kept: Guardianship, sealed: bytes) -> str:
        return await self._values.open_text(Kept(GUARDIAN_EMAIL, kept.account_id, sealed)) or ""

    async def _note(self, action: str, actor_id: str, account_id: str) -> None:
        await self._audit.append([AuditEntry(action, actor_id, (account_id,), self._clock())])


def _mailbox(email: str) -> str:
    """Where letters to an address arrive: what stands behind a plus is a note of its owner's (RFC 5233)."""
    local, _, host = email.rpartition("@")
    return f"{local.partition('+')[0]}@{host}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
