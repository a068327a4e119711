"""Use cases of erasure: ask, take back, carry out, prove. Knows neither HTTP nor MongoDB, nor what anybody keeps.

An erasure is carried out holding by holding, in the order in which they are given, and each is written down when it is
through. A process that ends in between is followed by the next start, or by another server after the lease has run out;
every step may be repeated. It is gone through twice: what was on its way into the store when the first round began is
there at the second. The keys of the person are destroyed last: then what sealed values are left anywhere, in backups
too, is nothing but noise. What a restored backup brings back in plain (texts, which were redacted) is erased
again before this server answers anybody.
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor, Role
from server.kernel.background import Background
from server.kernel.errors import Conflict, DomainError, NotFound, NotPermitted, Unavailable
from server.kernel.fresh import FreshWindow
from server.kernel.holdings import Fate, Holdings, Why
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.kernel.waiting import news_within
from server.rights.erasure_model import Erasure, ErasureState, Proof, added, again_from, due_from, statement
from server.rights.erasure_ports import Entrance, ErasureStore, Holds, Keys, Tell

logger = logging.getLogger("amanah.erasure")

_SECRET_BYTES: Final = 18
_LOOK_S: Final = 30.0
_LEASE: Final = timedelta(minutes=2)
_ROUNDS: Final = 2
_SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator has set.

    Attributes:
        cooling: how long somebody can take an erasure back.
        company: name of the company, for proofs.
    """

    cooling: timedelta
    company: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An erasure that was asked for, and the one place where its secret is to be seen."""

    erasure: Erasure
    secret: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A proof, signed.

    Attributes:
        proof: what it says.
        text: the same as text; this is what is signed.
        signature: Ed25519, 64 bytes.
        public_key: 32 bytes.
    """

    proof: Proof
    text: str
    signature: bytes
    public_key: bytes


