"""How the triage model is learned, on few examples; and what it reads and refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

from nlp.project.triage import build as building
from nlp.project.triage.corpus import Example, distinct, read_corrections, read_part, read_written
from nlp.project.triage.evaluate import by_keywords, calibration_error, macro_f1, same_topic
from nlp.project.triage.training import Lesson, Recipe, descend, fit_curve, sharpen, softmax, threshold_for
from nlp.triage import Triage
from nlp.triage_features import concepts_in, keys_of, read


def test_descent_reaches_the_minimum() -> None:
    """At the minimum the slope is zero, whatever small step is tried."""
    design = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.5, 0.2]])
    truth = np.eye(2)[[0, 0, 1, 1]]
    products = design @ design.T
    parts = descend(products, truth, 0.05, 3_000)
    slope = (softmax(products @ parts) - truth) / 4 + 0.05 * parts
    assert np.abs(products @ slope).max() < 1e-6


def test_sharpening_undoes_a_temperature() -> None:
    scores = np.array([[4.0, 0.0]] * 3 + [[0.0, 4.0]])
    truth = np.eye(2)[[0, 0, 1, 1]]
    sharpness = sharpen(scores, truth)
    assert softmax(scores[:1] * sharpness)[0, 0] == pytest.approx(0.75, abs=0.01)


def test_the_threshold_keeps_what_is_right_often_enough() -> None:
    chances = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.55, 0.45]])
    truth = np.eye(2)[[0, 0, 1, 1]]
    assert threshold_for(chances, truth, 0.9) == (0.61, {"coverage": 0.5, "right": 1.0})
    assert threshold_for(chances, truth, 0.5)[0] == 0
    assert threshold_for(chances[:, ::-1], np.eye(2)[[0, 0, 0, 0]], 0.9)[1] == {"coverage": 0.0, "right": 0.0}


def test_the_curve_rises_with_strength() -> None:
    slope, offset = fit_curve([0.1, 0.2, 0.3, 2.0, 2.1, 2.2], [False, False, True, True, True, True])
    assert slope > 0
    assert 1 / (1 + np.exp(-(slope * 2.1 + offset))) > 0.7


def test_the_same_examples_give_the_same_model(tmp_path: Path) -> None:
    examples = [example for example in read_part("train") if example.writer in {"pasar", "desa"}]
    first, second = (Lesson(examples, Recipe(steps=60)).learn("kind") for _ in range(2))
    assert np.array_equal(first.weights, second.weights)
    assert first.threshold == second.threshold
    assert first.labels == ["complaint", "criticism", "impression", "suggestion"]
    with pytest.raises(ValueError, match="fewer than two"):
        Lesson(examples[:1], Recipe()).learn("kind")


def test_corrections_teach_a_model_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A product area that nobody knew becomes one that is proposed."""
    train = [example for example in read_part("train") if example.writer in {"pasar", "toko", "notaris"}]
    monkeypatch.setattr(building, "read_part", lambda part: train if part == "train" else read_part(part)[:40])
    tastes = ("kopi", "teh", "susu", "roti", "kue", "mie", "nasi", "soto", "bakso", "sate")
    rows = [{"text": f"rasa {taste} di kantin hambar dan dingin", "area": "canteen"} for taste in tastes]
    file = tmp_path / "corrections.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    building.build(read_corrections(file), tmp_path / "model")
    triage = Triage.load(tmp_path / "model")
    assert "canteen" in triage.areas
    scores = triage.scores("rasa sup di kantin hambar")
    assert scores.labels["area"][int(scores.chances["area"].argmax())] == "canteen"
    with pytest.raises(SystemExit):
        building.main(["--corrections", str(file)])


@pytest.mark.parametrize(
    "line",
    [
        "rahasia",
        "[]",
        '{"kind": "complaint"}',
        '{"text": 7}',
        '{"text": "a", "kind": "rahasia"}',
        '{"text": "a", "area": 3}',
    ],
)
def test_what_is_no_correction_is_refused_without_quoting_it(tmp_path: Path, line: str) -> None:
    file = tmp_path / "corrections.jsonl"
    file.write_text('{"text": "stok minus", "area": "gudang", "kind": null}\n' + line, "utf-8")
    with pytest.raises(ValueError, match=r"^line 2 is no correction$") as caught:
        read_corrections(file)
    assert caught.value.__cause__ is None
    file.write_text('{"text": "stok minus", "area": "gudang", "kind": null}\n', "utf-8")
    assert read_corrections(file) == [Example("corrections/1", "stok minus", {"area": "gudang"})]


def test_a_written_line_that_is_none_is_told_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "penulis.txt"
    file.write_text("# A writer.\nl-2 kasir [struk] kosong\n\nl-9 kasir apa saja\n", "utf-8")
    lines = read_written(file)
    first = next(lines)
    assert (first.text, first.topic, first.labels["area"]) == ("struk kosong", "struk", "checkout")
    with pytest.raises(ValueError, match=r"penulis\.txt:4"):
        next(lines)


def test_of_equal_texts_the_last_judgement_counts() -> None:
    first, second = (
        Example("a", "Stok  minus", {"kind": "complaint"}),
        Example("b", "stok minus", {"kind": "criticism"}),
    )
    assert distinct([first, second]) == [second]


def test_spellings_count_as_one_word() -> None:
    assert keys_of("leleeeet") == keys_of("lelet") == keys_of("lemot")
    assert keys_of("gabisa") == ("tidak", "bisa")
    assert keys_of("pembayaran") == keys_of("bayar")
    assert keys_of("malu2in") == keys_of("maluin")
    assert "area.reliability" in concepts_in("LEMOT sekali")
    assert set(read("").features) == {"sshort"}
    assert "sloud" in read("KASIR MATI TOTAL").features


def test_figures() -> None:
    assert macro_f1(["a", "a", "b"], ["a", "a", "a"]) == pytest.approx(0.4)
    assert calibration_error([0.9, 0.9, 0.6, 0.6], [True, True, True, False]) == pytest.approx(0.1)
    assert same_topic("cetak struk", "struknya")
    assert not same_topic("cetak", "laporan")
    assert by_keywords("stok di gudang minus", "area", "other") == "stock"
    assert by_keywords("wqxz", "area", "other") == "other"
