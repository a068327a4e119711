"""Makes office documents anew: Word, Excel, PowerPoint (ISO/IEC 29500), OpenDocument text and tables (ISO/IEC 26300).

What they show stays. Who made them, when, where and with what goes; programs, and what would be fetched or started when
one is opened, are refused or led nowhere. Runs in the worker's process only. No I/O.
"""

import posixpath
import re
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from server.files.archives import Budget, pack, unpack
from server.files.markup import NOBODY, rewrite
from server.files.model import Cleaned, Refused
from server.files.open_document import OPEN_DOCUMENTS, clean_open_document
from server.files.pictures import is_unread, stripped

_TYPES: Final = "[Content_Types].xml"
_MAIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"application/vnd.openxmlformats-officedocument.{kind}.main+xml": media_type
        for kind, media_type in (
            (
                "wordprocessingml.document",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            ("spreadsheetml.sheet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (
                "presentationml.presentation",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            ),
        )
    }
)
"""Type of the main part -> media type of the document."""

_PROGRAMS: Final = re.compile(r"macro|vbaproject|activex|oleobject|intlmacrosheet", re.IGNORECASE)
_DROPPED: Final = re.compile(
    r"docProps/|customXml/|word/people\.xml\Z|word/vbaData|_xmlsignatures/|xl/printerSettings/"
    r"|(?:word|xl|ppt)/printerSettings|ppt/(?:changesInfos|revisionInfo)|docMetadata/|xl/revisions/",
    re.IGNORECASE,
)
"""Parts that say who made a document, where and with what, and those that vouch for how it was before."""