class Erasures:
    """The use cases.

    Args:
        store: where they are kept.
        holdings: what all capabilities keep, in the order of erasing.
        holds: legal holds.
        entrance: sessions.
        keys: the vault.
        tell: writes letters; None where no mail is set up.
        signing_key: 32 bytes, for proofs and nothing else.
        audit: the trail.
        limiter: rate limits.
        freshness: how recent a sign-in must be.
        clock: the time.
        rules: what the operator has set.
        alone: whether no other server has the same store, so that whatever is under way at the start is a dead one's.
    """

    def __init__(
        self,
        store: ErasureStore,
        holdings: Sequence[Holdings],
        holds: Holds,
        entrance: Entrance,
        keys: Keys,
        tell: Tell | None,
        signing_key: bytes,
        audit: AuditTrail,
        limiter: Limiter,
        freshness: FreshWindow,
        clock: Clock,
        rules: Rules,
        *,
        alone: bool,
    ) -> None:
        self._store = store
        self._holdings = tuple(holdings)
        self._holds = holds
        self._entrance = entrance
        self._keys = keys
        self._tell = tell
        self._signer = Ed25519PrivateKey.from_private_bytes(signing_key)
        self._audit = audit
        self._limiter = limiter
        self._freshness = freshness
        self._clock = clock
        self.rules = rules
        self._alone = alone
        self._holder = new_id()
        self._wake = asyncio.Event()
        self._worker = Background()

    async def start(self) -> None:
        """Erase again what a restored backup brought back, before anybody sees it; then begin to work.

        Raises:
            Unavailable: the store does not answer.
        """
        if self._alone:
            await self._store.release_all()
        await self._repeat()
        self._worker.start(self._work(), name="erasures")

    def look(self) -> None:
        """See at once, not at the next round, what may go on: a hold has ended."""
        self._wake.set()

    async def close(self) -> None:
        """End. What is under way goes on at the next start."""
        await self._worker.stop()

    # --- the person ------------------------------------------------------------------------------------------------

    async def ask(self, actor: Actor) -> Asked:
        """Ask for one's own account to be erased. All sessions end; signing in again leads to taking it back.

        Raises:
            NotPermitted: staff; an administrator makes their account a customer's first.
            FreshSignInRequired: signed in too long ago.
            Conflict: it was asked for already.
            RateLimited, Unavailable: ask again.
        """
        if actor.role not in (Role.CUSTOMER, Role.VISITOR):
            raise NotPermitted
        self._freshness.require(actor)
        await self._limiter.spend("erasure", actor.account_id)
        return await self.ask_for(actor.account_id, by=actor.account_id, at_once=actor.role is Role.VISITOR)

    async def ask_for(self, account_id: str, *, by: str, at_once: bool = False) -> Asked:
        """The same, for somebody whose wish was made sure of in another way.

        Args:
            account_id: who is to be erased.
            by: account that asks.
            at_once: whether there is no time to take it back.

        Raises:
            Conflict: it was asked for already.
            Unavailable: ask again.
        """
        now = self._clock()
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        due_at = due_from(now, self.rules.cooling, at_once=at_once)
        erasure = Erasure(account_id, new_id(), _hash(secret), ErasureState.WAITING, now, due_at)
        async with self._audit.promises.around([self._entry("rights:erasure:asked", by, account_id)]):
            if not await self._store.insert(erasure):
                raise Conflict(fields={"erasure": "asked_already"})
        # It is asked for: what follows must not keep the secret from who asked. The door is shut again when it begins.
        with suppress(DomainError):
            if not at_once and self._tell is not None:
                await self._tell(account_id, "erasure_asked", due_at)
        with suppress(DomainError):
            await self._entrance.sign_out(account_id)
        self._wake.set()
        return Asked(erasure, secret)

    async def standing(self, actor: Actor) -> Erasure | None:
        """Give one's own erasure, where one was asked for."""
        return await self._store.find(actor.account_id)

    async def waits_for_hold(self, account_id: str) -> bool:
        """Say whether a legal hold keeps somebody's erasure waiting."""
        return await self._holds.stands(account_id)

    async def cancel(self, actor: Actor) -> None:
        """Take back one's own erasure.

        Raises:
            NotFound: none was asked for.
            Conflict: it has begun.
            Unavailable: ask again.
        """
        if await self._store.find(actor.account_id) is None:
            raise NotFound
        entry = self._entry("rights:erasure:cancelled", actor.account_id, actor.account_id)
        async with self._audit.promises.around([entry]):
            if not await self._store.cancel(actor.account_id):
                raise Conflict(fields={"erasure": "begun"})
        if self._tell is not None:
            await self._tell(actor.account_id, "erasure_cancelled", self._clock())

    async def preview(self, actor: Actor) -> Sequence[Fate]:
        """Say what would go, what would stay, and why.

        Raises:
            RateLimited, Unavailable: ask again.
        """
        await self._limiter.spend("erasure_preview", actor.account_id)
        return await self._preview(actor.account_id)

    # --- proofs ----------------------------------------------------------------------------------------------------

    async def proof(self, secret: str) -> Erasure | Signed:
        """Give the proof by its secret; while it is not done, how it stands.

        Raises:
            NotFound: there is none with this secret.
        """
        found = await self._store.by_secret(_hash(secret.strip()))
        if found is None:
            raise NotFound
        return self.signed(found) if isinstance(found, Proof) else found

    def signed(self, proof: Proof) -> Signed:
        """Sign a proof."""
        text = statement(self.rules.company, proof)
        return Signed(proof, text, self._signer.sign(text.encode()), self._signer.public_key().public_bytes_raw())

    # --- privacy officers ------------------------------------------------------------------------------------------

    async def register(self, within: timedelta) -> tuple[Sequence[Erasure], Sequence[Proof]]:
        """Give what is to be done and what was, for privacy officers. Whose, the proofs don't know."""
        return await self._store.all(), await self._store.proofs(self._clock() - within)

    async def get(self, officer: Actor, reference: str) -> Erasure | Signed:
        """Give one by its number, with what it does or would do; or its proof.

        Raises:
            NotFound: there is none.
            NotPermitted: it is their own, which another officer looks after.
        """
        found = await self._store.by_reference(reference)
        if found is None:
            raise NotFound
        if isinstance(found, Erasure) and found.account_id == officer.account_id:
            raise NotPermitted
        if isinstance(found, Proof):
            return self.signed(found)
        if found.fates or found.failed is not None:
            # Where it failed before it was written down, counting is what may have failed.
            return found
        return replace(found, fates=await self._preview(found.account_id))

    async def run_again(self, actor: Actor, reference: str, tries: int) -> None:
        """Let an erasure that failed go on now, not when it is tried again by itself.

        Args:
            actor: a privacy officer.
            reference: its number.
            tries: how often it had failed when the officer looked.

        Raises:
            NotFound: there is none of that number that is not done.
            NotPermitted: see `get`.
            Conflict: it has not failed, or somebody else was quicker, or it failed again meanwhile.
        """
        if not isinstance(await self.get(actor, reference), Erasure):
            raise NotFound
        entry = self._entry("rights:erasure:hurried", actor.account_id, reference, tries=tries)
        async with self._audit.promises.around([entry]):
            if not await self._store.hurry(reference, tries, self._clock()):
                raise Conflict(fields={"erasure": "goes_on"})
        self._wake.set()

    async def figures(self, within: timedelta) -> dict[str, int]:
        """Give plain counts: how many wait, are under way, and were done within some time."""
        erasures, proofs = await self.register(within)
        running = sum(item.state is ErasureState.RUNNING for item in erasures)
        return {"waiting": len(erasures) - running, "running": running, "done": len(proofs)}

    async def waiting(self) -> tuple[int, int]:
        """Count those that are not done, and among them those that failed."""
        erasures = await self._store.all()
        return len(erasures), sum(item.failed is not None for item in erasures)

    # --- carrying out ----------------------------------------------------------------------------------------------

    async def carry_out(self) -> int:
        """Carry out all that is due and free of holds; give how many are done.

        Raises:
            Unavailable: the store does not answer; what is left is done next time.
        """
        count = 0
        for erasure in await self._store.all():
            now = self._clock()
            if erasure.state is ErasureState.WAITING and erasure.due_at > now:
                continue
            if erasure.state is ErasureState.WAITING and await self._holds.stands(erasure.account_id):
                # What has begun is not stopped half-way.
                continue
            if erasure.failed is not None and erasure.failed.again_at > now:
                continue
            count += await self._try(erasure.account_id)
        return count

    async def _try(self, account_id: str) -> int:
        """Carry out one erasure, unless another process has it; of a defect in one capability others' go on.

        Raises:
            Unavailable: the store does not answer.
        """
        now = self._clock()
        try:
            if await self._store.claim(account_id, self._holder, now, now + _LEASE):
                return await self._claimed(account_id)
        except Unavailable:
            raise
        except Exception as error:
            # It is tried again.
            logger.error("an erasure failed: %s", type(error).__name__)
        return 0

    async def _claimed(self, account_id: str) -> int:
        try:
            erasure = await self._store.find(account_id)
            if erasure is None:
                return 0
            await self._erase(erasure)
        except BaseException:
            # Somebody else may go on at once; where that can't be said, when the lease has run out.
            with suppress(DomainError):
                await self._store.release(account_id, self._holder)
            raise
        return 1

    async def _erase(self, erasure: Erasure) -> None:
        account_id = erasure.account_id
        async with self._step(erasure, "doors"):
            await self._entrance.shut(account_id)
        fates = erasure.fates
        if not erasure.done:
            async with self._step(erasure, "plan"):
                await self._audit.append([self._entry("rights:erasure:begun", _SYSTEM, account_id)])
                fates = fates or await self._preview(account_id)
                await self._store.plan(account_id, fates)
        through = set(erasure.done)
        for number in range(1, _ROUNDS + 1):
            for holding in self._holdings:
                name = f"{number}/{holding.name}"
                if name not in through:
                    async with self._step(erasure, holding.name):
                        await holding.erase(account_id)
                    await self._store.through(account_id, name, self._clock() + _LEASE)
        async with self._step(erasure, "keys"):
            await self._keys.destroy_key(account_id)
        proof = Proof(erasure.reference, erasure.secret_hash, erasure.asked_at, self._clock(), fates)
        action = "rights:erasure:repeated" if erasure.again else "rights:erasure:done"
        entry = self._entry(action, _SYSTEM, erasure.reference, erased=sum(fate.gone for fate in fates))
        async with self._audit.promises.around([entry]):
            await self._store.finish(account_id, None if erasure.again else proof)
        logger.info("an erasure is done")

    @asynccontextmanager
    async def _step(self, erasure: Erasure, name: str) -> AsyncIterator[None]:
        """Write down at which step an erasure failed: officers see it, and how long it is waited for the next try.

        Of a store that does not answer nobody waits longer than until the next look.
        """
        try:
            yield
        except Exception as error:
            now = self._clock()
            tries = erasure.failed.tries if erasure.failed is not None else 0
            again_at = now if isinstance(error, Unavailable) else again_from(now, tries)
            with suppress(DomainError):
                await self._store.fail(erasure.account_id, name, now, again_at)
            raise

    async def _repeat(self) -> None:
        """Erase those again whom the list beside the master key names and this database may still know.

        Names on it that this database was rid of when they were added count too: one erasure of nothing costs little.
        """
        ids = await asyncio.to_thread(self._keys.erased)
        count = await self._store.repeated()
        left = ids[count:] if count <= len(ids) else ids
        now = self._clock()
        for account_id in dict.fromkeys(left):
            erasure = Erasure(account_id, new_id(), "", ErasureState.RUNNING, now, now, again=True)
            await self._store.insert(erasure)
        if left:
            logger.warning("%d people were erased after this copy of the data was made: erasing them again", len(left))
            for account_id in dict.fromkeys(left):
                await self._try(account_id)
        await self._note_repeated()

    async def _note_repeated(self) -> None:
        """Remember how far the list is carried out here. Each erasing lengthens it."""
        ids = await asyncio.to_thread(self._keys.erased)
        waiting = {erasure.account_id for erasure in await self._store.all()}
        if not waiting & set(ids):
            await self._store.set_repeated(len(ids))

    async def _preview(self, account_id: str) -> tuple[Fate, ...]:
        found: list[Fate] = []
        for holding in self._holdings:
            found.extend(await holding.preview(account_id))
        return (*added(found), Fate("keys", 1), Fate("trail", 0, 1, Why.TRAIL), Fate("proof", 0, 1, Why.PROOF))

    async def _work(self) -> None:
        while True:
            try:
                if await self.carry_out():
                    await self._note_repeated()
            except DomainError:
                logger.warning("the store did not answer; erasures go on later")
            except Exception as error:
                logger.error("an erasure failed: %s", type(error).__name__)
            await news_within(self._wake, _LOOK_S)
            self._wake.clear()

    def _entry(self, action: str, by: str, *objects: str, **counts: int) -> AuditEntry:
        return AuditEntry(action, by, objects, self._clock(), counts)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
