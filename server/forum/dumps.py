"""Reads what another forum gave away: dumps in the manner of Discourse and of NodeBB, as one JSON object or JSON Lines.

Takes out what was public only. What it can't read it names by kind and id, or by line, and never by content. Every text
is raw from the moment it is read. Must not store anything.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from server.kernel.text import RawText
from server.kernel.wire import MAX_TEXT

LONGEST: Final = 64_000
"""Code points of a post; forums allow 32,000 and more."""

_LONGEST_TITLE: Final = 255
_KINDS: Final = ("users", "categories", "topics", "posts")
_SINGULAR: Final = {"user": "users", "category": "categories", "topic": "topics", "post": "posts"}
_REGULAR: Final = 1
_QUOTE_HEAD: Final = re.compile(r"\[quote(?:=[^\]\n]{0,400})?\]\s*", re.IGNORECASE)
_QUOTED: Final = re.compile(r"\[quote(?:=[^\]\n]{0,400})?\]\s*(.*?)\s*\[/quote\]", re.IGNORECASE | re.DOTALL)
_UPLOAD: Final = re.compile(r"!\[[^\]\n]{0,400}\]\((?:upload:|/uploads?/|/assets/uploads/)[^)\n]{0,400}\)")


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that can't be taken in.

    Attributes:
        place: `post 17`, `line 5`.
        reason: a code.
    """

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceCategory:
    """A category as it was there."""

    id: str
    name: RawText


@dataclass(frozen=True, slots=True)
class SourcePost:
    """A post as it was there.

    Attributes:
        id: its id there.
        author_id: likewise of its author.
        pieces: its text, cut at ends of lines where it is longer than the gate takes at once.
        at: when it was written.
        order: its place in the topic.
        reply_to: id, or place, of the post that it answers.
    """

    id: str
    author_id: str
    pieces: tuple[RawText, ...]
    at: datetime
    order: float
    reply_to: str | None = None


@dataclass(slots=True)
class SourceTopic:
    """A topic as it was there, with its posts in order."""

    id: str
    category_id: str
    author_id: str
    title: RawText
    at: datetime
    tags: tuple[RawText, ...] = ()
    locked: bool = False
    posts: list[SourcePost] = field(default_factory=list)


@dataclass(slots=True)
class Dump:
    """What a file holds.

    Attributes:
        categories: by id.
        topics: with posts, those last written in last.
        names: what people were called there, by id: evidence for the redactor, and nothing else.
        bad: what can't be taken in.
        left_out: how many records were not public.
    """

    categories: dict[str, SourceCategory] = field(default_factory=dict)
    topics: list[SourceTopic] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict, repr=False)
    bad: list[Bad] = field(default_factory=list)
    left_out: int = 0

    @property
    def posts(self) -> int:
        """How many posts there are to take in."""
        return sum(len(topic.posts) for topic in self.topics)


class NoDump(ValueError):
    """The file is none."""


def read_dump(file: Path) -> Dump:
    """Read a file: `.jsonl` line by line, everything else as one JSON object.

    Raises:
        NoDump: it is no such object.
        OSError: it can't be read.
    """
    dump = Dump()
    records = _lines(file, dump) if file.suffix == ".jsonl" else _object(file)
    for user in records["users"]:
        _take_user(user, dump)
    for number, category in enumerate(records["categories"], 1):
        _take_category(category, number, dump)
    topics: dict[str, SourceTopic | None] = {}
    for number, topic in enumerate(records["topics"], 1):
        _take_topic(topic, number, topics, dump)
    for number, post in enumerate(records["posts"], 1):
        _take_post(post, number, topics, dump)
    found = [topic for topic in topics.values() if topic is not None]
    for topic in found:
        topic.posts.sort(key=lambda post: post.order)
        if not topic.posts:
            dump.bad.append(Bad(f"topic {topic.id}", "no_posts"))
    dump.topics = sorted((topic for topic in found if topic.posts), key=lambda topic: max(p.at for p in topic.posts))
    return dump


def _object(file: Path) -> dict[str, list[Any]]:
    try:
        data = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError:
        raise NoDump("the file is not JSON") from None
    if (
        not isinstance(data, dict)
        or not isinstance(data.get("topics"), list)
        or not isinstance(data.get("posts"), list)
    ):
        raise NoDump("the file is no object with the lists topics and posts")
    return {kind: data[kind] if isinstance(data.get(kind), list) else [] for kind in _KINDS}


def _lines(file: Path, dump: Dump) -> dict[str, list[Any]]:
    records: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                record = None
            kind = _SINGULAR.get(str(record.get("type"))) if isinstance(record, dict) else None
            if kind is None:
                dump.bad.append(Bad(f"line {number}", "malformed"))
            else:
                records[kind].append(record)
    return records


def _take_user(record: Any, dump: Dump) -> None:
    if isinstance(record, dict) and (key := _id(record, "id", "uid")):
        names = [record.get(name) for name in ("name", "fullname", "username")]
        dump.names[key] = next((name for name in names if isinstance(name, str) and name), "")


