"""Pieces of conversations, as the desk's search knows them: 64 messages each, and which words stand where. Pure.

A piece is found by its keys: words (`nlp.terms`) and who may have read it. Where in it a word stands is 64 bits, one
for each message, so that of what is found only the one message is read that is shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nlp.terms import terms_of
from server.chat.model import Conversation, Message

PIECE: Final = 64
"""Messages of one document of the index."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What the index knows of a piece of a conversation.

    Attributes:
        id: `piece_id` or `notes_id`.
        number: newer pieces have higher ones.
        conversation_id: of which.
        keys: words, and who may have read it.
        upto: its last message; 0 of notes.
        said: `said_of` each message.
    """

    id: str
    number: int
    conversation_id: str
    keys: frozenset[str]
    upto: int
    said: tuple[str, ...] = ()

    @property
    def is_told(self) -> bool:
        """Whether it is known of every message what it says; not in what was written before that was kept."""
        return is_told(self.id, self.upto, self.said)


@dataclass(frozen=True, slots=True)
class Share:
    """Keys for a piece: added to what it has, or all that it is to have (`whole`)."""

    id: str
    conversation_id: str
    keys: frozenset[str]
    upto: int
    said: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A piece that may hold what is looked for.

    Attributes:
        id: of the piece.
        number: of the piece.
        conversation_id: of which.
        places: of each word asked for, in which messages it stands, one bit each; None where that is not known.
    """

    id: str
    number: int
    conversation_id: str
    places: tuple[int, ...] | None

    @property
    def block(self) -> int | None:
        """Which piece of the messages; None for notes."""
        return block_in(self.id)

    def seqs(self, *, all_of_them: bool) -> list[int]:
        """Give the messages in which most of the words stand: the newest of them, or every one that holds any."""
        if self.block is None or not self.places:
            return []
        first = self.block * PIECE + 1
        counts = {bit: sum(mask >> bit & 1 for mask in self.places) for bit in range(PIECE)}
        if all_of_them:
            return [first + bit for bit, count in counts.items() if count]
        count, bit = max((count, bit) for bit, count in counts.items())
        return [first + bit] if count else []

    def whole(self) -> range:
        """Give the places of all messages that it can hold."""
        first = (self.block or 0) * PIECE + 1
        return range(first, first + PIECE)


def piece_id(conversation_id: str, block: int) -> str:
    """Give the id of a piece of messages."""
    return f"{conversation_id}:{block}"


def notes_id(conversation_id: str) -> str:
    """Give the id of the piece that holds a conversation's notes."""
    return f"{conversation_id}:n"


def block_in(piece: str) -> int | None:
    """Give which piece of the messages an id names; None for notes."""
    place = piece.rpartition(":")[2]
    return int(place) if place.isdecimal() else None


def is_told(piece: str, upto: int, said: Sequence[str]) -> bool:
    """Whether it is known of every message of a piece what it says."""
    block = block_in(piece)
    return block is None or len(said) >= upto - block * PIECE


def block_of(seq: int) -> int:
    """Give in which piece a message is."""
    return (seq - 1) // PIECE


def person_key(account_id: str) -> str:
    """Give the key of those who may have read a conversation. Terms hold letters and digits only, so it is none."""
    return f"a:{account_id}"


def people_in(conversation: Conversation) -> frozenset[str]:
    """Give who of staff may read a conversation."""
    assignee = {conversation.assignee_id} if conversation.assignee_id is not None else set()
    return conversation.participant_ids | assignee


def said_of(seq: int, terms: Iterable[str]) -> str:
    """Write down which words a message says: its place in the piece, then the words in the order of the alphabet."""
    return " ".join([str((seq - 1) % PIECE), *sorted(terms)])


def places_of(said: Iterable[str]) -> Mapping[str, int]:
    """Read what `said_of` wrote of several messages: word -> in which of them it stands, one bit each."""
    found: dict[str, int] = defaultdict(int)
    for line in said:
        place, *terms = line.split(" ")
        bit = 1 << int(place)
        for term in terms:
            found[term] |= bit
    return found


def spot_of(piece: Piece, words: Sequence[str]) -> Spot:
    """Give a piece as what may hold some words."""
    if not piece.is_told:
        return Spot(piece.id, piece.number, piece.conversation_id, None)
    places = places_of(piece.said)
    return Spot(piece.id, piece.number, piece.conversation_id, tuple(places.get(word, 0) for word in words))


def pieces_of(conversation: Conversation, messages: Sequence[Message]) -> list[Share]:
    """Give the pieces of a conversation with all of its messages, for whoever fills a store with many at once."""
    blocks: dict[int, list[Message]] = defaultdict(list)
    for message in messages:
        blocks[block_of(message.seq)].append(message)
    people = {person_key(account_id) for account_id in people_in(conversation)}
    found = []
    for block, inside in blocks.items():
        terms = {message.seq: terms_of(message.text.value) for message in inside}
        keys = people.union(*terms.values())
        if block == 0 and conversation.subject is not None:
            keys |= set(terms_of(conversation.subject.value))
        said = tuple(said_of(seq, of_it) for seq, of_it in terms.items())
        piece = piece_id(conversation.id, block)
        found.append(Share(piece, conversation.id, frozenset(keys), inside[-1].seq, said, whole=True))
    return found
