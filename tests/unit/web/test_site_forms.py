"""What a form's fields become."""

import pickle

import pytest
from markupsafe import escape

from server.web.site.forms import Form, Typed, local_path


def test_a_typed_text_goes_back_escaped_and_nowhere_else() -> None:
    """It does not become a str by accident."""
    typed = Typed('<b>"rahasia"</b>')
    assert escape(typed) == "&lt;b&gt;&#34;rahasia&#34;&lt;/b&gt;"
    assert "rahasia" not in repr(typed)
    assert len(typed.raw) == len(typed) == 16
    with pytest.raises(TypeError):
        str(typed)
    with pytest.raises(TypeError):
        f"{typed}"
    with pytest.raises(TypeError):
        pickle.dumps(typed)
    assert not Typed("  ")


def test_choices_are_what_pages_of_ours_offer() -> None:
    """Anything else is none."""
    form = Form({"a": ["abc.12", "x"], "b": ["tidak boleh"], "n": ["12", "x", "7"], "on": ["1"], "off": [""]})
    assert (form.word("a"), form.word("b"), form.word("c")) == ("abc.12", "", "")
    assert form.words("a") == ["abc.12", "x"]
    assert (form.number("n"), form.number("a"), form.numbers("n")) == (12, None, [12, 7])
    assert (form.is_on("on"), form.is_on("off"), form.is_on("c")) == (True, False, False)
    assert [len(piece) for piece in Form({"t": ["satu, dua ,,"]}).pieces("t", ",")] == [4, 3]


@pytest.mark.parametrize(
    ("path", "led"),
    [
        ("/forum/t/5/judul?p=2#p21", "/forum/t/5/judul?p=2#p21"),
        ("//elsewhere.example", "/forum"),
        ("/\\elsewhere.example", "/forum"),
        ("https://elsewhere.example", "/forum"),
        ("/x\r\nSet-Cookie: a=b", "/forum"),
        ("", "/forum"),
        ("/" + "x" * 400, "/forum"),
    ],
)
def test_nobody_is_led_elsewhere(path: str, led: str) -> None:
    """Only to addresses of ours."""
    assert local_path(path, "/forum") == led
