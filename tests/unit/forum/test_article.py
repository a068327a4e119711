"""A post as HTML: what is shown to whom, and that nothing that people chose gets into it unescaped."""

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from markupsafe import Markup, escape

from server.forum.article import ArticleWriter
from server.forum.fragments import Fragments
from server.forum.model import Category, Post, PostState, Topic, TopicState
from server.forum.reading import PostRights, PostView, TopicPage, TopicRights, TopicRow
from server.forum.showing import Showing
from server.kernel.actor import Role
from server.kernel.text import Numbering, RedactedText, template_of
from server.markup import render
from server.people.model import Persona
from server.web.catalogue import Catalogues

AT = datetime(2026, 11, 22, 8, 5, 9, tzinfo=UTC)
AUTHOR = Persona("a1", "rusa-biru", "/people/a.svg")
NOTHING = PostRights()
EVERYTHING = PostRights(edit=True, withdraw=True, react=True, flag=True)


def words(text: str) -> RedactedText:
    return template_of((text,)).fill(Numbering()).text


TOPIC = Topic("t1", 7, "c1", "struk", words("Struk"), (), "a1", AT, TopicState.PUBLISHED, 1, AT, "a1", 30)
POST = Post("t1", 3, "a1", words("Halo"), (), (), render(words("Halo *semua* & <b>")), AT, PostState.PUBLISHED)
ROW = TopicRow(TOPIC, Category("c1", "kasir", words("Kasir"), words("")), None, None)


def drawn(name: str, size: int = 18) -> str:
    return f'<svg class="{name}" width="{size}"></svg>'


@pytest.fixture(scope="module")
def writer() -> ArticleWriter:
    catalogues = Catalogues.load()

    def say(key: str, **values: str | int) -> Markup:
        return escape(catalogues.text("id", key, **values))

    return ArticleWriter(Fragments(say, drawn, "id", Showing(lambda label: label)))


def page(rights: TopicRights | None = None, number: int = 1, topic: Topic = TOPIC) -> TopicPage:
    return TopicPage(replace(ROW, topic=topic), rights or TopicRights(), (), number, 2)


class _Balance(HTMLParser):
    """Sees to it that what is opened is closed, in order."""

    _EMPTY = frozenset({"img", "input", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in self._EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_reader_sees_who_wrote_what_and_when(writer: ArticleWriter) -> None:
    """And nothing that asks for an account."""
    html = writer.article(PostView(POST, AUTHOR, readable=True), page(), "")
    assert "Halo <em>semua</em> &amp; &lt;b&gt;" in html
    assert 'datetime="2026-11-22T08:05:09Z" title="22 November 2026 08.05 UTC">22 Nov 2026<' in html
    assert f'href="{AUTHOR.path}">rusa-biru<' in html
    assert "<form" not in html
    assert "menu" not in html


def test_what_may_not_be_read_leaves_a_trace_without_its_author(writer: ArticleWriter) -> None:
    """Neither text nor handle."""
    for state in (PostState.HIDDEN, PostState.WITHDRAWN, PostState.MOVED):
        html = writer.article(PostView(replace(POST, state=state), None, readable=False), page(), "")
        assert 'id="p3"' in html
        assert "semua" not in html
        assert "rusa" not in html


def test_what_people_chose_is_escaped(writer: ArticleWriter) -> None:
    """A handle and the address of a picture can't end what they stand in."""
    strange = Persona("a1", '"><script>x</script>', '/a.svg"onload="x')
    html = writer.article(PostView(POST, strange, readable=True), page(), "")
    assert "<script" not in html
    assert '"onload' not in html


def test_only_ones_own_post_is_marked_as_such(writer: ArticleWriter) -> None:
    """And only who signed in finds the menu; what they may do stands in it."""
    own = writer.article(PostView(POST, AUTHOR, readable=True, rights=EVERYTHING), page(TopicRights(reply=True)), "a1")
    other = writer.article(PostView(POST, AUTHOR, readable=True), page(TopicRights(reply=True)), "somebody")
    assert "post-own" in own
    assert "post-own" not in other
    for act in ("/ubah", "/tarik", "/lapor", "/reaksi", "/wiki"):
        assert f"/forum/t/7/p/3{act}" in own
        assert f"/forum/t/7/p/3{act}" not in other
    assert "/forum/t/7/p/3/penanda" in other
    assert "?kutip=3#balas" in other


def test_reactions_are_counted_for_all_and_taken_back_by_who_gave_them(writer: ArticleWriter) -> None:
    """Who may not react sees the counts alone."""
    liked = replace(POST, reactions={"like": 2, "insight": 1})
    seen = writer.article(PostView(liked, AUTHOR, readable=True), page(), "")
    assert seen.count("act-count") == 2
    given = PostView(liked, AUTHOR, readable=True, rights=PostRights(react=True), mine=frozenset({"like"}))
    html = writer.article(given, page(), "somebody")
    assert 'name="take" value="like" type="submit" aria-pressed="true"' in html
    assert 'name="give" value="insight" type="submit" aria-pressed="false"' in html
    assert "<span data-count>2</span>" in html


def test_the_question_says_where_its_answer_stands(writer: ArticleWriter) -> None:
    """On whichever page that is; and who asked may choose another."""
    solved = replace(TOPIC, accepted_seq=25)
    first = writer.article(PostView(replace(POST, seq=1), AUTHOR, readable=True), page(topic=solved), "")
    assert 'href="/forum/t/7/struk?p=2#p25"' in first
    accepted = PostView(replace(POST, seq=25), AUTHOR, readable=True, accepted=True)
    html = writer.article(accepted, page(TopicRights(accept=True), 2, solved), "somebody")
    assert "post-accepted" in html
    assert 'name="seq" value=""' in html


@pytest.mark.parametrize("state", list(PostState))
@pytest.mark.parametrize("me", ["", "a1", "somebody"])
@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.AGENT, Role.MODERATOR])
def test_every_post_is_whole_html(writer: ArticleWriter, state: PostState, me: str, role: Role) -> None:
    """Whatever may be done with it."""
    everything = TopicRights(reply=True, edit=True, accept=True, curate=True, mark=True)
    post = replace(POST, seq=24, state=state, reply_to=2, edited_at=AT, wiki=True, reactions={"thanks": 1})
    for rights, on in ((NOTHING, TopicRights()), (EVERYTHING, everything)):
        balance = _Balance()
        view = PostView(post, replace(AUTHOR, role=role), readable=True, rights=rights, bookmarked=bool(me))
        balance.feed(writer.article(view, page(on, 2), me, "<fieldset></fieldset>"))
        balance.close()
        assert balance.open == []
        assert balance.seen[0] == "article"
