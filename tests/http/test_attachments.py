"""Images over HTTP: attaching one, showing it in a post, looking at it."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO

import pytest

from tests.harness.http import Answer
from tests.harness.images import CANARY, bomb, gif, jpeg, png, webp
from tests.harness.people import Person, World
from tests.harness.process import eventually

_PATH = "/api/v1/attachments"
_CONFIRMED = {"confirmed": "true"}


async def _attach(
    person: Person | None,
    data: bytes,
    *,
    kind: str = "image/jpeg",
    params: dict[str, str] | None = None,
    world: World | None = None,
) -> Answer:
    http = (person.world if person else world).http  # type: ignore[union-attr]  # one of both is given
    return await http.call(
        "POST",
        _PATH,
        raw=data,
        token=person.token if person else None,
        headers={"Content-Type": kind},
        params=_CONFIRMED if params is None else params,
    )


async def _look(world: World, path: str, person: Person | None = None, **headers: str) -> Answer:
    return await world.http.call("GET", path, token=person.token if person else None, headers=headers)


async def _category(world: World) -> str:
    moderator = await world.person("moderator", "Uji")
    slug = f"gambar-{moderator.id[-8:]}"
    body = {"slug": slug, "name": "Gambar", "description": "Tempat gambar."}
    return str((await moderator.post("/forum/categories", body)).data["category"]["id"])


async def test_an_image_from_file_to_post(world: World) -> None:
    """Seen by its owner and moderators at first, by everybody with the post, and as nothing but a picture."""
    owner, moderator, other = [await world.person(role, "Uji") for role in ("agent", "moderator", "customer")]
    image = (await _attach(owner, jpeg())).data["attachment"]
    assert (image["width"], image["height"]) == (80, 120)
    for path in (image["path"], image["small_path"]):
        assert [(await _look(world, path, who)).status for who in (owner, moderator, other, None)] == [
            200,
            200,
            404,
            404,
        ]
        early = await _look(world, path, owner)
        assert early.headers["Cache-Control"] == "private, no-store"
    text = f"Lihat ini: ![layar]({image['markdown_path']})"
    body = {"category_id": await _category(world), "title": "Layar menjadi hitam", "text": text}
    topic = (await owner.post("/forum/topics", body)).data
    assert f'src="{image["small_path"]}"' in str(topic)

    async def public() -> bool:
        return (await _look(world, image["path"])).status == 200

    await eventually(public, "the image is public")
    for path in (image["path"], image["small_path"]):
        shown = await _look(world, path)
        assert shown.headers["Content-Type"] == "image/webp"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
        assert shown.headers["Cache-Control"] == "public, max-age=86400, immutable"
        assert shown.body[:4] + shown.body[8:12] == b"RIFFWEBP"
        assert CANARY not in shown.body
        again = await _look(world, path, **{"If-None-Match": shown.headers["ETag"]})
        assert (again.status, again.body) == (304, b"")


async def test_images_of_answers_go_with_their_topic(world: World) -> None:
    """Where a topic is moved to a public category everybody sees them, and nobody else once it is moved back."""
    staff, other, moderator = [await world.person(role, "Uji") for role in ("agent", "agent", "moderator")]
    places = []
    for readers in ("staff", "everybody"):
        slug = f"pindah-{readers}-{moderator.id[-8:]}"
        body = {"slug": slug, "name": "Pindah", "description": "Tempat.", "readers": readers, "writers": "staff"}
        places.append((await moderator.post("/forum/categories", body)).data["category"]["id"])
    topic = {"category_id": places[0], "title": "Gambar di jawaban", "text": "Mohon lihat jawabannya."}
    topic_id = (await staff.post("/forum/topics", topic)).data["topic"]["id"]
    image = (await _attach(staff, jpeg())).data["attachment"]
    answer = {"text": f"![layar]({image['markdown_path']})"}
    assert (await staff.post(f"/forum/topics/{topic_id}/posts", answer)).status == 201

    async def is_seen_by_staff() -> bool:
        return (await _look(world, image["path"], other)).status == 200

    await eventually(is_seen_by_staff, "the answer shows it")
    for place, status in ((places[0], 404), (places[1], 200), (places[0], 404)):
        moved = await moderator.call("PATCH", f"/forum/topics/{topic_id}/curation", {"category_id": place})
        assert moved.status == 200
        for path in (image["path"], image["small_path"]):
            assert (await _look(world, path)).status == status


async def test_nothing_of_a_file_but_its_pixels_is_kept(world: World) -> None:
    """Not in the store's files, not in the log, not in what is served."""
    owner = await world.person("agent", "Uji")
    for data, kind in ((jpeg(), "jpeg"), (png(), "png"), (webp(), "webp"), (gif(), "gif")):
        assert CANARY in data
        image = (await _attach(owner, data, kind=f"image/{kind}")).data["attachment"]
        for path in (image["path"], image["small_path"]):
            assert CANARY not in (await _look(world, path, owner)).body
    kept = await asyncio.to_thread(world.server.kept)
    assert kept
    assert [name for name, content in kept.items() if CANARY in content] == []
    assert CANARY.decode() not in world.server.log()


