"""The templates that a new installation begins with. Administrators change them; what was sent keeps its version.

Texts are the house's own, in both languages. Nothing here is about anybody.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from nlp.labels import Label
from server.forms.model import Choice, FieldSpec, Template, Words, keys_for
from server.kernel.disclosure import Purpose
from server.kernel.text import Numbering, RedactedText, template_of
from server.sealed.fields import FieldType as T

MAKER: Final = "system"
_Row = tuple[T, str, str, bool]

_TO: Final[Sequence[_Row]] = (
    (T.STREET, "Alamat: jalan, nomor, RT/RW", "Address: street, number, RT/RW", True),
    (T.PLACE, "Kelurahan atau desa", "Village or ward", False),
    (T.PLACE, "Kecamatan", "District", True),
    (T.PLACE, "Kota atau kabupaten", "City or regency", True),
    (T.POSTCODE, "Kode pos", "Postcode", True),
)


def templates(at: datetime) -> tuple[Template, ...]:
    """Give them, in their first version, made at a moment."""
    return (_delivery(at), _billing(at), _clinic(at), _invoice(at), _location(at))


def _delivery(at: datetime) -> Template:
    fields = (
        (T.NAME, "Nama penerima", "Recipient's name", True),
        (T.PHONE, "Nomor telepon penerima", "Recipient's phone number", True),
        *_TO,
        (T.TEXT, "Catatan untuk kurir", "Note for the courier", False),
    )
    return Template(
        id="delivery",
        version=1,
        purpose=Purpose.DELIVERY,
        title=_words("Alamat pengiriman", "Delivery address"),
        about=_words(
            "Dipakai hanya untuk mengirim pesanan Anda. Isinya disegel; hanya petugas yang menangani percakapan ini "
            "yang dapat membukanya, dan setiap kali dibuka tercatat untuk Anda.",
            "Used only to send your order. It is sealed; only the staff who handle this conversation can open it, and "
            "each time they do is recorded for you.",
        ),
        consent=_words(
            "Saya setuju data ini dipakai untuk pengiriman pesanan saya.",
            "I agree that these data are used to deliver my order.",
        ),
        fields=_fields(fields, keep_days=60),
        fits=frozenset({Label.ADDRESS, Label.PHONE, Label.PERSON}),
        grant_days=30,
        paper=True,
        location=False,
        active=True,
        made_at=at,
        made_by=MAKER,
    )


def _billing(at: datetime) -> Template:
    fields = (
        (T.NAME, "Nama pemilik rekening", "Account holder", True),
        (T.TEXT, "Nama bank", "Bank", True),
        (T.BANK_ACCOUNT, "Nomor rekening", "Account number", True),
        (T.EMAIL, "Surel untuk tagihan", "E-mail for bills", False),
    )
    return Template(
        id="billing",
        version=1,
        purpose=Purpose.BILLING,
        title=_words("Data pembayaran", "Payment details"),
        about=_words(
            "Dipakai hanya untuk pembayaran atau pengembalian dana. Jangan pernah menulis PIN, OTP, atau kata sandi; "
            "kami tidak akan memintanya.",
            "Used only for payment or a refund. Never write a PIN, a one-time code or a password; we shall not ask "
            "for one.",
        ),
        consent=_words(
            "Saya setuju data ini dipakai untuk urusan pembayaran saya.",
            "I agree that these data are used for my payment.",
        ),
        fields=_fields(fields, keep_days=90),
        fits=frozenset({Label.BANK_ACCOUNT, Label.CARD}),
        grant_days=30,
        paper=False,
        location=False,
        active=True,
        made_at=at,
        made_by=MAKER,
    )


def _clinic(at: datetime) -> Template:
    sexes = (_choice("1", "Perempuan", "Female"), _choice("2", "Laki-laki", "Male"))
    fields = _fields(
        (
            (T.NAME, "Nama lengkap pasien", "Patient's full name", True),
            (T.NIK, "NIK", "Identity number (NIK)", True),
            (T.BIRTH_DATE, "Tanggal lahir", "Date of birth", True),
            (T.CHOICE, "Jenis kelamin", "Sex", True),
            (T.PHONE, "Nomor telepon", "Phone number", True),
            (T.DATE, "Tanggal kunjungan yang diinginkan", "Wanted date of the visit", False),
            (T.TEXT, "Keluhan singkat", "Complaint in short", False),
        ),
        keep_days=30,
        choices=sexes,
    )
    return Template(
        id="clinic",
        version=1,
        purpose=Purpose.REGISTRATION,
        title=_words("Pendaftaran klinik", "Clinic registration"),
        about=_words(
            "Dipakai hanya untuk mendaftarkan Anda di klinik. Data kesehatan dihapus sendiri setelah 30 hari.",
            "Used only to register you at the clinic. Health data remove themselves after 30 days.",
        ),
        consent=_words(
            "Saya setuju data ini dipakai untuk pendaftaran saya di klinik.",
            "I agree that these data are used for my registration at the clinic.",
        ),
        fields=fields,
        fits=frozenset({Label.NIK, Label.DOB, Label.MEDICAL_RECORD, Label.BPJS}),
        grant_days=14,
        paper=True,
        location=False,
        active=True,
        made_at=at,
        made_by=MAKER,
    )


def _invoice(at: datetime) -> Template:
    fields = (
        (T.NAME, "Nama pada faktur", "Name on the invoice", True),
        (T.NPWP, "NPWP", "Tax number (NPWP)", False),
        *_TO,
        (T.EMAIL, "Surel untuk faktur", "E-mail for the invoice", True),
    )
    return Template(
        id="invoice",
        version=1,
        purpose=Purpose.INVOICE,
        title=_words("Data faktur", "Invoice details"),
        about=_words(
            "Dipakai hanya untuk membuat faktur atas nama Anda.",
            "Used only to make out an invoice in your name.",
        ),
        consent=_words(
            "Saya setuju data ini dipakai untuk membuat faktur saya.",
            "I agree that these data are used to make out my invoice.",
        ),
        fields=_fields(fields, keep_days=90),
        fits=frozenset({Label.NPWP, Label.EMAIL, Label.ADDRESS}),
        grant_days=30,
        paper=True,
        location=False,
        active=True,
        made_at=at,
        made_by=MAKER,
    )


def _location(at: datetime) -> Template:
    return Template(
        id="location",
        version=1,
        purpose=Purpose.DELIVERY,
        title=_words("Ongkos kirim dari lokasi", "Shipping cost from your location"),
        about=_words(
            "Lokasi Anda dipakai sekali untuk menghitung ongkos kirim, lalu dilupakan. Yang disimpan hanya jarak "
            "dalam kilometer bulat dan ongkosnya.",
            "Your location is used once to work out the shipping cost, and then forgotten. Only the distance in whole "
            "kilometres and the cost are kept.",
        ),
        consent=_words(
            "Saya setuju lokasi saya dipakai sekali ini untuk menghitung ongkos kirim.",
            "I agree that my location is used this once to work out the shipping cost.",
        ),
        fields=(),
        fits=frozenset({Label.GEO}),
        grant_days=30,
        paper=False,
        location=True,
        active=True,
        made_at=at,
        made_by=MAKER,
    )


def _fields(rows: Sequence[_Row], *, keep_days: int, choices: tuple[Choice, ...] = ()) -> tuple[FieldSpec, ...]:
    def made() -> Iterator[FieldSpec]:
        for key, (kind, indonesian, english, required) in zip(keys_for([row[0] for row in rows]), rows, strict=True):
            offered = choices if kind is T.CHOICE else ()
            yield FieldSpec(key, kind, _words(indonesian, english), required, keep_days, offered)

    return tuple(made())


def _choice(key: str, indonesian: str, english: str) -> Choice:
    return Choice(key, _words(indonesian, english))


def _words(indonesian: str, english: str) -> Words:
    return Words(_text(indonesian), _text(english))


def _text(words: str) -> RedactedText:
    return template_of((words,)).fill(Numbering()).text
