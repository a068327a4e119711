"""Builds what is kept of people in what they wrote and sent, in the order of an erasure. For `parts` only."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.attachments.holdings import ImageHoldings
from server.attachments.service import Attachments
from server.chat.erasure import ChatErasure
from server.chat.erasure_store import MongoChatErasureStore
from server.chat.holdings import ChatHoldings, ChatShells
from server.composition.community import Community
from server.composition.desking import Desking
from server.composition.identity import Ground, Identity
from server.composition.sealing import Sealing
from server.composition.talks import Talks
from server.desk.erasure import DeskErasure
from server.desk.erasure_store import MongoDeskErasureStore
from server.desk.holdings import DeskHoldings
from server.files.holdings import FileHoldings
from server.files.service import FileService
from server.files.store import MongoFileStore
from server.forms.holdings import FormHoldings
from server.forms.store import MongoFormStore
from server.forum.holdings import ForumHoldings
from server.incidents.holdings import incident_holdings
from server.kernel.holdings import Holdings
from server.people.holdings import PeopleHoldings
from server.people.service import People
from server.retention.holdings import retention_holdings
from server.review.erasure_store import MongoReviewErasureStore
from server.review.holdings import ReviewHoldings
from server.sealed.revealing import Revealing
from server.search.holdings import SearchHoldings


@dataclass(frozen=True, slots=True)
class Content:
    """The running services that keep what people wrote and sent."""

    talks: Talks
    desking: Desking
    files: FileService
    revealing: Revealing
    sealing: Sealing
    community: Community
    attachments: Attachments
    people: People


@dataclass(frozen=True, slots=True)
class ContentHoldings:
    """What they keep, and the removal of single conversations for retention.

    Attributes:
        holdings: in the order of an erasure: what finds things by a person comes before what finds the person.
        chat: empties conversations.
        desk: what stands beside them.
        forms: sealed forms in them.
    """

    holdings: Sequence[Holdings]
    chat: ChatErasure
    desk: DeskErasure
    forms: FormHoldings


def content_holdings(ground: Ground, identity: Identity, content: Content) -> ContentHoldings:
    """Build them."""
    database, talks, desking, community = ground.database, content.talks, content.desking, content.community
    chat = ChatErasure(
        talks.store,
        MongoChatErasureStore(database),
        talks.live,
        talks.writer,
        talks.rendered,
        ground.audit,
        talks.relay,
        identity.accounts,
        ground.clock,
    )
    desk = DeskErasure(MongoDeskErasureStore(database), desking.indexer, desking.cases)
    forms = FormHoldings(MongoFormStore(database), content.sealing.sealed)
    holdings: tuple[Holdings, ...] = (
        ChatHoldings(chat),
        DeskHoldings(desk, chat.of),
        forms,
        FileHoldings(MongoFileStore(database), content.files, content.revealing, ground.sealer),
        ChatShells(chat),
        ForumHoldings(community.forum.erasure, content.people.handles_of),
        SearchHoldings(community.indexer),
        ImageHoldings(content.attachments),
        ReviewHoldings(MongoReviewErasureStore(database)),
        PeopleHoldings(content.people),
        incident_holdings(database),
        retention_holdings(database),
    )
    return ContentHoldings(holdings, chat, desk, forms)
