"""Writes PDF files anew: pages and what they show, and nothing that says who made them or that does something.

Runs in the worker's process only: what reads PDF can be made to crash or to work for ever. No I/O.
"""

import re
from io import BytesIO
from typing import Final

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, PdfObject, StreamObject

from server.files.model import Cleaned, Refused
from server.files.pictures import MARK, stripped

MOST_PAGES: Final = 300
_MOST_TEXT: Final = 400_000
_MOST_OBJECTS: Final = 200_000
_FEW: Final = 16
"""Letters on a page. A page with fewer shows a picture, or nothing."""

_LEFT_OUT: Final = frozenset(
    {
        # What acts by itself (ISO 32000-2, 12.6), forms that do (12.7.8), and files within (7.11.4).
        *("/AA", "/OpenAction", "/JS", "/JavaScript", "/AcroForm", "/XFA", "/EmbeddedFiles", "/AF", "/Collection"),
        *("/RichMediaContent", "/RichMediaSettings", "/EF"),
        # Who made it, when, and with what (14.3, 14.5).
        *("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/OPI"),
    }
)
"""Left out of everything."""

_OF_ANNOTATIONS: Final = frozenset(
    {"/T", "/M", "/CreationDate", "/NM", "/RC", "/Popup", "/FS", "/Sound", "/Movie", "/3DD", "/3DV", "/IRT", "/Parent"}
)
"""Left out of annotations: their authors and times (12.5.6), files and what hangs together with other objects."""

