"""Takes the terms out of messages, so that a piece of the search's index says what each of them says."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from nlp.terms import terms_of
from server.chat.model import Conversation, Message
from server.desk.pieces import PIECE, Share, piece_id, said_of
from server.kernel.text import RedactedText

_MOST_KEYS: Final = 1_200
_LONG: Final = 400
"""Code points; longer texts are stemmed in a thread."""


class Messages(Protocol):
    """Reads messages, whoever asks; `chat.store` does."""

    async def messages(self, conversation_id: str, after_seq: int, up_to_seq: int) -> list[Message]: ...


async def whole(messages: Messages, conversation: Conversation, block: int, people: set[str]) -> Share:
    """Read a piece and give everything that is to be found in it.

    Args:
        messages: reads them.
        conversation: whose piece.
        block: which one, from 0.
        people: keys of who takes part.

    Raises:
        Unavailable: the store does not answer.
    """
    found = await messages.messages(conversation.id, block * PIECE, (block + 1) * PIECE)
    keys, said = await taken([(message.seq, message.text) for message in found])
    if block == 0 and conversation.subject is not None:
        keys |= await terms([conversation.subject])
    upto = found[-1].seq if found else 0
    piece = piece_id(conversation.id, block)
    return Share(piece, conversation.id, frozenset(keys | people), upto, said, whole=True)


async def taken(texts: Iterable[tuple[int, RedactedText]]) -> tuple[set[str], tuple[str, ...]]:
    """Give the terms of some messages by their number, and which of them each says."""
    keys: set[str] = set()
    said: dict[int, str] = {}
    for seq, text in texts:
        found = await terms([text]) if len(keys) < _MOST_KEYS else set()
        keys |= found
        said[seq] = said_of(seq, found)
    return keys, tuple(said.values())


async def terms(texts: Sequence[RedactedText]) -> set[str]:
    """Give the terms of some texts; in between everything else gets its turn."""
    found: set[str] = set()
    for text in texts:
        if len(text) > _LONG:
            found |= set(await asyncio.to_thread(terms_of, text.value))
        else:
            found |= set(terms_of(text.value))
            await asyncio.sleep(0)
        if len(found) >= _MOST_KEYS:
            break
    return found
