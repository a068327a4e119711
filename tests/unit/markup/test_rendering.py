"""What redacted Markdown becomes."""

import pytest

from nlp.labels import Label
from nlp.placeholders import format_placeholder
from server.kernel.text import RedactedText
from server.markup import MarkupRules, render

_IMAGE = "/lampiran/0123456789abcdef0123456789abcdef"
_ELSEWHERE = 'rel="nofollow ugc noopener noreferrer"'
_NAME = "\u27e6PERSON:1\u27e7"
_NAME_SHOWN = f'<span class="hidden-value" data-label="PERSON">{_NAME}</span>'


def _html(text: str, rules: MarkupRules | None = None) -> str:
    rendered = render(
        RedactedText(text),
        rules=rules,
        mention={"rusa-biru": "/forum/u/rusa-biru"}.get,
        quote=lambda handle, seq: f"#p{seq}" if (handle, seq) == ("rusa-biru", 12) else None,
    )
    return rendered.value.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("satu\ndua", "<p>satu<br>\ndua</p>"),
        ("**a** _b_ ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code></p>"),
        ("# a", "<h3>a</h3>"),
        ("###### a", "<h6>a</h6>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("- a\n\n  b", "<ul>\n<li><p>a</p>\n<p>b</p>\n</li>\n</ul>"),
        ("- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"),
        ("***", "<hr>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
        ("```Python x\na<b\n```", '<pre tabindex="0"><code class="language-python">a&lt;b\n</code></pre>'),
        ('```x" onclick="y\na\n```', '<pre tabindex="0"><code>a\n</code></pre>'),
        ("[a][1]\n\n[1]: /forum", "<p>[a][1]</p>\n<p>[1]: /forum</p>"),
    ],
)
def test_markdown(text: str, expected: str) -> None:
    """The subset that is offered."""
    assert _html(text) == expected


def test_tables_scroll_and_align() -> None:
    """A wide table does not push the page apart; no style attribute is needed."""
    shown = _html("|a|b|\n|-|-:|\n|1|2|")
    assert shown.startswith('<div class="table-scroll" tabindex="0"><table>')
    assert '<th>a</th>\n<th class="align-right">b</th>' in shown
    assert '<td>1</td>\n<td class="align-right">2</td>' in shown


@pytest.mark.parametrize("written", ["&#48;&#56;&#49;", "&lobrk;PERSON:1&robrk;", "&amp;", "&#x27e6;PERSON:1&#x27e7;"])
@pytest.mark.parametrize("around", ["{}", "`{}`", "**{}**", "```\n{}\n```", "| {} |\n|-|", "# {}", "[{}](/forum)"])
def test_what_the_gate_saw_is_what_readers_see(written: str, around: str) -> None:
    """Entities are not decoded: nothing can be written past the gate with them, and no placeholder forged."""
    assert written.replace("&", "&amp;") in _html(around.format(written))


def test_entities_in_addresses_are_not_decoded() -> None:
    """Nor there: `&#48;` does not become a digit of a number."""
    assert 'href="https://x.example/?a=1&amp;b=2"' in _html("[a](https://x.example/?a=1&b=2)")
    assert 'href="https://x.example/&amp;#48;&amp;#56;"' in _html("[a](https://x.example/&#48;&#56;)")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[a](https://x.example/b)", "https://x.example/b"),
        ("[a](http://x.example:8080/b?c=d#e)", "http://x.example:8080/b?c=d#e"),
        ("<https://x.example/b>", "https://x.example/b"),
        ("lihat https://x.example/a_b_c.", "https://x.example/a_b_c"),
        ("(https://x.example/a_(b))", "https://x.example/a_(b)"),
        ("**https://x.example/a**", "https://x.example/a"),
        ("https://x.example/kata/\u00e9", "https://x.example/kata/%C3%A9"),
        ("[a](https://\u0440\u0430\u0443.example)", "https://xn--80a5ak.example"),
    ],
)
def test_links_elsewhere(text: str, address: str) -> None:
    """They recommend nothing, give no handle on our page, and do not say where the reader comes from."""
    assert f'<a href="{address}" {_ELSEWHERE}>' in _html(text)


