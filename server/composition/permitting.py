"""Builds what becomes public of what people wrote: permissions, gate, testimonials, help articles. For `parts` only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from nlp.placeholders import PLACEHOLDER
from server.accounts.model import MAX_CODE, MAX_PASSWORD, FactorState
from server.accounts.sessions import Sessions
from server.chat.model import Message
from server.composition.identity import Ground, Identity
from server.composition.proofs import Proofs
from server.composition.talks import Talks
from server.factors.service import FactorService
from server.feedback.model import Item, Kind, Sight
from server.feedback.store import MongoItemStore
from server.forum.categories import Categories
from server.forum.model import can_post
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.caller import Caller
from server.kernel.errors import InvalidInput, NotAuthenticated, NotFound, SecondFactorRequired
from server.kernel.ports import Clock
from server.notices.model import Kind as NoticeKind
from server.notices.service import Notices
from server.publication import api
from server.publication.article_pages import ArticlePages
from server.publication.articles import Articles, Source
from server.publication.contact_pages import ContactPages
from server.publication.contacts import ContactBook, ContactPlace, OwnContacts
from server.publication.gate import Gate
from server.publication.model import Method
from server.publication.pages import OWN, PermissionPages
from server.publication.permissions import Permissions
from server.publication.store import PUBLICATION_COLLECTIONS as PUBLICATION_COLLECTIONS
from server.publication.store import MongoArticleStore, MongoPermissionStore
from server.publication.testimonials import Impression, Testimonials
from server.statements import Statements
from server.web.endpoint import Endpoint
from server.web.site.frame import Site

_OBJECT: Final = "permission"
_MOST_MESSAGES: Final = 100
"""Of a conversation, the last ones, that a draft begins with; and that a quotation is looked for in."""


@dataclass(frozen=True, slots=True)
class Permitting:
    """The running services."""

    permissions: Permissions
    contacts: OwnContacts
    book: ContactBook
    gate: Gate
    testimonials: Testimonials
    articles: Articles
    clock: Clock

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return api.endpoints(self.permissions, self.contacts)

    def attach(self, site: Site, app: web.Application) -> None:
        """Put the pages into the application."""
        # Before the pages of single permissions, whose ids could be any word.
        ContactPages(site, self.contacts).attach(app)
        PermissionPages(site, self.permissions, self.testimonials, self.contacts, self.clock).attach(app)
        ArticlePages(site, self.articles).attach(app)


class SigningProof:
    """Fills `publication.permissions.Prover`: a passkey, or the password anew with the second factor there is."""

    def __init__(self, factors: FactorService, sessions: Sessions) -> None:
        self._factors = factors
        self._sessions = sessions

    async def prove(
        self, actor: Actor, caller: Caller, password: str, code: str, credential: Mapping[str, Any] | None
    ) -> Method:
        """See `publication.permissions.Prover`."""
        if credential is not None:
            return await self._by_passkey(actor, caller, credential)
        if not password or len(password) > MAX_PASSWORD or len(code) > MAX_CODE:
            raise InvalidInput(fields={"password": "wrong_password"})
        overview = await self._factors.overview(actor)
        try:
            await self._factors.confirm(actor, caller, password=password, code=code or None, credential=None)
        except NotAuthenticated:
            raise InvalidInput(fields={"password": "wrong_password"}) from None
        except SecondFactorRequired:
            raise InvalidInput(fields={"code": "required"}) from None
        if overview.totp_since is not None:
            return Method.SECOND_FACTOR
        if not overview.passkeys:
            return Method.PASSWORD
        # Without the page's script a passkey can't be shown in a form; a session that was opened or confirmed with one
        # has shown it.
        for session in await self._sessions.of_account(actor.account_id):
            if session.id == actor.session_id and session.factor is FactorState.GIVEN:
                return Method.SECOND_FACTOR
        raise InvalidInput(fields={"code": "passkey_first"})

    async def _by_passkey(self, actor: Actor, caller: Caller, credential: Mapping[str, Any]) -> Method:
        try:
            await self._factors.confirm(actor, caller, password=None, code=None, credential=credential)
        except NotAuthenticated:
            raise InvalidInput(fields={"passkey": "passkey_refused"}) from None
        return Method.SECOND_FACTOR


class PermissionBell:
    """Fills `publication.permissions.Bell` by notices."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def permission_asked(self, person_id: str, permission_id: str) -> None:
        """See `publication.permissions.Bell`."""
        await self._notices.tell([person_id], NoticeKind.PERMISSION_ASKED, _OBJECT, permission_id)


