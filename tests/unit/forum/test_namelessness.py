"""Handles and quotes of somebody who is erased, taken out of what others wrote."""

import pytest

from server.forum.namelessness import SOMEBODY, still_hidden, without
from server.kernel.text import RedactedText

_HANDLES = {"burung-enggang", "enggang"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Terima kasih @burung-enggang, sudah bisa.", f"Terima kasih {SOMEBODY}, sudah bisa."),
        ("@Enggang dan @burung-enggang", f"{SOMEBODY} dan {SOMEBODY}"),
        ("Kata @enggang-lain benar", "Kata @enggang-lain benar"),
        ("> @enggang #3\n> pintu hijau\n> dan jendela\n\nSetuju.", f"> {SOMEBODY}\n\nSetuju."),
        ("Awal\n> @tetangga #3\n> pintu hijau", "Awal\n> @tetangga #3\n> pintu hijau"),
        ("> @enggang #1\n> pintu", f"> {SOMEBODY}"),
        ("> @enggang #1\n> pintu @enggang\nlalu @enggang", f"> {SOMEBODY}\nlalu {SOMEBODY}"),
        ("Tidak ada siapa-siapa", "Tidak ada siapa-siapa"),
    ],
)
def test_what_names_somebody_gives_way_to_a_sign(text: str, left: str) -> None:
    assert without(RedactedText(text), _HANDLES).value == left
    assert without(RedactedText(left), _HANDLES).value == left


def test_without_handles_nothing_changes() -> None:
    text = RedactedText("Terima kasih @burung-enggang")
    assert without(text, ()) == text
    assert still_hidden(text, ()) == ()
