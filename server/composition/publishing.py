"""Builds the public pages: the frame, the ways in, and what capabilities show in it. For `parts` only."""

from dataclasses import dataclass

from aiohttp import web

from server.accounts.service import AccountService
from server.attachments.forms import ImageForms
from server.attachments.service import Attachments
from server.composition.announcing import Announcing
from server.composition.attaching import Filing
from server.composition.community import Community
from server.composition.consenting import Consenting
from server.composition.erasing import Erasing
from server.composition.explaining import Explaining
from server.composition.hooking import Hooks
from server.composition.insighting import Insights
from server.composition.listening import Listening
from server.composition.listening_pages import attach_feedback, attach_rings
from server.composition.observing import Observing
from server.composition.overseeing import attach_oversight
from server.composition.permitting import Permitting
from server.composition.pledging import Pledging
from server.composition.promising import Promising
from server.composition.responding import Responding
from server.composition.retaining import Retaining
from server.composition.reviewing import Review
from server.composition.righting import Righting
from server.composition.settling import Asked as CheckedBy
from server.composition.settling import attach_checkup
from server.composition.surveying import Surveying
from server.factors.service import FactorService
from server.forum.category_pages import CategoryPages
from server.forum.contact_desk_pages import ContactDeskPages
from server.forum.curation_pages import CurationPages
from server.forum.editing_pages import EditingPages
from server.forum.events import (
    AnswerAccepted,
    PostEdited,
    PostHidden,
    PostPublished,
    PostReacted,
    TopicChanged,
    TopicPosted,
)
from server.forum.feeds import Feeds
from server.forum.follow_pages import FollowPages
from server.forum.mark_pages import MarkPages
from server.forum.model import Topic
from server.forum.page_frame import ForumFrame, names_of
from server.forum.pages import ForumPages
from server.forum.poll_pages import PollPages
from server.forum.writing_pages import WritingPages
from server.kernel.actor import Actor, Role
from server.kernel.fresh import FreshWindow
from server.kernel.ports import Clock, Limiter
from server.notices.pages import NoticePages
from server.notices.service import Notices
from server.people.pages import ProfilePages
from server.people.service import People
from server.review.pages import ReviewPages
from server.search.pages import SearchPages
from server.web.catalogue import Catalogues
from server.web.middleware import PROBLEM_PAGE
from server.web.pages import Assets
from server.web.site.caching import PageCache
from server.web.site.entry import EntryPages
from server.web.site.frame import Site
from server.web.site.visit import Reader, Ways
from server.webhooks.pages import HookPages

_CHANGES = (TopicPosted, PostPublished, PostEdited, PostHidden, TopicChanged, PostReacted, AnswerAccepted)
"""After these, pages that show the topic are made anew."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What pages show.

    Attributes:
        accounts: passwords and sessions.
        factors: second factors.
        people: who people are in public.
        community: the forum.
        notices: what people are told.
        limiter: rate limits.
        review: moderation.
        listening: feedback.
        insights: figures about it.
        announcing: the status page.
        surveying: surveys.
        promising: what is promised for feedback.
        hooks: webhooks.
        freshness: how recent a sign-in must be for what only administrators do.
        explaining: the privacy policy, training.
        consenting: what people chose about the use of their data.
        permitting: what is public by permission, help articles.
        pledging: the promises with their evidence.
        consenting: what people chose about the use of their data.
        righting: the rights of people.
        erasing: their erasure.
        retaining: how long things stay, legal holds.
        responding: incidents.
        attachments: images.
        most_image: bytes of one.
        filing: files of feedback.
    """

    accounts: AccountService
    factors: FactorService
    people: People
    community: Community
    notices: Notices
    limiter: Limiter
    review: Review
    listening: Listening
    insights: Insights
    announcing: Announcing
    surveying: Surveying
    promising: Promising
    hooks: Hooks
    freshness: FreshWindow
    explaining: Explaining
    pledging: Pledging
    consenting: Consenting
    permitting: Permitting
    righting: Righting
    erasing: Erasing
    retaining: Retaining
    responding: Responding
    attachments: Attachments
    most_image: int
    filing: Filing
    observing: Observing


