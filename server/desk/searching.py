"""Finds places in conversations: by stems of both languages, and only in what the asker may read at this moment.

The newest pieces are looked for in memory, where all that must be there is compared at once. Of older ones the rarest
of what must be there (a word, or that the asker takes part) is read in windows of the index, a window as wide as some
hundred pieces are expected in it, so a common word is never read whole. What is found is read as it is stored now, all
of a page together and of each only the message that is shown; the asker's right to it is asked for again before.
Conversations that somebody reads by way of exception are not searched: who breaks a glass looks at what they asked for.
"""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from nlp.terms import matches, terms_of
from server.chat.model import Conversation, Message, Status
from server.chat.service import ChatService
from server.desk.cases import Cases
from server.desk.indexing import Indexer
from server.desk.model import Row
from server.desk.notes import Notes
from server.desk.pieces import Piece, Spot, person_key, spot_of
from server.desk.recent import Recent
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.background import Background
from server.kernel.cursors import number_cursor, number_place
from server.kernel.errors import DomainError, InvalidInput
from server.kernel.ports import Limiter
from server.kernel.restraint import Restraints, Unrestrained, Use
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


class Talks(Protocol):
    """Reads conversations and messages, whoever asks, many at a time; `chat.registry` does."""

    async def several(self, conversation_ids: Collection[str]) -> Mapping[str, Conversation]: ...
    async def placed(self, places: Collection[tuple[str, int]]) -> list[Message]: ...


