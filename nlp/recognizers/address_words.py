"""The vocabulary of Indonesian addresses. Words only; what they add up to is decided in ``address``."""

from enum import StrEnum
from typing import Final


class Part(StrEnum):
    """What a word opens in an address."""

    STREET = "street"
    ALLEY = "alley"
    NUMBER = "number"
    KILOMETRE = "kilometre"
    NEIGHBOURHOOD = "neighbourhood"
    BLOCK = "block"
    UNIT = "unit"
    COMPLEX = "complex"
    BUILDING = "building"
    VILLAGE = "village"
    SUBDISTRICT = "subdistrict"


_WORDS: Final = {
    Part.STREET: "jl jln jalan jlan jalanan",
    Part.ALLEY: "gg gang lr lrg lorong gng",
    Part.NUMBER: "no n0 nomor nomer kav kavling",
    Part.KILOMETRE: "km",
    Part.NEIGHBOURHOOD: "rt rw",
    Part.BLOCK: "blok blk block blog",
    Part.UNIT: "lantai lt unit suite zona kamar los kios stan lot jalur flat",
    Part.COMPLEX: (
        "perum perumahan komplek kompleks komp cluster griya villa btn apartemen apt apartment rusun rusunawa "
        "ruko aspol asrama residence residency kawasan townhouse rumdin perumnas kos kost kosan kontrakan mess"
    ),
    Part.BUILDING: "gedung menara tower wisma graha mall plaza pasar rs rsud simpang simp handil",
    Part.VILLAGE: (
        "dusun dsn dukuh dk kp kampung kampong banjar br jorong link lingkungan lingk lk pedukuhan padukuhan ling "
        "kpg kmp huta"
    ),
    Part.SUBDISTRICT: "kel kelurahan desa ds kal nagari gampong",
}
PARTS: Final = {word: part for part, words in _WORDS.items() for word in words.split()}
"""Word to the part it opens."""

NEVER_FIRST: Final = frozenset({Part.NUMBER, Part.KILOMETRE, Part.UNIT})
"""Parts that no address begins with."""

STARTERS: Final = frozenset(word for word, part in PARTS.items() if part not in NEVER_FIRST)
"""Without one of these words there is no address."""

ABBREVIATIONS: Final = frozenset(
    word
    for words in (
        "jl jln gg gng lr lrg no n0 kav km rt rw blk lt apt komp perum perumdos simp ds dsn dk kp kpg kmp br",
        "lk ling lingk kel kal",
        "jend jen ir h hj kh dr drs prof r rr let letjen kapt mayjen st tgk dg rm sm mt kol brigjen s",
    )
    for word in words.split()
)
"""Words after which a full stop ends no sentence."""

_STOP: Final = (
    "kec kecamatan kab kabupaten kodya prov provinsi kodepos pos yg yang ya yah nya no hp wa telp tlp an nama "
    "penerima u.p up sebelah depan dekat deket dkt belakang samping seberang dpn sblh blkg pagar cat patokan "
    "rumah warna dan sama dengan dgn tapi tp karena krn untuk utk buat ke di dari dr ini itu kalau kalo klo "
    "klu jangan jgn sudah sdh udah udh dah belum blm bilang turun tidak tdk ga gak nggak ngga kok sih dong "
    "deh lho loh kak min mas mbak pak bu bapak ibu bpk bang bro om tante saya sy aku gue gw kami kita mohon "
    "tolong tlg lalu terus trs bisa ada apa mana kapan jam tgl tanggal hari besok lift mati macet banjir rusak ramai "
    "rame sepi tutup buka lagi banget bgt aja saja doang semua masih msh mau minta kirim antar jemput cod "
    "kurir paket pesanan isi nik ktp email note catatan tel phone please pls thanks makasih terima trims the "
    "is are was and or for to at near behind opposite beside from with my your our his her it on of in kosong "
    "alamat lewat via sampai sampe arah menuju masuk keluar belok lurus setelah sebelum habis bukan pas tepat "
    "isinya order rek ukuran size total harga rp kawan bila jika agar supaya nanti ntar skrg sekarang kemarin "
    "kmrn tadi td itulah nih tuh wae ae lor sing karo nang teu mah atuh euy wis iku iki kuwi mang teh kang "
    "abah pojok pertigaan perempatan titip terima diterima dikirim diantar salah benar betul sesuai penghuni "
    "pemilik tinggal tiap setiap sama2 ambil bawa boleh kapan2 sewa punya milik jadi jd sekali lah kan toh "
    "rmh tlpn hubungi hub contact"
)
STOP_WORDS: Final = frozenset(_STOP.split()) - frozenset({"no", "lor"})
"""Words that never belong to the name of a street or village, and so end an address."""
