"""Tables of messages for every family: what must be found, exactly, and what must be left alone.

The expected span is marked «LABEL|text»; all identifiers are invented.
"""

import re

import pytest

from nlp.labels import Label
from nlp.normalise import normalise
from nlp.patterns import find_patterns
from nlp.spans import Span, resolve

_MARK = re.compile(r"«(?P<label>[A-Z_]+)\|(?P<value>[^»]*)»", re.DOTALL)


def found_in(text: str) -> list[tuple[str, str]]:
    """Label and text of every span, edges without letters and digits cut off, in order."""
    normal = normalise(text)
    spans = [Span(*normal.original(s.start, s.end), s.label, s.score) for s in find_patterns(normal.text)]
    return [(span.label.value, text[span.start : span.end].strip(" .,;:()\n-+°\"'")) for span in resolve(spans)]


def check(marked: str) -> None:
    expected = [(m["label"], m["value"].strip(" .,;:()\n-+°\"'")) for m in _MARK.finditer(marked)]
    assert found_in(_MARK.sub(lambda m: m["value"], marked)) == expected


@pytest.mark.parametrize(
    "marked",
    [
        "hp saya «PHONE|0812-3456-7891» ya",
        "«PHONE|+62 813 5550 0192» tolong wa",
        "hubungi «PHONE|(0274) 551 2098» jam kerja",
        "wa.me/«PHONE|6281355500192»",
        "nomor baru «PHONE|0 8 1 3 5 5 5 0 0 1 9 2»",
        "no wa «PHONE|O8I3-555O-O192»",
        "telp «PHONE|nol delapan satu tiga lima lima lima nol nol satu sembilan dua» makasih",
        "nmr ku «PHONE|nol8satu3 55 lima0 0satu9 2»",
        "hp «PHONE|０８１３５５５００１９２»",
        "hp «PHONE|0\u200b8135\u200b5500192»",
        "hp: «PHONE|0813-\n  5550-\n  0192»",
        "call «PHONE|zero eight one three, double five five, double zero one nine two»",
        "my number is «PHONE|+44 7911 402 658»",
        "kirim ke dana «PHONE|0858 9220 3317» a/n Sari",
        "hub «PHONE|0813 empat882 1o57» ya",
        "call «PHONE|plus six two 812 nine three 41 five five two» after nine",
        "forget the other one «PHONE|0821 4402 917», it is off",
    ],
)
def test_phone_numbers_are_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize("sign", ["|", "~", "=", " | ", " ~ ", " = ", "||", "?", "!", ";", " ... ", "…", " . . . "])
def test_phone_numbers_behind_odd_signs_are_found(sign: str) -> None:
    number = sign.join(["0812", "5550", "7731"])
    check(f"«PHONE|{number}»")
    check(f"makasih ya, «PHONE|{number}»")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "<br>", "<br/>\n"])
def test_phone_numbers_over_lines_are_found(end: str) -> None:
    number = end.join(["0812", "5550", "7731"])
    check(f"«PHONE|{number}»")


@pytest.mark.parametrize("dropped", ["\ufffd", "\0", "\x07", "\u200b", "\ue001"])
def test_characters_that_nobody_sees_hide_nothing(dropped: str) -> None:
    number = dropped.join("081255507731")
    check(f"hp «PHONE|{number}»")


