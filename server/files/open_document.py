"""Makes OpenDocument files anew (ISO/IEC 26300), by the same rules as `office`. No I/O."""

import re
from typing import Final

from server.files.archives import pack
from server.files.markup import local, rewrite
from server.files.model import Cleaned, Refused
from server.files.pictures import is_unread, stripped

OPEN_DOCUMENTS: Final = frozenset(
    {"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet"}
)

_TYPE: Final = "mimetype"
_MANIFEST: Final = "META-INF/manifest.xml"
_DROPPED: Final = re.compile(
    r"(?:.*/)?(?:meta|settings)\.xml\Z|Thumbnails/|Configurations2/|layout-cache\Z|manifest\.rdf\Z|META-INF/.*signatures",
    re.IGNORECASE,
)
_PROGRAMS: Final = re.compile(r"(?:Basic|Scripts|Dialogs|Database|java)/", re.IGNORECASE)
_ACTING: Final = frozenset(
    {"applet", "plugin", "object-ole", "dde-link", "dde-source", "dde-connection-decl", "dde-connection"}
)
_LEFT_OUT: Final = frozenset({"scripts", "event-listeners", "event-listener", "connection-resource"})
_UNNAMED: Final = frozenset(
    {"creator", "creator-initials", "author-name", "author-initials", "initial-creator", "printed-by"}
)
_WEB: Final = ("https://", "http://", "mailto:", "tel:")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|/|\.\./")
_NOWHERE: Final = "about:blank"


def clean_open_document(parts: dict[str, bytes]) -> Cleaned:
    """Make a document anew out of its parts, and give what can be read in it.

    Raises:
        Refused: see `office.clean_office`.
    """
    kept: dict[str, bytes] = {_TYPE: parts[_TYPE]}
    texts: list[str] = []
    unread = False
    for name, content in parts.items():
        if name == _TYPE or _DROPPED.match(name):
            continue
        if _PROGRAMS.match(name):
            raise Refused("file_has_programs")
        if name == _MANIFEST:
            kept[name] = rewrite(content, _entry).document
        elif name.endswith(".xml"):
            written = rewrite(content, _element, _UNNAMED)
            kept[name] = written.document
            texts.append(written.text)
        else:
            bare = stripped(content)
            unread = unread or bare is None or is_unread(bare)
            kept[name] = content if bare is None else bare
    if _MANIFEST not in kept or "content.xml" not in kept:
        raise Refused("file_damaged")
    media_type = parts[_TYPE].decode("ascii")
    return Cleaned(media_type, pack(kept, stored=_TYPE), text="\n".join(texts), unread=unread)


def _entry(name: str, attributes: dict[str, str]) -> bool:
    if name == "encryption-data":
        raise Refused("file_encrypted")
    paths = [value for key, value in attributes.items() if local(key) == "full-path"]
    return not any(_DROPPED.match(path) for path in paths)


def _element(name: str, attributes: dict[str, str]) -> bool:
    if name in _ACTING:
        raise Refused("file_has_programs")
    if name in _LEFT_OUT:
        return False
    for key, value in attributes.items():
        if local(key) != "href" or not _ABSOLUTE.match(value):
            continue
        if not (name == "a" and value.lower().startswith(_WEB)):
            attributes[key] = _NOWHERE
    return True
