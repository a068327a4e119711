"""The gate: the only way from what a person typed to what may be stored or shown.

limit -> redact -> judge, and it fails closed: without an answer of the redactor nothing is taken in. The raw text is
revealed here and nowhere else; what leaves is a template in which every identifier is a hole with a keyed digest.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol
from weakref import WeakValueDictionary

from moderation.verdicts import Outcome, judge
from nlp.labels import Label
from nlp.normalise import normalise
from nlp.placeholders import PLACEHOLDER, escape, value_key
from nlp.spans import Span, resolve
from server.kernel.errors import InvalidInput, RedactionUnavailable
from server.kernel.ports import SpanFinder
from server.kernel.taught import NOTHING, Taught, entries_of, form_of, name_words, runs, words_of
from server.kernel.text import Hidden, NumberedText, Numbering, RawText, RedactedTemplate, RedactedText, template_of
from server.kernel.wire import MAX_TEXT

_DIGEST_BYTES = 12
_LONG = 1_000
"""Code points. A text made to be laborious costs the redactor some 0.1 ms for each."""

_WORD = 4
"""Letters of the shortest reason that is one: "cek data" says something, "..." does not."""

_TURN_S = 10.0
"""How long a sender's long text waits for the one before it."""

_WINDOW = 3_000
_OVERLAP = 400
"""Code points. Texts of files are read in windows; no identifier is longer than what two of them share."""

_DIGESTS_AT_ONCE = 1_000
"""Digests, about a microsecond each, after which the event loop gets its turn."""

_HANDLE = re.compile(r"(?<![\w@./+-])@(?P<handle>[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)(?![\w@])")
_LONGEST_HANDLE, _MOST_HANDLES = 24, 20
_TELLING = re.compile(r"[0-9@]")
_MARKS = re.compile(r"[*_~`\[\\]")
_PATTERNS = frozenset(Label) - {Label.PERSON, Label.ADDRESS, Label.USERNAME, Label.DOB, Label.PLATE, Label.GEO}
"""What is known by its form alone, so that taking marks out of a text does not change what is found by chance."""

Handles = Callable[[Sequence[str]], Awaitable[Collection[str]]]
"""Handles in lower case -> those among them that somebody has."""

Known = Callable[[Collection[str]], Awaitable[Mapping[str, Hidden]]]
"""Placeholders in a typed text -> what those among them stand for that this very writer may put there again."""

Found = tuple[int, int, Hidden]
"""A piece of a text by its code points, and what stands for it."""


class Watcher(Protocol):
    """Counts what passes the gate; sees labels, never a value."""

    def text(self, template: RedactedTemplate) -> None:
        """A text was taken in."""
        ...

    def preview(self) -> None:
        """Somebody was shown what would be hidden."""
        ...


