"""Documents that tests write themselves, with things in them that must not stay. Every name is invented."""

import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from tests.harness.images import CANARY

_WORD: Final = CANARY.decode()
_MAIN: Final = "application/vnd.openxmlformats-officedocument"
_REL: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    """An archive, its first part not compressed."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(parts.items()):
            how = zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED
            archive.writestr(name, content, compress_type=how)
    return out.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """The parts of an archive."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def _types(main: str, part: str) -> str:
    return (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="jpeg" ContentType="image/jpeg"/>'
        f'<Override PartName="/{part}" ContentType="{_MAIN}.{main}.main+xml"/>'
        '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties'
        '+xml"/></Types>'
    )


def _root(part: str) -> str:
    return (
        f'<?xml version="1.0"?>{_RELATIONS}<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="{part}"/>'
        f'<Relationship Id="rId2" Type="{_REL}/metadata/core-properties" Target="docProps/core.xml"/></Relationships>'
    )


_CORE: Final = f"<coreProperties><creator>{_WORD}</creator><lastModifiedBy>{_WORD}</lastModifiedBy></coreProperties>"


def docx(text: str = "Jendela aplikasi tertutup sendiri.", more: Mapping[str, bytes | str] | None = None) -> bytes:
    """A letter with an author, remarks, tracked changes and a template on somebody's disk."""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><!-- {_WORD} --><w:document xmlns:w="{_W}" xmlns:r="{_REL}" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" mc:Ignorable="w14"><w:body>'
        f'<w:p w14:paraId="1"><w:ins w:id="1" w:author="{_WORD}" w:date="2026-11-22T08:00:00Z"><w:r>'
        f'<w:t xml:space="preserve">{text}</w:t></w:r></w:ins></w:p>'
        '<w:p><w:hyperlink r:id="rId5"><w:r><w:t>alamat</w:t></w:r></w:hyperlink></w:p></w:body></w:document>'
    )
    relations = (
        f'<?xml version="1.0"?>{_RELATIONS}'
        f'<Relationship Id="rId3" Type="{_REL}/attachedTemplate" Target="file:///C:/{_WORD}.dotm"'
        f' TargetMode="External"/><Relationship Id="rId4" Type="{_REL}/customXml" Target="../customXml/item1.xml"/>'
        f'<Relationship Id="rId5" Type="{_REL}/hyperlink" Target="https://contoh.id/a" TargetMode="External"/>'
        "</Relationships>"
    )
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": _types("wordprocessingml.document", "word/document.xml"),
        "_rels/.rels": _root("word/document.xml"),
        "word/document.xml": body,
        "word/_rels/document.xml.rels": relations,
        "word/people.xml": f'<w:people xmlns:w="{_W}"><w:person w:author="{_WORD}"/></w:people>',
        "word/comments.xml": f'<w:comments xmlns:w="{_W}"><w:comment w:author="{_WORD}" w:initials="{_WORD}"/>'
        "</w:comments>",
        "customXml/item1.xml": f"<a>{_WORD}</a>",
        "docProps/core.xml": _CORE,
    }
    return zipped({**parts, **(more or {})})


def xlsx(cell: str = "Harga", more: Mapping[str, bytes | str] | None = None) -> bytes:
    """A table with an author of a remark and the path of somebody's disk."""
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": _types("spreadsheetml.sheet", "xl/workbook.xml"),
        "_rels/.rels": _root("xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{_S}"><fileSharing userName="{_WORD}"/><absPath url="C:/{_WORD}"/>'
        '<sheets><sheet name="Lembar" sheetId="1"/></sheets></workbook>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_S}"><si><t>{cell}</t></si></sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_S}" xmlns:r="{_REL}"><sheetData><row><c t="s"><v>0</v></c>'
        '<c><f>1+1</f><v>2</v></c></row></sheetData><pageSetup r:id="rId1"/></worksheet>',
        "xl/worksheets/_rels/sheet1.xml.rels": f"{_RELATIONS}"
        f'<Relationship Id="rId1" Type="{_REL}/printerSettings" Target="../printerSettings/printerSettings1.bin"/>'
        "</Relationships>",
        "xl/printerSettings/printerSettings1.bin": CANARY,
        "xl/comments1.xml": f'<comments xmlns="{_S}"><authors><author>{_WORD}</author></authors></comments>',
        "docProps/core.xml": _CORE,
    }
    return zipped({**parts, **(more or {})})


