"""The builder's parts: corpora, augmentation, traps, weighing, measuring; and a whole build in small."""

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
import spacy

from nlp.names_evidence import SPANS
from nlp.names_lexicon import Entry, Lexicon
from nlp.names_network import BEGIN, INSIDE, OUTSIDE
from nlp.names_signs import Candidate, Message
from nlp.project import build
from nlp.project.augment import Augmenter
from nlp.project.corpora import CHAT, IGNORED, NEWS, chat_example, news_example
from nlp.project.evaluate import measure, report, table
from nlp.project.traps import read_traps, trap_example
from nlp.project.weighing import edge_samples, fit_logistic


def span(text: str, value: str, label: str) -> dict[str, object]:
    start = text.index(value)
    return {"start": start, "end": start + len(value), "label": label}


def record(text: str, *spans: tuple[str, str], dontcare: tuple[str, ...] = ()) -> dict[str, object]:
    ranges = [[text.index(value), text.index(value) + len(value)] for value in dontcare]
    return {"id": text, "text": text, "spans": [span(text, *s) for s in spans], "dontcare": ranges}


def test_chat_tags_names_spares_titles_and_ignores_other_hidden_things() -> None:
    text = "pak Sugeng Hadi email a@b.id kota Solo"
    example = chat_example(
        record(text, ("Sugeng Hadi", "PERSON"), ("a@b.id", "EMAIL"), dontcare=("pak", "Solo")), "test"
    )
    tags = dict(zip(example.words, example.tags, strict=True))
    assert (tags["pak"], tags["Sugeng"], tags["Hadi"], tags["email"]) == (OUTSIDE, BEGIN, INSIDE, OUTSIDE)
    assert tags["b"] == tags["Solo"] == IGNORED


def test_news_leaves_titles_out_of_names_and_keeps_kinds() -> None:
    example = news_example({"text": "Pak Sugeng di Solo", "spans": [[0, 10, "PERSON"], [14, 18, "LOC"]]}, "nerui", True)
    assert example.tags == [OUTSIDE, BEGIN, OUTSIDE, OUTSIDE]
    assert example.kinds == [0, 0, 0, 1]
    unknown = news_example({"text": "di Solo", "spans": [[3, 7, "LOC"]]}, "nerp", False)
    assert unknown.kinds == [IGNORED, IGNORED]


def test_variants_keep_tokens_aligned_and_differ() -> None:
    example = chat_example(record("tolong hubungi Sugeng Hadi besok pagi, ya!", ("Sugeng Hadi", "PERSON")), "test")
    augmenter = Augmenter(["rina", "made"], ["siregar"], Random(1), swap=0.5)
    variants = [augmenter.vary(example) for _ in range(300)]
    for variant in variants:
        assert len(variant.words) == len(variant.spaces) == len(variant.tags) == len(variant.kinds)
        assert [tag for tag in variant.tags if tag != OUTSIDE] == [BEGIN, INSIDE]
    texts = {" ".join(variant.words) for variant in variants}
    assert len(texts) > 40
    assert any("siregar" in text.lower() for text in texts)
    assert any("sugeng hadi" in text for text in texts)
    assert any("SUGENG" in text for text in texts)


def test_every_trap_has_a_slot_and_only_persons_are_tagged() -> None:
    sentences = read_traps(build.HERE / "traps.txt")
    assert len(sentences) > 80
    for sentence in sentences:
        assert "{N}" in sentence or "{P}" in sentence
        example = trap_example(sentence, ["sugeng"], ["siregar"], Random(3))
        assert ("{P}" in sentence) == (BEGIN in example.tags)
        assert IGNORED not in example.tags
    example = trap_example("kata {P}, warung {N} enak", ["sugeng"], ["siregar"], Random(3))
    assert [w.lower() for w, t in zip(example.words, example.tags, strict=True) if t == BEGIN] == ["sugeng"]
    assert example.words[2] in {",", "siregar", "Siregar"}


