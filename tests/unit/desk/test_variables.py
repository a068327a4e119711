"""Ready answers read well whoever they are for."""

import pytest

from server.desk.variables import filled

_KNOWN = {"customer": "Toko Makmur", "agent": "Rani", "subject": "Struk kosong", "number": "12"}
_NOBODY = {**_KNOWN, "customer": ""}


@pytest.mark.parametrize(
    ("text", "known", "nobody"),
    [
        ("Selamat datang, {{customer}}. Ada apa?", "Selamat datang, Toko Makmur. Ada apa?", "Selamat datang. Ada apa?"),
        ("Halo {{ customer }}, ada apa?", "Halo Toko Makmur, ada apa?", "Halo, ada apa?"),
        ("{{customer}}, selamat pagi.\nIni {{subject}}.", None, "Selamat pagi.\nIni Struk kosong."),
        ("{{customer}}", "Toko Makmur", ""),
        ("Nomor {{number}}, oleh {{agent}}: {{other}}", "Nomor 12, oleh Rani: {{other}}", None),
    ],
)
def test_what_has_no_value_leaves_no_hole(text: str, known: str | None, nobody: str | None) -> None:
    if known is not None:
        assert filled(text, _KNOWN) == known
    if nobody is not None:
        assert filled(text, _NOBODY) == nobody


def test_what_a_customer_calls_their_conversation_is_not_read_for_variables() -> None:
    assert filled("Tentang {{subject}}", {**_KNOWN, "subject": "{{agent}}"}) == "Tentang {{agent}}"
