"""E-mail addresses (RFC 5321 mailboxes in practice), plain, spaced or spelled: name[at]host[dot]tld, "titik", "et".

Must not touch: a domain without a mailbox, "at" and "dot" as ordinary words.
"""

import re
from collections.abc import Iterator
from typing import Final

from nlp.labels import Label
from nlp.scan import Scan
from nlp.spans import Span

_PLAIN: Final = re.compile(
    r"(?<![a-z0-9._%+\-])[a-z0-9_][a-z0-9._%+\-]{0,63}@[a-z0-9](?:[a-z0-9\-]{0,62})(?:\.[a-z0-9\-]{1,62}){0,6}\.[a-z]{2,24}"
)
_DOTTED: Final = re.compile(r"(?<![a-z0-9._])(?:[a-z0-9][._]){1,30}[a-z0-9]@(?:[a-z0-9]\.){2,30}[a-z](?![a-z0-9])")
_NO_TLD: Final = re.compile(
    r"(?<![a-z0-9._%+\-])[a-z0-9_][a-z0-9._%+\-]{1,63}@(?:gmail|yahoo|ymail|hotmail|outlook|icloud|proton)(?![a-z0-9.])"
)
_MAIL: Final = re.compile(r"mail|surel")
_SPACED: Final = re.compile(
    r"(?<![a-z0-9])(?:[a-z0-9._\-] ){3,40}@ (?:[a-z0-9\-] ){2,40}\. (?:[a-z0-9.] ){1,12}[a-z](?![a-z0-9])"
)
_TLD: Final = (
    r"(?:com|net|org|id|co|ac|sch|go|or|web|my|sg|au|uk|nl|de|fr|jp|kr|info|biz|io|me|dev|app|tech|xyz|site|online"
    r"|store|example|test|edu|gov|cloud|asia|tv|us|eu|in|ru|cn)"
)
_AT: Final = r"(?: {0,2}[\[({<*] {0,2}(?:at|a|et|@) {0,2}[\])}>*] {0,2}| (?:at|et|@) | @|@ )"
_DOT: Final = r"(?: {0,2}[\[({<*] {0,2}(?:dot|d0t|titik|\.) {0,2}[\])}>*] {0,2}| (?:dot|d0t|titik|\.) |\. | \.|\.)"
_GLUE: Final = r"(?: {0,2}[\[({] {0,2}(?:dot|d0t|titik) {0,2}[\])}] {0,2}| (?:dot|titik|underscore|strip|dash|minus) )"
_LOCAL: Final = r"(?:(?:[a-z0-9] ){2,24}[a-z0-9]|[a-z0-9_][a-z0-9._\-]{0,40})"
_SPELLED: Final = re.compile(
    rf"(?<![a-z0-9._\-])(?P<local>{_LOCAL}(?:{_GLUE}{_LOCAL}){{0,4}}){_AT}"
    rf"(?:[a-z0-9](?: [a-z0-9]){{2,15}}|[a-z0-9\-]{{2,40}})(?:{_DOT}[a-z0-9\-]{{2,30}}){{0,3}}{_DOT}{_TLD}(?![a-z0-9])"
)
_SPELLED_DOT: Final = r"(?: {0,2}[\[({] {0,2}(?:dot|titik) {0,2}[\])}] {0,2}| (?:dot|titik) )"
_FOREIGN: Final = re.compile(  # any country, where the full stop is a word: that is no sentence
    rf"(?<![a-z0-9._\-])(?P<local>{_LOCAL}(?:{_GLUE}{_LOCAL}){{0,4}}){_AT}"
    rf"[a-z0-9\-]{{2,40}}(?:{_SPELLED_DOT}[a-z0-9\-]{{2,30}}){{0,2}}{_SPELLED_DOT}[a-z]{{2}}(?![a-z0-9])"
)
_COMMA: Final = re.compile(  # a slip of the finger beside the full stop, at the providers that everybody has
    r"(?<![a-z0-9._%+\-])[a-z0-9_][a-z0-9._%+\-]{1,63} ?@ ?(?:gmail|yahoo|ymail|hotmail|outlook|icloud)"
    r" ?, ?com?(?![a-z0-9])"
)
_SENTENCE: Final = re.compile(
    r" (?:at|et|al) [a-z0-9\-]+\. (?:id|go|or|my|me|in|us|app|dev|web|online|store|test|site)\Z"
)
"""The end of one sentence and the first word of the next: "we met at home. In the morning"."""
_SPELLED_HINTS: Final = (
    "@",
    " at ",
    " et ",
    "(at",
    "[at",
    "{at",
    "<at",
    "*at",
    "(a)",
    "[a]",
    "( at",
    "[ at",
    "(et",
    "[et",
)


def find(scan: Scan) -> Iterator[Span]:
    """Mailboxes in any of the forms above."""
    lower = scan.lower
    if "@" in lower:
        for pattern in (_PLAIN, _DOTTED, _SPACED, _NO_TLD, _COMMA):
            for found in pattern.finditer(lower):
                yield Span(found.start(), found.end(), Label.EMAIL, 0.98, "email")
    if any(hint in lower for hint in _SPELLED_HINTS):
        for found in _SPELLED.finditer(lower):
            after = lower[found.end("local") : found.end("local") + 3]
            if (
                "@" in after
                and after[:1] + after[2:3] != "  "
                and found["local"].isalpha()
                and not _MAIL.search(lower, max(0, found.start() - 14), found.start())
            ):
                continue  # "domain @gmail.com": a word before a host is no mailbox
            if _SENTENCE.search(found[0]) and not _MAIL.search(lower):
                continue
            yield Span(found.start(), found.end(), Label.EMAIL, 0.9, "email")
        for found in _FOREIGN.finditer(lower):
            yield Span(found.start(), found.end(), Label.EMAIL, 0.85, "email")