def test_logistic_regression_finds_the_weights_and_obeys_the_prior() -> None:
    rng = np.random.default_rng(1)
    x = np.hstack([rng.standard_normal((4000, 2)), np.ones((4000, 1))])
    y = (rng.random(4000) < 1 / (1 + np.exp(-(x @ np.array([2.0, 0.0, -1.0]))))).astype(np.float64)
    found = fit_logistic(x, y, np.zeros(3), strength=1.0)
    np.testing.assert_allclose(found, [2.0, 0.0, -1.0], atol=0.2)
    silent = np.zeros((10, 3))
    np.testing.assert_allclose(fit_logistic(silent, np.ones(10), np.array([1.0, 2.0, 3.0])), [1.0, 2.0, 3.0])


def test_edges_are_sampled_out_to_the_first_word_beyond_a_name() -> None:
    example = chat_example(record("dari Sugeng Hadi kemarin", ("Sugeng Hadi", "PERSON")), "test")
    message = Message(example.words, [0.01, 0.9, 0.2, 0.01])
    lexicon = Lexicon({"kemarin": Entry(indonesian=6)})
    assert message.candidates(0.15) == [Candidate(1, 3)]
    assert [belongs for _, belongs in edge_samples(message, example, lexicon, 0.15)] == [False, True, False]


def test_measures_as_the_scorer_does() -> None:
    gold = [
        record("saya Sugeng Hadi ya", ("Sugeng Hadi", "PERSON")),
        record("telepon 0812345678 pak", ("0812345678", "PHONE"), dontcare=("pak",)),
        record("bintang lima"),
        record("terima kasih"),
    ]
    found = [[(5, 11, "PERSON")], [(8, 18, "NIK"), (19, 22, "PERSON")], [(0, 7, "PERSON")], []]
    figures = table(measure(gold, found))
    assert figures["strict"] == 0.5
    assert figures["lenient"] == 0.5
    assert figures["false_alarm"] == 0.5
    assert figures["precision"] == pytest.approx(16 / 23)
    assert figures["type_accuracy"] == 0.0
    only = table(measure(gold, found, "PERSON"))
    assert (only["spans"], only["strict"], only["precision"]) == (1, 0.0, pytest.approx(6 / 13))
    assert "PERSON" in report(measure(gold, found))


def corpora_folder(root: Path) -> Path:
    lines = {
        "chat_hand/w1": [record("saya Sugeng dari Solo", ("Sugeng", "PERSON")), record("kapan sampai ya")],
        "chat_hand/w2": [record("pak Lasimin datang", ("Lasimin", "PERSON")), record("barang belum dikirim")],
    }
    lines |= {
        name: [{"text": "Joko tiba di Solo", "spans": [[0, 4, "PERSON"], [13, 17, "LOC"]]}] for name in NEWS + CHAT
    }
    for name, records in lines.items():
        folder = root / name
        folder.mkdir(parents=True)
        file = "messages.jsonl" if name.startswith("chat_hand") else "train.jsonl"
        (folder / file).write_text("".join(json.dumps(r) + "\n" for r in records * 20), "utf-8")
    return root


def test_builds_a_pipeline_twice_with_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpora = corpora_folder(tmp_path / "corpora")
    recipe = json.loads(build.CONFIG.read_text("utf-8"))
    recipe |= {"seeds": [1], "folds": [["chat_hand/w1"]], "fold_steps": 20, "late_writers": ["chat_hand/w2"]}
    recipe["finishing"]["steps"] = 5
    recipe["network"] |= {"width": 8, "depth": 1, "piece_rows": 50}
    recipe["training"]["batch_tokens"] = 100
    config = tmp_path / "recipe.json"
    config.write_text(json.dumps(recipe), "utf-8")
    monkeypatch.setattr(build, "CONFIG", config)
    written = []
    for name in ("first", "second"):
        out = tmp_path / name
        assert build.main(["--corpora", str(corpora), "--out", str(out), "--steps", "20", "--workers", "1"]) == 0
        written.append({p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()})
    assert written[0] == written[1]
    doc = spacy.load(tmp_path / "first")("saya Sugeng dari Solo")
    assert SPANS in doc.spans
    meta = json.loads((tmp_path / "first/meta.json").read_text("utf-8"))
    assert meta["training"]["examples"]["chat_hand/w1"] == 40
