"""What the word lists say of a word: is it known as a name, how common is it otherwise, what does it announce.

Pure look-up. The lists hold names and words, never persons; where they come from is in NOTICE.
"""

from dataclasses import dataclass
from pathlib import Path

WORDLISTS = Path(__file__).parent / "wordlists"

# Titles and terms of address that stand before a name in Indonesia and in English.
_HONORIFICS_TEXT = """
pak bapak bpk bp pakde pakdhe paklik bu ibu ibuk buk bude budhe bulik mas mba mbak mbk mb kak kakak ka kk bang abang
bg gus ning kang akang teh teteh aa ko koh koko ci cik cici ce cece cak om tante tan uda uni ustadz ustad ustaz ust
ustadzah ustazah kh h hj dr drg prof ir drs dra tn ny nn sdr sdri saudara saudari mr mrs ms miss mister madam daeng
dg mama mbah opung oppung dek dik adek adik ananda sis bro haji hajah bun bunda bli mbok mpok dokter dok suster sus
kaka pace mace nyong kyai kiai buya datuk lae ito inang amang eyang pdt pendeta pastor rm romo puang mang mak emak
nenek kakek opa oma bibi bi paman wak uwak habib tuan nona usi uncle auntie aunt alm almh almarhum almarhumah tuanku
gan lur sir puan encik engku tgk teungku cut inaq amaq apih apak ayah bapa etek mamak pakcik makcik
"""
HONORIFICS = frozenset(_HONORIFICS_TEXT.split())
# Words right before a name: "nama saya …", "atas nama …", "penerima: …", "my name is …".
_CUES_TEXT = """
nama namanya namaku namane bernama dipanggil panggil panggilan panggilannya an atasnama penerima pengirim pasien
pemilik pelapor pemesan customer pelanggan contact kontak cp pic name named called attn hormat regards salam ttd
signed from dari untuk ke oleh istri suami anak adik kakak ortu wali ketua dokter perawat teknisi kurir driver sopir
supir admin agen sales kasir guru dosen murid siswa siswi karyawan pegawai staf staff manager manajer owner boss bos
teman temen rekan tetangga patient doctor nurse wife husband son daughter friend brother sister mother father
colleague teacher saya aku gue gw sy kulo abdi ini iki ieu this i'm im
"""
CUES = frozenset(_CUES_TEXT.split())

# Kinds of names, as bits.
GIVEN, FAMILY, OWN, WESTERN, AMBIGUOUS = 1, 2, 4, 8, 16
NAME_KINDS = 32
FREQUENCY_BINS = 8
ANNOUNCEMENTS = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one word.

    Attributes:
        kinds: Sum of 1 given name, 2 family name, 4 in our own regional lists, 8 Western, 16 also an ordinary word.
        indonesian: 0 unknown, 1 (rare) to 7 (very common) in Indonesian.
        english: The same for English.
    """

    kinds: int = 0
    indonesian: int = 0
    english: int = 0


_UNKNOWN = Entry()


class Lexicon:
    """The shipped word lists, read once."""

    def __init__(self, entries: dict[str, Entry]) -> None:
        self._entries = entries

    @classmethod
    def load(cls, folder: Path = WORDLISTS) -> "Lexicon":
        """Reads `names.tsv` (word, kinds) and `words.tsv` (word, Indonesian bin, English bin).

        Raises:
            OSError: If a list is missing.
            ValueError: If a line is malformed.
        """
        kinds: dict[str, int] = {}
        for line in _lines(folder / "names.tsv"):
            word, value = line.split("\t")
            kinds[word] = int(value)
        bins: dict[str, tuple[int, int]] = {}
        for line in _lines(folder / "words.tsv"):
            word, indonesian, english = line.split("\t")
            bins[word] = (int(indonesian), int(english))
        words = kinds.keys() | bins.keys()
        return cls({word: Entry(kinds.get(word, 0), *bins.get(word, (0, 0))) for word in words})

    def entry(self, lower: str) -> Entry:
        """Returns what is known of a lower-case word; an empty entry for an unknown one."""
        return self._entries.get(lower, _UNKNOWN)

    def is_name(self, lower: str) -> bool:
        """Tells whether the word is in any list of names."""
        return self.entry(lower).kinds != 0


def announcement(lower: str) -> int:
    """Returns 1 for a title, 2 for a word that announces a name, 3 for both, else 0."""
    return (lower in HONORIFICS) + 2 * (lower in CUES)


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
