"""Use cases of voting and following: one vote a person, counted once, and weighed out where it is a ring's."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from moderation.vote_rings import Ballot, find_ring
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.feedback.admission import Admission
from server.feedback.events import FeedbackVoted
from server.feedback.heat import heat_at
from server.feedback.items import Items
from server.feedback.model import Item, can_follow, can_vote
from server.feedback.reading import ItemView
from server.feedback.records import Ring, Trace, Vote
from server.feedback.writing import ItemWriter
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound, NotPermitted
from server.kernel.ids import moment_of, new_id
from server.kernel.ports import Clock, EventSink, Limiter
from server.people.model import Standing

_STALE: Final = timedelta(minutes=1)
"""A vote that is not counted after so long was left by a crash."""
_SYSTEM: Final = "system"
_LOOKED_AT: Final = 200
"""Voters of one network that are looked at."""


class MarkStore(Protocol):
    """What is needed of the store of votes."""

    async def insert_vote(self, vote: Vote) -> bool: ...
    async def begin_retracting(self, item_id: str, account_id: str, at: datetime) -> Vote | None: ...
    async def remove_vote(self, item_id: str, account_id: str) -> None: ...
    async def counted(self, item_id: str, account_id: str) -> None: ...
    async def votes_of_item(self, item_id: str) -> list[Vote]: ...
    async def unsettled(self, until: datetime) -> set[str]: ...
    async def is_unsettled(self, item_id: str) -> bool: ...
    async def weigh(self, item_id: str, accounts: Sequence[str], weight: int) -> None: ...
    async def insert_follow(self, item_id: str, account_id: str, at: datetime, origin: str | None = None) -> bool: ...
    async def remove_follow(self, item_id: str, account_id: str) -> bool: ...
    async def followers(self, item_id: str) -> dict[str, str | None]: ...
    async def trace(self, trace: Trace) -> None: ...
    async def traces_of_item(self, item_id: str) -> list[Trace]: ...
    async def traces_of_network(self, network: str) -> list[Trace]: ...
    async def put_ring(self, ring: Ring) -> None: ...
    async def rings_of_item(self, item_id: str) -> list[Ring]: ...
    async def find_ring(self, ring_id: str) -> Ring | None: ...
    async def rings(self) -> list[Ring]: ...


class BlindIndex(Protocol):
    """Keyed digests."""

    def of(self, value: str) -> str: ...


class Votes:
    """Votes and follows.

    Args:
        store: where they are.
        items: knows who may read what.
        writer: counts in items.
        admission: knows who may raise their voice.
        networks: keyed digests of networks.
        audit: the trail.
        sink: hears of it.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: MarkStore,
        items: Items,
        writer: ItemWriter,
        admission: Admission,
        networks: BlindIndex,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._items = items
        self._writer = writer
        self._admission = admission
        self._networks = networks
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock
        self._owed: set[str] = set()

    async def vote(self, actor: Actor, item_id: str, *, given: bool, network: str) -> ItemView:
        """Vote for an item, or take it back. Doing either twice changes nothing.

        Raises:
            NotFound: no item that the actor may read.
            NotPermitted: nobody votes for it (any more), or the actor is silenced.
            RateLimited: too many.
        """
        item = await self._items.require(actor, item_id)
        if not can_vote(actor, item):
            raise NotPermitted
        await self._limiter.spend("feedback_mark", actor.account_id)
        standing = await self._admission.require_voice(actor)
        counted = await self._give(actor, item, standing, network) if given else await self._retract(actor, item)
        if counted is not None:
            action = "feedback:vote:given" if given else "feedback:vote:withdrawn"
            await self._audit.append([AuditEntry(action, actor.account_id, (item.id,), self._clock())])
            await self._sink.publish([FeedbackVoted(counted, actor.account_id, given)])
        return await self._items.get(actor, item_id)

    async def follow(self, actor: Actor, item_id: str, *, following: bool) -> ItemView:
        """Follow an item, or no longer. Doing either twice changes nothing.

        Raises:
            NotFound: no item that the actor may read.
            RateLimited: too many.
        """
        item = await self._items.require(actor, item_id)
        if not can_follow(actor, item):
            raise NotPermitted
        await self._limiter.spend("feedback_mark", actor.account_id)
        if following:
            changed = await self._store.insert_follow(item_id, actor.account_id, self._clock())
        else:
            changed = await self._store.remove_follow(item_id, actor.account_id)
        if changed:
            await self._writer.count(item_id, followers=1 if following else -1)
        return await self._items.get(actor, item_id)

    async def concerned(self, item: Item) -> list[str]:
        """Give the accounts that want to hear of an item: who sent it, voted for it, or follows it."""
        votes = [vote.account_id for vote in await self._store.votes_of_item(item.id)]
        followers = await self._store.followers(item.id)
        return list(dict.fromkeys([*([item.author_id] if item.author_id else []), *votes, *followers]))

    # --- counting --------------------------------------------------------------------------------------------------

    async def mend(self) -> int:
        """Count anew where a crash left votes half counted; give how many items.

        Raises:
            Unavailable: the store does not answer.
        """
        items = await self._store.unsettled(self._clock() - _STALE) | self._owed
        for item_id in sorted(items):
            self._owed.add(item_id)
            await self.recount(item_id)
        return len(items)

    async def recount(self, item_id: str) -> Item | None:
        """Count an item's votes and followers anew; None where somebody is just voting: then it is done later."""
        if await self._store.is_unsettled(item_id):
            self._owed.add(item_id)
            return None
        votes = await self._store.votes_of_item(item_id)
        followers = await self._store.followers(item_id)
        # Without any vote too it is a number with a point, which the store insists on.
        heat = sum((heat_at(vote.at) for vote in votes if vote.weight), 0.0)

        def counted(item: Item) -> Item:
            return replace(
                item,
                votes=len(votes),
                weight=sum(vote.weight for vote in votes),
                followers=len(followers),
                heat=heat,
            )

        _, after = await self._writer.change(item_id, lambda item, _: counted(item), draws=False)
        entry = AuditEntry("feedback:item:mended", _SYSTEM, (item_id,), self._clock(), {"votes": len(votes)})
        await self._audit.append([entry])
        self._owed.discard(item_id)
        return after

    async def _give(self, actor: Actor, item: Item, standing: Standing, network: str) -> Item | None:
        now = self._clock()
        vote = Vote(item.id, actor.account_id, now)
        if not await self._store.insert_vote(vote):
            return None
        counted = await self._writer.count(item.id, votes=1, weight=1, heat=heat_at(now))
        await self._store.counted(item.id, actor.account_id)
        if actor.role is Role.CUSTOMER:
            joined = moment_of(actor.account_id)
            digest = self._networks.of(network)
            await self._store.trace(Trace(item.id, actor.account_id, digest, standing.level, joined, now))
            return await self.look_at(item.id) or counted
        return counted

    async def _retract(self, actor: Actor, item: Item) -> Item | None:
        vote = await self._store.begin_retracting(item.id, actor.account_id, self._clock())
        if vote is None:
            return None
        heat = heat_at(vote.at) if vote.weight else 0.0
        counted = await self._writer.count(item.id, votes=-1, weight=-vote.weight, heat=-heat)
        await self._store.remove_vote(item.id, actor.account_id)
        return counted

    # --- rings -----------------------------------------------------------------------------------------------------

    async def look_at(self, item_id: str) -> Item | None:
        """Look whether votes for an item are a ring's, and weigh them out; None where nothing new was found."""
        here = await self._store.traces_of_item(item_id)
        known = await self._store.rings_of_item(item_id)
        settled = {account for ring in known if ring.ruling == "counted" for account in ring.accounts}
        named = {account for ring in known for account in ring.accounts}
        networks = {trace.network for trace in here}
        others = [
            trace
            for network in sorted(networks)
            for trace in (await self._store.traces_of_network(network))[:_LOOKED_AT]
        ]
        finding = find_ring(item_id, [_ballot(trace) for trace in _once([*here, *others])])
        fresh = [who for who in finding.accounts if who not in named | settled] if finding else []
        if not finding or not fresh:
            return None
        ring = Ring(new_id(), item_id, tuple(fresh), tuple(map(str, finding.reasons)), self._clock())
        await self._store.put_ring(ring)
        return await self._weigh(ring, 0, _SYSTEM, "feedback:ring:found")

    async def rings(self, *, limit: int = 100) -> list[Ring]:
        """Give what was found about votes, the newest first, for moderators."""
        return sorted(await self._store.rings(), key=lambda ring: ring.id, reverse=True)[:limit]

    async def rule(self, actor: Actor, ring_id: str, *, counted: bool) -> Ring:
        """Rule on a finding: let the votes count, or confirm that they do not.

        Raises:
            NotFound: there is no such finding.
        """
        ring = await self._store.find_ring(ring_id)
        if ring is None:
            raise NotFound
        ruled = replace(
            ring,
            ruling="counted" if counted else "confirmed",
            ruled_by=actor.account_id,
            ruled_at=self._clock(),
        )
        await self._store.put_ring(ruled)
        await self._weigh(ruled, int(counted), actor.account_id, "feedback:ring:ruled")
        return ruled

    async def _weigh(self, ring: Ring, weight: int, by: str, action: str) -> Item | None:
        await self._store.weigh(ring.item_id, ring.accounts, weight)
        counts = {"votes": len(ring.accounts), "weight": weight}
        await self._audit.append([AuditEntry(action, by, (ring.id, ring.item_id), self._clock(), counts)])
        return await self.recount(ring.item_id)


def _ballot(trace: Trace) -> Ballot:
    return Ballot(trace.account_id, trace.item_id, trace.network, trace.level, trace.at - trace.joined_at, trace.at)


def _once(traces: Iterable[Trace]) -> list[Trace]:
    return list({(trace.item_id, trace.account_id): trace for trace in traces}.values())
