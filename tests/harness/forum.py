"""A forum with something in it, made over HTTP by invented people."""

from dataclasses import dataclass

from tests.harness.people import Person, World
from tests.harness.slugs import another

_TEXTS = (
    "Halo semua. Sejak pembaruan kemarin **struk kasir terpotong** di bawah.\n\n- kasir 1 baik\n- kasir 2 terpotong",
    "Coba buka *Pengaturan > Pencetak* lalu pilih kertas `58 mm`.",
    "Sudah saya coba, dan berhasil. Terima kasih!",
)


@dataclass(frozen=True, slots=True)
class Forum:
    """What was made.

    Attributes:
        category: the category as the API gives it.
        topic: the topic as the API gives it.
        author: who began it.
        helper: who answered.
    """

    category: dict[str, object]
    topic: dict[str, object]
    author: Person
    helper: Person

    @property
    def path(self) -> str:
        """The topic's address."""
        return str(self.topic["path"])


async def category(world: World, name: str = "Pencetak dan kasir", **changes: object) -> dict[str, object]:
    """Make a category."""
    admin = await world.person("admin", "Admin")
    slug = another("pencetak")
    body = {"name": name, "slug": slug, "description": "Struk, laci, dan pembaca kode batang.", **changes}
    answer = await admin.post("/forum/categories", body)
    assert answer.status == 201, answer.envelope
    made: dict[str, object] = answer.data["category"]
    return made


async def topic(person: Person, category_id: object, title: str, text: str, **more: object) -> dict[str, object]:
    """Begin a topic."""
    body = {"category_id": category_id, "title": title, "text": text, **more}
    answer = await person.post("/forum/topics", body)
    assert answer.status == 201, answer.envelope
    made: dict[str, object] = answer.data["topic"]
    return made


async def reply(person: Person, topic_id: object, text: str, **more: object) -> dict[str, object]:
    """Answer in a topic."""
    answer = await person.post(f"/forum/topics/{topic_id}/posts", {"text": text, **more})
    assert answer.status == 201, answer.envelope
    made: dict[str, object] = answer.data["post"]
    return made


async def small_forum(world: World, *, answers: int = 2) -> Forum:
    """Make a category with a topic and some answers."""
    # Of the staff: customers who write that quickly one after the other, and the same again, are held.
    author, helper = await world.person("agent", "Toko Contoh"), await world.person("agent", "Klinik Contoh")
    place = await category(world)
    made = await topic(author, place["id"], "Struk kasir terpotong di bagian bawah", _TEXTS[0], tags=["kasir", "struk"])
    for index in range(answers):
        await reply((helper, author)[index % 2], made["id"], _TEXTS[1 + index % 2])
    return Forum(place, made, author, helper)
