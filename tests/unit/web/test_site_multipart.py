"""Forms with files, read in memory."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.errors import InvalidInput
from server.web.site.forms import Form
from server.web.site.multipart import Part, parts_of

_BOUNDARY = b"----batas"


def _body(*parts: tuple[str, bytes | None, bytes]) -> bytes:
    lines = []
    for name, filename, content in parts:
        file = b'; filename="' + filename + b'"\r\nContent-Type: image/png' if filename is not None else b""
        lines.append(
            b'--%b\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n'
            % (
                _BOUNDARY,
                name.encode(),
                file,
                content,
            )
        )
    return b"".join(lines) + b"--" + _BOUNDARY + b"--\r\n"


@given(st.lists(st.tuples(st.sampled_from(["text", "image"]), st.none() | st.just(b"x.png"), st.binary(max_size=60))))
def test_what_was_sent_is_read(parts: list[tuple[str, bytes | None, bytes]]) -> None:
    """Every field, in order, byte by byte, and what a file is called."""
    kept = [part for part in parts if b"\r\n--" + _BOUNDARY not in b"\r\n" + part[2]]
    expected = [Part(name, file is not None, content, (file or b"").decode()) for name, file, content in kept]
    assert list(parts_of(_body(*kept), _BOUNDARY)) == expected


@given(st.binary(max_size=80))
def test_anything_else_is_refused_or_read(body: bytes) -> None:
    """Never another error."""
    with suppress(InvalidInput):
        assert len(list(parts_of(body.replace(b"x", b"--" + _BOUNDARY + b"\r\n"), _BOUNDARY))) <= len(body)


def test_what_is_cut_off_is_no_field() -> None:
    """What stands before it is."""
    body = _body(("text", None, b"Halo"), ("image", b"x.png", b"12345678"))
    assert [part.name for part in parts_of(body[:-20], _BOUNDARY)] == ["text"]


@pytest.mark.parametrize(
    "body",
    [
        b"x" + _body(("text", None, b"a")),
        _body(*[("text", None, b"a")] * 101),
        _body(("text", None, b"a")).replace(b'name="text"', b'name="' + b"t" * 41 + b'"'),
        _body(("text", None, b"a")).replace(b"form-data", b"attachment"),
        _body(("text", None, b"a")).replace(b"\r\n\r\n", b"\r\n"),
        _body(("text", None, b"a")).replace(b"Content", b"X" * 1_000 + b"Content"),
    ],
)
def test_malformed_forms(body: bytes) -> None:
    """Refused, without saying what stood there."""
    with pytest.raises(InvalidInput):
        list(parts_of(body, _BOUNDARY))


def test_an_image_is_named_at_the_end_of_a_text() -> None:
    """What is said of it can't end its brackets."""
    form = Form({"text": ["Halo  "], "alt": ["a ]( b\n[c]\\"]}).with_image("text", "alt", "/l.webp#1x2", "/k.webp")
    assert form.text("text").reveal() == "Halo\n\n![a ( b c](/l.webp#1x2)\n"
    assert form.attached == "/k.webp"
    assert Form({}).with_image("text", "alt", "/l.webp", "/k").text("text").reveal() == "![](/l.webp)\n"


@pytest.mark.parametrize(
    ("at", "zone", "moment"),
    [
        ("2026-11-22T19:30", "e420", "2026-11-22T12:30:00+00:00"),
        ("2026-11-22T19:30:15", "w300", "2026-11-23T00:30:15+00:00"),
        ("2026-11-22T19:30", "e0", "2026-11-22T19:30:00+00:00"),
    ],
)
def test_a_moment_of_a_clock(at: str, zone: str, moment: str) -> None:
    """In UTC."""
    found = Form({"at": [at], "zone": [zone]}).moment("at", "zone")
    assert found is not None
    assert found.isoformat() == moment


@pytest.mark.parametrize(
    ("at", "zone"),
    [("2026-02-30T10:00", "e0"), ("besok", "e0"), ("2026-11-22T19:30", ""), ("0001-01-01T00:00", "e999")],
)
def test_no_such_moment(at: str, zone: str) -> None:
    """The field is named, not what stood in it."""
    with pytest.raises(InvalidInput) as refused:
        Form({"at": [at], "zone": [zone]}).moment("at", "zone")
    assert dict(refused.value.fields) == {"at": "malformed"}
    assert Form({"zone": ["e0"]}).moment("at", "zone") is None
