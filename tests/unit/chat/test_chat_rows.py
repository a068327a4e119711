"""Rows that are kept are what the schema would have given, byte for byte, also after anything of them changed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nlp.labels import Label
from server.chat.markup import Rendered
from server.chat.model import Conversation, Rating, Status, View
from server.chat.rows import Rows, shown_in
from server.chat.schemas import ConversationPage, conversation_out
from server.kernel.actor import Actor, Role
from server.kernel.text import RedactedText, Redaction

_NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
_IDS = ("ani", "budi", "citra", "gone")
_NAMES = st.sampled_from(["Ani", 'Budi "Toko"', "Citra é", "—"])
_PEOPLE = st.dictionaries(st.sampled_from(_IDS[:3]), _NAMES.map(lambda name: Actor("x", Role.AGENT, "", name)))
_SUBJECTS = st.none() | st.sampled_from(["printer kasir", "[PHONE_1] tidak bisa", 'garis\n"dua"']).map(RedactedText)
_RATING = Rating(4, _NOW, RedactedText("baik"), (), ())
_CONVERSATIONS = st.builds(
    Conversation,
    id=st.sampled_from(["c1", "c2", "c3"]),
    number=st.integers(1, 9),
    subject=_SUBJECTS,
    redactions=st.sampled_from([(), (Redaction("[PHONE_1]", Label.PHONE),)]),
    status=st.sampled_from(Status),
    customer_id=st.sampled_from(_IDS),
    assignee_id=st.none() | st.sampled_from(_IDS),
    last_seq=st.integers(0, 9),
    last_message_at=st.none() | st.just(_NOW),
    waiting_since=st.none() | st.just(_NOW + timedelta(seconds=1)),
    created_at=st.just(_NOW),
    read_marks=st.dictionaries(st.sampled_from(_IDS), st.integers(0, 9)),
    rating=st.none() | st.just(_RATING),
    participant_ids=st.frozensets(st.sampled_from(_IDS)),
)
_STEPS = st.lists(
    st.tuples(st.lists(st.tuples(_CONVERSATIONS, st.sampled_from(View)), max_size=4), _PEOPLE, st.sampled_from(_IDS)),
    max_size=6,
)


def _page(
    listed: list[tuple[Conversation, View]], people: Mapping[str, Actor], viewer: str, cursor: str | None
) -> bytes:
    items = [conversation_out(item, people, view, viewer) for item, view in listed]
    return ConversationPage(items=items, next_cursor=cursor).model_dump_json().encode()


@given(_STEPS, st.none() | st.just("MTI"))
def test_a_page_is_what_the_schema_gives(
    steps: list[tuple[list[tuple[Conversation, View]], dict[str, Actor], str]], cursor: str | None
) -> None:
    """Whatever was listed before, for whom, under which names."""
    rows = Rows(kept=3)
    for listed, people, viewer in steps:
        for _ in range(2):
            shown = {name for item, view in listed for name in shown_in(item, view)}
            known = {name: actor for name, actor in people.items() if name in shown}
            assert rows.page(listed, known, viewer, cursor) == _page(listed, people, viewer, cursor)


def test_a_name_that_is_another_is_shown() -> None:
    """Though nothing of the conversation changed."""
    rows = Rows()
    conversation = Conversation("c", 1, None, (), Status.OPEN, "customer", "ani", 0, None, None, _NOW)
    listed = [(conversation, View.ROW)]
    for name in ("Ani", "Ani Lestari"):
        people = {"ani": Actor("ani", Role.AGENT, "", name)}
        assert rows.page(listed, people, "budi", None) == _page(listed, people, "budi", None)
    renamed = [(replace(conversation, subject=RedactedText("kasir")), View.ROW)]
    assert rows.page(renamed, people, "budi", None) == _page(renamed, people, "budi", None)


def test_rows_are_forgotten_with_what_is_rendered() -> None:
    """Something of them was erased."""
    rendered, forgotten = Rendered(), []
    rendered.on_forget(lambda: forgotten.append(True))
    rendered.forget()
    assert forgotten == [True]
