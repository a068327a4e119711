"""The two kinds of text, and the only bridge between them.

`RawText` is what a person typed and lives between the transport and the gate. `RedactedText` is the only kind that a
store, an event or another person may receive. Between them stands a `RedactedTemplate`: the text with holes, where
every hole knows its label and a keyed digest of the value, but not the value. The template becomes `RedactedText`
once the scope's numbering (one conversation, one topic) says which number each value has there.

Only `server.intake` may call `RawText.reveal`; only this module and the stores construct `RedactedText`
(`tests/architecture` reads the sources to make sure).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from nlp.labels import Label
from nlp.placeholders import PLACEHOLDER, format_placeholder


class RawText:
    """What a person typed. Cannot be printed, formatted, compared, copied or serialised by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the typed text. For the gate only."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return f"<RawText of {len(self._value)} characters>"

    def __str__(self) -> NoReturn:
        raise TypeError("RawText does not become a str; it goes through the gate")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("RawText does not become a str; it goes through the gate")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("RawText is never copied or serialised")


class RedactedText:
    """Text that has passed the gate. `value` is safe to store and to show."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __len__(self) -> int:
        return len(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RedactedText) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"<RedactedText of {len(self.value)} characters>"


UNSAID: Final = RedactedText("")
"""Where nothing was written, or nothing is left of it."""
ERASED_TITLE: Final = RedactedText("—")
"""In place of the title of what somebody wrote who was erased, where others wrote under it."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """One hidden identifier as readers see it.

    Attributes:
        placeholder: the token in the text, `⟦PHONE:1⟧`.
        label: what kind of identifier it stands for.
    """

    placeholder: str
    label: Label


@dataclass(frozen=True, slots=True)
class Hidden:
    """A hole in a template: what was hidden, by label and keyed digest. The value is gone."""

    label: Label
    digest: str

    @property
    def key(self) -> str:
        """The entry under which a scope's numbering remembers this value."""
        return f"{self.label.value}:{self.digest}"


MOST_VALUES = 10_000
"""Values that the numbering of one scope remembers: some 0.5 MB."""


class Numbering:
    """Which number each hidden value has within one scope; the same value keeps its number.

    A scope tells `MOST_VALUES` values apart; all that come later share their label's next number. Otherwise whoever
    writes enough invented numbers would outgrow a record, and the grammar of placeholders.

    Args:
        entries: `LABEL:digest` -> N, as stored with the scope. Digests are keyed, so the table can't be looked up
            backwards without the key, which is not in the database.
    """

    __slots__ = ("_entries", "_fresh", "_last")

    def __init__(self, entries: Mapping[str, int] | None = None) -> None:
        self._entries: dict[str, int] = dict(entries or {})
        self._fresh: dict[str, int] = {}
        self._last: dict[str, int] = {}
        for key, number in self._entries.items():
            label = key.partition(":")[0]
            self._last[label] = max(number, self._last.get(label, 0))

    def number(self, hidden: Hidden) -> int:
        """Give the value's number, allotting the label's next one to a value not met before."""
        known = self._entries.get(hidden.key)
        if known is not None:
            return known
        number = self._last.get(hidden.label.value, 0) + 1
        self.learn(hidden, number)
        return number

    def learn(self, hidden: Hidden, number: int) -> None:
        """Take over a number that was allotted before (read back from the store)."""
        if hidden.key in self._entries or len(self._entries) >= MOST_VALUES:
            return
        self._entries[hidden.key] = self._fresh[hidden.key] = number
        self._last[hidden.label.value] = max(number, self._last.get(hidden.label.value, 0))

    def fresh(self) -> dict[str, int]:
        """Give the entries that came since the last call, for storing."""
        fresh, self._fresh = self._fresh, {}
        return fresh

    def unsaved(self, entries: Mapping[str, int]) -> None:
        """Count entries as not stored after all."""
        self._fresh = {**entries, **self._fresh}


