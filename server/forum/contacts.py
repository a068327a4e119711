"""Contacts that writers publish of themselves in their own posts (promise T1): which they are, at every rendering.

A post keeps its placeholders, whatever was signed; it remembers only which of them stood for a contact that its writer
had signed when they wrote it. What is shown comes from the writer's permission, which is asked for each time, and only
where its value is the very one behind the placeholder: compared by the keyed digest of the post's topic. So nothing
raw is stored with posts, and what was withdrawn is gone with the next look. Must not remember a value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from nlp.labels import Label
from nlp.placeholders import format_placeholder
from server.forum.model import Category, Post
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.publishing import CONTACT_LABELS, SignedContact, SignedContacts
from server.kernel.text import Hidden

NONE: Final[tuple["ShownContact", ...]] = ()


@dataclass(frozen=True, slots=True)
class ShownContact:
    """A contact that its writer publishes in a post.

    Attributes:
        placeholder: what stands for it in the text, `⟦PHONE:1⟧`.
        label: what it is.
        value: as it was signed.
    """

    placeholder: str
    label: Label
    value: str = field(repr=False)

    @property
    def address(self) -> str:
        """What a link to it leads to."""
        if self.label is Label.EMAIL:
            return f"mailto:{quote(self.value, safe='@')}"
        international = "+" if self.value.lstrip("( ").startswith("+") else ""
        return f"tel:{international}{''.join(one for one in self.value if one.isascii() and one.isdigit())}"


class PostContacts:
    """Knows which contacts are shown.

    Args:
        intake: gives what stands for a value in a topic.
        signed: what people have signed; asked each time.
    """

    def __init__(self, intake: Intake, signed: SignedContacts) -> None:
        self._intake = intake
        self._signed = signed

    async def own(self, actor: Actor, category: Category) -> Sequence[SignedContact]:
        """Give what somebody has signed for a category, to themselves."""
        if not category.contact_allowed:
            return ()
        return (await self._signed.standing([actor.account_id], category.id)).get(actor.account_id, ())

    async def signed_in(self, actor: Actor, category: Category, topic_id: str) -> frozenset[Hidden]:
        """Give what stands in a topic for the contacts that its writer may publish there."""
        return frozenset(self._stands_for(one, topic_id) for one in await self.own(actor, category))

    async def of_posts(self, category: Category, posts: Sequence[Post]) -> Mapping[int, tuple[ShownContact, ...]]:
        """Give what is shown in some posts of one topic at this very moment, by `seq`; those without are left out.

        Raises:
            Unavailable: the store does not answer.
        """
        marked = [post for post in posts if post.contacts and not post.contacts_closed]
        if not marked or not category.contact_allowed:
            return {}
        signed = await self._signed.standing({post.author_id for post in marked}, category.id)
        found: dict[int, tuple[ShownContact, ...]] = {}
        for post in marked:
            values = {self._stands_for(one, post.topic_id): one for one in signed.get(post.author_id, ())}
            shown = tuple(
                ShownContact(placeholder, hidden.label, values[hidden].value)
                for hidden, placeholder in _marked(post)
                if hidden in values
            )
            if shown:
                found[post.seq] = shown
        return found

    async def elsewhere(self, post: Post, category: Category, topic_id: str) -> Mapping[Hidden, Hidden]:
        """Give what stands in another topic for the contacts that a post is marked with, by what stands for them here.

        Only those that could be shown there: its writer's permission for that topic's category stands at this moment.

        Args:
            post: as it stands in the topic that it leaves.
            category: of the topic that it comes to.
            topic_id: of that topic.

        Raises:
            Unavailable: the store does not answer.
        """
        if not post.contacts or not category.contact_allowed:
            return {}
        signed = (await self._signed.standing({post.author_id}, category.id)).get(post.author_id, ())
        there = {self._stands_for(one, post.topic_id): self._stands_for(one, topic_id) for one in signed}
        return {hidden: there[hidden] for hidden, _ in _marked(post) if hidden in there}

    def _stands_for(self, contact: SignedContact, topic_id: str) -> Hidden:
        return self._intake.stand_in(contact.label, contact.value, topic_id)


def marks_of(hidden: Sequence[tuple[Hidden, int]], signed: frozenset[Hidden]) -> tuple[str, ...]:
    """Give the placeholders of a numbered text that stand for signed contacts."""
    return tuple(format_placeholder(one.label, number) for one, number in hidden if one in signed)


def has_unsigned(post: Post) -> bool:
    """Whether a post hides something that its writer could publish by a signature."""
    marked = set(post.contacts)
    return any(item.label in CONTACT_LABELS and item.placeholder not in marked for item in post.redactions)


def _marked(post: Post) -> Sequence[tuple[Hidden, str]]:
    marked = set(post.contacts)
    pairs = ((hidden, format_placeholder(hidden.label, number)) for hidden, number in post.hidden)
    return [(hidden, placeholder) for hidden, placeholder in pairs if placeholder in marked]
