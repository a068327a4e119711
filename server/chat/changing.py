"""What a change makes of a message. Pure: an edit, a deletion, a reaction."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from nlp.placeholders import format_placeholder
from server.chat.emoji import MOST_KINDS, MOST_OF_ONE, is_emoji
from server.chat.model import Message
from server.kernel.errors import InvalidInput
from server.kernel.text import Hidden, NumberedText, Numbering, template_of


def edited(message: Message, text: NumberedText, *, marked: bool, at: datetime) -> Message:
    """The message with another text, one revision later."""
    return replace(
        message,
        text=text.text,
        hidden=text.hidden,
        redactions=text.redactions,
        marked=marked,
        edited_at=at,
        revision=message.revision + 1,
        version=message.version + 1,
    )


def deleted(message: Message, at: datetime) -> Message:
    """What stays of a message: its place, who wrote it, when, and that it is deleted."""
    nothing = template_of(()).fill(Numbering())
    return replace(
        message,
        text=nothing.text,
        hidden=(),
        redactions=(),
        marked=False,
        attachments=(),
        reactions={},
        deleted_at=at,
        revision=message.revision + 1,
        version=message.version + 1,
    )


def reacted(message: Message, emoji: str, account_id: str, *, given: bool) -> Message:
    """The message with one reaction more or less; the same message where that changes nothing.

    Raises:
        InvalidInput: that is no emoji, or there are too many.
    """
    if not is_emoji(emoji):
        raise InvalidInput(fields={"emoji": "not_allowed"})
    of_this = message.reactions.get(emoji, ())
    if (account_id in of_this) == given:
        return message
    if given:
        own = sum(account_id in others for others in message.reactions.values())
        if own >= MOST_OF_ONE or (not of_this and len(message.reactions) >= MOST_KINDS):
            raise InvalidInput(fields={"emoji": "too_many"})
        reactions = {**message.reactions, emoji: (*of_this, account_id)}
    else:
        left = {**message.reactions, emoji: tuple(other for other in of_this if other != account_id)}
        reactions = {kind: others for kind, others in left.items() if others}
    return replace(message, reactions=reactions, version=message.version + 1)


def known_in(message: Message) -> Callable[[Collection[str]], Awaitable[Mapping[str, Hidden]]]:
    """Say which placeholders a writer may leave in a text: those that the message shows already."""
    meanings = {format_placeholder(hidden.label, number): hidden for hidden, number in message.hidden}

    async def known(placeholders: Collection[str]) -> Mapping[str, Hidden]:
        return {placeholder: meanings[placeholder] for placeholder in placeholders if placeholder in meanings}

    return known
