"""What the desk's search keeps in memory: found are the pieces that say all words, and in them the right message."""

from server.desk.pieces import PIECE, Piece, Share, person_key, piece_id, said_of, spot_of
from server.desk.recent import Recent

_RANI = person_key("rani")


def _share(talk: str, block: int, says: dict[int, set[str]], *, whole: bool = False) -> Share:
    """A share of a piece whose messages say something: `seq` -> words."""
    said = tuple(said_of(seq, words) for seq, words in says.items())
    return Share(piece_id(talk, block), talk, frozenset({_RANI}).union(*says.values()), max(says), said, whole)


def _recent(*shares: Share, most: int = 100) -> Recent:
    recent = Recent(most)
    recent.begin(0)
    for number, share in enumerate(shares, start=1):
        recent.written([share], {share.id: number})
    return recent


def _found(recent: Recent, *words: str, top: int = 1_000, most: int = 20) -> list[tuple[str, list[int]]]:
    return [(spot.id, spot.seqs(all_of_them=False)) for spot in recent.newest(list(words), [_RANI], top, most)]


def test_the_newest_come_first_and_all_words_must_be_there() -> None:
    """In any message of the piece; told is the newest of those that say most of them."""
    recent = _recent(
        _share("a", 0, {1: {"printer"}, 2: {"kasir"}}),
        _share("b", 0, {1: {"printer"}}),
        _share("c", 1, {65: {"printer", "kasir"}, 66: {"kasir"}}),
    )
    assert _found(recent, "printer", "kasir") == [("c:1", [65]), ("a:0", [2])]
    assert _found(recent, "printer") == [("c:1", [65]), ("b:0", [1]), ("a:0", [1])]
    assert _found(recent, "printer", top=2, most=1) == [("b:0", [1])]
    assert _found(recent, "laci") == []
    assert recent.newest(["printer"], [person_key("yosef")], 9, 9) == []


def test_words_are_added_and_what_is_written_anew_is_forgotten() -> None:
    """A share that is not whole adds to what was said before."""
    recent = _recent(_share("a", 0, {1: {"printer"}}))
    recent.written([_share("a", 0, {2: {"printer", "tinta"}})], {})
    assert _found(recent, "printer") == [("a:0", [2])]
    assert [spot.seqs(all_of_them=True) for spot in recent.newest(["printer"], [], 9, 9)] == [[1, 2]]
    recent.written([_share("a", 0, {1: {"kabel"}, 2: {"tinta"}}, whole=True)], {})
    assert _found(recent, "printer") == []
    assert _found(recent, "kabel", "tinta") == [("a:0", [2])]
    recent.forget("a")
    assert _found(recent, "tinta") == []


def test_only_so_many_are_kept() -> None:
    """Below them the index is read; what is taken in later from below is found too."""
    recent = _recent(*(_share(name, 0, {1: {"printer"}}) for name in "abcd"), most=2)
    assert _found(recent, "printer") == [("d:0", [1]), ("c:0", [1])]
    assert recent.floor == 2
    # What is no newer than the oldest that was let go is read from the index.
    recent.written([_share("a", 0, {2: {"printer"}})], {})
    assert len(_found(recent, "printer")) == 2
    recent.clear()
    assert (recent.floor, _found(recent, "printer")) == (None, [])


def test_older_pieces_are_taken_in_from_the_index() -> None:
    """Of one that was written before it was kept which message says what, that is not known."""
    recent = Recent()
    recent.begin(9)
    told = Piece("b:0", 8, "b", frozenset({"printer", _RANI}), 2, (said_of(1, {"printer"}), said_of(2, set())))
    untold = Piece("a:0", 7, "a", frozenset({"printer", _RANI}), 2)
    recent.take_in([untold, told], 5)
    assert recent.floor == 5
    assert [(spot.id, spot.places) for spot in recent.newest(["printer"], [_RANI], 9, 9)] == [
        ("b:0", (1,)),
        ("a:0", None),
    ]
    assert [(spot_of(piece, ["printer"]).places) for piece in (told, untold)] == [(1,), None]
    assert spot_of(untold, ["printer"]).whole() == range(1, PIECE + 1)
