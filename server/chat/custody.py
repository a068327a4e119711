"""In whose hands a conversation is: assign, give back, bring a colleague in, let one go, close, reopen.

Whoever loses access by a change here has left the conversation's room when the use case returns. Knows no messages.
"""

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.events import ConversationChanged, Turn
from server.chat.live import LiveConversation
from server.chat.model import Action, Conversation, Status, can_be_assigned
from server.chat.reach import Reach
from server.chat.registry import LiveConversations
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput
from server.kernel.ports import Clock, EventSink

_CLOSED: Final = "chat:conversation:closed"
_REOPENED: Final = "chat:conversation:reopened"
_TURNS: Final = MappingProxyType({_CLOSED: Turn.CLOSED, _REOPENED: Turn.REOPENED})
"""What the trail calls it -> how a conversation turned by it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one record. `expected_assignee_id` and `expected_status` must still hold.

    Attributes:
        conversation_id: of which.
        expected_status: what it must be now.
        expected_assignee_id: who must have it now, or None.
        status: what it becomes.
        assignee_id: who has it then, or None.
        brought_in: who takes part from then on.
        let_go: who takes part no more.
        alone: whether nobody takes part any more.
    """

    conversation_id: str
    expected_status: Status
    expected_assignee_id: str | None
    status: Status
    assignee_id: str | None
    brought_in: str | None = None
    let_go: str | None = None
    alone: bool = False

    @property
    def is_none(self) -> bool:
        """Whether it changes nothing."""
        same = (self.status, self.assignee_id) == (self.expected_status, self.expected_assignee_id)
        return same and self.brought_in is None and self.let_go is None

    def applied(self, conversation: Conversation) -> Conversation:
        """Give the conversation after the change."""
        participants = frozenset() if self.alone else conversation.participant_ids - {self.let_go or ""}
        return replace(
            conversation,
            status=self.status,
            assignee_id=self.assignee_id,
            waiting_since=None if self.status is Status.CLOSED else conversation.waiting_since,
            participant_ids=participants | ({self.brought_in} if self.brought_in else set()),
        )


class ChangeStore(Protocol):
    """What changes of hands need from the store."""

    async def change(self, change: Change) -> bool: ...


class Agents(Protocol):
    """Knows who of staff may come in, and as what."""

    async def role_of(self, account_id: str) -> Role | None: ...


