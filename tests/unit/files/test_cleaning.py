"""What is left of files: that what shows stays, and that what says who, where and with what does not."""

import re
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from nlp.labels import Label
from server.files.kinds import family_of, text_of
from server.files.model import ENDINGS, Family, Refused
from server.files.names import file_name, is_of_a_paper, words_of
from server.files.pictures import is_unread, size_of, stripped
from server.files.texts import clean_text
from server.files.worker import clean
from server.kernel.text import Hidden, template_of
from tests.harness.documents import docx, odt, pdf, unzipped, xlsx, zipped
from tests.harness.images import CANARY, gif, jpeg, png, webp

_TEXT = "Jendela aplikasi tertutup sendiri."
_WORD = CANARY.decode()


@pytest.mark.parametrize(
    ("data", "family"),
    [
        (jpeg(), Family.IMAGE),
        (png(), Family.IMAGE),
        (webp(), Family.IMAGE),
        (gif(), Family.IMAGE),
        (pdf(), Family.PDF),
        (docx(), Family.OFFICE),
        (_TEXT.encode(), Family.TEXT),
        (_TEXT.encode("utf-16"), Family.TEXT),
        ("Ringkasan: caf\u00e9".encode("cp1252"), Family.TEXT),
        (b"\n" + pdf(), None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"", None),
        (b" \n ", None),
        (b"{\\rtf1 halo}", None),
        (b"#!/bin/sh\necho halo", None),
    ],
)
def test_files_are_told_by_their_content(data: bytes, family: Family | None) -> None:
    """By their first bytes, and texts by all of them."""
    assert family_of(data) is family


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_whatever_comes_is_cleaned_or_refused(data: bytes) -> None:
    """Nothing else is raised."""
    for beginning in (b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\xff\xd8\xff"):
        with suppress(Refused):
            assert clean(beginning + data).media_type in ENDINGS


def test_letters_keep_their_words_and_prefixes() -> None:
    """Office programs call what has lost a prefix broken."""
    parts = unzipped(clean(docx(_TEXT)).data)
    document = parts["word/document.xml"].decode()
    assert _TEXT in document
    assert 'mc:Ignorable="w14"' in document
    assert 'w14:paraId="1"' in document
    assert 'w:author="Author"' in document
    assert set(parts) == {
        "[Content_Types].xml",
        "_rels/.rels",
        "word/document.xml",
        "word/_rels/document.xml.rels",
        "word/comments.xml",
    }
    relations = parts["word/_rels/document.xml.rels"].decode()
    assert "https://contoh.id/a" in relations
    assert 'Target="about:blank"' in relations
    assert "customXml" not in relations
    assert "docProps" not in parts["_rels/.rels"].decode() + parts["[Content_Types].xml"].decode()


@pytest.mark.parametrize("data", [docx(), xlsx(), odt(), docx(more={"word/media/image1.jpeg": jpeg()})])
def test_office_documents_name_nobody(data: bytes) -> None:
    """In none of their parts."""
    assert any(CANARY in part for part in unzipped(data).values())
    cleaned = clean(data)
    assert [name for name, part in unzipped(cleaned.data).items() if CANARY in part] == []
    assert _WORD not in cleaned.text


def test_tables_keep_what_is_reckoned_in_them() -> None:
    """And what is written by its number is read once, where it stands."""
    cleaned = clean(xlsx("Harga"))
    sheet = unzipped(cleaned.data)["xl/worksheets/sheet1.xml"].decode()
    assert "<f>1+1</f><v>2</v>" in sheet
    assert "r:id" not in sheet
    assert cleaned.text.split() == ["Lembar", "Harga", "1+1", "2"]


def test_tables_behind_charts_are_cleaned_too() -> None:
    """Once; what is nested deeper is refused."""
    cleaned = clean(docx(more={"word/embeddings/Tabel.xlsx": xlsx("Omzet")}))
    within = unzipped(unzipped(cleaned.data)["word/embeddings/Tabel.xlsx"])
    assert not [name for name, part in within.items() if CANARY in part]
    assert "Omzet" in cleaned.text
    deep = xlsx(more={"xl/embeddings/Tabel.xlsx": xlsx()})
    with pytest.raises(Refused, match="file_too_complex"):
        clean(docx(more={"word/embeddings/Tabel.xlsx": deep}))


def test_documents_with_pictures_say_that_they_are_not_read() -> None:
    """Large ones; a logo is not a paper."""
    assert clean(docx(more={"word/media/image1.jpeg": jpeg(600, 400)})).unread
    assert not clean(docx(more={"word/media/image1.jpeg": jpeg(100, 80)})).unread
    assert clean(docx(more={"word/media/image1.emf": b"x"})).unread
    assert clean(odt(more={"Pictures/a.png": png(600, 400)})).unread
    assert clean(pdf(_TEXT, photograph=jpeg(600, 400))).unread
    assert clean(pdf("")).unread
    assert not clean(pdf(_TEXT)).unread


_PHONE = "081290713648"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _word(inside: str) -> bytes:
    body = f'<w:document xmlns:w="w" xmlns:v="v"><w:body><w:p>{inside}</w:p></w:body></w:document>'
    return docx(more={"word/document.xml": body})


def _linked(target: str) -> bytes:
    relation = f'<Relationship Id="rId5" Type="{_RELATIONS}/hyperlink" Target="{target}" TargetMode="External"/>'
    return docx(more={"word/_rels/document.xml.rels": f"<Relationships>{relation}</Relationships>"})


def _sheet(cells: str, name: str = "Lembar") -> bytes:
    book = f'<workbook><sheets><sheet name="{name}" sheetId="1"/></sheets></workbook>'
    sheet = f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>"
    return xlsx(more={"xl/workbook.xml": book, "xl/worksheets/sheet1.xml": sheet})


@pytest.mark.parametrize(
    "data",
    [
        _linked(f"tel:{_PHONE}"),
        _linked(f"https://wa.me/{_PHONE}"),
        _word(f'<w:instrText>HYPERLINK "tel:{_PHONE}"</w:instrText>'),
        _word(f'<w:fldSimple w:instr="HYPERLINK tel:{_PHONE} "/>'),
        _word(f'<v:textpath string="{_PHONE}"/>'),
        _word(f'<w:alias w:val="{_PHONE}"/>'),
        _word(f'<w:lvlText w:val="{_PHONE} %1"/>'),
        _word(f'<w:listItem w:displayText="{_PHONE}"/>'),
        _word('<w:t>0812</w:t><w:drawing descr="Logo"/><w:t>90713648</w:t>'),
        _sheet("<c><v>1</v></c>", name=_PHONE),
        _sheet(f"<c><f>B1</f><v>{_PHONE}</v></c>"),
        _sheet(f'<dataValidation prompt="{_PHONE}"/>'),
        _sheet(f'<hyperlink display="{_PHONE}"/>'),
        odt(more={"content.xml": f'<c xmlns:x="x" xmlns:t="t"><t:a x:href="tel:{_PHONE}">b</t:a></c>'}),
        odt(more={"content.xml": f'<c xmlns:table="t"><table:table table:name="{_PHONE}"/></c>'}),
    ],
)
def test_all_that_people_read_in_a_document_is_read(data: bytes) -> None:
    """Where a link leads, on tabs, in curved letters, in hints: nothing parts it from what stands around it."""
    assert re.search(rf"\b{_PHONE}\b", clean(data).text)


def test_long_numbers_of_tables_are_read_as_they_are_shown() -> None:
    """Seventeen digits are kept by their power of ten."""
    assert "3174051203900000" in clean(_sheet("<c><v>3.1740512039E+15</v></c>")).text
    assert "E+15" not in clean(_sheet("<c><v>2</v></c>")).text


def test_what_a_remark_draws_is_not_read() -> None:
    """A stamp shows words that are nowhere else; a line shows none."""
    assert clean(pdf(_TEXT, drawn=f"BT ({_PHONE}) Tj ET")).unread
    assert not clean(pdf(_TEXT, drawn="1 0 0 RG 0 0 m 9 9 l S")).unread
    assert f"tel:{_PHONE}" in clean(pdf(_TEXT, leads=f"tel:{_PHONE}")).text


def test_pdf_pages_stay_and_nothing_acts() -> None:
    """Nor is anything of what was taken out still in the file."""
    cleaned = clean(pdf(_TEXT, photograph=jpeg(600, 400)))
    assert CANARY not in cleaned.data
    for word in (b"JavaScript", b"/Launch", b"/OpenAction", b"/AA", b"EmbeddedFile", b"Metadata", b"/Author", b"/JS"):
        assert word not in cleaned.data, word
    reader = PdfReader(BytesIO(cleaned.data))
    [page] = reader.pages
    assert page.extract_text().strip() == _TEXT
    assert b"https" in cleaned.data
    assert not reader.metadata
    assert "Catatan" in cleaned.text


def test_photographs_in_documents_lose_where_they_were_taken() -> None:
    """And keep their pixels and colours; what stands behind their end goes too."""
    for source in (jpeg(60, 40), png(60, 40)):
        bare = stripped(source)
        assert bare is not None
        assert CANARY in source
        assert CANARY not in bare
        assert size_of(bare) == (60, 40)
    assert stripped(b"GIF89a") is None
    assert stripped(jpeg()[:40]) is None
    assert stripped(png()[:40]) is None
    assert is_unread(b"BM")
    tail = stripped(png() + b"PK\x03\x04")
    assert tail == stripped(png())


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd", "'-2+3+cmd"),
        (" =1", "' =1"),
        ("-5", "-5"),
        ("+62 812 3456 7890", "+62 812 3456 7890"),
        ("1.250,00", "1.250,00"),
        ("Budi", "Budi"),
    ],
)
def test_cells_carry_nothing_out(cell: str, kept: str) -> None:
    """Numbers stay numbers."""
    cleaned = clean_text(f"Nama;Nilai\nA;{cell}\nB;2\n".encode())
    assert cleaned.media_type == "text/csv"
    assert cleaned.text == f"Nama;Nilai\nA;{kept}\nB;2\n"


