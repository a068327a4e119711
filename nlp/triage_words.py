"""Words by which people say what a piece of feedback is about and how they mean it: one line for each concept.

Written by hand from what vendors of software for shops, clinics and offices hear; used as evidence by the triage model
and, alone, by the keyword baseline that it is measured against. A concept `area.stock` speaks for the product area
`stock`, `kind.complaint` for that kind, and so on. Folded and in the spellings that `nlp.triage_features` reads; must
hold no names.
"""

from typing import Final

CONCEPTS: Final = """
area.checkout: kasir kassa pos till tills cashier checkout register struk nota receipt kuitansi printer barcode scan
area.checkout: diskon discount voucher promo kembalian laci drawer pesanan order orderan meja void shift sif item
area.checkout: keranjang bill tagihan tax kupon poin member loyalti cetak transaksi jual nota
area.stock: stok stock inventory inventaris persediaan barang gudang warehouse opname stocktake sku batch kadaluarsa
area.stock: kedaluwarsa expired ed rak supplier pemasok retur satuan bahan botol dus sak kulakan reorder obat oli mutasi
area.reports: laporan lapran report reports reporting rekap rekapitulasi grafik chart charts omset omzet dashboard excel
area.reports: ekspor export ringkasan summary laba rugi neraca profit pendapatan penghasilan untung recap kolom pajak
area.payment: qris bayar pembayaran edc debit kartu card transfer refund settlement pencairan cair payout payment
area.payment: payments saldo rekening lunas topup dana ovo gopay dp cicilan angsuran paylater contactless komisi
area.payment: deposit charged duit uang terminal potongan
area.account: akun account login masuk sandi kata-sandi password otp pin kode verifikasi akses user pengguna hak reset
area.account: hacked bajak bobol suspend blokir sesi role permission permissions sidik jempol logout signup locked kunci
area.app: aplikasi apk app android ios iphone tampilan layar tombol huruf font warna menu tablet ui notif
area.app: notifikasi desain tema dark widget hp interface button buttons screen ikon gambar kamera keyboard layout
area.app: antarmuka tulisan
area.integration: integrasi integration sambung nyambung hubung sinkron sync api webhook webhooks shopee tokopedia
area.integration: gofood grabfood marketplace bpjs satusehat bridging jurnal wa whatsapp instagram kalender calendar
area.integration: dapodik shopify xero faktur efaktur kanal ojol konek connect
area.clinic: pasien patient patients rekam-medis medis dokter doctor doctors resep prescription prescriptions antrian
area.clinic: antrean queue poli lab perawat diagnosis diagnosa icd alergi allergy appointment appointments booking
area.clinic: jadwal dosis rujukan klinik clinic treatment terapis kunjungan imunisasi vaksin janji etiket px
area.service: cs support layanan pelayanan teknisi admin petugas respon balas dibales jawab jawaban tiket ticket chat
area.service: telepon pelatihan training technician nobody reply replied bantuan service helpdesk chatbot bot sabar
area.service: ramah tutorial video pendampingan customer-service panduan
area.pricing: harga biaya langganan subscription mahal murah tarif paket lisensi license price pricing expensive billed
area.pricing: invoice tagih tagihan perpanjang perpanjangan plan iuran money invoiced diskon cheaper naik bulanan
area.pricing: tahunan
area.reliability: lemot lambat lelet lag ngelag server down offline internet sinyal loading putus koneksi gangguan slow
area.reliability: mati hang macet timeout timeouts stabil stable outage kencang ngebut pelan cepat sistem system freezes
area.reliability: maintenance pemeliharaan lola unreachable
area.other: sukses merch kaos komunitas event acara gathering newsletter webinar survei undangan tim team berkah coba
area.other: overall keseluruhan opinion
kind.suggestion: usul saran tambah tambahin tambahkan sebaiknya alangkah mohon minta pengen ingin kalau semoga bikin
kind.suggestion: buatkan sediakan usulan hendaknya seandainya please could would wish add support need dong kapan bisa
kind.suggestion: pertimbangkan bagaimana perlu want
kind.criticism: ribet susah sulit kecil lama kurang terlalu too capek pusing bingung membingungkan kebanyakan mahal
kind.criticism: jelek norak berbelit ruwet puyeng confusing hard lambat tiap selalu always kelamaan kekecilan nyusahin
kind.criticism: annoying riweuh rancu
kind.complaint: tidak error gagal hilang salah rusak dobel kosong padahal belum ditolak kepotong minus beda macet mati
kind.complaint: tertukar missing lost broken crash crashes wrong cannot gone twice never sejak kemarin ilang ngaco
kind.complaint: kacau nyangkut mentok selisih keluar
kind.impression: bagus mantap terima-kasih suka senang puas keren enak gampang mudah membantu top jos salut hebat
kind.impression: great love nice good easy perfect amazing useful happy thanks lancar cakep rapi worth jempol cepat
kind.impression: alhamdulillah stabil akurat gokil praktis
sentiment.negative: marah kecewa rugi bohong parah error gagal hilang rusak salah ribet susah lemot mahal lambat capek
sentiment.negative: pusing kacau dobel bingung norak jelek ngaco buruk terrible slow broken wrong lost expensive hard
sentiment.negative: confusing bahaya malu nangis nombok komplain
sentiment.positive: bagus mantap terima-kasih suka senang puas keren enak gampang mudah membantu top jos salut hebat
sentiment.positive: great love nice good easy perfect amazing useful happy thanks lancar cakep rapi worth jempol
sentiment.positive: alhamdulillah akurat gokil praktis sukses semoga sabar ramah baik
sentiment.mixed: tapi tetapi cuma sayang sayangnya hanya walaupun meskipun namun but though although biasanya
sentiment.mixed: sebenarnya usually
urgency.urgent: urgent segera secepatnya darurat bahaya sekarang asap immediately antri total semua cepetan buruan
urgency.urgent: dangerous bajak bocor tutup hentikan blokir emergency now help
urgency.high: hilang salah padahal tidak belum gagal dobel besok error rugi nombok kosong ditolak twice missing lost
urgency.normal: ribet susah lama tolong minta mohon usul tambah mahal
urgency.low: lucu warna suka bagus mantap terima-kasih semoga senang boleh tema font hehe kaos
"""
"""`concept: words`; a concept may go on in a further line. A word with a hyphen stands for its parts in a row."""