def _take_category(record: Any, number: int, dump: Dump) -> None:
    key = _id(record, "id", "cid")
    name = record.get("name") if isinstance(record, dict) else None
    if not key or not isinstance(name, str) or not name.strip():
        dump.bad.append(Bad(f"category {key or f'no. {number}'}", "malformed"))
    elif record.get("read_restricted") or record.get("disabled"):
        dump.left_out += 1
    else:
        dump.categories[key] = SourceCategory(key, RawText(name.strip()))


def _take_topic(record: Any, number: int, topics: dict[str, SourceTopic | None], dump: Dump) -> None:
    key = _id(record, "id", "tid")
    if not key:
        dump.bad.append(Bad(f"topic no. {number}", "malformed"))
        return
    category_id = _id(record, "category_id", "cid")
    if not _is_public(record) or (dump.categories and category_id not in dump.categories):
        topics[key] = None
        dump.left_out += 1
        return
    title, at = record.get("title"), _moment(record)
    if not isinstance(title, str) or not title.strip() or len(title) > _LONGEST_TITLE:
        dump.bad.append(Bad(f"topic {key}", "title"))
    elif at is None:
        dump.bad.append(Bad(f"topic {key}", "date"))
    else:
        topics[key] = SourceTopic(
            key,
            category_id,
            _id(record, "user_id", "uid"),
            RawText(title.strip()),
            at,
            tuple(_tags(record.get("tags"))),
            bool(record.get("closed") or record.get("locked")),
        )


def _take_post(record: Any, number: int, topics: Mapping[str, SourceTopic | None], dump: Dump) -> None:
    key, topic_id = _id(record, "id", "pid"), _id(record, "topic_id", "tid")
    if not key:
        dump.bad.append(Bad(f"post no. {number}", "malformed"))
        return
    topic = topics.get(topic_id)
    if topic is None:
        if topic_id in topics:
            dump.left_out += 1
        else:
            dump.bad.append(Bad(f"post {key}", "no_topic"))
        return
    if not _is_public(record) or record.get("post_type", _REGULAR) != _REGULAR:
        dump.left_out += 1
        return
    raw, at = record.get("raw", record.get("content")), _moment(record)
    if not isinstance(raw, str) or not raw.strip():
        dump.bad.append(Bad(f"post {key}", "text"))
    elif at is None:
        dump.bad.append(Bad(f"post {key}", "date"))
    elif (pieces := _pieces(_plain(raw))) is None:
        dump.bad.append(Bad(f"post {key}", "too_long"))
    else:
        place = record.get("post_number")
        order = float(place) if isinstance(place, int) else at.timestamp()
        answered = record.get("reply_to_post_number")
        reply_to = f"#{answered}" if isinstance(answered, int) else _id(record, "toPid") or None
        topic.posts.append(SourcePost(key, _id(record, "user_id", "uid"), pieces, at, order, reply_to))


def _is_public(record: Mapping[str, Any]) -> bool:
    """Neither deleted nor hidden, and no private message."""
    if record.get("deleted") or record.get("deleted_at") or record.get("hidden"):
        return False
    return record.get("visible", True) is not False and record.get("archetype", "regular") == "regular"


def _plain(raw: str) -> str:
    """Markdown that stands for itself: quotes without the name of who is quoted, no images of elsewhere."""
    text = raw.replace("\r\n", "\n")
    text = _QUOTED.sub(lambda found: "\n" + "\n".join(f"> {line}" for line in found[1].split("\n")) + "\n\n", text)
    return _UPLOAD.sub("", _QUOTE_HEAD.sub("", text)).strip() or "…"


def _pieces(text: str) -> tuple[RawText, ...] | None:
    """Cut a text at ends of lines; None where it or one of its lines is too long."""
    if len(text) > LONGEST:
        return None
    pieces: list[str] = [""]
    for line in text.splitlines(keepends=True):
        if len(line) > MAX_TEXT:
            return None
        if len(pieces[-1]) + len(line) > MAX_TEXT:
            pieces.append("")
        pieces[-1] += line
    return tuple(RawText(piece) for piece in pieces if piece.strip())


def _id(record: Any, *names: str) -> str:
    """An id of theirs: a number or a short word."""
    for name in names:
        value = record.get(name) if isinstance(record, dict) else None
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and re.fullmatch(r"[0-9A-Za-z_-]{1,40}", value):
            return value
    return ""


def _moment(record: Mapping[str, Any]) -> datetime | None:
    """RFC 3339, or milliseconds since 1970."""
    value = record.get("created_at", record.get("timestamp"))
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _tags(value: Any) -> Iterator[RawText]:
    for item in value if isinstance(value, Sequence) and not isinstance(value, str) else ():
        tag = item.get("value", item.get("name")) if isinstance(item, dict) else item
        if isinstance(tag, str) and tag.strip():
            yield RawText(tag.strip())