class _Host:
    """Knows what the head of a page shows of whoever is signed in."""

    def __init__(self, people: People, notices: Notices, attachments: Attachments, most_image: int) -> None:
        self._people = people
        self._notices = notices
        self._attachments = attachments
        self._most_image = most_image

    async def greet(self, actor: Actor) -> Reader:
        """See `web.site.visit.Greeter`."""
        persona = (await self._people.personas([actor.account_id])).get(actor.account_id)
        return Reader(
            handle=persona.handle if persona else "",
            avatar=persona.avatar_path if persona else "",
            unread=await self._notices.unread(actor),
            moderates=actor.role is Role.MODERATOR,
            triages=actor.role is Role.AGENT,
            administers=actor.role is Role.ADMIN,
            staff=actor.is_staff,
            oversees=actor.role is Role.PRIVACY_OFFICER,
            images=self._most_image if await self._attachments.may_add(actor) else 0,
        )


def attach_site(
    app: web.Application,
    ways: Ways,
    assets: Assets,
    catalogues: Catalogues,
    clock: Clock,
    shown: Shown,
    *,
    default_locale: str,
    company: str,
    alone: bool,
) -> None:
    """Put the public pages into the application.

    Args:
        app: the application; its templates are set up.
        ways: who looks.
        assets: the built client.
        catalogues: texts.
        clock: the time.
        shown: what pages show.
        default_locale: language for those who have not chosen one.
        company: name of the company that runs this server.
        alone: whether no other server has the same store.
    """
    site = Site(ways, assets, catalogues, clock, default_locale=default_locale, company=company, alone=alone)
    site.greet_with(_Host(shown.people, shown.notices, shown.attachments, shown.most_image))
    EntryPages(site, shown.accounts, shown.factors).attach(app)
    ProfilePages(site, shown.people).attach(app)
    NoticePages(site, shown.notices, shown.limiter).attach(app)
    community = shown.community
    forum = ForumFrame(
        site,
        community.categories,
        community.topics,
        community.lists,
        community.posts,
        community.marks,
        community.follows,
        community.forum.contacts,
        community.forum.drafts,
    )
    pages = ForumPages(forum)
    # A topic's slug could be any word: what has a word of its own comes first.
    images = ImageForms(shown.attachments, shown.limiter, shown.most_image)
    writing = WritingPages(forum, pages, images)
    writing.attach(app)
    EditingPages(forum, writing, community.forum.editing, community.forum.curation, images).attach(app)
    FollowPages(forum, community.follows).attach(app)
    CurationPages(forum, community.forum.curation, community.forum.moving).attach(app)
    PollPages(forum, community.forum.polls).attach(app)
    MarkPages(forum, pages).attach(app)
    SearchPages(forum, community.search).attach(app)
    Feeds(forum, community.public).attach(app)
    attach_rings(app, forum, assets, shown.listening)
    CategoryPages(forum).attach(app)
    ContactDeskPages(forum, community.forum.contact_desk).attach(app)
    ReviewPages(forum, shown.review.desk).attach(app)
    HookPages(site, assets, shown.hooks.webhooks, shown.freshness).attach(app)
    shown.insights.attach(site, app)
    shown.announcing.attach(site, app)
    shown.surveying.attach(site, app)
    shown.explaining.attach(site, app)
    shown.consenting.attach(site, app)
    shown.permitting.attach(site, app)
    shown.pledging.attach(site, app)
    shown.observing.attach(site, app)
    attach_oversight(
        site,
        app,
        shown.accounts,
        shown.pledging,
        shown.righting,
        shown.retaining,
        shown.hooks,
        shown.responding,
        shown.erasing,
    )
    attach_checkup(
        site,
        app,
        CheckedBy(
            shown.righting.identity,
            shown.factors,
            shown.pledging.asked.consents,
            shown.consenting.guardianships,
            shown.pledging.asked.access_log,
            shown.explaining,
            shown.notices,
            shown.people,
            shown.permitting,
            community,
            shown.freshness,
            clock,
        ),
    )
    shown.righting.attach(site, app)
    shown.erasing.attach(site, app)
    shown.retaining.attach(site, app)
    shown.responding.attach(site, app)
    pages.attach(app)
    attach_feedback(
        app,
        forum,
        assets,
        shown.listening,
        shown.promising.promises,
        shown.review.flagging,
        images,
        shown.filing,
        community.relay,
        shown.freshness,
        clock,
    )
    _keep_fresh(site.cache, community)
    app[PROBLEM_PAGE] = site.problem


def _keep_fresh(cache: PageCache, community: Community) -> None:
    """Pages that are kept for readers who are not signed in are dropped when what they show changes."""

    async def forget(event: object) -> None:
        topic = getattr(event, "topic", None)
        if isinstance(topic, Topic):
            cache.drop(names_of(topic))

    for kind in _CHANGES:
        community.relay.listen(kind, forget)
    community.categories.listen(cache.clear)
