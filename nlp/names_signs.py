"""The signs for and against a candidate name, as numbers. Decides nothing: the weights of names_evidence.py do."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nlp.names_lexicon import HONORIFICS, Lexicon

SIGNS: Final = (
    "mean_logit",  # the network's log odds, mean over the candidate's words
    "max_logit",
    "min_logit",
    "title_before",  # Pak, Bu, dr. …
    "cue_before",  # "nama saya", "a.n.", "my name is", "penerima:" …
    "thing_before",  # toko, PT, jalan, merek …: what follows is no person
    "thing_after",  # brand, street, motor, farma …: what it follows is no person
    "known_as_name",  # share of words in the lists of names
    "unknown_word",  # share of words in no list at all
    "commonness",  # how common the most common word is, 0 to 1
    "common_small",  # the same, if the candidate is written small
    "common_opening",  # the same, if the candidate opens a sentence, where a capital says nothing
    "capital_amid_small",  # capitalised inside a line that is otherwise small
    "own_line",  # alone on its line, as in a signature
    "several_words",
    "known_here",  # a participant's name, or found before in this conversation
    "repeated",  # a name of this message stands here again
)

_STRONG_CUES_TEXT = """
nama namanya namaku namane bernama dipanggil panggil panggilan an atasnama penerima pengirim pasien pemilik pelapor
pemesan kontak cp pic name named called attn regards salam ttd signed hormat
"""
STRONG_CUES: Final = frozenset(_STRONG_CUES_TEXT.split())
_THINGS_TEXT = """
toko pt cv ud tb warung rm resto kedai kafe cafe hotel klinik apotek rs rsud rsia sd sdn smp smpn sma sman smk
universitas kampus jalan jl jln gg gang komplek kompleks perumahan perum blok desa kelurahan kecamatan kec kel
kabupaten kab kota provinsi pulau gunung pasar merk merek brand produk sabun rokok obat paket fitur menu aplikasi
app bank film lagu drama serial novel buku pondok masjid gereja yayasan koperasi salon butik bengkel outlet cabang
gedung apartemen tower stasiun terminal bandara pelabuhan sungai kapal bus po
"""
THINGS: Final = frozenset(_THINGS_TEXT.split())
_THINGS_AFTER_TEXT = """
brand street st road hotel rice tea motor mobil store shop mart kitchen cafe resto restaurant bakery series
foundation park residence farma medika abadi makmur tbk group grup cup fc fm tv food textile tekstil elektronik gym
salon laundry catering travel trans express air beach island hospital clinic school university tower plaza mall
"""
THINGS_AFTER: Final = frozenset(_THINGS_AFTER_TEXT.split())
# For and against a word beside a name that it belongs to the name too.
EDGE_SIGNS: Final = (
    "edge_logit",  # the network's log odds of the word
    "edge_same_case",  # 1 both capitalised, -1 only the name is, else 0
    "edge_known_as_name",  # in a list of names
    "edge_commonness",  # how common it is as a word, 0 to 1
    "edge_glued",  # a hyphen or apostrophe joins the two
    "edge_between",  # on its other side stands another likely word
)
_JOINERS: Final = frozenset("-'’`‘.")
_LEAST: Final = 0.001
_LEAST_LETTERS: Final = 2
_HEXADECIMAL: Final = frozenset("abcdef")
_LOOK_BACK: Final = 3
_SURE: Final = 0.5
_LIKELY: Final = 0.3

Signs = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token range that may be a name: `first` up to, not including, `last`."""

    first: int
    last: int


class Message:
    """The words of one message with their chances, while names are being decided.

    Args:
        words: The tokens.
        chances: For each, the network's chance that it is part of a name.
        known: Lower-case words known to be names in this conversation.
    """

    def __init__(self, words: Sequence[str], chances: Sequence[float], known: frozenset[str] = frozenset()) -> None:
        self.words = words
        self.lower = [word.lower() for word in words]
        self.chances = chances
        self.known = known
        self.repeated: frozenset[str] = frozenset()

    def logit(self, at: int) -> float:
        """Returns the log odds of a token, limited to about +-7."""
        chance = min(max(self.chances[at], _LEAST), 1.0 - _LEAST)
        return math.log(chance / (1.0 - chance))

    def candidates(self, floor: float) -> list[Candidate]:
        """Returns the runs of words that are likely enough, known or repeated."""
        named = self.known | self.repeated
        likely = [self.chances[i] >= floor or (bool(named) and self.lower[i] in named) for i in range(len(self.words))]
        out: list[Candidate] = []
        i = 0
        while i < len(likely):
            if not likely[i]:
                i += 1
                continue
            last = i
            while last < len(likely) and likely[last]:
                last += 1
            first, end = self._edges(i, last)
            if first < end:
                out.append(Candidate(first, end))
            i = last
        return out

    def core(self, candidate: Candidate) -> tuple[int, int]:
        """Returns the part of a candidate that is hardly in doubt; at least its likeliest word."""
        named = self.known | self.repeated
        kept = [
            i for i in range(candidate.first, candidate.last) if self.chances[i] >= _SURE or self.lower[i] in named
        ] or [max(range(candidate.first, candidate.last), key=self.chances.__getitem__)]
        return kept[0], kept[-1] + 1

    def neighbour(self, edge: int, step: int) -> int | None:
        """Returns the next word outside an edge, over one joining sign; None at a gap, a line's end or a sign.

        Args:
            edge: The token at the edge.
            step: 1 to look after it, -1 before.
        """
        at = edge + step
        if 0 <= at < len(self.words) and self.words[at] in _JOINERS:
            at += step
        return at if 0 <= at < len(self.words) and wordlike(self.words[at]) else None

    def _edges(self, first: int, last: int) -> tuple[int, int]:
        """Takes signs, white space and titles off the edges of a run."""
        while first < last and (not wordlike(self.words[first]) or (last - first > 1 and self._is_title(first))):
            first += 1
        while first < last and not wordlike(self.words[last - 1]):
            last -= 1
        return first, last

    def _is_title(self, at: int) -> bool:
        return self.lower[at] in HONORIFICS and self.chances[at] < _SURE


