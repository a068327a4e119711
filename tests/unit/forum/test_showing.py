"""How things of the forum are shown."""

import pytest
from markupsafe import Markup

from server.forum.showing import Showing, page_numbers
from server.kernel.text import Numbering, RedactedText, template_of
from server.markup import SafeHtml, render


def _text(value: str) -> RedactedText:
    return template_of((value,)).fill(Numbering()).text


@pytest.fixture
def show() -> Showing:
    """In a language that names every kind by its label in lower case."""
    return Showing(lambda label: label.lower())


def test_titles_are_escaped_and_hidden_values_named(show: Showing) -> None:
    """As markup, and as mere words."""
    title = _text("<b>Tanya</b> ⟦PHONE:2⟧ & lain")
    shown = show.line(title)
    assert isinstance(shown, Markup)
    assert shown == '&lt;b&gt;Tanya&lt;/b&gt; <span class="hidden-value">phone 2</span> &amp; lain'
    assert show.plain(title) == "<b>Tanya</b> [phone 2] & lain"


def test_bodies_keep_their_markup(show: Showing) -> None:
    """Only what stands for a hidden value is put into words."""
    html: SafeHtml = render(_text("**Halo** ⟦PERSON:1⟧ dan `⟦`"))
    body = show.body(html)
    assert "<strong>Halo</strong>" in body
    assert '<span class="hidden-value" data-label="PERSON">person 1</span>' in body


@pytest.mark.parametrize(
    ("page", "pages", "offered"),
    [
        (1, 1, [1]),
        (1, 2, [1, 2]),
        (1, 9, [1, 2, None, 9]),
        (5, 9, [1, None, 4, 5, 6, None, 9]),
        (3, 9, [1, 2, 3, 4, None, 9]),
        (9, 9, [1, None, 8, 9]),
        (4, 5, [1, 2, 3, 4, 5]),
    ],
)
def test_pages_are_offered_around_this_one(page: int, pages: int, offered: list[int | None]) -> None:
    """A gap stands for two pages or more."""
    assert page_numbers(page, pages) == offered


def test_an_image_that_nobody_described_has_a_name(show: Showing) -> None:
    """In the reader's language; what its writer said of one stays."""
    path = f"/lampiran/{'a' * 32}"
    shown = show.body(render(_text(f"![]({path}.webp#10x20) ![Laci]({path}.webp#10x20)")))
    assert shown.count(f'<img src="{path}-k.webp" alt="image" ') == 1
    assert shown.count(f'<img src="{path}-k.webp" alt="Laci" ') == 1
