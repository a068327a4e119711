// What the embedded form says. In the script itself: a foreign page has nowhere to fetch a catalogue from.
export type Language = "id" | "en";

export const KINDS = ["suggestion", "criticism", "complaint", "impression"] as const;
export type Kind = (typeof KINDS)[number];

const ID = {
  open: "Beri masukan",
  title: "Apa yang ingin Anda sampaikan?",
  lead: "Nomor telepon, alamat, dan data pribadi lain disembunyikan sebelum tulisan disimpan.",
  kind: "Jenis masukan",
  suggestion: "Saran",
  criticism: "Kritik",
  complaint: "Keluhan",
  impression: "Kesan",
  public: "Saran tampil di papan saran dan bisa didukung orang lain.",
  private: "Hanya petugas yang menanganinya yang bisa membaca ini.",
  heading: "Judul",
  text: "Ceritakan",
  page: "Sertakan alamat halaman ini",
  similar: "Mungkin sudah ada yang menyarankan ini:",
  vote: "Dukung yang ini saja",
  attach: "Lampirkan berkas di halaman lengkap",
  send: "Kirim",
  sending: "Mengirim…",
  cancel: "Tutup",
  thanks: "Terima kasih, masukan Anda sudah kami terima.",
  held: "Terima kasih. Masukan Anda akan diperiksa dulu sebelum diteruskan.",
  code: "Kode untuk melihat jawabannya nanti",
  keep: "Simpan kode ini. Kami tidak menyimpannya dan tidak bisa menunjukkannya lagi.",
  copy: "Salin kode",
  copied: "Tersalin",
  follow: "Lihat perkembangannya",
  again: "Kirim masukan lain",
  required: "Mohon diisi.",
  failed: "Belum terkirim. Tulisan Anda masih di sini; silakan coba lagi.",
  offline: "Tidak tersambung ke internet. Tulisan Anda masih di sini; silakan coba lagi nanti.",
  limited: "Terlalu banyak kiriman dari jaringan ini. Tulisan Anda masih di sini; silakan coba lagi beberapa saat lagi.",
  powered: "Ditangani dengan Amanah",
};

export type Words = typeof ID;

const EN: Words = {
  open: "Give feedback",
  title: "What would you like to tell us?",
  lead: "Phone numbers, addresses and other personal data are hidden before your text is stored.",
  kind: "Kind of feedback",
  suggestion: "Suggestion",
  criticism: "Criticism",
  complaint: "Complaint",
  impression: "Praise",
  public: "Suggestions appear on the public board, where others can support them.",
  private: "Only the staff who deal with it can read this.",
  heading: "Title",
  text: "Tell us more",
  page: "Include the address of this page",
  similar: "Somebody may have suggested this already:",
  vote: "Support this one instead",
  attach: "Attach a file on the full page",
  send: "Send",
  sending: "Sending…",
  cancel: "Close",
  thanks: "Thank you, we have received your feedback.",
  held: "Thank you. Your feedback is checked before it is passed on.",
  code: "Code for seeing the answer later",
  keep: "Keep this code. We do not store it and cannot show it again.",
  copy: "Copy code",
  copied: "Copied",
  follow: "See how it goes on",
  again: "Send something else",
  required: "Please fill this in.",
  failed: "Not sent yet. Your text is still here; please try again.",
  offline: "You are not connected. Your text is still here; please try again later.",
  limited: "Too much has been sent from this network. Your text is still here; please try again in a while.",
  powered: "Handled with Amanah",
};

export const WORDS: Readonly<Record<Language, Words>> = { id: ID, en: EN };
