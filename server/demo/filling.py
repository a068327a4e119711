"""The demo: an invented vendor of clinic and shop software with customers, agents and conversations.

Everything enters through the services, so every text passes the gate like anybody's. Nobody here exists.
"""

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path

from server.composition.parts import Parts
from server.demo.announcements import fill_announcements
from server.demo.contact import fill_contact
from server.demo.desk import Handled, fill_office, handle
from server.demo.feedback import fill_feedback
from server.demo.forum import fill_forum
from server.demo.incidents import fill_incidents
from server.demo.publication import fill_publication
from server.demo.review import fill_review
from server.demo.rights import fill_rights
from server.desk.model import Priority
from server.kernel.actor import Actor, Role
from server.kernel.errors import RedactionUnavailable, Unavailable
from server.kernel.text import RawText

_FILE = "demo-sign-ins.txt"
_ATTEMPTS = 5
_DOMAIN = "demo.example"
_AS_IT_CAME = Handled()


@dataclass(frozen=True, slots=True)
class _Person:
    key: str
    name: str
    role: Role

    @property
    def email(self) -> str:
        return f"{self.key}@{_DOMAIN}"


_PEOPLE = (
    _Person("rani", "Rani (Dukungan)", Role.AGENT),
    _Person("yosef", "Yosef (Dukungan)", Role.AGENT),
    _Person("klinik", "Klinik Sehat Bersama", Role.CUSTOMER),
    _Person("toko", "Toko Sumber Rejeki", Role.CUSTOMER),
    _Person("kantor", "CV Tirta Abadi", Role.CUSTOMER),
    _Person("apotek", "Apotek Melati Jaya", Role.CUSTOMER),
    _Person("bengkel", "Bengkel Sinar Motor", Role.CUSTOMER),
    _Person("yayasan", "Yayasan Tunas Bangsa", Role.CUSTOMER),
    _Person("wahyu", "Wahyu (Privasi)", Role.PRIVACY_OFFICER),
    _Person("nilam", "Nilam (Privasi)", Role.PRIVACY_OFFICER),
    _Person("sari", "Sari (Moderasi)", Role.MODERATOR),
    _Person("admin", "Admin", Role.ADMIN),
)


@dataclass(frozen=True, slots=True)
class _Talk:
    customer: str
    subject: str
    agent: str | None
    lines: tuple[tuple[str, str], ...]
    closed: bool = False
    handled: Handled = _AS_IT_CAME


_TALKS = (
    _Talk(
        "klinik",
        "Antrean pasien tidak muncul di layar",
        "rani",
        (
            ("klinik", "Selamat pagi, layar antrean di ruang tunggu kosong sejak jam 8."),
            (
                "klinik",
                "Pasien Maria Goreti Lende sudah daftar tapi namanya tidak dipanggil, nomor HP-nya 0812 5550 7731.",
            ),
            ("rani", "Selamat pagi. Apakah layar di bagian pendaftaran juga kosong, atau hanya di ruang tunggu?"),
            ("klinik", "Hanya ruang tunggu. Komputernya sudah kami nyalakan ulang."),
            ("rani", 'Baik. Buka Pengaturan > Layar, lalu pilih kembali ruang "Tunggu 1". Apakah antreannya muncul?'),
            ("klinik", "Muncul! Terima kasih banyak, Mbak."),
        ),
        handled=Handled(
            ("klinik",),
            Priority.HIGH,
            notes=("Layar ruang tunggu memakai ruang lama sejak pembaruan. Cek klinik lain.",),
        ),
    ),
    _Talk(
        "toko",
        "Struk kasir terpotong",
        None,
        (
            ("toko", "Min, struk di kasir 2 kepotong bagian bawahnya, totalnya jadi gak kelihatan"),
            ("toko", "kalau perlu remote hubungi karyawan saya si Darto di 0857-5550-2214 ya"),
        ),
    ),
    _Talk(
        "kantor",
        "Ganti rekening pembayaran",
        "yosef",
        (
            ("kantor", "Kami mau ganti rekening untuk tagihan bulanan, ke BCA 5550198273 a.n. Lukas Hendrawan."),
            ("yosef", "Nomor rekening di pesan tadi sudah disembunyikan otomatis, jadi saya pun tidak melihatnya."),
            ("yosef", "Mohon isi lewat menu Tagihan > Rekening di aplikasi. Di sana datanya terenkripsi."),
            ("kantor", "Oh begitu, siap. Nanti saya isi di sana."),
        ),
        handled=Handled(("tagihan",)),
    ),
    _Talk(
        "klinik",
        "Laporan bulanan tidak bisa diunduh",
        "rani",
        (
            ("klinik", "Laporan kunjungan bulan lalu gagal diunduh, muncul galat 504."),
            ("rani", "Sudah kami perbaiki pagi ini. Silakan coba unduh lagi."),
            ("klinik", "Sudah bisa, terima kasih."),
        ),
        closed=True,
        handled=Handled(("klinik", "gangguan")),
    ),
    _Talk(
        "apotek",
        "Stok obat minus setelah retur",
        "rani",
        (
            ("apotek", "Setelah retur kemarin, stok beberapa obat jadi minus di laporan."),
            ("rani", "Boleh kami tahu obat mana saja, dan apakah returnya lewat kasir atau gudang?"),
            ("apotek", "Lewat gudang. Ada enam obat, semuanya minus persis sebanyak returnya."),
        ),
        handled=Handled(
            ("gangguan",), Priority.URGENT, notes=("Sama dengan laporan bulan lalu: retur gudang dihitung dua kali.",)
        ),
    ),
    _Talk(
        "apotek",
        "Label harga tidak ikut berubah",
        "rani",
        (
            ("apotek", "Harga sudah diganti, tapi label rak masih mencetak harga lama."),
            ("rani", "Label rak diperbarui tiap malam. Saya tunda ini dan periksa besok pagi, ya."),
        ),
        handled=Handled(("kasir",), snoozed_hours=18),
    ),
    _Talk(
        "bengkel",
        "Cara menambah montir baru",
        None,
        (("bengkel", "Pagi, ada dua montir baru. Di mana menambahkan mereka supaya bisa dipilih di nota?"),),
    ),
    _Talk(
        "yayasan",
        "Jadwal pelatihan untuk bendahara",
        "yosef",
        (
            ("yayasan", "Apakah ada pelatihan untuk bendahara kami bulan depan?"),
            ("yosef", "Ada, dua kali sebulan lewat daring. Tanggalnya saya kirim siang ini."),
        ),
        handled=Handled(("pelatihan",), Priority.LOW),
    ),
)


