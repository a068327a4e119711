"""Values that must not be moved, shown, trusted or counted without end. Nothing here needs a running server."""

import asyncio

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from nlp.labels import Label
from nlp.placeholders import PLACEHOLDER
from nlp.spans import Span
from server.accounts.api import NewAccount, NewSession
from server.intake import Intake
from server.kernel.errors import RedactionUnavailable
from server.kernel.text import MOST_VALUES, Hidden, Numbering, RawText, template_of
from server.web.requests import Origins

_TEXT = "hubungi 081255507731 atau kantor"


class _Finder:
    """Gives what it was told to, as a redactor with a defect would."""

    def __init__(self, spans: list[Span]) -> None:
        self._spans = spans

    async def find(self, text: str, *, known_names: object = ()) -> list[Span]:
        return self._spans


@pytest.mark.parametrize(
    "spans",
    [
        [(8, 20), (10, 14)],
        [(21, 25), (8, 20)],
        [(8, 8)],
        [(8, 999)],
        [(-5, 3)],
    ],
)
async def test_the_gate_refuses_spans_that_could_uncover_something(spans: list[tuple[int, int]]) -> None:
    """After a span that lies inside the one before it, the rest of that one would be copied as it was typed."""
    intake = Intake(_Finder([Span(start, end, Label.PHONE) for start, end in spans]), b"k" * 32)
    with pytest.raises(RedactionUnavailable):
        await intake.admit(RawText(_TEXT), scope="s")
    with pytest.raises(RedactionUnavailable):
        await intake.preview(RawText(_TEXT))


class _Counting:
    """How many texts are worked on at once."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def find(self, text: str, *, known_names: object = ()) -> list[Span]:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        return []


@pytest.mark.parametrize(("senders", "length", "most"), [("a", 4_000, 1), ("ab", 4_000, 2), ("a", 200, 6)])
async def test_one_sender_does_not_occupy_the_redactor(senders: str, length: int, most: int) -> None:
    """60 previews of a laborious text at once had everybody else refused; now they are worked on in turn."""
    finder = _Counting()
    intake = Intake(finder, b"k" * 32)
    text = "x" * length
    each = 6 // len(senders)
    sendings = [intake.preview(RawText(text), sender=sender) for sender in senders for _ in range(each)]
    await asyncio.gather(*sendings)
    assert finder.most == most


def test_numbers_of_a_scope_end_somewhere() -> None:
    """Who writes ever new numbers must not grow the record for ever, nor reach a number that can't be written."""
    numbering = Numbering()
    for value in range(MOST_VALUES):
        numbering.number(Hidden(Label.PHONE, f"{value:024x}"))
    assert len(numbering.fresh()) == MOST_VALUES
    later = [Hidden(Label.PHONE, f"late{value}") for value in range(3)]
    numbers = {numbering.number(hidden) for hidden in later}
    assert numbers == {MOST_VALUES + 1}
    assert numbering.fresh() == {}
    assert numbering.number(Hidden(Label.PHONE, f"{5:024x}")) == 6
    text = template_of(later).fill(numbering).text.value
    assert PLACEHOLDER.sub("", text) == ""


@pytest.mark.parametrize(
    ("lines", "network"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        (["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        (["::ffff:203.0.113.9"], "203.0.113.9"),
        (["2001:db8:1:2:3::4"], "2001:db8:1:2::/64"),
        (["no address"], "unknown"),
    ],
)
def test_the_network_is_what_our_proxy_wrote(lines: list[str], network: str) -> None:
    """Some proxies add a line of their own below the client's; dual-stack listeners write IPv4 addresses as IPv6."""
    headers = [("X-Forwarded-For", line) for line in lines]
    request = make_mocked_request("GET", "/", headers=CIMultiDict(headers))
    assert Origins("", trusted_proxies=1).network(request) == network


def test_credentials_do_not_show() -> None:
    """Whoever prints a command prints no password."""
    values = {"email": "budi@contoh.example", "password": "sangat-rahasia-1"}
    shown = repr(NewSession(**values, totp="123456")) + repr(NewAccount(**values, display_name="Budi Contoh"))
    for value in (*values.values(), "123456", "Budi Contoh"):
        assert value not in shown
