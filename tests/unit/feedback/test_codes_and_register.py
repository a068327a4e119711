"""Follow-up codes as people type them, addresses without what they may tell, and cells that are no formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from server.feedback.giving import _words_of, normal_code
from server.feedback.register import _cell
from server.feedback.schemas import NewFeedback

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(st.text(_LETTERS, min_size=24, max_size=24), st.data())
def test_a_code_is_found_however_it_is_typed(letters: str, data: st.DataObject) -> None:
    """Small letters, blanks for dashes, an O for a zero: the same code."""
    code = "-".join(letters[start : start + 4] for start in range(0, 24, 4))
    assert normal_code(code) == code
    assert normal_code(f" {code.lower().replace('-', ' ')} ") == code
    assert normal_code(code.replace("0", "O").replace("1", "l")) == code
    place = data.draw(st.integers(0, len(letters) - 1))
    assert normal_code(letters[:place] + letters[place + 1 :]) is None
    assert normal_code(letters[:place] + "U" + letters[place + 1 :]) is None


@given(st.text(max_size=40))
def test_a_cell_is_never_a_formula(text: str) -> None:
    """What a spreadsheet would work out is shown as it is."""
    cell = str(_cell(text))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.endswith(text)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://toko.contoh/kasir?id=7&nama=x#atas", "https://toko.contoh/kasir"),
        ("https://orang:rahasia@toko.contoh:8443/kasir", "https://toko.contoh/kasir"),
        ("https://toko.contoh", "https://toko.contoh"),
    ],
)
def test_an_address_loses_what_may_tell_of_somebody(address: str, kept: str) -> None:
    """User, query and fragment go before anything else looks at it."""
    new = NewFeedback.model_validate({"kind": "complaint", "title": "a", "text": "b", "page": address})
    assert new.page == kept


def test_an_address_that_is_none_is_refused() -> None:
    """Without a word of it in the error."""
    with pytest.raises(ValidationError) as caught:
        NewFeedback.model_validate({"kind": "complaint", "title": "a", "text": "b", "page": "https://[rahasia"})
    assert "rahasia" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/kasir/laporan/2026", "/kasir/laporan/2026"),
        ("/pesanan/7281940563/ubah", "/pesanan"),
        ("/akun/x7391846", "/akun"),
        ("/atur/%37%32%38%31%39", "/atur"),
        ("/kasir/", "/kasir/"),
    ],
)
def test_a_path_ends_before_what_could_be_a_number(path: str, kept: str) -> None:
    """Without a sentence around it nothing tells whose it is."""
    assert _words_of(path) == kept
