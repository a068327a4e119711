"""The vocabulary around stated secrets. Words only; what they add up to is decided in ``secret``."""

from typing import Final

_FILLERS: Final = (
    "nya ny ku mu e ne na saya sy aku gue gw gua ane kami kita my mine the your our their his her kamu anda "
    "user akun wifi wi-fi email kos kost toko kantor rumah admin login aplikasi app atm dana ovo gopay "
    "mbanking zip file pdf ssh db server root default baru lama yg yang lawas anyar ini itu tu iku ieu adalah "
    "ialah yaitu is was are be ganti diganti jadi jd menjadi to into kayak kaya seperti like eg contoh misal "
    "contohnya pakai pake pakek use using pinjam tolong please temporary sementara old new current saat "
    "sekarang skrg now tadi td kan lho loh ya yah kak min mas mbak bang bro dong gampang aja saja masih still "
    "tetap tetep udah sudah sdh dah masuk masukin isi diisi ketik tulis coba dicoba try tried i teh mah teu "
    "nu sing karo wae for of on in di ke utk untuk buat dari punya milik sendiri sama dgn dengan and dan "
    "terakhir last first pertama kedua awal it its must should harusnya seharusnya bener benar benernya vault "
    "master shared bersama internet banking portal pasien sekolah kasir kamar vip tamu guest bilang dikasih "
    "kasih given gave give me you us sorry maaf eh oh jangan reset resetin attempt percobaan hp laptop pc "
    "komputer it sm oleh kode"
)
FILLERS: Final = frozenset(_FILLERS.split())
"""Words that stand between "password" and the password."""

_STATES: Final = (
    "salah wrong expired kadaluarsa incorrect invalid ditolak rejected bocor leaked hilang berubah sulit "
    "susah panjang pendek lemah kuat mudah strong simple secure required wajib minimal maksimal terlalu "
    "sering tidak ngga nggak belum not never always correct kosong rahasia penting otomatis terkirim diterima "
    "terkunci dikunci blocked disable enabled disimpan stored changed updated semua sendiri masalah problem "
    "saved masuk keluar tanggal nomor kombinasi mereka orang lupa kelupaan forgotten kekunci nggak gabisa "
    "ndak raiso lali"
)
STATES: Final = frozenset(_STATES.split()) | FILLERS
"""Words that say something about a password, and so are none."""

COPULAS: Final = frozenset({"adalah", "ialah", "yaitu", "is", "kan", "=", ":"})
"""After these even an ordinary word is the password."""
