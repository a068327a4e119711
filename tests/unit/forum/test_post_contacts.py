"""Which contacts a post shows: its writer's, signed for its category, behind the very placeholder, and no other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.labels import Label
from nlp.spans import Span
from server.forum.contacts import PostContacts, ShownContact, has_unsigned, marks_of
from server.forum.model import Category, Post, PostState
from server.forum.showing import Showing
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.publishing import SignedContact
from server.kernel.text import Hidden, Numbering, RedactedText, template_of
from server.markup import render

_AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
_WRITER = Actor("a1", Role.CUSTOMER, "s1", "Toko")
_NUMBERS = st.integers(min_value=811_000_0000, max_value=899_999_9999).map(str)
"""What follows the zero of a mobile number."""


def _words(text: str) -> RedactedText:
    return template_of((text,)).fill(Numbering()).text


_CATEGORY = Category("c1", "jual-beli", _words("Jual beli"), _words(""), contact_allowed=True)


class _Nothing:
    """Finds nothing: no text is taken in here."""

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        raise AssertionError


@dataclass
class _Signed:
    """What is signed, by person and place, and how often somebody asked."""

    held: dict[tuple[str, str], list[SignedContact]] = field(default_factory=dict)
    asked: int = 0

    async def standing(self, people: Collection[str], place_id: str) -> Mapping[str, Sequence[SignedContact]]:
        self.asked += 1
        return {one: self.held.get((one, place_id), []) for one in people}


_INTAKE = Intake(_Nothing(), b"k" * 32)


def _forms(number: str) -> list[str]:
    """The ways in which people write one number."""
    grouped = f"{number[:3]}-{number[3:7]}-{number[7:]}"
    return [f"0{number}", f"+62 {grouped}", f"0{grouped}", f"62{number}", f"0{grouped.replace('-', ' ')}"]


def _post(text: Sequence[str | Hidden], signed: frozenset[Hidden] = frozenset()) -> Post:
    numbered = template_of(text).fill(Numbering())
    return Post(
        "t1",
        1,
        "a1",
        numbered.text,
        numbered.hidden,
        numbered.redactions,
        render(numbered.text),
        _AT,
        PostState.PUBLISHED,
        contacts=marks_of(numbered.hidden, signed),
    )


def _hidden(value: str, scope: str = "t1", label: Label = Label.PHONE) -> Hidden:
    return _INTAKE.stand_in(label, value, scope)


@given(signed=_NUMBERS, typed=_NUMBERS, form=st.integers(0, 4), other=st.integers(0, 4))
async def test_shown_is_what_was_signed_and_nothing_else(signed: str, typed: str, form: int, other: int) -> None:
    """However the two were written; what is shown is what was signed, to the letter."""
    held = _Signed({("a1", "c1"): [SignedContact(Label.PHONE, _forms(signed)[form])]})
    contacts = PostContacts(_INTAKE, held)
    allowed = await contacts.signed_in(_WRITER, _CATEGORY, "t1")
    hidden = _hidden(_forms(typed)[other])
    post = _post(["Hubungi ", hidden, " ya"], allowed)
    found = (await contacts.of_posts(_CATEGORY, [post])).get(1, ())
    assert bool(found) is (signed == typed)
    assert [one.value for one in found] == ([_forms(signed)[form]] if signed == typed else [])
    assert signed not in post.text.value
    assert typed not in post.text.value


@pytest.mark.parametrize(
    "change",
    [
        {"author_id": "a2"},
        {"contacts": ()},
        {"contacts_closed": True},
        {"topic_id": "t2"},
        {"hidden": ()},
    ],
)
async def test_everything_has_to_fit(change: dict[str, object]) -> None:
    """Another writer, no mark, taken out by a moderator, another topic, and a placeholder of which nothing is known."""
    held = _Signed({("a1", "c1"): [SignedContact(Label.PHONE, "0812-9071-3648")]})
    contacts = PostContacts(_INTAKE, held)
    post = _post(["Hubungi ", _hidden("0812 9071 3648")], await contacts.signed_in(_WRITER, _CATEGORY, "t1"))
    assert (await contacts.of_posts(_CATEGORY, [post]))[1][0].value == "0812-9071-3648"
    assert await contacts.of_posts(_CATEGORY, [replace(post, **change)]) == {}  # type: ignore[arg-type]  # by name
    for category in (replace(_CATEGORY, id="c2"), replace(_CATEGORY, contact_allowed=False)):
        assert await contacts.of_posts(category, [post]) == {}
        assert await contacts.signed_in(_WRITER, category, "t1") == frozenset()


async def test_it_is_asked_each_time_and_only_where_something_could_be_shown() -> None:
    held = _Signed({("a1", "c1"): [SignedContact(Label.EMAIL, "Toko@contoh.example")]})
    contacts = PostContacts(_INTAKE, held)
    plain, marked = (
        _post(["Halo"]),
        _post(
            ["Ke ", _hidden("toko@CONTOH.example", label=Label.EMAIL)],
            frozenset({_hidden("toko@contoh.example", label=Label.EMAIL)}),
        ),
    )
    assert await contacts.of_posts(_CATEGORY, [plain]) == {}
    assert held.asked == 0
    for times in (1, 2):
        assert (await contacts.of_posts(_CATEGORY, [plain, marked]))[1][0].value == "Toko@contoh.example"
        assert held.asked == times
    held.held.clear()
    assert await contacts.of_posts(_CATEGORY, [marked]) == {}


def test_what_could_be_signed_is_told_from_what_never_is() -> None:
    """A phone number or address can; a name or a card can't, and what is marked need not."""
    phone = _hidden("0812-9071-3648")
    assert has_unsigned(_post(["Hubungi ", phone]))
    assert not has_unsigned(_post(["Hubungi ", phone], frozenset({phone})))
    assert not has_unsigned(_post(["Kartu ", _hidden("4111111111111111", label=Label.CARD)]))


