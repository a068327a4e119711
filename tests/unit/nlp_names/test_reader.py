"""Reading names without documents gives what the saved pipeline gives with them."""

from collections.abc import Sequence

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from nlp.names_reader import Extent, NamesReader
from nlp.ner import KNOWN, SPANS
from nlp.redactor import _MODEL, Redactor

_TEXTS = (
    "",
    " ",
    "halo, saya Ratna Dewi dari Bandung",
    "titip ke si r u d i ya",
    "kata budi_s dan namaAGUS,\n  sama   bu  WATI Lestari\t.",
    "Cahaya lampu terang\u200b sekali",
    "👩🏽‍⚕️ dr. Siti Aminah\r\n\r\nTtd,\nYoga P.",
)
_PIECES = ["pak", "Rudi", "SITI", "kemarin", "5iti", " ", "  ", "\n", ",", ".", "_", "saya", "é", "😀", "a.n.", "1234"]


@pytest.fixture(scope="module")
def pipeline() -> Language:
    return spacy.load(_MODEL)


def _by_documents(pipeline: Language, texts: Sequence[str], known: Sequence[Sequence[str]]) -> list[list[Extent]]:
    docs = [pipeline.make_doc(text) for text in texts]
    for doc, names in zip(docs, known, strict=True):
        doc._.set(KNOWN, tuple(names))
    return [[(name.start_char, name.end_char) for name in doc.spans[SPANS]] for doc in pipeline.pipe(docs)]


def test_same_names_with_and_without_documents(pipeline: Language) -> None:
    known = [("Cahaya",) if "Cahaya" in text else () for text in _TEXTS]
    found = NamesReader(pipeline).read(_TEXTS, known)
    assert found == _by_documents(pipeline, _TEXTS, known)
    assert [_TEXTS[2][first:last] for first, last in found[2]] == ["Ratna Dewi"]
    assert sum(map(len, found)) >= 5


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join), min_size=1, max_size=70))
def test_same_names_whatever_is_typed(pipeline: Language, texts: list[str]) -> None:
    """More than one batch, too: the networks see the same messages beside each other only by accident."""
    known: list[Sequence[str]] = [()] * len(texts)
    assert NamesReader(pipeline).read(texts, known) == _by_documents(pipeline, texts, known)


def test_no_word_of_a_text_stays_in_the_vocabulary(pipeline: Language) -> None:
    Redactor(pipeline).find(["halo Zulkarnaenovskina"])
    assert "Zulkarnaenovskina" not in pipeline.vocab.strings
