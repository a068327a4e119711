"""One invented identifier of every label, and how to find any trace of it. Nobody here exists."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from nlp.labels import Label

CONTROL = "jendela7kuning"
"""An innocent word in every message: it must be found wherever canaries are looked for, else the search is blind."""

_SEPARATORS = bytes(code for code in range(256) if not chr(code).isalnum() or code > 127)


@dataclass(frozen=True, slots=True)
class Canary:
    """An identifier in a sentence.

    Attributes:
        label: what it is.
        value: as typed.
        sentence: with the value in it; at most 120 characters, so that it is also a subject.
        traces: pieces that give it away, in lower case and without separators.
    """

    label: Label
    value: str
    sentence: str
    traces: tuple[bytes, ...]

    @property
    def as_id(self) -> str:
        """The value in the form of an id."""
        return re.sub(r"[^0-9A-Za-z_-]", "-", self.value)


def _canary(label: Label, sentence: str, value: str, *traces: str) -> Canary:
    assert len(sentence) <= 100
    return Canary(
        label, value, sentence.format(value), tuple(t.encode() for t in traces) or (squeezed(value.encode()),)
    )


def squeezed(data: bytes) -> bytes:
    """Only the ASCII letters and digits, in lower case."""
    return data.translate(None, _SEPARATORS).lower()


CANARIES = (
    _canary(Label.PERSON, "Nama pasien saya {} dari Puskesmas.", "Wagiyem Kusnandarini", "wagiyem", "kusnandarini"),
    _canary(Label.PHONE, "tolong hubungi nomor hp {} ya", "0812-9071-3648", "81290713648"),
    _canary(Label.EMAIL, "kirim ke email {} ya", "qiqwexa.zorbland@contoh-usaha.co.id", "qiqwexa", "zorbland"),
    _canary(Label.ADDRESS, "alamat saya {}", "Jl. Kenangawangi No. 417 RT 03 RW 05 Yogyakarta", "kenangawangi"),
    _canary(Label.NIK, "NIK saya {}", "3404075708830002"),
    _canary(Label.KK, "nomor KK kami {}", "3404070911120017"),
    _canary(Label.NPWP, "NPWP perusahaan {}", "74.318.529.6-541.000"),
    _canary(Label.BPJS, "nomor BPJS {}", "0001837462915"),
    _canary(Label.PASSPORT, "nomor paspor {}", "X7391846"),
    _canary(Label.MEDICAL_RECORD, "no RM {} belum muncul", "4718936205"),
    _canary(Label.BANK_ACCOUNT, "transfer ke rekening BCA {}", "7281940563"),
    _canary(Label.CARD, "kartu kredit saya {}", "5412 7534 9821 0066"),
    _canary(Label.PLATE, "mobil plat {} parkir", "AB 4719 KXQ"),
    _canary(Label.IP, "IP server kami {} tidak bisa diakses", "203.0.113.197"),
    _canary(Label.GEO, "lokasi saya di {}", "-7.80136284, 110.36491753", "780136284", "11036491753"),
    _canary(Label.DOB, "tanggal lahir {}", "17 Agustus 1983"),
    _canary(Label.USERNAME, "cek instagram {}", "@qorvexia_81z", "qorvexia"),
    _canary(Label.SECRET, "kata sandi saya {}", "Xq7!bravotango9", "bravotango9"),
)
"""One a label."""

ALL_AT_ONCE = " | ".join(canary.sentence for canary in CANARIES)
"""All of them in one line of ASCII."""

OWN_NAME = _canary(Label.PERSON, "{}", "Sumarlinah Oktaviandari", "sumarlinah", "oktaviandari")
"""A display name, which others are meant to see; it must be sealed wherever it is kept."""


def traces_in(data: bytes, canaries: Iterable[Canary] = CANARIES) -> dict[str, list[str]]:
    """Find canaries whatever the case, the separators and the percent-encoding.

    Returns:
        label -> the pieces found.
    """
    forms = [squeezed(data)]
    if b"%" in data:
        forms.append(squeezed(unquote_to_bytes(data)))
    found = {
        canary.label.value: [trace.decode() for trace in canary.traces if any(trace in form for form in forms)]
        for canary in canaries
    }
    return {label: pieces for label, pieces in found.items() if pieces}
