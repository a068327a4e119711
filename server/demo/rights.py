"""The demo's requests about data: one that waits, one that is answered. Everything enters through the services."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from server.composition.righting import Righting
from server.demo.forum import again
from server.kernel.actor import Actor
from server.kernel.text import RawText
from server.rights.model import Kind

_OFFICER: Final = "wahyu"


async def fill_rights(righting: Righting, actors: Mapping[str, Actor]) -> None:
    """Make requests, and answer one.

    Args:
        righting: the rights of people.
        actors: key -> who speaks.
    """
    requests, office, officer = righting.requests, righting.office, actors[_OFFICER]
    asked = RawText("Nama usaha di profil kami masih yang lama. Mohon diperbaiki.")
    made = await again(partial(requests.make, actors["bengkel"], Kind.CORRECTION, asked, locale="id"))
    taken = await again(partial(office.take, officer, made.id, made.revision))
    answer = RawText("Nama dapat Anda ubah sendiri di halaman akun. Kami sudah memeriksa, tidak ada tempat lain.")
    await again(partial(office.answer, officer, taken.id, taken.revision, answer))
    waits = RawText("Data apa saja tentang pegawai kami yang disimpan, dan sampai kapan?")
    await again(partial(requests.make, actors["yayasan"], Kind.ACCESS, waits, locale="id"))
