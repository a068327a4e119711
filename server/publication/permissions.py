"""Use cases of written permission: asking for one, signing it, declining, revoking, and whether it stands.

One permission is for one text, one use and one object, and ends by itself. The typed name is sealed under the person's
key. Whoever shows something asks `covers` each time: what is revoked is gone with the next look.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor
from server.kernel.caller import Caller
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter, PersonSealer
from server.kernel.publishing import PublicUse
from server.kernel.text import RedactedText
from server.kernel.wire import rfc3339
from server.publication.model import (
    FORM_VERSION,
    LIFETIMES,
    MAX_NAME,
    SELF_ASKED,
    Method,
    Permission,
    State,
    is_name,
    until,
)
from server.sealed.personal import SIGNED_CONTACT, SIGNED_NAME, Kept, PersonalValues
from server.statements import StatementInvalid, Statements

_ENDED: Final = {
    State.DECLINED: "publication:permission:declined",
    State.REVOKED: "publication:permission:revoked",
}


class PermissionStore(Protocol):
    """What is needed of `publication.store`."""

    async def insert(self, permission: Permission) -> None: ...
    async def find(self, permission_id: str) -> Permission | None: ...
    async def of_person(self, person_id: str) -> list[Permission]: ...
    async def of_object(self, object_id: str) -> list[Permission]: ...
    async def newest(self) -> list[Permission]: ...
    async def name_of(self, permission_id: str) -> bytes | None: ...
    async def contact_of(self, permission_id: str) -> bytes | None: ...

    async def advance(self, before: State, permission: Permission, name: bytes | None) -> bool:
        """Write what became of one; False where it is in another state than before."""
        ...


class Prover(Protocol):
    """Makes sure that it is the person who signs."""

    async def prove(
        self, actor: Actor, caller: Caller, password: str, code: str, credential: Mapping[str, Any] | None
    ) -> Method:
        """Take the proof: a passkey alone, or the password and the second factor where one is set up.

        Raises:
            InvalidInput: it is wrong, or part of it is missing; `fields` says which.
            RateLimited: too many attempts.
        """
        ...


class Bell(Protocol):
    """Tells people, without content."""

    async def permission_asked(self, person_id: str, permission_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Signed:
    """A permission as its person keeps it.

    Attributes:
        permission: which.
        name: as it was typed; None where the person's key is gone.
        note: signed statement of all of it; empty while nobody has signed.
        key: the public key.
        contact: what is published, where the text hides it; None where that is not so, or it has ended.
    """

    permission: Permission
    name: str | None = field(repr=False)
    note: str = field(repr=False)
    key: str
    contact: str | None = field(default=None, repr=False)


class Permissions:
    """Permissions.

    Args:
        store: where they are kept.
        sealer: seals names.
        prover: makes sure who signs.
        bell: tells people.
        statements: signs what people keep.
        audit: the trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: PermissionStore,
        sealer: PersonSealer,
        prover: Prover,
        bell: Bell,
        statements: Statements,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._values = PersonalValues(sealer)
        self._prover = prover
        self._bell = bell
        self._statements = statements
        self._audit = audit
        self._limiter = limiter
        self._clock = clock

    # --- whether one stands ----------------------------------------------------------------------------------------

    async def stands(self, person_id: str, use: PublicUse, object_id: str) -> bool:
        """Say whether somebody's permission for this use of this object stands now; read anew."""
        return await self.standing(person_id, use, object_id) is not None

    async def covers(self, person_id: str, use: PublicUse, object_id: str, text: RedactedText) -> bool:
        """Say whether it stands, and for this very text."""
        found = await self.standing(person_id, use, object_id)
        return found is not None and found.covers(text)

    async def standing(self, person_id: str, use: PublicUse, object_id: str) -> Permission | None:
        """Give the one that stands now, or None."""
        now = self._clock()
        found = [one for one in await self._store.of_object(object_id) if (one.person_id, one.use) == (person_id, use)]
        return next((one for one in found if one.stands(now)), None)

    # --- staff -----------------------------------------------------------------------------------------------------

    async def ask(
        self, actor: Actor, person_id: str, use: PublicUse, object_id: str, text: RedactedText, days: int
    ) -> Permission:
        """Ask a person. They are told; nothing is published by that.

        Raises:
            InvalidInput: the time is none that is offered.
            Conflict: they were asked, and have not answered, or have signed.
        """
        if days not in LIFETIMES:
            raise InvalidInput(fields={"days": "not_allowed"})
        now = self._clock()
        for one in await self._store.of_object(object_id):
            if (one.person_id, one.use) == (person_id, use) and (one.state is State.ASKED or one.stands(now)):
                raise Conflict(fields={"item": "already_asked"})
        asked = Permission(new_id(), person_id, use, object_id, text, actor.account_id, now, until(now, days))
        await self._store.insert(asked)
        await self._note("publication:permission:asked", actor.account_id, asked)
        await self._bell.permission_asked(person_id, asked.id)
        return asked

    async def newest(self) -> Sequence[Permission]:
        """Give those that were asked for last, to staff."""
        return await self._store.newest()

    async def get(self, permission_id: str) -> Permission:
        """Give one, to staff. What people ask for themselves is none of theirs.

        Raises:
            NotFound: there is none.
        """
        found = await self._store.find(permission_id)
        if found is None or found.use in SELF_ASKED:
            raise NotFound
        return found

    # --- the person ------------------------------------------------------------------------------------------------

    async def own(self, actor: Actor) -> Sequence[Permission]:
        """Give a person's own, the newest first."""
        return await self._store.of_person(actor.account_id)

    async def sign(
        self,
        actor: Actor,
        caller: Caller,
        permission_id: str,
        *,
        name: str,
        password: str,
        code: str,
        locale: str,
        named: bool,
        credential: Mapping[str, Any] | None = None,
    ) -> Permission:
        """Sign one.

        Args:
            actor: who signs.
            caller: from where.
            permission_id: which.
            name: typed by hand, as under a letter.
            password: of the account.
            code: of the second factor, where one is set up.
            locale: language in which it was read.
            named: whether the typed name may be shown.
            credential: a passkey, shown for this signature, in place of password and code; or None.

        Raises:
            NotFound: it is not theirs.
            Conflict: it waits for no signature any more.
            InvalidInput: no name, or the proof is wrong; or it takes a second factor, and none is set up.
            RateLimited: too many attempts.
        """
        found = await self._own(actor, permission_id)
        if found.state is not State.ASKED or self._clock() >= found.until:
            raise Conflict
        typed = " ".join(name.split())
        if not typed or len(typed) > MAX_NAME:
            raise InvalidInput(fields={"name": "too_long" if typed else "required"})
        if not is_name(typed):
            raise InvalidInput(fields={"name": "malformed"})
        method = await self._prover.prove(actor, caller, password, code, credential)
        if found.use in SELF_ASKED and method is not Method.SECOND_FACTOR:
            raise InvalidInput(fields={"code": "factor_first"})
        signed = found.signed(self._clock(), locale, method, named=named)
        sealed = await self._values.seal(SIGNED_NAME, actor.account_id, typed, found.id)
        if not await self._store.advance(State.ASKED, signed, sealed):
            raise Conflict
        await self._note("publication:permission:signed", actor.account_id, signed)
        return signed

    async def end(self, actor: Actor, permission_id: str) -> Permission:
        """Decline one, or revoke it. What it was for is shown no more from this moment on.

        Raises:
            NotFound: it is not theirs.
            Conflict: it has ended.
        """
        found = await self._own(actor, permission_id)
        if found.state not in {State.ASKED, State.SIGNED}:
            raise Conflict
        ended = found.ended(self._clock())
        if not await self._store.advance(found.state, ended, None):
            raise Conflict
        await self._note(_ENDED[ended.state], actor.account_id, ended)
        return ended

    async def document(self, actor: Actor, permission_id: str) -> Signed:
        """Give a person's own as they keep it, signed by us.

        Raises:
            NotFound: it is not theirs.
        """
        found = await self._own(actor, permission_id)
        name, contact = await self.name(found), await self._contact(found)
        note = self._statements.sign(_stated(found, name, contact)) if found.signed_at is not None else ""
        return Signed(found, name, note, self._statements.described, contact)

    async def check(self, note: str) -> tuple[bool, bool]:
        """Say whether a signed copy is ours and unchanged, and whether the permission in it stands now.

        Nothing of what is in it is told: whoever asks has it, or has nothing.
        """
        try:
            stated = self._statements.open(note)
        except StatementInvalid:
            return False, False
        found = await self._store.find(str(stated.get("id", "")))
        signed = found is not None and found.digest == stated.get("digest")
        return True, signed and found is not None and found.stands(self._clock())

    async def name(self, permission: Permission) -> str | None:
        """Open the name under one; None where there is none any more."""
        sealed = await self._store.name_of(permission.id)
        if sealed is None:
            return None
        return await self._values.open_text(Kept(SIGNED_NAME, permission.person_id, sealed, permission.id))

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _contact(self, permission: Permission) -> str | None:
        sealed = await self._store.contact_of(permission.id) if permission.use in SELF_ASKED else None
        if sealed is None:
            return None
        return await self._values.open_text(Kept(SIGNED_CONTACT, permission.person_id, sealed, permission.id))

    async def _own(self, actor: Actor, permission_id: str) -> Permission:
        found = await self._store.find(permission_id)
        if found is None or found.person_id != actor.account_id:
            raise NotFound
        return found

    async def _note(self, action: str, actor_id: str, permission: Permission) -> None:
        objects = (permission.id, permission.use.value, permission.digest)
        await self._audit.append([AuditEntry(action, actor_id, objects, self._clock())])


def _stated(permission: Permission, name: str | None, contact: str | None) -> dict[str, Any]:
    stated = {
        "kind": "permission",
        "id": permission.id,
        "person": permission.person_id,
        "name": name,
        "use": permission.use.value,
        "object": permission.object_id,
        "text": permission.text.value,
        "until": rfc3339(permission.until),
        "named": permission.named,
        "method": permission.method.value if permission.method else None,
        "signed_at": rfc3339(permission.signed_at) if permission.signed_at else None,
        "ended_at": rfc3339(permission.ended_at) if permission.ended_at else None,
        "state": permission.state.value,
        "form": FORM_VERSION,
        "digest": permission.digest,
    }
    return {**stated, "contact": contact} if permission.use in SELF_ASKED else stated
