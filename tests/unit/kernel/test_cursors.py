"""Cursors come back as they went, and nothing else passes for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.cursors import cursor_of, number_cursor, number_place, read_cursor
from server.kernel.errors import InvalidInput


@given(st.integers(0, 10**18 - 1), st.sampled_from(["n:", "q:"]))
def test_numbers_come_back(number: int, mark: str) -> None:
    cursor = number_cursor(number, mark)
    assert cursor is not None
    assert set(cursor).isdisjoint("=+/&?#")
    assert number_place(cursor, mark) == number


def test_there_is_no_place_before_the_first_page_nor_after_the_last() -> None:
    assert number_place(None) is None
    assert number_cursor(None) is None


@given(st.integers(0, 10**18 - 1))
def test_a_cursor_of_another_list_is_refused(number: int) -> None:
    cursor = number_cursor(number, "q:")
    with pytest.raises(InvalidInput) as refused:
        number_place(cursor, "n:")
    assert refused.value.fields == {"cursor": "malformed"}


@pytest.mark.parametrize("place", ["n:", "n:-1", "n:1.5", "n:1e3", f"n:{10**18}", "n: 1", "n:1 ", "1"])
def test_only_a_number_is_a_number(place: str) -> None:
    with pytest.raises(InvalidInput):
        number_place(cursor_of(place))


@given(st.text(max_size=80))
def test_any_other_text_is_refused_or_read(text: str) -> None:
    """Whatever a client sends is a place or an error that names the field, never another failure."""
    refusal: InvalidInput | None = None
    place = ""
    try:
        place = read_cursor(text)
    except InvalidInput as refused:
        refusal = refused
    assert refusal is None or refusal.fields == {"cursor": "malformed"}
    assert place.isascii()
