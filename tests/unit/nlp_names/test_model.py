"""The pipeline that ships. Names and sentences here are invented and stand in no training set."""

import json
from collections.abc import Iterator

import pytest
import spacy
from spacy.language import Language

from nlp.names_evidence import KNOWN, SPANS
from nlp.names_tagger import NamesTagger
from nlp.project.chat_written.build import compile_file
from nlp.project.corpora import HELD_OUT, MODEL, WRITERS, WRITTEN
from nlp.project.evaluate import measure, names_finder, table

LARGEST_MODEL = 10 * 2**20


@pytest.fixture(scope="module")
def pipeline() -> Language:
    return spacy.load(MODEL)


def names(pipeline: Language, text: str, known: tuple[str, ...] = ()) -> list[str]:
    doc = pipeline.make_doc(text)
    doc._.set(KNOWN, known)
    with_names = next(iter(pipeline.pipe([doc])))
    return [span.text for span in with_names.spans[SPANS]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Halo kak, nama saya Sutarmin Wirjono, mau tanya pesanan", ["Sutarmin Wirjono"]),
        ("halo kak, nama saya sutarmin wirjono, mau tanya pesanan", ["sutarmin wirjono"]),
        ("TOLONG HUBUNGI PAK SUTARMIN WIRJONO SEKARANG", ["SUTARMIN WIRJONO"]),
        ("paket a.n. Yuliana Rumbiak belum sampai", ["Yuliana Rumbiak"]),
        ("My name is Patricia Collins and I need a refund", ["Patricia Collins"]),
        ("tolong hubungi[Pak Sutarmin]ya", ["Sutarmin"]),
        ("titip ke bu lasmini aja mbak", ["lasmini"]),
    ],
)
def test_finds_names_as_people_type_them(pipeline: Language, text: str, expected: list[str]) -> None:
    assert names(pipeline, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "kasih bintang lima deh buat aplikasinya",
        "anak-anak diajari budi pekerti di sekolah",
        "cahaya lampunya kurang terang kak",
        "pemandangannya indah sekali, surya mulai terbenam",
        "pesanan saya kok belum sampai ya min",
        "where is my order? it should have arrived yesterday",
        "",
        "...",
        "1234567890",
    ],
)
def test_leaves_ordinary_text_alone(pipeline: Language, text: str) -> None:
    assert names(pipeline, text) == []


def test_finds_a_name_known_to_the_conversation(pipeline: Language) -> None:
    assert names(pipeline, "qwintarno gimana jadinya", ("Qwintarno",)) == ["qwintarno"]


def test_answers_the_same_alone_and_in_a_batch(pipeline: Language) -> None:
    texts = ["nama saya Sutarmin", "", "pesanan belum sampai", "kata bu Lasmini besok ya"] * 5
    together = [[span.text for span in doc.spans[SPANS]] for doc in pipeline.pipe(texts, batch_size=20)]
    assert together == [names(pipeline, text) for text in texts]


def test_the_word_cache_is_bounded_and_may_overflow(pipeline: Language) -> None:
    tagger = pipeline.get_pipe("names_tagger")
    assert isinstance(tagger, NamesTagger)

    def letters(number: int) -> str:
        return "".join(chr(97 + int(digit)) for digit in f"{number:06d}")

    many = " ".join(letters(n) for n in range(9000))
    pipeline(many)
    assert tagger.cached_words <= 9000
    for start in range(9000, 30000, 500):
        pipeline(" ".join(letters(n) for n in range(start, start + 500)))
        assert tagger.cached_words <= 9000
    assert names(pipeline, "nama saya Sutarmin Wirjono") == ["Sutarmin Wirjono"]


def test_saving_and_loading_keeps_the_answers(pipeline: Language, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("pipeline")
    pipeline.to_disk(path, exclude=["vocab"])
    again = spacy.load(path)
    text = "halo, saya Sutarmin Wirjono dari toko bu Lasmini"
    assert names(again, text) == names(pipeline, text)
    assert (path / "names_tagger/networks.npz").read_bytes() == (MODEL / "names_tagger/networks.npz").read_bytes()


def test_the_model_is_small_and_says_where_it_came_from() -> None:
    assert sum(path.stat().st_size for path in MODEL.rglob("*") if path.is_file()) <= LARGEST_MODEL
    training = json.loads((MODEL / "meta.json").read_text("utf-8"))["training"]
    assert training["recipe"]["seeds"]
    assert {"nergrit", "idner2k", "nerui", "nerp", "chat_synth", "chat_informal"} <= training["corpora_sha256"].keys()


def held_out() -> Iterator[dict[str, object]]:
    for path in sorted((WRITTEN / "c").glob("*.txt")):
        yield from compile_file(path)[0]


def test_a_writer_that_was_not_trained_on_is_served_well() -> None:
    assert HELD_OUT == ("c", "g")
    assert not set(HELD_OUT) & set(WRITERS)
    records = list(held_out())
    assert len(records) > 300
    figures = table(measure(records, names_finder(MODEL)([str(r["text"]) for r in records]), "PERSON"))
    assert figures["strict"] >= 0.87
    assert figures["precision"] >= 0.90
    assert figures["false_alarm"] <= 0.08