def odt(text: str = "Jendela aplikasi tertutup sendiri.", more: Mapping[str, bytes | str] | None = None) -> bytes:
    """A letter with an author, a remark, and a picture that would be fetched."""
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:text="t" xmlns:draw="d" xmlns:dc="c" '
        'xmlns:xlink="x"><office:scripts><script>x</script></office:scripts><office:body><text:p>'
        f"{text}</text:p><office:annotation><dc:creator>{_WORD}</dc:creator></office:annotation>"
        f'<draw:image xlink:href="https://contoh.example/{_WORD}"/><text:a xlink:href="https://contoh.id/a">b</text:a>'
        "</office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="m"><manifest:file-entry manifest:full-path="content.xml"/>'
        '<manifest:file-entry manifest:full-path="meta.xml"/></manifest:manifest>'
    )
    parts: dict[str, bytes | str] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": content,
        "meta.xml": f"<meta>{_WORD}</meta>",
        "Thumbnails/thumbnail.png": CANARY,
        "META-INF/manifest.xml": manifest,
    }
    return zipped({**parts, **(more or {})})


def pdf(
    text: str = "Jendela aplikasi tertutup sendiri.",
    *,
    photograph: bytes = b"",
    password: str = "",
    drawn: str = "",
    leads: str = "https://contoh.id/a",
) -> bytes:
    """A page with an author, a script, a file within, and a remark; with a photograph and a drawn stamp, if given."""
    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode("latin-1"))
    page[NameObject("/Contents")] = writer._add_object(content)
    font = _dictionary(
        {"Type": NameObject("/Font"), "Subtype": NameObject("/Type1"), "BaseFont": NameObject("/Courier")}
    )
    resources: dict[str, PdfObject] = {"Font": _dictionary({"F1": font})}
    if photograph:
        picture = StreamObject()
        picture._data = photograph
        picture.update(
            _dictionary(
                {
                    "Type": NameObject("/XObject"),
                    "Subtype": NameObject("/Image"),
                    "Width": NumberObject(600),
                    "Height": NumberObject(400),
                    "Filter": NameObject("/DCTDecode"),
                }
            )
        )
        resources["XObject"] = _dictionary({"Im1": writer._add_object(picture)})
    page[NameObject("/Resources")] = _dictionary(resources)
    script = _dictionary({"S": NameObject("/JavaScript"), "JS": TextStringObject(f"app.alert('{_WORD}')")})
    page[NameObject("/AA")] = _dictionary({"O": script})
    page[NameObject("/Annots")] = ArrayObject(
        [
            _annotation(writer, "Text", {"T": TextStringObject(_WORD), "Contents": TextStringObject("Catatan")}),
            _annotation(writer, "Widget", {"A": script}),
            _annotation(writer, "FileAttachment", {"FS": _dictionary({"EF": _dictionary({"F": _secret(writer)})})}),
            _annotation(
                writer,
                "Link",
                {"A": _dictionary({"S": NameObject("/Launch"), "F": TextStringObject(f"{_WORD}.exe")})},
            ),
            _annotation(
                writer,
                "Link",
                {"A": _dictionary({"S": NameObject("/URI"), "URI": TextStringObject(leads)})},
            ),
        ]
    )
    if drawn:
        look = DecodedStreamObject()
        look.set_data(drawn.encode("latin-1"))
        stamp = _annotation(writer, "Stamp", {"AP": _dictionary({"N": writer._add_object(look)})})
        page["/Annots"].append(stamp)
    writer.root_object[NameObject("/OpenAction")] = script
    page[NameObject("/Metadata")] = writer.root_object[NameObject("/Metadata")] = _secret(writer)
    writer.add_metadata({"/Author": _WORD, "/Title": _WORD})
    writer.add_attachment(f"{_WORD}.txt", CANARY)
    if password:
        writer.encrypt(password)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _dictionary(values: Mapping[str, PdfObject]) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in values.items()})


def _secret(writer: PdfWriter) -> IndirectObject:
    stream = DecodedStreamObject()
    stream.set_data(CANARY)
    return writer._add_object(stream)


def _annotation(writer: PdfWriter, kind: str, values: Mapping[str, PdfObject]) -> IndirectObject:
    corners = ArrayObject([FloatObject(0), FloatObject(0), FloatObject(9), FloatObject(9)])
    return writer._add_object(
        _dictionary({"Type": NameObject("/Annot"), "Subtype": NameObject(f"/{kind}"), "Rect": corners, **values})
    )
