"""The gate: the only way from what a person typed to what may be stored or shown.

limit -> redact -> judge, and it fails closed: without an answer of the redactor nothing is taken in. The raw text is
revealed here and nowhere else; what leaves is a template in which every identifier is a hole with a keyed digest.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from functools import lru_cache
from weakref import WeakValueDictionary

from moderation.verdicts import Outcome, judge
from nlp.placeholders import escape, value_key
from nlp.spans import Span
from server.kernel.errors import InvalidInput, RedactionUnavailable
from server.kernel.ports import SpanFinder
from server.kernel.text import Hidden, NumberedText, Numbering, RawText, RedactedTemplate, template_of
from server.kernel.wire import MAX_TEXT

_DIGEST_BYTES = 12
_LONG = 1_000
"""Code points. A text made to be laborious costs the redactor some 0.1 ms for each."""

_TURN_S = 10.0
"""How long a sender's long text waits for the one before it."""


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
        self._scope_key = lru_cache(maxsize=4096)(self._derive_scope_key)

    async def admit(
        self,
        raw: RawText,
        *,
        scope: str,
        field: str = "text",
        max_length: int = MAX_TEXT,
        known_names: Sequence[str] = (),
        sender: str = "",
    ) -> RedactedTemplate:
        """Redact a text, or refuse it.

        Args:
            raw: what was typed.
            scope: id of the conversation, topic or item in which equal values share a number.
            field: name of the field, for errors.
            max_length: longest text taken, in code points.
            known_names: names of those who take part, as evidence for the redactor.
            sender: id of the account whose long texts are worked on one at a time.

        Raises:
            InvalidInput: empty, too long, or refused by the rules; `fields` says which.
            RedactionUnavailable: the redactor did not answer in time. Nothing was kept.
        """
        if len(raw) > max_length:
            raise InvalidInput(fields={field: "too_long"})
        text = _line_feeds(_storable(escape(raw.reveal())))
        if not text.strip():
            raise InvalidInput(fields={field: "required"})
        spans = await self._find(text, known_names, sender)
        template = self._template(text, spans, scope)
        verdict = judge("".join(part if isinstance(part, str) else "*" for part in template.parts))
        if verdict.outcome is Outcome.REFUSE:
            raise InvalidInput(fields={field: verdict.reason})
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
        return self._template(text, spans, scope).fill(Numbering()), spans

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

    def _template(self, text: str, spans: Sequence[Span], scope: str) -> RedactedTemplate:
        if not spans:
            return template_of((text,))
        key = self._scope_key(scope)
        parts: list[str | Hidden] = []
        position = 0
        for span in spans:
            if not position <= span.start < span.end <= len(text):
                # A span that reaches back would uncover the end of the one before it.
                raise RedactionUnavailable
            parts.append(text[position : span.start])
            value = value_key(span.label, text[span.start : span.end])
            digest = hmac.new(key, f"{span.label.value}\0{value}".encode(), hashlib.sha256).digest()
            parts.append(Hidden(span.label, digest[:_DIGEST_BYTES].hex()))
            position = span.end
        parts.append(text[position:])
        return template_of(parts)

    def _derive_scope_key(self, scope: str) -> bytes:
        """One key a scope, so that digests of two conversations can't be compared."""
        return hmac.new(self._digest_key, scope.encode(), hashlib.sha256).digest()


def _storable(text: str) -> str:
    """Replace what no store takes (NUL, lone surrogates), one code point by one."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _line_feeds(text: str) -> str:
    """Make all line ends LF. Done before redaction, so that spans fit the text that is kept."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
