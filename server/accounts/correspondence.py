"""Letters to people by the id of their account, for capabilities that must not know an address.

What a letter says is the catalogues'; what it links to is given as paths of this server.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Final, Protocol

from server.accounts.model import Account
from server.kernel.errors import RateLimited
from server.kernel.ports import Limiter
from server.notify.model import NewLetter

_AT_ONCE: Final = 50
_ID_LETTERS: Final = 24

Links = Callable[[str], Mapping[str, str]]
"""Gives for a language name -> path of ours."""


class HoldingMailer(Protocol):
    """The mail queue."""

    async def mail(
        self, letter: str, *, account_id: str, to: str, locale: str, values: Mapping[str, str] | None = None
    ) -> None: ...
    async def mail_all(self, letter: str, letters: Sequence[NewLetter]) -> None: ...
    async def hold(
        self, letter: str, *, letter_id: str, account_id: str, to: str, locale: str, values: Mapping[str, str]
    ) -> None: ...
    async def release(self, letter_id: str) -> None: ...
    def permit(self, permission: Callable[[str, str], Awaitable[bool]]) -> None: ...


class Addresses(Protocol):
    """Knows accounts."""

    async def find_account(self, account_id: str) -> Account | None: ...
    async def find_accounts(self, account_ids: Sequence[str]) -> list[Account]: ...


class Correspondence:
    """Fills `notices.service.Postman` and `notices.digests.DigestPost`.

    Args:
        accounts: knows addresses.
        mailer: the mail queue.
        limiter: how many letters of a kind an account gets.
        public_url: address of this server as browsers reach it.
    """

    def __init__(self, accounts: Addresses, mailer: HoldingMailer, limiter: Limiter, public_url: str) -> None:
        self._accounts = accounts
        self._mailer = mailer
        self._limiter = limiter
        self._root = public_url.rstrip("/")

    def permit(self, permission: Callable[[str, str], Awaitable[bool]]) -> None:
        """Say who knows whether an account agrees to a purpose, for letters that need it when they go out."""
        self._mailer.permit(permission)

    async def write(
        self,
        account_id: str,
        letter: str,
        links: Links,
        *,
        limited: bool = True,
        values: Mapping[str, str] | None = None,
    ) -> bool:
        """Put a letter into the queue; False when the account takes none, or has got many.

        Args:
            account_id: to whom.
            letter: one of `notify.model.LETTERS`.
            links: that stand in it.
            limited: whether it may be left out where the account has got many.
            values: what else stands in it.
        """
        account = await self._addressee(account_id)
        if account is None or account.email is None:
            return False
        if limited and not await self._has_room(account, letter):
            return False
        filled = {**(values or {}), **self._absolute(links, account.locale)}
        await self._mailer.mail(letter, account_id=account_id, to=account.email, locale=account.locale, values=filled)
        return True

    async def write_all(
        self,
        account_ids: Sequence[str],
        letter: str,
        links: Callable[[str, str], Mapping[str, str]],
        *,
        limited: bool = True,
        key: str = "",
    ) -> frozenset[str]:
        """Put a letter to many into the queue, some dozens in one command; give the accounts that take one.

        Args:
            account_ids: to whom.
            letter: one of `notify.model.LETTERS`.
            links: give for an account and a language name -> path of ours.
            limited: whether it may be left out where an account has got many.
            key: what it is about, where it is not to wait twice for the same account when this is repeated.

        Raises:
            Unavailable: it is not known who was written to.
        """
        written: set[str] = set()
        for first in range(0, len(account_ids), _AT_ONCE):
            found = await self._accounts.find_accounts(list(account_ids[first : first + _AT_ONCE]))
            theirs = [
                one for one in found if _takes_letters(one) and (not limited or await self._has_room(one, letter))
            ]
            await self._mailer.mail_all(
                letter,
                [
                    NewLetter(
                        one.id,
                        one.email or "",
                        one.locale,
                        self._absolute(partial(links, one.id), one.locale),
                        _letter_id(key, letter, one.id),
                    )
                    for one in theirs
                ],
            )
            written.update(one.id for one in theirs)
        return frozenset(written)

    async def _has_room(self, account: Account, letter: str) -> bool:
        try:
            await self._limiter.spend("letter", f"{account.id} {letter}")
        except RateLimited:
            return False
        return True

    async def write_to(self, address: str, letter: str, links: Links, *, about: str, locale: str) -> None:
        """Put a letter into the queue to an address that somebody without an account gave. No account is looked up.

        Args:
            address: to whom; kept sealed, and only until the letter is out.
            letter: one of `notify.model.LETTERS`.
            links: that stand in it.
            about: what it is about, an opaque id.
            locale: its language.
        """
        values = self._absolute(links, locale)
        await self._mailer.mail(letter, account_id=about, to=address, locale=locale, values=values)

    async def hold(
        self, account_id: str, letter: str, links: Links, *, letter_id: str, values: Mapping[str, str]
    ) -> bool:
        """Put a letter into the queue that is not sent before it is let go; False when the account takes none."""
        account = await self._addressee(account_id)
        if account is None or account.email is None:
            return False
        await self._mailer.hold(
            letter,
            letter_id=letter_id,
            account_id=account_id,
            to=account.email,
            locale=account.locale,
            values={**values, **self._absolute(links, account.locale)},
        )
        return True

    async def release(self, letter_id: str) -> None:
        """Let a letter go; nothing where it is gone already."""
        await self._mailer.release(letter_id)

    async def _addressee(self, account_id: str) -> Account | None:
        """Somebody whose address is known to be theirs, and who may come in."""
        account = await self._accounts.find_account(account_id)
        return account if account and _takes_letters(account) else None

    def _absolute(self, links: Links, locale: str) -> dict[str, str]:
        return {name: self._root + path for name, path in links(locale).items()}


def _takes_letters(account: Account) -> bool:
    return bool(account.email) and account.is_verified and not account.is_disabled


def _letter_id(key: str, letter: str, account_id: str) -> str:
    """Give a letter's id that is the same when it is written again; it tells nobody whom it is to."""
    return sha256(f"{key} {letter} {account_id}".encode()).hexdigest()[:_ID_LETTERS] if key else ""