async def fill(parts: Parts, data_dir: Path) -> None:
    """Fill an empty store and print the sign-ins; on one that has the demo already, only print them."""
    file = data_dir / _FILE
    if file.exists():
        print(file.read_text(), flush=True)  # noqa: T201 (what --demo is for)
        return
    if not await parts.talks.chat.is_empty():
        print("demo: the store is not empty, so nothing was added", flush=True)  # noqa: T201 (what --demo is for)
        return
    passwords = {person.key: "demo-" + secrets.token_urlsafe(9) for person in _PEOPLE}
    actors: dict[str, Actor] = {}
    for person in _PEOPLE:
        account = await parts.accounts.create(
            email=person.email,
            password=passwords[person.key],
            display_name=person.name,
            locale="id",
            role=person.role,
        )
        actors[person.key] = (await parts.accounts.actors([account.id]))[account.id]
    for actor in actors.values():
        await _train(parts, actor)
    await fill_office(parts.desking, actors)
    for talk in _TALKS:
        await _talk(parts, actors, talk)
    places = await fill_forum(parts.community, parts.people, actors, actors["admin"])
    await fill_feedback(parts.listening, parts.filing.files, actors)
    await fill_review(parts.review, parts.listening, parts.community, actors, places["kasir"])
    await fill_announcements(parts.announcing, parts.surveying, actors)
    await fill_rights(parts.righting, actors)
    await fill_incidents(parts.responding.incidents, parts.retaining.holds, actors)
    writer = next(person for person in _PEOPLE if person.key == "toko")
    sign_in = (writer.email, passwords[writer.key])
    await fill_publication(parts.permitting, parts.accounts, parts.identity.sessions, actors, sign_in)
    seller = next(person for person in _PEOPLE if person.key == "bengkel")
    await fill_contact(
        parts.permitting,
        parts.proofs.factors,
        parts.community,
        parts.identity,
        places["jual-beli"],
        (seller.email, passwords[seller.key]),
    )
    sign_ins = "Demo sign-ins (all invented):\n" + "\n".join(
        f"  {person.role.value:<15} {person.email:<22} {passwords[person.key]}" for person in _PEOPLE
    )
    await asyncio.to_thread(_write_private, file, sign_ins)
    print(sign_ins, flush=True)  # noqa: T201 (what --demo is for)


async def _train(parts: Parts, actor: Actor) -> None:
    """Have a member of staff pass what their role has to learn."""
    training = parts.explaining.training
    for one in await training.standing(actor):
        questions = one.module.lessons["id"].questions
        await training.take(actor, one.module.key, {question.key: question.right for question in questions})


async def _talk(parts: Parts, actors: dict[str, Actor], talk: _Talk) -> None:
    conversation = await parts.talks.chat.open_conversation(actors[talk.customer], RawText(talk.subject))
    if talk.agent:
        await parts.talks.custody.assign(actors[talk.agent], conversation.id, actors[talk.agent].account_id)
    for index, (speaker, text) in enumerate(talk.lines):
        await _say(parts, actors[speaker], conversation.id, f"demo-{index}", text)
    if talk.agent:
        await handle(parts.desking, actors[talk.agent], conversation.id, talk.handled)
    if talk.closed and talk.agent:
        await parts.talks.custody.close(actors[talk.agent], conversation.id)


async def _say(parts: Parts, speaker: Actor, conversation_id: str, client_id: str, text: str) -> None:
    """Send as a client would: again under the same id while the redactor of a busy machine is late."""
    for attempt in range(_ATTEMPTS):
        try:
            await parts.talks.chat.send(speaker, conversation_id, client_id, RawText(text))
            return
        except (RedactionUnavailable, Unavailable):
            if attempt == _ATTEMPTS - 1:
                raise


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
