"""Who takes conversations: status, skills, capacity, and how conversations that nobody has find somebody.

Only one process hands out at a time: whoever holds the lease. It counts what each agent has in the store, not in its
memory, so nobody gets more than their capacity by being chosen twice; a conversation is given only while nobody has it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from server.accounts.model import Account
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.custody import Custody
from server.desk.cases import Cases
from server.desk.model import WEIGHT, Assigning, Availability, Row
from server.desk.settings import DeskSettings
from server.kernel.access import Rule
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from server.kernel.events import Event
from server.kernel.ids import new_id
from server.kernel.ports import Clock, EventSink

logger = logging.getLogger("amanah.desk")

AGENT_RULE: Final = Rule("desk_agent", own=frozenset({Role.ADMIN}), others=frozenset({Role.ADMIN}))
USUAL_CAPACITY: Final = 10
_LEASE: Final = timedelta(seconds=30)
_LEASE_NAME: Final = "handing-out"
_AT_ONCE: Final = 50
_DESK: Final = Actor("system", Role.ADMIN, "", "")
"""Who hands out, in the trail."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What is kept of an agent.

    Attributes:
        account_id: who.
        status: whether they take conversations.
        skills: what they know.
        capacity: open conversations that they are given by themselves at most.
    """

    account_id: str
    status: Availability = Availability.AVAILABLE
    skills: frozenset[str] = frozenset()
    capacity: int = USUAL_CAPACITY


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent as the desk shows them."""

    desk: Desk
    display_name: str
    online: bool
    load: int
    waiting: int

    def __repr__(self) -> str:
        return f"Agent({self.desk.account_id!r})"


@dataclass(frozen=True, slots=True)
class AgentChanged(Event):
    """An agent's status, skills or capacity is another."""

    agent: Agent


class AgentStore(Protocol):
    """Where desks are kept; `office_store` says what each does."""

    async def desks(self) -> dict[str, Desk]: ...
    async def put_desk(self, account_id: str, fields: Mapping[str, object]) -> None: ...
    async def take_lease(self, name: str, holder: str, now: datetime, until: datetime) -> str | None: ...
    async def note_turn(self, name: str, holder: str, account_id: str) -> None: ...


class Shares(Protocol):
    """Knows how much each agent has, as it is stored; `case_store` does."""

    async def held(self, account_ids: Sequence[str]) -> dict[str, int]: ...


class Staff(Protocol):
    """Knows who answers; `accounts.staff` does."""

    async def agents(self) -> list[Account]: ...


class AgentRoles(Protocol):
    """Knows who of staff may come in, and as what; `accounts.staff` does."""

    async def role_of(self, account_id: str) -> Role | None: ...


class Teller(Protocol):
    """Tells an agent, without content."""

    async def given(self, account_id: str, case_id: str) -> None: ...


