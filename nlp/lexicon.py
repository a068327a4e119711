"""Cue words: which word near a number or a token says what it is.

Only words of the language, never values: no names of people, no lists fitted to one set of messages. Lower case,
letters only; the usual Indonesian, Javanese and Sundanese clitics are added by :func:`_with_clitics`.
"""

from enum import StrEnum
from typing import Final


class Cue(StrEnum):
    """What a word announces. ``OTHER`` announces a number that identifies a thing, not a person."""

    PHONE = "phone"
    WALLET = "wallet"
    BANK = "bank"
    TRANSFER = "transfer"
    CARD = "card"
    NIK = "nik"
    KK = "kk"
    NPWP = "npwp"
    BPJS = "bpjs"
    PASSPORT = "passport"
    RECORD = "record"
    VEHICLE = "vehicle"
    PLATE = "plate"
    NETWORK = "network"
    PLACE = "place"
    BIRTH = "birth"
    PASSWORD = "password"  # noqa: S105  (the name of a cue)
    PIN = "pin"
    CVV = "cvv"
    TOKEN = "token"  # noqa: S105  (the name of a cue)
    USER = "user"
    SOCIAL = "social"
    DELIVERY = "delivery"
    VERSION = "version"
    OTHER = "other"


_WORDS: Final = {
    Cue.PHONE: (
        "hp nohp hape wa nowa whatsapp whatsap whatsup wasap watsap telp notelp tlp tlpn tlf telf telfon telepon "
        "telpon tel notlp phone mobile cell cellphone call calls hubungi hub kontak contact sms handphone ponsel "
        "cp tilpun fax faks selular seluler simcard msisdn nohape callme reach nohandphone"
    ),
    Cue.WALLET: "ovo gopay shopeepay linkaja spay gopaylater doku",
    Cue.BANK: (
        "bca bri bni mandiri bsi btn cimb niaga permata danamon panin jago seabank bjb bank rek rekening norek "
        "norekening acc ocbc uob maybank nagari muamalat blu allo jenius btpn sinarmas hsbc bpd bukopin neobank "
        "superbank krom citibank commerce dbs bankjago iban account rekg reknya norekku mybca livin brimo"
    ),
    Cue.TRANSFER: "transfer tf trf transferan ditransfer kirimin setor refund pengembalian",
    Cue.CARD: "card cc visa mastercard amex debit kredit credit gpn kartu jcb kartukredit american express debet",
    Cue.NIK: "nik ktp ektp nonik noktp ic kependudukan identitas",
    Cue.KK: "kk nokk family keluarga kartukeluarga",
    Cue.NPWP: "npwp nonpwp npwpnya tin tax taxid nitku",
    Cue.BPJS: "bpjs jkn kis kpj bpjstk nobpjs jamsostek askes",
    Cue.PASSPORT: "passport paspor pasport passpor passports pasportnya pasporku",
    Cue.RECORD: "rm mr mrn norm record records medis medik medrec rekmed rekammedis medical register norekammedis",
    Cue.VEHICLE: (
        "motor mobil kendaraan mobilnya truk truck bus bis angkot taksi taxi becak bentor ambulans ambulance "
        "pickup pikap vespa avanza innova xenia beat vario supra scoopy nmax pcx brio jazz fortuner pajero hiace "
        "car scooter bike motorcycle sopir supir driver kurir ojol gojek grab gocar parkir sepeda jeep sedan suv "
        "van kereta boks box agya ayla calya sigra rush ertiga carry terios grandmax xpander mio revo sonic "
        "mtr mbl satria aerox pengemudi motornya tronton colt honda yamaha toyota suzuki daihatsu mitsubishi"
    ),
    Cue.PLATE: "plat plate nopol polisi stnk bpkb platno nopolnya bernopol platnomor license nrkb tnkb",
    Cue.NETWORK: "ip ipv ipnya host server ping log vpn whitelist blacklist allowlist traceroute ssh nginx firewall",
    Cue.PLACE: (
        "koordinat lokasi titik maps map lat long gps sharelok shareloc sherlok sharloc latitude longitude "
        "coordinates coordinate lintang bujur location titiknya"
    ),
    Cue.BIRTH: (
        "lahir lhr lahiran kelahiran ttl dob born birth birthday birthdate ultah lahirnya lahirku tgllahir "
        "dilahirkan "
        "birthplace tgllhr bday kelahirannya miyos babar lair"
    ),
    Cue.PASSWORD: (
        "password pass passwd pasword passwod passwordnya pw pwd sandi katasandi passphrase passcode psw pswd "
        "paswod passworde kredensial sandine pwnya passku passwort passnya"
    ),
    Cue.PIN: "pin otp mpin kodeotp pinku otpnya pincode verifikasi verification verif",
    Cue.CVV: "cvv cvc cvn",
    Cue.TOKEN: "token apikey secret key keys bearer credential credentials authorization",
    Cue.USER: (
        "username gamertag user userid usernamenya login nick nickname usn uname akun account handle akunnya "
        "pengguna ign "
        "nicknya whoami loginnya akunku"
    ),
    Cue.SOCIAL: (
        "ig instagram insta telegram tele twitter tiktok fb facebook discord linkedin steam kakao line threads "
        "wechat skype git github gitlab x yt youtube snapchat dm tag ditag mention follow aka game riot "
        "garena kakao ea apex valo valorant ign "
        "roblox epic psn xbox ml pubg"
    ),
    Cue.DELIVERY: (
        "alamat almt alamatnya alamatku alamt almat address kirim dikirim kirimkan antar diantar antarkan jemput "
        "dijemput penjemputan rumah rumahnya rumahku tinggal domisili menetap kos kost kontrakan ngekos dsini "
        "deliver delivered pickup ship shipping send kantor bengkel toko gudang survey survei penerima penghuni "
        "warga omah omahe omahku griyo lokasi tujuan alamaik bumi imah ngontrak mess pengiriman pengambilan "
        "alamate live lives living stay office home house residence villa outlet studio klinik praktek kediaman "
        "duka rumahe berkedudukan almtnya dirumah kerumah ekspedisi"
    ),
    Cue.VERSION: "versi version v firmware build ver miui",
    Cue.OTHER: (
        "order pesanan resi invoice inv tiket ticket nota struk serial sn seri va virtual voucher resep antrian "
        "antrean polis policy imei barcode uid nip nisn nidn nib booking tracking transaksi trx ref referensi "
        "kwitansi faktur sku pelanggan idpel meter customer batch approval rp idr harga saldo total isbn npsn "
        "nuptk sertifikat noresi ordernya pnr reservasi kuitansi laporan lapor awb pengaduan po do so surat izin "
        "str sip kta nim nrp nis npk mesin rangka model biller bayar kupon promo invoicenya resinya idtransaksi "
        "orderan tagihan"
    ),
}


