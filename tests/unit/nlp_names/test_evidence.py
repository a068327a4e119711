"""Evidence is weighed in one score; every sign moves it the way its weight says."""

import numpy as np
import pytest

from nlp.names_evidence import NamesEvidence, known_tokens, merged, repeatable
from nlp.names_lexicon import Entry, Lexicon
from nlp.names_signs import SIGNS, Candidate, Message, signs_of

LEXICON = Lexicon(
    {
        "rina": Entry(kinds=1),
        "bintang": Entry(kinds=16, indonesian=5),
        "saya": Entry(indonesian=7),
        "lima": Entry(indonesian=5),
    }
)


def message(text: str, chances: dict[str, float], known: frozenset[str] = frozenset()) -> Message:
    words = text.split(" ")
    return Message(words, [chances.get(word, 0.01) for word in words], known)


def signs(text: str, word: str, known: frozenset[str] = frozenset()) -> dict[str, float]:
    found = message(text, {}, known)
    at = text.split(" ").index(word)
    return dict(zip(SIGNS, signs_of(Candidate(at, at + 1), found, LEXICON), strict=True))


@pytest.mark.parametrize(
    ("text", "word", "sign"),
    [
        ("tolong pak sugeng", "sugeng", "title_before"),
        ("nama saya rina", "rina", "cue_before"),
        ("toko rina", "rina", "thing_before"),
        ("rina", "rina", "known_as_name"),
        ("xyzzy", "xyzzy", "unknown_word"),
        ("kepada Rina saja", "Rina", "capital_amid_small"),
        ("makasih \n Rina", "Rina", "own_line"),
    ],
)
def test_a_sign_is_seen_where_it_stands_and_not_elsewhere(text: str, word: str, sign: str) -> None:
    assert signs(text, word)[sign] == 1.0
    assert signs(f"bintang lima saya {word.lower() * 2} lima", word.lower() * 2)[sign] in (
        (0.0, 1.0) if sign == "unknown_word" else (0.0,)
    )


def test_a_common_word_counts_as_common() -> None:
    assert signs("bintang lima", "bintang")["commonness"] > signs("rina lima", "rina")["commonness"]


def test_the_score_adds_the_signs_up() -> None:
    evidence = NamesEvidence(LEXICON, {"bias": -1.0, "title_before": 2.0})
    found = message("pak sugeng", {"sugeng": 0.4})
    assert evidence.score(Candidate(1, 2), found) == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert evidence.decide(found) == [(1, 2)]
    assert evidence.decide(message("kata sugeng", {"sugeng": 0.4})) == []


def test_a_name_found_once_is_found_in_any_case_elsewhere() -> None:
    evidence = NamesEvidence(LEXICON, {"mean_logit": 1.0, "repeated": 9.0})
    found = message("Sugeng datang , lalu SUGENG pulang", {"Sugeng": 0.95})
    assert evidence.decide(found) == [(0, 1), (4, 5)]


def test_a_common_word_is_not_repeated() -> None:
    evidence = NamesEvidence(LEXICON, {"mean_logit": 1.0, "repeated": 9.0})
    assert evidence.decide(message("Bintang kasih bintang lima", {"Bintang": 0.95})) == [(0, 1)]


def test_a_name_known_to_the_conversation_is_found_without_the_network() -> None:
    evidence = NamesEvidence(LEXICON, {"bias": -1.0, "known_here": 9.0})
    known = known_tokens(["Sugeng R. Bintang"], LEXICON)
    assert known == {"sugeng"}
    assert evidence.decide(message("apa sugeng sudah bayar", {}, known)) == [(1, 2)]


def test_titles_and_signs_stay_outside_a_name() -> None:
    evidence = NamesEvidence(LEXICON, {"bias": 1.0})
    chances = {"pak": 0.3, "(": 0.9, "sugeng": 0.9, ")": 0.9}
    assert evidence.decide(message("ini pak ( sugeng ) ya", chances)) == [(3, 4)]


def test_doubtful_edges_are_trimmed() -> None:
    evidence = NamesEvidence(LEXICON, {"bias": 1.0}, floor=0.2)
    assert evidence.decide(message("dari sugeng hadi kemarin", {"sugeng": 0.9, "hadi": 0.6, "kemarin": 0.25})) == [
        (1, 3)
    ]


def test_refuses_a_weight_for_no_sign() -> None:
    with pytest.raises(ValueError, match="moon"):
        NamesEvidence(LEXICON, {"moon": 1.0})


def test_weights_survive_packing() -> None:
    first = NamesEvidence(LEXICON, {"bias": -1.0, "repeated": 2.0}, floor=0.2, threshold=0.4)
    second = NamesEvidence(LEXICON).from_bytes(first.to_bytes())
    assert second.to_bytes() == first.to_bytes()


def test_short_words_and_numbers_are_not_looked_for() -> None:
    assert not repeatable("al", LEXICON)
    assert not repeatable("123", LEXICON)
    assert repeatable("sugeng", LEXICON)


def test_overlapping_ranges_become_one() -> None:
    assert merged([(3, 5), (0, 1), (4, 7), (8, 8), (1, 2)]) == [(0, 1), (1, 2), (3, 7)]


def test_a_gap_inside_a_name_is_closed() -> None:
    evidence = NamesEvidence(LEXICON, {"bias": 1.0, "edge_bias": -1.0, "edge_between": 2.0})
    assert evidence.decide(message("dari Liem Kian Hong kemarin", {"Liem": 0.9, "Hong": 0.6})) == [(1, 4)]


def test_hexadecimal_digits_are_no_names() -> None:
    evidence = NamesEvidence(LEXICON, {"bias": 1.0})
    assert evidence.decide(message("id 4c0e a9d3 dari B4mb4ng", {"4c0e": 0.9, "a9d3": 0.9, "B4mb4ng": 0.9})) == [(4, 5)]
