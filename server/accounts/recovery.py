"""Use cases that change what an account is entered with: verify an address, set a password anew, change either.

What is asked of an address that nobody has is answered like what is asked of one that somebody has, after the same
time. A link works once, for one account and one purpose.
"""

import hashlib
from typing import Protocol

from server.accounts.letters import Letters
from server.accounts.model import Account, Credentials, Link, Purpose, normal_email
from server.accounts.passwords import Passwords
from server.accounts.sessions import Sessions, hash_of
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor
from server.kernel.caller import Caller
from server.kernel.errors import Conflict, InvalidInput, NotAuthenticated
from server.kernel.ports import Clock, Limiter

_BAD_LINK = {"token": "link_unusable"}
_MOST_NOTED = 64
"""How many objects an entry of the trail may name."""


class RecoveryStore(Protocol):
    """What these use cases need from the store."""

    async def find_account(self, account_id: str) -> Account | None: ...
    async def find_credentials(self, email: str) -> Credentials | None: ...
    async def password_hash(self, account_id: str) -> str | None: ...
    async def set_password_hash(self, account_id: str, password_hash: str) -> None: ...
    async def set_verified(self, account_id: str) -> bool: ...
    async def set_email(self, account_id: str, email: str, *, is_vouched: bool) -> None:
        """Replace the address; raises `Conflict` when it is taken."""
        ...

    async def find_link(self, token_hash: str) -> Link | None: ...
    async def take_link(self, token_hash: str) -> Link | None: ...
    async def delete_links(self, account_id: str) -> None: ...