class Intake:
    """Takes texts in.

    Args:
        finder: finds identifiers; raises `RedactionUnavailable` when it can't.
        digest_key: key of the digests by which the same value gets the same number within a scope. Not in the store.
    """

    def __init__(self, finder: SpanFinder, digest_key: bytes) -> None:
        self._finder = finder
        self._digest_key = digest_key
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._watcher: Watcher | None = None
        self._scope_key = lru_cache(maxsize=4096)(self._derive_scope_key)

    def watch(self, watcher: "Watcher") -> None:
        """Say who counts what passes."""
        self._watcher = watcher

    async def admit(
        self,
        raw: RawText,
        *,
        scope: str,
        field: str = "text",
        max_length: int = MAX_TEXT,
        known_names: Sequence[str] = (),
        sender: str = "",
        taught: Taught = NOTHING,
        handles: Handles | None = None,
        read: Callable[[RedactedText], str] | None = None,
        known: Known | None = None,
        in_words: bool = False,
    ) -> RedactedTemplate:
        """Redact a text, or refuse it.

        Args:
            raw: what was typed.
            scope: id of the conversation, topic or item in which equal values share a number.
            field: name of the field, for errors.
            max_length: longest text taken, in code points.
            known_names: names of those who take part, as evidence for the redactor.
            sender: id of the account whose long texts are worked on one at a time.
            taught: what people taught this scope to hide.
            handles: says which handles there are; those that are mentioned with an `@` are public and stay.
            read: gives what readers will see of the text, where that is less than what is written (Markdown).
            known: says which typed placeholders mean what they say, because the writer was given the text with them to
                go on with. All others are escaped: nobody points at a value that is not in front of them.
            in_words: whether it has to say something beside what is hidden: a reason that others will read.

        Raises:
            InvalidInput: empty, too long, refused by the rules, or with marks that split an identifier which readers
                would see whole; `fields` says which.
            RedactionUnavailable: the redactor did not answer in time. Nothing was kept.
        """
        if len(raw) > max_length:
            raise InvalidInput(fields={field: "too_long"})
        text, kept = await _with_known(raw.reveal(), known)
        if not _is_seen(text):
            raise InvalidInput(fields={field: "required"})
        names = [*known_names, *self._taught_names(text, scope, taught)]
        spans = await self._find(text, names, sender)
        if handles is not None:
            spans = await _without_mentions(text, spans, handles)
        template = await self.cover(self._template(text, spans, scope, kept), scope, taught)
        if in_words and _letters(template) < _WORD:
            raise InvalidInput(fields={field: "too_short"})
        verdict = judge("".join(part if isinstance(part, str) else "*" for part in template.parts))
        if verdict.outcome is Outcome.REFUSE:
            raise InvalidInput(fields={field: verdict.reason})
        if read is not None and await self._is_split(template, read, sender):
            raise InvalidInput(fields={field: "split"})
        if self._watcher is not None:
            self._watcher.text(template)
        return template

    async def preview(
        self, raw: RawText, *, known_names: Sequence[str] = (), sender: str = ""
    ) -> tuple[NumberedText, Sequence[Span]]:
        """Say what would be hidden in a text, for its own writer. Keeps nothing.

        Returns:
            The redacted text, numbered from 1, and the spans in code points of what was typed.

        Raises:
            InvalidInput: too long.
            RedactionUnavailable: the redactor did not answer in time.
        """
        if len(raw) > MAX_TEXT:
            raise InvalidInput(fields={"text": "too_long"})
        text = _storable(escape(raw.reveal()))
        spans = await self._find(text, known_names, sender) if text.strip() else []
        scope = secrets.token_hex(_DIGEST_BYTES)
        if self._watcher is not None:
            self._watcher.preview()
        return self._template(text, spans, scope).fill(Numbering()), spans

    async def ask(
        self, raw: RawText, *, operators: re.Pattern[str] | None = None, sender: str = ""
    ) -> tuple[RedactedText, list[str]]:
        """Redact what somebody looks for. Keeps nothing.

        Args:
            raw: what was typed.
            operators: words that are not searched for but choose, by public names like a tag or a handle. They are
                taken out before, and serve for nothing but to look that name up: never to be stored or shown.
            sender: id of the account whose long texts are worked on one at a time.

        Returns:
            The redacted rest, with hidden values numbered from 1, and the operators as they were typed.

        Raises:
            InvalidInput: too long.
            RedactionUnavailable: the redactor did not answer in time.
        """
        if len(raw) > MAX_TEXT:
            raise InvalidInput(fields={"text": "too_long"})
        typed = _storable(escape(raw.reveal()))
        chosen = [found[0] for found in operators.finditer(typed)] if operators else []
        text = operators.sub(" ", typed) if operators else typed
        spans = await self._find(text, (), sender) if text.strip() else []
        scope = secrets.token_hex(_DIGEST_BYTES)
        return self._template(text, spans, scope).fill(Numbering()).text, chosen

    # --- files -----------------------------------------------------------------------------------------------------

    async def redact_document(self, raw: RawText, *, scope: str, sender: str = "") -> RedactedTemplate:
        """Redact the text of a file, however long; it is not judged as a message is.

        Args:
            raw: what the file says.
            scope: id of the file: equal values share a number within it.
            sender: id of the account; its long texts are worked on one at a time.

        Raises:
            RedactionUnavailable: the redactor did not answer in time. Nothing was kept.
        """
        text = _clean(raw.reveal())
        spans: list[Span] = []
        async for found in self._found_in_windows(text, sender):
            spans += found
        parts: list[str | Hidden] = []
        position = 0
        for number, span in enumerate(resolve(spans)):
            hidden = self.stand_in(span.label, text[span.start : span.end], scope)
            parts += [text[position : span.start], hidden]
            position = span.end
            if number % _DIGESTS_AT_ONCE == 0:
                await asyncio.sleep(0)
        return template_of([*parts, text[position:]])

    async def identifies(self, raw: RawText, *, sender: str = "") -> bool:
        """Say whether there is an identifier in the text of a file, however long. Keeps nothing.

        Raises:
            RedactionUnavailable: the redactor did not answer in time.
        """
        async for found in self._found_in_windows(_clean(raw.reveal()), sender):
            if found:
                return True
        return False

    async def _found_in_windows(self, text: str, sender: str) -> AsyncIterator[list[Span]]:
        """Spans of one window after the other; what lies in two of them may come twice."""
        for start, end in _windows(text):
            piece = text[start:end]
            spans = await self._find(piece, (), sender) if piece.strip() else ()
            yield [replace(span, start=span.start + start, end=span.end + start) for span in spans]

    # --- what people taught ----------------------------------------------------------------------------------------

    def stand_in(self, label: Label, value: str, scope: str) -> Hidden:
        """Give what stands for a value in a scope. The value is forgotten."""
        digest = self._digest(f"{label.value}\0{value_key(label, value)}", scope)
        return Hidden(label, digest)

    def lesson(self, hidden: Hidden, value: str, scope: str) -> dict[str, str]:
        """Give what is to be remembered so that a value is recognised again (`kernel.taught`). The value is forgotten.

        Args:
            hidden: what stands for it.
            value: a piece of a text of this scope.
            scope: id of the conversation, topic or item.
        """
        form = form_of(value)
        names = [self._digest(f"name\0{word}", scope) for word in name_words(hidden.label, value)]
        return entries_of(self._digest(f"taught\0{form}", scope) if form else None, names, hidden)

    async def cover(self, template: RedactedTemplate, scope: str, taught: Taught) -> RedactedTemplate:
        """Hide what was taught in what a template still shows."""
        if not taught.values:
            return template
        parts: list[str | Hidden] = []
        for part in template.parts:
            if isinstance(part, Hidden):
                parts.append(part)
                continue
            position = 0
            for start, end, hidden in await self.recognise(part, scope, taught):
                parts += [part[position:start], hidden]
                position = end
            parts.append(part[position:])
        return template_of(parts)

    async def recognise(self, piece: str, scope: str, taught: Taught) -> list[Found]:
        """Find what was taught in a piece of a redacted text; where several fit, the longest run of words."""
        found: list[Found] = []
        position = digests = 0
        for group in runs(piece) if taught.values else ():
            if group[0].start < position:
                continue
            for run in group:
                digests += 1
                hidden = taught.values.get(self._digest(f"taught\0{run.form}", scope))
                if hidden is not None:
                    found.append((run.start, run.end, hidden))
                    position = run.end
                    break
            if digests >= _DIGESTS_AT_ONCE:
                digests = 0
                await asyncio.sleep(0)
        return found

    def _taught_names(self, text: str, scope: str, taught: Taught) -> list[str]:
        """The words of a text that were taught to be parts of names here, as they are written in it."""
        if not taught.names:
            return []
        words = words_of(text)
        return [word for form, word in words.items() if self._digest(f"name\0{form}", scope) in taught.names]

    def _digest(self, form: str, scope: str) -> str:
        return hmac.digest(self._scope_key(scope), form.encode(), hashlib.sha256)[:_DIGEST_BYTES].hex()

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _find(self, text: str, known_names: Sequence[str], sender: str) -> Sequence[Span]:
        """Ask the redactor; a sender's long texts one after the other, so that nobody's occupy it alone."""
        if len(text) <= _LONG or not sender:
            return await self._finder.find(text, known_names=known_names)
        turn = self._turns.get(sender)
        if turn is None:
            turn = self._turns[sender] = asyncio.Lock()
        try:
            await asyncio.wait_for(turn.acquire(), _TURN_S)
        except TimeoutError:
            raise RedactionUnavailable from None
        try:
            return await self._finder.find(text, known_names=known_names)
        finally:
            turn.release()

    async def _is_split(self, template: RedactedTemplate, read: Callable[[RedactedText], str], sender: str) -> bool:
        """Whether readers would see an identifier that is not written in one piece: `na**ma**@contoh.id`."""
        written = template.fill(Numbering()).text
        # Lines that only stand below each other (cells, items) are no number together.
        seen = read(written).replace("\n", "\n.\n")
        if not _TELLING.search(PLACEHOLDER.sub("", seen)) or _MARKS.search(written.value) is None:
            return False
        spans = await self._find(seen, (), sender)
        return any(span.label in _PATTERNS and seen[span.start : span.end] not in written.value for span in spans)

    def _template(self, text: str, spans: Sequence[Span], scope: str, kept: Sequence[Found] = ()) -> RedactedTemplate:
        if not spans and not kept:
            return template_of((text,))
        pieces = _around(text, spans, kept) if kept else ((span.start, span.end, span.label) for span in spans)
        found = [(start, end, self.stand_in(label, text[start:end], scope)) for start, end, label in pieces]
        parts: list[str | Hidden] = []
        position = 0
        for start, end, hidden in sorted([*found, *kept], key=lambda item: item[0]) if kept else found:
            if not position <= start < end <= len(text):
                # A span that reaches back would uncover the end of the one before it.
                raise RedactionUnavailable
            parts += [text[position:start], hidden]
            position = end
        parts.append(text[position:])
        return template_of(parts)

    def _derive_scope_key(self, scope: str) -> bytes:
        """One key a scope, so that digests of two conversations can't be compared."""
        return hmac.new(self._digest_key, scope.encode(), hashlib.sha256).digest()


