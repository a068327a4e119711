"""A visitor who has an account now keeps their conversations: on the real store, whatever comes in between."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from nlp.pool import RedactorPool
from server.chat.adoption import Adoption, Adoptions
from server.chat.events import ConversationChanged
from server.chat.model import Message, changed_since
from server.chat.store import MongoChatStore
from server.kernel.actor import Actor, Role
from server.kernel.errors import Conflict, InvalidInput, NotAuthenticated, NotFound, NotPermitted
from server.limits import Unlimited
from server.storage.mongo import Database
from tests.harness.changing import ChangingChat, changing_chat, content_of
from tests.harness.correcting import AGENT, CUSTOMER, TALK, Crash, now

VISITOR = Actor("customer", Role.VISITOR, "", "Pengunjung ABCD")
"""Whose the one conversation is; here they are no customer yet."""

OWNER = Actor("owner", Role.CUSTOMER, "", "Toko Contoh")
RIVAL = Actor("rival", Role.CUSTOMER, "", "Toko Lain")


class Sessions:
    """One token, of the visitor, until their sessions end."""

    def __init__(self) -> None:
        self.holders: dict[str, Actor] = {"visitor": VISITOR, "customer": RIVAL}
        self.ended: list[str] = []

    async def authenticate(self, token: str) -> Actor:
        """Say who holds it."""
        if token not in self.holders:
            raise NotAuthenticated
        return self.holders[token]

    async def end_all(self, account_id: str, *, but: str = "") -> list[str]:
        """They are over."""
        assert but == ""
        self.ended.append(account_id)
        return []


class Cupboard:
    """Remembers what was handed over."""

    def __init__(self) -> None:
        self.handed: list[tuple[str, str, str]] = []

    async def hand_over(self, conversation_id: str, from_account_id: str, to_account_id: str) -> None:
        """Once more is harmless."""
        self.handed.append((conversation_id, from_account_id, to_account_id))


class MortalAdoptions(MongoChatStore):
    """A store whose process ends before one of the commands of an adoption is given."""

    left: int | None = None

    def _step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Crash

    async def begin_adoption(self, adoption: Adoption) -> Adoption:
        self._step()
        return await super().begin_adoption(adoption)

    async def readdress(self, messages: Sequence[Message]) -> None:
        self._step()
        await super().readdress(messages)

    async def hand_over(self, conversation_id: str, adoption: Adoption) -> bool:
        self._step()
        return await super().hand_over(conversation_id, adoption)

    async def end_adoption(self, visitor_id: str) -> None:
        self._step()
        await super().end_adoption(visitor_id)


class Everybody:
    """Knows who they are, and whom they became."""

    def __init__(self) -> None:
        self.accounts: dict[str, str] = {}

    async def became(self, visitor_id: str, account_id: str) -> None:
        """Once more is harmless."""
        self.accounts[visitor_id] = account_id

    async def actors(self, account_ids: Sequence[str]) -> Mapping[str, Actor]:
        """Those who are asked for."""
        known = {actor.account_id: actor for actor in (VISITOR, OWNER, RIVAL, AGENT)}
        return {account_id: known[account_id] for account_id in account_ids if account_id in known}


def adoptions_of(chat: ChangingChat, database: Database, *, left: int | None = None) -> tuple[Adoptions, Cupboard]:
    store = MortalAdoptions(database)
    store.left = left
    cupboard = Cupboard()
    adoptions = Adoptions(
        store, Sessions(), chat.registry, chat.writer, chat.audit, chat.heard, Everybody(), Unlimited(), now
    )
    adoptions.bring(cupboard)
    return adoptions, cupboard


async def _is_the_owners(chat: ChangingChat) -> None:
    conversation = (await chat.live()).conversation
    assert conversation.customer_id == OWNER.account_id
    authors = [message.author_id for message in await chat.store.messages(TALK, 0, conversation.last_seq)]
    assert VISITOR.account_id not in authors
    assert VISITOR.account_id not in conversation.read_marks


async def test_everything_goes_along(stored: Database, pool: RedactorPool, tmp_path: Path) -> None:
    """Messages, reactions, marks, what stands with it; a repeated sending is the first one still."""
    async with changing_chat(stored, pool) as chat:
        first = await chat.send("halo kak, ini jendela", key="satu")
        await chat.send("ada yang bisa dibantu?", AGENT)
        await chat.changes.react(CUSTOMER, TALK, 2, "👍", given=True)
        known = (await chat.live()).conversation.changes
        adoptions, cupboard = adoptions_of(chat, stored)
        assert await adoptions.adopt(OWNER, "visitor") == 1
        await _is_the_owners(chat)
        assert dict((await chat.stored(2)).reactions) == {"👍": ("owner",)}
        assert cupboard.handed == [(TALK, "customer", "owner")]
        again = await chat.send("halo kak, ini jendela", OWNER, key="satu")
        assert (again.seq, again.id) == (1, first.id)
        conversation = (await chat.live()).conversation
        assert conversation.read_marks[OWNER.account_id] == 1
        assert changed_since(conversation, known) is None, "who was away reads all of it anew"
        assert any(
            isinstance(event, ConversationChanged) and event.conversation.customer_id == "owner"
            for event in chat.heard.events
        )
        edited = await chat.edit(1, "halo kak, ini rumah", OWNER)
        assert edited.text.value == "halo kak, ini rumah"
        with pytest.raises(NotFound):
            await chat.edit(1, "masih saya", VISITOR, revision=1)
    assert (await content_of(stored, tmp_path)).ok


@pytest.mark.parametrize("steps", range(5))
async def test_a_crash_is_made_good(stored: Database, pool: RedactorPool, tmp_path: Path, steps: int) -> None:
    """Whatever the last command was: after the next start nothing was done, or all of it."""
    async with changing_chat(stored, pool) as chat:
        for number in range(60):
            await chat.send(f"baris {number}", AGENT if number % 3 == 0 else CUSTOMER, key=f"b{number}")
        adoptions, _ = adoptions_of(chat, stored, left=steps)
        begun = steps > 0
        try:
            await adoptions.adopt(OWNER, "visitor")
        except Crash:
            assert steps < 5
    async with changing_chat(stored, pool) as again:
        adoptions, _ = adoptions_of(again, stored)
        await adoptions.start()
        if begun:
            await _is_the_owners(again)
            texts = await again.texts()
            assert texts == [f"baris {number}" for number in range(60)]
        else:
            assert (await again.live()).conversation.customer_id == VISITOR.account_id
        assert await again.store.unfinished_adoptions() == []
    assert (await content_of(stored, tmp_path)).ok


async def test_what_staff_write_meanwhile_is_kept(stored: Database, pool: RedactorPool) -> None:
    """In order, each once; and the customer still waits if they did."""
    async with changing_chat(stored, pool) as chat:
        for number in range(20):
            await chat.send(f"tanya {number}", key=f"t{number}")
        adoptions, _ = adoptions_of(chat, stored)
        answers = [chat.send(f"jawab {number}", AGENT, key=f"j{number}") for number in range(20)]
        await asyncio.gather(adoptions.adopt(OWNER, "visitor"), *answers)
        await _is_the_owners(chat)
        texts = await chat.texts()
        assert len(texts) == 40
        assert [text for text in texts if text.startswith("tanya")] == [f"tanya {number}" for number in range(20)]
        assert {text for text in texts if text.startswith("jawab")} == {f"jawab {number}" for number in range(20)}


async def test_only_the_visitors_own_token_counts(stored: Database, pool: RedactorPool) -> None:
    """And only customers have conversations."""
    async with changing_chat(stored, pool) as chat:
        adoptions, cupboard = adoptions_of(chat, stored)
        for token in ("nobody", "customer", ""):
            with pytest.raises(InvalidInput):
                await adoptions.adopt(OWNER, token)
        with pytest.raises(NotPermitted):
            await adoptions.adopt(AGENT, "visitor")
        assert cupboard.handed == []
        await chat.store.begin_adoption(Adoption(VISITOR.account_id, RIVAL.account_id, now()))
        with pytest.raises(Conflict):
            await adoptions.adopt(OWNER, "visitor")
        assert (await chat.live()).conversation.customer_id == VISITOR.account_id