def _with_clitics(words: dict[Cue, str]) -> dict[str, Cue]:
    """Each word, and the same with a possessive or an article stuck to it; the first family to name a word keeps it."""
    table: dict[str, Cue] = {}
    for cue, text in words.items():
        for word in text.split():
            table.setdefault(word, cue)
    for cue, text in words.items():
        for word in text.split():
            if len(word) > 1 and word not in {"id", "do", "so", "po", "cell", "pass", "acc"}:
                for clitic in ("nya", "ny", "ku", "mu", "e", "ne", "na"):
                    table.setdefault(word + clitic, cue)
    return table


CUES: Final = _with_clitics(_WORDS)
"""Word to what it announces."""

NUMBER_WORDS: Final = {
    **{"nol": "0", "kosong": "0", "satu": "1", "dua": "2", "tiga": "3", "empat": "4", "lima": "5", "enam": "6"},
    **{"tujuh": "7", "delapan": "8", "lapan": "8", "sembilan": "9", "sambilan": "9", "ampat": "4", "anam": "6"},
    **{"zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6"},
    **{"seven": "7", "eight": "8", "nine": "9"},
    **{"siji": "1", "loro": "2", "telu": "3", "papat": "4", "limo": "5", "enem": "6", "pitu": "7", "wolu": "8"},
    **{"songo": "9", "hiji": "1", "tilu": "3", "opat": "4", "genep": "6", "dalapan": "8", "salapan": "9"},
    **{"belas": "1", "puluh": "0", "sepuluh": "10", "sebelas": "11"},
}
"""A spoken digit; Indonesian, English, Javanese, Sundanese. Tens are kept only so that their run is not broken."""