@dataclass(frozen=True, slots=True)
class RedactedTemplate:
    """A text with holes. Holds nothing that identifies; numbers come from the scope it is written into."""

    parts: tuple[str | Hidden, ...]

    def fill(self, numbering: Numbering) -> "NumberedText":
        """Write the placeholders with the scope's numbers.

        Numbers new to `numbering` are allotted in it: call this only where the text really enters the scope.
        """
        written: list[str] = []
        hidden: dict[str, tuple[Hidden, int]] = {}
        for part in self.parts:
            if isinstance(part, str):
                written.append(part)
                continue
            number = numbering.number(part)
            placeholder = format_placeholder(part.label, number)
            written.append(placeholder)
            hidden[placeholder] = (part, number)
        found = tuple(hidden.values())
        return NumberedText(RedactedText("".join(written)), redactions_of(found), found)


@dataclass(frozen=True, slots=True)
class NumberedText:
    """A finished text.

    Attributes:
        text: the text with placeholders.
        redactions: each placeholder once, in order of first appearance.
        hidden: the same with digests, so that a scope's numbering can be rebuilt from its texts.
    """

    text: RedactedText
    redactions: tuple[Redaction, ...]
    hidden: tuple[tuple[Hidden, int], ...]


def template_of(parts: Iterable[str | Hidden]) -> RedactedTemplate:
    """Make a template, dropping empty pieces."""
    return RedactedTemplate(tuple(part for part in parts if part != ""))


def joined(title: RedactedText, body: RedactedText) -> RedactedText:
    """Give a title and what stands below it as one text."""
    return RedactedText(f"{title.value}\n\n{body.value}")


def redactions_of(hidden: Iterable[tuple[Hidden, int]]) -> tuple[Redaction, ...]:
    """Give what readers see of hidden values: the placeholder and its label."""
    return tuple(Redaction(format_placeholder(item.label, number), item.label) for item, number in hidden)


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of a redacted text that is to be hidden after all.

    Attributes:
        start: code point where it begins; outside of every placeholder.
        end: code point after its last.
        hidden: what stands for it.
        number: its number in the scope.
    """

    start: int
    end: int
    hidden: Hidden
    number: int


def gaps_of(text: str) -> list[tuple[int, int]]:
    """Where a redacted text is not a placeholder: start and end of each piece, in code points."""
    gaps: list[tuple[int, int]] = []
    position = 0
    for found in PLACEHOLDER.finditer(text):
        gaps.append((position, found.start()))
        position = found.end()
    gaps.append((position, len(text)))
    return [(start, end) for start, end in gaps if start < end]


def taken_out(text: RedactedText, pieces: Sequence[tuple[int, int, str]]) -> RedactedText:
    """Give a text that is redacted already with less in it: signs of ours stand in the place of some pieces.

    Args:
        text: as stored.
        pieces: start and end in code points, and the sign; sorted and disjoint.
    """
    written: list[str] = []
    position = 0
    for start, end, sign in pieces:
        written += [text.value[position:start], sign]
        position = end
    return RedactedText("".join([*written, text.value[position:]]))


def cut_out(text: RedactedText, known: Iterable[tuple[Hidden, int]], cuts: Sequence[Cut]) -> NumberedText:
    """Hide more in a text that is redacted already: the one way in which a stored text changes.

    Args:
        text: as stored.
        known: what its placeholders stand for.
        cuts: sorted, disjoint, touching no placeholder.

    Raises:
        ValueError: the cuts are not so.
    """
    gaps = gaps_of(text.value)
    written: list[str] = []
    position = 0
    for cut in cuts:
        if cut.start < position or not any(start <= cut.start < cut.end <= end for start, end in gaps):
            raise ValueError("a cut does not fit the text")
        written += [text.value[position : cut.start], format_placeholder(cut.hidden.label, cut.number)]
        position = cut.end
    written.append(text.value[position:])
    shown = RedactedText("".join(written))
    meanings = {format_placeholder(hidden.label, number): (hidden, number) for hidden, number in known}
    meanings |= {format_placeholder(cut.hidden.label, cut.number): (cut.hidden, cut.number) for cut in cuts}
    order = dict.fromkeys(found[0] for found in PLACEHOLDER.finditer(shown.value) if found[0] in meanings)
    found = tuple(meanings[placeholder] for placeholder in order)
    return NumberedText(shown, redactions_of(found), found)
