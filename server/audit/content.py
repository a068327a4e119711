"""Whether the stored texts are those that the trail tells of: by their digests, message by message.

Of several entries about a message the newest counts. Entries made before there were digests say nothing of the text.
A message that is there and that the trail does not tell of is found where it lies between others or after the last one
of its conversation. Must not know how messages are stored.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import orjson

from server.audit.model import Block, content_digest, content_key, stored_bytes

_ABOUT_MESSAGES = '["chat:message:'
_WITH_DIGEST = 3
_WINDOW = 50
_LOOKS = 3
_PAUSE_S = 0.5


class StoredTexts(Protocol):
    """Where the texts are."""

    async def texts(self, message_ids: Sequence[str]) -> Mapping[str, str]:
        """Give the stored, redacted texts of those messages that there are; at most 50."""
        ...

    def message_id(self, conversation_id: str, seq: int) -> str:
        """Give the id of a message by its place."""
        ...


class Blocks(Protocol):
    """Where the trail is."""

    async def blocks(self, first: int, last: int) -> Sequence[Block | None]: ...


@dataclass(frozen=True, slots=True)
class ContentReport:
    """What was found.

    Attributes:
        checked: how many texts were compared with a digest; one that was corrected since counts more than once.
        unsealed: how many entries tell of a text without a digest.
        changed: ids of messages whose text is another one.
        missing: ids of messages that the trail tells of and that are not there.
        untold: ids of messages that are there and that the trail does not tell of.
    """

    checked: int
    unsealed: int
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    untold: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether all of it fits."""
        return not (self.changed or self.missing or self.untold)


@dataclass(slots=True)
class _Told:
    """Which messages of a conversation the trail tells of: all from `first` to `upto`, and some beyond."""

    upto: int
    beyond: set[int] = field(default_factory=set)

    def add(self, seq: int) -> None:
        if seq > self.upto:
            self.beyond.add(seq)
        while self.upto + 1 in self.beyond:
            self.upto += 1
            self.beyond.discard(self.upto)

    def not_told(self) -> list[int]:
        top = max(self.beyond, default=self.upto)
        return [seq for seq in range(self.upto + 1, top + 2) if seq not in self.beyond]


class ContentCheck:
    """Compares texts while the trail is checked; an `audit.verification.Observer`.

    Args:
        key: of the trail.
        blocks: where the trail is.
        store: where the texts are.
    """

    def __init__(self, key: bytes, blocks: Blocks, store: StoredTexts) -> None:
        self._key = content_key(key)
        self._blocks = blocks
        self._store = store
        self.begin()

    def begin(self) -> None:
        """Begin anew."""
        self._number = 0
        self._whole = True
        self._checked = self._unsealed = 0
        self._waiting: dict[str, str] = {}
        self._changed: set[str] = set()
        self._missing: set[str] = set()
        self._told: dict[str, _Told] = {}

    async def take(self, block: Block) -> None:
        """Take over what a block tells of messages."""
        if self._number == 0:
            self._whole = block.number == 1
        self._number = block.number
        for line in block.lines:
            if line.startswith(_ABOUT_MESSAGES):
                _, _, objects, counts, _ = orjson.loads(stored_bytes(line))
                self._tell(objects[0], counts.get("seq"))
                if len(objects) == _WITH_DIGEST:
                    self._waiting[objects[1]] = objects[2]
                else:
                    self._unsealed += 1
            if len(self._waiting) >= _WINDOW:
                await self._compare()

    async def report(self) -> ContentReport:
        """Say what was found, after the trail was read to its end.

        Messages may come in and be corrected meanwhile, and are audited a moment after they are stored: so what does
        not fit is looked at again, with what the trail has got since.
        """
        for look in range(1, _LOOKS + 1):
            await self._compare()
            untold = await self._untold()
            report = ContentReport(
                self._checked,
                self._unsealed,
                tuple(sorted(self._changed)),
                tuple(sorted(self._missing)),
                tuple(sorted(untold)),
            )
            if report.ok or look == _LOOKS:
                break
            await asyncio.sleep(_PAUSE_S)
            while found := await self._blocks.blocks(self._number + 1, self._number + _WINDOW):
                for block in found:
                    if block is not None:
                        await self.take(block)
                if found[-1] is None:
                    break
        return report

    def _tell(self, conversation_id: str, seq: object) -> None:
        if not isinstance(seq, int):
            return
        # Where the trail's beginning was removed, it is not known what it told.
        first = 1 if self._whole else seq
        self._told.setdefault(conversation_id, _Told(first - 1)).add(seq)

    async def _compare(self) -> None:
        ids = list(self._waiting)
        for start in range(0, len(ids), _WINDOW):
            asked = ids[start : start + _WINDOW]
            found = await self._store.texts(asked)
            for identity in asked:
                text = found.get(identity)
                self._checked += 1
                self._changed.discard(identity)
                if text is None:
                    self._missing.add(identity)
                elif content_digest(self._key, identity, text) != self._waiting[identity]:
                    # It may have been corrected: then a later entry tells of the new text.
                    self._changed.add(identity)
        self._waiting.clear()

    async def _untold(self) -> list[str]:
        name = self._store.message_id
        ids = [name(conversation, seq) for conversation, told in self._told.items() for seq in told.not_told()]
        found: list[str] = []
        for start in range(0, len(ids), _WINDOW):
            found += await self._store.texts(ids[start : start + _WINDOW])
        return found
