"""From what somebody typed to what may stand in an item: gate, screening of what is public, and how it is shown.

The one way in for texts of items, comments, answers and notes. Must not store anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from moderation.trust import Power
from server.feedback.ports import Images, People, Screening
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput, NotPermitted
from server.kernel.ports import Clock
from server.kernel.text import Hidden, Numbering, RawText, RedactedTemplate, RedactedText, template_of
from server.kernel.wire import MAX_SUBJECT, MAX_TEXT
from server.markup import MarkupRules, SafeHtml, attachments_of, mentions_of, plain_text, render
from server.people.model import Standing, profile_path

_MOST_MENTIONS: Final = 10
_NO_POWERS: Final = MarkupRules(links=False, images=False)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A text that may be written.

    Attributes:
        title: the title's template, for what has one.
        template: the text with holes.
        render: makes HTML of the numbered text.
        images: those that it shows.
        held: whether moderators have to look first.
        reasons: why.
    """

    title: RedactedTemplate | None
    template: RedactedTemplate
    render: Callable[[RedactedText], SafeHtml]
    images: tuple[str, ...]
    held: bool = False
    reasons: tuple[str, ...] = ()


class Admission:
    """Takes texts in."""

    def __init__(self, intake: Intake, people: People, screening: Screening, images: Images, clock: Clock) -> None:
        self._intake = intake
        self._people = people
        self._screening = screening
        self._images = images
        self._clock = clock

    async def require_voice(self, actor: Actor) -> Standing:
        """Insist that somebody may write, or vote, in public; in private nobody is silenced.

        Raises:
            NotPermitted: they are silenced or suspended.
        """
        standing = await self._people.standing(actor)
        if not standing.may_write(self._clock()):
            raise NotPermitted(fields={"account": "silenced"})
        return standing

    async def words(
        self, actor: Actor | None, raw: RawText, *, scope: str, field: str, max_length: int = MAX_SUBJECT
    ) -> RedactedTemplate:
        """Take in some words that are no Markdown.

        Raises:
            InvalidInput, RedactionUnavailable: see the gate.
        """
        sender = actor.account_id if actor else ""
        return await self._intake.admit(
            raw, scope=scope, field=field, max_length=max_length, known_names=_own_name(actor), sender=sender
        )

    async def text(
        self,
        actor: Actor | None,
        raw: RawText,
        *,
        scope: str,
        public: bool,
        title: RawText | None = None,
        edit: bool = False,
        field: str = "text",
        known: Actor | None = None,
    ) -> Admitted:
        """Take a text in, with the title above it.

        Args:
            actor: who writes; None where nobody knows.
            raw: what they typed.
            scope: id of the item.
            public: whether everybody is to read it: then it is screened like a post in the forum.
            title: of the item that it begins.
            edit: whether it replaces a text that stands there.
            field: its name, for errors.
            known: who types it, where nobody is to know: their name is evidence for the redactor all the same.

        Raises:
            NotPermitted: it is for everybody, and the actor is silenced.
            InvalidInput: empty, too long, or refused; `fields` says why.
            RedactionUnavailable: nothing was taken in.
        """
        standing = await self.require_voice(actor) if actor and public else None
        typist = actor or known
        heading = await self.words(typist, title, scope=scope, field="title") if title is not None else None
        template = await self._intake.admit(
            raw,
            scope=scope,
            field=field,
            max_length=MAX_TEXT,
            known_names=_own_name(typist),
            sender=typist.account_id if typist else "",
            handles=self._existing,
            read=plain_text,
        )
        held, reasons = False, tuple[str, ...]()
        if actor and public:
            whole = _whole(heading, template)
            screened = await self._screening.screen(actor, scope, whole, opening=title is not None, edit=edit)
            if screened.refused:
                raise InvalidInput(fields={field: screened.reasons[0] if screened.reasons else "refused"})
            held, reasons = screened.held, screened.reasons
            template = _censored(template, screened.censor)
            heading = _censored(heading, screened.censor) if heading else None
        read = template.fill(Numbering()).text
        shown = tuple(attachments_of(read))
        if actor:
            await self._images.require_showable(actor, shown, confidential=not public)
        elif shown:
            raise InvalidInput(fields={field: "image_of_unknown"})
        handles = frozenset(await self._existing(mentions_of(read)[:_MOST_MENTIONS]))
        return Admitted(heading, template, partial(_render, _rules(actor, standing), handles), shown, held, reasons)

    async def _existing(self, handles: Sequence[str]) -> set[str]:
        return {handle for handle in handles if await self._people.find(handle) is not None}


def _rules(actor: Actor | None, standing: Standing | None) -> MarkupRules:
    """What a writer may use. In private, images are evidence, and a link leads nobody but staff."""
    if actor is None:
        return _NO_POWERS
    if standing is None:
        return MarkupRules(links=actor.is_staff, images=True)
    return MarkupRules(links=standing.may(Power.LINKS), images=standing.may(Power.IMAGES))


def _render(rules: MarkupRules, handles: frozenset[str], text: RedactedText) -> SafeHtml:
    return render(text, rules=rules, mention=lambda handle: profile_path(handle) if handle in handles else None)


def _own_name(actor: Actor | None) -> tuple[str, ...]:
    """Nobody's account name stands in feedback by accident: it is evidence for the redactor."""
    return (actor.display_name,) if actor and actor.display_name else ()


def show(text: RedactedText) -> SafeHtml:
    """Make HTML of a text of staff's."""
    return render(text, mention=lambda _: None)


def _whole(title: RedactedTemplate | None, template: RedactedTemplate) -> RedactedTemplate:
    return template_of([*(title.parts if title else ()), *(("\n\n",) if title else ()), *template.parts])


def _censored(template: RedactedTemplate, censor: Callable[[str], str] | None) -> RedactedTemplate:
    if censor is None:
        return template
    return template_of(part if isinstance(part, Hidden) else censor(part) for part in template.parts)