async def test_others_images_can_not_be_shown_before_they_are_public(world: World) -> None:
    """Nor such as are not there: both answer alike, and to whoever may show none of their own, as that does."""
    owner, other = await world.person("agent", "Uji"), await world.person("agent", "Uji")
    newcomer = await world.person("customer", "Uji")
    image = (await _attach(owner, png(), kind="image/png")).data["attachment"]
    category = await _category(world)
    for path in (image["markdown_path"], "/lampiran/" + "a" * 32 + ".webp"):
        body = {"category_id": category, "title": "Gambar orang lain", "text": f"![a]({path})"}
        assert (await other.post("/forum/topics", body)).reasons == {"text": "unknown_image"}
        assert (await newcomer.post("/forum/topics", body)).reasons == {"text": "images_later"}


async def test_who_may_attach(world: World) -> None:
    """Nobody without an account, no new member, nobody who does not say that they have looked."""
    customer, agent = await world.person("customer", "Uji"), await world.person("agent", "Uji")
    visitor = await world.person()
    assert (await _attach(None, jpeg(), world=world)).code == "not_authenticated"
    assert (await _attach(visitor, jpeg())).code == "not_permitted"
    assert (await _attach(customer, jpeg())).code == "not_permitted"
    for params in ({}, {"confirmed": "false"}):
        assert (await _attach(agent, jpeg(), params=params)).reasons == {"confirmed": "required"}
    cookie = {"Cookie": f"amanah_session={agent.token}", "Content-Type": "image/jpeg", "Origin": "https://x.example"}
    foreign = await world.http.call("POST", _PATH, raw=jpeg(), headers=cookie, params=_CONFIRMED)
    assert foreign.code == "not_permitted"


@pytest.mark.parametrize(
    ("data", "kind", "status", "reasons"),
    [
        (b"", "image/jpeg", 400, {"body": "required"}),
        (b"{}", "application/json", 400, {"body": "not_an_image"}),
        (jpeg(), "text/html", 400, {"body": "not_an_image"}),
        (b"<svg onload=alert(1)>", "image/svg+xml", 400, {"body": "not_an_image"}),
        (b"<svg onload=alert(1)>", "image/png", 400, {"image": "not_an_image"}),
        (gif() + b"<script>alert(1)</script>", "image/gif", 400, {"image": "not_an_image"}),
        (jpeg()[:300], "image/jpeg", 400, {"image": "not_an_image"}),
        (bomb(60_000, 60_000), "image/png", 400, {"image": "too_large"}),
    ],
    ids=["nothing", "json", "page", "svg", "svg as png", "two in one", "cut off", "bomb"],
)
async def test_what_is_refused(world: World, data: bytes, kind: str, status: int, reasons: dict[str, str]) -> None:
    """With a reason, and without an echo."""
    answer = await _attach(await world.person("agent", "Uji"), data, kind=kind)
    assert (answer.status, answer.reasons) == (status, reasons)


@pytest.mark.parametrize("said", [True, False], ids=["with its length", "without"])
async def test_files_that_are_too_long(world: World, said: bool) -> None:
    """Are not read to their end, whether they say how long they are or not."""
    agent = await world.person("agent", "Uji")

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"\xff" * 1024 * 1024

    headers = {"Authorization": f"Bearer {agent.token}", "Content-Type": "image/jpeg"}
    data = BytesIO(b"\xff" * (8 * 1024 * 1024 + 1)) if said else pieces()
    async with world.session.post(world.server.url + _PATH, data=data, headers=headers, params=_CONFIRMED) as answer:
        assert answer.status == 413
        assert (await answer.json())["error"]["fields"]["body"]["reason"] == "too_long"


@pytest.mark.parametrize("name", ["a.webp", "../x.webp", "a" * 32 + ".png", "a" * 32 + "-x.webp", "A" * 32 + ".webp"])
async def test_other_names_are_not_there(world: World, name: str) -> None:
    """Not even asked for in the store."""
    assert (await _look(world, f"/lampiran/{name}")).status == 404
