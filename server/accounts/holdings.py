"""What accounts keep of people: who they are, where they are signed in, links that wait. Last but one in an erasure.

When this is done nobody can sign in, no name or address is found, and memory has forgotten all three.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from server.accounts.service import AccountService
from server.accounts.sessions import Sessions
from server.kernel.holdings import Fate, Piece
from server.kernel.wire import rfc3339
from server.storage.mongo import Database
from server.storage.owned import Owned, OwnedHoldings

_SESSIONS: Final = Owned("sessions", "account_id", "sessions", "security", rule="session")
_ACCOUNT: Final = Owned("accounts", "_id", "account", "account", rule="account:kept")
_OWNED: Final = (_SESSIONS, Owned("mailed_links", "account_id", "links", "security", rule="link:mailed"), _ACCOUNT)


class AccountHoldings(OwnedHoldings):
    """Fills `kernel.holdings.Holdings`.

    Args:
        database: where.
        accounts: knows names and addresses.
        sessions: ends them, with their live connections.
    """

    def __init__(self, database: Database, accounts: AccountService, sessions: Sessions) -> None:
        super().__init__("accounts", database, _OWNED, ("accounts", "sessions", "mailed_links"))
        self._accounts = accounts
        self._sessions = sessions

    async def pieces(self, person_id: str) -> AsyncIterator[Piece]:
        """See `kernel.holdings.Holdings`. No hash, no token, no digest."""
        account = await self._accounts.find_account(person_id)
        if account is not None:
            told = {
                "id": account.id,
                "name": account.display_name,
                "email": account.email,
                "role": account.role.value,
                "locale": account.locale,
                "created_at": rfc3339(account.created_at),
            }
            yield Piece("accounts/account.json", told, "held.account")
        sessions = [
            {
                "created_at": rfc3339(one.created_at),
                "seen_at": rfc3339(one.seen_at),
                "browser": one.device.browser.value if one.device else None,
                "system": one.device.system.value if one.device else None,
                "network": one.place.network if one.place else None,
            }
            for one in await self._sessions.of_account(person_id)
        ]
        if sessions:
            yield Piece("accounts/sessions.json", sessions, "held.sessions")

    async def erase(self, person_id: str) -> Sequence[Fate]:
        """See `kernel.holdings.Holdings`."""
        ended = len(await self._sessions.end_all(person_id))
        await self._accounts.disown(person_id)
        fates = {fate.kind: fate for fate in await super().erase(person_id)}
        self._accounts.forget(person_id)
        self._sessions.forget(person_id)
        return (*(fate for kind, fate in fates.items() if kind != "sessions"), Fate("sessions", ended))