def test_texts_are_uniform() -> None:
    """Line feeds, UTF-8 within; words without an end are refused."""
    assert clean_text(b"\xef\xbb\xbfa\r\nb\rc").text == "a\nb\nc"
    assert clean_text(b"a, b dan c\nlalu d").media_type == "text/plain"
    assert text_of("Ringkasan: caf\u00e9".encode("cp1252")) == "Ringkasan: caf\u00e9"
    with pytest.raises(Refused, match="file_too_complex"):
        clean_text(b"a" * 1_001)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("KTP_Budi-Santoso_3171234567890001.jpg", "KTP Budi Santoso 3171234567890001"),
        ("SuratJalan081234567890.pdf", "Surat Jalan 081234567890"),
        ("budi@contoh.id.pdf", "budi@contoh.id"),
        ("+62812-3456-7890.pdf", "+62812-3456-7890"),
        ("budi%40contoh.id.pdf", "budi@contoh.id"),
        ("kode%253A satu.pdf", "kode: satu"),
        ("../../etc/passwd", "passwd"),
        ("a\u202eb\u0000c", "a b c"),
        ("", ""),
    ],
)
def test_names_become_words(typed: str, words: str) -> None:
    """As the gate reads them best."""
    assert words_of(typed) == words


@pytest.mark.parametrize("typed", ["\u3164.pdf", "\u200b\u2800 .pdf", "\u0301.pdf", "..pdf"])
def test_a_name_that_nobody_sees_is_none(typed: str) -> None:
    """Such a file is called by what it is."""
    assert words_of(typed).replace("pdf", "") == ""