_ANNOTATIONS: Final = frozenset(
    {"/Link", "/FreeText", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Square", "/Circle", "/Line"}
    | {"/Polygon", "/PolyLine", "/Ink", "/Stamp", "/Caret", "/Text", "/Widget"}
)
_WRITTEN: Final = ("/Contents", "/V", "/DV", "/TU", "/Alt", "/Subj")
"""What an annotation says beside what its page does."""

_MOST_APPEARANCES: Final = 64
_WORDS: Final = re.compile(rb"T[jJ]\b|\bDo\b|['\"]")
"""What shows words or something else again (ISO 32000-2, 9.4.3 and 8.8)."""

_SCHEMES: Final = ("https://", "http://", "mailto:", "tel:")


def clean_pdf(data: bytes) -> Cleaned:
    """Write a PDF anew, and give what can be read in it.

    Raises:
        Refused: it is encrypted, broken, or too much.
    """
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise Refused("file_encrypted")
        if len(reader.pages) > MOST_PAGES:
            raise Refused("file_too_complex")
        return _clean(reader)
    except (Refused, MemoryError):
        raise
    except Exception:
        # The reader falls over broken files in every way there is; none of them is to be told apart.
        raise Refused("file_damaged") from None


def _clean(reader: PdfReader) -> Cleaned:
    walk = _Walk()
    for page in reader.pages:
        walk.through(page)
    # The new file is made of what hangs on the pages after that: what was taken out is not even copied.
    writer = PdfWriter()
    texts: list[str] = []
    unread = walk.has_pictures
    for page in reader.pages:
        text = page.extract_text()
        unread = unread or sum(character.isalnum() for character in text) < _FEW
        texts.append(text)
        if sum(map(len, texts)) > _MOST_TEXT:
            raise Refused("file_too_complex")
        writer.add_page(page)
    if not texts:
        raise Refused("file_damaged")
    writer.metadata = None
    out = BytesIO()
    writer.write(out)
    return Cleaned("application/pdf", out.getvalue(), text="\n\n".join([*texts, *walk.written]), unread=unread)


class _Walk:
    """Goes through everything that a page refers to, and takes out what is not to stay."""

    def __init__(self) -> None:
        self.has_pictures = False
        self.written: list[str] = []
        self._seen: set[int] = set()

    def through(self, root: PdfObject) -> None:
        """Clean all that hangs on an object."""
        waiting: list[PdfObject | None] = [root]
        while waiting:
            found = waiting.pop()
            item = found.get_object() if isinstance(found, IndirectObject) else found
            if item is None or id(item) in self._seen:
                continue
            self._seen.add(id(item))
            if len(self._seen) > _MOST_OBJECTS:
                raise Refused("file_too_complex")
            if isinstance(item, DictionaryObject):
                self._dictionary(item)
                waiting.extend(value for key, value in item.items() if key != "/Parent")
            elif isinstance(item, ArrayObject):
                waiting.extend(item)

    def _dictionary(self, item: DictionaryObject) -> None:
        for key in [key for key in item if key in _LEFT_OUT]:
            del item[key]
        if "/Annots" in item:
            self._annotations(item)
        if "/S" in item and "/A" not in item and _is_action(item):
            item.clear()
        if isinstance(item, StreamObject) and item.get("/Subtype") == "/Image":
            self._picture(item)

    def _annotations(self, page: DictionaryObject) -> None:
        annotations = page["/Annots"]
        kept = ArrayObject()
        for reference in annotations if isinstance(annotations, ArrayObject) else ():
            annotation = reference.get_object()
            if not isinstance(annotation, DictionaryObject) or annotation.get("/Subtype") not in _ANNOTATIONS:
                continue
            self.written += [str(annotation[key]) for key in _WRITTEN if isinstance(annotation.get(key), str)]
            for key in [key for key in annotation if key in _OF_ANNOTATIONS]:
                del annotation[key]
            action = annotation.get("/A")
            leads = action.get_object() if action is not None else None
            if action is not None and not _is_address(leads):
                del annotation["/A"]
            elif isinstance(leads, DictionaryObject) and "/URI" in leads:
                self.written.append(str(leads["/URI"]))
            self.has_pictures = self.has_pictures or _draws_words(annotation.get("/AP"))
            kept.append(reference)
        page[NameObject("/Annots")] = kept

    def _picture(self, item: StreamObject) -> None:
        sides = [int(item.get(key, 0)) for key in ("/Width", "/Height")]
        self.has_pictures = self.has_pictures or min(sides) >= MARK
        filters = item.get("/Filter")
        names = filters if isinstance(filters, ArrayObject) else [filters]
        # A photograph stands in a document as the file that the camera wrote, with the place where it was taken.
        if list(names) == ["/DCTDecode"]:
            bare = stripped(item._data)
            if bare is not None:
                item._data = bare


def _draws_words(appearance: PdfObject | None) -> bool:
    """Whether a remark may show words by the way in which it is drawn, which are not among those of its page."""
    waiting: list[PdfObject | None] = [appearance]
    for _ in range(_MOST_APPEARANCES):
        if not waiting:
            return False
        found = waiting.pop()
        item = found.get_object() if isinstance(found, IndirectObject) else found
        if isinstance(item, StreamObject):
            if _WORDS.search(item.get_data()):
                return True
        elif isinstance(item, DictionaryObject):
            waiting.extend(item.values())
    return True


def _is_action(item: DictionaryObject) -> bool:
    """Whether something is an action that is none of those that lead to an address or a page."""
    kind = item.get("/S")
    return kind in {
        *("/Launch", "/JavaScript", "/SubmitForm", "/ImportData", "/ResetForm", "/GoToR", "/GoToE", "/Thread"),
        *("/Rendition", "/RichMediaExecute", "/Movie", "/Sound", "/Hide", "/SetOCGState", "/Trans", "/GoTo3DView"),
    }


def _is_address(action: PdfObject | None) -> bool:
    """Whether following a link leads to an address on the web or to a page of the same document, and nowhere else."""
    if not isinstance(action, DictionaryObject) or "/Next" in action:
        return False
    if action.get("/S") == "/GoTo":
        return True
    address = action.get("/URI")
    return action.get("/S") == "/URI" and isinstance(address, str) and address.lower().startswith(_SCHEMES)