class DeskSearch:
    """The use case.

    Args:
        store: the index.
        indexer: writes it.
        recent: the newest pieces in memory; None where others may write to the index too.
        talks: reads what is found.
        notes: reads notes.
        cases: knows what is done with conversations.
        chat: knows who may read what.
        intake: the gate.
        limiter: how often somebody may ask.
    """

    def __init__(
        self,
        store: PieceStore,
        indexer: Indexer,
        recent: Recent | None,
        talks: Talks,
        notes: Notes,
        cases: Cases,
        chat: ChatService,
        intake: Intake,
        limiter: Limiter,
    ) -> None:
        self._store = store
        self._indexer = indexer
        self._recent = recent
        self._talks = talks
        self._notes = notes
        self._cases = cases
        self._chat = chat
        self._intake = intake
        self._limiter = limiter
        self._counts: Counter[str] = Counter()
        self._sampled = 0
        self._sampling = Background()
        self._restraints: Restraints = Unrestrained()

    def heed(self, restraints: Restraints) -> None:
        """Find nothing of people who have restricted all use of what is theirs: it is read where it stands, no more."""
        self._restraints = restraints

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
        top = number_place(query.cursor, _MARK)
        if top is None:
            await self._catch_up(actor)
            top = await self._store.last_number()
        hits: list[Hit] = []
        async for spots, bottom in self._spots(words, person_key(actor.account_id), top, query.limit):
            for start in range(0, len(spots), query.limit):
                some = spots[start : start + query.limit]
                looked = await self._look(actor, some, words, query)
                for spot in some:
                    hits += [looked[spot.id]] if spot.id in looked else []
                    if len(hits) >= query.limit:
                        return Found(hits, _next(spot.number - 1))
            top = bottom
        return Found(hits, _next(top))

    async def _spots(
        self, words: Sequence[str], reader: str, top: int, most: int
    ) -> AsyncIterator[tuple[list[Spot], int]]:
        """Give pieces that hold all of some words and that a reader had, newest first, and up to where that goes."""
        driver = self._rarest([*words, reader])
        width = max(_NARROWEST, int(_BLOCK / self._density(driver)))
        wanted = {*words, reader}
        for _ in range(_MOST_WINDOWS):
            if top <= 0:
                break
            floor = None if self._recent is None else self._recent.floor
            if self._recent is not None and floor is not None and top > floor:
                spots = self._recent.newest(words, [reader], top, most)
                bottom = spots[-1].number - 1 if len(spots) >= most else floor
            else:
                bottom = max(0, top - width)
                pieces = await self._store.with_key(driver, bottom, top)
                spots = [spot_of(piece, words) for piece in pieces if wanted <= piece.keys]
                spots.sort(key=lambda spot: -spot.number)
            yield spots, bottom
            top = bottom

    async def _catch_up(self, actor: Actor) -> None:
        """Have written what was said of late in what the actor may read."""
        rows = [self._cases.board.get(case_id) for case_id in self._indexer.waiting()]
        mine = {row.case.id for row in rows if row is not None and self._chat.may_read(actor, row.conversation)}
        if mine:
            await self._indexer.flush(mine)

    async def _look(self, actor: Actor, spots: Sequence[Spot], words: Sequence[str], query: Query) -> dict[str, Hit]:
        """Look at pieces as they are stored now, where the actor may read them now; reading is written down.

        Returns:
            Piece -> what is found in it.
        """
        known = await self._talks.several({spot.conversation_id for spot in spots})
        readable = [
            item
            for item in known.values()
            if self._chat.may_read(actor, item)
            and query.status in {None, item.status}
            and not self._restraints.stands(item.customer_id, Use.ALL)
        ]
        rows = {row.conversation.id: row for row in await self._cases.rows(readable)}
        if query.label is not None:
            rows = {key: row for key, row in rows.items() if query.label in row.case.labels}
        best = await self._best([spot for spot in spots if spot.conversation_id in rows], rows, words, query)
        found = {spot.conversation_id for spot in spots if spot.id in best}
        allowed = await self._chat.require_readers(actor, [rows[item].conversation for item in found])
        return {
            spot.id: Hit(rows[spot.conversation_id], kind, place, excerpt(text, words), at)
            for spot in spots
            if spot.id in best and spot.conversation_id in allowed
            for kind, place, text, at in [best[spot.id]]
        }

    async def _best(
        self, spots: Sequence[Spot], rows: Mapping[str, Row], words: Sequence[str], query: Query
    ) -> dict[str, Place]:
        """Give of each piece the place that says most of the words, and of several the newest."""
        dated = query.since is not None or query.until is not None
        seqs = {spot.id: spot.seqs(all_of_them=dated) for spot in spots if spot.places is not None}
        best = await self._read(spots, seqs, rows, words, query)
        # Written before it was known which message says what, or changed at this moment: all of it is read.
        left = [spot for spot in spots if spot.id not in best and (spot.places is None or not dated)]
        for spot in left:
            if spot.places is None and spot.block is not None:
                self._indexer.mend(spot.conversation_id, spot.block)
        whole = {spot.id: spot.whole() for spot in left if spot.block is not None}
        return best | (await self._read(left, whole, rows, words, query) if whole else {})

    async def _read(
        self,
        spots: Sequence[Spot],
        seqs: Mapping[str, Sequence[int]],
        rows: Mapping[str, Row],
        words: Sequence[str],
        query: Query,
    ) -> dict[str, Place]:
        """Read some messages of some pieces (piece -> which), and give of each piece the best place."""
        asked = {(spot.conversation_id, seq) for spot in spots for seq in seqs.get(spot.id, ())}
        messages = {(item.conversation_id, item.seq): item for item in await self._talks.placed(asked)}
        best: dict[str, Place] = {}
        for spot in spots:
            conversation = rows[spot.conversation_id].conversation
            found: list[Place] = []
            for seq in seqs.get(spot.id, ()):
                message = messages.get((spot.conversation_id, seq))
                if message is not None:
                    found.append(("message", message.seq, message.text, message.created_at))
            if spot.block == 0 and conversation.subject is not None:
                found.append(("subject", None, conversation.subject, conversation.created_at))
            if spot.block is None:
                for note in await self._notes.of(conversation):
                    found.append(("note", note.number, note.text, note.created_at))
            inside = [item for item in found if _within(item[3], query)]
            said = [(len(_said(item[2], words)), item[3], index) for index, item in enumerate(inside)]
            most = max(said, default=None)
            if most is not None and most[0] > 0:
                best[spot.id] = inside[most[2]]
        return best

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


def _next(number: int) -> str | None:
    return number_cursor(number, _MARK) if number > 0 else None
