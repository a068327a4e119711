"""Use case of transcripts: a customer has their own conversation sent to them, as it is stored: redacted.

Only to an address that is known to be theirs, and only when they ask. Must not know addresses.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.chat.model import Action, Message
from server.chat.reach import Reach
from server.chat.registry import LiveConversations
from server.kernel.actor import Actor
from server.kernel.errors import Conflict
from server.kernel.ports import Clock, Directory, Limiter

LETTER: Final = "transcript"
MOST_SENT: Final = 300
"""Messages of one letter; of longer conversations the last ones."""

_ELLIPSIS = "…"


class TranscriptStore(Protocol):
    """What transcripts need from the store of chat, which says what each does."""

    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]: ...


class Post(Protocol):
    """Writes to people by the id of their account; `accounts.correspondence` does."""

    async def write(
        self,
        account_id: str,
        letter: str,
        links: Callable[[str], Mapping[str, str]],
        *,
        limited: bool = True,
        values: Mapping[str, str] | None = None,
    ) -> bool: ...


class Transcripts:
    """The use case.

    Args:
        store: where messages are.
        reach: who may do what.
        registry: conversations in use.
        directory: names.
        post: writes letters; None where there is no mail.
        audit: the trail.
        limiter: rate limits.
        clock: the time.
        zone: whose clock the times in a transcript are of.
    """

    def __init__(
        self,
        store: TranscriptStore,
        reach: Reach,
        registry: LiveConversations,
        directory: Directory,
        post: Post | None,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
        zone: Callable[[], str],
    ) -> None:
        self._store = store
        self._reach = reach
        self._registry = registry
        self._directory = directory
        self._post = post
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self._zone = zone

    async def send(self, actor: Actor, conversation_id: str) -> None:
        """Send it to the actor's own address.

        Raises:
            NotFound, NotPermitted: see `chat.model.require`; it is for the customer only.
            Conflict: there is no address that is known to be theirs.
            RateLimited: too often.
            Unavailable: it is not known to be on its way.
        """
        conversation = (await self._registry.get(conversation_id)).conversation
        self._reach.require(actor, Action.RATE, conversation)
        await self._limiter.spend("transcript", actor.account_id)
        last = conversation.last_seq
        messages = await self._store.messages(conversation_id, max(0, last - MOST_SENT), last)
        people = await self._directory.actors(sorted({message.author_id for message in messages}))
        text = written(messages, people, ZoneInfo(self._zone()), whole=last <= MOST_SENT)
        sent = self._post is not None and await self._post.write(
            actor.account_id, LETTER, _no_links, values={"transcript": text}
        )
        if not sent:
            raise Conflict(fields={"address": "not_verified"})
        counts = {"messages": len(messages)}
        await self._audit.append(
            [AuditEntry("chat:transcript:sent", actor.account_id, (conversation_id,), self._clock(), counts)]
        )


def written(messages: list[Message], people: Mapping[str, Actor], zone: ZoneInfo, *, whole: bool) -> str:
    """Give a conversation as text: a line for each message, with time and name; what was deleted is not in it."""
    lines = [] if whole else [_ELLIPSIS]
    for message in messages:
        if message.deleted_at is None:
            name = people[message.author_id].display_name if message.author_id in people else "—"
            files = "".join(f"\n    📎 {item.name.value}" for item in message.attachments)
            said = message.text.value.replace("\n", "\n    ")
            lines.append(f"[{_moment(message.created_at, zone)}] {name}: {said}{files}")
    return "\n".join(lines)


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _no_links(_locale: str) -> Mapping[str, str]:
    return {}