def _letters(template: RedactedTemplate) -> int:
    return sum(map(str.isalpha, "".join(part for part in template.parts if isinstance(part, str))))


def _is_seen(text: str) -> bool:
    """Whether a reader sees anything of a text: blanks have many forms, and some characters none."""
    return bool(text.strip()) and (text.isascii() or bool(normalise(text).text.strip()))


def _storable(text: str) -> str:
    """Replace what no store takes (NUL, lone surrogates), one code point by one."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Pieces of a text that overlap, so that an identifier which one of them cuts is whole in the next."""
    start = 0
    while start < len(text):
        end = min(start + _WINDOW, len(text))
        yield start, end
        if end == len(text):
            return
        start = end - _OVERLAP
        # Not within a word: half a number looks like a number.
        blank = re.search(r"\s", text[start : start + _OVERLAP // 2])
        start += blank.start() if blank else 0


def _line_feeds(text: str) -> str:
    """Make all line ends LF. Done before redaction, so that spans fit the text that is kept."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


async def _with_known(typed: str, known: Known | None) -> tuple[str, list[Found]]:
    """Escape what was typed, but for placeholders that are known, and say where these stand."""
    written = list(PLACEHOLDER.finditer(typed)) if known is not None else []
    meant = await known({found[0] for found in written}) if known is not None and written else {}
    pieces: list[str] = []
    kept: list[Found] = []
    position = length = 0
    for found in written:
        hidden = meant.get(found[0])
        if hidden is not None:
            before = _clean(typed[position : found.start()])
            pieces += [before, found[0]]
            length += len(before) + len(found[0])
            kept.append((length - len(found[0]), length, hidden))
            position = found.end()
    pieces.append(_clean(typed[position:]))
    return "".join(pieces), kept


def _clean(typed: str) -> str:
    return _line_feeds(_storable(escape(typed)))


def _around(text: str, spans: Sequence[Span], kept: Sequence[Found]) -> Iterator[tuple[int, int, Label]]:
    """Give what spans cover beside what is hidden already; edges without a letter or digit are not worth hiding."""
    for span in spans:
        position = span.start
        within = [(start, end) for start, end, _ in kept if start < span.end and end > span.start]
        for start, end in [*within, (span.end, span.end)]:
            piece = text[position:start]
            if any(character.isalnum() for character in piece) or (span.label is Label.SECRET and piece.strip()):
                yield position + len(piece) - len(piece.lstrip()), position + len(piece.rstrip()), span.label
            position = max(position, end)


async def _without_mentions(text: str, spans: Sequence[Span], handles: Handles) -> Sequence[Span]:
    """Leave out what lies within a mention of somebody: their handle is public, whatever it looks like."""
    mentions = [found for found in _HANDLE.finditer(text) if len(found["handle"]) <= _LONGEST_HANDLE]
    doubtful = [found for found in mentions if any(_lies_in(span, found) for span in spans)][:_MOST_HANDLES]
    if not doubtful:
        return spans
    known = await handles(sorted({found["handle"].lower() for found in doubtful}))
    public = [found for found in doubtful if found["handle"].lower() in known]
    return [span for span in spans if not any(_lies_in(span, found) for found in public)]


def _lies_in(span: Span, found: re.Match[str]) -> bool:
    return found.start() <= span.start and span.end <= found.end()
