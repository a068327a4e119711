"""Builds the pages of feedback: board, giving, items, codes, and the staff's inbox. For `publishing` only."""

from typing import Final

from aiohttp import web

from server.attachments.forms import ImageForms
from server.composition.attaching import Filing
from server.composition.listening import Listening
from server.feedback.case_pages import CasePages, CaseServices
from server.feedback.code_pages import CodePages
from server.feedback.desk_frame import DeskFrame
from server.feedback.desk_pages import DeskPages
from server.feedback.events import (
    FeedbackAnswered,
    FeedbackChanged,
    FeedbackCommented,
    FeedbackGiven,
    FeedbackMerged,
    FeedbackPublished,
    FeedbackShown,
    FeedbackVoted,
)
from server.feedback.flag_pages import FlagPages
from server.feedback.giving_pages import GivingPages
from server.feedback.item_pages import ItemPages, ItemServices
from server.feedback.model import Item
from server.feedback.page_frame import FeedbackFrame, names_of
from server.feedback.pages import BoardPages
from server.feedback.promises import Promises
from server.feedback.ring_pages import RingPages
from server.feedback.settings_pages import SettingsPages
from server.feedback.terms_pages import TermPages
from server.files.feedback_pages import FeedbackFilePages
from server.files.forms import FileForms
from server.forum.page_frame import ForumFrame
from server.kernel.fresh import FreshWindow
from server.kernel.ports import Clock
from server.kernel.relay import Relay
from server.review.flagging import Flagging
from server.web.pages import Assets
from server.web.site.caching import PageCache

_CHANGES: Final = (
    FeedbackGiven,
    FeedbackShown,
    FeedbackChanged,
    FeedbackAnswered,
    FeedbackVoted,
    FeedbackCommented,
    FeedbackMerged,
    FeedbackPublished,
)
"""After these, pages that show the item are made anew."""


def attach_feedback(
    app: web.Application,
    forum: ForumFrame,
    assets: Assets,
    listening: Listening,
    promises: Promises,
    flagging: Flagging,
    images: ImageForms,
    filing: Filing,
    relay: Relay,
    freshness: FreshWindow,
    clock: Clock,
) -> None:
    """Put the pages into the application.

    Args:
        app: the application; its templates are set up.
        forum: the frame of public pages, and how texts are shown.
        assets: the built client.
        listening: what they show.
        promises: what is promised for feedback.
        flagging: takes reports.
        images: takes in images that come with texts.
        filing: takes in files that come with them, and shows these.
        relay: tells of changes.
        freshness: how recent a sign-in must be for what only administrators do.
        clock: the time.
    """
    site, desk, items = forum.site, listening.desk, listening.items
    frame = FeedbackFrame(forum, assets)
    BoardPages(frame, items, desk).attach(app)
    files = FileForms(filing.files, filing.sizes.largest)
    GivingPages(frame, listening.giving, desk, images, files).attach(app)
    services = ItemServices(items, listening.votes, listening.comments, listening.sending, desk)
    item_pages = ItemPages(frame, services, images, files)
    CodePages(frame, listening.sending, desk, item_pages, files).attach(app)
    FeedbackFilePages(site, filing.views, items, listening.sending).attach(app)
    FlagPages(frame, items, flagging).attach(app)
    item_pages.attach(app)
    staff = DeskFrame(frame, desk, listening.agents, listening.clocks, clock)
    SettingsPages(staff, desk).attach(app)
    TermPages(staff, promises, freshness).attach(app)
    DeskPages(staff, items, listening.handling, desk).attach(app)
    cases = CaseServices(
        items, listening.comments, listening.handling, listening.merging, desk, clock, listening.restraints
    )
    CasePages(staff, cases, files).attach(app)
    _keep_fresh(site.cache, relay)


def attach_rings(app: web.Application, forum: ForumFrame, assets: Assets, listening: Listening) -> None:
    """Put what moderators see of votes into the application. Before their other pages, where an id could be any word.

    Args:
        app: the application; its templates are set up.
        forum: the frame of public pages, and how texts are shown.
        assets: the built client.
        listening: what it shows.
    """
    RingPages(FeedbackFrame(forum, assets), listening.items, listening.votes).attach(app)


def _keep_fresh(cache: PageCache, relay: Relay) -> None:
    """Pages that are kept for readers who are not signed in are dropped when what they show changes."""

    async def forget(event: object) -> None:
        for name in ("item", "source", "target"):
            item = getattr(event, name, None)
            if isinstance(item, Item):
                cache.drop(names_of(item))

    for kind in _CHANGES:
        relay.listen(kind, forget)