@pytest.mark.parametrize(
    "marked",
    [
        "«PHONE|0812|5550~7731»",
        "«PHONE|0812-5550|7731»",
        "«PHONE|0812=55=507731»",
        "+«PHONE|62|812|5550|7731»",
        "«PHONE|0|8|1|2|5|5|5|0|7|7|3|1»",
        "«PHONE|08|12|55|50|77|31»",
        "<b>«PHONE|0812</b>5550<i>7731»</i>",
        "«PHONE|08<b>12</b>5550<i>77</i>31»",
        "<h1>«PHONE|0812</h1><h2>5550</h2>7731»",
        "<td>«PHONE|0812</td><td>5550</td><td>7731»</td>",
        '<a href="tel:«PHONE|081255507731»">x</a>',
        "| 12 | «PHONE|0812 5550 7731» | 500 |",
        "rek BCA «BANK_ACCOUNT|7144|3209|81»",
        "npwp «NPWP|09|254|831|2|407|000»",
        "nik «NIK|3171=2345=6789=0123»",
        "kartu kredit «CARD|4539|7702|1186|3428»",
    ],
)
def test_numbers_in_odd_groups_are_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize(
    "text",
    [
        "harga 10.000 | 20.000",
        "| 0812 | 12 | 3000 |",
        "id|qty|harga\n081|5|25000\n082|3|15000",
        "a=1 b=2, width=640 height=480",
        "stok: 0812=5, 0813=7",
        "2*3=6 | 4*5=20",
        "jam 08:15 | 09:30 | 10:45",
        "08.15 | 09.30 | 10.45",
        "08|11|14|17|20",
        "08:15:30 - 09:20:11",
        "tgl 12-03-2026 | 13-03-2026",
        "2020 ... 2021 ... 2022 ... 2023",
        "2023\r\n2024\r\n2025\r\n2026",
        "v1.2.3 | v1.2.4",
        "order 12345 | 67890",
        "<td>100</td><td>200</td><td>3000</td>",
        "tf BCA 10.000 | 20.000",
        "BCA 500000 | 250000 | 100000",
        "tf BCA 50000|25000|10000",
        "RM 100|200|300",
        "8 | 0 | 8 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 9",
    ],
)
def test_tables_sums_and_times_are_no_numbers(text: str) -> None:
    assert found_in(text) == []


@pytest.mark.parametrize(
    "marked",
    [
        "⟪PHONE:«PHONE|8125⟫⟪PHONE:5507⟫⟪PHONE:731»⟫",
        "«PHONE|0812 ⟪NIK:5550⟫ 7731»",
        "«PHONE|8125 ⟪X:5507⟫ 731»",
        "⟪phone:«PHONE|0812⟫⟪phone:5550⟫⟪a:7731»⟫",
        "«PHONE|0⟪NIK:8⟫⟪NIK:1⟫⟪NIK:2⟫⟪NIK:5⟫⟪NIK:5⟫⟪NIK:5⟫⟪NIK:1⟫⟪NIK:7⟫⟪NIK:7⟫⟪NIK:3»⟫",
        "kak ⟪NIK:«NIK|3171⟫⟪NIK:2345⟫⟪NIK:6789⟫⟪NIK:1230»⟫",
        "rek BCA ⟪X:«BANK_ACCOUNT|7144⟫⟪X:3209⟫⟪X:81»⟫",
    ],
)
def test_numbers_dressed_up_as_placeholders_are_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize(
    "text",
    [
        "⟪PHONE:1⟫ ⟪PHONE:2⟫",
        "hp ⟪PHONE:812⟫ ya",
        "⟪PERSON:8⟫, ⟪PERSON:9⟫, ⟪PERSON:10⟫, ⟪PERSON:11⟫, ⟪PERSON:12⟫",
        "⟪PERSON:8⟫ ⟪PERSON:9⟫ ⟪PERSON:10⟫ ⟪PERSON:11⟫ ⟪PERSON:12⟫",
        "rek ⟪BANK_ACCOUNT:1⟫ ⟪BANK_ACCOUNT:2⟫ ⟪BANK_ACCOUNT:11⟫ ⟪BANK_ACCOUNT:3⟫ ⟪BANK_ACCOUNT:14⟫",
    ],
)
def test_quoted_placeholders_are_left_alone(text: str) -> None:
    assert found_in(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "telepon 112 kalau darurat",
        "cs nya 1500-046 ga diangkat",
        "total 1.250.000 sudah ditransfer",
        "resi JX4491820037 belum jalan",
        "invoice INV-20250611-0083",
        "barcode 8995077601234",
        "jam 08.15 sampai 10.30 tgl 12-03-2026",
        "tiket HC-2025-004417 dari 3 orang",
        "nomor dada 0813, 0274, 0361",
    ],
)
def test_numbers_of_things_are_left_alone(text: str) -> None:
    assert found_in(text) == []