def wordlike(word: str) -> bool:
    """Tells whether a token may be part of a name: a word, also one with digits for letters, but no hexadecimal."""
    if word.isalpha() or not any(map(str.isdigit, word)):
        return word[0].isalpha()
    letters = [char for char in word.lower() if char.isalpha()]
    return len(letters) >= _LEAST_LETTERS and not _HEXADECIMAL.issuperset(letters)


def edge_signs_of(edge: int, outside: int, message: Message, lexicon: Lexicon) -> Signs:
    """Returns the value of each edge sign for the word `outside` beside the name's word `edge`."""
    inner, outer = message.words[edge], message.words[outside]
    entry = lexicon.entry(message.lower[outside])
    beyond = message.neighbour(outside, 1 if outside > edge else -1)
    return (
        message.logit(outside),
        (1.0 if outer[0].isupper() else -1.0) if inner.istitle() else 0.0,
        entry.kinds > 0,
        max(entry.indonesian, entry.english) / 7.0,
        abs(outside - edge) == 2 and message.words[(edge + outside) // 2] != ".",
        beyond is not None and message.chances[beyond] >= _LIKELY,
    )


def signs_of(candidate: Candidate, message: Message, lexicon: Lexicon) -> Signs:
    """Returns the value of each sign for a candidate, in the order of `SIGNS`."""
    inside = [i for i in range(candidate.first, candidate.last) if wordlike(message.words[i])]
    logits = [message.logit(i) for i in inside]
    entries = [lexicon.entry(message.lower[i]) for i in inside]
    before = _words_before(message, candidate.first)
    count = len(inside)
    commonness = max(max(entry.indonesian, entry.english) for entry in entries) / 7.0
    return (
        sum(logits) / count,
        max(logits),
        min(logits),
        bool(before) and before[0] in HONORIFICS,
        any(word in STRONG_CUES for word in before),
        next((word for word in before if word not in HONORIFICS), "") in THINGS,
        candidate.last < len(message.lower) and message.lower[candidate.last] in THINGS_AFTER,
        sum(entry.kinds > 0 for entry in entries) / count,
        sum(entry.kinds == 0 and not entry.indonesian and not entry.english for entry in entries) / count,
        commonness,
        commonness if message.words[candidate.first].islower() else 0.0,
        commonness if _opens_sentence(candidate, message) else 0.0,
        _capital_amid_small(candidate, message),
        _own_line(candidate, message),
        count > 1,
        any(message.lower[i] in message.known for i in inside),
        any(message.lower[i] in message.repeated for i in inside),
    )


def _words_before(message: Message, first: int) -> list[str]:
    """Returns the nearest words before a place, nearest first, no further than its line."""
    out: list[str] = []
    for i in range(first - 1, max(-1, first - 9), -1):
        word = message.lower[i]
        if "\n" in word:
            break
        if word[0].isalpha():
            out.append(word)
            if len(out) == _LOOK_BACK:
                break
    return out


def _capital_amid_small(candidate: Candidate, message: Message) -> bool:
    if candidate.first == 0 or not message.words[candidate.first][0].isupper():
        return False
    before = message.words[candidate.first - 1]
    return before[0].islower() or before[0] in ",:("


def _opens_sentence(candidate: Candidate, message: Message) -> bool:
    if candidate.first == 0:
        return True
    before = message.words[candidate.first - 1]
    return before[0] in '.!?"' or "\n" in before


def _own_line(candidate: Candidate, message: Message) -> bool:
    starts = candidate.first == 0 or "\n" in message.words[candidate.first - 1]
    ends = candidate.last == len(message.words) or "\n" in message.words[candidate.last]
    return starts and ends