class Custody:
    """Who has a conversation, and whether it is done."""

    def __init__(
        self,
        store: ChangeStore,
        live: LiveConversations,
        reach: Reach,
        audit: AuditTrail,
        sink: EventSink,
        agents: Agents,
        clock: Clock,
    ) -> None:
        self._store = store
        self._live = live
        self._reach = reach
        self._audit = audit
        self._sink = sink
        self._agents = agents
        self._clock = clock

    async def assign(
        self, actor: Actor, conversation_id: str, agent_id: str, *, only_free: bool = False
    ) -> Conversation:
        """Give a conversation to an agent. Whoever had it loses access, unless they are brought in.

        Args:
            actor: who gives it.
            conversation_id: which.
            agent_id: to whom.
            only_free: whether somebody who has it keeps it.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`.
            InvalidInput: there is no such agent, or they are kept out.
            Conflict: somebody changed it at the same moment, or has it.
        """
        await self._require_agent(agent_id)
        live = await self._require(actor, conversation_id, Action.ASSIGN)
        if only_free and live.conversation.assignee_id is not None:
            raise Conflict
        change = _change(live.conversation, assignee_id=agent_id)
        if agent_id in live.conversation.participant_ids:
            change = replace(change, let_go=agent_id)
        return await self._apply(actor, live, change, "chat:conversation:assigned", agent_id)

    async def release(self, actor: Actor, conversation_id: str) -> Conversation:
        """Give a conversation back to the queue. Nobody of staff can read it then.

        Raises:
            NotFound, NotPermitted, Conflict: see `assign`.
        """
        live = await self._require(actor, conversation_id, Action.RELEASE)
        change = replace(_change(live.conversation), assignee_id=None, alone=True)
        return await self._apply(actor, live, change, "chat:conversation:released")

    async def bring_in(self, actor: Actor, conversation_id: str, agent_id: str) -> Conversation:
        """Let a colleague take part.

        Raises:
            NotFound, NotPermitted, InvalidInput, Conflict: see `assign`.
        """
        await self._require_agent(agent_id)
        live = await self._require(actor, conversation_id, Action.BRING_IN)
        change = _change(live.conversation)
        if agent_id not in {live.conversation.assignee_id, *live.conversation.participant_ids}:
            change = replace(change, brought_in=agent_id)
        return await self._apply(actor, live, change, "chat:conversation:brought_in", agent_id)

    async def let_go(self, actor: Actor, conversation_id: str, agent_id: str) -> Conversation:
        """Let a colleague take part no more; whoever was brought in may also leave by themselves.

        Raises:
            NotFound, NotPermitted, Conflict: see `assign`.
        """
        leaves = agent_id == actor.account_id
        live = await self._live.get(conversation_id)
        wanted = Action.LEAVE if leaves and self._reach.can(actor, Action.LEAVE, live.conversation) else Action.BRING_IN
        live = await self._require(actor, conversation_id, wanted)
        change = _change(live.conversation)
        if agent_id in live.conversation.participant_ids:
            change = replace(change, let_go=agent_id)
        return await self._apply(actor, live, change, "chat:conversation:let_go", agent_id)

    async def close(self, actor: Actor, conversation_id: str) -> Conversation:
        """Mark a conversation as done. The customer's next message opens it again.

        Raises:
            NotFound, NotPermitted, Conflict: see `assign`.
        """
        live = await self._require(actor, conversation_id, Action.CLOSE)
        return await self._apply(actor, live, _change(live.conversation, status=Status.CLOSED), _CLOSED)

    async def reopen(self, actor: Actor, conversation_id: str) -> Conversation:
        """Mark a conversation as not done after all.

        Raises:
            NotFound, NotPermitted, Conflict: see `assign`.
        """
        live = await self._require(actor, conversation_id, Action.REOPEN)
        return await self._apply(actor, live, _change(live.conversation, status=Status.OPEN), _REOPENED)

    async def _require_agent(self, agent_id: str) -> None:
        if not can_be_assigned(await self._agents.role_of(agent_id)):
            raise InvalidInput(fields={"agent_id": "unknown_agent"})

    async def _require(self, actor: Actor, conversation_id: str, action: Action) -> LiveConversation:
        """Give the working state if the actor may do this, its progress saved.

        Between this answer and the store's nothing is waited for, so the state that was asked is the one expected.
        """
        live = await self._live.get(conversation_id)
        if self._reach.can(actor, action, live.conversation):
            await self._live.save([live])
        self._reach.require(actor, action, live.conversation)
        return live

    async def _apply(
        self, actor: Actor, live: LiveConversation, change: Change, action: str, *objects: str
    ) -> Conversation:
        if change.is_none:
            return live.conversation
        entry = AuditEntry(action, actor.account_id, (change.conversation_id, *objects), self._clock())
        changed = False
        try:
            async with self._audit.promises.around([entry]):
                if not await self._store.change(change):
                    live.stale = True
                    raise Conflict
                changed = True
                live.conversation = change.applied(live.conversation)
                self._live.touch(live)
        finally:
            # Also when the trail can't be written yet: the change stands, and its entry is owed; and who may no longer
            # read must leave the room.
            if changed:
                await self._sink.publish([ConversationChanged(live.conversation, turn=_TURNS.get(action))])
        return live.conversation


def _change(conversation: Conversation, *, status: Status | None = None, assignee_id: str | None = None) -> Change:
    """A change from what is now; what is not given stays."""
    before = conversation.status, conversation.assignee_id
    return Change(conversation.id, *before, status or conversation.status, assignee_id or conversation.assignee_id)
