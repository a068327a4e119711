"""Reads and writes anew the XML within office documents, without document types, entities, comments or instructions.

Prefixes of names stay as they are: office documents name them in values of attributes too, so that what usual libraries
write would be refused as broken. Runs in the worker's process only. No I/O.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Final
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.saxutils import escape, quoteattr
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from server.files.model import Refused

NOBODY: Final = "Author"
"""What stands in place of an author's name: what office programs themselves write when told to leave names out."""

_PARAGRAPHS: Final = frozenset({"p", "h", "tr", "row", "si", "table-row", "comment", "text", "sheet", "list-item"})
_CELLS: Final = frozenset({"c", "f", "tc", "table-cell", "tab", "s", "br", "line-break"})
_SPOKEN: Final = frozenset(
    {"descr", "title", "tooltip", "alt", "string-value", "string", "display", "displayText", "prompt", "promptTitle"}
    | {"error", "errorTitle", "href", "instr"}
)
"""Attributes that people read: beside a picture, in curved letters, in hints and lists, where a link leads."""

_NAMED: Final = frozenset({"sheet", "table"})
"""Elements whose name people read: on the tab of a table."""

_VALUED: Final = frozenset({"alias", "tag", "default", "statusText", "helpText", "lvlText", "result"})
"""Elements whose value people read: in fields to be filled in, before the items of a list."""

_POWER: Final = re.compile(r"\d+(?:\.\d+)?[eE]\+?\d{1,2}")
_DEEPEST: Final = 512

Hook = Callable[[str, dict[str, str]], bool]
"""Is given an element's name without its prefix and its attributes, which it may change; False leaves it out."""


def _is_read(element: str, attribute: str) -> bool:
    """Whether people get to read an attribute."""
    if attribute in _SPOKEN:
        return True
    return (attribute == "name" and element in _NAMED) or (attribute == "val" and element in _VALUED)


def local(name: str) -> str:
    """Give a name without its prefix."""
    return name.rpartition(":")[2]


class Rewriter(ContentHandler):
    """Writes what it is told of an XML document, changed as a hook says, and keeps what can be read in it.

    Args:
        hook: decides about elements.
        unnamed: elements whose text is an author's name.
    """

    def __init__(self, hook: Hook, unnamed: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self._hook = hook
        self._unnamed = unnamed
        self._written = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n']
        self._read: list[str] = []
        self._beside: list[str] = []
        self._depth = 0
        self._left_out_below = 0
        self._open: list[str] = []
        self._index = False
        self._instructions: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        """An element begins."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Refused("file_too_complex")
        if self._left_out_below:
            return
        short = local(name)
        values = dict(attrs.items())
        if not self._hook(short, values):
            self._left_out_below = self._depth
            return
        self._open.append(short)
        if short == "c":
            # A cell of a table that names a shared text by its number: that number says nothing.
            self._index = values.get("t") == "s"
        # Apart from the words around them: otherwise what is said beside would part a number in the middle.
        self._beside += [value for key, value in values.items() if value and _is_read(short, local(key))]
        self._written.append("<" + name + "".join(f" {key}={quoteattr(value)}" for key, value in values.items()) + ">")

    def endElement(self, name: str) -> None:
        """An element ends."""
        left_out = self._left_out_below
        if left_out == self._depth:
            self._left_out_below = 0
        self._depth -= 1
        if left_out:
            return
        short = self._open.pop()
        if short in _PARAGRAPHS:
            self._read.append("\n")
        elif short in _CELLS:
            self._read.append(" ")
        self._written.append(f"</{name}>")

    def characters(self, content: str) -> None:
        """Text within an element."""
        if self._left_out_below:
            return
        inside = self._open[-1] if self._open else ""
        if inside in self._unnamed:
            content = NOBODY if content.strip() else content
        elif inside == "instrText":
            self._instructions.append(content)
        elif not (self._index and inside == "v"):
            self._read.append(content)
            if inside == "v" and _POWER.fullmatch(content.strip()):
                # How a table may keep a long number that it shows in full.
                self._beside.append(f"{Decimal(content.strip()):f}")
        self._written.append(escape(content))

    @property
    def document(self) -> bytes:
        """The document as it is written."""
        return "".join(self._written).encode()

    @property
    def instructions(self) -> str:
        """What its fields are told to do, in one piece: it may be written in several."""
        return "".join(self._instructions)

    @property
    def text(self) -> str:
        """What can be read in it."""
        return "\n".join(["".join(self._read), *self._beside])


def rewrite(data: bytes, hook: Hook, unnamed: frozenset[str] = frozenset()) -> Rewriter:
    """Read a document and write it anew.

    Raises:
        Refused: it is broken, declares a type or entities, or the hook refuses it.
    """
    rewriter = Rewriter(hook, unnamed)
    parser = DefusedExpatParser(0, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.setContentHandler(rewriter)
    try:
        parser.parse(BytesIO(data))
    except (SAXException, DefusedXmlException, ValueError):
        raise Refused("file_damaged") from None
    return rewriter
