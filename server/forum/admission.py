"""From what somebody typed to what may be put into a topic: standing, gate, screening, mentions, and how it is shown.

The one way in for texts of posts, new and changed. Must not store anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from moderation.trust import Power
from server.forum.contacts import PostContacts
from server.forum.model import Category, PostState, Topic, TopicState
from server.forum.ports import Images, People, Screening
from server.forum.reading import page_with
from server.forum.restoring import NEW_TOPIC, HeldDrafts, held_in_draft
from server.forum.writing import Draft
from server.intake import Intake, Known
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput, NotPermitted
from server.kernel.ports import Clock
from server.kernel.publishing import CONTACT_LABELS
from server.kernel.screening import Outcome, Screened, Submission
from server.kernel.text import Hidden, Numbering, RawText, RedactedTemplate, RedactedText, template_of
from server.kernel.wire import MAX_TEXT
from server.markup import MarkupRules, Reading, SafeHtml, read, render
from server.people.model import Standing, profile_path

MAX_TITLE = 120

MOST_MENTIONS = 10


@dataclass(frozen=True, slots=True)
class Admitted:
    """A text that may be written.

    Attributes:
        title: the title's template, for what begins a topic.
        options: those of the poll under it.
        template: the text with holes.
        render: makes HTML of the numbered text.
        mentions: accounts whose handles stand in it.
        quotes: `seq` of the posts that it quotes.
        state: published or held.
        reasons: why it is held.
        contacts: what stands in it for contacts that the writer signed to be shown there.
    """

    title: RedactedTemplate | None
    template: RedactedTemplate
    render: Callable[[RedactedText], SafeHtml]
    mentions: tuple[str, ...]
    quotes: tuple[int, ...]
    state: PostState
    reasons: tuple[str, ...]
    options: tuple[RedactedTemplate, ...] = ()
    contacts: frozenset[Hidden] = frozenset()

    def draft(self, author_id: str, key: bytes, at: datetime) -> Draft:
        """Give what is to be put into a topic.

        Args:
            author_id: who wrote it.
            key: their own id of it.
            at: when.
        """
        return Draft(
            author_id=author_id,
            key=key,
            template=self.template,
            render=self.render,
            at=at,
            state=self.state,
            reasons=self.reasons,
            mentions=self.mentions,
            quotes=self.quotes,
            contacts=self.contacts,
        )


class Admission:
    """Takes texts of posts in."""

    def __init__(
        self,
        intake: Intake,
        people: People,
        screening: Screening,
        images: Images,
        clock: Clock,
        drafts: HeldDrafts,
        contacts: PostContacts,
    ) -> None:
        self._intake = intake
        self._people = people
        self._screening = screening
        self._images = images
        self._clock = clock
        self._drafts = drafts
        self._contacts = contacts

    async def standing(self, actor: Actor) -> Standing:
        """Give the standing of somebody who wants to write.

        Raises:
            NotPermitted: they are silenced or suspended.
        """
        standing = await self._people.standing(actor)
        if not standing.may_write(self._clock()):
            raise NotPermitted(fields={"account": "silenced"})
        return standing

    def of_draft(self, actor: Actor, place: str) -> Known:
        """Say what placeholders mean in what somebody writes who may have begun it as a draft."""
        return held_in_draft(self._drafts, actor.account_id, place)

    async def topic_id(self, actor: Actor) -> str:
        """Give the id under which a topic may be begun so that what its draft hid is known again; or an empty one."""
        return await self._drafts.scope_of_draft(actor.account_id, NEW_TOPIC)

    async def title(self, actor: Actor, raw: RawText, scope: str, known: Known | None = None) -> RedactedTemplate:
        """Take a title in.

        Raises:
            InvalidInput, RedactionUnavailable: see the gate.
        """
        return await self._intake.admit(
            raw,
            scope=scope,
            field="title",
            max_length=MAX_TITLE,
            known_names=_own_name(actor),
            sender=actor.account_id,
            known=known,
        )

    async def heading(
        self, actor: Actor, topic: Topic, title: RawText | None, tags: Sequence[str], known: Known | None = None
    ) -> RedactedTemplate | None:
        """Take a new title, or new tags, of a topic in: they are screened like its text.

        Raises:
            NotPermitted: the actor is silenced or suspended.
            InvalidInput: refused; also where moderators would have to look first, for what is shown can't wait.
            RedactionUnavailable: nothing was taken in.
        """
        await self.standing(actor)
        template = await self.title(actor, title, topic.id, known) if title is not None else None
        words = [*([template] if template else []), *map(_word, tags)]
        screened = await self._screened(actor, topic.id, topic.category_id, words, edit=True)
        waits = screened.outcome is Outcome.HOLD and topic.state is not TopicState.HELD
        if screened.outcome is Outcome.REFUSE or waits:
            raise InvalidInput(fields={"title" if template else "tags": "watched_word"})
        return _censored(template, screened) if template else None

    async def text(
        self,
        actor: Actor,
        raw: RawText,
        *,
        topic_id: str,
        topic_path: str,
        category: Category,
        title: RedactedTemplate | None = None,
        tags: Sequence[str] = (),
        options: Sequence[RedactedTemplate] = (),
        edit: bool = False,
        known: Known | None = None,
    ) -> Admitted:
        """Take a text in.

        Args:
            actor: who writes.
            raw: what they typed.
            topic_id: where.
            topic_path: address of it.
            category: in which.
            title: of the topic that it begins, or None.
            tags: of that topic.
            options: of the poll under it.
            edit: whether it replaces a text that stands there.
            known: what placeholders in it mean (`restoring`).

        Raises:
            NotPermitted: the actor is silenced or suspended.
            InvalidInput: empty, too long, or refused; `fields` says why.
            RedactionUnavailable: nothing was taken in.
        """
        standing = await self.standing(actor)
        seen: dict[str, Reading] = {}
        template = await self._intake.admit(
            raw,
            scope=topic_id,
            max_length=MAX_TEXT,
            known_names=_own_name(actor),
            sender=actor.account_id,
            handles=self._existing,
            read=partial(_read, seen),
            known=known,
        )
        shown = [*([title] if title else []), template, *options, *map(_word, tags)]
        contacts = await self._signed(actor, category, topic_id, template)
        screened = await self._screened(
            actor, topic_id, category.id, shown, opening=title is not None, edit=edit, contacts=len(contacts)
        )
        if screened.outcome is Outcome.REFUSE:
            raise InvalidInput(fields={"text": screened.reasons[0] if screened.reasons else "refused"})
        template = _censored(template, screened)
        written = template.fill(Numbering()).text
        reading = seen.get(written.value) or read(written)
        await self._images.require_showable(actor, reading.attachments)
        handles = await self._handles(reading.mentions)
        return Admitted(
            title=_censored(title, screened) if title else None,
            template=template,
            render=partial(_render, standing, topic_path, frozenset(handles)),
            mentions=tuple(sorted(set(handles.values()) - {actor.account_id})),
            quotes=tuple(sorted({seq for _, seq in reading.quotes})),
            state=PostState.HELD if screened.outcome is Outcome.HOLD else PostState.PUBLISHED,
            reasons=screened.reasons,
            options=tuple(_censored(option, screened) for option in options),
            contacts=contacts,
        )

    async def _signed(
        self, actor: Actor, category: Category, topic_id: str, template: RedactedTemplate
    ) -> frozenset[Hidden]:
        """Give what is hidden in a text that its writer has signed to be shown in this category."""
        hidden = {part for part in template.parts if isinstance(part, Hidden) and part.label in CONTACT_LABELS}
        return frozenset(hidden & await self._contacts.signed_in(actor, category, topic_id)) if hidden else frozenset()

    async def _screened(
        self,
        actor: Actor,
        topic_id: str,
        category_id: str,
        shown: Sequence[RedactedTemplate],
        *,
        opening: bool = False,
        edit: bool = False,
        contacts: int = 0,
    ) -> Screened:
        """Have everything that others would read looked at, as one text."""
        whole = template_of([part for piece in shown for part in (*piece.parts, "\n\n")][:-1])
        submission = Submission(
            target_type="post",
            place=topic_id,
            category_id=category_id,
            text=whole.fill(Numbering()).text,
            hidden=sum(isinstance(part, Hidden) for part in whole.parts),
            opening=opening,
            edit=edit,
            contacts=contacts,
        )
        return await self._screening.screen(actor, submission)

    async def _existing(self, handles: Sequence[str]) -> set[str]:
        return {handle for handle in handles if await self._people.find(handle) is not None}

    async def _handles(self, mentioned: Sequence[str]) -> dict[str, str]:
        """The handles that somebody has, with whose they are."""
        found: dict[str, str] = {}
        for handle in mentioned[:MOST_MENTIONS]:
            account_id = await self._people.find(handle)
            if account_id is not None:
                found[handle] = account_id
        return found


def _render(standing: Standing, topic_path: str, handles: frozenset[str], text: RedactedText) -> SafeHtml:
    rules = MarkupRules(links=standing.may(Power.LINKS), images=standing.may(Power.IMAGES))
    return show(topic_path, text, rules=rules, handles=handles)


def show(
    topic_path: str, text: RedactedText, *, rules: MarkupRules | None = None, handles: frozenset[str] | None = None
) -> SafeHtml:
    """Make HTML of a text that stands in a topic.

    Args:
        topic_path: address of the topic.
        text: Markdown, redacted and numbered.
        rules: what its writer may use; everything where it was admitted before.
        handles: those that somebody has; None where that was seen to before.
    """
    return render(
        text,
        rules=rules,
        mention=lambda handle: profile_path(handle) if handles is None or handle in handles else None,
        quote=lambda _, seq: (
            f"{topic_path}?p={page_with(seq)}#p{seq}" if page_with(seq) > 1 else f"{topic_path}#p{seq}"
        ),
    )


def _word(tag: str) -> RedactedTemplate:
    """A tag as a text; the gate let it through without anything hidden."""
    return template_of((tag,))


def _censored(template: RedactedTemplate, screened: Screened) -> RedactedTemplate:
    if screened.censor is None:
        return template
    return template_of(part if isinstance(part, Hidden) else screened.censor(part) for part in template.parts)


def _read(seen: dict[str, Reading], text: RedactedText) -> str:
    """Say what readers will see of a text; keep what was read."""
    seen[text.value] = read(text)
    return seen[text.value].plain


def _own_name(actor: Actor) -> tuple[str, ...]:
    """Nobody's account name stands in the forum by accident: it is evidence for the redactor."""
    return (actor.display_name,) if actor.display_name else ()
