"""The working state of a conversation against the plain list of its messages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nlp.labels import Label
from server.chat.live import RECENT, SAVED_WITHIN_S, LiveConversation, Snapshot
from server.chat.model import Conversation, Message, Status, changed_since
from server.kernel.text import Hidden, RedactedText, redactions_of

_NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
_CONVERSATION = Conversation("c", 1, None, (), Status.OPEN, "customer", None, 0, None, None, _NOW)
_AUTHORS = st.lists(st.sampled_from(["customer", "agent"]), max_size=150)


def _message(seq: int, author: str) -> Message:
    hidden = ((Hidden(Label.PHONE, f"{seq % 7}"), seq % 7 + 1),)
    at = _NOW + timedelta(seconds=seq)
    return Message("c", seq, f"k{seq}", author, RedactedText("x"), hidden, redactions_of(hidden), at)


def _live(messages: list[Message], conversation: Conversation = _CONVERSATION) -> LiveConversation:
    return LiveConversation.of(Snapshot(conversation, {}, tuple(messages)))


@given(_AUTHORS)
def test_it_follows_its_messages(authors: list[str]) -> None:
    """Last seq, next seq, numbering, read marks and waiting are those of the list."""
    messages = [_message(seq, author) for seq, author in enumerate(authors, start=1)]
    live = _live(messages)
    assert live.conversation.last_seq == len(messages)
    assert live.next_seq == len(messages) + 1
    marks = {author: seq for seq, author in enumerate(authors, start=1)}
    assert dict(live.conversation.read_marks) == marks
    waits = bool(authors) and authors[-1] == "customer"
    assert (live.conversation.waiting_since is not None) is waits
    known = {hidden.key: number for message in messages for hidden, number in message.hidden}
    assert live.numbering.fresh() == known


@given(_AUTHORS, st.integers(0, 160), st.integers(1, 100))
def test_memory_answers_like_the_list_or_not_at_all(authors: list[str], after: int, limit: int) -> None:
    """Replay from memory has no gap: either everything after `after`, or None and the store is asked."""
    messages = [_message(seq, author) for seq, author in enumerate(authors, start=1)]
    remembered = _live(messages).remembered(after, limit)
    if remembered is None:
        assert len(messages) - after > RECENT
    else:
        assert remembered == messages[after:][:limit]


@given(_AUTHORS)
def test_taking_a_message_over_twice_changes_nothing(authors: list[str]) -> None:
    """A retry may bring what is known already."""
    messages = [_message(seq, author) for seq, author in enumerate(authors, start=1)]
    live = _live(messages)
    before = live.conversation
    for message in messages:
        live.take_over(message)
    assert live.conversation == before


def test_the_customer_opens_it_again() -> None:
    """A closed conversation is open after the customer's message and stays closed after anybody else's."""
    closed = replace(_CONVERSATION, status=Status.CLOSED)
    assert _live([_message(1, "agent")], closed).conversation.status is Status.CLOSED
    live = _live([_message(1, "customer")], closed)
    assert live.conversation.status is Status.OPEN
    assert live.progress().reopened
    assert not live.progress().reopened


def test_read_marks_only_rise_and_never_pass_the_end() -> None:
    """An old or a made-up mark is taken for what it can be."""
    live = _live([_message(1, "customer"), _message(2, "customer")])
    assert live.mark_read("agent", 99)
    assert live.conversation.read_marks["agent"] == 2
    assert not live.mark_read("agent", 1)
    assert live.conversation.read_marks["agent"] == 2


def test_progress_is_saved_when_it_is_quiet_or_there_is_much_of_it() -> None:
    """And it is due again when saving it failed."""
    live = _live([_message(1, "customer")])
    assert not live.is_due(1_000.0)
    live.touch(1_000.0)
    assert not live.is_due(1_000.1)
    assert live.is_due(1_000.0 + SAVED_WITHIN_S)
    progress = live.progress()
    assert progress.numbers
    assert not live.is_due(2_000.0)
    live.restore_progress(progress)
    assert live.is_due(2_000.0)
    assert live.progress() == progress


def test_remembered_sendings_are_bounded() -> None:
    """The oldest are forgotten; the store's unique index still knows them."""
    live = _live([])
    for number in range(2_000):
        live.remember_sending(("a", str(number)), None)  # type: ignore[arg-type]  # the outcome is not looked at
    assert len(live.sent) < 1_000
    assert ("a", "1999") in live.sent


