"""Use cases around staff: who there is, what role somebody has, who may not come in any more.

A change ends the sessions of whom it concerns at once, so nobody goes on under a role that they have lost. Must not
know passwords.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from server.accounts.model import Account
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import STAFF_ROLES, Actor, Role
from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.kernel.ports import Clock


class StaffStore(Protocol):
    """What the service needs from its store."""

    async def find_by_role(self, roles: Sequence[Role]) -> list[Account]: ...
    async def find_account(self, account_id: str) -> Account | None: ...
    async def set_role(self, account_id: str, role: Role) -> None: ...
    async def set_disabled(self, account_id: str, since: datetime | None) -> None: ...


class Endings(Protocol):
    """Ends sessions."""

    async def end_all(self, account_id: str, *, but: str = "") -> list[str]: ...


class StaffChanged(Protocol):
    """Called after somebody of staff got another role, or was kept out or let in again."""

    async def __call__(self, account_id: str) -> None: ...


class Forgetful(Protocol):
    """Keeps accounts in memory for display."""

    def forget(self, account_id: str) -> None: ...


class Staff:
    """The company's people."""

    def __init__(
        self, store: StaffStore, sessions: Endings, directory: Forgetful, audit: AuditTrail, clock: Clock
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._directory = directory
        self._audit = audit
        self._clock = clock
        self._turn = asyncio.Lock()
        self._listeners: list[StaffChanged] = []

    def on_changed(self, callback: StaffChanged) -> None:
        """Ask to be told when somebody's role is another, or they are kept out."""
        self._listeners.append(callback)

    async def role_of(self, account_id: str) -> Role | None:
        """Give the role of somebody who may come in; None for everybody else. As the store has it now."""
        account = await self._store.find_account(account_id)
        return None if account is None or account.is_disabled else account.role

    async def everybody(self) -> list[Account]:
        """Give all staff, also those who may not come in, in the order of their accounts' making."""
        return sorted(await self._store.find_by_role(sorted(STAFF_ROLES)), key=lambda account: account.id)

    async def agents(self) -> list[Account]:
        """Give those who can be given conversations."""
        found = await self._store.find_by_role([Role.AGENT])
        return sorted((account for account in found if not account.is_disabled), key=lambda account: account.id)

    async def moderators(self) -> Sequence[str]:
        """Give the accounts of the moderators who may come in."""
        found = await self._store.find_by_role([Role.MODERATOR])
        return [account.id for account in found if not account.is_disabled]

    async def privacy_officers(self) -> Sequence[str]:
        """Give the accounts of the privacy officers."""
        found = await self._store.find_by_role([Role.PRIVACY_OFFICER])
        return [account.id for account in found if not account.is_disabled]

    async def change(
        self, actor: Actor, account_id: str, *, role: Role | None = None, disabled: bool | None = None
    ) -> Account:
        """Give somebody of staff another role, or keep them out, or let them in again.

        Raises:
            NotFound: there is no such account, or it is a customer's.
            InvalidInput: the role is not one of staff.
            Conflict: nobody would be left to administer.
        """
        if role is not None and role not in STAFF_ROLES:
            raise InvalidInput(fields={"role": "not_allowed"})
        async with self._turn:
            before = await self._store.find_account(account_id)
            if before is None or before.role not in STAFF_ROLES:
                raise NotFound
            after = replace(
                before,
                role=before.role if role is None else role,
                is_disabled=before.is_disabled if disabled is None else disabled,
            )
            if after == before:
                return before
            if _administers(before) and not _administers(after) and not await self._others_administer(account_id):
                raise Conflict(fields={"account": "last_administrator"})
            if after.role is not before.role:
                await self._store.set_role(account_id, after.role)
            if after.is_disabled is not before.is_disabled:
                await self._store.set_disabled(account_id, self._clock() if after.is_disabled else None)
        self._directory.forget(account_id)
        # Its holder too: they sign in again under the new role.
        await self._sessions.end_all(account_id)
        for callback in self._listeners:
            await callback(account_id)
        await self._audit.append([self._entry(actor, before, after)])
        return after

    async def _others_administer(self, account_id: str) -> bool:
        found = await self._store.find_by_role([Role.ADMIN])
        return any(_administers(account) for account in found if account.id != account_id)

    def _entry(self, actor: Actor, before: Account, after: Account) -> AuditEntry:
        if after.role is not before.role:
            action = "accounts:staff:role_changed"
        else:
            action = "accounts:staff:disabled" if after.is_disabled else "accounts:staff:enabled"
        return AuditEntry(action=action, actor_id=actor.account_id, objects=(after.id,), at=self._clock())


def _administers(account: Account) -> bool:
    return account.role is Role.ADMIN and not account.is_disabled
