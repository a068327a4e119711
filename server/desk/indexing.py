"""Keeps the desk's search index as conversations are: in pieces of 64 messages, written once a piece is quiet.

What is heard is only remembered; words are taken and written when a conversation is quiet, or its reader searches.
What a crash lost is found at the start by comparing how far each open conversation's last piece goes.
Must not show anything, nor decide what may be seen.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from server.chat.events import ConversationChanged, ConversationRenamed, MessageChanged, MessageCorrected, MessagePosted
from server.chat.model import Conversation
from server.desk.cases import Talks
from server.desk.model import Note
from server.desk.pieces import (
    PIECE,
    Piece,
    Share,
    block_in,
    block_of,
    notes_id,
    people_in,
    person_key,
    piece_id,
)
from server.desk.recent import Recent
from server.desk.saying import Messages, taken, terms, whole
from server.kernel.background import Background
from server.kernel.errors import DomainError, NotFound
from server.kernel.text import RedactedText

logger = logging.getLogger("amanah.desk")

_QUIET_S: Final = 180.0
_LATEST_S: Final = 1_800.0
"""A piece that is written again costs the embedded engine some 0.1 ms a key, so one that is being written in waits. Who
searches meanwhile has what they may read written first."""

_SOON_S: Final = 2.0
"""What a restart does not make up for, or what takes something out, waits no longer."""

_ROUND_S: Final = 0.5
_GROUP: Final = 10
"""Conversations written with one command: while the embedded engine writes keys it answers nobody else."""

_REMEMBERED_AT_ONCE: Final = 50
_REMEMBER_AGAIN_S: Final = 5.0
_REMEMBER_PAUSE_S: Final = 0.02


@dataclass(slots=True)
class Waiting:
    """What is not in the index yet of one conversation."""

    since: float
    last: float
    texts: dict[int, list[tuple[int, RedactedText]]] = field(default_factory=lambda: defaultdict(list))
    anew: set[int] = field(default_factory=set)
    notes: list[RedactedText] = field(default_factory=list)
    people: set[str] = field(default_factory=set)

    def is_due(self, at: float) -> bool:
        """Whether it has waited for long enough."""
        if self.anew or self.notes or self.people:
            return at - self.last >= _SOON_S
        return at - self.last >= _QUIET_S or at - self.since >= _LATEST_S


class IndexStore(Protocol):
    """Where the index is kept; `search_store` says what each does."""

    async def add(self, shares: Sequence[Share]) -> dict[str, int]: ...
    async def tell(self, shares: Sequence[Share]) -> None: ...
    async def find(self, piece_ids: Sequence[str]) -> dict[str, int]: ...
    async def last_number(self) -> int: ...
    async def numbered(self, above: int, up_to: int) -> list[Piece]: ...


class Indexer:
    """Takes in what is heard.

    Args:
        store: the index.
        messages: reads what is to be found.
        talks: gives a conversation as it is now.
        recent: is kept as the index is; None where others may write to it too.
    """

    def __init__(
        self,
        store: IndexStore,
        messages: Messages,
        talks: Talks,
        recent: Recent | None = None,
    ) -> None:
        self._recent = recent
        self._store = store
        self._messages = messages
        self._talks = talks
        self._waiting: dict[str, Waiting] = {}
        self._people: dict[str, frozenset[str]] = {}
        self._turn = asyncio.Lock()
        self._background = Background()
        self._remembering = Background()

    # --- beginning and end -----------------------------------------------------------------------------------------

    async def start(self, conversations: Iterable[Conversation]) -> None:
        """Find what a crash left out of the index, and begin to work in the background.

        Args:
            conversations: those that are open.

        Raises:
            Unavailable: the store does not answer.
        """
        written = [item for item in conversations if item.last_seq]
        last = {item.id: piece_id(item.id, block_of(item.last_seq)) for item in written}
        known = await self._store.find(list(last.values()))
        for item in written:
            if known.get(last[item.id], 0) < item.last_seq:
                self._anew(item.id, range(block_of(item.last_seq) + 1))
        if self._recent is not None:
            self._remembering.start(self._remember(self._recent), name="desk-index-recent")
        self._background.start(self._work(), name="desk-index")

    async def close(self) -> None:
        """Write what waits."""
        await self._remembering.stop()
        await self._background.stop()
        try:
            await self.flush()
        except DomainError:
            logger.warning("the desk's search lags behind; the next start makes up for it")

    # --- hearing ---------------------------------------------------------------------------------------------------

    async def hear_message(self, event: MessagePosted) -> None:
        """Somebody wrote."""
        message = event.message
        self._of(message.conversation_id).texts[block_of(message.seq)].append((message.seq, message.text))

    async def hear_change(self, event: MessageChanged | MessageCorrected) -> None:
        """A stored message is another now. What was taken out of it must not be found any more."""
        message = event.message
        if isinstance(event, MessageCorrected) or message.edited_at is not None or message.deleted_at is not None:
            # The subject stands in the first piece, and is corrected together with messages.
            self._anew(message.conversation_id, {0, block_of(message.seq)})

    async def hear_conversation(self, event: ConversationChanged) -> None:
        """A conversation is in other hands, perhaps."""
        conversation = event.conversation
        if event.progress or not conversation.last_seq:
            return
        people = people_in(conversation)
        if people and self._people.get(conversation.id) != people:
            self._people[conversation.id] = people
            waiting = self._of(conversation.id)
            waiting.people |= {person_key(account_id) for account_id in people}

    async def hear_subject(self, event: ConversationRenamed) -> None:
        """A conversation is about something else now. What it was about before must not be found any more."""
        if event.conversation.last_seq:
            self._anew(event.conversation.id, {0})

    def hear_note(self, note: Note) -> None:
        """Staff wrote a note."""
        self._of(note.conversation_id).notes.append(note.text)

    def mend(self, conversation_id: str, block: int) -> None:
        """Write a piece anew of which it is not known what its messages say, as those from before that was kept."""
        waiting = self._waiting.get(conversation_id)
        # Found again before it is written it does not begin to wait anew.
        if waiting is None or block not in waiting.anew:
            self._anew(conversation_id, {block})

    async def tell(self, pieces: Sequence[Piece]) -> None:
        """Write of pieces what each message says now; nothing else of them is written meanwhile.

        Raises:
            Unavailable: the store does not answer.
        """
        async with self._turn:
            shares = []
            for piece in pieces:
                first = (block_in(piece.id) or 0) * PIECE
                found = await self._messages.messages(piece.conversation_id, first, first + PIECE)
                _, said = await taken([(message.seq, message.text) for message in found])
                upto = found[-1].seq if found else 0
                shares.append(Share(piece.id, piece.conversation_id, piece.keys, upto, said, whole=True))
            await self._store.tell(shares)
            if self._recent is not None and self._recent.floor is not None:
                self._recent.written(shares, {})

    def _of(self, conversation_id: str) -> Waiting:
        at = asyncio.get_running_loop().time()
        waiting = self._waiting.get(conversation_id)
        if waiting is None:
            waiting = self._waiting[conversation_id] = Waiting(at, at)
        waiting.last = at
        return waiting

    def _anew(self, conversation_id: str, blocks: Iterable[int]) -> None:
        self._of(conversation_id).anew |= set(blocks)

    # --- writing ---------------------------------------------------------------------------------------------------

    def waiting(self) -> list[str]:
        """Give the conversations of which something is not written yet."""
        return list(self._waiting)

    async def flush(self, only: Collection[str] | None = None, *, due_only: bool = False) -> None:
        """Write what waits.

        Args:
            only: of these conversations; None for all.
            due_only: only what has waited for long enough.

        Raises:
            Unavailable: the store does not answer; it is tried again.
        """
        async with self._turn:
            at = asyncio.get_running_loop().time()
            chosen = [
                case_id
                for case_id, item in self._waiting.items()
                if (only is None or case_id in only) and (not due_only or item.is_due(at))
            ]
            for start in range(0, len(chosen), _GROUP):
                group = {case_id: self._waiting.pop(case_id) for case_id in chosen[start : start + _GROUP]}
                try:
                    shares = [share for case_id, item in group.items() for share in await self._shares(case_id, item)]
                    await self._write(shares)
                except BaseException:
                    self._put_back(group)
                    raise

    async def put(self, shares: Sequence[Share]) -> None:
        """Write pieces as they are given, whatever was heard: of what is erased nothing is to be found or remembered.

        Raises:
            Unavailable: it is not known what is written; do it again.
        """
        async with self._turn:
            await self._write(shares)

    async def _write(self, shares: Sequence[Share]) -> None:
        """Write, and have it remembered; while nobody else writes or reads what is remembered."""
        if not shares:
            return
        try:
            made = await self._store.add(shares)
        except BaseException:
            # What of it is written is not known: it is remembered anew.
            if self._recent is not None:
                self._recent.clear()
            raise
        if self._recent is not None and self._recent.floor is not None:
            self._recent.written(shares, made)

    def _put_back(self, group: dict[str, Waiting]) -> None:
        for case_id, item in group.items():
            newer = self._waiting.get(case_id)
            if newer is None:
                self._waiting[case_id] = item
                continue
            for block, texts in item.texts.items():
                newer.texts[block] += texts
            newer.anew |= item.anew
            newer.notes += item.notes
            newer.people |= item.people

    async def _shares(self, conversation_id: str, item: Waiting) -> list[Share]:
        try:
            conversation = await self._talks(conversation_id)
        except NotFound:
            return []
        people = {person_key(account_id) for account_id in people_in(conversation)} | item.people
        shares = []
        for block in sorted(item.anew):
            shares.append(await whole(self._messages, conversation, block, people))
        for block, texts in item.texts.items():
            if block in item.anew:
                continue
            keys, said = await taken(texts)
            if block == 0 and conversation.subject is not None:
                keys |= await terms([conversation.subject])
            upto = max(seq for seq, _ in texts)
            piece = piece_id(conversation_id, block)
            shares.append(Share(piece, conversation_id, frozenset(keys | people), upto, said))
        if item.notes:
            keys = people | await terms(item.notes)
            shares.append(Share(notes_id(conversation_id), conversation_id, frozenset(keys), 0))
        if item.people:
            done = {share.id for share in shares}
            ids = [piece_id(conversation_id, block) for block in range(block_of(max(1, conversation.last_seq)) + 1)]
            for piece, upto in (await self._store.find([*ids, notes_id(conversation_id)])).items():
                if piece not in done:
                    shares.append(Share(piece, conversation_id, frozenset(people), upto))
        return shares

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(_ROUND_S)
            try:
                await self.flush(due_only=True)
            except DomainError:
                logger.warning("the desk's search can't be written; it will be tried again")
            except Exception as error:
                logger.error("keeping the desk's search failed: %s", type(error).__name__)

    async def _remember(self, recent: Recent) -> None:
        """Keep the newest pieces in memory: the newest first, a few at a time; what is asked meanwhile goes first."""
        while True:
            try:
                if recent.floor is None:
                    async with self._turn:
                        recent.begin(await self._store.last_number())
                top = recent.floor or 0
                if top > 0 and not recent.is_full:
                    bottom = max(0, top - _REMEMBERED_AT_ONCE)
                    async with self._turn:
                        recent.take_in(await self._store.numbered(bottom, top), bottom)
                    await asyncio.sleep(_REMEMBER_PAUSE_S)
                    continue
            except DomainError:
                logger.warning("the desk's search can't be remembered; it will be tried again")
            await asyncio.sleep(_REMEMBER_AGAIN_S)
