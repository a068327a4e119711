"""An export as pages that anybody can read: HTML without scripts, forms, or anything from outside. Pure.

Everything that is not ours is escaped. The pages forbid themselves all but their own style (Content Security Policy
Level 3, by its hash), so that whatever should slip through does nothing.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final

Words = Callable[[str], str]
"""Gives a text by its key, in the reader's language; an empty one where there is none."""

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1b1b1f;background:#fff}"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}a{color:#0b57a4}"
    "dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.25rem 1rem;margin:.5rem 0}"
    "dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}"
    "article{border:1px solid #c8c8d0;border-radius:.5rem;padding:.5rem 1rem;margin:.75rem 0}"
    "code{overflow-wrap:anywhere}"
)
_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'"
)
_DEEPEST: Final = 12


def page(locale: str, title: str, body: str) -> bytes:
    """Give a whole page.

    Args:
        locale: language of the page.
        title: as text.
        body: as HTML of ours.
    """
    return (
        f'<!doctype html>\n<html lang="{escape(locale)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    ).encode()


def shown(value: object, words: Words, depth: int = 0) -> str:
    """Give what JSON can say as HTML: objects as lists of terms, lists as one box an entry."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        rows = "".join(
            f"<dt>{escape(_named(str(key), words))}</dt><dd>{shown(item, words, depth + 1)}</dd>\n"
            for key, item in value.items()
        )
        return f"<dl>\n{rows}</dl>\n" if rows else "—"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        if not value:
            return "—"
        if all(not isinstance(item, Mapping | list | tuple) for item in value):
            return ", ".join(shown(item, words, depth + 1) for item in value)
        return "".join(f"<article>{shown(item, words, depth + 1)}</article>\n" for item in value)
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return escape(words("export.yes" if value else "export.no"))
    return escape(str(value))


def link(path: str, name: str) -> str:
    """Give a link to a file beside the page; paths of exports need no quoting."""
    return f'<a href="{escape(path)}">{escape(name)}</a>'


def _named(key: str, words: Words) -> str:
    return words(f"export.field.{key}") or key.replace("_", " ")