class SentImpressions:
    """Fills `publication.testimonials.Impressions` from feedback."""

    def __init__(self, items: MongoItemStore) -> None:
        self._items = items

    async def find(self, number: int) -> Impression | None:
        """See `publication.testimonials.Impressions`."""
        item = await self._items.find_numbered(number)
        if item is None or item.author_id is None or not _is_impression(item):
            return None
        return Impression(item.id, item.author_id, item.text)

    async def is_there(self, item_id: str) -> bool:
        """See `publication.testimonials.Impressions`."""
        item = await self._items.find_item(item_id)
        return item is not None and _is_impression(item)


class ChatSources:
    """Fills `publication.articles.Conversations` from chat, by its own rules of who may read what."""

    def __init__(self, talks: Talks) -> None:
        self._talks = talks

    async def source(self, actor: Actor, conversation_id: str) -> Source:
        """See `publication.articles.Conversations`."""
        messages, _ = await self._talks.chat.messages_before(actor, conversation_id, None, _MOST_MESSAGES)
        return _source(await self._talks.chat.person_of(conversation_id), messages)

    async def concerned(self, conversation_id: str) -> Source | None:
        """See `publication.articles.Conversations`."""
        try:
            found = await self._talks.conversation(conversation_id)
        except NotFound:
            return None
        first = max(0, found.last_seq - _MOST_MESSAGES)
        return _source(found.customer_id, await self._talks.store.messages(conversation_id, first, found.last_seq))


class ContactPlaces:
    """Fills `publication.contacts.Places` from the forum's categories."""

    def __init__(self, categories: Categories) -> None:
        self._categories = categories

    async def __call__(self, actor: Actor) -> Sequence[ContactPlace]:
        """See `publication.contacts.Places`."""
        found = [one for one in await self._categories.list(actor) if one.contact_allowed and can_post(actor, one)]
        return [ContactPlace(one.id, one.slug, one.name) for one in found]


async def _place(permission_id: str) -> str | None:
    """Where a permission is to be seen; whether it is the reader's is found out there."""
    return f"{OWN}/{permission_id}"


def build_permitting(ground: Ground, identity: Identity, proofs: Proofs, intake: Intake, talks: Talks) -> Permitting:
    """Build them."""
    database, audit, clock = ground.database, ground.audit, ground.clock
    talks.notices.lead(_OBJECT, _place)
    store = MongoPermissionStore(database)
    permissions = Permissions(
        store,
        ground.sealer,
        SigningProof(proofs.factors, identity.sessions),
        PermissionBell(talks.notices),
        Statements(ground.keyring.derive("permissions"), "permissions"),
        audit,
        ground.limiter,
        clock,
    )
    gate = Gate(intake, permissions)
    own = OwnContacts(store, ground.sealer, intake, audit, ground.limiter, clock)
    impressions = SentImpressions(MongoItemStore(database))
    return Permitting(
        permissions,
        own,
        ContactBook(store, ground.sealer, clock),
        gate,
        Testimonials(store, permissions, gate, impressions, audit, clock),
        Articles(
            MongoArticleStore(database),
            intake,
            gate,
            ChatSources(talks),
            audit,
            ground.limiter,
            clock,
        ),
        clock,
    )


def _is_impression(item: Item) -> bool:
    return item.kind is Kind.IMPRESSION and item.sight is Sight.SHOWN


def _source(person_id: str, messages: Sequence[Message]) -> Source:
    written = [one for one in messages if one.deleted_at is None and one.text.value.strip()]
    wrote = [one.text for one in written if one.author_id == person_id]
    # What is hidden is a gap in a draft: an article is about nobody.
    return Source(person_id, wrote, "\n\n".join(PLACEHOLDER.sub("…", one.text.value) for one in written))
