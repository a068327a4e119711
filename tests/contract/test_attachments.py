"""Images on a real store: who sees them, what is kept of them, when they go."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import bson
import pytest
from PIL import Image

from moderation.trust import TrustRules
from server.attachments.model import KEPT_LOOSE, Attachment, Audience
from server.attachments.service import Attachments
from server.attachments.store import ATTACHMENT_COLLECTIONS, MongoAttachmentStore
from server.attachments.workshop import Workshop
from server.kernel.actor import Actor, Role
from server.kernel.errors import InvalidInput, NotFound, NotPermitted
from server.kernel.ids import new_id
from server.keyring import Keyring
from server.limits import SlidingLimiter
from server.people.model import Standing
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.images import CANARY, jpeg, png
from tests.harness.trail_house import House

_BEGUN = datetime(2026, 11, 22, 8, tzinfo=UTC)


class Levels:
    """Gives everybody the same standing."""

    def __init__(self) -> None:
        self.level = 1
        self.silenced_until: datetime | None = None

    async def standing(self, _actor: Actor) -> Standing:
        """Of anybody."""
        return Standing(self.level, TrustRules(), silenced_until=self.silenced_until)


class Place:
    """Attachments on a store, with a clock to turn."""

    def __init__(self, database: Database, house: House) -> None:
        self.database = database
        self.now = _BEGUN
        self.levels = Levels()
        store, keyring = MongoAttachmentStore(database), Keyring(bytes(32))
        self.attachments = Attachments(
            store, Workshop(), self.levels, keyring, house.parts.trail, SlidingLimiter(), lambda: self.now
        )

    async def count(self) -> tuple[int, int]:
        """How many images and pieces are kept."""
        return (
            await self.database["attachments"].count_documents({}),
            await self.database["attachment_parts"].count_documents({}),
        )

    async def sees(self, actor: Actor | None, image: Attachment) -> bool:
        """Whether somebody sees an image, in both forms and what is known of it alike."""
        answers = set()
        for small in (False, True):
            try:
                found, body = await self.attachments.view(image.id, small=small, actor=actor)
                answers.add(found.id == image.id and body.startswith(b"RIFF"))
            except NotFound:
                answers.add(False)
        try:
            answers.add((await self.attachments.find(image.id, actor)).id == image.id)
        except NotFound:
            answers.add(False)
        assert len(answers) == 1
        return answers.pop()


def _somebody(role: Role = Role.CUSTOMER) -> Actor:
    return Actor(new_id(), role, new_id(), "Uji")


@pytest.fixture
async def place(database: Database, house: House) -> Place:
    """Attachments, none yet."""
    await apply(database, ATTACHMENT_COLLECTIONS)
    return Place(database, house)


async def test_an_image_is_for_its_owner_and_moderators_until_a_public_text_shows_it(place: Place) -> None:
    """And again when that text is held or hidden."""
    owner, moderator = _somebody(), _somebody(Role.MODERATOR)
    others = [_somebody(), _somebody(Role.AGENT), _somebody(Role.ADMIN), None]
    image = await place.attachments.add(owner, jpeg(), confirmed=True)

    async def seen_by() -> list[bool]:
        return [await place.sees(actor, image) for actor in (owner, moderator, *others)]

    assert await seen_by() == [True, True, False, False, False, False]
    await place.attachments.shown(owner.account_id, "t:1", [image.id], Audience.NOBODY)
    assert await seen_by() == [True, True, False, False, False, False]
    await place.attachments.shown(owner.account_id, "t:1", [image.id], Audience.EVERYBODY)
    assert await seen_by() == [True] * 6
    await place.attachments.shown(owner.account_id, "t:1", [image.id], Audience.MEMBERS)
    assert await seen_by() == [True] * 5 + [False]
    await place.attachments.shown(owner.account_id, "t:1", [image.id], Audience.STAFF)
    assert await seen_by() == [True, True, False, True, True, False]
    await place.attachments.shown(owner.account_id, "t:1", [image.id], Audience.NOBODY)
    assert await seen_by() == [True, True, False, False, False, False]


async def test_images_go_with_the_last_text_that_shows_them(place: Place) -> None:
    """A day later, with all their bytes; those that are shown stay."""
    owner = _somebody()
    image = await place.attachments.add(owner, jpeg(), confirmed=True)
    other = await place.attachments.add(owner, png(), confirmed=True)
    for text in ("t:1", "t:2"):
        await place.attachments.shown(owner.account_id, text, [image.id], Audience.EVERYBODY)
    await place.attachments.shown(owner.account_id, "t:1", [], Audience.EVERYBODY)
    place.now += KEPT_LOOSE + timedelta(seconds=1)
    assert await place.attachments.sweep() == 1
    assert not await place.sees(owner, other)
    assert await place.sees(None, image)
    await place.attachments.shown(owner.account_id, "t:2", [], Audience.EVERYBODY)
    assert not await place.sees(None, image)
    assert await place.attachments.sweep() == 0
    place.now += KEPT_LOOSE + timedelta(seconds=1)
    assert await place.attachments.sweep() == 1
    assert await place.count() == (0, 0)


async def test_the_same_image_again_is_the_same(place: Place) -> None:
    """Of the same person; another's has an address of its own, and nobody learns that there was one."""
    owner = _somebody()
    first = await place.attachments.add(owner, jpeg(), confirmed=True)
    place.now += timedelta(hours=20)
    again = await place.attachments.add(owner, jpeg(), confirmed=True)
    assert again.id == first.id
    place.now += timedelta(hours=20)
    assert await place.attachments.sweep() == 0
    assert (await place.attachments.add(_somebody(), jpeg(), confirmed=True)).id != first.id
    await place.attachments.shown(owner.account_id, "t:1", [first.id], Audience.EVERYBODY)
    await place.attachments.add(owner, jpeg(), confirmed=True)
    assert await place.sees(None, first)


