"""Scam patterns by tables: what is meant, and the honest sentences that use the same words. All of it invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.scams import SCAMS, scams

_HITS = {
    "asks_secret": [
        "Tolong kirimkan kode OTP yang masuk ke HP anda ya kak",
        "Mohon sebutkan PIN ATM anda untuk proses verifikasi",
        "kirim k0de 0TP nya sekarang biar akun ga diblokir",
        "Silakan balas dengan password akun anda",
        "Untuk pencairan, masukkan kode verifikasi di form ini",
        "share kode O.T.P ke kami segera",
        "berikan 3 digit belakang kartu dan tanggal kedaluwarsa",
        "kak, infokan PIN sama OTP nya ya",
        "Kami membutuhkan kata sandi email anda untuk sinkronisasi",
        "Kode OTP nya tolong dikirimkan ke ⟦PHONE:1⟧",
        "berapa kode OTP anda?",
        "Boleh minta kode OTP nya kak?",
        "Please send me the verification code you just received",
        "Kindly confirm your password to keep your account",
        "We need your OTP. Reply with your 6 digit security code now",
        "What is your PIN?",
        "Enter your seed phrase here to restore the wallet",
        "Can you share the login code with me?",
        "Penipuan marak! Amankan akun: ketik password lama anda di sini",
        "teruskan sms code itu ke saya",
        "кirim kode оtp ke admin",
        "Isikan CVV dan masa berlaku kartu kredit pada balasan",
    ],
    "asks_transfer": [
        "Silakan transfer biaya admin 150rb ke rekening berikut",
        "tolong tf dulu 50 ribu untuk pencairan hadiah",
        "Segera kirim dana jaminan ke ⟦BANK_ACCOUNT:1⟧",
        "transfer ke rekening ⟦BANK_ACCOUNT:2⟧ a.n. bendahara",
        "Mohon setor deposit minimal Rp 100.000 lewat dana",
        "harap bayar pajak hadiah sebelum klaim, kirim ke ovo ⟦PHONE:1⟧",
        "cukup isi pulsa 100rb ke nomor ini langsung diproses",
        "bayar biaya administrasi dulu supaya pinjaman cair",
        "kirim uang 200rb untuk aktivasi akun",
        "TF ke gopay ⟦PHONE:3⟧ sekarang juga",
        "setor ke va berikut agar barang dikirim",
        "wajib top up saldo 250 ribu",
        "Please transfer the fee to unlock your account",
        "Kindly pay the processing fee of 20k today",
        "Send 50 usdt to my wallet and I double it",
        "just wire funds to this bank account",
        "buy two gift cards and scratch the code",
        "send money to the account below first",
        "Pay a small deposit in bitcoin to release the parcel",
        "langsung transfer uang muka ke norek ⟦BANK_ACCOUNT:1⟧",
    ],
    "moves_private": [
        "Hubungi kami di WA ⟦PHONE:1⟧",
        "lanjut chat di telegram ya kak",
        "japri aja ke ⟦PHONE:1⟧",
        "klik wa.me/promo untuk bantuan",
        "Gabung grup telegram kami sekarang",
        "kontak admin lewat whatsapp ⟦PHONE:2⟧",
        "pindah ke wa pribadi aja biar cepat",
        "add line saya ⟦USERNAME:1⟧",
        "silakan chat w h a t s a p p ⟦PHONE:1⟧",
        "untuk solusi cepat, dm aja via telegram admin",
        "Contact me on WhatsApp ⟦PHONE:1⟧",
        "text me on telegram ⟦USERNAME:2⟧",
        "Let's continue on signal",
        "message our agent via telegram",
        "join t.me/cuanharian",
        "reach us through whatsapp now",
        "hubungi ⟦PHONE:4⟧ untuk pengaktifan akun",
        "telepon ⟦PHONE:1⟧ sekarang, slot terbatas",
        "kirim pesan ke kami lewat wa saja",
        "lanjutkan obrolan ini ke tele",
    ],
    "prize": [
        "Selamat! Anda terpilih sebagai pemenang undian tahunan",
        "SELAMAT nomor anda mendapatkan hadiah mobil",
        "Klaim hadiah anda sekarang",
        "ambil bonus 500rb di sini",
        "Akun anda memenangkan undian berhadiah",
        "dapatkan cashback langsung cair, hadiah Rp 5.000.000",
        "slot gacor maxwin hari ini",
        "daftar situs judi online terpercaya",
        "penghasilan 2 juta per hari tanpa modal",
        "cuan dijamin sehari 500rb",
        "pinjaman cepat cair tanpa jaminan",
        "s l o t gacor malam ini",
        "kamu terpilih menang hadiah utama",
        "bonus deposit 100% langsung",
        "Congratulations, you have been selected for our reward",
        "You won the grand prize of the year",
        "claim your prize before midnight",
        "earn up to 300 dollars per day from home",
        "collect your lottery winnings",
        "redeem free giveaway now",
        "loan with instant approval, no credit check",
    ],
    "impersonates_staff": [
        "Saya CS resmi, ada yang bisa dibantu",
        "Kami dari tim support, akun anda bermasalah",
        "kami adalah petugas bagian verifikasi",
        "ini admin ya kak, akunnya perlu diperbarui",
        "Perkenalkan saya dari tim keamanan",
        "Admin resmi di sini, silakan ajukan keluhan",
        "saya sebagai moderator meminta anda pindah",
        "aku cs nya kak",
        "kami selaku customer service menghubungi anda",
        "atas nama tim resmi kami menawarkan kompensasi",
        "sаya аdmin forum ini",
        "kami tim verifikasi akun",
        "saya staff resmi bagian refund",
        "ini operator layanan pelanggan",
        "I am from the support team",
        "We are the official helpdesk",
        "this is customer support speaking",
        "I'm your account manager",
        "on behalf of the support team I contact you",
        "we're with the security team",
    ],
}

_HONEST = [
    "Jangan pernah berikan kode OTP kepada siapa pun",
    "Jangan kasih tahu PIN, OTP, atau password ke orang lain ya",
    "Hati-hati, admin tidak pernah meminta kode OTP",
    "Apakah CS boleh meminta OTP?",
    "Kode OTP saya tidak masuk sejak pagi",
    "kode otp ga masuk2, gimana ya?",
    "Saya lupa password, bagaimana cara menggantinya?",
    "Bagaimana cara mengganti PIN aplikasi?",
    "Kemarin ada yang minta saya kirim kode OTP, saya tolak",
    "Dia minta PIN saya, katanya dari bank",
    "Somebody asked me for my verification code yesterday",
    "Never share your OTP with anyone",
    "Our staff will never ask you to send your password",
    "How do I reset my password?",
    "Where do I enter the verification code?",
    "Saya sudah transfer ke rekening resmi tapi status belum berubah",
    "sudah tf dari kemarin kok belum masuk?",
    "Kapan dana refund dikirim ke rekening saya?",
    "Biaya admin bulan ini berapa?",
    "Metode pembayaran apa saja yang didukung?",
    "Pembayaran lewat virtual account gagal terus",
    "I already transferred the money to your bank account, order still open",
    "Do not send money to anyone who contacts you",
    "Can I pay with a gift card?",
    "Notifikasi WhatsApp saya tidak muncul",
    "Apakah ada nomor WA resmi?",
    "Jangan hubungi nomor WA itu, penipuan",
    "Integrasi Telegram di aplikasi ini stabil sekali",
    "Fitur ekspor ke WhatsApp berguna untuk toko saya",
    "The WhatsApp integration stopped working after the update",
    "Selamat pagi semuanya, izin bertanya",
    "Selamat datang di forum",
    "Terima kasih, masalahnya sudah selesai",
    "Congratulations on the new release!",
    "Apakah pesan 'anda menang undian' itu penipuan?",
    "Saya dapat sms katanya menang hadiah, modus lama",
    "Hadiah ulang tahun untuk anak saya sudah sampai",
    "Slot memori di server penuh, bagaimana menambahnya?",
    "Penghasilan toko saya turun bulan ini",
    "Saya bukan admin, hanya pengguna biasa",
    "Saya hubungi CS kemarin dan dibantu dengan baik",
    "kami menghubungi tim support dua kali",
    "Ada akun yang mengaku admin, mohon dicek",
    "I am not staff, just a customer",
    "I contacted customer support last week",
    "Somebody pretends to be your support team",
    "Mohon admin perbaiki tampilan laporan",
    "Terima kasih admin dan moderator",
    "Nomor saya ⟦PHONE:1⟧ sudah terdaftar tapi tidak bisa masuk",
    "Alamat kirim saya ⟦ADDRESS:1⟧, paket belum sampai",
    "Pin lokasi di peta meleset jauh",
    "Harga paket 150rb sudah termasuk pajak?",
    "Stok di gudang 30 ribu unit, laporan menunjukkan 3 ribu",
    "Tombol klaim garansi tidak bisa ditekan",
    "Line chart di dasbor tidak tampil",
]


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in _HITS for text in _HITS[name]])
def test_what_is_meant_is_seen(name: str, text: str) -> None:
    """Each pattern in the words of chat, disguised ones among them."""
    assert name in scams(text)


@pytest.mark.parametrize("text", _HONEST)
def test_honest_talk_with_the_same_words_is_left_alone(text: str) -> None:
    """Warnings, questions, reports, thanks: none shows any pattern."""
    assert scams(text) == frozenset()


def test_every_pattern_has_its_table() -> None:
    """Twenty of each at least."""
    assert set(_HITS) == set(SCAMS)
    assert min(len(texts) for texts in _HITS.values()) >= 20
    assert len(_HONEST) >= 40


def test_a_warning_does_not_shield_what_follows() -> None:
    """Scammers warn of scams too."""
    text = "Hati-hati penipuan! Kami tidak pernah meminta uang. Kirim kode OTP anda ke kami agar aman."
    assert "asks_secret" in scams(text)


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    """Names of patterns and nothing else."""
    assert scams(text) <= set(SCAMS)
