"""A conversation as text, as it is mailed to its customer."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from server.chat.model import Message
from server.chat.transcript import written
from server.kernel.actor import Actor, Role
from server.kernel.attached import Attached
from server.kernel.text import RedactedText

_AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
_PEOPLE = {"agent": Actor("agent", Role.AGENT, "", "Rina")}
_ZONE = ZoneInfo("Asia/Jakarta")


def _message(seq: int, text: str, author: str = "agent") -> Message:
    return Message("c", seq, f"k{seq}", author, RedactedText(text), (), (), _AT)


def test_each_message_has_its_line() -> None:
    """Times are of the company's zone, lines below each other stay so, files are named, who is gone has a dash."""
    file = Attached("f", RedactedText("struk.pdf"), "application/pdf", 9, None, None, False, False)
    messages = [
        _message(1, "halo ⟦PERSON:1⟧\nada yang bisa dibantu?"),
        replace(_message(2, "", "gone"), attachments=(file,)),
    ]
    assert written(messages, _PEOPLE, _ZONE, whole=True).split("\n") == [
        "[2026-03-02 12:00] Rina: halo ⟦PERSON:1⟧",
        "    ada yang bisa dibantu?",
        "[2026-03-02 12:00] —: ",
        "    📎 struk.pdf",
    ]


def test_what_was_deleted_is_not_in_it() -> None:
    """And a long conversation says that its beginning is missing."""
    gone = replace(_message(1, ""), deleted_at=_AT)
    assert written([gone], _PEOPLE, _ZONE, whole=True) == ""
    assert written([gone, _message(2, "baik")], _PEOPLE, _ZONE, whole=False).split("\n") == [
        "…",
        "[2026-03-02 12:00] Rina: baik",
    ]