@pytest.mark.parametrize(
    "marked",
    [
        "NIK saya «NIK|3204256803640003»",
        "ktp «NIK|3204.2568.0364.0003» a.n. Yayah",
        "nik\n«NIK|3204\n2568\n0364\n0003»",
        "«NIK|3204256803640003» ini siapa",
        "«NIK|3171-2345-6789-0123»",
        "«NIK|317123 456789 0123» punya siapa",
        "no kk «KK|3204251206070018» ada 4 orang",
        "kartu keluarga: «KK|3204251206070018»",
        "npwp «NPWP|09.254.831.2-407.000»",
        "NPWP 16 digit «NPWP|0092548312407000»",
        "«NPWP|09.254.831.2-407.000» itu punya toko",
        "bpjs «BPJS|0001284470913»",
        "no kartu «BPJS|000 1284 470 913»",
        "bpjs ku «BPJS|nol nol nol satu dua delapan empat empat tujuh nol sembilan satu tiga»",
    ],
)
def test_civil_numbers_are_found(marked: str) -> None:
    check(marked)


def test_sixteen_digits_without_structure_are_no_nik() -> None:
    assert found_in("kode bayar 8899012277345501") == []
    assert found_in("order 9904256803640003") == []
    assert found_in("9904-2568-0364-0003") == []
    assert found_in("3171234567890123") == []
    assert found_in("voucher 3171-2345-6789-0123") == []
    assert found_in("token 3171 2345 6789 0123 4567") == []
    assert found_in("1971 1972 1973 1974") == []


@pytest.mark.parametrize(
    "marked",
    [
        "rek BCA «BANK_ACCOUNT|8831004726» a.n. Sari",
        "transfer ke «BANK_ACCOUNT|7144-3209-81» bsi ya",
        "norek bri «BANK_ACCOUNT|0061-01-059917-53-2»",
        "BCA «BANK_ACCOUNT|0812 0055 3917» atas nama toko",
        "rek «BANK_ACCOUNT|7144320981» bukan «BANK_ACCOUNT|7144320918»",
        "kartu kredit «CARD|4539 7702 1186 3428»",
        "amex «CARD|3782 822463 10005» ditolak",
        "visa «CARD|４５３９ ７７０２ １１８６ ３４２８»",
    ],
)
def test_money_numbers_are_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize(
    "text",
    ["tf BCA 12.750.000 tadi pagi", "virtual account 880812345678 sudah expired", "saldo bri 2.350.000 hilang"],
)
def test_sums_and_payment_codes_are_no_accounts(text: str) -> None:
    assert found_in(text) == []


@pytest.mark.parametrize(
    "marked",
    [
        "no RM «MEDICAL_RECORD|00-41-87-29»",
        "rekam medis saya «MEDICAL_RECORD|218734» ketuker",
        "MRN «MEDICAL_RECORD|2024-118820» please",
        "RM «MEDICAL_RECORD|60.31.7782» tapi di gelang «MEDICAL_RECORD|60.31.7728»",
        "passport no «PASSPORT|C4471902»",
        "paspor «PASSPORT|X 0 7 7 1 2 8 3» hilang",
        "my pa$$port is «PASSPORT|A·1·8·8·0·2·4·7»",
        "plat «PLATE|B 6619 TZK» parkir sembarangan",
        "ada Avanza «PLATE|DK 7719 AE» nutup jalan",
        "motor «PLATE|g 5528 ahc» kena tilang",
        "nopol «PLATE|N 4 satu 1 9 VB»",
        "mtr «PLATE|b 4471 kxz» parkir depan",
        "plat ambulans «PLATE|D K - 1 2 9 4 - B C»",
    ],
)
def test_records_passports_and_plates_are_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize(
    "text",
    [
        "sewa RM 50 semalam di Penang",
        "ukuran L 40 cm dan b 12 cm",
        "Blok B 12 A belum bayar iuran",
        "flight GA 417 delay",
        "antri poli no 33",
        "paspor saya hilang di bandara",
    ],
)
def test_look_alikes_of_records_and_plates_are_left_alone(text: str) -> None:
    assert found_in(text) == []


