"""The letters that accounts send, and the links in them. Where no mail is set up, nothing is sent.

A link is made of the public address of this server, never of anything in a request, so that nobody can have a letter
of ours lead elsewhere. Its token is in the letter only; the store knows its hash.
"""

import asyncio
import logging
import secrets
from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from server.accounts.model import Account, Link, Purpose, Session
from server.accounts.pace import unhurried
from server.accounts.sessions import hash_of
from server.kernel.errors import RateLimited
from server.kernel.ports import Clock, Limiter, Mailer
from server.visits.model import Browser, System

logger = logging.getLogger("amanah.accounts")

_TOKEN_BYTES = 32
_MOST_AT_ONCE = 64
PATHS: Mapping[Purpose, Mapping[str, str]] = {
    Purpose.VERIFY: {"id": "/verifikasi", "en": "/verify"},
    Purpose.CHANGE: {"id": "/verifikasi", "en": "/verify"},
    Purpose.RESET: {"id": "/atur-ulang", "en": "/reset-password"},
}
"""purpose -> language -> the page that a link opens."""


class LinkStore(Protocol):
    """Where links are kept, by the hash of their token."""

    async def insert_link(self, link: Link) -> None:
        """Insert; earlier links of the account that reset or change are gone afterwards."""
        ...

    async def find_link(self, token_hash: str) -> Link | None: ...
    async def take_link(self, token_hash: str) -> Link | None:
        """Delete a link and give it: of several who try at once, one gets it."""
        ...

    async def delete_links(self, account_id: str) -> None: ...
    async def find_account(self, account_id: str) -> Account | None: ...


@dataclass(frozen=True, slots=True)
class LetterRules:
    """What the operator has set.

    Attributes:
        public_url: address of this server as browsers reach it.
        verification: whether an address must be verified before its account can be entered.
        link_lifetime: how long a link works.
    """

    public_url: str
    verification: bool
    link_lifetime: timedelta


class Letters:
    """Letters to the owners of addresses.

    Args:
        store: links.
        mailer: the queue; None where no mail is set up.
        limiter: how many letters of a kind an account gets.
        clock: the time.
        rules: what the operator has set.
    """

    def __init__(
        self, store: LinkStore, mailer: Mailer | None, limiter: Limiter, clock: Clock, rules: LetterRules
    ) -> None:
        self._store = store
        self._mailer = mailer
        self._limiter = limiter
        self._clock = clock
        self._rules = rules
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def can_mail(self) -> bool:
        """Whether mail is set up."""
        return self._mailer is not None

    @property
    def must_verify(self) -> bool:
        """Whether addresses are verified."""
        return self._mailer is not None and self._rules.verification

    def unhurried(self) -> AbstractAsyncContextManager[None]:
        """Around what must take the same time for every address."""
        return unhurried()

    async def verify(self, account: Account) -> None:
        """Send a link that verifies the account's address."""
        await self._send_link(account, Purpose.VERIFY)

    async def reset(self, account: Account) -> None:
        """Send a link with which a new password can be set."""
        await self._send_link(account, Purpose.RESET)

    async def change(self, account: Account, email: str) -> None:
        """Send a link to a new address, and word of it to the one so far."""
        await self._send_link(account, Purpose.CHANGE, email)
        await self._send("change_announced", account)

    async def address_taken(self, account_id: str) -> None:
        """Tell an owner that somebody wanted to register their address."""
        account = await self._store.find_account(account_id)
        if account is not None:
            await self._send("address_taken", account)

    async def changed(self, what: str, account: Account) -> None:
        """Tell an owner of a change: `password_changed` or `address_changed`."""
        await self._send(what, account)

    async def new_device(self, account: Account, session: Session) -> None:
        """Tell an owner that they, or somebody, signed in from where they never did."""
        device, place = session.device, session.place
        values = {
            "browser": device.browser.value if device else Browser.OTHER.value,
            "system": device.system.value if device else System.OTHER.value,
            "network": place.network if place and place.network else "—",
            "at": _shown(session.created_at),
        }
        await self._send("new_device", account, values)

    def remind(self, account: Account) -> None:
        """Send a verification link beside the request: whoever waits for its answer learns nothing from the time."""
        self._beside(self.verify(account))

    async def settle(self) -> None:
        """Wait for what is sent beside requests."""
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _send_link(self, account: Account, purpose: Purpose, email: str | None = None) -> None:
        if self._mailer is None:
            return
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        expires_at = self._clock() + self._rules.link_lifetime
        if not await self._may_send(purpose.value, account):
            return
        await self._store.insert_link(Link(hash_of(token), account.id, purpose, expires_at, email))
        address = self._rules.public_url.rstrip("/") + PATHS[purpose][account.locale]
        values = {"link": f"{address}?token={token}", "until": _shown(expires_at)}
        await self._mail(purpose.value, account, values, to=email)

    async def _send(self, letter: str, account: Account, values: Mapping[str, str] | None = None) -> None:
        if self._mailer is not None and await self._may_send(letter, account):
            await self._mail(letter, account, values or {})

    async def _mail(self, letter: str, account: Account, values: Mapping[str, str], *, to: str | None = None) -> None:
        address = to or account.email
        if self._mailer is not None and address is not None:
            await self._mailer.mail(letter, account_id=account.id, to=address, locale=account.locale, values=values)

    async def _may_send(self, letter: str, account: Account) -> bool:
        """Nobody's mailbox is filled by a stranger, and a stranger does not learn that it would have been."""
        try:
            await self._limiter.spend("letter", f"{account.id} {letter}")
        except RateLimited:
            return False
        return True

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        if len(self._sending) >= _MOST_AT_ONCE:
            work.close()
            return
        task = asyncio.create_task(self._quietly(work), name="letter")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            logger.warning("sending a letter failed: %s", type(error).__name__)


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