def test_papers_are_known_by_their_names() -> None:
    """Whole words only."""
    assert is_of_a_paper("KTP saya")
    assert is_of_a_paper("scan kartu keluarga")
    assert not is_of_a_paper("simpan layar")


def test_names_say_what_was_hidden_and_what_the_file_is() -> None:
    """Without numbers, and without what file systems read otherwise."""
    template = template_of(["surat / ", Hidden(Label.PHONE, "ab"), ' "lama"'])
    assert file_name(template, "application/pdf").value == "surat PHONE lama.pdf"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("4718936205.txt", "file.txt"),
        ("rekening 4718936205.txt", "rekening.txt"),
        ("rekening4718936205 bulan ini.txt", "rekening bulan ini.txt"),
        ("X7391846.txt", "file.txt"),
        ("A12B34C56D78E90.txt", "file.txt"),
        ("4718-93-6205.txt", "file.txt"),
        ("\u0664\u0667\u0661\u0668\u0669\u0663.txt", "file.txt"),
        ("123456.txt", "file.txt"),
        ("12345.txt", "12345.txt"),
        ("DSC00012.txt", "DSC00012.txt"),
        ("laporan 2026.txt", "laporan 2026.txt"),
        ("IMG_20261122_101530.txt", "IMG 20261122 101530.txt"),
        ("Tangkapan layar 2026-11-22 10.15.30.txt", "Tangkapan layar 2026-11-22 10.15.30.txt"),
        ("20261122 4718936205.txt", "file.txt"),
        ("20269922.txt", "file.txt"),
    ],
)
def test_a_name_holds_no_number_that_may_be_somebodys(typed: str, name: str) -> None:
    """A day and a time stay, and so do short numbers: by those people find their files again."""
    assert file_name(template_of([words_of(typed)]), "text/plain").value == name


@given(st.text("0123456789 .-ab", max_size=40))
def test_no_long_number_is_left_of_any_name(typed: str) -> None:
    """Whatever stands around it; what is left of six digits in a row is a day or a time."""
    name = file_name(template_of([words_of(typed)]), "text/plain").value
    assert all(row[:2] in {"19", "20"} or len(row) < 7 for row in re.findall(r"[0-9]{6,}", name))


def test_archives_of_too_many_or_equal_parts() -> None:
    """Are not unpacked."""
    many = zipped({"[Content_Types].xml": "<Types/>", **{f"word/{number}.xml": "" for number in range(3_001)}})
    with pytest.raises(Refused, match="file_too_complex"):
        clean(many)
    with pytest.raises(Refused, match="file_damaged"):
        clean(zipped({"[Content_Types].xml": "<Types/>", "word/A.xml": "<a/>", "word/a.xml": "<a/>"}))
