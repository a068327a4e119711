"""The demo's status page, product news and survey. Everything enters through the services."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Final

from server.announcements.model import Impact, Phase
from server.announcements.service import NewEvent
from server.composition.announcing import Announcing
from server.composition.surveying import Surveying
from server.demo.forum import again
from server.kernel.actor import Actor
from server.kernel.text import RawText
from server.surveys.model import Scale

_STAFF: Final = "rani"
_SERVICES: Final = ("Aplikasi kasir", "Layar antrean", "Laporan dan unduhan")
_TWO_WEEKS: Final = 14


async def fill_announcements(announcing: Announcing, surveying: Surveying, actors: Mapping[str, Actor]) -> None:
    """Tell of services, a disruption that is over, works that are planned, news; and ask a question.

    Args:
        announcing: the status page and product news.
        surveying: surveys.
        actors: key -> who speaks.
    """
    staff, board = actors[_STAFF], announcing.status
    services = [await again(partial(board.add_component, staff, RawText(name))) for name in _SERVICES]
    slow = NewEvent(
        RawText("Layar antrean lambat dimuat"),
        RawText("Sebagian layar antrean perlu satu menit untuk tampil. Kami sedang mencari sebabnya."),
        [services[1].id],
        Impact.MINOR,
    )
    event = await again(partial(board.open, staff, slow))
    ended = RawText("Sudah kembali seperti biasa. Penyebabnya pembaruan yang terlalu besar; kini dikirim bertahap.")
    await again(partial(board.update, staff, event.id, Phase.RESOLVED, ended))
    begins = surveying.clock() + timedelta(days=3)
    works = NewEvent(
        RawText("Pemindahan server laporan"),
        RawText("Unduhan laporan berhenti sebentar pada malam itu. Kasir dan antrean tetap jalan."),
        [services[2].id],
        None,
        begins,
        begins + timedelta(hours=2),
    )
    await again(partial(board.open, staff, works))
    text = "Struk kini bisa dicetak ulang dari *daftar penjualan*, dan laporan bulanan bisa dibuka di ponsel."
    await again(partial(announcing.news.publish, staff, RawText("Versi 4.2: cetak ulang struk"), RawText(text)))
    question = RawText("Seberapa mungkin Anda menyarankan aplikasi kasir ini kepada teman usaha?")
    await again(partial(surveying.surveys.make, staff, RawText("Setelah versi 4.2"), question, Scale.NPS, _TWO_WEEKS))
