"""The demo's forum: what invented shops and clinics ask each other. Everything enters through the services."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from moderation.trust import Deed
from server.composition.community import Community
from server.forum.categories import CategoryChange
from server.forum.topics import NewTopic
from server.kernel.actor import Actor
from server.kernel.errors import RedactionUnavailable, Unavailable
from server.kernel.text import RawText
from server.people.service import People

_ATTEMPTS = 5
_PAST: Mapping[Deed, int] = {Deed.VISITED: 20, Deed.ENTERED: 25, Deed.READ: 150, Deed.WRITTEN: 12, Deed.LIKES_GIVEN: 6}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Place:
    slug: str
    name: str
    description: str
    contacts: bool = False


@dataclass(frozen=True, slots=True)
class _Talk:
    place: str
    title: str
    tags: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    likes: tuple[tuple[str, int, str], ...] = ()


_PLACES = (
    _Place(
        "tanya-jawab", "Tanya jawab", "Ada yang macet atau membingungkan? Tanyakan di sini, sesama pengguna membantu."
    ),
    _Place("kasir", "Kasir dan toko", "Struk, laci, pembaca kode batang, stok, dan laporan penjualan."),
    _Place("klinik", "Klinik dan apotek", "Antrean, rekam medis, resep, dan klaim. Tanpa data pasien, ya."),
    _Place("kiat", "Kiat dan cara", "Cara kerja yang menghemat waktu, dari pengguna untuk pengguna."),
    _Place(
        "jual-beli",
        "Jual beli dan mitra",
        "Alat bekas, mitra, dan jasa. Kontak Anda sendiri boleh tampil.",
        contacts=True,
    ),
    _Place("pengumuman", "Pengumuman", "Versi baru dan perubahan penting."),
)

_TALKS = (
    _Talk(
        "pengumuman",
        "Versi 4.2: cetak struk dua kali lebih cepat",
        ("versi-baru",),
        (
            (
                "rani",
                "Versi 4.2 sudah tersedia untuk semua.\n\n- struk dicetak **dua kali lebih cepat**\n- antrean klinik"
                " dapat dibagi ke beberapa layar\n- laporan bulanan tidak lagi gagal diunduh\n\nSilakan perbarui lewat"
                " *Pengaturan > Pembaruan*.",
            ),
            ("klinik", "Layar antrean di dua ruang sudah jalan. Terima kasih!"),
            ("toko", "Struknya terasa lebih cepat, antrean sore jadi lebih pendek."),
        ),
        (("klinik", 1, "celebrate"), ("toko", 1, "like"), ("kantor", 1, "like"), ("toko", 2, "like")),
    ),
    _Talk(
        "klinik",
        "Cara memindahkan antrean saat dokter berhalangan?",
        ("antrean", "jadwal"),
        (
            (
                "klinik",
                "Dokter pagi mendadak tidak masuk dan ada sebelas orang di antreannya. Apakah antreannya bisa dipindah"
                " sekaligus, atau harus satu per satu?",
            ),
            ("kantor", "Kami selalu satu per satu. Ikut menyimak."),
            (
                "rani",
                "Bisa sekaligus:\n\n1. buka **Antrean > Hari ini**\n2. pilih dokter yang berhalangan\n3. tekan"
                " *Pindahkan semua*, lalu pilih penggantinya\n\nNomor urut orang tidak berubah.",
            ),
            ("klinik", "Berhasil, sebelas orang pindah sekali tekan. Terima kasih banyak."),
        ),
        (("klinik", 3, "thanks"), ("kantor", 3, "helpful"), ("toko", 3, "like")),
    ),
    _Talk(
        "kiat",
        "Daftar periksa tutup kasir yang kami pakai tiap malam",
        ("kasir", "kebiasaan"),
        (
            (
                "toko",
                "Sejak memakai daftar ini, selisih kas kami hampir tidak ada lagi.\n\n| Langkah | Di mana | Lama |\n"
                "|---|---|---|\n| Hitung uang di laci | kasir | 5 menit |\n| Cocokkan dengan laporan |"
                " *Laporan > Harian* | 2 menit |\n"
                "| Catat selisih dan sebabnya | *Kas > Catatan* | 1 menit |\n| Kunci laci | kasir | |\n\n"
                "Selisih dicatat **sebelum** laci dikunci, supaya tidak ada yang ditebak besok paginya.",
            ),
            ("kantor", "> Selisih dicatat sebelum laci dikunci\n\nIni yang kami lupa selama ini."),
            ("klinik", "Kami tiru untuk kasir apotek, dengan satu baris tambahan: cocokkan obat keras."),
        ),
        (("kantor", 1, "insight"), ("klinik", 1, "like"), ("rani", 1, "like")),
    ),
    _Talk(
        "tanya-jawab",
        "Staf baru tidak bisa masuk setelah ganti telepon",
        ("masuk", "faktor-kedua"),
        (
            (
                "kantor",
                "Staf kami, Wahyuni Prabandari, ganti telepon dan kode masuknya ikut hilang. Nomornya masih sama,"
                " 0812-5550-1937. Harus bagaimana?",
            ),
            (
                "rani",
                "Nama dan nomor di tulisan Anda sudah disembunyikan sebelum tampil, jadi aman. Pakailah salah satu"
                " **kode pemulihan** yang dicetak waktu pemasangan; sesudah masuk,"
                " pasang aplikasinya lagi di telepon baru.",
            ),
        ),
        (("kantor", 2, "thanks"),),
    ),
    _Talk(
        "kasir",
        "Pembaca kode batang membaca dua kali",
        ("kode-batang",),
        (
            ("toko", "Setiap barang masuk dua kali ke struk. Kabel sudah diganti, hasilnya sama."),
            ("kantor", "Punya kami begitu juga dulu. Ternyata jeda bacanya terlalu pendek:\n\n```\nJEDA=600\n```"),
        ),
    ),
    _Talk(
        "klinik",
        "Resep racikan: satuan mana yang dipakai?",
        ("resep", "apotek"),
        (("klinik", "Untuk puyer, apakah satuannya *bungkus* atau *gram*? Laporan bulanan kami jadi campur."),),
    ),
    _Talk(
        "tanya-jawab",
        "Bagaimana cara mengunduh semua data sendiri?",
        ("data", "unduh"),
        (
            ("toko", "Sebelum tutup buku kami ingin menyimpan salinan semua data. Apakah ada caranya?"),
            ("rani", "Ada, di halaman akun: *Data saya > Unduh*. Hasilnya bisa dibuka tanpa perangkat lunak kami."),
        ),
        (("toko", 2, "like"),),
    ),
)


async def fill_forum(
    community: Community, people: People, actors: Mapping[str, Actor], manager: Actor
) -> Mapping[str, str]:
    """Make categories, topics and answers.

    Args:
        community: the forum.
        people: who people are in it.
        actors: key -> who speaks.
        manager: who makes the categories.

    Returns:
        Slug -> id of each category.
    """
    places: dict[str, str] = {}
    for number, place in enumerate(_PLACES):
        change = CategoryChange(
            name=RawText(place.name),
            description=RawText(place.description),
            slug=RawText(place.slug),
            position=number,
            contact_allowed=place.contacts,
        )
        places[place.slug] = (await again(partial(community.categories.create, manager, change))).id
    await _trust(people, actors)
    for number, talk in enumerate(reversed(_TALKS)):
        await _talk(community, actors, places[talk.place], f"demo-topic-{number}", talk)
    return places


async def _trust(people: People, actors: Mapping[str, Actor]) -> None:
    """Let everybody have been here for a while: nobody is held for writing so much in a few seconds."""
    for actor in actors.values():
        for deed, count in _PAST.items():
            people.count(actor.account_id, deed, count)
    await people.settle()


async def _talk(community: Community, actors: Mapping[str, Actor], place: str, key: str, talk: _Talk) -> None:
    (opener, text), *answers = talk.lines
    new = NewTopic(place, RawText(talk.title), RawText(text), [RawText(tag) for tag in talk.tags], key)
    begun = await again(lambda: community.topics.begin(actors[opener], new))
    for number, (speaker, line) in enumerate(answers):

        def answer(speaker: str = speaker, line: str = line, number: int = number) -> Awaitable[object]:
            return community.posts.reply(
                actors[speaker], begun.topic.id, RawText(line), client_post_id=f"{key}-{number}"
            )

        await again(answer)
    for who, seq, kind in talk.likes:
        await community.marks.react(actors[who], f"{begun.topic.id}.{seq}", kind, given=True)


async def again(work: Callable[[], Awaitable[T]]) -> T:
    """Do as a client would: again under the same id while the redactor of a busy machine is late."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return await work()
        except (RedactionUnavailable, Unavailable):
            await asyncio.sleep(0)
    return await work()