SAME: Final = """
gabisa: tidak bisa
gakbisa: tidak bisa
gbs: tidak bisa
gada: tidak ada
gaada: tidak ada
ndak: tidak
ora: tidak
kagak: tidak
kaga: tidak
mboten: tidak
teu: tidak
belon: belum
dereng: belum
durung: belum
wis: sudah
geus: sudah
ngelag: lag
leleeet: lelet
eror: error
galat: error
ngebug: error
ngaco: kacau
ngawur: kacau
duit: uang
ilang: hilang
lenyap: hilang
raib: hilang
vanished: hilang
disappeared: hilang
missing: hilang
lost: hilang
dobel: ganda
double: ganda
dua-kali: ganda
twice: ganda
kasi: beri
kasih: beri
nambah: tambah
tambahi: tambah
tambahan: tambah
add: tambah
pengin: ingin
pengen: ingin
pingin: ingin
kepengen: ingin
pgn: ingin
want: ingin
wish: ingin
nyuwun: minta
request: minta
plis: tolong
please: tolong
pls: tolong
tlg: tolong
tulung: tolong
nuwun: terima kasih
suwun: terima kasih
nuhun: terima kasih
thank: terima kasih
thanks: terima kasih
tq: terima kasih
tengkyu: terima kasih
maturnuwun: terima kasih
makasi: terima kasih
makasih: terima kasih
makasihh: terima kasih
trims: terima kasih
gampil: mudah
gampang: mudah
easy: mudah
susah: sulit
ribet: rumit
ruwet: rumit
riweuh: rumit
berbelit: rumit
belit: rumit
riber: rumit
njelimet: rumit
puyeng: pusing
antrian: antre
antrean: antre
antri: antre
ngantri: antre
queue: antre
slow: lambat
sluggish: lambat
lemot: lambat
lelet: lambat
lola: lambat
lemes: lambat
pelan: lambat
lag: lambat
kenceng: cepat
kencang: cepat
ngebut: cepat
gancang: cepat
cpt: cepat
cepet: cepat
fast: cepat
quick: cepat
mahal: mahal
expensive: mahal
pricey: mahal
larang: mahal
cheap: murah
mirah: murah
bagus: bagus
apik: bagus
sae: bagus
good: bagus
nice: bagus
great: bagus
keren: bagus
kece: bagus
cakep: bagus
cantik: bagus
mantep: mantap
mantul: mantap
mantaap: mantap
joss: mantap
jos: mantap
top: mantap
gokil: mantap
awesome: mantap
amazing: mantap
jempol: mantap
seneng: senang
happy: senang
demen: senang
love: suka
lope: suka
like: suka
helpful: bantu
useful: bantu
ngebantu: bantu
pasien: pasien
patient: pasien
patients: pasien
px: pasien
doctor: dokter
staff: karyawan
pegawai: karyawan
staf: karyawan
customer: pelanggan
pembeli: pelanggan
konsumen: pelanggan
plngn: pelanggan
report: laporan
reports: laporan
lapran: laporan
stock: stok
inventory: stok
persediaan: stok
receipt: nota
struk: nota
kuitansi: nota
kwitansi: nota
payment: bayar
paid: bayar
pay: bayar
mbayar: bayar
bayarin: bayar
till: kasir
cashier: kasir
pos: kasir
checkout: kasir
apk: aplikasi
apps: aplikasi
app: aplikasi
update: perbarui
apdet: perbarui
slip: nota
sambungin: sambung
nyambung: sambung
nyambungin: sambung
sambungkeun: sambung
connect: sambung
konek: sambung
sync: sinkron
synced: sinkron
integration: integrasi
integrate: integrasi
price: harga
cost: biaya
subscription: langganan
slowly: lambat
crash: nutup
crashes: nutup
fc: nutup
hang: macet
ngehang: macet
stuck: macet
freeze: macet
freezes: macet
beku: macet
down: mati
report2: laporan
"""
"""A spelling, a regional or an English word -> the word that it is counted as."""