_XML: Final = (".xml", ".rels", ".vml")
_PICTURES: Final = (".jpeg", ".jpg", ".png")
_UNREAD: Final = (".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".emz", ".wmz", ".wdp")
_FONTS: Final = (".odttf", ".fntdata", ".ttf")
_WITHIN: Final = (".xlsx", ".docx", ".pptx")
_NAMES: Final = frozenset({"author", "initials", "displayName", "userName", "lastModifiedBy", "userId", "providerId"})
_PEOPLE: Final = frozenset({"cmAuthor", "author"})
_SOURCES: Final = frozenset({"connection", "command", "sourceFile", "odcFile", "url"})
_WEB: Final = ("https://", "http://", "mailto:", "tel:", "#")
_NOWHERE: Final = "about:blank"
_STARTS: Final = re.compile(r"\bDDE(?:AUTO)?\b", re.IGNORECASE)
_DEEPEST: Final = 1


def clean_office(data: bytes) -> Cleaned:
    """Make an office document anew, and give what can be read in it.

    Raises:
        Refused: it is none of those that are taken, encrypted, broken, too much, or holds programs.
    """
    budget = Budget()
    parts = unpack(data, budget)
    if _TYPES in parts:
        return _clean(parts, budget, 0)
    if parts.get("mimetype", b"").decode("ascii", "replace") in OPEN_DOCUMENTS:
        return clean_open_document(parts)
    raise Refused("file_not_allowed")


def _clean(parts: dict[str, bytes], budget: Budget, depth: int) -> Cleaned:
    media_type = _media_type(parts[_TYPES])
    kept: dict[str, bytes] = {}
    texts: list[str] = []
    unread = False
    for name, content in parts.items():
        if _DROPPED.match(name):
            continue
        lower = name.lower()
        if _PROGRAMS.search(lower):
            raise Refused("file_has_programs")
        if lower.endswith(_XML):
            kept[name], text = _xml(name, content)
            texts.append(text)
        elif lower.endswith(_PICTURES):
            kept[name], seen = _picture(content)
            unread = unread or not seen
        elif lower.endswith(_UNREAD):
            kept[name], unread = content, True
        elif lower.endswith(_FONTS):
            kept[name] = content
        elif lower.endswith(_WITHIN):
            if depth == _DEEPEST:
                raise Refused("file_too_complex")
            within = _within(content, budget, depth)
            kept[name], unread = within.data, unread or within.unread
            texts.append(within.text)
        else:
            raise Refused("file_has_programs" if lower.endswith(".bin") else "file_not_allowed")
    return Cleaned(media_type, pack(kept), text="\n".join(texts), unread=unread)


def _within(content: bytes, budget: Budget, depth: int) -> Cleaned:
    """Clean a document within a document: the table behind a chart."""
    parts = unpack(content, budget)
    if _TYPES not in parts:
        raise Refused("file_not_allowed")
    return _clean(parts, budget, depth + 1)


def _picture(content: bytes) -> tuple[bytes, bool]:
    bare = stripped(content)
    if bare is None:
        raise Refused("file_damaged")
    return bare, not is_unread(bare)


def _media_type(content: bytes) -> str:
    """What the parts say that they are, all together."""
    found: list[str] = []

    def note(_name: str, attributes: dict[str, str]) -> bool:
        kind = attributes.get("ContentType", "")
        if _PROGRAMS.search(kind):
            raise Refused("file_has_programs")
        if kind in _MAIN:
            found.append(_MAIN[kind])
        return True

    rewrite(content, note)
    if len(found) != 1:
        raise Refused("file_not_allowed")
    return found[0]


def _xml(name: str, content: bytes) -> tuple[bytes, str]:
    if name == _TYPES:
        return rewrite(content, _type).document, ""
    if name.endswith(".rels"):
        addresses: list[str] = []
        written = rewrite(content, partial(_relation, _folder_of(name), addresses))
        return written.document, "\n".join(addresses)
    unnamed = frozenset({"author"}) if name.startswith("xl/comments") else frozenset[str]()
    written = rewrite(content, _element, unnamed)
    if _STARTS.search(written.instructions):
        raise Refused("file_has_programs")
    # Where a field leads is read by whoever points at it.
    return written.document, f"{written.text}\n{written.instructions}"


def _folder_of(name: str) -> str:
    """The folder that the targets of `word/_rels/document.xml.rels` are seen from: `word`."""
    return posixpath.dirname(posixpath.dirname(name))


def _type(name: str, attributes: dict[str, str]) -> bool:
    return name != "Override" or not _DROPPED.match(attributes.get("PartName", "").lstrip("/"))


def _relation(folder: str, addresses: list[str], name: str, attributes: dict[str, str]) -> bool:
    if name != "Relationship":
        return True
    if _PROGRAMS.search(attributes.get("Type", "").rpartition("/")[2]):
        raise Refused("file_has_programs")
    target = attributes.get("Target", "")
    if attributes.get("TargetMode") == "External":
        is_link = attributes.get("Type", "").endswith("/hyperlink")
        if not (is_link and target.lower().startswith(_WEB)):
            # The relation stays: what refers to it would be broken without.
            attributes["Target"] = _NOWHERE
        else:
            addresses.append(target)
        return True
    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
    return not _DROPPED.match(path)


def _element(name: str, attributes: dict[str, str]) -> bool:
    if name in {"ddeLink", "oleObj", "OLEObject", "control", "macrosheet"}:
        raise Refused("file_has_programs")
    if name in {"mailMerge", "docVars", "script"}:
        return False
    for key in list(attributes):
        short = key.rpartition(":")[2]
        if short in _NAMES or (name in _PEOPLE and short == "name"):
            attributes[key] = NOBODY
        elif key.startswith("on") and len(key) > 5:
            # What vector drawings do when they are looked at.
            del attributes[key]
        elif name == "absPath" or (name in {"dbPr", "webPr", "textPr", "connection", "olapPr"} and short in _SOURCES):
            attributes[key] = ""
        elif name == "fldSimple" and short == "instr" and _STARTS.search(attributes[key]):
            raise Refused("file_has_programs")
        elif name == "pageSetup" and key.startswith("r:"):
            # Led to the settings of a printer, which are left out.
            del attributes[key]
    return True
