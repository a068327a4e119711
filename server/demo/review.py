"""What the demo has for moderators to decide about: texts that others reported. All enters through the services."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from server.composition.community import Community
from server.composition.listening import Listening
from server.composition.reviewing import Review
from server.demo.forum import again
from server.feedback.giving import NewItem
from server.feedback.model import Kind, Visibility
from server.feedback.reviewing import TARGET as FEEDBACK
from server.forum.reviewing import TARGET as POST
from server.forum.topics import NewTopic
from server.kernel.actor import Actor
from server.kernel.text import RawText
from server.review.model import Category

_NETWORK: Final = "demo"


@dataclass(frozen=True, slots=True)
class Reported:
    """What somebody wrote, and who reports it as what."""

    by: str
    title: str
    text: str
    category: Category
    reporters: tuple[tuple[str, str], ...]


_IDEA: Final = Reported(
    "bengkel",
    "Ganti semua petugas dukungan",
    "Yang menjawab kemarin malas dan tidak becus. Ganti saja semuanya.",
    Category.ABUSE,
    (("toko", "Menyerang orang, bukan menyampaikan masalahnya."),),
)
_TOPIC: Final = Reported(
    "yayasan",
    "Printer struk bekas, harga miring",
    "Kami menjual printer struk bekas, masih bagus. Siapa cepat dia dapat, tulis saja di sini.",
    Category.OFF_TOPIC,
    (("klinik", "Jualan, bukan pertanyaan."), ("kantor", "")),
)
_UNKNOWN: Final = Reported(
    "",
    "Mode gelap untuk kasir malam",
    "Warung kami buka sampai larut. Layar yang terang menyilaukan kasir dan pembeli.",
    Category.OTHER,
    (),
)
"""From somebody whom nobody knows: staff let it onto the board, or not."""


async def fill_review(
    review: Review, listening: Listening, community: Community, actors: Mapping[str, Actor], place_id: str
) -> None:
    """Have some texts written and reported.

    Args:
        review: takes reports.
        listening: feedback.
        community: the forum.
        actors: key -> who speaks.
        place_id: the category of the topic.
    """
    idea = NewItem(Kind.SUGGESTION, RawText(_IDEA.title), RawText(_IDEA.text), client_id="demo-reported")
    given = await again(partial(listening.giving.give, actors[_IDEA.by], idea, network=_NETWORK))
    await _report(review, actors, FEEDBACK, given.item.id, _IDEA)
    topic = NewTopic(place_id, RawText(_TOPIC.title), RawText(_TOPIC.text), [], "demo-reported")
    begun = await again(partial(community.topics.begin, actors[_TOPIC.by], topic))
    await _report(review, actors, POST, f"{begun.topic.id}.1", _TOPIC)
    unknown = NewItem(
        Kind.SUGGESTION,
        RawText(_UNKNOWN.title),
        RawText(_UNKNOWN.text),
        Visibility.PUBLIC,
        client_id="demo-unknown-sender",
    )
    await again(partial(listening.giving.give, None, unknown, network=_NETWORK))


async def _report(review: Review, actors: Mapping[str, Actor], kind: str, target_id: str, reported: Reported) -> None:
    for who, why in reported.reporters:
        note = RawText(why) if why else None
        await again(partial(review.flagging.report, actors[who], kind, target_id, reported.category, note))
