"""Rows of lists as HTML: what they say, for whom, and that what is kept is no other row's."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from markupsafe import Markup, escape

from server.forum.fragments import Fragments
from server.forum.model import Category, Topic, TopicState
from server.forum.reading import TopicRow
from server.forum.showing import Showing
from server.forum.topic_rows import RowWriter
from server.kernel.text import Numbering, RedactedText, template_of
from server.people.model import Persona
from server.web.catalogue import Catalogues

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)


def words(text: str) -> RedactedText:
    return template_of((text,)).fill(Numbering()).text


TOPIC = Topic("t1", 7, "c1", "struk", words("Struk <i>"), (), "a1", AT, TopicState.PUBLISHED, 9, AT, "a2", 5, 4)
PLACE = Category("c1", "kasir", words("Kasir & toko"), words(""))
ROW = TopicRow(TOPIC, PLACE, Persona("a1", "rusa-biru", "/a.svg"), Persona("a2", "kancil-hijau", "/b.svg"))


@pytest.fixture
def writer() -> RowWriter:
    catalogues = Catalogues.load()

    def say(key: str, **values: str | int) -> Markup:
        return escape(catalogues.text("id", key, **values))

    return RowWriter(Fragments(say, lambda name, size=18: f"<svg {name} {size}>", "id", Showing(lambda label: label)))


def test_a_row_says_what_it_is_about_and_who_wrote(writer: RowWriter) -> None:
    """Titles and names of places are escaped."""
    html = writer.rows([ROW], with_category=True)
    assert ">Struk &lt;i&gt;</a>" in html
    assert ">Kasir &amp; toko</a>" in html
    assert html.index("rusa-biru") < html.index("kancil-hijau")
    assert "/forum/k/kasir" not in writer.rows([ROW], with_category=False)


def test_who_has_not_read_all_is_told_how_many_came(writer: RowWriter) -> None:
    """Each reader their own number, whoever was shown the row before."""
    assert "baru=1" not in writer.rows([ROW], with_category=True)
    assert "topic-unread" in writer.rows([replace(ROW, read_seq=2)], with_category=True)
    assert "baru=1" not in writer.rows([replace(ROW, read_seq=5)], with_category=True)
    assert "baru=1" not in writer.rows([ROW], with_category=True)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"title": words("Laci")}, ">Laci</a>"),
        ({"pinned": True}, "<svg pin 16>"),
        ({"locked": True}, "<svg lock 16>"),
        ({"accepted_seq": 2}, "sign-solved"),
        ({"tags": ("printer",)}, "/forum/tag/printer"),
        ({"state": TopicState.HELD}, "badge-held"),
        ({"replies": 12_345}, "<b>12"),
    ],
)
def test_what_has_changed_is_written_anew(writer: RowWriter, change: dict[str, object], seen: str) -> None:
    """Also where the revision was forgotten."""
    assert seen not in writer.rows([ROW], with_category=True)
    changed = replace(ROW, topic=replace(TOPIC, **change))  # type: ignore[arg-type]  # fields of a topic
    assert seen in writer.rows([changed], with_category=True)


def test_whose_account_is_gone_is_somebody(writer: RowWriter) -> None:
    """And has no page."""
    html = writer.rows([replace(ROW, author=None, last_author=None)], with_category=True)
    assert "rusa-biru" not in html
    assert "<i>" in html