class Recovery:
    """Verification, reset and change.

    Args:
        store: accounts and links.
        sessions: those that are ended.
        passwords: Argon2id, and what is too easy to guess.
        letters: what is sent.
        audit: the audit trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: RecoveryStore,
        sessions: Sessions,
        passwords: Passwords,
        letters: Letters,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._passwords = passwords
        self._letters = letters
        self._audit = audit
        self._limiter = limiter
        self._clock = clock

    async def ask_verification(self, *, email: str, caller: Caller) -> None:
        """Send a new verification link to an address that has an unverified account, and nothing to any other.

        Raises:
            InvalidInput: it is no address, or no mail is set up.
            RateLimited: too often from this network.
        """
        address = await self._admitted("verification", email, caller)
        async with self._letters.unhurried():
            found = await self._store.find_credentials(address)
            account = await self._store.find_account(found.account_id) if found and not found.is_verified else None
            if account is not None:
                await self._letters.verify(account)

    async def ask_reset(self, *, email: str, caller: Caller) -> None:
        """Send a link for a new password to an address that has an account, and nothing to any other.

        Raises:
            InvalidInput: it is no address, or no mail is set up.
            RateLimited: too often from this network.
        """
        address = await self._admitted("reset", email, caller)
        async with self._letters.unhurried():
            found = await self._store.find_credentials(address)
            account = await self._store.find_account(found.account_id) if found else None
            if account is not None:
                await self._letters.reset(account)
                await self._note("accounts:reset:asked", account.id)

    async def is_usable(self, token: str, *purposes: Purpose) -> Purpose | None:
        """Say for what a link still works, of some purposes; looking at it does not use it up."""
        link = await self._store.find_link(hash_of(token))
        return link.purpose if link and link.purpose in purposes and link.expires_at > self._clock() else None

    async def confirm(self, *, token: str, password: str | None, caller: Caller) -> None:
        """Follow the link that verifies an address, of a new account or of one that changes its address.

        A new account's link asks for the password that was chosen with it. Otherwise somebody could register the
        address of another person, who would then open the account for them (Sudhodanan and Paverd, "Pre-hijacked
        accounts", USENIX Security 2022).

        Raises:
            InvalidInput: the link was used, is too old or of another kind, or the password is not the account's.
            Conflict: another account has got the address since.
            RateLimited: too often from this network.
        """
        await self._limiter.spend("link", caller.network)
        token_hash = hash_of(token)
        link = await self._require_link(token_hash, Purpose.VERIFY, Purpose.CHANGE)
        if link.purpose is Purpose.VERIFY:
            await self._limiter.spend("link_password", link.account_id)
            encoded = await self._store.password_hash(link.account_id)
            if not await self._passwords.verify(encoded, password or ""):
                raise InvalidInput(fields={"password": "wrong_password"})
        await self._take(token_hash)
        if link.purpose is Purpose.VERIFY:
            if not await self._store.set_verified(link.account_id):
                raise InvalidInput(fields=_BAD_LINK)
            await self._store.delete_links(link.account_id)
            await self._note("accounts:address:verified", link.account_id)
        elif link.email is not None:
            await self._set_email(link.account_id, link.email, is_vouched=True)

    async def reset(self, *, token: str, password: str, caller: Caller) -> None:
        """Set a new password by a mailed link. Ends every session; shows, too, that the address is the owner's.

        Raises:
            InvalidInput: the link was used, is too old or of another kind, or the password is too easy to guess; the
                link still works then.
            RateLimited: too often from this network.
        """
        await self._limiter.spend("link", caller.network)
        token_hash = hash_of(token)
        link = await self._require_link(token_hash, Purpose.RESET)
        account = await self._store.find_account(link.account_id)
        if account is None:
            raise InvalidInput(fields=_BAD_LINK)
        await self._passwords.require_strong(password, own=(account.email or "", account.display_name))
        encoded = await self._passwords.hash(password)
        await self._take(token_hash)
        if not (account.is_verified and account.is_vouched):
            await self._store.set_verified(account.id)
        await self._set_password(account, encoded, keep="")

    async def change_password(self, actor: Actor, *, password: str) -> int:
        """Set a new password; all other sessions end. The transport asks for a fresh sign-in before.

        Returns:
            How many sessions ended.

        Raises:
            InvalidInput: too easy to guess, or the account has no address to sign in with.
        """
        account = await self._own(actor)
        if account.email is None:
            raise InvalidInput(fields={"email": "required"})
        await self._passwords.require_strong(password, own=(account.email, account.display_name))
        return await self._set_password(account, await self._passwords.hash(password), keep=actor.session_id)

    async def change_email(self, actor: Actor, *, email: str) -> bool:
        """Change the address: at once where no mail is set up, else when the link sent to the new one is followed.

        The transport asks for a fresh sign-in before. A taken address is answered like a free one where mail is set up;
        its owner gets a letter.

        Returns:
            Whether it waits for the link.

        Raises:
            InvalidInput: it is no address, or the account has none that could be changed.
            Conflict: another account has the address, where no mail is set up.
            RateLimited: too often.
        """
        await self._limiter.spend("address", actor.account_id)
        address = normal_email(email)
        account = await self._own(actor)
        if account.email is None:
            raise InvalidInput(fields={"email": "required"})
        if not self._letters.can_mail:
            await self._set_email(account.id, address, is_vouched=False)
            return False
        async with self._letters.unhurried():
            taken = await self._store.find_credentials(address)
            if taken is None or not taken.is_verified:
                await self._letters.change(account, address)
            elif taken.account_id != account.id:
                await self._letters.address_taken(taken.account_id)
        await self._note("accounts:address:asked", account.id)
        return True

    async def end_session(self, actor: Actor, session_id: str) -> None:
        """End one of the actor's sessions.

        Raises:
            NotFound: it is over, or somebody else's.
        """
        await self._sessions.end_one(actor.account_id, session_id)
        await self._note("accounts:session:revoked", actor.account_id, session_id)

    async def end_other_sessions(self, actor: Actor) -> int:
        """End all of the actor's sessions but this one; give how many."""
        ended = await self._sessions.end_all(actor.account_id, but=actor.session_id)
        await self._note("accounts:session:revoked", actor.account_id, *ended[:_MOST_NOTED])
        return len(ended)

    async def _admitted(self, what: str, email: str, caller: Caller) -> str:
        address = normal_email(email)
        if not self._letters.can_mail:
            raise InvalidInput(fields={"email": "no_mail"})
        await self._limiter.spend(f"{what}_network", caller.network)
        whose = hashlib.sha256(address.encode()).hexdigest()
        await self._limiter.spend(what, f"{caller.network} {whose}")
        return address

    async def _require_link(self, token_hash: str, *purposes: Purpose) -> Link:
        link = await self._store.find_link(token_hash)
        if link is None or link.purpose not in purposes or link.expires_at <= self._clock():
            raise InvalidInput(fields=_BAD_LINK)
        return link

    async def _take(self, token_hash: str) -> None:
        if await self._store.take_link(token_hash) is None:
            raise InvalidInput(fields=_BAD_LINK)

    async def _set_password(self, account: Account, encoded: str, *, keep: str) -> int:
        await self._store.set_password_hash(account.id, encoded)
        await self._store.delete_links(account.id)
        ended = await self._sessions.end_all(account.id, but=keep)
        await self._note("accounts:password:changed", account.id)
        await self._letters.changed("password_changed", account)
        return len(ended)

    async def _set_email(self, account_id: str, email: str, *, is_vouched: bool) -> None:
        before = await self._store.find_account(account_id)
        if before is None:
            raise InvalidInput(fields=_BAD_LINK)
        taken = await self._store.find_credentials(email)
        if taken is not None and taken.account_id != account_id and taken.is_verified:
            raise Conflict(fields={"email": "taken"})
        await self._store.set_email(account_id, email, is_vouched=is_vouched)
        await self._store.delete_links(account_id)
        self._sessions.forget(account_id)
        await self._note("accounts:address:changed", account_id)
        await self._letters.changed("address_changed", before)

    async def _own(self, actor: Actor) -> Account:
        account = await self._store.find_account(actor.account_id)
        if account is None:
            raise NotAuthenticated
        return account

    async def _note(self, action: str, account_id: str, *objects: str) -> None:
        entry = AuditEntry(action=action, actor_id=account_id, objects=objects or (account_id,), at=self._clock())
        await self._audit.append([entry])
