"""The spam classifier: silent until taught, right about what it was taught, and free of texts."""

import random

import pytest

from moderation.classifier import PLACES, Classifier, Lessons

_KEY = b"kunci untuk pengujian"
_SPAM_WORDS = [
    "promo",
    "bonus",
    "klik",
    "hadiah",
    "gratis",
    "daftar",
    "gacor",
    "maxwin",
    "deposit",
    "cuan",
    "viral",
    "situs",
]
_HAM_WORDS = [
    "laporan",
    "faktur",
    "stok",
    "kasir",
    "printer",
    "aplikasi",
    "tagihan",
    "ekspor",
    "gudang",
    "karyawan",
    "jadwal",
    "retur",
]


def _text(words: list[str], seed: int) -> str:
    return " ".join(random.Random(seed).choices(words, k=12))


def _taught(each: int) -> Classifier:
    classifier = Classifier(_KEY, enough=30)
    for seed in range(each):
        classifier.learn(_text(_SPAM_WORDS, seed), spam=True)
        classifier.learn(_text(_HAM_WORDS, 10_000 + seed), spam=False)
    return classifier


def test_it_says_nothing_before_it_was_taught_enough() -> None:
    """Of both kinds."""
    assert _taught(29).chance(_text(_SPAM_WORDS, 99)) is None
    classifier = Classifier(_KEY, enough=30)
    for seed in range(60):
        classifier.learn(_text(_SPAM_WORDS, seed), spam=True)
    assert classifier.chance(_text(_SPAM_WORDS, 99)) is None


def test_it_tells_what_it_was_taught() -> None:
    """On texts that it has not seen."""
    classifier = _taught(60)
    spam = [classifier.chance(_text(_SPAM_WORDS, 500 + seed)) for seed in range(50)]
    ham = [classifier.chance(_text(_HAM_WORDS, 900 + seed)) for seed in range(50)]
    assert min(chance or 0.0 for chance in spam) > 0.95
    assert max(1.0 if chance is None else chance for chance in ham) < 0.05


def test_it_abstains_about_what_it_does_not_know() -> None:
    """Words never met say nothing either way."""
    assert _taught(40).chance("rembulan pelangi samudra cakrawala") is None


def test_what_was_overturned_is_unlearnt() -> None:
    """Exactly: afterwards it knows what it knew before."""
    classifier = _taught(3)
    before = classifier.lessons
    classifier.learn("kalimat yang ternyata baik", spam=True)
    assert classifier.lessons != before
    assert classifier.unlearn("kalimat yang ternyata baik", spam=True) == before


def test_it_is_stored_as_counts() -> None:
    """A fixed number of numbers; another key finds nothing in them."""
    classifier = _taught(60)
    packed = classifier.lessons.pack()
    assert len(packed) == 4 * (2 + 2 * PLACES)
    assert b"gacor" not in packed
    again = Classifier(_KEY, 30, Lessons.unpack(packed))
    text = _text(_SPAM_WORDS, 500)
    assert again.chance(text) == classifier.chance(text)
    stranger = Classifier(b"ein anderer Schluessel", 30, Lessons.unpack(packed))
    assert stranger.chance(text) is None or stranger.chance(text) != classifier.chance(text)
    with pytest.raises(ValueError, match="lessons"):
        Lessons.unpack(b"\0" * 8)