@pytest.mark.parametrize("address", ["/forum/t/3/judul", "/forum/t/3/judul?p=2#p21", "#p4", f"{_IMAGE}.webp"])
def test_links_to_us(address: str) -> None:
    """Within the forum nothing is withheld."""
    assert _html(f"[a]({address})") == f'<p><a href="{address}">a</a></p>'


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,a",
        "mailto:a@x.example",
        "//x.example",
        "/keluar",
        "/forum//x.example",
        "https://a@x.example",
        "https://192.0.2.1/",
        "https://localhost/",
        "",
        "https://x.example/" + "a" * 2_000,
    ],
)
def test_other_addresses_are_words(address: str) -> None:
    """What was typed stays to be read."""
    shown = _html(f"[kata]({address})")
    assert "<a" not in shown
    assert "kata" in shown


def test_addresses_decode_nothing_for_the_eye() -> None:
    """A number that is percent-encoded is not shown as one."""
    assert ">https://x.example/%30%38%31</a>" in _html("https://x.example/%30%38%31")


def test_who_may_not_link_writes_words() -> None:
    """And the address is not lost."""
    rules = MarkupRules(links=False)
    assert _html("[a](https://x.example/b?c&d)", rules) == "<p>a (https://x.example/b?c&amp;d)</p>"
    assert _html("https://x.example/b", rules) == "<p>https://x.example/b</p>"
    assert _html("[a](/forum)", rules) == '<p><a href="/forum">a</a></p>'


@pytest.mark.parametrize("label", Label)
def test_placeholders_are_elements(label: Label) -> None:
    """Their words stay, so that copying keeps them; also those with an underscore, which Markdown reads as emphasis."""
    placeholder = format_placeholder(label, 7)
    shown = f'<span class="hidden-value" data-label="{label}">{placeholder}</span>'
    assert _html(f"_a_ {placeholder} {placeholder}") == f"<p><em>a</em> {shown} {shown}</p>"
    assert _html(f"`{placeholder}`") == f"<p><code>{shown}</code></p>"
    assert _html(f"    {placeholder}") == f'<pre tabindex="0"><code>{shown}\n</code></pre>'


@pytest.mark.parametrize(
    "text",
    [
        f"[a](https://x.example/{_NAME})",
        f"https://x.example/{_NAME}",
        f"https://{_NAME}.example",
        f"<https://x.example/{_NAME}>",
    ],
)
def test_no_address_holds_a_placeholder(text: str) -> None:
    """A link with something hidden in it is none: an address that was cut leads somewhere else."""
    shown = _html(text)
    assert _NAME_SHOWN in shown
    assert f"/{_NAME}" not in shown.replace(_NAME_SHOWN, "")
    assert "href" not in shown or "[a]" in shown


def test_the_description_of_an_image_holds_no_placeholder() -> None:
    """It is an attribute."""
    shown = _html(f"![foto {_NAME}]({_IMAGE}.webp)")
    assert 'alt="foto \u2026"' in shown
    assert _NAME not in shown


def test_our_images_are_shown() -> None:
    """The small one, which leads to the whole; with its size, so that the page does not jump."""
    small = f'<img src="{_IMAGE}-k.webp" alt="a" width="640" height="400" loading="lazy" decoding="async">'
    assert _html(f"![a]({_IMAGE}.webp#640x400)") == f'<p><a class="attachment" href="{_IMAGE}.webp">{small}</a></p>'
    linked = _html(f"[![a]({_IMAGE}.webp)](/forum)")
    assert linked == f'<p><a href="/forum"><img src="{_IMAGE}-k.webp" alt="a" loading="lazy" decoding="async"></a></p>'
    assert _html(f"![a]({_IMAGE}.webp)", MarkupRules(images=False)) == "<p>a</p>"