@pytest.mark.parametrize(
    "marked",
    [
        "email «EMAIL|tini.w+toko@contoh.example» ya",
        "«EMAIL|tini[at]contoh[dot]example» aja",
        "«EMAIL|tini dot wati at contoh dot com»",
        "emailku «EMAIL|tini titik wati et gmail titik com»",
        "e=«EMAIL|tini%40contoh.example» error",
        "«EMAIL|tini_ @ gmail . com» tanpa spasi",
        "«EMAIL|t.i.n.i@g.m.a.i.l.c.o.m» hapus titiknya",
        "Ｅｍａｉｌ：«EMAIL|ｔｉｎｉ＠ｃｏｎｔｏｈ．ｅｘａｍｐｌｅ»",
        "IG @«USERNAME|tini.jahit_»",
        "username saya «USERNAME|tini_jahit88» lupa sandi",
        "linkedin.com/in/«USERNAME|tini-wati-jahit»",
        "nick «USERNAME|xXBulanSabitXx»",
        "makasih «USERNAME|koh_asun», «USERNAME|ratna.77» atas bantuannya",
        "login dari ip «IP|103.147.84.219» tadi",
        "IP: «IP|2001:448a:50e0:1f::27»",
        "ip nya «IP|36 . 88 . 141 . 207» spasi",
        "titik «GEO|-7.797068,110.370529» lantai 3",
        "https://maps.app.goo.gl/«GEO|kQ7vTz3mLpXw82Ra6»",
        "koordinat «GEO|7°20'14.8\"S 112°45'33.1\"E»",
        "gps «GEO|minus 8 koma 6502, 115 koma 2168» pagar bambu",
        "locked out, username «USERNAME|qbertz-sby», tried twice",
        "dm @«USERNAME|senjakopi.id» aja",
        "Originally Posted By «USERNAME|wongalas88»: mahal itu",
        "surat ke «EMAIL|ingrid dot solberg at fjellpost dot no» ya",
        "email «EMAIL|melati.kusumo @ gmail , com»",
        "server kami «IP|103 . 91 . 17 . 202»",
        "user is «USERNAME|m e l a t i _ r»",
    ],
)
def test_addresses_on_the_net_and_the_map_are_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize(
    "text",
    [
        "server 192.168.1.1 dan 127.0.0.1:3306",
        "versi 4.18.2.401 lemot",
        "harga @12.000 atau @10rb",
        "akun saya diblokir, login gagal terus",
        "kirim file laporan_akhir.xlsx",
        "order_id dan customer_id beda",
        "skor 12.500, 13.500",
        "mention domain @gmail.com saja",
        "makasih semua2nya, orang2 baik",
        "ID transaksi 7f3c9e20-1b4d-4a90-8c11-2d0f6ab91e55",
        "username salah-terus, gimana ya",
        "posted by admin kemarin",
        "user experience-nya bagus",
        "pakai @gmail.com saja, bukan @kantor.co.id",
        "look at this. My phone is broken",
        "we met at home. In the morning it rained",
        "harga 10 . 000 . 000 . 000 rupiah",
    ],
)
def test_technical_talk_is_left_alone(text: str) -> None:
    assert found_in(text) == []


@pytest.mark.parametrize(
    "marked",
    [
        "lahir «DOB|14 Februari 1988» di Solo",
        "tgl lahir: «DOB|05-11-1988»",
        "DOB «DOB|1990-04-22»",
        "born «DOB|3 Feb 1988» in Lund",
        "tgl lahir salah, bukan «DOB|12/08/1990» tapi «DOB|08/12/1990»",
        "lahir «DOB|tujuh belas november delapan dua» ya",
        "wayan sukerta, «DOB|14 april 1965», br. tegal",
        "password wifi «SECRET|Surabi_Oncom7» jangan disebar",
        "sandi: «SECRET|kucingoren»",
        "kode OTP nya «SECRET|448213» mas",
        "pin atm ku «SECRET|dua tujuh satu sembilan empat kosong» ya",
        "cvv «SECRET|905» exp 04/27",
        "key «SECRET|sk_live_9fQx72LmVb03TzKe» bocor",
        "login kasir / «SECRET|Bram@2024!kap» gagal",
        "https://app.example/reset?token=«SECRET|a8f0c1e97b22d4»",
        "backup code «SECRET|7KQ2-M9XT-04PB» ditolak",
        "udah kasih kode «SECRET|839204» ke dia",
        "i was born «DOB|the third of May 1982» in Solo",
        "selamat ulang taon opa yang ke-80, «DOB|4 Maret 1946»",
        "alarm «SECRET|8-1-1-5», kunci di laci",
        "code lockbox sudah jadi «SECRET|6620» ya",
        "brankas toko kodenya «SECRET|51-08-24»",
        "password nya «SECRET|Kembangsepatu 4 5 6»",
    ],
)
def test_births_and_secrets_are_found(marked: str) -> None:
    check(marked)


