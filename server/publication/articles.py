"""Help articles: written by staff, often from a conversation, looked at by somebody else, versioned and searchable.

An article is for everybody and about nobody: nothing that identifies, nothing hidden and no long quotation of what a
customer wrote gets in. The gate says so before it is published, and again whenever it is shown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, DomainError, NotFound, NotPermitted
from server.kernel.ids import new_id
from server.kernel.ports import Clock, Limiter
from server.kernel.publishing import PublicationGate, PublicUse, Verdict
from server.kernel.text import Numbering, RawText, RedactedText, joined
from server.markup import SafeHtml, plain_text, render

HOME: Final = "/bantuan"
MAX_TITLE: Final = 120
MAX_BODY: Final = 8_000
_WORD: Final = re.compile(r"\w+")
_MOST_WORDS: Final = 8


class State(StrEnum):
    """How far an article has come."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it is now.

    Attributes:
        id: opaque.
        number: dense from 1; its address.
        title: redacted.
        text: Markdown, redacted.
        state: how far it has come; of a published one that is written anew the former version stays public meanwhile.
        version: number of the last version that was published; 0 while there is none.
        public: whether that one is to be seen.
        source: id of the conversation that it was made from; empty where there is none.
        by: account of staff who wrote it last.
        changed_at: aware, UTC.
        checked_by: who looked at it and published it.
    """

    id: str
    number: int
    title: RedactedText
    text: RedactedText
    state: State
    version: int
    source: str
    by: str
    changed_at: datetime
    checked_by: str = ""
    public: bool = False

    @property
    def path(self) -> str:
        """Its address."""
        return f"{HOME}/{self.number}"


@dataclass(frozen=True, slots=True)
class Version:
    """What was published once; never changed."""

    article_id: str
    number: int
    version: int
    title: RedactedText
    text: RedactedText
    by: str
    checked_by: str
    at: datetime
    source: str = field(default="")

    @property
    def path(self) -> str:
        """Address of the article."""
        return f"{HOME}/{self.number}"

    @property
    def html(self) -> SafeHtml:
        """As it is shown."""
        return render(self.text)


@dataclass(frozen=True, slots=True)
class Source:
    """A conversation that somebody of staff may read.

    Attributes:
        person_id: whose it is.
        wrote: what that person wrote, message by message.
        whole: all of it, redacted and with gaps for what is hidden, for a draft to begin with.
    """

    person_id: str
    wrote: Sequence[RedactedText] = field(repr=False)
    whole: str = field(repr=False)


class Conversations(Protocol):
    """Knows conversations; chat does."""

    async def source(self, actor: Actor, conversation_id: str) -> Source:
        """Give one to somebody who may read it.

        Raises:
            NotFound, NotPermitted: they may not, or there is none.
        """
        ...

    async def concerned(self, conversation_id: str) -> Source | None:
        """Give one for the gate, whoever asks; None where it is gone."""
        ...


class ArticleStore(Protocol):
    """What is needed of `publication.store`."""

    async def next_article(self) -> int: ...
    async def insert_article(self, article: Article) -> None: ...
    async def replace_article(self, before: Article, article: Article) -> bool: ...
    async def find_article(self, number: int) -> Article | None: ...
    async def articles(self) -> list[Article]: ...
    async def insert_version(self, version: Version) -> None: ...
    async def versions(self, article_id: str) -> list[Version]: ...
    async def find_version(self, article_id: str, version: int) -> Version | None: ...
    async def public_versions(self) -> list[Version]: ...


class Articles:
    """Help articles.

    Args:
        store: where they are kept.
        intake: the gate of texts.
        gate: the gate of what becomes public.
        conversations: what articles are made from.
        audit: the trail.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: ArticleStore,
        intake: Intake,
        gate: PublicationGate,
        conversations: Conversations,
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._intake = intake
        self._gate = gate
        self._conversations = conversations
        self._limiter = limiter
        self._audit = audit
        self._clock = clock

    # --- writing ---------------------------------------------------------------------------------------------------

    async def begin(self, actor: Actor, conversation_id: str) -> Source:
        """Give a conversation to begin a draft with.

        Raises:
            NotFound, NotPermitted: see `Conversations.source`.
        """
        return await self._conversations.source(actor, conversation_id)

    async def write(self, actor: Actor, title: RawText, text: RawText, source: str = "") -> Article:
        """Write a draft.

        Raises:
            InvalidInput, RedactionUnavailable: see the gate of texts.
            NotFound, NotPermitted: the conversation is none that they may read.
        """
        if source:
            await self._conversations.source(actor, source)
        article_id = new_id()
        words = await self._words(actor, article_id, title, text)
        number = await self._store.next_article()
        article = Article(article_id, number, *words, State.DRAFT, 0, source, actor.account_id, self._clock())
        await self._store.insert_article(article)
        await self._note("publication:article:written", actor, article)
        return article

    async def rewrite(self, actor: Actor, number: int, title: RawText, text: RawText) -> Article:
        """Write one anew. What is public stays as it is until somebody else has looked.

        Raises:
            NotFound: there is none.
            InvalidInput, RedactionUnavailable: see the gate of texts.
            Conflict: somebody was quicker.
        """
        before = await self.get(number)
        words = await self._words(actor, before.id, title, text)
        now = self._clock()
        article = replace(before, title=words[0], text=words[1], state=State.DRAFT, by=actor.account_id, changed_at=now)
        await self._keep(before, article)
        await self._note("publication:article:written", actor, article)
        return article

    # --- looking ---------------------------------------------------------------------------------------------------

    async def all(self) -> Sequence[Article]:
        """Give all to staff, what was changed last first."""
        return sorted(await self._store.articles(), key=lambda one: one.changed_at, reverse=True)

    async def get(self, number: int) -> Article:
        """Give one to staff.

        Raises:
            NotFound: there is none.
        """
        found = await self._store.find_article(number)
        if found is None:
            raise NotFound
        return found

    async def verdict(self, article: Article | Version) -> Verdict:
        """Say what the gate says of one."""
        source = await self._conversations.concerned(article.source) if article.source else None
        return await self._gate.examine(
            PublicUse.HELP_ARTICLE,
            joined(article.title, article.text),
            [source.person_id] if source else [],
            object_id=article.article_id if isinstance(article, Version) else article.id,
            quotable=source.wrote if source else (),
        )

    async def publish(self, actor: Actor, number: int) -> Version:
        """Publish one, after a look at it by somebody who did not write it.

        Raises:
            NotFound: there is none.
            NotPermitted: the same person wrote it; or, as `PublicationRefused`, the gate refuses.
            Conflict: it is published as it is, or somebody was quicker.
        """
        before = await self.get(number)
        if before.state is State.PUBLISHED:
            raise Conflict
        if actor.account_id == before.by:
            raise NotPermitted(fields={"article": "second_person"})
        source = await self._conversations.concerned(before.source) if before.source else None
        await self._gate.require(
            PublicUse.HELP_ARTICLE,
            joined(before.title, before.text),
            [source.person_id] if source else [],
            object_id=before.id,
            quotable=source.wrote if source else (),
        )
        now, following = self._clock(), before.version + 1
        version = Version(
            before.id, number, following, before.title, before.text, before.by, actor.account_id, now, before.source
        )
        await self._store.insert_version(version)
        published = replace(before, state=State.PUBLISHED, version=following, public=True, changed_at=now)
        article = replace(published, checked_by=actor.account_id)
        await self._keep(before, article)
        await self._note("publication:article:published", actor, article)
        return version

    async def withdraw(self, actor: Actor, number: int) -> None:
        """Show one no more.

        Raises:
            NotFound: there is none.
            Conflict: nothing of it is public, or somebody was quicker.
        """
        before = await self.get(number)
        if not before.public:
            raise Conflict
        await self._keep(before, replace(before, state=State.WITHDRAWN, public=False, changed_at=self._clock()))
        await self._note("publication:article:withdrawn", actor, before)

    # --- reading ---------------------------------------------------------------------------------------------------

    async def read(self, number: int) -> tuple[Version, Sequence[Version]]:
        """Give what is public of one, with its former versions, the newest first.

        Raises:
            NotFound: nothing is.
        """
        article = await self.get(number)
        found = await self._store.find_version(article.id, article.version) if article.public else None
        if found is None or not await self._is_fit(found):
            raise NotFound
        former = [one for one in await self._store.versions(article.id) if one.version < found.version]
        return found, sorted(former, key=lambda one: one.version, reverse=True)

    async def search(self, asked: RedactedText | None) -> Sequence[Version]:
        """Give what is public, the best first where something is looked for: each of its words has to be in it."""
        wanted = [word.casefold() for word in _WORD.findall(asked.value)][:_MOST_WORDS] if asked else []
        found: list[tuple[int, Version]] = []
        for version in await self._store.public_versions():
            title, text = version.title.value.casefold(), plain_text(version.text).casefold()
            if all(word in title or word in text for word in wanted) and await self._is_fit(version):
                found.append((sum(word in title for word in wanted), version))
        return [version for _, version in sorted(found, key=lambda pair: (-pair[0], -pair[1].number))]

    async def ask(self, raw: RawText, network: str) -> RedactedText:
        """Redact what somebody looks for; keeps nothing.

        Raises:
            RateLimited: this network looks for more than people do; each question costs the redactor a text.
            RedactionUnavailable: it did not answer in time.
        """
        await self._limiter.spend("search_network", network)
        return (await self._intake.ask(raw))[0]

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _is_fit(self, version: Version) -> bool:
        """Whether it may be shown now; what nobody can say of is not shown."""
        try:
            return (await self.verdict(version)).allowed
        except DomainError:
            return False

    async def _words(
        self, actor: Actor, scope: str, title: RawText, text: RawText
    ) -> tuple[RedactedText, RedactedText]:
        numbering, sender = Numbering(), actor.account_id
        head = await self._intake.admit(title, scope=scope, field="title", max_length=MAX_TITLE, sender=sender)
        body = await self._intake.admit(text, scope=scope, field="text", max_length=MAX_BODY, sender=sender)
        return head.fill(numbering).text, body.fill(numbering).text

    async def _keep(self, before: Article, article: Article) -> None:
        if not await self._store.replace_article(before, article):
            raise Conflict

    async def _note(self, action: str, actor: Actor, article: Article) -> None:
        counts = {"number": article.number, "version": article.version}
        await self._audit.append([AuditEntry(action, actor.account_id, (article.id,), self._clock(), counts)])
