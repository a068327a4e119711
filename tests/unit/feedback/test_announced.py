"""What programs are told of a change: each thing that happened, once, and nothing of what only looks different."""

from dataclasses import replace
from datetime import UTC, datetime

from server.feedback.announced import announced
from server.feedback.model import Item, Kind, Response, Sight, State, Visibility
from server.kernel.text import RedactedText
from server.markup.html import SafeHtml

_AT = datetime(2026, 11, 2, tzinfo=UTC)
_TEXT = RedactedText("Akan kami buat.")
_ITEM = Item(
    id="a",
    number=1,
    kind=Kind.SUGGESTION,
    title=RedactedText("Antrean"),
    text=RedactedText("Panjang"),
    hidden=(),
    redactions=(),
    html=SafeHtml("<p>Panjang</p>"),
    visibility=Visibility.PUBLIC,
    sight=Sight.SHOWN,
    author_id="pemberi",
    created_at=_AT,
    changed_at=_AT,
    change=1,
    revision=4,
)


def test_each_thing_that_happened_is_told() -> None:
    answer = Response(_TEXT, (), SafeHtml("<p>Akan kami buat.</p>"), "petugas", _AT)
    after = replace(_ITEM, state=State.ANSWERED, response=answer, sight=Sight.HIDDEN, revision=5)
    assert announced(_ITEM, after) == ["event:5:changed:received", "event:5:shown", "event:5:answered"]


def test_what_changes_nothing_for_others_is_not() -> None:
    after = replace(_ITEM, votes=3, weight=3, comment_count=2, assignee_id="petugas", tags=("antrean",), revision=9)
    assert announced(_ITEM, after) == []


def test_the_same_thing_twice_is_told_apart() -> None:
    """What was told is taken out of a list by its words."""
    planned = replace(_ITEM, state=State.PLANNED, revision=5)
    back = replace(planned, state=State.ACKNOWLEDGED, revision=6)
    again = replace(back, state=State.PLANNED, revision=7)
    assert announced(back, again) != announced(replace(back, revision=8), replace(planned, revision=9))


def test_a_merge_is_told_with_its_other_item() -> None:
    merged = replace(_ITEM, state=State.MERGED, merged_into="b", revision=5)
    assert announced(_ITEM, merged) == ["event:5:merged:b"]
    out = replace(_ITEM, revision=6)
    assert announced(merged, out) == ["event:6:merged:b:undone"]
