"""Pushes on the real store and a real push service: what they carry, whose devices are woken, and until when."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.kernel.errors import Conflict, InvalidInput, NotFound
from server.notices.model import Kind
from server.notices.push import MOST_DEVICES
from server.outside import Outside
from server.storage.mongo import Database
from tests.harness.process import eventually
from tests.harness.push_service import claims_of
from tests.harness.telling import TellingParts, telling


@pytest.fixture
async def parts(database: Database, tmp_path: Path) -> AsyncIterator[TellingParts]:
    """The parts on an empty store."""
    async with telling(database, tmp_path) as running:
        yield running


async def test_a_push_carries_nothing_and_is_signed(parts: TellingParts) -> None:
    """An empty request with our signature, to each device of those who want it; at rest no address can be read."""
    (actor, _), (other, _) = await parts.account(), await parts.account()
    endpoint = f"{parts.service.origin}/device/1"
    device = await parts.push.add(actor, endpoint)
    assert await parts.push.add(actor, endpoint) == device
    await parts.push.add(actor, f"{parts.service.origin}/device/2")
    document = await parts.database["push_subscriptions"].find_one({"_id": device.id})
    assert b"device" not in document["endpoint"]
    assert str(parts.service.port) not in str(document)
    await parts.notices.tell([actor.account_id, other.account_id], Kind.FORUM_MENTION, "post", "t.1")
    await parts.notices.tell([actor.account_id], Kind.FORUM_REPLY, "post", "t.2")
    await parts.service.count(2)
    assert {item.path for item in parts.service.pushed} == {"/device/1", "/device/2"}
    for item in parts.service.pushed:
        assert item.body == b""
        assert (item.headers["Topic"], item.headers["TTL"]) == ("amanah", "86400")
        claims = claims_of(item.headers["Authorization"], parts.push.public_key)
        assert claims["aud"] == parts.service.origin
        assert actor.account_id not in str(item.headers)


async def test_devices_that_are_gone_are_forgotten(parts: TellingParts) -> None:
    """404 and 410 say so for good; other answers don't; nobody is followed elsewhere."""
    actor, _ = await parts.account()
    answers = {"/a": 404, "/b": 410, "/c": 503, "/d": 429, "/e": 301, "/f": 201}
    for path, status in answers.items():
        parts.service.answer(path, status)
        await parts.push.add(actor, parts.service.origin + path)
    await parts.notices.tell([actor.account_id], Kind.FORUM_MENTION, "post", "t.1")
    await parts.service.count(6)

    async def is_forgotten() -> bool:
        return len(await parts.push.list(actor)) == 4

    await eventually(is_forgotten, "two are forgotten")
    left = {item.endpoint.removeprefix(parts.service.origin) for item in await parts.push.list(actor)}
    assert left == {"/c", "/d", "/e", "/f"}
    assert "/elsewhere" not in {item.path for item in parts.service.pushed}


async def test_devices_are_ones_own(parts: TellingParts) -> None:
    """A browser that somebody else signs in with is theirs from then on; and there is an end to how many."""
    (actor, _), (other, _) = await parts.account(), await parts.account()
    endpoint = f"{parts.service.origin}/shared"
    mine = await parts.push.add(actor, endpoint)
    theirs = await parts.push.add(other, endpoint)
    assert await parts.push.list(actor) == []
    with pytest.raises(NotFound):
        await parts.push.remove(actor, theirs.id)
    with pytest.raises(NotFound):
        await parts.push.remove(actor, mine.id)
    await parts.push.remove(other, theirs.id)
    assert await parts.push.list(other) == []
    for number in range(MOST_DEVICES):
        await parts.push.add(actor, f"{parts.service.origin}/{number}")
    with pytest.raises(Conflict):
        await parts.push.add(actor, f"{parts.service.origin}/more")
    with pytest.raises(InvalidInput):
        await parts.push.add(actor, "https://169.254.169.254/latest")


async def test_an_erased_person_is_not_woken(parts: TellingParts) -> None:
    """The address of the device went with the key."""
    actor, _ = await parts.account()
    await parts.push.add(actor, f"{parts.service.origin}/a")
    await parts.vault.destroy_key(actor.account_id)
    assert await parts.push.list(actor) == []


async def test_names_that_lead_inside_are_not_followed() -> None:
    """A name of the internet may have an address of ours; only the operator vouches for such."""
    with pytest.raises(OSError, match="inside"):
        await Outside().resolver().resolve("localhost", 443)
    assert await Outside(frozenset({"localhost"})).resolver().resolve("localhost", 443)


async def test_a_device_is_woken_as_long_as_its_session_lasts(parts: TellingParts) -> None:
    """Not after signing out, nor where a session ended in another way; whoever signs in again adds it again."""
    actor, _ = await parts.account()
    second = replace(actor, session_id="s2")
    parts.lasting[actor.account_id].add("s2")
    await parts.push.add(actor, f"{parts.service.origin}/first")
    there = await parts.push.add(second, f"{parts.service.origin}/second")
    await parts.push.end_session("s")
    assert [item.id for item in await parts.push.list(actor)] == [there.id]
    # Ended by a command beside the server: nobody was told, so it is found out when it would be woken.
    parts.lasting[actor.account_id] = {"s3"}
    await parts.push.add(replace(actor, session_id="s3"), f"{parts.service.origin}/third")
    await parts.notices.tell([actor.account_id], Kind.FORUM_MENTION, "post", "t.1")

    async def is_forgotten() -> bool:
        return there.id not in {item.id for item in await parts.push.list(actor)}

    await eventually(is_forgotten, "the device of the ended session is forgotten")
    await parts.service.count(1)
    assert {item.path for item in parts.service.pushed} == {"/third"}
    again = await parts.push.add(replace(actor, session_id="s3"), f"{parts.service.origin}/second")
    assert (again.session_id, again.id) != (there.session_id, there.id)


async def test_a_browser_that_signs_in_again_is_of_the_new_session(parts: TellingParts) -> None:
    """The end of the former session does not take it away."""
    actor, _ = await parts.account()
    endpoint = f"{parts.service.origin}/browser"
    first = await parts.push.add(actor, endpoint)
    again = await parts.push.add(replace(actor, session_id="s2"), endpoint)
    assert (again.id, again.session_id) == (first.id, "s2")
    await parts.push.end_session("s")
    assert [item.session_id for item in await parts.push.list(actor)] == ["s2"]
