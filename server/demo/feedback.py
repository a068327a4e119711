"""The demo's board of suggestions, and what waits in the staff's inbox. Everything enters through the services."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from server.composition.listening import Listening
from server.demo.forum import again
from server.feedback.changes import Change
from server.feedback.giving import NewItem
from server.feedback.model import Kind, Priority, State
from server.files.circles import NEW_FEEDBACK
from server.files.model import known
from server.files.service import FileService
from server.kernel.actor import Actor
from server.kernel.text import RawText

_NETWORK: Final = "demo"
_STAFF: Final = "rani"


@dataclass(frozen=True, slots=True)
class _Piece:
    """One item: who gave it, who votes and talks, what staff did."""

    kind: Kind
    by: str
    title: str
    text: str
    area: str | None = None
    votes: tuple[str, ...] = ()
    talk: tuple[tuple[str, str], ...] = ()
    states: tuple[State, ...] = ()
    response: str = ""
    changelog: str = ""
    priority: Priority | None = None
    file: tuple[str, str] | None = None
    """Name and content of a text that comes with it."""


_PIECES: Final = (
    _Piece(
        Kind.SUGGESTION,
        "toko",
        "Cetak ulang struk dari daftar penjualan",
        "Pelanggan sering kembali karena struknya hilang. Akan membantu kalau struk bisa dicetak ulang dari daftar"
        " penjualan, **tanpa** membuka transaksi satu per satu.",
        "app",
        ("klinik", "kantor"),
        (("klinik", "Kami juga perlu, terutama untuk klaim."),),
        (State.PLANNED, State.IN_PROGRESS, State.RESOLVED),
        "Terima kasih. Cetak ulang sudah ada di daftar penjualan sejak versi 4.2.",
        "Struk sekarang bisa dicetak ulang langsung dari *daftar penjualan*.",
    ),
    _Piece(
        Kind.SUGGESTION,
        "klinik",
        "Warna lain untuk antrean anak",
        "Di ruang tunggu kami antrean anak dan dewasa tampil sama. Warna yang berbeda memudahkan orang tua.",
        "clinic",
        ("toko", "kantor"),
        (("kantor", "Setuju, asalkan tetap terbaca dari jauh."),),
        (State.PLANNED,),
        "Kami rencanakan untuk versi berikutnya.",
    ),
    _Piece(
        Kind.SUGGESTION,
        "kantor",
        "Laporan bulanan dalam satu berkas",
        "Sekarang laporan penjualan, stok, dan pajak terpisah. Satu berkas untuk semuanya lebih mudah diarsipkan.",
        "app",
        ("toko",),
        (),
        (State.ACKNOWLEDGED, State.IN_PROGRESS),
    ),
    _Piece(
        Kind.SUGGESTION,
        "toko",
        "Pengingat stok menipis lewat surel",
        "Kalau stok di bawah batas, kirim ringkasan ke surel pemilik setiap pagi.",
        "app",
        ("kantor",),
    ),
    _Piece(
        Kind.COMPLAINT,
        "klinik",
        "Layar antrean berhenti setelah pembaruan",
        "Sejak pembaruan kemarin layar antrean berhenti setiap jam sepuluh. Pasien menunggu tanpa tahu gilirannya.",
        "clinic",
        priority=Priority.HIGH,
        file=(
            "catatan layar",
            "10.00 layar antrean berhenti\n10.04 dinyalakan ulang, antrean kembali\n11.00 berhenti lagi\n",
        ),
    ),
    _Piece(
        Kind.CRITICISM,
        "kantor",
        "Panduan pajak sulit diikuti",
        "Langkah di panduan pajak tidak sama dengan yang ada di layar, sehingga kami menebak-nebak.",
        "service",
    ),
    _Piece(
        Kind.IMPRESSION,
        "toko",
        "Dukungan yang sabar",
        "Terima kasih, petugas dukungan sabar menjelaskan sampai kasir kami bisa sendiri.",
        "service",
    ),
)
_CANNED: Final = (
    ("Sedang kami periksa", "Terima kasih sudah memberi tahu. Kami sedang memeriksanya dan akan kembali hari ini."),
    ("Minta rincian", "Boleh kami tahu langkah apa yang Anda lakukan tepat sebelum itu terjadi?"),
)


async def fill_feedback(listening: Listening, files: FileService, actors: Mapping[str, Actor]) -> None:
    """Give feedback, vote, talk and answer.

    Args:
        listening: the services.
        files: take what comes with some.
        actors: key -> who speaks.
    """
    staff = actors[_STAFF]
    for title, text in _CANNED:
        await again(partial(listening.desk.put_canned, staff, RawText(title), RawText(text)))
    for number, piece in enumerate(_PIECES):
        new = NewItem(
            piece.kind,
            RawText(piece.title),
            RawText(piece.text),
            area=piece.area,
            client_id=f"demo-feedback-{number}",
            file_ids=await _sent(files, actors[piece.by], piece),
        )
        given = await again(partial(listening.giving.give, actors[piece.by], new, network=_NETWORK))
        await _live(listening, actors, given.item.id, piece, f"demo-comment-{number}")


async def _sent(files: FileService, sender: Actor, piece: _Piece) -> tuple[str, ...]:
    """Send what comes with an item; give its id."""
    if piece.file is None:
        return ()
    name, content = piece.file
    sent = await again(
        lambda: files.add(
            known(sender), NEW_FEEDBACK, content.encode(), words=RawText(name), of_a_paper=False, sealed=False
        )
    )
    return (sent.id,)


async def _live(listening: Listening, actors: Mapping[str, Actor], item_id: str, piece: _Piece, key: str) -> None:
    staff = actors[_STAFF]
    for who in piece.votes:
        await listening.votes.vote(actors[who], item_id, given=True, network=f"{_NETWORK}-{who}")
    for number, (who, line) in enumerate(piece.talk):
        client_id = f"{key}-{number}"
        await again(partial(listening.comments.write, actors[who], item_id, RawText(line), client_id=client_id))
    for state in piece.states:
        await again(partial(listening.handling.change, staff, item_id, Change(state=state)))
    last = Change(
        priority=piece.priority,
        response=RawText(piece.response) if piece.response else None,
        changelog=RawText(piece.changelog) if piece.changelog else None,
    )
    if piece.priority or piece.response or piece.changelog:
        await again(partial(listening.handling.change, staff, item_id, last))