def test_images_elsewhere_become_links() -> None:
    """Who shows them would learn who reads."""
    assert _html("![a](https://x.example/a.png)") == f'<p><a href="https://x.example/a.png" {_ELSEWHERE}>a</a></p>'
    assert "<img" not in _html("[![a](https://x.example/a.png)](https://x.example)")
    assert _html("![a](https://x.example/a.png)", MarkupRules(links=False)) == "<p>a</p>"


def test_mentions() -> None:
    """Only of somebody who is there; not within words, links and code."""
    link = '<a class="mention" href="/forum/u/rusa-biru">@rusa-biru</a>'
    assert _html("hai @rusa-biru, (@rusa-biru).") == f"<p>hai {link}, ({link}).</p>"
    assert "<a" not in _html("@siapa x@rusa-biru `@rusa-biru` @rusa-birumuda")
    assert 'href="/forum/u/rusa-biru">@Rusa-Biru</a>' in _html("@Rusa-Biru")
    assert _html("[@rusa-biru](/forum)") == '<p><a href="/forum">@rusa-biru</a></p>'


def test_quotes_lead_to_what_they_quote() -> None:
    """If that post is there."""
    source = '<a class="quote-source" href="#p12">@rusa-biru #12</a>'
    assert _html("> @rusa-biru #12\n> a") == f"<blockquote>\n<p>{source}<br>\na</p>\n</blockquote>"
    assert _html("> @rusa-biru #12\n>\n> a") == f"<blockquote>\n<p>{source}</p>\n<p>a</p>\n</blockquote>"
    assert "quote-source" not in _html("> @rusa-biru #13\n> a")
    assert "quote-source" not in _html("@rusa-biru #12\na")


def test_what_callers_answer_is_not_believed() -> None:
    """A path that is none of ours is no link."""
    rendered = render(RedactedText("@a"), mention=lambda _handle: 'javascript:alert(1)" onclick="alert(1)')
    assert "javascript" not in rendered.value
    assert "onclick" not in rendered.value


@pytest.mark.parametrize("trick", ["\u202e", "\u2066", "\x00", "\x1b", "\ufdd0", "\x85"])
def test_what_deceives_the_eye_is_left_out(trick: str) -> None:
    """Controls and reversals of direction."""
    assert _html(f"a{trick}b `a{trick}b`") == "<p>ab <code>ab</code></p>"


def test_html_is_taken_as_it_is_by_templates() -> None:
    rendered = render(RedactedText("**a**"))
    assert rendered.__html__() == "<p><strong>a</strong></p>\n"


@pytest.mark.parametrize(
    "words",
    [
        "https://bank.example",
        "bank.example/masuk",
        "masuk di www.bank.example",
        "**bank.example**",
        "bank.example@jahat.example",
        "b\u0430nk.example",
        "bank\uff0eexample",
        "jahat.example.bank.example",
    ],
)
def test_a_link_whose_words_name_another_place_says_where_it_leads(words: str) -> None:
    """People read an address in the words of a link as where it leads."""
    rendered = _html(f"[{words}](https://jahat.example/a?b=c.d)")
    assert f'<a href="https://jahat.example/a?b=c.d" {_ELSEWHERE}>' in rendered
    assert rendered.endswith("</a> (jahat.example)</p>")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[buka dulu. lalu masuk](https://a.example/b)", "buka dulu. lalu masuk"),
        ("[https://a.example/b.html](https://a.example/b.html)", "https://a.example/b.html"),
        ("[www.A.example](https://a.example/b)", "www.A.example"),
        ("https://a.example/b.html", "https://a.example/b.html"),
        ("<https://a.example/b.html>", "https://a.example/b.html"),
    ],
)
def test_other_links_show_their_words_alone(text: str, shown: str) -> None:
    rendered = _html(text)
    assert rendered.endswith(f">{shown}</a></p>")


def test_long_words_of_a_link_take_no_time() -> None:
    """Each letter is looked at once: what is made to be laborious for the pattern is not."""
    for piece in ("a", "a.", "-", "a-", "."):
        assert "</a>" in _html(f"[{piece * 1_500}](https://a.example)")
