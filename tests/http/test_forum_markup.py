"""Marks, mentions and quotes in posts: what the gate makes of them, and what readers see."""

import pytest

from tests.harness.forum import category, topic
from tests.harness.people import Person, World


async def _handle(person: Person) -> str:
    return str((await person.get("/me/profile")).data["profile"]["person"]["handle"])


async def test_who_is_mentioned_or_quoted_stays_to_be_seen(world: World) -> None:
    """A handle of this place is public; one that nobody has here is somebody's elsewhere, and hidden."""
    author, other = [await world.person("customer", "Uji") for _ in range(2)]
    handle = await _handle(other)
    place = await category(world)
    begun = await topic(author, place["id"], "Pertanyaan", "Ada yang tahu?")
    text = f"> @{handle} #1\n> Ada yang tahu?\n\nTerima kasih @{handle}, bukan @budi.contoh.99 ya."
    answer = (await author.post(f"/forum/topics/{begun['id']}/posts", {"text": text})).data["post"]
    assert f"@{handle}" in answer["text"]
    assert "budi.contoh" not in answer["text"]
    assert f'<a class="mention" href="/forum/u/{handle}">@{handle}</a>' in answer["html"]
    assert f'<a class="quote-source" href="{begun["path"]}#p1">@{handle} #1</a>' in answer["html"]


@pytest.mark.parametrize(
    "text",
    ["Surel saya warung\\@contoh.co.id", "Surel saya **warung**@contoh.co.id", "Nomor WA 0812[90](/forum)713648"],
)
async def test_marks_split_no_identifier(world: World, text: str) -> None:
    """Readers would see it whole, so it is refused; without the marks it is hidden."""
    author = await world.person("customer", "Uji")
    body = {"category_id": (await category(world))["id"], "title": "Pertanyaan", "text": text}
    assert (await author.post("/forum/topics", body)).reasons == {"text": "split"}
    plain = text.replace("\\", "").replace("*", "").replace("[90](/forum)", "90")
    shown = (await author.post("/forum/topics", {**body, "text": plain})).data["post"]["text"]
    assert "\u27e6" in shown
    assert "contoh" not in shown
    assert "0812" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "|bulan|laku|\n|-|-|\n|1|0812|\n|2|3456|\n|3|7890|",
        "**Versi 2.10.4** dari `2026`, lihat [catatan 17](/forum)",
        "- 1250\n- 3400\n- 99.000\n\nTotal *4.650*",
    ],
)
async def test_ordinary_marks_are_taken(world: World, text: str) -> None:
    """Tables, versions and sums are no identifiers together."""
    author = await world.person("customer", "Uji")
    body = {"category_id": (await category(world))["id"], "title": "Pertanyaan", "text": text}
    assert (await author.post("/forum/topics", body)).data["post"]["text"] == text


async def test_texts_of_many_brackets_are_taken(world: World) -> None:
    """Of openings of links that never end, and what programs write."""
    author = await world.person("agent", "Uji")
    rows = ",\n".join(["[[kopi, gula], [teh]]"] * 150)
    for text in ("![" * 2_000, f"Ini keluarannya, lihat [panduan](/forum):\n\n```json\n[\n{rows}\n]\n```"):
        body = {"category_id": (await category(world))["id"], "title": "Pertanyaan", "text": text}
        taken = await author.post("/forum/topics", body)
        assert (taken.status, taken.data["post"]["text"]) == (201, text)
        assert ('href="/forum"' in taken.data["post"]["html"]) is ("panduan" in text)
