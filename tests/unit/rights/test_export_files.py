"""The archive and its pages: whole in a stream, with sums that fit, and nothing in them that a browser would run."""

import io
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rights.archive import Archive, safe_path
from server.rights.readable import page, shown

_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_ALLOWED = {"html", "head", "meta", "title", "style", "body", "main", "dl", "dt", "dd", "article", "p", "h1", "a"}

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


async def _pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    for first in range(0, len(content), size):
        yield content[first : first + size]


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}/[a-z]{1,8}\.json", fullmatch=True), st.binary(max_size=2000)))
def test_what_goes_in_comes_out_with_sums_that_fit(files: dict[str, bytes]) -> None:
    archive = Archive(_AT)
    whole = b"".join(b"".join(archive.add(path, content)) for path, content in files.items()) + archive.close()
    read = zipfile.ZipFile(io.BytesIO(whole))
    assert read.testzip() is None
    assert {path: read.read(path) for path in read.namelist()} == files
    sums = {entry.path: (entry.length, entry.sha256) for entry in archive.entries}
    assert sums == {path: (len(content), sha256(content).hexdigest()) for path, content in files.items()}


async def test_a_long_file_leaves_as_it_comes() -> None:
    archive, content = Archive(_AT), bytes(range(256)) * 4000
    sent = [piece async for piece in archive.stream("files/picture.webp", _pieces(content, 10_000))]
    assert max(map(len, sent)) < 20_000, "nothing is gathered"
    whole = b"".join(sent) + archive.close()
    assert zipfile.ZipFile(io.BytesIO(whole)).read("files/picture.webp") == content


@pytest.mark.parametrize(
    "path", ["../a.json", "/a.json", "a//b.json", "a/../b.json", "A b.json", "", "a\\b", "a/" * 120]
)
def test_a_path_never_leads_out_of_the_archive(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        list(Archive(_AT).add(path, b""))


def test_no_path_is_there_twice() -> None:
    archive = Archive(_AT)
    list(archive.add("a.json", b"1"))
    with pytest.raises(ValueError, match="path"):
        list(archive.add("a.json", b"2"))


@given(_JSON, st.text(max_size=30))
def test_nothing_that_was_written_becomes_markup(value: object, title: str) -> None:
    read = _Tags()
    read.feed(page("id", title, shown(value, lambda _: "")).decode())
    assert set(read.tags) <= _ALLOWED
    assert not any(name.startswith("on") or name in {"src", "action"} for name in read.attributes)


@given(st.text(max_size=300), st.integers(1, 4))
def test_any_name_becomes_a_path_of_its_own(name: str, times: int) -> None:
    archive = Archive(_AT)
    for _ in range(times):
        list(archive.add(safe_path(f"files/0a1b/{name}", {entry.path for entry in archive.entries}), b""))
    assert len({entry.path for entry in archive.entries}) == times


def test_a_path_stays_like_what_it_was() -> None:
    assert safe_path("files/0a1b/KTP PERSON résumé.webp", ()) == "files/0a1b/KTP-PERSON-resume.webp"
    assert safe_path("chat/12.json", {"chat/12.json"}) == "chat/12-2.json"
    assert safe_path("../../etc/passwd", ()) == "x/x/etc"