async def test_nobody_else_binds_or_frees_an_image(place: Place) -> None:
    """Who quotes another's image neither makes it public nor keeps it, nor takes it away."""
    owner, other = _somebody(), _somebody()
    image = await place.attachments.add(owner, jpeg(), confirmed=True)
    await place.attachments.shown(other.account_id, "t:2", [image.id], Audience.EVERYBODY)
    assert not await place.sees(None, image)
    await place.attachments.shown(owner.account_id, "t:1", [image.id], Audience.EVERYBODY)
    await place.attachments.shown(other.account_id, "t:1", [], Audience.EVERYBODY)
    assert await place.sees(None, image)


async def test_texts_show_what_may_be_shown(place: Place) -> None:
    """One's own images and public ones, ten at most."""
    owner, other = _somebody(), _somebody()
    image = await place.attachments.add(owner, jpeg(), confirmed=True)
    await place.attachments.require_showable(owner, [image.id])
    for actor, ids, reason in (
        (other, [image.id], "unknown_image"),
        (owner, ["a" * 32], "unknown_image"),
        (owner, [image.id] * 11, "too_many_images"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            await place.attachments.require_showable(actor, ids)
        assert refusal.value.fields == {"text": reason}
    await place.attachments.shown(owner.account_id, "t:1", [image.id], Audience.EVERYBODY)
    await place.attachments.require_showable(other, [image.id])


async def test_who_may_not_attach(place: Place) -> None:
    """New members, silenced ones, and who does not say that they have looked. Nothing is kept then."""
    with pytest.raises(InvalidInput) as refusal:
        await place.attachments.add(_somebody(), jpeg(), confirmed=False)
    assert refusal.value.fields == {"confirmed": "required"}
    place.levels.level = 0
    with pytest.raises(NotPermitted):
        await place.attachments.add(_somebody(), jpeg(), confirmed=True)
    place.levels.level, place.levels.silenced_until = 4, _BEGUN + timedelta(days=1)
    with pytest.raises(NotPermitted):
        await place.attachments.add(_somebody(), jpeg(), confirmed=True)
    assert await place.count() == (0, 0)


async def test_the_store_holds_nothing_to_look_at(place: Place) -> None:
    """No tag of the file, and no pixel in the clear; a piece that is moved or changed is not served."""
    owner = _somebody()
    image = await place.attachments.add(owner, jpeg(), confirmed=True)
    for name in ("attachments", "attachment_parts"):
        for document in await place.database[name].find({}).to_list(None):
            raw = bson.encode(document)
            assert CANARY not in raw
            assert b"WEBP" not in raw
            assert b"RIFF" not in raw
    parts = place.database["attachment_parts"]
    small = await parts.find_one({"_id": f"{image.id}:k:0"})
    assert small is not None
    await parts.update_one({"_id": f"{image.id}:f:0"}, {"$set": {"sealed": small["sealed"]}})
    with pytest.raises(Exception, match="does not open"):
        await place.attachments.view(image.id, small=False, actor=owner)
    await parts.delete_one({"_id": f"{image.id}:k:0"})
    with pytest.raises(NotFound):
        await place.attachments.view(image.id, small=True, actor=owner)


async def test_large_images_are_kept_in_pieces(place: Place) -> None:
    """And come back whole."""
    owner = _somebody()
    image = await place.attachments.add(owner, _noise(), confirmed=True)
    assert image.full_parts > 1
    _, body = await place.attachments.view(image.id, small=False, actor=owner)
    assert len(body) > 512 * 1024
    assert await place.count() == (1, image.full_parts + image.small_parts)


def _noise() -> bytes:
    out = BytesIO()
    Image.effect_noise((1800, 1800), 120).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


class Shut:
    """Texts whose place was closed: none is to be read by anybody, until one is opened."""

    def __init__(self) -> None:
        self.open: set[str] = set()

    async def may_read(self, _actor: Actor | None, target_id: str) -> bool:
        """Whether its place is open."""
        return target_id in self.open


async def test_an_image_is_as_closed_as_the_places_of_its_texts(place: Place) -> None:
    """Though nobody said of each text that its place was closed; its owner and moderators still see it."""
    owner, moderator, other = _somebody(), _somebody(Role.MODERATOR), _somebody()
    image = await place.attachments.add(owner, jpeg(), confirmed=True)
    for text in ("t:2", "u:3"):
        await place.attachments.shown(owner.account_id, text, [image.id], Audience.EVERYBODY)
    shut = Shut()
    place.attachments.ask(shut)
    assert [await place.sees(actor, image) for actor in (owner, moderator, other, None)] == [True, True, False, False]
    with pytest.raises(InvalidInput):
        await place.attachments.require_showable(other, [image.id])
    shut.open.add("u:3")
    assert await place.sees(None, image)


async def test_an_image_is_as_open_as_the_places_of_its_texts(place: Place) -> None:
    """Though it was for staff when the text was written: its topic was moved to a public place since."""
    owner = _somebody()
    image = await place.attachments.add(owner, jpeg(), confirmed=True)
    await place.attachments.shown(owner.account_id, "t:2", [image.id], Audience.STAFF)
    shut = Shut()
    place.attachments.ask(shut)
    assert not await place.sees(None, image)
    shut.open.add("t:2")
    assert await place.sees(None, image)
    # A text that shows it no longer opens nothing.
    await place.attachments.shown(owner.account_id, "t:2", [], Audience.STAFF)
    assert not await place.sees(None, image)
