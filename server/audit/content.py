"""Whether the stored texts are those that the trail tells of: by their digests, text by text.

Each capability that keeps texts says which entries tell of them (`Told`): the whole that a text stands in, its id, its
digest, and with the count `seq` its place there. Of several entries about a text the newest counts; one of which nobody
knows whether its change was made (`unconfirmed`) may fit or not. Entries made before there were digests say nothing of
the text. A text that is there and that the trail does not tell of is found where it lies between others or after the
last one of its whole. Must not know how texts are stored.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import orjson

from server.audit.model import Block, content_digest, content_key, stored_bytes

_WITH_DIGEST = 3
_WINDOW = 50
_LOOKS = 3
_PAUSE_S = 0.5


class StoredTexts(Protocol):
    """Where the texts are."""

    async def texts(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Give what was stored of those texts that there are, as their digests were made of it; at most 50."""
        ...

    def text_id(self, whole_id: str, seq: int) -> str:
        """Give the id of a text by its place, which is counted from 1 without gaps."""
        ...


@dataclass(frozen=True, slots=True)
class TextKind:
    """Texts of a kind, and the entries that tell of them.

    Attributes:
        name: what one is called, `message`, `post`.
        actions: of the entries.
        texts: where they are.
        after_crash: those of the actions by which a text is told of that a crash left; true only of one that the trail
            did not tell of before, or else whoever changes a text could have it told of anew.
    """

    name: str
    actions: frozenset[str]
    texts: StoredTexts
    after_crash: frozenset[str] = frozenset()


class Blocks(Protocol):
    """Where the trail is."""

    async def blocks(self, first: int, last: int) -> Sequence[Block | None]: ...


