"""Lists from memory hold what the store would have given, whatever happens to conversations; on the real store."""

from collections.abc import Sequence
from dataclasses import replace

from server.chat.events import ConversationChanged
from server.chat.heads import Heads
from server.chat.model import Conversation, Status
from server.chat.store import MongoChatStore
from server.kernel.actor import Actor, Role
from server.storage.mongo import Database
from tests.harness.desking import CUSTOMER, Office, Process, Time, prepare, running

_ALL = 100
_ADMIN = Actor("kepala", Role.ADMIN, "", "Kepala")
_AGENT = Actor("ani", Role.AGENT, "", "Ani")


class _Counted(MongoChatStore):
    """Counts what is read of it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked = 0

    async def in_window(self, above: int, up_to: int, status: Status | None) -> list[Conversation]:
        self.asked += 1
        return await super().in_window(above, up_to, status)

    async def of_customer(self, account_id: str) -> list[Conversation]:
        self.asked += 1
        return await super().of_customer(account_id)


async def _close(process: Process, conversation_id: str) -> None:
    await process.custody.assign(_ADMIN, conversation_id, "ani")
    await process.custody.close(_AGENT, conversation_id)


async def _heads(process: Process, store: MongoChatStore, newest: int, of_customers: int = _ALL) -> Heads:
    heads = Heads(store, process.live.current, newest=newest, of_customers=of_customers)
    process.relay.listen(ConversationChanged, heads.hear)
    await heads.start()
    return heads


async def _listed(process: Process, heads: Heads, status: Status | None, before: int | None = None) -> Sequence[str]:
    """What a list shows: memory first, then the store's windows."""

    def wanted(item: Conversation) -> bool:
        return status is None or item.status is status

    found, top = heads.newest(before, status, _ALL, wanted)
    older = [item for item in await process.chat.in_window(0, top, status) if wanted(item)]
    return [item.id for item in [*found, *sorted(older, key=lambda item: -item.number)]]


async def _stored(process: Process, status: Status | None, before: int | None = None) -> Sequence[str]:
    top = await process.chat.last_number() if before is None else before - 1
    found = [process.live.current(item) for item in await process.chat.in_window(0, top, None)]
    return [item.id for item in sorted(found, key=lambda item: -item.number) if status is None or item.status is status]


async def _same(process: Process, heads: Heads) -> None:
    for status in (None, Status.OPEN, Status.CLOSED):
        for before in (None, 1, 4, 7, 99):
            assert await _listed(process, heads, status, before) == await _stored(process, status, before)
    assert {item.id for item in heads.open_ones()} == set(await _stored(process, Status.OPEN))


async def test_lists_are_as_the_store_has_them(database: Database) -> None:
    """Begun, closed, opened again by its customer: before the start and after it, with more than are kept."""
    await prepare(database)
    async with running(database, Time(), Office(["ani"])) as process:
        before = [await process.begin("halo") for _ in range(7)]
        for closed in before[:5]:
            await _close(process, closed)
        heads = await _heads(process, process.chat, newest=3)
        await _same(process, heads)
        later = [await process.begin() for _ in range(9)]
        await _same(process, heads)
        for closed in [*later[:6], before[5]]:
            await _close(process, closed)
            await _same(process, heads)
        # Long closed and not among the newest: open again, and closed again.
        await process.say(before[0], "masih sama")
        await _same(process, heads)
        await _close(process, before[0])
        await _same(process, heads)


async def test_what_is_open_and_what_is_new_asks_the_store_for_nothing(database: Database) -> None:
    """A page of open ones, however far below the newest they are."""
    await prepare(database)
    async with running(database, Time(), Office(["ani"])) as process:
        old = await process.begin("halo")
        for _ in range(6):
            await _close(process, await process.begin())
        store = _Counted(database)
        heads = await _heads(process, store, newest=2)
        store.asked = 0
        found, top = heads.newest(None, Status.OPEN, 50, lambda item: item.status is Status.OPEN)
        assert ([item.id for item in found], top) == ([old], 0)
        newest, top = heads.newest(None, None, 2, lambda _: True)
        assert (len(newest), top, store.asked) == (2, 0, 0)


async def test_a_customers_own_are_read_once_and_kept_in_step(database: Database) -> None:
    """New ones come, those that become another's go, and few are kept."""
    await prepare(database)
    async with running(database, Time(), Office(["ani"])) as process:
        first = await process.begin("halo")
        store = _Counted(database)
        heads = await _heads(process, store, newest=1, of_customers=2)
        mine = CUSTOMER.account_id
        assert {item.id for item in await heads.of_customer(mine)} == {first}
        second = await process.begin("lagi")
        asked = store.asked
        assert {item.id for item in await heads.of_customer(mine)} == {first, second}
        assert store.asked == asked
        moved = replace((await process.live.get(second)).conversation, customer_id="somebody-else")
        (await process.live.get(second)).conversation = moved
        await process.relay.publish([ConversationChanged(moved)])
        assert {item.id for item in await heads.of_customer(mine)} == {first}
        assert store.asked == asked
        await process.begin()
        await process.begin()
        await heads.of_customer("somebody-else")
        await heads.of_customer(mine)
        assert store.asked > asked


async def test_what_moves_on_while_it_is_read_is_not_kept_as_it_was(database: Database) -> None:
    """The list that is read shows what the store had; the next one what was told meanwhile."""
    await prepare(database)
    async with running(database, Time(), Office(["ani"])) as process:
        first = await process.begin("halo")

        class _Slow(MongoChatStore):
            async def of_customer(self, account_id: str) -> list[Conversation]:
                found = await super().of_customer(account_id)
                if len(found) == 1:
                    found_later.append(await process.begin("sementara itu"))
                return found

        found_later: list[str] = []
        heads = await _heads(process, _Slow(database), newest=1)
        assert {item.id for item in await heads.of_customer(CUSTOMER.account_id)} == {first}
        assert {item.id for item in await heads.of_customer(CUSTOMER.account_id)} == {first, *found_later}
