"""What goes over the wire: the fast form of a message and the checked one agree, and typed text has its bounds."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nlp.labels import Label
from server.chat.model import Message, MessageKind
from server.chat.schemas import NewMessage, SendMessage, message_event, message_out
from server.kernel.actor import Actor, Role
from server.kernel.attached import Attached
from server.kernel.text import Hidden, RedactedText, redactions_of
from server.kernel.wire import rfc3339

_IDS = st.text("0123456789abcdefghijklmnopqrstuv", min_size=1, max_size=24)
_HIDDEN = st.lists(st.tuples(st.builds(Hidden, st.sampled_from(Label), _IDS), st.integers(1, 99_999)), max_size=5).map(
    tuple
)
_FILES = st.builds(
    Attached,
    _IDS,
    st.text(max_size=20).map(RedactedText),
    st.sampled_from(["image/png", "application/pdf"]),
    st.integers(1, 2**30),
    st.none() | st.integers(1, 9_999),
    st.none() | st.integers(1, 9_999),
    st.booleans(),
    st.booleans(),
)


@st.composite
def _messages(draw: st.DrawFn) -> Message:
    hidden = draw(_HIDDEN)
    moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (hypothesis takes bounds without a zone)
    return Message(
        conversation_id=draw(_IDS),
        seq=draw(st.integers(1, 2**40)),
        client_message_id=draw(_IDS),
        author_id=draw(_IDS),
        text=RedactedText(draw(st.text(max_size=200))),
        hidden=hidden,
        redactions=redactions_of(hidden),
        created_at=draw(moments),
        revision=draw(st.integers(0, 9)),
        version=draw(st.integers(0, 99)),
        kind=draw(st.sampled_from(MessageKind)),
        reply_to=draw(st.none() | st.integers(1, 2**40)),
        attachments=tuple(draw(st.lists(_FILES, max_size=3))),
        reactions=draw(st.dictionaries(st.sampled_from("👍🙏🎉"), st.lists(_IDS, max_size=3).map(tuple))),
        form=draw(st.none() | _IDS),
        edited_at=draw(st.none() | moments),
        deleted_at=draw(st.none() | moments),
    )


@given(_messages(), st.sampled_from(Role), st.text(max_size=60), st.none() | st.text(max_size=60))
def test_the_event_is_the_same_message(message: Message, role: Role, name: str, html: str | None) -> None:
    """`message_event` is built by hand for speed; `MessageOut` is what the documentation says."""
    author = Actor(message.author_id, role, "", name)
    assert message_event(message, author, html) == message_out(message, author, html).model_dump(mode="json")


def test_an_author_who_is_gone_keeps_the_id() -> None:
    """Nothing else is known of them any more."""
    message = Message("c", 1, "x", "a", RedactedText("halo"), (), (), datetime(2026, 1, 1, tzinfo=UTC))
    author = message_out(message, None).author
    assert (author.id, author.role) == ("a", Role.VISITOR)
    assert author.display_name.strip()


def test_times_are_rfc_3339_in_utc() -> None:
    """Milliseconds, always three digits."""
    assert rfc3339(datetime(2026, 1, 2, 3, 4, 5, 6_000, tzinfo=UTC)) == "2026-01-02T03:04:05.006Z"


@pytest.mark.parametrize("length", [0, 1, 4_000])
@pytest.mark.parametrize("character", ["a", "é", "\U0001f600", "\u200b"])
def test_text_is_measured_in_code_points(length: int, character: str) -> None:
    """4,000 of any kind fit, also those outside the basic plane."""
    message = NewMessage.model_validate({"client_message_id": "1", "text": character * length})
    assert len(message.text) == length


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        ({"client_message_id": "1", "text": "x" * 4_001}, "text"),
        ({"client_message_id": "1", "text": "\U0001f600" * 4_001}, "text"),
        ({"client_message_id": "1", "text": 5}, "text"),
        ({"client_message_id": "1", "text": None}, "text"),
        ({"client_message_id": "1"}, "text"),
        ({"client_message_id": "", "text": "x"}, "client_message_id"),
        ({"client_message_id": "a b", "text": "x"}, "client_message_id"),
        ({"client_message_id": "a\n", "text": "x"}, "client_message_id"),
        ({"client_message_id": "x" * 65, "text": "x"}, "client_message_id"),
        ({"client_message_id": "é", "text": "x"}, "client_message_id"),
        ({"client_message_id": "1", "text": "x", "author": "me"}, "author"),
    ],
)
def test_wrong_messages_are_refused(payload: dict[str, Any], place: str) -> None:
    """And the refusal does not hold the input."""
    with pytest.raises(ValidationError) as refused:
        SendMessage.model_validate({"conversation_id": "c", **payload})
    assert [item["loc"][-1] for item in refused.value.errors(include_input=False)] == [place]
    assert "xxxx" not in str(refused.value)


def test_raw_text_does_not_leave_a_schema() -> None:
    """Dumping a command would write what was typed."""
    message = NewMessage.model_validate({"client_message_id": "1", "text": "rahasia sekali"})
    assert "rahasia" not in repr(message)
    with pytest.raises(Exception) as refused:  # noqa: PT011 (which error is not the point; what it says is)
        message.model_dump_json()
    assert "rahasia" not in str(refused.value)
    with pytest.raises(UserWarning, match="RawText of 14 characters"):
        message.model_dump()