@dataclass(frozen=True, slots=True)
class ContentReport:
    """What was found.

    Attributes:
        checked: how many texts were compared with a digest; one that was changed since counts more than once.
        unsealed: how many entries tell of a text without a digest.
        doubtful: how many tell of what a crash left, which nobody saw being done.
        changed: texts that are others, each as `NAME ID`.
        missing: texts that the trail tells of and that are not there.
        untold: texts that are there and that the trail does not tell of.
    """

    checked: int
    unsealed: int
    doubtful: int
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    untold: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether all of it fits."""
        return not (self.changed or self.missing or self.untold)


@dataclass(slots=True)
class _Expected:
    """What a text has to be, as far as the entries since the last comparison tell.

    Attributes:
        digests: one of them fits.
        sure: whether one of them was of a change that was made; else the text may be what it was before.
        revision: of the newest text that was told of.
    """

    digests: set[str]
    sure: bool
    revision: int


@dataclass(slots=True)
class _Told:
    """Which texts of a whole the trail tells of: all from `first` to `upto`, and some beyond."""

    upto: int
    beyond: set[int] = field(default_factory=set)

    def add(self, seq: int) -> None:
        if seq > self.upto:
            self.beyond.add(seq)
        while self.upto + 1 in self.beyond:
            self.upto += 1
            self.beyond.discard(self.upto)

    def has(self, seq: int) -> bool:
        return seq <= self.upto or seq in self.beyond

    def not_told(self) -> list[int]:
        top = max(self.beyond, default=self.upto)
        return [seq for seq in range(self.upto + 1, top + 2) if seq not in self.beyond]


class ContentCheck:
    """Compares texts while the trail is checked; an `audit.verification.Observer`.

    Args:
        key: of the trail.
        blocks: where the trail is.
        kinds: of texts.
    """

    def __init__(self, key: bytes, blocks: Blocks, kinds: Sequence[TextKind]) -> None:
        self._key = content_key(key)
        self._blocks = blocks
        self._kinds = {action: kind for kind in kinds for action in kind.actions}
        self._beginnings = tuple(f'["{action}"' for action in self._kinds)
        self.begin()

    def begin(self) -> None:
        """Begin anew."""
        self._number = 0
        self._whole = True
        self._checked = self._unsealed = self._doubtful = 0
        self._waiting: dict[tuple[str, str], _Expected] = {}
        self._texts = {kind.name: kind.texts for kind in self._kinds.values()}
        self._changed: set[str] = set()
        self._missing: set[str] = set()
        self._told: dict[tuple[str, str], _Told] = {}

    async def take(self, block: Block) -> None:
        """Take over what a block tells of texts."""
        if self._number == 0:
            self._whole = block.number == 1
        self._number = block.number
        for line in block.lines:
            if line.startswith(self._beginnings):
                action, _, objects, counts, _ = orjson.loads(stored_bytes(line))
                self._take_entry(self._kinds[action], action, objects, counts)
            if len(self._waiting) >= _WINDOW:
                await self._compare()

    async def report(self) -> ContentReport:
        """Say what was found, after the trail was read to its end.

        Texts may come in and be changed meanwhile, and are audited a moment after they are stored: so what does not fit
        is looked at again, with what the trail has got since.
        """
        for look in range(1, _LOOKS + 1):
            await self._compare()
            untold = await self._untold()
            report = ContentReport(
                self._checked,
                self._unsealed,
                self._doubtful,
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

    def _take_entry(self, kind: TextKind, action: str, objects: Sequence[str], counts: Mapping[str, int]) -> None:
        sure, seq = not counts.get("unconfirmed"), counts.get("seq")
        if action in kind.after_crash:
            told = self._told.get((kind.name, objects[0]))
            if told is not None and seq is not None and told.has(seq):
                return
        self._doubtful += action in kind.after_crash or not sure
        if sure:
            self._tell(kind.name, objects[0], seq)
        if len(objects) == _WITH_DIGEST:
            self._expect((kind.name, objects[1]), objects[2], counts.get("revision", 0), sure=sure)
        else:
            self._unsealed += 1

    def _tell(self, kind: str, whole_id: str, seq: object) -> None:
        if not isinstance(seq, int):
            return
        # Where the trail's beginning was removed, it is not known what it told.
        first = 1 if self._whole else seq
        self._told.setdefault((kind, whole_id), _Told(first - 1)).add(seq)

    def _expect(self, text: tuple[str, str], digest: str, revision: int, *, sure: bool) -> None:
        before = self._waiting.get(text)
        if before is None:
            self._waiting[text] = _Expected({digest}, sure, revision)
        elif not sure:
            before.digests.add(digest)
        elif revision >= before.revision:
            # What was changed while it was being told of may be told of in the other order.
            self._waiting[text] = _Expected({digest}, True, revision)

    async def _compare(self) -> None:
        for name, store in self._texts.items():
            ids = [identity for kind, identity in self._waiting if kind == name]
            for start in range(0, len(ids), _WINDOW):
                asked = ids[start : start + _WINDOW]
                found = await store.texts(asked)
                for identity in asked:
                    self._judge(name, identity, found.get(identity), self._waiting[name, identity])
        self._waiting.clear()

    def _judge(self, kind: str, identity: str, text: str | None, expected: _Expected) -> None:
        named = f"{kind} {identity}"
        self._checked += 1
        fits = text is not None and content_digest(self._key, identity, text) in expected.digests
        if not fits and not expected.sure:
            # The change was not made, so what was told before holds.
            return
        self._changed.discard(named)
        if text is None:
            self._missing.add(named)
        elif not fits:
            # It may have been changed: then a later entry tells of the new text.
            self._changed.add(named)

    async def _untold(self) -> list[str]:
        found: list[str] = []
        for name, store in self._texts.items():
            told = [(whole, places) for (kind, whole), places in self._told.items() if kind == name]
            ids = [store.text_id(whole, seq) for whole, places in told for seq in places.not_told()]
            for start in range(0, len(ids), _WINDOW):
                found += [f"{name} {identity}" for identity in await store.texts(ids[start : start + _WINDOW])]
        return found