@pytest.mark.parametrize(
    "text",
    [
        "password minimal 8 karakter, ada angka dan huruf besar",
        "OTP nya 6 digit kan?",
        "ganti pin dan hubungi 1500-880",
        "capek ngetik PIN tiap buka app",
        "kontrol tgl 12-03-2026 jam 08.15",
        "berlaku sampai 31 Desember 2027",
        "kode pos 40123, kode promo KARTINI21",
        "sandi salah terus padahal benar",
        "alarm 06.30 sudah disetel, kode barang 44512 kosong",
        "brankas 120 kg dikirim besok",
        "the third of May 2024 is the release date",
        "loker 1204 ukuran besar ya",
        "password salah 3 kali",
        "langkah ganti password: klik menu 1 lalu 2",
    ],
)
def test_talk_about_secrets_and_dates_is_left_alone(text: str) -> None:
    assert found_in(text) == []


@pytest.mark.parametrize(
    "marked",
    [
        "kirim ke «ADDRESS|Jl. Kenanga Gg. IV No. 17 RT 03/RW 09, Kel. Sumbersari», Malang",
        "alamat: «ADDRESS|perum griya asri blok F7 no.15 rt 42 rw 09 kel talang kelapa»",
        "rumah di «ADDRESS|Dusun Sidomulyo RT 021 RW 006, Desa Rejo Binangun».",
        "«ADDRESS|Jl. Wijaya II No. 48, Melawai», Jakarta",
        "almt «ADDRESS|Gedung Graha Bayu Lt. 5, Jl. HR Rasuna Said Kav. 12»",
        "Alamat saya «ADDRESS|Jl Melati Raya No.12A RT.003/RW.007 Kelurahan Cipinang Muara»",
        "tinggal di «ADDRESS|Kp Baru RT 1/RW 2»",
        "home address: «ADDRESS|flat 3b, lakeview residency, 5th cross»",
        "alamat: «ADDRESS|Storgata 14B, 0184 Oslo»",
        "di «ADDRESS|simpang anduriang jorong koto tuo nagari balai gurah»",
        "unit di «ADDRESS|Apartemen Taman Sari Tower 9 unit 23C», tolong antar",
        "kirim ke «ADDRESS|jl. dr. cipto no. 12 rt 3, kemlayan»",
        "antar ke «ADDRESS|gg.melati/no.4/rt3/rw6/cilandak», pagar putih",
        "deliver to «ADDRESS|Unit 7B, Jalan Melawai Raya No. 21, Kramat Pela»",
        "new address: «ADDRESS|22 garden park tower b, 9th floor, jl. rasuna said no. 5, karet», jakarta selatan",
    ],
)
def test_addresses_are_found(marked: str) -> None:
    label, text = found_in(_MARK.sub(lambda m: m["value"], marked))[0]
    expected = _MARK.search(marked)
    assert expected is not None
    assert label == Label.ADDRESS
    assert text.startswith(expected["value"].rstrip("."))


@pytest.mark.parametrize(
    "text",
    [
        "macet total di Jl. Sudirman pak",
        "fogging di Gg. Mawar, Gg. Dahlia, Gg. Cempaka hari Minggu",
        "surat jalan no 0092 belum diteken",
        "jalan jalan ke kampung halaman",
        "bpk rt suparlan belum datang",
        "kelurahan tolong turun tangan",
        "kursi blok C baris 4",
        "rapat di gedung B lantai 3",
        "RT 05 RW 09 ada kerja bakti",
        "lewat jalan tol km 97",
        "alamat email salah ketik",
    ],
)
def test_places_in_general_talk_are_left_alone(text: str) -> None:
    assert found_in(text) == []