class Agents:
    """The use cases, and handing out.

    Args:
        is_online: whether an account has a live connection.
    """

    def __init__(
        self,
        store: AgentStore,
        shares: Shares,
        staff: Staff,
        cases: Cases,
        settings: DeskSettings,
        custody: Custody,
        teller: Teller,
        audit: AuditTrail,
        sink: EventSink,
        clock: Clock,
        is_online: Callable[[str], bool],
    ) -> None:
        self._store = store
        self._shares = shares
        self._staff = staff
        self._cases = cases
        self._settings = settings
        self._custody = custody
        self._teller = teller
        self._audit = audit
        self._sink = sink
        self._clock = clock
        self._is_online = is_online
        self._holder = new_id()

    async def all(self) -> list[Agent]:
        """Give everybody who answers."""
        desks = await self._store.desks()
        return [self._agent(account, desks) for account in await self._staff.agents()]

    async def me(self, actor: Actor) -> Agent | None:
        """Give the caller; None for those who take no conversations."""
        return next((agent for agent in await self.all() if agent.desk.account_id == actor.account_id), None)

    async def set_status(self, actor: Actor, status: Availability) -> Agent:
        """Say whether one takes conversations.

        Raises:
            NotPermitted: the actor answers none.
        """
        if actor.role is not Role.AGENT:
            raise NotPermitted
        await self._store.put_desk(actor.account_id, {"status": status.value})
        await self._note("desk:agent:status_changed", actor, actor.account_id)
        return await self._tell(actor.account_id)

    async def change(
        self, actor: Actor, account_id: str, *, skills: Sequence[str] | None, capacity: int | None
    ) -> Agent:
        """Say what an agent knows, and how much they take; None stays.

        Raises:
            NotFound: there is no such agent.
            InvalidInput, RedactionUnavailable: see the gate, which what they know passes.
        """
        if all(account.id != account_id for account in await self._staff.agents()):
            raise NotFound
        fields: dict[str, object] = {}
        if skills is not None:
            known = (await self._store.desks()).get(account_id, Desk(account_id)).skills
            for skill in sorted(set(skills) - known):
                await self._settings.require_key(actor, skill, "skills")
            fields["skills"] = sorted(set(skills))
        if capacity is not None:
            fields["capacity"] = capacity
        if fields:
            await self._store.put_desk(account_id, fields)
            await self._note("desk:agent:changed", actor, account_id)
        return await self._tell(account_id)

    async def _tell(self, account_id: str) -> Agent:
        agent = next((item for item in await self.all() if item.desk.account_id == account_id), None)
        if agent is None:
            raise NotFound
        await self._sink.publish([AgentChanged(agent)])
        return agent

    def _agent(self, account: Account, desks: Mapping[str, Desk]) -> Agent:
        board = self._cases.board
        return Agent(
            desks.get(account.id) or Desk(account.id),
            account.display_name,
            self._is_online(account.id),
            board.load(account.id),
            board.waiting(account.id),
        )

    # --- handing out -----------------------------------------------------------------------------------------------

    async def hand_out(self) -> int:
        """Give conversations that nobody has to agents, where that is wanted; say how many.

        Raises:
            Unavailable: the store does not answer.
        """
        way = self._settings.now.assigning
        waiting = [row for row in self._cases.board.queue() if row.conversation.waiting_since is not None]
        if way is Assigning.BY_HAND or not waiting:
            return 0
        now = self._clock()
        last = await self._store.take_lease(_LEASE_NAME, self._holder, now, now + _LEASE)
        if last is None:
            return 0
        # What this process has done so far is stored before anything is counted.
        await self._cases.flush()
        free = {
            agent.desk.account_id: agent.desk
            for agent in await self.all()
            if agent.online and agent.desk.status is Availability.AVAILABLE
        }
        load = await self._shares.held(sorted(free))
        given = 0
        for row in sorted(waiting, key=_urgency)[:_AT_ONCE]:
            chosen = choose(way, free, load, last, self._skills(row))
            if chosen is None:
                continue
            try:
                await self._custody.assign(_DESK, row.conversation.id, chosen, only_free=True)
            except (Conflict, NotFound, InvalidInput):
                continue
            await self._cases.flush()
            load[chosen] += 1
            last = chosen
            given += 1
            await self._store.note_turn(_LEASE_NAME, self._holder, chosen)
            await self._teller.given(chosen, row.conversation.id)
        return given

    def _skills(self, row: Row) -> frozenset[str]:
        """What who is to get a case must know, by its labels."""
        labels = self._settings.now.labels
        found = (labels[key].skill for key in row.case.labels if key in labels)
        return frozenset(skill for skill in found if skill is not None)

    async def _note(self, action: str, actor: Actor, *objects: str) -> None:
        await self._audit.append([AuditEntry(action, actor.account_id, objects, self._clock())])


def choose(
    way: Assigning,
    free: Mapping[str, Desk],
    load: Mapping[str, int],
    last: str,
    skills: frozenset[str],
) -> str | None:
    """Say who is to get a case, or None where nobody can. Pure.

    Args:
        way: round robin, or least load.
        free: those who take conversations.
        load: how many each has.
        last: who got the last one.
        skills: what they must know.
    """
    able = sorted(
        account_id
        for account_id, desk in free.items()
        if skills <= desk.skills and load.get(account_id, 0) < desk.capacity
    )
    if not able:
        return None
    if way is Assigning.LEAST_LOAD:
        # By share of what they can take; equals take turns.
        return min(able, key=lambda one: (load.get(one, 0) / free[one].capacity, one <= last, one))
    return next((one for one in able if one > last), able[0])


def _urgency(row: Row) -> tuple[int, datetime]:
    waiting = row.conversation.waiting_since or row.conversation.created_at
    return -WEIGHT[row.case.priority], waiting
