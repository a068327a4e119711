"""Use cases of requests: make one, see how far it is, take it back. Officers' part is `rights.office`.

Somebody without an account proves an address and nothing else; whether it belongs to an account is looked up nowhere
here, so nothing that they see can tell. Texts pass the gate.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.contacts import email_of
from server.kernel.errors import Conflict, InvalidInput, NotFound, Unavailable
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.kernel.text import UNSAID, Numbering, RawText, RedactedText
from server.rights.links import RequestLinks
from server.rights.model import MAX_ANSWER, MOVES, TERM, Figures, Kind, Reason, Request, State, Step, figures_of

GUEST: Final = "guest"
"""Stands in the trail for whoever has no account."""
REQUEST_PATH: Final = "/privasi/permintaan"
GUEST_PATH: Final = "/privasi/tanpa-akun"


class RequestStore(Protocol):
    """What is needed of `rights.store`."""

    async def insert(self, request: Request) -> None: ...
    async def find(self, request_id: str) -> Request | None: ...
    async def of_person(self, person_id: str) -> list[Request]: ...
    async def of_month(self, month: str) -> list[Request]: ...
    async def waiting(self, until: datetime) -> list[Request]: ...
    async def replace(self, after: Request) -> bool: ...
    async def announced(self, request_id: str) -> None: ...


class Letters(Protocol):
    """Writes to an address that belongs to no account."""

    async def write_to(
        self, address: str, letter: str, links: Callable[[str], Mapping[str, str]], *, about: str, locale: str
    ) -> None:
        """Put a letter into the queue.

        Args:
            address: to whom; kept sealed, and only until the letter is out.
            letter: which.
            links: gives for a language name -> path of ours.
            about: what it is about, an opaque id.
            locale: its language.
        """
        ...


class Bell(Protocol):
    """Tells people, without content."""

    async def tell_person(self, account_id: str, request_id: str) -> None:
        """Say that their request is further."""
        ...

    async def tell_officers(self, what: str, request_id: str) -> None:
        """Tell all privacy officers: `new`, `near` or `late`.

        Raises:
            Unavailable: nobody was told, or it is not known who.
        """
        ...


class Requests:
    """Requests about what is kept of people.

    Args:
        store: where they are kept.
        intake: the gate.
        letters: writes to those without an account; None where there is no mail.
        bell: tells people.
        links: to requests of those without an account.
        index: keyed digest of an address, for the limit on it.
        audit: the trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: RequestStore,
        intake: Intake,
        letters: Letters | None,
        bell: Bell,
        links: RequestLinks,
        index: Callable[[str], str],
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._intake = intake
        self._letters = letters
        self._bell = bell
        self._links = links
        self._index = index
        self._audit = audit
        self._limiter = limiter
        self._clock = clock

    @property
    def takes_guests(self) -> bool:
        """Whether somebody without an account can make one: only where letters can be sent."""
        return self._letters is not None

    # --- with an account --------------------------------------------------------------------------------------------

    async def make(self, actor: Actor, kind: Kind, text: RawText, *, locale: str) -> Request:
        """Make a request about oneself. Its clock begins.

        Raises:
            InvalidInput: the text is refused; of what can't be told without one, it is missing.
            RateLimited: too many.
            RedactionUnavailable: nothing was taken in.
        """
        await self._limiter.spend("rights_request", actor.account_id)
        request_id = new_id()
        words = await self._words(text, request_id, actor.account_id, optional=kind is not Kind.OTHER)
        request = _begun(
            Request(request_id, kind, actor.account_id, locale, words, self._clock(), State.RECEIVED), self._clock()
        )
        async with self._noted("rights:request:received", actor.account_id, request.id):
            await self._store.insert(request)
        await self.announce(request)
        return request

    async def own(self, actor: Actor) -> list[Request]:
        """Give one's own requests, the newest first."""
        return await self._store.of_person(actor.account_id)

    async def own_one(self, actor: Actor, request_id: str) -> Request:
        """Give one of one's own.

        Raises:
            NotFound: there is none of that id that is theirs.
        """
        request = await self._store.find(request_id)
        if request is None or request.person_id != actor.account_id:
            raise NotFound
        return request

    async def withdraw(self, actor: Actor, request_id: str) -> Request:
        """Take back one of one's own.

        Raises:
            NotFound: there is none.
            Conflict: it is ended.
        """
        return await self._withdrawn(await self.own_one(actor, request_id), actor.account_id)

    # --- without an account -----------------------------------------------------------------------------------------

    async def make_as_guest(self, kind: Kind, email: str, text: RawText, *, locale: str, network: str) -> None:
        """Take a request in and write to its address. It counts for nothing before the link is followed.

        Raises:
            InvalidInput: it is no address, or the text is missing or refused.
            RateLimited: too many from this network, or for this address.
            RedactionUnavailable: nothing was taken in.
            Unavailable: there is no mail.
        """
        if self._letters is None:
            raise Unavailable
        address = email_of(email)
        if address is None:
            raise InvalidInput(fields={"email": "invalid_email"})
        await self._limiter.spend("rights_guest_network", network)
        await self._limiter.spend("rights_guest", self._index(address))
        request_id, now = new_id(), self._clock()
        words = await self._words(text, request_id, GUEST, optional=False)
        steps = (Step(State.UNCONFIRMED, now),)
        request = Request(request_id, kind, "", locale, words, now, State.UNCONFIRMED, address=address, steps=steps)
        async with self._noted("rights:request:received", GUEST, request.id):
            await self._store.insert(request)
        await self._write(request, "request_confirm")

    async def open_link(self, token: str) -> Request:
        """Give the request that a link leads to.

        Raises:
            NotFound: it is none of ours, or its request is gone.
        """
        request_id = self._links.read(token)
        request = await self._store.find(request_id) if request_id else None
        if request is None or request.person_id:
            raise NotFound
        return request

    async def confirm(self, token: str) -> Request:
        """Confirm a request by its link: its clock begins. Doing so again changes nothing.

        Raises:
            NotFound: see `open_link`.
        """
        request = await self.open_link(token)
        if request.state is not State.UNCONFIRMED:
            return request
        async with self._noted("rights:request:verified", GUEST, request.id):
            after = await self._replaced(_begun(replace(request, state=State.RECEIVED), self._clock()))
        await self.announce(after)
        await self._write(after, "request_step")
        return after

    async def withdraw_as_guest(self, token: str) -> Request:
        """Take back a request by its link.

        Raises:
            NotFound: see `open_link`.
            Conflict: it is ended, or was never confirmed: then it goes by itself.
        """
        return await self._withdrawn(await self.open_link(token), GUEST)

    # --- for everybody who tells of it ------------------------------------------------------------------------------

    async def figures(self, month: str) -> Figures:
        """Count the requests whose clock began in a month, `2026-11`."""
        return figures_of(await self._store.of_month(month), self._clock())

    async def tell_of(self, request: Request) -> None:
        """Tell the person that their request is further: a notice and a letter, or a letter to the address given."""
        if request.person_id:
            await self._bell.tell_person(request.person_id, request.id)
        else:
            await self._write(request, "request_step")

    async def announce(self, request: Request) -> None:
        """Tell officers that a request is there. What a kill prevents, the watch over clocks does (`Office.round`)."""
        await self._bell.tell_officers("new", request.id)
        await self._store.announced(request.id)

    # --- inside -----------------------------------------------------------------------------------------------------

    async def _withdrawn(self, request: Request, by: str) -> Request:
        if State.WITHDRAWN not in MOVES[request.state]:
            raise Conflict(fields={"request": "request_ended"})
        async with self._noted("rights:request:withdrawn", by, request.id):
            return await self._replaced(ended(request, State.WITHDRAWN, self._clock()))

    async def _replaced(self, after: Request) -> Request:
        """Write the next revision.

        Raises:
            Conflict: somebody was quicker.
        """
        after = replace(after, revision=after.revision + 1)
        if not await self._store.replace(after):
            raise Conflict(fields={"request": "request_changed"})
        return after

    async def _write(self, request: Request, letter: str) -> None:
        if self._letters is None or not request.address:
            return
        path = f"{GUEST_PATH}/{self._links.token(request.id)}"

        def links(locale: str) -> Mapping[str, str]:
            return {"link": f"{path}?lang={locale}"}

        await self._letters.write_to(request.address, letter, links, about=request.id, locale=request.locale)

    async def _words(self, text: RawText, scope: str, sender: str, *, optional: bool) -> RedactedText:
        if optional and not len(text):
            return UNSAID
        admitted = await self._intake.admit(text, scope=scope, max_length=MAX_ANSWER, sender=sender)
        return admitted.fill(Numbering()).text

    def _noted(self, action: str, by: str, request_id: str) -> AbstractAsyncContextManager[None]:
        """Around a change: it and its entry in the trail come together, whatever ends the process in between."""
        return self._audit.promises.around([AuditEntry(action, by, (request_id,), self._clock())])


def ended(
    request: Request, state: State, at: datetime, *, answer: RedactedText | None = None, reason: Reason | None = None
) -> Request:
    """Give a request at its end. The address of somebody without an account goes: no letter follows."""
    steps = (*request.steps, Step(state, at))
    return replace(
        request, state=state, ended_at=at, steps=steps, answer=answer, reason=reason, address="", unannounced=False
    )


def _begun(request: Request, now: datetime) -> Request:
    return replace(request, due_at=now + TERM, steps=(*request.steps, Step(State.RECEIVED, now)), unannounced=True)


def month_of(moment: datetime) -> str:
    """Give the month of a moment, `2026-11`."""
    return f"{moment:%Y-%m}"
