"""What all pages of the forum share: how things are named in addresses, and what their templates are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

import orjson
from markupsafe import Markup

from server.forum.articles import Articles
from server.forum.categories import Categories
from server.forum.contacts import PostContacts
from server.forum.drafts import Drafts
from server.forum.follows import Follows
from server.forum.fragments import Fragments
from server.forum.lists import TopicLists
from server.forum.marks import Marks
from server.forum.model import Category, Topic
from server.forum.posts import Posts
from server.forum.reading import TopicRow, page_with
from server.forum.showing import Showing, hue, page_numbers
from server.forum.topic_rows import RowWriter
from server.forum.topics import Topics, path_of
from server.kernel.errors import NotFound
from server.kernel.publishing import SignedContact
from server.kernel.wire import MAX_TEXT
from server.web.catalogue import LOCALES
from server.web.site.forms import Typed
from server.web.site.frame import Site
from server.web.site.visit import Visit

LISTS = "lists"
"""What every list of topics shows."""

SIGN_CONTACT = "/privasi/izin/kontak"
"""Where people sign that a contact of theirs may be shown; `server.publication` has the page."""

_ICONS = "site/icons.html"


def shown_topic(topic_id: str) -> str:
    """Give the name under which pages that show a topic are forgotten."""
    return f"topic {topic_id}"


def names_of(topic: Topic) -> frozenset[str]:
    """Give the names of what is to be forgotten when a topic changes."""
    return frozenset({LISTS, shown_topic(topic.id)})


@dataclass(frozen=True, slots=True)
class ContactNote:
    """What a form says of contacts to who writes.

    Attributes:
        category: that allows them.
        signed: what they have signed for it; theirs alone to see here.
        sign: address of the page on which they sign another.
    """

    category: Category
    signed: Sequence[SignedContact]
    sign: str

    @property
    def values(self) -> str:
        """What is signed, for the script that says what will be hidden."""
        return orjson.dumps([one.value for one in self.signed]).decode()


class ForumFrame:
    """The services that pages of the forum stand on, and what their templates need.

    Args:
        site: the frame around all pages.
        categories: places.
        topics: topics.
        lists: lists of them.
        posts: posts.
        marks: reactions and bookmarks.
        follows: who wants to hear of what.
        contacts: contacts that writers publish of themselves.
        drafts: what people have begun to write.
    """

    def __init__(
        self,
        site: Site,
        categories: Categories,
        topics: Topics,
        lists: TopicLists,
        posts: Posts,
        marks: Marks,
        follows: Follows,
        contacts: PostContacts,
        drafts: Drafts,
    ) -> None:
        self.site = site
        self.categories = categories
        self.topics = topics
        self.lists = lists
        self.posts = posts
        self.marks = marks
        self.follows = follows
        self._contacts = contacts
        self.drafts = drafts
        self._showing = {locale: Showing(self._naming(locale)) for locale in LOCALES}
        self._given = {locale: self._given_in(locale) for locale in LOCALES}
        self._fragments: dict[str, Fragments] = {}
        self._rows: dict[str, RowWriter] = {}
        self.articles = Articles(site, self._given, self._parts)

    def _naming(self, locale: str) -> Any:
        return lambda label: self.site.text(locale, f"hidden.{label}")

    def showing(self, visit: Visit) -> Showing:
        """Give how things are shown to this reader."""
        return self._showing[visit.locale]

    def rows(self, visit: Visit, rows: Sequence[TopicRow], *, with_category: bool = True) -> Markup:
        """Give rows of a list as HTML."""
        writer = self._rows.get(visit.locale)
        if writer is None:
            writer = self._rows[visit.locale] = RowWriter(self._parts(visit))
        return writer.rows(rows, with_category=with_category)

    def _parts(self, visit: Visit) -> Fragments:
        """Pieces of HTML in a language; the icons are the templates'."""
        locale = visit.locale
        found = self._fragments.get(locale)
        if found is None:
            draw = cache(self.site.macros(visit, _ICONS, {}).icon)
            found = Fragments(partial(self.site.said, locale), draw, locale, self._showing[locale])
            self._fragments[locale] = found
        return found

    def context(self, visit: Visit, **more: Any) -> Mapping[str, Any]:
        """Give what a template gets."""
        me = visit.actor.account_id if visit.actor else ""
        return {**self._given[visit.locale], "me": me, "attached": visit.form.attached, **more}

    def _given_in(self, locale: str) -> Mapping[str, Any]:
        """What all templates get, whoever reads."""
        return {
            "show": self._showing[locale],
            "path_of": path_of,
            "page_with": page_with,
            "page_numbers": page_numbers,
            "hue": hue,
            "longest": MAX_TEXT,
            "extras": None,
        }

    async def topic(self, visit: Visit) -> TopicRow:
        """Give the topic that the address names.

        Raises:
            NotFound: none that the reader may read.
        """
        return await self.topics.find(visit.actor, number_of(visit, "number"))

    async def drafted(self, visit: Visit, place: str) -> Typed | None:
        """Give what the reader keeps as a draft for a place, as it is kept: with what is hidden hidden."""
        try:
            return Typed((await self.drafts.get(visit.require(), place)).text.value)
        except NotFound:
            return None

    async def contact_notes(self, visit: Visit, categories: Sequence[Category], back: str) -> Sequence[ContactNote]:
        """Give what the form says to who writes, for each of some categories in which they may publish a contact.

        Args:
            visit: the request.
            categories: where they may be about to write.
            back: address to which they come back once they have signed.
        """
        if visit.actor is None:
            return ()
        found: list[ContactNote] = []
        for category in categories:
            if category.contact_allowed:
                signed = await self._contacts.own(visit.actor, category)
                query = urlencode({"kategori": category.slug, "kembali": back})
                found.append(ContactNote(category, signed, f"{SIGN_CONTACT}?{query}"))
        return found

    def post_id(self, visit: Visit, topic: Topic) -> str:
        """Give the id of the post that the address names."""
        return f"{topic.id}.{number_of(visit, 'seq')}"


def number_of(visit: Visit, name: str) -> int:
    """Give a number of the address."""
    text = visit.part.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise NotFound
    return int(text)


def place(topic: Topic, seq: int) -> str:
    """Give the address of a post."""
    page = page_with(seq)
    return f"{path_of(topic)}{f'?p={page}' if page > 1 else ''}#p{seq}"


def category_path(category: Category) -> str:
    """Give the address of a category."""
    return f"/forum/k/{category.slug}"
