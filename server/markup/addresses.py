"""Which addresses a text may lead to, and how they are written. Pure.

Everything that is not listed here is no link: the words stay, as they were typed. Attributes never hold a placeholder.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize
from urllib.parse import urlsplit

from markdown_it.common.normalize_url import normalizeLink

from nlp.placeholders import CLOSE, ESCAPED_CLOSE, ESCAPED_OPEN, OPEN

LONGEST: Final = 2_000
"""Characters of an address; longer ones are a burden to every page and of no use to people."""

_BRACKETS: Final = frozenset(OPEN + CLOSE + ESCAPED_OPEN + ESCAPED_CLOSE)
_HOST: Final = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,10}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
_REST: Final = r"(?:[/?#][!#-;=?-\[\]_a-z~|^{}]*)?"

EXTERNAL: Final = re.compile(rf"https?://{_HOST}(?::[0-9]{{2,5}})?{_REST}", re.IGNORECASE)
"""A page elsewhere, by name: no user before an `@`, which is how people are led astray, and no bare IP address."""

_NAMED: Final = re.compile(r"(?<![\w-])(?>[\w-]+)(?:\.(?>[\w-]+))+")
"""What may be the name of a host to who reads it, in any script."""

_PATH: Final = re.compile(r"[/?#]")

_PAGE: Final = re.compile(r"/(?:forum|lampiran)(?:[/?#][a-z0-9/_.?=&;#%+-]*)?|#p[1-9][0-9]{0,8}", re.IGNORECASE)
_IMAGE: Final = re.compile(
    r"(?P<path>/lampiran/(?P<id>[a-z0-9]{16,64}))\.(?P<kind>webp|jpg|gif|png)"
    r"(?:#(?P<width>[1-9][0-9]{0,3})x(?P<height>[1-9][0-9]{0,3}))?"
)
BARE: Final = re.compile(
    rf"://{_HOST}(?::[0-9]{{2,5}})?(?:[/?#][^\s<>\"`\\\\^{{}}|{''.join(sorted(_BRACKETS))}]*)?", re.IGNORECASE
)
"""What follows `http` where somebody just wrote an address."""

_TRAILING: Final = "?!.,:;*_~'\"|"
_PAIRS: Final = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class OwnImage:
    """An image that was uploaded here.

    Attributes:
        id: of the attachment.
        full: address of the whole image.
        small: address of what is shown in a text.
        size: width and height of the small one in pixels, or None where the address does not tell.
    """

    id: str
    full: str
    small: str
    size: tuple[int, int] | None


def normal_form(address: str) -> str:
    """Write an address in ASCII, the host as browsers ask for it; empty if it can't be an address.

    Args:
        address: as typed; what is encoded in it stays encoded.
    """
    if len(address) > LONGEST or not _BRACKETS.isdisjoint(address):
        return ""
    with suppress(ValueError, IndexError):
        return normalizeLink(address)
    return ""


def goes_on(text: str, position: int) -> bool:
    """Whether an address in a text goes on with something hidden: then only its beginning is known."""
    return position < len(text) and text[position] in _BRACKETS


def is_external(address: str) -> bool:
    """Whether an address leads to a page elsewhere."""
    return len(address) <= LONGEST and EXTERNAL.fullmatch(address) is not None


def is_page(address: str) -> bool:
    """Whether an address leads to a page of ours that texts may lead to, or to a post of the same page."""
    return len(address) <= LONGEST and _PAGE.fullmatch(address) is not None and "//" not in address


def is_allowed(address: str) -> bool:
    """Whether a text may lead there."""
    return is_external(address) or is_page(address)


def host_beside(said: str, address: str) -> str:
    """Give the host that a link leads to where its words name another one; empty where they don't.

    People read an address in the words of a link as where it leads (phishing: OWASP, "Unvalidated redirects").

    Args:
        said: the words of the link.
        address: where it leads.
    """
    if not is_external(address):
        return ""
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    shown = (_PATH.split(word.rpartition("://")[2], maxsplit=1)[0] for word in normalize("NFKC", said).lower().split())
    named = {found[0].removeprefix("www.") for word in shown for found in _NAMED.finditer(word)}
    return host if named - {host} else ""


def own_image(address: str) -> OwnImage | None:
    """Give the image of ours that an address names, or None."""
    found = _IMAGE.fullmatch(address)
    if found is None:
        return None
    size = (int(found["width"]), int(found["height"])) if found["width"] else None
    return OwnImage(found["id"], f"{found['path']}.{found['kind']}", f"{found['path']}-k.webp", size)


def without_trailing(address: str) -> str:
    """Leave off what is no part of an address: all from a bracket on that was opened before it, and full stops."""
    return _without_foreign_bracket(address).rstrip(_TRAILING)


def _without_foreign_bracket(address: str) -> str:
    counts = dict.fromkeys(_PAIRS.values(), 0)
    for place, sign in enumerate(address):
        if sign in counts:
            counts[sign] += 1
        elif sign in _PAIRS:
            counts[_PAIRS[sign]] -= 1
            if counts[_PAIRS[sign]] < 0:
                return address[:place]
    return address
