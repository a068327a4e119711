"""What all pages of feedback share: how things are named in addresses, and what their templates are given."""

from collections.abc import Mapping
from typing import Any, Final

from server.feedback.model import FINISHED, Area, Item, Kind, State, Status
from server.feedback.reading import Row
from server.feedback.words import path_of, slug_of
from server.forum.page_frame import ForumFrame
from server.forum.showing import HUES
from server.kernel.actor import Actor, Role
from server.kernel.errors import NotFound
from server.kernel.wire import MAX_SUBJECT
from server.web.pages import Assets
from server.web.site.visit import Visit

BOARD: Final = "feedback"
"""What every list of public items shows."""
HOME: Final = "/saran"
NEW: Final = "/saran/baru"
CODE: Final = "/saran/kode"
OWN: Final = "/saran/saya"
ROADMAP: Final = "/saran/peta"
CHANGES: Final = "/saran/perubahan"
FEED: Final = "/saran/feed.atom"
INBOX: Final = "/triase"
LONGEST_QUERY: Final = 120

_KIND_ICONS: Final = {"suggestion": "bulb", "criticism": "megaphone", "complaint": "alert", "impression": "heart"}
_DONE: Final = frozenset({Status.DONE, Status.DECLINED, Status.MERGED})


def shown_item(item_id: str) -> str:
    """Give the name under which pages that show an item are forgotten."""
    return f"feedback {item_id}"


def names_of(item: Item) -> frozenset[str]:
    """Give the names of what is to be forgotten when an item changes."""
    return frozenset({BOARD, shown_item(item.id)})


def address_of(thing: Item | Row) -> str:
    """Give the address of an item, or of a public one in a list."""
    return path_of(thing) if isinstance(thing, Item) else f"{HOME}/{thing.number}/{slug_of(thing.title)}"


def may_vote(actor: Actor | None, row: Row) -> bool:
    """Whether somebody may vote for a public item in a list."""
    if not is_member(actor):
        return False
    return row.kind is Kind.SUGGESTION and row.status not in _DONE


def is_member(actor: Actor | None) -> bool:
    """Whether somebody is signed in, with an account."""
    return actor is not None and actor.role is not Role.VISITOR


def number_of(visit: Visit, name: str = "number") -> int:
    """Give a number of the address.

    Raises:
        NotFound: it is none.
    """
    text = visit.part.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise NotFound
    return int(text)


class FeedbackFrame:
    """What templates of feedback need, around what the forum's need.

    Args:
        forum: the frame of public pages, and how texts are shown.
        assets: the built client.
    """

    def __init__(self, forum: ForumFrame, assets: Assets) -> None:
        self.forum = forum
        self.site = forum.site
        self._assets = assets

    def context(self, visit: Visit, areas: list[Area], *, desk: bool = False, **more: Any) -> Mapping[str, Any]:
        """Give what a template gets.

        Args:
            visit: who looks.
            areas: product areas.
            desk: whether the page is staff's.
            more: what the page is about.
        """
        ordered = sorted(areas, key=lambda area: (area.position, area.key))
        own = (("own", OWN),) if visit.actor else (("code", CODE),)
        sections = (("board", HOME), ("roadmap", ROADMAP), ("changes", CHANGES), *own)
        return self.forum.context(
            visit,
            **{
                "assets": self._assets.of("triage" if desk else "feedback"),
                "path_of": address_of,
                "area_names": {area.key: self.area_name(area, visit.locale) for area in ordered},
                "hues": {area.key: area.position % HUES for area in ordered},
                "kind_icons": _KIND_ICONS,
                "sections": sections,
                "longest_title": MAX_SUBJECT,
                "longest_query": LONGEST_QUERY,
                "feed_of_site": FEED,
                "said": "",
                **more,
            },
        )

    @staticmethod
    def area_name(area: Area, locale: str) -> str:
        """Give the name of an area in a language."""
        return area.name.get(locale) or next(iter(area.name.values()), area.key)

    def said(self, visit: Visit, names: Mapping[str, str]) -> str:
        """Give what is said about what was just done, by the word in the address; empty where there is none."""
        key = names.get(visit.request.query.get("kabar", ""), "")
        return self.site.text(visit.locale, key) if key else ""


def is_finished(state: State) -> bool:
    """Whether nothing more is to be done."""
    return state in FINISHED
