"""What the use cases need from outside, as Protocols. `parts` decides who fills them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nlp.spans import Span
from server.kernel.actor import Actor
from server.kernel.events import Event


class Clock(Protocol):
    """The time, so that rules about time can be tested."""

    def __call__(self) -> datetime:
        """Give the present moment, aware, in UTC."""
        ...


class SpanFinder(Protocol):
    """Finds identifiers. Fails by raising, never by giving fewer spans."""

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        """Find every identifier: spans in code points, sorted, without overlap.

        Raises:
            RedactionUnavailable: nothing can be said about this text at the moment.
        """
        ...


class EventSink(Protocol):
    """Takes what happened, after it is durable."""

    async def publish(self, events: Sequence[Event]) -> None:
        """Hand the events on, in order. Must not raise for a receiver that is gone."""
        ...


class Limiter(Protocol):
    """Counts uses against limits."""

    async def spend(self, limit: str, key: str) -> None:
        """Count one use.

        Args:
            limit: name of a configured limit, `message`, `sign_in`, ...
            key: whom it counts for; an account id or a network, never typed text.

        Raises:
            RateLimited: the limit is used up; says how long to wait.
        """
        ...

    async def is_used_up(self, limit: str, key: str) -> bool:
        """Say whether the next use would be refused, without counting one."""
        ...


class Delays(Protocol):
    """Makes whoever fails wait, longer each time, and forgets it after a while."""

    async def waiting(self, delay: str, key: str) -> int:
        """Give for how many whole seconds `key` still has to wait; 0 when it need not."""
        ...

    async def failed(self, delay: str, key: str) -> None:
        """Count a failure."""
        ...

    async def forgive(self, delay: str, key: str) -> None:
        """Forget the failures."""
        ...


class Mailer(Protocol):
    """Sends letters to people. What a letter says comes from the catalogues, never from a text that somebody typed."""

    async def mail(
        self, letter: str, *, account_id: str, to: str, locale: str, values: Mapping[str, str] | None = None
    ) -> None:
        """Put a letter into the queue; it survives a kill from then on.

        Args:
            letter: name of the letter, `verify`, `new_device`, ...
            account_id: whom it is about.
            to: the address; kept sealed, and only until the letter is out.
            locale: `id` or `en`.
            values: for `{name}` in the letter: links of ours, moments, families of devices.

        Raises:
            Unavailable: the store does not answer.
        """
        ...


class Consents(Protocol):
    """Knows for which purposes a person's data may be used."""

    async def require(self, account_id: str, purpose: str) -> None:
        """Insist that it may.

        Raises:
            ConsentRequired: the person has not agreed, or has withdrawn.
        """
        ...


class Directory(Protocol):
    """Looks accounts up for display."""

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        """Give the accounts that exist, by id; `session_id` is empty."""
        ...


@dataclass(frozen=True, slots=True)
class SealedValue:
    """A value sealed under a person's key, and what it is bound to.

    Attributes:
        account_id: whose key.
        field: what it is, and which, where a person has several: `accounts/email`, `visits/ip/VISIT_ID`.
        sealed: as `PersonSealer.seal` gave it.
    """

    account_id: str
    field: str
    sealed: bytes


class PersonSealer(Protocol):
    """Seals what belongs to a person under a key of their own, which can be destroyed: that is how it is erased.

    A sealed value opens only for the same person and the same field, so that whoever can write to the store but has
    no key can't move an address to where a name is shown. What is to be found again by its content needs a blind index
    beside it (`keyring.BlindIndex`).
    """

    async def make_key(self, account_id: str) -> bool:
        """Give a person a key. Once for each account, before anything of theirs is sealed; harmless when repeated.

        Returns:
            False when they had one already, which stays.

        Raises:
            NotFound: their key was destroyed; the id is not to be used again.
            Unavailable: the store does not answer.
        """
        ...

    async def discard_key(self, account_id: str) -> None:
        """Take back a key under which nothing is stored any more, of an account that did not come to be."""
        ...

    async def destroy_key(self, account_id: str) -> None:
        """Make everything that is sealed for a person unreadable for good, in backups restored here later too.

        Raises:
            Unavailable: the store does not answer. The destruction is recorded and done at the next start at the
                latest; repeating is harmless.
        """
        ...

    async def seal(self, account_id: str, field: str, value: str | bytes) -> bytes:
        """Encrypt a value; text as UTF-8.

        Raises:
            NotFound: the person has no key, or no longer.
            Unavailable: the store does not answer.
        """
        ...

    async def open(self, account_id: str, field: str, sealed: bytes) -> bytes | None:
        """Decrypt a value.

        Returns:
            None when the person's key was destroyed: show nothing in its place, it is no failure.

        Raises:
            KeyringError: it was sealed for another person or field, or was changed, or the master key is not known.
            Unavailable: the store does not answer.
        """
        ...

    async def open_text(self, account_id: str, field: str, sealed: bytes) -> str | None:
        """Decrypt a text; see `open`."""
        ...

    async def open_many(self, values: Sequence[SealedValue]) -> list[bytes | None]:
        """Decrypt values of many people at the cost of a query for each fifty keys that are not in memory.

        Returns:
            For each value what `open` gives, in the same order.
        """
        ...
