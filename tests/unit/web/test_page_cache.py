"""Pages that are kept for readers who are not signed in."""

import gzip
from datetime import UTC, datetime, timedelta

from server.web.site.caching import BESIDE_OTHERS_S, PageCache, body_of, piece_of


class _Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_page_is_found_until_what_it_shows_changes() -> None:
    """Others stay."""
    cache = PageCache(_Clock())
    one, two = body_of("<p>satu</p>"), body_of("<p>dua</p>")
    cache.put(("/1",), one, frozenset({"a", "lists"}), cache.begin())
    cache.put(("/2",), two, frozenset({"b"}), cache.begin())
    assert cache.find(("/1",)) is one
    cache.drop({"a"})
    assert cache.find(("/1",)) is None
    assert cache.find(("/2",)) is two


def test_a_page_that_was_being_made_meanwhile_is_not_kept() -> None:
    """It may show what was there before the change."""
    cache = PageCache(_Clock())
    begun = cache.begin()
    cache.drop({"a"})
    cache.put(("/1",), body_of("lama"), frozenset({"a"}), begun)
    assert cache.find(("/1",)) is None
    cache.put(("/2",), body_of("lain"), frozenset({"b"}), begun)
    assert cache.find(("/2",)) is not None
    cache.put(("/1",), body_of("baru"), frozenset({"a"}), cache.begin())
    assert cache.find(("/1",)) is not None


def test_what_no_event_tells_of_is_seen_after_a_while() -> None:
    """A page lasts a minute at most."""
    clock = _Clock()
    cache = PageCache(clock)
    cache.put(("/1",), body_of("x"), frozenset({"a"}), cache.begin())
    clock.now += timedelta(seconds=59)
    assert cache.find(("/1",)) is not None
    clock.now += timedelta(seconds=2)
    assert cache.find(("/1",)) is None


def test_beside_other_servers_a_page_lasts_seconds() -> None:
    """What they change is told of nowhere here."""
    clock = _Clock()
    cache = PageCache(clock, lasts_s=BESIDE_OTHERS_S)
    cache.put(("/1",), body_of("x"), frozenset({"a"}), cache.begin())
    clock.now += timedelta(seconds=4)
    assert cache.find(("/1",)) is not None
    clock.now += timedelta(seconds=2)
    assert cache.find(("/1",)) is None


def test_memory_is_bounded() -> None:
    """The longest unused goes first."""
    cache = PageCache(_Clock(), most_bytes=4_000)
    for number in range(20):
        cache.put((number,), body_of(f"{number} " * 300), frozenset({"a"}), cache.begin())
    kept = [number for number in range(20) if cache.find((number,)) is not None]
    assert kept
    assert kept[-1] == 19
    assert len(kept) < 20


def test_both_codings_are_the_same_page() -> None:
    """And the same page has the same tag."""
    body = body_of("<p>halo</p>")
    assert gzip.decompress(body.packed) == body.plain
    assert body.tag == body_of("<p>halo</p>").tag != body_of("<p>hai</p>").tag


def test_a_piece_stands_in_its_place_in_both_codings() -> None:
    """Whatever stands around it; and the tag tells pages with other pieces apart."""
    piece, other = piece_of("<p>isi &amp; " + "kata " * 500 + "</p>"), piece_of("<p>lain</p>")
    page = "<main>" + "awal " * 50 + "MARK" + "</main>"
    for passing in (False, True):
        body = body_of(page, piece=piece, mark="MARK", passing=passing)
        assert body.plain.decode() == page.replace("MARK", piece.plain.decode())
        assert gzip.decompress(body.packed) == body.plain
    tags = {body_of(page, piece=item, mark="MARK").tag for item in (piece, other)}
    assert len(tags | {body_of(page).tag, body_of("x" + page, piece=piece, mark="MARK").tag}) == 4
    plain = body_of("tanpa tanda", piece=piece, mark="MARK")
    assert (plain.plain, gzip.decompress(plain.packed)) == (b"tanpa tanda", b"tanpa tanda")