@given(_AUTHORS)
def test_the_first_question_and_its_first_answer(authors: list[str]) -> None:
    """What staff write before anybody has asked answers nothing; later answers change nothing."""
    messages = [_message(seq, author) for seq, author in enumerate(authors, start=1)]
    conversation = _live(messages).conversation
    asked = next((place for place, author in enumerate(authors) if author == "customer"), None)
    expected_asked = None if asked is None else messages[asked].created_at
    assert conversation.first_asked_at == expected_asked
    answers = [message.created_at for message in messages if message.author_id == "agent"]
    after = [at for at in answers if expected_asked is not None and at > expected_asked]
    assert conversation.first_answer_at == (after[0] if after else None)


@given(_AUTHORS, st.lists(st.tuples(st.sampled_from(["customer", "agent"]), st.integers(0, 200)), max_size=20))
def test_what_has_come_never_goes_back(authors: list[str], told: list[tuple[str, int]]) -> None:
    """Nor beyond the last message; and what is read has come, so it is not told apart."""
    live = _live([_message(seq, author) for seq, author in enumerate(authors, start=1)])
    furthest: dict[str, int] = {}
    for account_id, seq in told:
        seen = min(seq, len(authors))
        news = seen > max(furthest.get(account_id, 0), live.conversation.read_marks.get(account_id, 0))
        assert live.mark_delivered(account_id, seq) is news
        if news:
            furthest[account_id] = seen
    assert dict(live.conversation.delivered_marks) == furthest


@given(st.lists(st.integers(1, 30), max_size=100), st.integers(0, 110))
def test_who_was_away_reads_what_changed_or_everything(changed: list[int], known: int) -> None:
    """Of the last 64 changes it is known what they were about."""
    conversation = replace(_CONVERSATION, changes=len(changed), changed=tuple(changed[-64:]))
    seqs = changed_since(conversation, known)
    if known > len(changed) or len(changed) - known > 64:
        assert seqs is None
    else:
        assert seqs == sorted(set(changed[known:]))


@given(_AUTHORS, st.lists(st.tuples(st.integers(0, 160), st.integers(1, 60)), max_size=6), st.integers(0, 160))
def test_what_was_read_is_remembered_without_a_gap(
    authors: list[str], windows: list[tuple[int, int]], after: int
) -> None:
    """Whatever windows were read in whatever order: memory answers like the list, or not at all."""
    messages = [_message(seq, author) for seq, author in enumerate(authors, start=1)]
    live = _live([], replace(_CONVERSATION, last_seq=len(messages)))
    for first, size in windows:
        live.remember(messages[first : first + size], live.reading())
    remembered = live.remembered(after, RECENT)
    if remembered is not None:
        assert remembered == messages[after:]


def test_the_newest_page_is_remembered_and_goes_on() -> None:
    """With what is written after it, and with what is older once that was read too."""
    messages = [_message(seq, "customer") for seq in range(1, 61)]
    live = _live([], replace(_CONVERSATION, last_seq=60))
    assert not live.remember(messages[10:20], live.reading())
    assert live.remember(messages[40:], live.reading())
    assert live.remember(messages[20:40], live.reading())
    following = _message(61, "agent")
    live.take_over(following)
    assert live.remembered(20, RECENT) == [*messages[20:], following]
    assert live.remembered(19, RECENT) is None


def test_what_was_read_before_a_change_is_not_remembered() -> None:
    """A window that was on its way when a message became another, or was emptied, or all was read again."""
    messages = [_message(seq, "customer") for seq in range(1, 4)]
    live = _live([], replace(_CONVERSATION, last_seq=3))
    before = live.reading()
    live.take_changed(replace(messages[1], text=RedactedText("y"), version=1))
    assert not live.remember(messages, before)
    before = live.reading()
    live.forget_messages()
    assert not live.remember(messages, before)
    before = live.reading()
    live.stale = True
    assert not live.remember(messages, before)
    live.restore(Snapshot(live.conversation, {}, ()))
    assert not live.remember(messages, before)
    assert live.remember(messages, live.reading())
