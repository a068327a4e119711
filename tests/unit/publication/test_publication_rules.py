"""What has the form of something that identifies, what is a quotation, and when a permission stands."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.publishing import PublicUse
from server.kernel.text import RedactedText
from server.publication.model import Method, Permission, State, has_placeholders, is_telling, quotes

_NOW = datetime(2026, 11, 23, tzinfo=UTC)
_SENTENCE = "kasir ini membantu toko kami melayani pembeli lebih cepat dari dulu setiap hari"
_WORDS = _SENTENCE.split(" ")


def _asked(**changes: object) -> Permission:
    fields: dict[str, object] = {
        "id": "p1",
        "person_id": "a1",
        "use": PublicUse.TESTIMONIAL,
        "object_id": "i1",
        "text": RedactedText("Bagus sekali."),
        "asked_by": "s1",
        "asked_at": _NOW,
        "until": _NOW + timedelta(days=30),
    }
    return Permission(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name, for brevity


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("Hubungi 0812-9071-3648 untuk itu.", True),
        ("Tulis ke toko@contoh.example saja.", True),
        ("Nomornya +62 812 9071 3648.", True),
        ("Lewat wa.me/toko bisa.", True),
        ("Nomor 3201 2345 6789 0123 tercetak.", True),
        ("Ada 120 pembeli pada 23-11-2026.", False),
        ("Halo ⟦PHONE:1⟧, terima kasih.", False),
        ("Buka menu Laporan, lalu pilih bulan.", False),
    ],
)
def test_forms_that_identify(text: str, telling: bool) -> None:
    assert is_telling(RedactedText(text)) is telling


@given(st.integers(0, 13), st.integers(0, 13))
def test_eight_words_in_a_row_are_a_quotation(first: int, last: int) -> None:
    """Whatever the case and the punctuation; fewer are everybody's words."""
    first, last = min(first, last), max(first, last)
    piece = RedactedText(f"Catatan: {', '.join(_WORDS[first:last]).upper()}.")
    assert quotes(piece, [RedactedText("Lain."), RedactedText(" ".join(_WORDS))]) is (len(_WORDS[first:last]) >= 8)


@given(st.sampled_from(State), st.integers(-40, 40))
def test_a_permission_stands_only_signed_and_in_its_time(state: State, days: int) -> None:
    permission = _asked(state=state)
    assert permission.stands(_NOW + timedelta(days=days)) is (state is State.SIGNED and days < 30)
    assert permission.covers(RedactedText("Bagus sekali."))
    assert not permission.covers(RedactedText("Bagus sekali"))


def test_what_was_signed_is_held_by_its_digest() -> None:
    """The text, the use and the object; not what became of it later."""
    signed = _asked().signed(_NOW, "id", Method.PASSWORD, named=False)
    assert signed.digest == _asked().digest == signed.ended(_NOW).digest
    others = [_asked(text=RedactedText("Buruk.")), _asked(use=PublicUse.REPORT), _asked(object_id="i2")]
    assert len({one.digest for one in [signed, *others]}) == 4
    assert (signed.ended(_NOW).state, _asked().ended(_NOW).state) == (State.REVOKED, State.DECLINED)
    assert has_placeholders(RedactedText("Halo ⟦PERSON:1⟧"))
