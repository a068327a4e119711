"""Finds places in conversations: by stems of both languages, and only in what the asker may read at this moment.

The rarest of what must be there (a word, or that the asker takes part) is read in windows of the index, a window as
wide as some hundred pieces are expected in it, so a common word is never read whole. What is found is looked at as it
is stored now, and every conversation is asked for again before anything of it is shown. Conversations that somebody
reads by way of exception are not searched: who breaks a glass looks at what they asked for.
"""

import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from nlp.terms import matches, terms_of
from server.chat.model import Conversation, Message, Status
from server.chat.service import ChatService
from server.desk.cases import Cases, Talks
from server.desk.indexing import PIECE, Indexer, Piece, person_key
from server.desk.model import Row
from server.desk.notes import Notes
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.background import Background
from server.kernel.errors import DomainError, InvalidInput, NotFound
from server.kernel.ports import Limiter
from server.kernel.text import RawText, RedactedText

logger = logging.getLogger("amanah.desk")

MOST_WORDS: Final = 12
_BLOCK: Final = 100
_NARROWEST: Final = 64
_MOST_WINDOWS: Final = 12
_SAMPLE: Final = 1_000
_SAMPLED_AT_ONCE: Final = 25
_UNSEEN: Final = 0.2
_AROUND: Final = 120
_MARK: Final = "q:"


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for; None asks for nothing."""

    text: RawText
    status: Status | None = None
    label: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A place: a message, a note, or the subject."""

    row: Row
    kind: Literal["message", "note", "subject"]
    place: int | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Places, newest first; where the next ones begin. What was looked for is not given back."""

    hits: list[Hit]
    cursor: str | None


Place = tuple[Literal["message", "note", "subject"], int | None, RedactedText, datetime]
"""A place that may be shown: what it is, where, what it says, when."""


class PieceStore(Protocol):
    """The index; `search_store` says what each does."""

    async def last_number(self) -> int: ...
    async def with_key(self, key: str, above: int, up_to: int) -> list[Piece]: ...
    async def numbered(self, above: int, up_to: int) -> list[Piece]: ...


class Messages(Protocol):
    """Reads messages, whoever asks; `chat.store` does."""

    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]: ...


class DeskSearch:
    """The use case."""

    def __init__(
        self,
        store: PieceStore,
        indexer: Indexer,
        messages: Messages,
        notes: Notes,
        cases: Cases,
        talks: Talks,
        chat: ChatService,
        intake: Intake,
        limiter: Limiter,
    ) -> None:
        self._store = store
        self._indexer = indexer
        self._messages = messages
        self._notes = notes
        self._cases = cases
        self._talks = talks
        self._chat = chat
        self._intake = intake
        self._limiter = limiter
        self._counts: Counter[str] = Counter()
        self._sampled = 0
        self._sampling = Background()

    def start(self) -> None:
        """Begin to learn which keys are common; searching works meanwhile."""
        self._sampling.start(self._sample(), name="desk-search-sample")

    async def close(self) -> None:
        """End."""
        await self._sampling.stop()

    async def search(self, actor: Actor, query: Query) -> Found:
        """Find places. A page may hold fewer than asked for while there are more.

        Raises:
            InvalidInput: there is no word to look for, or the cursor is none of ours.
            RedactionUnavailable: see the gate.
            RateLimited: too many.
        """
        await self._limiter.spend("reading", actor.account_id)
        asked, _ = await self._intake.ask(query.text, sender=actor.account_id)
        words = terms_of(asked.value, most=MOST_WORDS)
        if not words:
            raise InvalidInput(fields={"q": "required"})
        top = _number(query.cursor)
        if top is None:
            await self._catch_up(actor)
            top = await self._store.last_number()
        key = self._rarest([*words, person_key(actor.account_id)])
        width = max(_NARROWEST, int(_BLOCK / self._density(key)))
        wanted = frozenset(words)
        mine = person_key(actor.account_id)
        hits: list[Hit] = []
        for _ in range(_MOST_WINDOWS):
            if top <= 0:
                break
            bottom = max(0, top - width)
            pieces = await self._store.with_key(key, bottom, top)
            fitting = [piece for piece in pieces if wanted <= piece.keys and mine in piece.keys]
            for piece in sorted(fitting, key=lambda item: -item.number):
                hit = await self._look(actor, piece, words, query)
                if hit is not None:
                    hits.append(hit)
                if len(hits) >= query.limit:
                    return Found(hits, _cursor(piece.number - 1))
            top = bottom
        return Found(hits, _cursor(top))

    async def _catch_up(self, actor: Actor) -> None:
        """Have written what was said of late in what the actor may read."""
        rows = [self._cases.board.get(case_id) for case_id in self._indexer.waiting()]
        mine = {row.case.id for row in rows if row is not None and self._chat.may_read(actor, row.conversation)}
        if mine:
            await self._indexer.flush(mine)

    async def _look(self, actor: Actor, piece: Piece, words: Sequence[str], query: Query) -> Hit | None:
        """Look at a piece as it is stored now, if the actor may read it now; reading is written down."""
        try:
            conversation = await self._talks(piece.conversation_id)
        except NotFound:
            return None
        if not self._chat.may_read(actor, conversation) or query.status not in {None, conversation.status}:
            return None
        row = await self._cases.row(conversation)
        if query.label is not None and query.label not in row.case.labels:
            return None
        best = await self._best(conversation, piece, words, query)
        if best is None:
            return None
        try:
            await self._chat.require_reader(actor, conversation.id)
        except NotFound:
            return None
        kind, place, text, at = best
        return Hit(row, kind, place, excerpt(text, words), at)

    async def _best(self, conversation: Conversation, piece: Piece, words: Sequence[str], query: Query) -> Place | None:
        """The place of a piece that says most of the words, and of several the newest."""
        found: list[Place] = []
        block = piece.block
        if block is None:
            for note in await self._notes.of(conversation):
                found.append(("note", note.number, note.text, note.created_at))
        else:
            for message in await self._messages.messages(conversation.id, block * PIECE, (block + 1) * PIECE):
                found.append(("message", message.seq, message.text, message.created_at))
            if block == 0 and conversation.subject is not None:
                found.append(("subject", None, conversation.subject, conversation.created_at))
        inside = [item for item in found if _within(item[3], query)]
        said = [(len(_said(item[2], words)), item[3], index) for index, item in enumerate(inside)]
        most = max(said, default=None)
        return None if most is None or most[0] == 0 else inside[most[2]]

    # --- what is common --------------------------------------------------------------------------------------------

    async def _sample(self) -> None:
        """Look at some pieces, evenly spread, to tell common keys from rare ones."""
        try:
            last = await self._store.last_number()
            stride = max(_SAMPLED_AT_ONCE, last * _SAMPLED_AT_ONCE // _SAMPLE)
            for above in range(0, last, stride):
                for piece in await self._store.numbered(above, above + _SAMPLED_AT_ONCE):
                    self._counts.update(piece.keys)
                    self._sampled += 1
        except DomainError:
            logger.warning("the desk's search walks in small steps until the next start")

    def _density(self, key: str) -> float:
        return (self._counts[key] + _UNSEEN) / (self._sampled + 1)

    def _rarest(self, keys: Sequence[str]) -> str:
        return min(keys, key=lambda key: (self._density(key), key))


def excerpt(text: RedactedText, words: Sequence[str]) -> str:
    """Give the part of a text around the first of some words; cut at blanks, so that no placeholder is."""
    shown = text.value
    found = matches(shown, words)
    if len(shown) <= 2 * _AROUND or not found:
        return shown if len(shown) <= 4 * _AROUND else shown[: shown.rfind(" ", 0, 4 * _AROUND) + 1] + "…"
    start = max(0, found[0][0] - _AROUND)
    end = min(len(shown), found[0][1] + _AROUND)
    if start > 0:
        start = shown.find(" ", start, found[0][0]) + 1 or found[0][0]
    if end < len(shown):
        blank = shown.rfind(" ", found[0][1], end)
        end = blank if blank > 0 else found[0][1]
    return ("…" if start else "") + shown[start:end] + ("…" if end < len(shown) else "")


def _said(text: RedactedText, words: Sequence[str]) -> set[str]:
    """Which of some words a text says."""
    return set(words) & set(terms_of(text.value))


def _within(at: datetime, query: Query) -> bool:
    return (query.since is None or at >= query.since) and (query.until is None or at < query.until)


def _cursor(number: int) -> str | None:
    if number <= 0:
        return None
    return urlsafe_b64encode(f"{_MARK}{number}".encode()).decode().rstrip("=")


def _number(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (Base64Error, ValueError):
        text = ""
    number = text.removeprefix(_MARK)
    if not text.startswith(_MARK) or not number.isdecimal() or len(number) > 18:
        raise InvalidInput(fields={"cursor": "malformed"})
    return int(number)
