"""Invented Indonesian forum and chat texts: some words in every other sentence, a long tail that hardly anybody uses.

Nothing in them is an identifier, and nobody wrote them: they are put together by chance, with a fixed seed. Must not
know where they are stored.
"""

import itertools
import random
from collections.abc import Sequence
from typing import Final

_SYLLABLES: Final = ("ba", "du", "ki", "lo", "me", "na", "pi", "ra", "su", "ti", "wa", "yo")

THINGS: Final = (
    "printer", "kasir", "struk", "laporan", "stok", "barang", "faktur", "pajak", "pelanggan", "cabang", "antrean",
    "layar", "aplikasi", "jaringan", "tagihan", "pembayaran", "akun", "data", "impor", "lembar", "kolom", "diskon",
    "kupon", "gudang", "laci", "pemindai", "timbangan", "label", "rak", "meja", "tablet", "kabel", "kertas", "tinta",
    "menu", "resep", "jadwal", "dokter", "pasien", "kamar", "obat", "klaim", "formulir", "berkas", "cadangan",
    "sandi", "peran", "izin", "mutasi", "retur", "garansi", "ongkir", "kurir", "paket", "etalase", "katalog", "foto",
    "judul", "ulasan", "promo", "poin", "anggota", "kas", "modal", "utang", "piutang", "neraca", "anggaran", "gaji",
    "lembur", "absen", "cuti", "kontrak", "pemasok", "pesanan", "kiriman", "nota", "meteran", "mesin", "baterai",
    "sinyal", "modem",
)  # fmt: skip  # words, read across
_DOINGS: Final = (
    "mencetak", "membuka", "menutup", "menyimpan", "mengirim", "menerima", "menghitung", "memindai", "mengimpor",
    "mengekspor", "menghapus", "mengubah", "menambah", "memeriksa", "memilih", "mengatur", "memasang", "memperbarui",
    "menyalin", "memindahkan", "membatalkan", "mengulang", "mencari", "menampilkan", "menggabungkan", "membagi",
    "menghubungkan", "mencatat", "menyetujui", "menolak",
)  # fmt: skip  # words, read across
_HOW: Final = (
    "kosong",
    "lambat",
    "terpotong",
    "ganda",
    "salah",
    "hilang",
    "macet",
    "berhasil",
    "lancar",
    "penuh",
    "tertunda",
    "terkunci",
    "buram",
)
_WHEN: Final = (
    "sejak kemarin",
    "setelah pembaruan",
    "setiap sore",
    "pagi tadi",
    "sesekali",
    "di akhir bulan",
    "waktu ramai",
    "di cabang baru",
    "lewat tablet",
    "tanpa internet",
)
_SENTENCES: Final = (
    "Waktu {doing} {thing}, hasilnya {how} {when}.",
    "Coba buka *Pengaturan > {Thing}*, lalu {doing} {thing} {rare}.",
    "Di tempat kami {thing} {how} {when}, padahal {thing} {rare} baik-baik saja.",
    "Sudah saya coba {doing} {thing}, tetap {how}.",
    "Apakah {thing} bisa {doing} {thing} tanpa {thing} {rare}?",
    "Terima kasih, dengan {doing} {thing} sekarang {how}.",
    "Kalau {thing} {how}, periksa dulu **{thing} {rare}** dan {thing}.",
    "Menurut saya {thing} perlu {doing} {thing} {when}.",
    "Pesan yang muncul: `{rare} {how}`.",
    "Kami pakai {thing} {rare} dan {doing} {thing} {when}.",
)
_SENTENCES_KNOWN: Final = 4_000
_TITLES: Final = (
    "{Thing} {how} {when}",
    "Cara {doing} {thing} {rare}",
    "{Thing} {rare}: {doing} {thing}",
    "Bagaimana {doing} {thing} {when}?",
    "{Thing} dan {thing} {how}",
)
TAGS: Final = tuple(THINGS[:40])


class Sayings:
    """Says things by chance.

    Args:
        seed: the same says the same.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._said_before: list[str] = []
        rare = ["".join(three) for three in itertools.product(_SYLLABLES, repeat=3)]
        self._rare = [*rare, *(first + last for first in rare[::7] for last in rare[::11])]
        self._weights = {len(words): _falling(len(words)) for words in (THINGS, _DOINGS, _HOW, _WHEN, self._rare)}

    def title(self) -> str:
        """A topic's title."""
        return self._filled(self._chance.choice(_TITLES))

    def paragraphs(self) -> list[list[str]]:
        """The paragraphs of a post, one to three, each of one to four sentences."""
        count = self._chance.choices((1, 2, 3), (5, 3, 1))[0]
        return [[self.again() for _ in range(self._chance.randint(1, 4))] for _ in range(count)]

    def post(self) -> str:
        """A post."""
        return "\n\n".join(" ".join(sentences) for sentences in self.paragraphs())

    def again(self) -> str:
        """One of some thousand sentences, each of which is said many times."""
        if len(self._said_before) < _SENTENCES_KNOWN:
            self._said_before.append(self.sentence())
            return self._said_before[-1]
        return self._chance.choice(self._said_before)

    def sentence(self) -> str:
        """One sentence."""
        return self._filled(self._chance.choice(_SENTENCES))

    def words(self, count: int) -> list[str]:
        """Things that people talk about, each as often as they do."""
        return [self._word(THINGS) for _ in range(count)]

    def rare(self) -> str:
        """A word that few use."""
        return self._chance.choice(self._rare[len(self._rare) // 2 :])

    def tags(self) -> tuple[str, ...]:
        """None to three tags, sorted."""
        count = self._chance.choices((0, 1, 2, 3), (2, 4, 3, 1))[0]
        return tuple(sorted({self._word(TAGS) for _ in range(count)}))

    def _filled(self, form: str) -> str:
        pieces = form.split("{")
        said = [pieces[0]]
        for piece in pieces[1:]:
            name, _, rest = piece.partition("}")
            said.append(self._said(name) + rest)
        return "".join(said)

    def _said(self, name: str) -> str:
        match name:
            case "doing":
                return self._word(_DOINGS)
            case "how":
                return self._word(_HOW)
            case "when":
                return self._chance.choice(_WHEN)
            case "rare":
                return self._word(self._rare)
            case "Thing":
                return self._word(THINGS).capitalize()
            case _:
                return self._word(THINGS)

    def _word(self, words: Sequence[str]) -> str:
        weights = self._weights.get(len(words)) or _falling(len(words))
        return self._chance.choices(words, cum_weights=weights)[0]


def _falling(count: int) -> list[float]:
    """How often words are said, added up: the second half as often as the first, and so on (Zipf)."""
    return list(itertools.accumulate(1 / (rank + 2) for rank in range(count)))
