"""What typed placeholders may mean: those of the writer's own draft, or of the text that they change.

Whoever goes on with a text that was redacted before sees `⟦PHONE:1⟧` in it and sends it back; the gate asks here which
of them stand for something. Nothing but what that very text holds for that very writer is ever given: what somebody
types from imagination, or from another text, stays escaped. Holds labels and keyed digests, never a value.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from nlp.labels import Label
from nlp.placeholders import format_placeholder
from server.forum.model import Post, Topic
from server.intake import Known
from server.kernel.text import Hidden, Redaction

NEW_TOPIC = "new"
"""The place of a draft that is to begin a topic; the others are ids of topics."""


class HeldDrafts(Protocol):
    """What drafts hold."""

    async def held_by_draft(self, account_id: str, place: str) -> Mapping[str, int]:
        """Give `LABEL:digest` -> N of what was hidden in a draft; nothing where there is none."""
        ...

    async def scope_of_draft(self, account_id: str, place: str) -> str:
        """Give the scope of its digests; empty where there is none."""
        ...


class TopicNumbers(Protocol):
    """What topics hold."""

    async def numbers(self, topic_id: str) -> Mapping[str, int]: ...


def held_in_draft(drafts: HeldDrafts, account_id: str, place: str) -> Known:
    """Say what placeholders mean in a text that its writer may have begun as a draft."""

    async def known(typed: Collection[str]) -> Mapping[str, Hidden]:
        return _among(typed, meanings(await drafts.held_by_draft(account_id, place)))

    return known


def held_in_numbers(numbers: Mapping[str, int]) -> Known:
    """Say what placeholders mean by a numbering."""

    async def known(typed: Collection[str]) -> Mapping[str, Hidden]:
        return _among(typed, meanings(numbers))

    return known


def held_in_post(post: Post) -> Known:
    """Say what placeholders mean in a new text for a post: what they mean in the old one."""

    async def known(typed: Collection[str]) -> Mapping[str, Hidden]:
        return _among(typed, {format_placeholder(hidden.label, number): hidden for hidden, number in post.hidden})

    return known


def held_in_title(topics: TopicNumbers, topic: Topic) -> Known:
    """Say what placeholders mean in a new title for a topic: those of the old one, by the topic's numbering."""

    async def known(typed: Collection[str]) -> Mapping[str, Hidden]:
        shown = _placeholders(topic.redactions) & set(typed)
        return _among(shown, meanings(await topics.numbers(topic.id))) if shown else {}

    return known


def meanings(numbers: Mapping[str, int]) -> dict[str, Hidden]:
    """Read a numbering backwards: placeholder -> what stands behind it.

    Args:
        numbers: `LABEL:digest` -> N.
    """
    found: dict[str, Hidden] = {}
    for key, number in numbers.items():
        label, _, digest = key.partition(":")
        found[format_placeholder(Label(label), number)] = Hidden(Label(label), digest)
    return found


def _among(typed: Collection[str], known: Mapping[str, Hidden]) -> dict[str, Hidden]:
    return {placeholder: known[placeholder] for placeholder in typed if placeholder in known}


def _placeholders(redactions: Iterable[Redaction]) -> set[str]:
    return {item.placeholder for item in redactions}
