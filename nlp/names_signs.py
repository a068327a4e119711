"""The signs for and against a candidate name, as numbers. Decides nothing: the weights of names_evidence.py do."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.names_lexicon import HONORIFICS, Lexicon
from nlp.names_network import FloatArray

SIGNS: Final = (
    "mean_logit",  # the network's log odds, mean over the candidate's words
    "max_logit",
    "min_logit",
    "title_before",  # Pak, Bu, dr. …
    "cue_before",  # "nama saya", "a.n.", "my name is", "penerima:" …
    "thing_before",  # toko, PT, jalan, merek …: what follows is no person
    "known_as_name",  # share of words in the lists of names
    "unknown_word",  # share of words in no list at all
    "commonness",  # how common the most common word is, 0 to 1
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
_LIMIT: Final = 7.0
_LOOK_BACK: Final = 3

SignArray = NDArray[np.float64]


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

    def __init__(self, words: Sequence[str], chances: FloatArray, known: frozenset[str] = frozenset()) -> None:
        self.words = words
        self.lower = [word.lower() for word in words]
        self.chances = chances
        self.known = known
        self.repeated: frozenset[str] = frozenset()

    @cached_property
    def logits(self) -> FloatArray:
        """Log odds of each token, limited to +-7."""
        odds = np.clip(self.chances, 1e-4, 1 - 1e-4)
        logits: FloatArray = np.clip(np.log(odds / (1 - odds)), -_LIMIT, _LIMIT)
        return logits

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

    def trimmed(self, candidate: Candidate, floor: float) -> tuple[int, int]:
        """Takes doubtful words off the edges of an accepted candidate; at least its likeliest word stays."""
        sure = 2 * floor
        named = self.known | self.repeated
        kept = [
            i for i in range(candidate.first, candidate.last) if self.chances[i] >= sure or self.lower[i] in named
        ] or [candidate.first + int(np.argmax(self.chances[candidate.first : candidate.last]))]
        return kept[0], kept[-1] + 1

    def _edges(self, first: int, last: int) -> tuple[int, int]:
        """Takes signs, white space and titles off the edges of a run."""
        while first < last and (
            not self.words[first][0].isalpha() or (self.lower[first] in HONORIFICS and last - first > 1)
        ):
            first += 1
        while first < last and not self.words[last - 1][0].isalnum():
            last -= 1
        return first, last


def signs_of(candidate: Candidate, message: Message, lexicon: Lexicon) -> SignArray:
    """Returns the value of each sign for a candidate, in the order of `SIGNS`."""
    inside = [i for i in range(candidate.first, candidate.last) if message.words[i][0].isalpha()]
    logits = message.logits[inside]
    entries = [lexicon.entry(message.lower[i]) for i in inside]
    before = _words_before(message, candidate.first)
    count = len(inside)
    commonness = max(max(entry.indonesian, entry.english) for entry in entries) / 7.0
    return np.array(
        (
            float(logits.mean()),
            float(logits.max()),
            float(logits.min()),
            bool(before) and before[0] in HONORIFICS,
            any(word in STRONG_CUES for word in before),
            bool(before) and before[0] in THINGS,
            sum(entry.kinds > 0 for entry in entries) / count,
            sum(entry.kinds == 0 and not entry.indonesian and not entry.english for entry in entries) / count,
            commonness,
            _capital_amid_small(candidate, message),
            _own_line(candidate, message),
            count > 1,
            any(message.lower[i] in message.known for i in inside),
            any(message.lower[i] in message.repeated for i in inside),
        ),
        dtype=np.float64,
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


def _own_line(candidate: Candidate, message: Message) -> bool:
    starts = candidate.first == 0 or "\n" in message.words[candidate.first - 1]
    ends = candidate.last == len(message.words) or "\n" in message.words[candidate.last]
    return starts and ends