@pytest.mark.parametrize(
    ("label", "value", "address"),
    [
        (Label.PHONE, "0812-9071-3648", "tel:081290713648"),
        (Label.PHONE, "+62 812 9071 3648", "tel:+6281290713648"),
        (Label.PHONE, "(021) 555-1234", "tel:0215551234"),
        (Label.EMAIL, 'a"b@contoh.example', "mailto:a%22b@contoh.example"),
    ],
)
def test_a_link_leads_to_the_contact(label: Label, value: str, address: str) -> None:
    contact = ShownContact("⟦PHONE:1⟧", label, value)
    assert contact.address == address
    assert value not in repr(contact)


@pytest.mark.parametrize(
    ("typed", "value", "shown"),
    [
        ("ke ⟦PHONE:1⟧ ya", "0812-9071-3648", "ke {} ya"),
        ("ke +⟦PHONE:1⟧ ya", "+62 812", "ke {} ya"),
        ("ke +⟦PHONE:1⟧ ya", "0812-9071-3648", "ke {} ya"),
        ("kami (⟦PHONE:1⟧)", "0812-9071-3648", "kami ({})"),
        ("ke (⟦PHONE:1⟧", "(021) 555-1234", "ke {}"),
        ("ke ⟦PHONE:2⟧ ya", "0812-9071-3648", 'ke <span class="hidden-value" data-label="PHONE">PHONE 2</span> ya'),
    ],
)
def test_a_contact_stands_in_the_place_of_its_placeholder(typed: str, value: str, shown: str) -> None:
    """With the sign that belongs to it, once; anything else in the text stays hidden."""
    show = Showing(lambda label: label)
    body = show.body(render(_words(typed)), (ShownContact("⟦PHONE:1⟧", Label.PHONE, value),))
    assert shown.format(f'<span class="contact" data-hidden="PHONE 1">{value}</span>') in body


def test_a_contact_is_escaped() -> None:
    show = Showing(lambda label: label)
    contact = ShownContact("⟦EMAIL:1⟧", Label.EMAIL, '"><script>x</script>@contoh.example')
    body = show.body(render(_words("ke ⟦EMAIL:1⟧")), (contact,))
    assert "<script>" not in body
    assert "&lt;script&gt;" in body
