"""What is read of other forums' dumps, and how faults are named. Everybody in them is invented."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from server.forum.dumps import Bad, Dump, NoDump, read_dump

_DUMPS = Path(__file__).resolve().parents[2] / "harness" / "dumps"
_TOPIC = {"id": 1, "title": "Judul", "user_id": 1, "created_at": "2021-01-01T00:00:00Z"}
_POST = {"id": 1, "topic_id": 1, "user_id": 1, "created_at": "2021-01-01T00:00:00Z", "raw": "Isi."}


def _read(tmp_path: Path, posts: list[object], topics: list[object] | None = None) -> Dump:
    file = tmp_path / "dump.json"
    file.write_bytes(orjson.dumps({"topics": [_TOPIC] if topics is None else topics, "posts": posts}))
    return read_dump(file)


def test_a_dump_in_the_manner_of_discourse() -> None:
    """Only what was public; faults by kind and id."""
    dump = read_dump(_DUMPS / "discourse.json")
    [topic] = dump.topics
    assert (topic.id, topic.at, topic.locked) == ("70", datetime(2021, 4, 5, 3, 20, tzinfo=UTC), True)
    assert [post.id for post in topic.posts] == ["900", "901", "907"]
    assert [post.reply_to for post in topic.posts] == [None, "#1", None]
    assert dump.left_out == 6
    assert sorted(dump.bad, key=lambda bad: bad.place) == [
        Bad("post 903", "text"),
        Bad("post 906", "no_topic"),
        Bad("topic 73", "date"),
        Bad("topic 74", "no_posts"),
    ]


def test_a_dump_in_the_manner_of_nodebb() -> None:
    """JSON Lines; a line that is none is named by its number."""
    dump = read_dump(_DUMPS / "nodebb.jsonl")
    [topic] = dump.topics
    assert [post.id for post in topic.posts] == ["50", "51"]
    assert topic.posts[1].reply_to == "50"
    assert topic.posts[0].at == datetime(2021, 1, 4, 8, tzinfo=UTC)
    assert dump.bad == [Bad("line 5", "malformed")]
    assert dump.left_out == 1


def test_nothing_typed_is_shown_by_what_was_read() -> None:
    dump = read_dump(_DUMPS / "discourse.json")
    shown = repr(dump)
    assert "Printer" not in shown
    assert "Sekar" not in shown


@pytest.mark.parametrize(
    ("post", "reason"),
    [
        ({**_POST, "raw": "x" * 4_001}, "too_long"),
        ({**_POST, "raw": "x\n" * 40_000}, "too_long"),
        ({**_POST, "raw": 5}, "text"),
        ({**_POST, "created_at": 10**18}, "date"),
        ({**_POST, "created_at": True}, "date"),
    ],
)
def test_a_post_that_can_not_be_taken_in(tmp_path: Path, post: object, reason: str) -> None:
    assert Bad("post 1", reason) in _read(tmp_path, [post]).bad


def test_records_that_are_none(tmp_path: Path) -> None:
    dump = _read(tmp_path, [[], {"raw": "x"}, {**_POST, "id": "rahasia sekali"}, _POST])
    assert [bad.place for bad in dump.bad] == ["post no. 1", "post no. 2", "post no. 3"]
    assert dump.posts == 1


def test_a_long_post_is_cut_at_ends_of_lines(tmp_path: Path) -> None:
    text = "kalimat yang panjang\n" * 500
    [topic] = _read(tmp_path, [{**_POST, "raw": text}]).topics
    assert len(topic.posts[0].pieces) == 3
    assert all(len(piece) <= 4_000 for piece in topic.posts[0].pieces)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"topics": {}, "posts": []}', b"\xff"])
def test_a_file_that_is_no_dump(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "dump.json"
    file.write_bytes(content)
    with pytest.raises(NoDump):
        read_dump(file)
