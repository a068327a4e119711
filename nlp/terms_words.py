"""Words of the language that a search index treats in a way of their own: stop words, informal spellings.

Written by hand for what people write to a company and to each other. Folded: lower case, no accents. Must hold no
names and nothing fitted to one set of texts.
"""

from typing import Final

_STOP_INDONESIAN: Final = """
ada adalah adapun agar akan aku anda antara apa apabila apakah atas atau bagai bagaimana bagi bahwa banget beberapa
begini begitu belum berapa bila bisa boleh buat bukan cuma dalam dan dapat dari daripada demi dengan deh di dia dong
dulu entah guna hal halo hanya hai harap harus hendak hingga ia ialah ibarat ini itu jadi jangan jika jikalau juga
kah kak kakak kalau kali kalian kami kamu kan kapan karena kata ke kemudian kenapa kepada ketika kita kok kurang lah
lagi lain lalu lewat lho loh maka mana masih maupun mau melainkan mereka meski mesti mohon mungkin namun nah nanti nih
oleh pada padahal para pasti per perlu permisi pernah pula punya saat saja salam sambil sampai sana sangat saya se
sebab sebagai sebelum sebuah sedang sehingga sejak sekali sekarang sekitar selalu selama seluruh semua sementara
seorang sepertinya seperti serta sering sesuatu sesudah setelah setiap siapa sih sini situ suatu sudah supaya tadi
tanpa tapi telah tentang tentu terhadap terima kasih terus tetap tetapi tiap toh tolong untuk wah walau yaitu yakni
yang ya yuk nya ku mu pun si sang
"""
_STOP_ENGLISH: Final = """
a about after all also am an and any are as at be because been before being but by can cannot could did do does doing
done for from get got had has have having he hello her here hers hi him his how i if in into is it its just like may me
might more most much must my no nor of on once one only or other our ours out over please shall she should so some such
than thank thanks that the their theirs them then there these they this those through to too under until up upon us
very was we were what when where which while who whom whose why will with would yes yet you your yours
"""
_STOP_WEB: Final = "http https www com html amp nbsp"

STOP_WORDS: Final = frozenset(f"{_STOP_INDONESIAN} {_STOP_ENGLISH} {_STOP_WEB}".split())
"""Words that say nothing about what a text is about. Negations are not among them: `tidak bisa` is what people ask."""

_INFORMAL: Final = """
tidak: ga gak gk nggak ngga enggak engga kagak tdk tak ndak nda tida not dont doesnt isnt cant
bisa: bsa bs
belum: blm blom belom
sudah: udah udh sdh dah uda
yang: yg
dengan: dgn dg sama sm
untuk: utk tuk
dan: dn
karena: krn karna soalnya
kalau: kalo klo kl klu
tetapi: tp tpi
bagaimana: gimana gmn gimn bgmn
kenapa: knp knapa napa mengapa
juga: jg jga
saja: aja aj
lagi: lg lgi
saya: sy gue gw gua aq
kamu: lu lo loe km
banyak: bnyk byk
orang: org
dari: dr dri
pada: pd
jangan: jgn jng
sekarang: skrg skrng skr
harus: hrs
tolong: tlg tlong
terima: trima trims makasih mksh thx tks tengkyu
kirim: krm
bayar: byr
barang: brg brng
harga: hrg
nomor: no nomer nmr
telepon: telp tlp telpon telfon telf tlpn
email: mail imel surel
handphone: hp ponsel hape
rekening: rek norek
transfer: tf trf trsf
aplikasi: app apps aplikasinya
laporan: lap
pesan: psn
akun: account
kata-sandi: password pasword passwd pwd sandi
unduh: download donlot dl
unggah: upload aplod
cetak: print ngeprint
masuk: login signin
keluar: logout signout
daftar: signup register registrasi
perbarui: update apdet updet upgrade
galat: error eror err
baru: new
"""
INFORMAL: Final = {
    informal: formal.replace("-", "")
    for formal, _, spellings in (line.partition(":") for line in _INFORMAL.strip().splitlines())
    for informal in spellings.split()
}
"""A short, informal or borrowed spelling -> the word it stands for, so that either finds the other."""
